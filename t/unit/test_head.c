/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* Heads of responses as bytes: rule R2, and of D3 and R3 what concerns them. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <apr_general.h>
#include <cmocka.h>

#include "guard.h"
#include "head_judge.h"

#define S(literal) (literal), sizeof(literal) - 1

static apr_pool_t *pool;

typedef struct {
    const char *name;
    const char *in;
    size_t in_len;
    const char *out; /**< NULL: the same */
    size_t out_len;
} edit_case_t;

#define SAME NULL, 0
#define HINT "HTTP/1.1 103 Early Hints\r\n"

static const edit_case_t edit_cases[] = {
    { "R2: nothing denied, nothing changed",
      S(HINT "Link: </a.css>; rel=preload; as=style\r\nSet-Cookie: sid=1; Path=/\r\n\r\n"), SAME },
    { "R2: a denied cookie goes", S(HINT "Set-Cookie: _ga=1\r\nLink: </a>\r\n\r\n"),
      S(HINT "Link: </a>\r\n\r\n") },
    { "R2: whatever the case of the name", S(HINT "sEt-cOOkie:_ga=1\r\n\r\n"), S(HINT "\r\n") },
    { "R2: left without headers it is still a response",
      S(HINT "Set-Cookie: _a=1\r\nset-cookie: _b=1\r\nLink: <https://t.test/x>\r\n\r\n"),
      S(HINT "\r\n") },
    { "R2: one without headers", S("HTTP/1.1 100 Continue\r\n\r\n"), SAME },
    { "R3: order, white space and bytes above 127 stay",
      S(HINT "A:  1 \r\nSet-Cookie: _x\r\nB:\t2\t\r\nA:\r\nC: \xff\r\n\r\n"),
      S(HINT "A:  1 \r\nB:\t2\t\r\nA:\r\nC: \xff\r\n\r\n") },
    { "R2: bare LF", S("HTTP/1.0 200 OK\nSet-Cookie: _ga=1\nX: 1\n\nbody"),
      S("HTTP/1.0 200 OK\nX: 1\n\n") },
    { "R2: LF and CRLF in one head", S("HTTP/1.0 200 OK\r\nSet-Cookie: _ga=1\nX: 1\n\r\nbody"),
      S("HTTP/1.0 200 OK\r\nX: 1\n\r\n") },
    { "R4: another value in the same place",
      S(HINT "A: 1\r\nSet-Cookie:  long=1; x \r\nB: 2\r\n\r\n"),
      S(HINT "A: 1\r\nSet-Cookie:  long=1; Max-Age=60 \r\nB: 2\r\n\r\n") },
    { "R4: another value, bare LF", S("HTTP/1.0 200 OK\nSet-Cookie: long=1\n\n"),
      S("HTTP/1.0 200 OK\nSet-Cookie: long=1; Max-Age=60\n\n") },
    { "D3: white space before the colon", S(HINT "Set-Cookie \t: _ga=1\r\n\r\n"), S(HINT "\r\n") },
    { "D3: a folded denied cookie goes with its folds",
      S(HINT "Set-Cookie: _ga=1;\r\n  path=/\r\n\tx\r\nX: 1\r\n\r\n"), S(HINT "X: 1\r\n\r\n") },
    { "D3: a name behind a fold", S(HINT "Set-Cookie:\r\n _ga=1\r\n\r\n"), S(HINT "\r\n") },
    { "R3: an allowed fold keeps its bytes",
      S(HINT "Link: </a>;\r\n rel=preload,\r\n </b>\r\nSet-Cookie: sid=1;\n Path=/\r\n\r\n"),
      SAME },
    { "R4: a fold that gets another value is one line",
      S(HINT "Set-Cookie: long=1;\r\n path=/\r\nX: 1\r\n\r\n"),
      S(HINT "Set-Cookie: long=1; Max-Age=60\r\nX: 1\r\n\r\n") },
    { "D3: a fold that is a denied cookie to who knows no folds",
      S(HINT "X: 1\r\n Set-Cookie: _ga=1\r\nY: 2\r\n\r\n"), S(HINT "Y: 2\r\n\r\n") },
    { "D3: the status line has no folds", S(HINT " Set-Cookie: _ga=1\r\nY: 2\r\n\r\n"),
      S(HINT "Y: 2\r\n\r\n") },
    { "D3: nor has a line without a colon to some",
      S(HINT "X\r\n Set-Cookie: _ga=1\r\nY: 2\r\n\r\n"), S(HINT "Y: 2\r\n\r\n") },
    { "D3: and to others it has", S(HINT "Set-Cookie\r\n : _ga=1\r\nY: 2\r\n\r\n"),
      S(HINT "Y: 2\r\n\r\n") },
    { "D3: a fold of a line without a colon is folded",
      S(HINT "X\r\n Set-Cookie:\r\n _ga=1\r\nY: 2\r\n\r\n"), S(HINT "Y: 2\r\n\r\n") },
    { "D3: without its fold it is no deletion",
      S(HINT "Set-Cookie: _ga=1\r\n ; Max-Age=0\r\nY: 2\r\n\r\n"), S(HINT "Y: 2\r\n\r\n") },
    { "D4: a deletion stays, folded elsewhere",
      S(HINT "Set-Cookie:\r\n _ga=1; Max-Age=0\r\nSet-Cookie: _b=1; Max-Age=0\r\n\r\n"), SAME },
    { "D3: without its fold a cookie lives longer",
      S(HINT "Set-Cookie: long=1\r\n ; Max-Age=0\r\n\r\n"), S(HINT "\r\n") },
    { "D3: a line of CR does not part a fold from its field to some",
      S(HINT "Set-Cookie:\r\n\r\r\n _ga=1\r\nY: 2\r\n\r\n"), S(HINT "Y: 2\r\n\r\n") },
    { "D3: it parts them to others", S(HINT "Set-Cookie: _ga=1\r\n\r\r\n ; Max-Age=0\r\n\r\n"),
      S(HINT "\r\n") },
    { "R3: a line of CR behind what is denied stays",
      S(HINT "Set-Cookie: _ga=1\r\n\r\r\nY: 2\r\n\r\n"), S(HINT "\r\r\nY: 2\r\n\r\n") },
    { "D3: nor does NUL in front of a fold to some",
      S(HINT "Set-Cookie:\r\n\0 _ga=1\r\nY: 2\r\n\r\n"), S(HINT "Y: 2\r\n\r\n") },
    { "D3: nor does NUL between CR and LF",
      S(HINT "X: 1\r\r\n Set-Cookie:\r\0\n _ga=1\r\nY: 2\r\n\r\n"), S(HINT "Y: 2\r\n\r\n") },
    { "D3: a bare CR ends a line to some", S(HINT "X: 1\rSet-Cookie: _ga=1\r\nY: 2\r\n\r\n"),
      S(HINT "Y: 2\r\n\r\n") },
    { "D3: a bare CR ends a status line to some",
      S("HTTP/1.1 200 OK\rSet-Cookie: _ga=1\r\nY: 2\r\n\r\n"),
      S("HTTP/1.1 200 OK\r\nY: 2\r\n\r\n") },
    { "D3: a name behind a bare CR, its value behind another",
      S(HINT "X: 1\rSet-Cookie:\r _ga=1\r\nY: 2\r\n\r\n"), S(HINT "Y: 2\r\n\r\n") },
    { "D3: both in a status line", S("HTTP/1.1 200 OK\rSet-Cookie:\r _ga=1\r\nY: 2\r\n\r\n"),
      S("HTTP/1.1 200 OK\r\nY: 2\r\n\r\n") },
    { "D3: the name in a status line, its value in a fold",
      S("HTTP/1.1 200 OK\rSet-Cookie:\n _ga=1\r\nY: 2\r\n\r\n"),
      S("HTTP/1.1 200 OK\r\nY: 2\r\n\r\n") },
    { "D3: a fold of the first field, behind a status line that some fold",
      S("HTTP/1.1 200 OK\rX:\n Set-Cookie:\r\n _ga=1\r\nY: 2\r\n\r\n"),
      S("HTTP/1.1 200 OK\rX:\nY: 2\r\n\r\n") },
    { "R3: two in a status line that part the name from its value",
      S("HTTP/1.1 200 OK\rSet-Cookie:\r_ga=1\r\nY: 2\r\n\r\n"), SAME },
    { "R3: a bare CR with nothing denied stays",
      S("HTTP/1.1 200 O\rK\r\nX: 1\rSet-Cookie: a=1\r\n\r\n"), SAME },
    { "D3: NUL is nothing to some", S(HINT "Set-\0Cookie: \0_ga=1\r\nX: \0\r\n\r\n"),
      S(HINT "X: \0\r\n\r\n") },
    { "R4: a NUL goes with another value", S(HINT "Set-\0Cookie: lo\0ng=1\r\nX: 1\r\n\r\n"),
      S(HINT "Set-Cookie: long=1; Max-Age=60\r\nX: 1\r\n\r\n") },
    { "D3: behind a CR it would be a fold then, and what it is behind no deletion",
      S(HINT "Set-Cookie: _ga=1; Max-Age=0\r\n\rSet-Cookie:\rlong=1\r\n\r\n"),
      S(HINT "Set-Cookie: _ga=1; Max-Age=0\r\n\r\n") },
    { "D3: and so it would behind a NUL", S(HINT "\0 Set-Cookie: long=1\r\nX: 1\r\n\r\n"),
      S(HINT "X: 1\r\n\r\n") },
    { "R4: what begins with white space stays so", S(HINT " Set-Cookie: long=1\r\nX: 1\r\n\r\n"),
      S(HINT " Set-Cookie: long=1; Max-Age=60\r\nX: 1\r\n\r\n") },
    { "D3: NUL and a bare CR", S(HINT "X: 1\rSet-C\0ookie: _ga=1\r\n\r\n"), S(HINT "\r\n") },
    { "D3: white space before the name", S(HINT "X\r\n\t Set-Cookie: _ga=1\r\n\r\n"),
      S(HINT "\r\n") },
    { "R2: CR CR LF is no empty line", S(HINT "\r\r\nSet-Cookie: _ga=1\r\n\r\n"),
      S(HINT "\r\r\n\r\n") },
    { "R2: a line of white space is no empty line", S(HINT "X: 1\r\n \r\nSet-Cookie: _a\r\n\r\n"),
      S(HINT "X: 1\r\n \r\n\r\n") },
    { "R2: empty lines before the status line", S("\r\n\n" HINT "Set-Cookie: _ga=1\r\n\r\n"),
      S("\r\n\n" HINT "\r\n") },
    { "R2: names that are not quite it",
      S(HINT "Set-Cookie2: _a\r\nXSet-Cookie: _a\r\n: _\r\n\r\n"), SAME },
    { "R2: the protocol in lower case", S("http/1.1 200\nSet-Cookie: _a\n\n"),
      S("http/1.1 200\n\n") },
};

