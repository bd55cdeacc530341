/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* LIFETIME as directives write it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "cookie/pv_lifetime.h"
#include "guard.h"

typedef struct {
    const char *name;
    const char *text;
    pv_status_t status;
    apr_int64_t seconds;
} case_t;

#define YEAR PV_SECONDS_YEAR

static const case_t cases[] = {
    { "LIFETIME session", "session", PV_OK, PV_LIFETIME_SESSION },
    { "LIFETIME any", "any", PV_OK, PV_LIFETIME_ANY },
    { "LIFETIME seconds", "90s", PV_OK, 90 },
    { "LIFETIME minutes", "30min", PV_OK, 1800 },
    { "LIFETIME hours", "12h", PV_OK, 43200 },
    { "LIFETIME days", "30d", PV_OK, 2592000 },
    { "LIFETIME weeks", "2w", PV_OK, 1209600 },
    { "LIFETIME months are a twelfth of a year", "6mon", PV_OK, 15768000 },
    { "LIFETIME twelve months are a year", "12mon", PV_OK, YEAR },
    { "LIFETIME years have 365 days", "2y", PV_OK, 63072000 },
    { "LIFETIME of one second", "1s", PV_OK, 1 },
    { "LIFETIME with leading zeros", "007d", PV_OK, 604800 },
    { "LIFETIME of 1000 years", "1000y", PV_OK, 1000 * YEAR },
    { "LIFETIME of 1000 years in seconds", "31536000000s", PV_OK, 1000 * YEAR },
    { "LIFETIME of 1000 years in months", "12000mon", PV_OK, 1000 * YEAR },
    { "LIFETIME over 1000 years", "1001y", PV_BAD, 0 },
    { "LIFETIME one second over 1000 years", "31536000001s", PV_BAD, 0 },
    { "LIFETIME one month over 1000 years", "12001mon", PV_BAD, 0 },
    { "LIFETIME over 63 bits", "9223372036854775808s", PV_BAD, 0 },
    { "LIFETIME that overflows in its unit", "9223372036854775807y", PV_BAD, 0 },
    { "LIFETIME that would wrap to one", "18446744073709551617s", PV_BAD, 0 },
    { "LIFETIME of nothing", "0s", PV_BAD, 0 },
    { "LIFETIME of zero years", "000y", PV_BAD, 0 },
    { "LIFETIME empty", "", PV_BAD, 0 },
    { "LIFETIME without unit", "30", PV_BAD, 0 },
    { "LIFETIME without number", "d", PV_BAD, 0 },
    { "LIFETIME negative", "-1d", PV_BAD, 0 },
    { "LIFETIME with a plus", "+1d", PV_BAD, 0 },
    { "LIFETIME with a fraction", "1.5d", PV_BAD, 0 },
    { "LIFETIME with a space", "30 d", PV_BAD, 0 },
    { "LIFETIME with a space before", " 30d", PV_BAD, 0 },
    { "LIFETIME with a space after", "30d ", PV_BAD, 0 },
    { "LIFETIME with two units", "1y6mon", PV_BAD, 0 },
    { "LIFETIME in upper case", "30D", PV_BAD, 0 },
    { "LIFETIME m is not a unit", "30m", PV_BAD, 0 },
    { "LIFETIME mo is not a unit", "30mo", PV_BAD, 0 },
    { "LIFETIME months is not a unit", "6months", PV_BAD, 0 },
    { "LIFETIME days is not a unit", "6days", PV_BAD, 0 },
    { "LIFETIME Session in upper case", "Session", PV_BAD, 0 },
    { "LIFETIME session with more", "sessions", PV_BAD, 0 },
    { "LIFETIME any with more", "anyd", PV_BAD, 0 },
    { "LIFETIME hexadecimal", "0x10s", PV_BAD, 0 },
    { "LIFETIME 8-bit", "30\xc2\xb5s", PV_BAD, 0 },
};

#define COUNT (sizeof(cases) / sizeof(cases[0]))

static void test_case(void **state)
{
    const case_t *c = *state;
    apr_size_t len = strlen(c->text);
    apr_int64_t seconds = 0;
    pv_status_t status = pv_lifetime_parse(guard_copy(c->text, len), len, &seconds);

    guard_free();
    assert_int_equal(status, c->status);
    if (status == PV_OK) {
        assert_true(seconds == c->seconds);
    }
}

/** No beginning of a valid one is valid with another meaning of its unit. */
static void test_truncated(void **state)
{
    unsigned good = 0;

    (void)state;
    for (apr_size_t i = 0; i < COUNT; i++) {
        for (apr_size_t len = 0; len < strlen(cases[i].text); len++) {
            apr_int64_t seconds = 0;

            if (pv_lifetime_parse(guard_copy(cases[i].text, len), len, &seconds) == PV_OK) {
                assert_true(seconds > 0 || seconds == PV_LIFETIME_SESSION);
                good++;
            }
        }
    }
    guard_free();
    assert_true(good > 0);
}

int main(void)
{
    struct CMUnitTest tests[COUNT + 1];

    memset(tests, 0, sizeof(tests));
    for (apr_size_t i = 0; i < COUNT; i++) {
        tests[i].name = cases[i].name;
        tests[i].test_func = test_case;
        tests[i].initial_state = (void *)&cases[i];
    }
    tests[COUNT].name = "LIFETIME cut off at every byte";
    tests[COUNT].test_func = test_truncated;
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return _cmocka_run_group_tests("lifetime", tests, COUNT + 1, NULL, NULL);
}
