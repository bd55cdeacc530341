/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* The cookie-date of RFC 6265bis, section 5.6.1, and what Chromium makes of it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <time.h>
#include <cmocka.h>

#include "cookie/pv_cookie_date.h"
#include "guard.h"

/* Sun, 15 Jun 2025 15:06:40 GMT */
#define THEN APR_INT64_C(1750000000)

/* How the readers agree. */
enum {
    NONE,    /* no reader finds a date */
    CERTAIN, /* all find the one that the algorithm finds */
    DIFFER   /* not all find that */
};

typedef struct {
    const char *name;
    const char *text;
    pv_status_t status;  /* of the algorithm */
    apr_int64_t seconds; /* of the algorithm */
    int agreement;
    apr_int64_t latest; /* where readers differ */
} case_t;

#define BOTH(name, text, seconds)                                                                  \
    {                                                                                              \
        name, text, PV_OK, seconds, CERTAIN, seconds                                               \
    }
#define BAD(name, text)                                                                            \
    {                                                                                              \
        name, text, PV_BAD, 0, NONE, 0                                                             \
    }
#define ODD(name, text, seconds, latest)                                                           \
    {                                                                                              \
        name, text, PV_OK, seconds, DIFFER, latest                                                 \
    }
#define LOOSE(name, text, latest)                                                                  \
    {                                                                                              \
        name, text, PV_BAD, 0, DIFFER, latest                                                      \
    }