/** Feed a text in pieces of `piece` bytes, each flush against a page that cannot be
 *  read. @return the status; *fed is what was taken */
static pv_status_t feed(pv_head_t *head, const char *in, size_t len, size_t piece, size_t *fed)
{
    pv_status_t status = PV_MORE;

    for (*fed = 0; *fed < len && status == PV_MORE;) {
        size_t n = len - *fed < piece ? len - *fed : piece;
        apr_size_t used;

        status = pv_head_feed(head, guard_copy(in + *fed, n), n, &used);
        assert_true(used == n || status != PV_MORE);
        *fed += used;
    }
    return status;
}

static void check_edit(const edit_case_t *c, pv_head_t *head, size_t piece)
{
    const char *out = c->out ? c->out : c->in;
    size_t out_len = c->out ? c->out_len : c->in_len;
    size_t fed;
    pv_span_t text;

    pv_head_reset(head);
    assert_int_equal(feed(head, c->in, c->in_len, piece, &fed), PV_OK);
    assert_memory_equal(pv_head_raw(head).ptr, c->in, fed);
    text = pv_head_edit(head, head_judge, NULL);
    assert_int_equal(text.len, out_len);
    assert_memory_equal(text.ptr, out, out_len);
    if (c->in_len > 4 && memcmp(c->in + c->in_len - 4, "body", 4) == 0) {
        assert_int_equal(fed, c->in_len - 4);
    }
    else {
        assert_int_equal(fed, c->in_len);
    }
}

