/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* The reader of JSON and literals, each input against a guard page (D2). */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "consent/pv_json.h"
#include "guard.h"

/* What is told, as one line: `/a/0=s:text`, with the types' letters. */
static void note(void *ctx, const pv_json_event_t *event)
{
    static const char types[] = "o/a\\sntf0w";
    char *line = ctx, *to = line + strlen(line);

    for (unsigned i = 0; i < event->depth; i++) {
        const pv_json_step_t *step = &event->path[i];

        if (step->in_array) {
            to += sprintf(to, ".%u", step->index);
        }
        else {
            to += sprintf(to, ".%.*s", (int)step->name.len, step->name.ptr);
        }
    }
    to += sprintf(to, "%c", types[event->type]);
    if (event->type == PV_JSON_OBJECT_END || event->type == PV_JSON_ARRAY_END) {
        to += sprintf(to, "%u", event->count);
    }
    else if (event->type == PV_JSON_STRING || event->type == PV_JSON_NUMBER ||
             event->type == PV_JSON_WORD) {
        to += sprintf(to, "%.*s", (int)event->text.len, event->text.ptr);
    }
    strcpy(to, " ");
}

static const struct {
    const char *text;
    pv_status_t status;
    const char *told;
} cases[] = {
    { "true", PV_OK, "t " },
    { " false ", PV_OK, "f " },
    { "null", PV_OK, "0 " },
    { "-1.5e+3", PV_OK, "n-1.5e+3 " },
    { "0", PV_OK, "n0 " },
    { "\"a\\\"b\"", PV_OK, "sa\\\"b " },
    { "'a\"b'", PV_OK, "sa\"b " },
    { "word_1", PV_OK, "wword_1 " },
    { "{}", PV_OK, "o /0 " },
    { "[]", PV_OK, "a \\0 " },
    { "{a:1,'b':[true,{}],\"c\":null}", PV_OK, "o .an1 .ba .b.0t .b.1o .b.1/0 .b\\2 .c0 /3 " },
    { "{ \"a\" :\t1 ,\r\n\"b\": 2 }", PV_OK, "o .an1 .bn2 /2 " },
    { "{$$x:1}", PV_OK, "o .$$xn1 /1 " },
    { "[[[[[[[[]]]]]]]]", PV_OK,
      "a .0a .0.0a .0.0.0a .0.0.0.0a .0.0.0.0.0a .0.0.0.0.0.0a .0.0.0.0.0.0.0a "
      ".0.0.0.0.0.0.0\\0 .0.0.0.0.0.0\\1 .0.0.0.0.0\\1 .0.0.0.0\\1 .0.0.0\\1 .0.0\\1 .0\\1 \\1 " },
    { "[[[[[[[[[]]]]]]]]]", PV_LIMIT, NULL },
    { "", PV_BAD, NULL },
    { " ", PV_BAD, NULL },
    { "{", PV_BAD, NULL },
    { "[", PV_BAD, NULL },
    { "{]", PV_BAD, NULL },
    { "[}", PV_BAD, NULL },
    { "{a}", PV_BAD, NULL },
    { "{a:}", PV_BAD, NULL },
    { "{:1}", PV_BAD, NULL },
    { "{a:1,}", PV_BAD, NULL },
    { "{,a:1}", PV_BAD, NULL },
    { "{a:1 b:2}", PV_BAD, NULL },
    { "{a-b:1}", PV_BAD, NULL },
    { "[1,]", PV_BAD, NULL },
    { "[,1]", PV_BAD, NULL },
    { "[1 2]", PV_BAD, NULL },
    { "true false", PV_BAD, NULL },
    { "{}x", PV_BAD, NULL },
    { "01", PV_BAD, NULL },
    { "-", PV_BAD, NULL },
    { "1.", PV_BAD, NULL },
    { "1e", PV_BAD, NULL },
    { ".5", PV_BAD, NULL },
    { "+1", PV_BAD, NULL },
    { "\"", PV_BAD, NULL },
    { "\"a", PV_BAD, NULL },
    { "\"a'", PV_BAD, NULL },
    { "\"\\", PV_BAD, NULL },
    { "\"\\x\"", PV_BAD, NULL },
    { "\"\\u12g4\"", PV_BAD, NULL },
    { "\"\\u12\"", PV_BAD, NULL },
    { "\"a\tb\"", PV_BAD, NULL },
    { "{\"a\":%22}", PV_BAD, NULL },
    { "/* */ 1", PV_BAD, NULL },
};

static void test_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t len = strlen(cases[i].text);
        char line[4096] = "";
        pv_status_t status = pv_json_read(pv_span(guard_copy(cases[i].text, len), len), note, line);

        if (status != cases[i].status) {
            fail_msg("%s: %d", cases[i].text, status);
        }
        if (cases[i].told != NULL) {
            assert_string_equal(line, cases[i].told);
        }
    }
    guard_free();
}

/* No beginning of a value but a number's or a word's is a value. */
static void test_cut(void **state)
{
    static const char text[] = "{\"a\":[1,\"\\u00e9\",{b:'c'}],\"d\":true}";
    char line[4096];

    (void)state;
    for (size_t len = 0; len < sizeof(text) - 1; len++) {
        line[0] = '\0';
        assert_int_equal(pv_json_read(pv_span(guard_copy(text, len), len), note, line), PV_BAD);
    }
    guard_free();
}

static void test_nul(void **state)
{
    char line[64] = "";

    (void)state;
    assert_int_equal(pv_json_read(pv_span("1\0", 2), note, line), PV_BAD);
    assert_int_equal(pv_json_read(pv_span("\0", 1), note, line), PV_BAD);
}

static const struct {
    const char *text;
    const char *plain;
} texts[] = {
    { "abc", "abc" },
    { "", "" },
    { "\\u0061bc", "abc" },
    { "a\\/b\\\\c\\\"d\\'e", "a/b\\c\"d'e" },
    { "\\b\\f\\n\\r\\t", "\b\f\n\r\t" },
    { "\\u00e9\\u20AC", "\xc3\xa9\xe2\x82\xac" },
    { "\\ud83d\\ude00", "\xf0\x9f\x98\x80" },
    { "\\ud83dx", "\xed\xa0\xbdx" },
};

static void test_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        size_t len = strlen(texts[i].text), plain_len = strlen(texts[i].plain);
        pv_span_t text = pv_span(guard_copy(texts[i].text, len), len), got;
        char out[64];

        assert_true(pv_json_text_eq(text, pv_span(texts[i].plain, plain_len)));
        assert_false(pv_json_text_eq(text, PV_SPAN("another")));
        assert_false(pv_json_text_eq(text, pv_span(texts[i].plain, plain_len + 1)));
        assert_int_equal(pv_json_text(text, out, plain_len, &got), PV_OK);
        assert_true(pv_span_eq(got, pv_span(texts[i].plain, plain_len)));
        if (plain_len > 0) {
            assert_false(pv_json_text_eq(text, pv_span(texts[i].plain, plain_len - 1)));
            assert_int_equal(pv_json_text(text, out, plain_len - 1, &got), PV_LIMIT);
        }
    }
    guard_free();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_nul),
        cmocka_unit_test(test_text),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
