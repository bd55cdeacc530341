/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/*
 * Scanner and rewriter (H1, H4, H5). Options: the policy and what of the scanner is asked
 * for; the chunks, of 1, 4, 16 or 64 bytes at most. Then a document.
 */

#include "fuzz.h"

#include "rewrite_check.h"
#include "rewrite_model.h"
#include "scan_check.h"
#include "xml_model.h"

enum {
    OPTION_XML = 1 << 0,
    OPTION_SMALL = 1 << 1, /**< of tags and scripts 64 bytes are kept */
    OPTION_GRANT = 1 << 2,
    OPTION_MESSAGE = 1 << 3,
    OPTION_TEXT = 1 << 4, /**< the three answers to the scanner */
    OPTION_END = 1 << 5,
    OPTION_ATTRS = 1 << 6,
    OPTION_BARE = 1 << 7
};

/* The rewriter. */

static void show(const char *how, pv_span_t text)
{
    (void)fprintf(stderr, "%s: ", how);
    (void)fwrite(text.ptr, 1, text.len, stderr);
    (void)fputc('\n', stderr);
}

/* How often a text is inserted, or begins in what is. */
static int count_inserted(const check_t *check, const char *text)
{
    size_t len = strlen(text);
    int count = 0;

    for (size_t at = 0; at + len <= check->out_len; at++) {
        count += check->inserted[at] && check->inserted[at + len - 1] &&
                 memcmp(check->out + at, text, len) == 0;
    }
    return count;
}

/* Whatever the document is. */
static void check_inserted(const check_t *check, unsigned options)
{
    int xml = (options & OPTION_XML) != 0;

    FUZZ_CLAIM(count_inserted(check, CHECK_MESSAGE) <= 1, "M1 a message is placed once");
    FUZZ_CLAIM(count_inserted(check, CHECK_HEAD) <= 1,
               "M1 what belongs into the head is placed once");
    FUZZ_CLAIM(count_inserted(check, "data-privacy-data-privacy-") == 0,
               "H1 an attribute is renamed once");
    FUZZ_CLAIM(count_inserted(check, "category=ads data-privacy-category=ads") == 0,
               "H1 a tag is marked once");
    FUZZ_CLAIM(xml || count_inserted(check, "category=\"") == 0, "H3 in HTML nothing is quoted");
    FUZZ_CLAIM(!xml || (count_inserted(check, "category=a") == 0 &&
                        count_inserted(check, "category=s") == 0),
               "H3 in XML all is quoted");
}

/* Of what a document has been made into. Of a script's text not all may be looked at, and in XML
 * it is more than a text; but padding lets no URL slip by. */
static void check_reading(html_t *h, unsigned options)
{
    hold_t hold = { .pool = h->pool };
    int first = hold_first(&hold, h, options & (OPTION_SMALL | OPTION_XML) ? 0 : SIZE_MAX);

    if (first >= 0 && !hold.lost) {
        show("loads",
             pv_span(h->in.ptr + h->tags[first].begin, h->tags[first].end - h->tags[first].begin));
        FUZZ_CLAIM(0, "H2 what a browser reads loads no tracker");
    }
    apr_pool_destroy(h->pool);
}

/* By each of the readings that the model has. */
static void check_loads(const check_t *check, unsigned options)
{
    static const struct {
        int scripting, old_select;
    } readings[] = { { 1, 0 }, { 0, 0 }, { 1, 1 } };
    pv_span_t out = pv_span(check->out, check->out_len);
    html_t h;

    if (options & OPTION_XML) {
        xml_read(&h, out, fuzz_pool());
        check_reading(&h, options);
        return;
    }
    for (size_t i = 0; i < sizeof(readings) / sizeof(*readings); i++) {
        html_read(&h, out, readings[i].scripting, readings[i].old_select, fuzz_pool());
        check_reading(&h, options);
    }
}

/* Where the model can say all of it. */
static void check_output(const check_t *check, const check_policy_t *policy, pv_span_t in)
{
    apr_pool_t *pool = fuzz_pool();
    pv_span_t expected = model_output(policy, in, pool);

    if (expected.ptr != NULL && !check_is(check, expected.ptr, expected.len)) {
        show("in", in);
        show("out", pv_span(check->out, check->out_len));
        show("expected", expected);
        FUZZ_CLAIM(0, "H1 H2 H3 M1 what is inserted is what the rules say");
    }
    apr_pool_destroy(pool);
}

static void claim_nothing(const char *wrong)
{
    FUZZ_CLAIM(wrong == NULL, wrong);
}

