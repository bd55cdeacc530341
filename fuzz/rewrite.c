/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/*
 * Scanner and rewriter (H1, H4, H5). Options: the policy and what of the scanner is asked
 * for; the chunks, of 1, 4, 16 or 64 bytes at most. Then a document.
 */

#include "fuzz.h"

#include "rewrite_check.h"
#include "scan_check.h"

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

#define SMALL 64

static unsigned char want_all[PV_TAG_COUNT];

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    fuzz_keep();
    apr_initialize();
    memset(want_all, PV_SCAN_WANT, sizeof(want_all));
    fuzz_kept();
    return 0;
}

/* The rewriter. */

static void make_policy(check_policy_t *policy, unsigned options)
{
    memset(policy, 0, sizeof(*policy));
    policy->calls = &check_calls;
    policy->options.xml = (options & OPTION_XML) != 0;
    policy->options.limit = options & OPTION_SMALL ? SMALL : 0;
    policy->grant = options & OPTION_GRANT;
    if (options & OPTION_MESSAGE) {
        policy->options.message = PV_SPAN("<div><a href=\"/x\">M</a></div>");
        policy->options.head = PV_SPAN("<script src=\"/h\"></script>");
    }
}

static void check_rewriter(const char *input, size_t len, unsigned options, unsigned max,
                           unsigned long draws)
{
    check_policy_t policy;
    check_t whole, other;

    make_policy(&policy, options);
    check_rewrite(&whole, &policy, input, len, 0, &draws);
    check_rewrite(&other, &policy, input, len, max, &draws);
    FUZZ_CLAIM(whole.original_len == len && memcmp(whole.original, input, len) == 0,
               "H1 without what is inserted it is the document");
    FUZZ_CLAIM(other.original_len == len && memcmp(other.original, input, len) == 0,
               "H1 without what is inserted it is the document");
    FUZZ_CLAIM(whole.limited || other.limited || check_is(&other, whole.out, whole.out_len),
               "H5 the output does not depend on the chunks");
    /* The tag of a script, its text, and a tag that begins in this. */
    FUZZ_CLAIM(!(options & OPTION_SMALL) || other.kept <= 3 * SMALL + max,
               "H5 no more is kept than the limit says");
    if ((options & (OPTION_GRANT | OPTION_MESSAGE)) == OPTION_GRANT) {
        FUZZ_CLAIM(whole.out_len == len, "R7 nothing is added where nothing is denied");
    }
    if (!(options & (OPTION_GRANT | OPTION_SMALL)) && !whole.limited) {
        FUZZ_CLAIM(check_left(&whole, &policy) == 0, "H4 no tracker is left");
    }
    check_free(&other);
    check_free(&whole);
}

/* The scanner. */

static int scan(scan_told_t *told, const char *input, size_t len, unsigned options, unsigned max,
                unsigned long *draws)
{
    pv_scan_options_t how = { .want = want_all,
                              .limit = options & OPTION_SMALL ? SMALL : 0,
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