static void edits(void **state)
{
    pv_head_t *head = pv_head_make(pool);

    (void)state;
    for (size_t i = 0; i < sizeof(edit_cases) / sizeof(*edit_cases); i++) {
        const edit_case_t *c = &edit_cases[i];

        print_message("# %s\n", c->name);
        for (size_t piece = 1; piece <= c->in_len; piece++) {
            check_edit(c, head, piece);
        }
    }
}

/** What is cut off anywhere is edited as it stands, and nothing is added to it. */
static void cut_off(void **state)
{
    static const char in[] = HINT "A: 1\r\nSet-Cookie: _ga=1\r\nSet-Cookie: long=1;\r\n x\r\n\r\n";
    pv_head_t *head = pv_head_make(pool);

    (void)state;
    for (size_t len = 0; len < sizeof(in) - 1; len++) {
        size_t fed;
        pv_span_t text, added;

        pv_head_reset(head);
        assert_int_equal(feed(head, in, len, len ? len : 1, &fed), PV_MORE);
        text = pv_head_edit(head, head_judge, NULL);
        assert_true(text.len >= (len < 32 ? len : 32));
        for (size_t i = 0; i + 1 < text.len; i++) {
            assert_false(text.ptr[i] == ' ' && text.ptr[i + 1] == '_');
        }
        if (len > 0) {
            added = pv_head_add(head, PV_SPAN("Vary"), PV_SPAN("Cookie"));
            assert_int_equal(added.len, text.len);
        }
    }
}

