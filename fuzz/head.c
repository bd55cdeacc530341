/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/*
 * Heads of responses in bytes (R2, R3, D3). Options: what is put in front of the input and
 * behind it, and whether a field is added; the sizes of the pieces, in turn. Then one head
 * after the other, in which bytes from 0x80 on stand for words, as many as there are.
 */

#include "fuzz.h"

#include "head_model.h"

#define STATUS_LINE "HTTP/1.1 200 OK\r\n"

/* What is put around them, and a field more, has room behind. */
#define WORDS_MAX (HEAD_TEXT - 256)

/* What clients read differently, and what is judged: each as likely as any byte is. */
static const char words[] =
    "\r|\n|\r\n| |\t|\0|:|;|\r\n |\n |\r |\r\r\n |\n\r |\r\0\n|Set-Cookie|Set-Cookie:|_a=1|long=2|"
    "long=1; Max-Age=60|; Max-Age=0|Max-Age=0|Link:|<https://t.test/|X|a:b|\r\nSet-Cookie: _a\r\n|"
    "\r\nSet-Cookie: long=3\r\n|HTTP/|HTTP/1.1 103 X\r\n|";

enum { HAS_STATUS = 1, HAS_END = 2, BARE_LF = 4, ADDS = 8 };

/* Where a head ends, and what is wrong with it. */
typedef struct {
    pv_status_t status;
    size_t line; /* where the status line begins */
    size_t len;  /* PV_OK: of the head, the empty line included */
    int code;
} model_t;

static int model_code(pv_span_t line)
{
    size_t i = 0;
    int code = 0;

    while (i < line.len && !pv_is_outer_space(line.ptr[i])) {
        i++;
    }
    while (i < line.len && pv_is_wsp(line.ptr[i])) {
        i++;
    }
    for (; i < line.len && pv_is_digit(line.ptr[i]); i++) {
        code = code < 1000 ? 10 * code + line.ptr[i] - '0' : code;
    }
    return code;
}

/* Line by line. */
static model_t model_read(pv_span_t text)
{
    model_t model = { .status = PV_MORE };
    int begun = 0;

    for (size_t at = 0; at < text.len;) {
        const char *lf = memchr(text.ptr + at, '\n', text.len - at);
        pv_span_t line = pv_span_between(text.ptr + at, lf ? lf : text.ptr + text.len);
        int empty = line.len == 0 || (line.len == 1 && *line.ptr == '\r');

        if (!begun && !empty) {
            pv_span_t name = pv_span("HTTP/", line.len < 5 ? line.len : 5);

            if (!pv_span_eq_nocase(pv_span(line.ptr, name.len), name) || (lf && line.len < 5)) {
                model.status = PV_BAD;
                return model;
            }
            begun = 1;
            model.line = at;
            model.code = line.len >= 5 ? model_code(line) : 0;
        }
        else if (begun && empty && lf != NULL) {
            model.status = PV_OK;
            model.len = at + line.len + 1;
            return model;
        }
        at += line.len + 1;
    }
    return model;
}

/* In pieces of these sizes, each in memory of its own. @return what was taken */
static size_t feed(pv_head_t *head, pv_span_t text, const size_t sizes[2], pv_status_t *status)
{
    size_t at = 0;

    *status = PV_MORE;
    for (int i = 0; at < text.len && *status == PV_MORE; i++) {
        size_t n = text.len - at < sizes[i & 1] ? text.len - at : sizes[i & 1];
        char *exact = fuzz_copy(text.ptr + at, n);
        apr_size_t used;

        *status = pv_head_feed(head, exact, n, &used);
        FUZZ_CLAIM(used <= n && (used == n || *status != PV_MORE), "R2 all is taken");
        at += used;
        free(exact);
    }
    return at;
}

/* A head that is not kept ends where it would have. */
static void check_skipped(pv_span_t text, const model_t *model, const size_t sizes[2],
                          apr_pool_t *pool)
{
    pv_head_t *head = pv_head_make(pool);
    size_t first = sizes[0] < text.len ? sizes[0] : text.len, at;
    pv_status_t status;

    at = feed(head, pv_span(text.ptr, first), sizes, &status);
    if (status == PV_MORE && pv_head_interim(head)) {
        int code = pv_head_status(head);

        pv_head_skip(head);
        at += feed(head, pv_span(text.ptr + at, text.len - at), sizes, &status);
        FUZZ_CLAIM(status == model->status, "R2 what is skipped ends");
        FUZZ_CLAIM(status != PV_OK || at == model->len, "R2 where it ends");
        FUZZ_CLAIM(pv_head_raw(head).len == 0, "R2 and nothing is kept");
        FUZZ_CLAIM(pv_head_status(head) == code, "R2 but what it was");
        FUZZ_CLAIM(pv_head_edit(head, head_judge, NULL).len == 0, "R2 nothing to edit");
    }
}

/* The lines of the head that stay. */

typedef struct {
    pv_span_t in;
    pv_span_t out; /* what has not been compared yet */
} compare_t;