static void check_rewriter(const char *input, size_t len, unsigned options, unsigned max,
                           unsigned long draws)
{
    check_policy_t policy = check_policy(options & OPTION_XML, options & OPTION_SMALL,
                                         options & OPTION_GRANT, options & OPTION_MESSAGE);
    check_t whole, other;

    check_rewrite(&whole, &policy, input, len, 0, &draws);
    check_rewrite(&other, &policy, input, len, max, &draws);
    claim_nothing(check_wrong(&whole, &policy, input, len));
    claim_nothing(check_wrong_in_chunks(&other, &whole));
    /* The tag of a script, its text, and a tag that begins in this. */
    FUZZ_CLAIM(!(options & OPTION_SMALL) || other.kept <= 3 * CHECK_SMALL + max,
               "H5 no more is kept than the limit says");
    check_inserted(&whole, options);
    if (!whole.limited) {
        if (!(options & OPTION_GRANT)) {
            check_loads(&whole, options);
        }
        check_output(&whole, &policy, pv_span(input, len));
    }
    check_free(&other);
    check_free(&whole);
}

/* The scanner. */

static int scan(scan_told_t *told, const char *input, size_t len, unsigned options, unsigned max,
                unsigned long *draws)
{
    pv_scan_options_t how = { .want = scan_want_all(),
                              .limit = options & OPTION_SMALL ? CHECK_SMALL : 0,
                              .xml = (options & OPTION_XML) != 0,
                              .bare = (options & OPTION_BARE) != 0,
                              .all = 1 };
    apr_pool_t *pool = fuzz_pool();
    pv_scan_t *scan;
    int limited;

    told->count = 0;
    told->passed = 0;
    told->input = input;
    told->answer = (options & OPTION_TEXT ? PV_SCAN_WANT_TEXT : 0) |
                   (options & OPTION_END ? PV_SCAN_WANT_END : 0) |
                   (options & OPTION_ATTRS ? PV_SCAN_WANT_ATTRS : 0);
    scan = pv_scan_create(&how, scan_note, told, pool);
    for (size_t at = 0, chunk; at < len; at += chunk) {
        chunk = max == 0 ? len : 1 + check_below(draws, max);
        chunk = chunk < len - at ? chunk : len - at;
        /* Of each chunk a copy, so that nobody looks behind it. */
        char *copy = fuzz_copy(input + at, chunk);
        pv_scan_feed(scan, copy, chunk);
        free(copy);
    }
    pv_scan_end(scan);
    limited = pv_scan_limited(scan) != PV_OK;
    apr_pool_destroy(pool);
    FUZZ_CLAIM(told->passed == len, "H1 the whole document passes");
    return limited;
}

/* Lanes that are at the same place may tell their words in another order. */
static int has_word(const scan_told_t *told, apr_uint64_t at, const char *word)
{
    for (int i = 0; i < told->count && told->at[i] <= at; i++) {
        if (told->at[i] == at && strcmp(told->words[i], word) == 0) {
            return 1;
        }
    }
    return 0;
}

static void show_words(const char *how, const scan_told_t *told)
{
    (void)fprintf(stderr, "%s:", how);
    for (int i = 0; i < told->count; i++) {
        (void)fprintf(stderr, " %s", told->words[i]);
    }
    (void)fprintf(stderr, "\n");
}

static int same_words(const scan_told_t *a, const scan_told_t *b)
{
    for (int i = 0; i < a->count; i++) {
        if (!has_word(b, a->at[i], a->words[i])) {
            return 0;
        }
    }
    return a->count == b->count;
}

static void check_scanner(const char *input, size_t len, unsigned options, unsigned max,
                          unsigned long draws)
{
    static scan_told_t whole, other;
    int limited = scan(&whole, input, len, options, 0, &draws);

    if (scan(&other, input, len, options, max, &draws) || limited || same_words(&whole, &other)) {
        return;
    }
    show_words("whole", &whole);
    show_words("in chunks", &other);
    FUZZ_CLAIM(0, "H4 what is told does not depend on the chunks");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_in_t in = fuzz_in(data, size);
    unsigned options = fuzz_take(&in);
    unsigned long draws = fuzz_take(&in);
    unsigned max = 1U << (draws % 4 * 2);

    /* As many words as there is room for. */
    if (in.len > SCAN_WORDS) {
        return 0;
    }
    check_rewriter(in.ptr, in.len, options, max, draws);
    check_scanner(in.ptr, in.len, options, max, draws);
    return 0;
}