static const case_t cases[] = {
    BOTH("5.6.1 IMF-fixdate", "Sun, 15 Jun 2025 15:06:40 GMT", THEN),
    BOTH("5.6.1 epoch", "Thu, 01 Jan 1970 00:00:00 GMT", 0),
    BOTH("5.6.1 Netscape's hyphens", "Sun, 15-Jun-2025 15:06:40 GMT", THEN),
    BOTH("5.6.1 RFC 850", "Sunday, 15-Jun-25 15:06:40 GMT", THEN),
    BOTH("5.6.1 asctime", "Sun Jun 15 15:06:40 2025", THEN),
    BOTH("5.6.1 no weekday, no zone", "15 Jun 2025 15:06:40", THEN),
    BOTH("5.6.1 any order", "2025 15:06:40 June 15", THEN),
    BOTH("5.6.1 year before day", "2025 Jun 15 15:06:40", THEN),
    BOTH("5.6.1 month in full and upper case", "SUNDAY, 15 JUNE 2025 15:06:40 gmt", THEN),
    BOTH("5.6.1 month with anything after three letters", "15 Junk 2025 15:06:40", THEN),
    BOTH("5.6.1 day of one digit", "Sun, 1 Jun 2025 15:06:40 GMT", THEN - 14 * 86400),
    BOTH("5.6.1 time fields of one digit", "Thu, 01 Jan 1970 1:2:3 GMT", 3723),
    BOTH("5.6.1 in quotes", "\"Sun, 15 Jun 2025 15:06:40 GMT\"", THEN),
    BOTH("5.6.1 every delimiter", "\t !\"#$%&'()*+,-./15;<=>?@Jun[\\]^_`2025{|}~15:06:40", THEN),
    BOTH("5.6.1 zones do not count", "Sun, 15 Jun 2025 15:06:40 +0500", THEN),
    BOTH("5.6.1 the first of each counts", "15 Jun 2025 15:06:40 16 Jul 2026 16:07:41", THEN),
    BOTH("5.6.1 what follows a date does not count", "15 Jun 2025 15:06:40 99999 x 1:2", THEN),
    BOTH("5.6.1 year 70 is 1970", "01 Jan 70 00:00:00", 0),
    BOTH("5.6.1 year 99 is 1999", "01 Jan 99 00:00:00", 915148800),
    BOTH("5.6.1 year 00 is 2000", "01 Jan 00 00:00:00", 946684800),
    BOTH("5.6.1 year 69 is 2069", "01 Jan 69 00:00:00", 3124224000),
    BOTH("5.6.1 year 070 is 1970", "01 Jan 070 00:00:00", 0),
    BOTH("5.6.1 year 0025 is 2025", "Sun, 15 Jun 0025 15:06:40 GMT", THEN),
    BOTH("5.6.1 first year", "Mon, 01 Jan 1601 00:00:00 GMT", APR_INT64_C(-11644473600)),
    BOTH("5.6.1 last year", "Fri, 31 Dec 9999 23:59:59 GMT", APR_INT64_C(253402300799)),
    BOTH("5.6.1 leap day", "Thu, 29 Feb 2024 00:00:00 GMT", 1709164800),
    BOTH("5.6.1 leap day of a 400th year", "Tue, 29 Feb 2000 00:00:00 GMT", 951782400),
    BOTH("5.6.1 the weekday need not be right", "Mon, 15 Jun 2025 15:06:40 GMT", THEN),
    BOTH("5.6.1 a weekday that begins like a month is the month", "Mar, 15 Jun 2025 15:06:40 GMT",
         THEN - 92 * 86400),
    BOTH("5.6.1 a control byte is no delimiter", "15 Jun\x01 2025 15:06:40", THEN),
    BOTH("5.6.1 an 8-bit byte is no delimiter", "15 Jun\xe9 2025 15:06:40", THEN),
    BAD("5.6.1 empty", ""),
    BAD("5.6.1 zero", "0"),
    BAD("5.6.1 minus one", "-1"),
    BAD("5.6.1 a word", "never"),
    BAD("5.6.1 seconds since 1970", "1750000000"),
    BAD("5.6.1 ISO date", "2025-06-15T15:06:40Z"),
    BAD("5.6.1 ISO date with a space", "2025-06-15 15:06:40"),
    BAD("5.6.1 ISO day", "2025-06-15"),
    BAD("5.6.1 no time", "Sun, 15 Jun 2025"),
    BAD("5.6.1 no day", "Jun 2025 15:06:40"),
    BAD("5.6.1 no month", "15 2025 15:06:40"),
    BAD("5.6.1 no year", "15 Jun 15:06:40"),
    BAD("5.6.1 no seconds", "15 Jun 2025 15:06"),
    BAD("5.6.1 month of two letters", "15 Ju 2025 15:06:40"),
    BAD("5.6.1 month in numbers", "Sun, 15 06 2025 15:06:40 GMT"),
    BAD("5.6.1 a month must begin its token", "15 xJun 2025 15:06:40"),
    BAD("5.6.1 day 0", "Sun, 00 Jun 2025 15:06:40 GMT"),
    BAD("5.6.1 day 32", "Sun, 32 Jan 2025 15:06:40 GMT"),
    BAD("5.6.1 31 June", "Sun, 31 Jun 2025 15:06:40 GMT"),
    BAD("5.6.1 30 February", "Sun, 30 Feb 2024 15:06:40 GMT"),
    BAD("5.6.1 29 February of a common year", "Sat, 29 Feb 2025 15:06:40 GMT"),
    BAD("5.6.1 29 February of a 100th year", "Mon, 29 Feb 2100 15:06:40 GMT"),
    BAD("5.6.1 year 1600", "Sat, 01 Jan 1600 00:00:00 GMT"),
    BAD("5.6.1 year 100", "Sat, 01 Jan 0100 00:00:00 GMT"),
    BAD("5.6.1 hour 24", "Sun, 15 Jun 2025 24:06:40 GMT"),
    BAD("5.6.1 minute 60", "Sun, 15 Jun 2025 15:60:40 GMT"),
    BAD("5.6.1 second 60", "Sun, 15 Jun 2025 15:06:60 GMT"),
    BAD("5.6.1 hour of three digits", "15 Jun 2025 115:06:40"),
    BAD("5.6.1 a control byte joins tokens", "15\x01Jun 2025 15:06:40"),
    BOTH("D4 a year with one byte of junk is one to both", "01 Jan 1970x 2099 00:00:00", 0),
    BOTH("D4 a time with junk is one to both", "01 Jan 1970 00:00:00x", 0),
    ODD("D4 a year with junk hides the one that Chromium takes", "01 Jan 1970xy 2099 00:00:00", 0,
        APR_INT64_C(4070908800)),
    ODD("D4 the later date may be the RFC's", "02 Jan 2099xy 1970 00:00:00",
        APR_INT64_C(4070995200), APR_INT64_C(4070995200)),
    ODD("D4 a day with junk is a year to Chromium", "15th Jun 2025 15:06:40", THEN, THEN),
    ODD("D4 a day with junk, and another", "01x Jan 1970 02 00:00:00", 0, 978393600),
    ODD("D4 a part of a time is a day to the RFC", "1:2 Jan 1970 00:00:00 9", 0, 691200),
    LOOSE("R4 year of five digits", "Wed, 31 Dec 99999 23:59:59 GMT", APR_INT64_C(3093527980799)),
    LOOSE("R4 year of one digit", "01 Jan 5 00:00:00", 1104537600),
    LOOSE("R4 seconds of three digits", "01 Jan 2025 00:00:001", 1735689600),
};

