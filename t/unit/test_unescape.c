/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* Quotes, percent-encoding, base64; each input against a guard page. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "consent/pv_unescape.h"
#include "guard.h"
#include "policy/pv_octet.h"

typedef struct {
    const char *in;
    const char *out; /* NULL: refused */
} pair_t;

static const pair_t percents[] = {
    { "", "" },         { "a%20b", "a b" }, { "%7B%22", "{\"" }, { "%7b", "{" },
    { "%2541", "%41" }, { "%", "%" },       { "%4", "%4" },      { "%4g", "%4g" },
    { "%%41", "%A" },   { "+", "+" },       { "a%41", "aA" },    { "%zz%41", "%zzA" },
};

static const pair_t quotes[] = {
    { "", "" },
    { "a", "a" },
    { "a\"", "a\"" },
    { "\"\"", "" },
    { "\"a\"", "a" },
    { "\"\"a\"\"", "\"a\"" },
    { "\"\\\"a\\\"\"", "\"a\"" },
    { "\"a\\054b\\\\\"", "a,b\\" },
    { "\"\\477\"", "477" },
    { "\"\\05\"", "05" },
    { "\"", NULL },
    { "\"a", NULL },
    { "\"a\\\"", NULL },
};

static const pair_t base64[] = {
    { "", "" },
    { "YQ==", "a" },
    { "YQ", "a" },
    { "YWI=", "ab" },
    { "YWJj", "abc" },
    { "YWJjZA", "abcd" },
    { "-_-_", "\xfb\xff\xbf" },
    { "+/+/", "\xfb\xff\xbf" },
    { "Y", NULL },
    { "YQ=", NULL },
    { "YQ===", NULL },
    { "Y=Q=", NULL },
    { "YWJj=", NULL },
    { "YW Jj", NULL },
    { "YWJjY", NULL },
    { "%3D", NULL },
};

typedef pv_status_t one_t(pv_span_t in, char *out, pv_span_t *text);

static pv_status_t percent(pv_span_t in, char *out, pv_span_t *text)
{
    *text = pv_percent_decode(in, out);
    return PV_OK;
}

/* Into another buffer, and in place. */
static void run(const pair_t *pairs, size_t n, one_t *one)
{
    for (size_t i = 0; i < n; i++) {
        size_t len = strlen(pairs[i].in);
        char out[64];
        pv_span_t text;

        for (int in_place = 0; in_place < 2; in_place++) {
            char *in = guard_copy(pairs[i].in, len);
            pv_status_t status = one(pv_span(in, len), in_place ? in : out, &text);

            if (status != (pairs[i].out != NULL ? PV_OK : PV_BAD) ||
                (status == PV_OK &&
                 !pv_span_eq(text, pv_span(pairs[i].out, strlen(pairs[i].out))))) {
                fail_msg("%s", pairs[i].in);
            }
        }
    }
    guard_free();
}

static void test_percent(void **state)
{
    (void)state;
    run(percents, sizeof(percents) / sizeof(percents[0]), percent);
}

static void test_quotes(void **state)
{
    (void)state;
    run(quotes, sizeof(quotes) / sizeof(quotes[0]), pv_unquote);
}

static void test_base64(void **state)
{
    (void)state;
    run(base64, sizeof(base64) / sizeof(base64[0]), pv_base64_decode);
}

/* A byte that is no digit is found wherever it stands. */
static void test_run(void **state)
{
    static const char bytes[] = ".+/=%~ \x80";

    (void)state;
    for (size_t len = 0; len < 40; len++) {
        char text[40];

        memset(text, 'x', sizeof(text));
        assert_int_equal(pv_base64url_run(guard_copy(text, len), len), len);
        for (size_t at = 0; at < len; at++) {
            text[at] = bytes[at % (sizeof(bytes) - 1)];
            assert_int_equal(pv_base64url_run(guard_copy(text, len), len), at);
            text[at] = "A-_9"[at % 4];
        }
    }
    guard_free();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_percent),
        cmocka_unit_test(test_quotes),
        cmocka_unit_test(test_base64),
        cmocka_unit_test(test_run),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