static size_t line_len(pv_span_t text, size_t at)
{
    const char *lf = memchr(text.ptr + at, '\n', text.len - at);

    return lf ? (size_t)(lf - (text.ptr + at)) + 1 : text.len - at;
}

static size_t without_end(pv_span_t line)
{
    while (line.len > 0 && strchr("\r\n", line.ptr[line.len - 1]) != NULL &&
           line.ptr[line.len - 1] != '\0') {
        line.len--;
    }
    return line.len;
}

/* Where lines end that somebody takes for one: behind a line the next one that has
 * something begins with white space. */
static size_t group_end(pv_span_t text, size_t at)
{
    for (;;) {
        size_t seen;

        at += line_len(text, at);
        for (seen = at; seen < text.len && memchr("\r\n", text.ptr[seen], 3) != NULL; seen++) {
        }
        if (seen == text.len || !pv_is_wsp(text.ptr[seen])) {
            return at;
        }
        at = seen;
    }
}

static void expect(compare_t *compare, pv_span_t text)
{
    FUZZ_CLAIM(compare->out.len >= text.len && memcmp(compare->out.ptr, text.ptr, text.len) == 0,
               "R3 what stays keeps its bytes");
    compare->out = pv_span(compare->out.ptr + text.len, compare->out.len - text.len);
}

static size_t count_values(pv_span_t line)
{
    static const char value[] = "long=1; Max-Age=60";
    size_t found = 0;

    for (size_t i = 0; i + sizeof(value) - 1 <= line.len; i++) {
        found += memcmp(line.ptr + i, value, sizeof(value) - 1) == 0;
    }
    return found;
}

/* One line with the value, whatever white space there was. */
static void expect_replaced(compare_t *compare, pv_span_t lines)
{
    pv_span_t line = pv_span(compare->out.ptr, line_len(compare->out, 0));
    size_t len = without_end(line), was = without_end(lines);
    size_t found = count_values(pv_span(line.ptr, len));
    pv_span_t end = pv_span(line.ptr + len, line.len - len);

    FUZZ_CLAIM(found == 1, "R4 another value");
    FUZZ_CLAIM(!head_any_denied(line, 0, HEAD_EVERYBODY), "R4 and nothing else");
    FUZZ_CLAIM(pv_span_eq(end, pv_span(lines.ptr + was, lines.len - was)), "R4 its line end");
    compare->out = pv_span(compare->out.ptr + line.len, compare->out.len - line.len);
}

/* The first CR that is not of a line's end, or NULL. */
static const char *bare_cr(pv_span_t line)
{
    size_t len = without_end(line);

    return len > 0 ? memchr(line.ptr, '\r', len) : NULL;
}

/* The status line; what is behind a CR in it stays or goes. @return where fields begin */
static size_t expect_status(compare_t *compare, size_t at)
{
    pv_span_t line = pv_span(compare->in.ptr + at, line_len(compare->in, at));
    const char *cr = bare_cr(line);
    size_t end = group_end(compare->in, at), len;
    pv_span_t rest;

    if (cr != NULL) {
        rest = pv_span_between(cr, compare->in.ptr + end);
        if (head_any_denied(rest, 0, HEAD_CR_READERS)) {
            len = without_end(rest);
            expect(compare, pv_span_between(line.ptr, cr));
            expect(compare, pv_span(cr + len, rest.len - len));
            return end;
        }
    }
    expect(compare, line);
    return at + line.len;
}

static void check_edited(pv_span_t in, const model_t *model, pv_span_t out)
{
    compare_t compare = { in, out };
    size_t at = model->line, end;

    if (in.len == 0) {
        FUZZ_CLAIM(out.len == 0, "R2 nothing to edit");
        return;
    }
    FUZZ_CLAIM(!head_any_denied(out, 1, HEAD_EVERYBODY), "R2 D3 nobody finds what is denied");
    /* A fold behind such a CR begins a field to those alone to whom no CR ends a line; that
     * the others do not read it is not remembered, and it is judged as they would. */
    if (bare_cr(pv_span(in.ptr + at, line_len(in, at))) == NULL &&
        !head_any_denied(in, 1, HEAD_EVERYBODY)) {
        FUZZ_CLAIM(pv_span_eq(out, in), "R3 nothing denied, nothing changed");
    }
    expect(&compare, pv_span(in.ptr, at));
    if (at < in.len) {
        at = expect_status(&compare, at);
    }
    for (; at < in.len; at = end) {
        pv_span_t lines;
        pv_field_t verdict;

        end = group_end(in, at);
        lines = pv_span(in.ptr + at, end - at);
        verdict = head_verdict(lines);
        if (verdict == PV_FIELD_KEEP) {
            expect(&compare, lines);
        }
        else if (verdict == PV_FIELD_REPLACE) {
            expect_replaced(&compare, lines);
        }
    }
    FUZZ_CLAIM(compare.out.len == 0, "R2 what is denied goes");
}