#define COUNT (sizeof(cases) / sizeof(cases[0]))

static void test_case(void **state)
{
    const case_t *c = *state;
    apr_size_t len = strlen(c->text);
    const char *copy = guard_copy(c->text, len);
    pv_cookie_date_t date;
    apr_time_t when = 0;

    assert_int_equal(pv_cookie_date_parse(copy, len, &when), c->status);
    if (c->status == PV_OK) {
        assert_true(when == apr_time_from_sec(c->seconds));
    }
    pv_cookie_date_read(copy, len, &date);
    assert_int_equal(date.readable, c->agreement != NONE);
    assert_int_equal(date.certain, c->agreement == CERTAIN);
    assert_true(date.latest == apr_time_from_sec(c->latest));
    guard_free();
}

static void test_truncated(void **state)
{
    unsigned good = 0, bad = 0;

    (void)state;
    for (apr_size_t i = 0; i < COUNT; i++) {
        for (apr_size_t len = 0; len < strlen(cases[i].text); len++) {
            const char *copy = guard_copy(cases[i].text, len);
            apr_time_t when = 0;
            pv_status_t status = pv_cookie_date_parse(copy, len, &when);
            pv_cookie_date_t date;

            pv_cookie_date_read(copy, len, &date);
            assert_true(!date.certain || status == PV_OK);
            assert_true(status != PV_OK || (date.readable && date.latest >= when));
            *(status == PV_OK ? &good : &bad) += 1;
        }
    }
    guard_free();
    assert_true(good > 50 && bad > 500);
}

static unsigned seed = 20250615;

static unsigned draw(unsigned below)
{
    seed = seed * 1103515245U + 12345U;
    return (seed >> 8) % below;
}

/** The usual shapes are read by a short cut: with a space before them they are
 *  not, and must be the same. */
static void test_short_cut(void **state)
{
    static const char *const days[] = { "Sun", "Fri", "xyz", "Mar", "May", "De.", "1st", "S:n" };
    static const char *const months[] = { "Jan", "feb", "DEC", "Jun", "Jxn", "J n", "11x" };
    static const char *const zones[] = { "GMT", "GMT", "UTC", "gmt", "1GT" };
    unsigned good = 0, bad = 0;

    (void)state;
    for (int i = 0; i < 20000; i++) {
        char hyphen = draw(2) ? ' ' : '-', text[64];
        apr_time_t fast = 0, slow = 0;
        pv_status_t status;
        apr_size_t len = (apr_size_t)snprintf(
            text, sizeof(text), " %s, %02u%c%s%c%04u %02u:%02u:%02u %s", days[draw(8)], draw(34),
            hyphen, months[draw(7)], hyphen, draw(8) ? 1900 + draw(200) : draw(2000), draw(25),
            draw(61), draw(61), zones[draw(5)]);

        assert_int_equal(len, 1 + PV_COOKIE_DATE_LEN);
        if (draw(4) == 0) {
            text[1 + draw((unsigned)len - 1)] = "0 -:,xJ\x01"[draw(8)];
        }
        status = pv_cookie_date_parse(text + 1, len - 1, &fast);
        if (status != pv_cookie_date_parse(text, len, &slow) || fast != slow) {
            fail_msg("\"%s\" is read in two ways", text + 1);
        }
        *(status == PV_OK ? &good : &bad) += 1;
    }
    assert_true(good > 1000 && bad > 1000);
}