typedef struct {
    const char *name;
    const char *in;
    size_t in_len;
    pv_status_t status;
    int code;
    int interim;
} read_case_t;

static const read_case_t read_cases[] = {
    { "R2: 103", S(HINT "\r\n"), PV_OK, 103, 1 },
    { "R2: 100", S("HTTP/1.1 100 Continue\r\n\r\n"), PV_OK, 100, 1 },
    { "R2: 199", S("HTTP/1.1 199\n\n"), PV_OK, 199, 1 },
    { "R2: after 101 no head follows", S("HTTP/1.1 101 Switching\r\n\r\n"), PV_OK, 101, 0 },
    { "R2: 200", S("HTTP/1.1 200 OK\r\n\r\n"), PV_OK, 200, 0 },
    { "R2: HTTP/2.0, as a script echoes it", S("HTTP/2.0 200 OK\r\n\r\n"), PV_OK, 200, 0 },
    { "R2: no code is a final response", S("HTTP/1.1\r\n\r\n"), PV_OK, 0, 0 },
    { "R2: nor are letters one", S("HTTP/1.1 abc\r\n\r\n"), PV_OK, 0, 0 },
    { "R2: letters behind one", S("HTTP/1.1 103x\r\n\r\n"), PV_OK, 103, 1 },
    { "R2: white space before it", S("HTTP/1.1 \t 103 \r\n\r\n"), PV_OK, 103, 1 },
    { "R2: more digits", S("HTTP/1.1 10333333333333333333\r\n\r\n"), PV_OK, 1033, 0 },
    { "R2: nothing yet", S("\r\n\r\n\r\n"), PV_MORE, 0, 0 },
    { "R2: one CR", S("\r"), PV_MORE, 0, 0 },
    { "R2: not all of it yet", S("HTTP/1.1 103 Early Hints\r\nX: 1\r\n"), PV_MORE, 103, 1 },
    { "R2: fields without a status line", S("Content-Type: text/plain\n\n"), PV_BAD, 0, 0 },
    { "R2: bytes before the status line", S("x\n\nHTTP/1.1 200 OK\r\n\r\n"), PV_BAD, 0, 0 },
    { "R2: white space before the status line", S(" HTTP/1.1 200 OK\r\n\r\n"), PV_BAD, 0, 0 },
    { "R2: CR CR LF before it", S("\r\r\nHTTP/1.1 200 OK\r\n\r\n"), PV_BAD, 0, 0 },
    { "R2: a shorter line", S("HTTP\r\n"), PV_BAD, 0, 0 },
    { "R2: bad at the first byte that shows it", S("HTTQ"), PV_BAD, 0, 0 },
};

static void reads(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(read_cases) / sizeof(*read_cases); i++) {
        const read_case_t *c = &read_cases[i];

        print_message("# %s\n", c->name);
        for (size_t piece = 1; piece <= c->in_len; piece++) {
            pv_head_t *head = pv_head_make(pool);
            size_t fed;

            assert_int_equal(feed(head, c->in, c->in_len, piece, &fed), c->status);
            assert_int_equal(pv_head_status(head), c->code);
            assert_int_equal(pv_head_interim(head), c->interim);
        }
    }
}

static void one_head_after_the_other(void **state)
{
    static const char in[] = HINT "Set-Cookie: _a\r\n\r\nHTTP/1.1 200 OK\r\nX: 1\r\n\r\nbody";
    pv_head_t *head = pv_head_make(pool);
    apr_size_t used, more;

    (void)state;
    assert_int_equal(pv_head_feed(head, S(in), &used), PV_OK);
    assert_true(pv_head_interim(head));
    pv_head_edit(head, head_judge, NULL);
    pv_head_reset(head);
    assert_int_equal(pv_head_status(head), 0);
    assert_int_equal(pv_head_feed(head, in + used, sizeof(in) - 1 - used, &more), PV_OK);
    assert_false(pv_head_interim(head));
    assert_string_equal(in + used + more, "body");
    assert_int_equal(pv_head_raw(head).len, more);
}