/* What was written is a head, and nothing is left to do. */
static void check_again(pv_span_t out, apr_pool_t *pool)
{
    pv_head_t *head = pv_head_make(pool);
    apr_size_t used;

    FUZZ_CLAIM(pv_head_feed(head, out.ptr, out.len, &used) == PV_OK, "R2 it is still a response");
    FUZZ_CLAIM(used == out.len, "R2 which ends where it ended");
    FUZZ_CLAIM(pv_span_eq(pv_head_edit(head, head_judge, NULL), out), "R2 nothing left to do");
}

static void check_added(pv_head_t *head, int complete, apr_pool_t *pool)
{
    static char want[HEAD_TEXT + 64];
    pv_span_t was = pv_head_edit(head, head_judge, NULL), is;
    int end = complete && was.ptr[was.len - 2] == '\r' ? 2 : 1, n;

    was.ptr = apr_pmemdup(pool, was.ptr, was.len);
    is = pv_head_add(head, PV_SPAN("Vary"), PV_SPAN("Cookie"));
    if (!complete) {
        FUZZ_CLAIM(pv_span_eq(is, was), "C2 nothing is added to half a head");
        return;
    }
    memcpy(want, was.ptr, was.len);
    n = snprintf(want + was.len - end, 64, "Vary: Cookie%s%s", end == 2 ? "\r\n" : "\n",
                 end == 2 ? "\r\n" : "\n");
    FUZZ_CLAIM(pv_span_eq(is, pv_span(want, was.len - (size_t)end + (size_t)n)),
               "C2 at the end of the head");
    FUZZ_CLAIM(!head_any_denied(is, 1, HEAD_EVERYBODY), "R2 D3 nobody finds what is denied");
    check_again(is, pool);
}

/* @return the bytes of the head, or 0 if no other follows */
static size_t check_head(pv_head_t *head, pv_span_t text, const size_t sizes[2], unsigned option,
                         apr_pool_t *pool)
{
    model_t model = model_read(text);
    pv_status_t status;
    size_t used = feed(head, text, sizes, &status);
    pv_span_t raw = pv_head_raw(head), out;

    FUZZ_CLAIM(status == model.status, "R2 a head, whole or not");
    if (status == PV_BAD) {
        return 0;
    }
    FUZZ_CLAIM(used == (status == PV_OK ? model.len : text.len), "R2 its end");
    FUZZ_CLAIM(pv_span_eq(raw, pv_span(text.ptr, used)), "R2 all that was taken is kept");
    FUZZ_CLAIM(pv_head_status(head) == model.code, "R2 its status code");
    FUZZ_CLAIM(pv_head_interim(head) == (model.code / 100 == 1 && model.code != 101),
               "R2 whether another follows");
    out = pv_head_edit(head, head_judge, NULL);
    check_edited(raw, &model, out);
    check_skipped(text, &model, sizes, pool);
    if (status == PV_OK) {
        check_again(out, pool);
    }
    if (option & ADDS && used > 0) {
        check_added(head, status == PV_OK, pool);
    }
    return status == PV_OK ? used : 0;
}

/* The nth word, or an empty one. */
static pv_span_t nth_word(unsigned n)
{
    const char *begin = words, *end;

    while ((end = memchr(begin, '|', sizeof(words) - (size_t)(begin - words))) != NULL && n-- > 0) {
        begin = end + 1;
    }
    return end ? pv_span_between(begin, end) : pv_span(begin, 0);
}

/* The input with its words written out. @return the bytes of it */
static size_t write_words(fuzz_in_t in, char *text)
{
    size_t len = 0;

    while (in.len > 0 && len < WORDS_MAX) {
        char c = (char)fuzz_take(&in);
        pv_span_t word = (unsigned char)c < 0x80 ? pv_span(&c, 1) : nth_word(c & 0x7FU);

        if (word.len == 0) {
            word = pv_span(&c, 1);
        }
        memcpy(text + len, word.ptr, word.len);
        len += word.len;
    }
    return len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char text[HEAD_TEXT];
    fuzz_in_t in = fuzz_in(data, size);
    unsigned option = fuzz_take(&in);
    size_t sizes[2], len = 0, used;
    apr_pool_t *pool;
    pv_head_t *head;
    pv_span_t rest;

    sizes[0] = 1 + fuzz_take(&in);
    sizes[1] = 1 + fuzz_take(&in);
    pool = fuzz_pool();
    if (option & HAS_STATUS) {
        memcpy(text, STATUS_LINE, len = sizeof(STATUS_LINE) - 1);
    }
    len += write_words(in, text + len);
    if (option & HAS_END) {
        const char *end = option & BARE_LF ? "\n\n" : "\r\n\r\n";

        memcpy(text + len, end, strlen(end));
        len += strlen(end);
    }
    head = pv_head_make(pool);
    for (rest = pv_span(text, len);; rest = pv_span(rest.ptr + used, rest.len - used)) {
        used = check_head(head, rest, sizes, option, pool);
        if (used == 0) {
            break;
        }
        pv_head_reset(head);
        FUZZ_CLAIM(pv_head_status(head) == 0 && pv_head_raw(head).len == 0, "R2 the next head");
    }
    apr_pool_destroy(pool);
    return 0;
}