/** Against the calendar of the C library, from 1601 to 9999. */
static void test_calendar(void **state)
{
    (void)state;
    for (int i = 0; i < 20000; i++) {
        apr_int64_t days = (apr_int64_t)(draw(1 << 20) * 4 + draw(4)) % 3067671 - 134774;
        time_t seconds = (time_t)(days * 86400 + draw(86400));
        char expected[64], written[PV_COOKIE_DATE_LEN + 1] = "";
        apr_time_t when = 0;
        struct tm tm;

        assert_non_null(gmtime_r(&seconds, &tm));
        strftime(expected, sizeof(expected), "%a, %d %b %Y %H:%M:%S GMT", &tm);
        pv_cookie_date_write(apr_time_from_sec(seconds) + draw(1000000), written);
        assert_string_equal(written, expected);
        assert_int_equal(pv_cookie_date_parse(written, PV_COOKIE_DATE_LEN, &when), PV_OK);
        assert_true(when == apr_time_from_sec(seconds));
    }
}

static void test_write(void **state)
{
    static const struct {
        apr_time_t when;
        const char *expected;
    } dates[] = {
        { 0, "Thu, 01 Jan 1970 00:00:00 GMT" },
        { 999999, "Thu, 01 Jan 1970 00:00:00 GMT" },
        { -1, "Wed, 31 Dec 1969 23:59:59 GMT" },
        { APR_INT64_C(253402300799) * 1000000, "Fri, 31 Dec 9999 23:59:59 GMT" },
        { APR_INT64_C(253402300800) * 1000000, "Fri, 31 Dec 9999 23:59:59 GMT" },
        { APR_INT64_MAX, "Fri, 31 Dec 9999 23:59:59 GMT" },
        { APR_INT64_C(-11644473600) * 1000000, "Mon, 01 Jan 1601 00:00:00 GMT" },
        { APR_INT64_MIN, "Mon, 01 Jan 1601 00:00:00 GMT" },
    };

    (void)state;
    for (apr_size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++) {
        /* Exactly as long as promised: more would be seen by the sanitizer. */
        char *out = malloc(PV_COOKIE_DATE_LEN);

        assert_non_null(out);
        pv_cookie_date_write(dates[i].when, out);
        assert_memory_equal(out, dates[i].expected, PV_COOKIE_DATE_LEN);
        free(out);
    }
}

int main(void)
{
    static const struct CMUnitTest others[] = {
        { "5.6.1 cut off at every byte", test_truncated, NULL, NULL, NULL },
        { "5.6.1 the short cut reads nothing else", test_short_cut, NULL, NULL, NULL },
        { "5.6.1 calendar", test_calendar, NULL, NULL, NULL },
        { "RFC 9110 5.6.7 IMF-fixdate", test_write, NULL, NULL, NULL },
    };
    struct CMUnitTest tests[COUNT + 4];

    memset(tests, 0, sizeof(tests));
    for (apr_size_t i = 0; i < COUNT; i++) {
        tests[i].name = cases[i].name;
        tests[i].test_func = test_case;
        tests[i].initial_state = (void *)&cases[i];
    }
    memcpy(tests + COUNT, others, sizeof(others));
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return _cmocka_run_group_tests("cookie-date", tests, COUNT + 4, NULL, NULL);
}