static void adds(void **state)
{
    static const char *const table[][2] = {
        { "HTTP/1.1 200 OK\r\nX: 1\r\n\r\n", "HTTP/1.1 200 OK\r\nX: 1\r\nVary: Cookie\r\n\r\n" },
        { "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nVary: Cookie\r\n\r\n" },
        { "HTTP/1.1 200 OK\nX: 1\n\n", "HTTP/1.1 200 OK\nX: 1\nVary: Cookie\n\n" },
        { "HTTP/1.1 200 OK\r\nX: 1\r\n\n", "HTTP/1.1 200 OK\r\nX: 1\r\nVary: Cookie\n\n" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
        pv_head_t *head = pv_head_make(pool);
        size_t fed;
        pv_span_t text;

        assert_int_equal(feed(head, table[i][0], strlen(table[i][0]), 7, &fed), PV_OK);
        pv_head_edit(head, head_judge, NULL);
        text = pv_head_add(head, PV_SPAN("Vary"), PV_SPAN("Cookie"));
        assert_int_equal(text.len, strlen(table[i][1]));
        assert_memory_equal(text.ptr, table[i][1], text.len);
    }
}

/** A head of exactly `len` bytes. */
static char *make_head(const char *status_line, size_t len)
{
    char *head = malloc(len);
    size_t begun = strlen(status_line);

    assert_non_null(head);
    memset(head, 'x', len);
    memcpy(head, status_line, begun);
    memcpy(head + begun, "X: ", 3);
    for (size_t i = begun + 200; i + 10 < len; i += 200) {
        memcpy(head + i, "\r\nY: ", 5);
    }
    memcpy(head + len - 4, "\r\n\r\n", 4);
    return head;
}

static void limit(void **state)
{
    static const size_t pieces[] = { 1, 199, 8000, 65535, 65536, 65537, 200000 };

    (void)state;
    for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
        for (size_t len = PV_HEAD_MAX - 1; len <= PV_HEAD_MAX + 1; len++) {
            char *in = make_head("HTTP/1.1 200 OK\r\n", len);
            pv_head_t *head = pv_head_make(pool);
            pv_status_t expected = len > PV_HEAD_MAX ? PV_LIMIT : PV_OK;
            size_t fed;

            assert_int_equal(feed(head, in, len, pieces[i], &fed), expected);
            assert_int_equal(pv_head_raw(head).len, fed);
            assert_int_equal(pv_head_status(head), 200);
            free(in);
        }
    }
}

/** What stands behind a head that was skipped is read as if it had not been. */
static void skips(void **state)
{
    size_t len = 3 * PV_HEAD_MAX;
    char *in = make_head(HINT, len);
    pv_head_t *head = pv_head_make(pool);
    apr_size_t used = 0, more;
    size_t fed;

    (void)state;
    assert_int_equal(feed(head, in, len, 4096, &fed), PV_LIMIT);
    assert_true(pv_head_interim(head));
    pv_head_skip(head);
    assert_int_equal(pv_head_raw(head).len, 0);
    while (fed < len - 1) {
        assert_int_equal(pv_head_feed(head, in + fed, 1, &used), PV_MORE);
        fed++;
    }
    assert_int_equal(pv_head_feed(head, "\nHTTP", 5, &used), PV_OK);
    assert_int_equal(used, 1);
    assert_int_equal(pv_head_edit(head, head_judge, NULL).len, 0);
    assert_true(pv_head_interim(head));
    pv_head_reset(head);
    assert_int_equal(pv_head_feed(head, S("HTTP/1.1 200 OK\n\n"), &more), PV_OK);
    assert_int_equal(pv_head_status(head), 200);
    free(in);
}

static int set_up(void **state)
{
    (void)state;
    apr_initialize();
    apr_pool_create(&pool, NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    guard_free();
    apr_pool_destroy(pool);
    apr_terminate();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edits), cmocka_unit_test(cut_off),
        cmocka_unit_test(reads), cmocka_unit_test(one_head_after_the_other),
        cmocka_unit_test(adds),  cmocka_unit_test(limit),
        cmocka_unit_test(skips),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
