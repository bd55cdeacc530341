/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* One Set-Cookie: its name (D3), whether it deletes (D4), its lifetime (R4), and
 * the value written again with another one (R1, R3, R4). */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "cookie/pv_set_cookie.h"
#include "guard.h"

/* Sun, 15 Jun 2025 15:06:40.5 GMT */
#define NOW       (apr_time_from_sec(1750000000) + 500000)
#define PAST      "Thu, 01 Jan 1970 00:00:00 GMT"
#define HOUR      "Sun, 15 Jun 2025 16:06:40 GMT" /* 3599.5 seconds later */
#define DAY       "Mon, 16 Jun 2025 15:06:40 GMT" /* 86399.5 seconds later */
#define DAYS400_S 34560000
#define SESSION   PV_LIFETIME_SESSION
#define LONGEST   APR_INT64_MAX

#define ZEROS_128                                                                                  \
    "0000000000000000000000000000000000000000000000000000000000000000"                             \
    "0000000000000000000000000000000000000000000000000000000000000000"
#define ZEROS_1024 ZEROS_128 ZEROS_128 ZEROS_128 ZEROS_128 ZEROS_128 ZEROS_128 ZEROS_128 ZEROS_128

#define TEXT(literal) literal, sizeof(literal) - 1

/* Names. */

typedef struct {
    const char *title;
    const char *text;
    apr_size_t len;
    const char *name;
    apr_size_t name_len;
    unsigned nameless;
} name_case_t;

static const name_case_t name_cases[] = {
    { "D3 name", TEXT("_ga=GA1.2.3.4"), TEXT("_ga"), 0 },
    { "D3 case is kept", TEXT("_GA=1"), TEXT("_GA"), 0 },
    { "D3 space around the name", TEXT(" \t_ga \t=1"), TEXT("_ga"), 0 },
    { "D3 vertical tab and form feed around the name", TEXT("\v\f_ga\f\v=1"), TEXT("_ga"), 0 },
    { "D3 line ends around the name", TEXT("\r\n_ga\r\n=1"), TEXT("_ga"), 0 },
    { "D3 space in the name", TEXT("a b=1"), TEXT("a b"), 0 },
    { "D3 a NUL is no white space", TEXT("\0_ga=1"), TEXT("\0_ga"), 0 },
    { "D3 8-bit name", TEXT("\xc3\xa4\xff=1"), TEXT("\xc3\xa4\xff"), 0 },
    { "D3 quotes belong to the name", TEXT("\"_ga\"=1"), TEXT("\"_ga\""), 0 },
    { "D3 a comma belongs to the name", TEXT("a,b=1"), TEXT("a,b"), 0 },
    { "D3 empty value", TEXT("_ga="), TEXT("_ga"), 0 },
    { "D3 value with =", TEXT("a=b=c==; Path=/"), TEXT("a"), 0 },
    { "D3 value in quotes with =", TEXT("a=\"_ga=1\""), TEXT("a"), 0 },
    { "D3 quotes do not hide a ;", TEXT("a=\"x; Path=/\""), TEXT("a"), 0 },
    { "D3 = of an attribute is none of the pair", TEXT("_ga; Path=/"), TEXT("_ga"), 1 },
    { "D3 __Host- is part of the name", TEXT("__Host-sid=1; Secure; Path=/"), TEXT("__Host-sid"),
      0 },
    { "D3 an attribute's name may be a cookie's", TEXT("Max-Age=5"), TEXT("Max-Age"), 0 },
    { "D3 nameless _ga", TEXT("_ga"), TEXT("_ga"), 1 },
    { "D3 nameless =_ga", TEXT("=_ga"), TEXT("_ga"), 1 },
    { "D3 nameless =_ga=x", TEXT("=_ga=x"), TEXT("_ga"), 1 },
    { "D3 nameless ==_ga=x", TEXT("==_ga=x"), TEXT("_ga"), 1 },
    { "D3 nameless with white space", TEXT(" \t = \f= _ga\v = x"), TEXT("_ga"), 1 },
    { "D3 nameless with attributes", TEXT("=_ga=x; Max-Age=5"), TEXT("_ga"), 1 },
    { "D3 nameless with a space in it", TEXT("a b"), TEXT("a b"), 1 },
    { "D3 empty", TEXT(""), TEXT(""), 1 },
    { "D3 nothing but =", TEXT("==="), TEXT(""), 1 },
    { "D3 nothing but white space", TEXT(" \t\r\n\v\f"), TEXT(""), 1 },
    { "D3 nothing but ;", TEXT(";;;"), TEXT(""), 1 },
    { "D3 nothing before the first ;", TEXT(" ; _ga=1"), TEXT(""), 1 },
};

static int same_span(pv_span_t a, pv_span_t b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static void test_name(void **state)
{
    const name_case_t *c = *state;
    const char *copy = guard_copy(c->text, c->len);
    pv_set_cookie_t cookie, whole;

    memset(&cookie, 0xFF, sizeof(cookie));
    pv_set_cookie_name(copy, c->len, &cookie);
    assert_true(same_span(cookie.name, pv_span(c->name, c->name_len)));
    assert_int_equal(cookie.nameless, c->nameless);
    assert_int_equal(cookie.deletes, 0);
    assert_int_equal(cookie.has_lifetime, 0);
    assert_true(cookie.lifetime == 0);
    if (c->name_len > 0) {
        assert_in_range((uintptr_t)cookie.name.ptr, (uintptr_t)copy, (uintptr_t)(copy + c->len));
    }
    memset(&whole, 0xFF, sizeof(whole));
    pv_set_cookie_read(copy, c->len, NOW, &whole);
    assert_true(same_span(whole.name, cookie.name));
    assert_int_equal(whole.nameless, cookie.nameless);
    guard_free();
}

/* Lifetimes. */

typedef struct {
    const char *title;
    const char *text;
    unsigned deletes;
    unsigned has_lifetime;
    apr_int64_t lifetime;
} life_case_t;

static const life_case_t life_cases[] = {
    { "R4 no lifetime", "a=b", 0, 0, SESSION },
    { "R4 no lifetime among attributes", "a=b; Path=/; Domain=x.test; Secure", 0, 0, SESSION },
    { "R4 Max-Age", "a=b; Max-Age=3600", 0, 1, 3600 },
    { "R4 Max-Age last and first", "a=b;Max-Age=3600;Path=/", 0, 1, 3600 },
    { "R4 Max-Age in odd case and spacing", "a=b;\t mAX-aGE \t=\t 3600 \t; Path=/", 0, 1, 3600 },
    { "R4 Max-Age with leading zeros", "a=b; Max-Age=0003600", 0, 1, 3600 },
    { "R4 Max-Age of 18 digits", "a=b; Max-Age=999999999999999999", 0, 1, 999999999999999999 },
    { "R4 Max-Age over 63 bits", "a=b; Max-Age=9223372036854775808", 0, 1, LONGEST },
    { "R4 Max-Age of 40 digits", "a=b; Max-Age=1234567890123456789012345678901234567890", 0, 1,
      LONGEST },
    { "R4 the longest of two Max-Age", "a=b; Max-Age=7200; Max-Age=3600", 0, 1, 7200 },
    { "R4 Max-Age outweighs Expires", "a=b; Expires=" DAY "; Max-Age=3600", 0, 1, 3600 },
    { "R4 Expires", "a=b; Expires=" HOUR, 0, 1, 3600 },
    { "R4 Expires in odd case and spacing", "a=b;eXPIRES= \t" HOUR " ;x", 0, 1, 3600 },
    { "R4 Expires in quotes", "a=b; Expires=\"" HOUR "\"", 0, 1, 3600 },
    { "R4 Expires with hyphens", "a=b; Expires=Sun, 15-Jun-2025 16:06:40 GMT", 0, 1, 3600 },
    { "R4 the longest of two Expires", "a=b; Expires=" DAY "; Expires=" HOUR, 0, 1, 86400 },
    { "R4 a lifetime and a past Expires", "a=b; Expires=" HOUR "; Expires=" PAST, 0, 1, 3600 },
    { "R4 part of a second left", "a=b; Expires=Sun, 15 Jun 2025 15:06:41 GMT", 0, 1, 1 },
    { "R4 a year of five digits", "a=b; Expires=Sat, 15 Jun 12025 15:06:40 GMT", 0, 1,
      APR_INT64_C(315569520000) },
    { "R4 Max-Age=+N", "a=b; Max-Age=+63072000", 0, 1, 63072000 },
    { "R4 Max-Age=+N and a shorter Expires", "a=b; Max-Age=+7200; Expires=" HOUR, 0, 1, 7200 },
    { "R4 Max-Age=+N and a longer Expires", "a=b; Max-Age=+7200; Expires=" DAY, 0, 1, 86400 },
    { "R4 an invalid repetition lets Expires count", "a=b; Max-Age=5; Max-Age=x; Expires=" DAY, 0,
      1, 86400 },
    { "R4 invalid first, valid last", "a=b; Max-Age=x; Max-Age=5", 0, 1, 5 },
    { "R4 Max-Age in quotes is none", "a=b; Max-Age=\"63072000\"", 0, 1, SESSION },
    { "R4 Max-Age with a fraction is none", "a=b; Max-Age=3600.5", 0, 1, SESSION },
    { "R4 Max-Age with an exponent is none", "a=b; Max-Age=1e9", 0, 1, SESSION },
    { "R4 Max-Age in hexadecimal is none", "a=b; Max-Age=0x10", 0, 1, SESSION },
    { "R4 Max-Age of two numbers is none", "a=b; Max-Age=1 2", 0, 1, SESSION },
    { "R4 Max-Age empty", "a=b; Max-Age=", 0, 1, SESSION },
    { "R4 Max-Age without =", "a=b; Max-Age", 0, 1, SESSION },
    { "R4 Max-Age without = and longer Expires", "a=b; Max-Age ; Expires=" HOUR, 0, 1, 3600 },
    { "R4 Max-Age that is full before its junk", "a=b; Max-Age=99999999999999999999x", 0, 1,
      LONGEST },
    { "R4 negative and full before its junk", "a=b; Max-Age=-99999999999999999999x", 0, 1,
      SESSION },
    { "R4 a form feed after Max-Age may be trimmed", "a=b; Max-Age=3600\f", 0, 1, 3600 },
    { "R4 a form feed before the number", "a=b; Max-Age=\f3600", 0, 1, 3600 },
    { "R4 a form feed before the name", "a=b; \fMax-Age=3600", 0, 1, 3600 },
    { "R4 a form feed behind the name", "a=b; Max-Age\f=3600; Expires=" DAY, 0, 1, 86400 },
    { "R4 a vertical tab around Expires", "a=b;\vExpires\v=\v" HOUR "\v", 0, 1, 3600 },
    { "R4 1024 bytes of Max-Age count", "a=b; Max-Age=" ZEROS_1024 "; Expires=" DAY, 1, 1, 0 },
    { "R4 1025 bytes of Max-Age count to some", "a=b; Max-Age=" ZEROS_1024 "5; Expires=" HOUR, 0, 1,
      3600 },
    { "R4 1025 bytes of Max-Age and no Expires", "a=b; Max-Age=" ZEROS_1024 "5", 0, 1, 5 },
    { "R4 other names are others", "a=b; Max-Agee=5; xMax-Age=5; Max-Ag=5; Max Age=5; Max_Age=5", 0,
      0, SESSION },
    { "R4 Max CR Age is another", "a=b; Max\rAge=5", 0, 0, SESSION },
    { "R4 Max-Age with more before the = is another", "a=b; Max-Age x=5; Expires x", 0, 0,
      SESSION },
    { "R4 Max-Age in a value is none", "a=b; x=Max-Age=5; =Max-Age=5", 0, 0, SESSION },
    { "R4 the pair is no attribute", "Max-Age=5; Path=/", 0, 0, SESSION },
    { "R4 empty attributes", "a=b;;; ;\t;Max-Age=3600;;", 0, 1, 3600 },
    { "R4 unreadable Expires", "a=b; Expires=0", 0, 1, SESSION },
    { "R4 Expires=-1", "a=b; Expires=-1", 0, 1, SESSION },
    { "R4 ISO date", "a=b; Expires=2099-01-01T00:00:00Z", 0, 1, SESSION },
    { "R4 past ISO date", "a=b; Expires=1970-01-01T00:00:00Z", 0, 1, SESSION },
    { "R4 Expires without a value", "a=b; Expires", 0, 1, SESSION },
    { "R4 Expires empty", "a=b; Expires=", 0, 1, SESSION },
    { "D4 Expires is half a second ago", "a=b; Expires=Sun, 15 Jun 2025 15:06:40 GMT", 1, 1, 0 },
    { "D4 Max-Age=0", "a=; Max-Age=0", 1, 1, 0 },
    { "D4 Max-Age=-1", "a=; Max-Age=-1", 1, 1, 0 },
    { "D4 Max-Age=-0", "a=; Max-Age=-0", 1, 1, 0 },
    { "D4 Max-Age of minus 40 digits", "a=; Max-Age=-1234567890123456789012345678901234567890", 1,
      1, 0 },
    { "D4 Max-Age=0 in odd case and spacing", "a=;\tMAX-AGE\t= 0\t", 1, 1, 0 },
    { "D4 Max-Age=0 twice", "a=; Max-Age=0; Max-Age=-1", 1, 1, 0 },
    { "D4 Max-Age=0 and a past Expires", "a=; Max-Age=0; Expires=" PAST, 1, 1, 0 },
    { "D4 Max-Age=0 and a future Expires", "a=; Max-Age=0; Expires=" DAY, 1, 1, 0 },
    { "D4 Max-Age=0 and an unreadable Expires", "a=; Max-Age=0; Expires=x", 1, 1, 0 },
    { "D4 past Expires", "a=; Expires=" PAST, 1, 1, 0 },
    { "D4 past Expires with hyphens", "a=; Expires=Thu, 01-Jan-1970 00:00:01 GMT", 1, 1, 0 },
    { "D4 past Expires with an offset", "a=; Expires=Thu, 01 Jan 1970 00:00:00 +0000", 1, 1, 0 },
    { "D4 past Expires twice", "a=; Expires=" PAST "; Expires=" PAST, 1, 1, 0 },
    { "D4 past Expires, positive Max-Age", "_ga=v; Max-Age=3600; Expires=" PAST, 0, 1, 3600 },
    { "D4 past Expires, Max-Age=+N", "_ga=v; Max-Age=+63072000; Expires=" PAST, 0, 1, 63072000 },
    { "D4 past Expires, Max-Age=+0", "_ga=v; Max-Age=+0; Expires=" PAST, 0, 1, 0 },
    { "D4 past Expires, Max-Age in quotes", "_ga=v; Max-Age=\"0\"; Expires=" PAST, 0, 1, 0 },
    { "D4 Max-Age=0 in quotes", "_ga=v; Max-Age=\"0\"", 0, 1, SESSION },
    { "D4 Max-Age=0.5", "_ga=v; Max-Age=0.5", 0, 1, SESSION },
    { "D4 Max-Age=-", "_ga=v; Max-Age=-", 0, 1, SESSION },
    { "D4 Max-Age=+", "_ga=v; Max-Age=+", 0, 1, SESSION },
    { "D4 Max-Age=--1", "_ga=v; Max-Age=--1", 0, 1, SESSION },
    { "D4 Max-Age=+-1", "_ga=v; Max-Age=+-1", 0, 1, SESSION },
    { "D4 Max-Age=-x", "_ga=v; Max-Age=-x", 0, 1, SESSION },
    { "D4 Max-Age=0; Max-Age=abc", "_ga=v; Max-Age=0; Max-Age=abc", 0, 1, SESSION },
    { "D4 Max-Age=abc; Max-Age=0", "_ga=v; Max-Age=abc; Max-Age=0", 0, 1, SESSION },
    { "D4 Max-Age=0; Max-Age", "_ga=v; Max-Age=0; Max-Age", 0, 1, SESSION },
    { "D4 Max-Age=0; Max-Age=5", "_ga=v; Max-Age=0; Max-Age=5", 0, 1, 5 },
    { "D4 Max-Age=5; Max-Age=0", "_ga=v; Max-Age=5; Max-Age=0", 0, 1, 5 },
    { "D4 a past and a future Expires", "_ga=v; Expires=" PAST "; Expires=" HOUR, 0, 1, 3600 },
    { "D4 a past and an unreadable Expires", "_ga=v; Expires=" PAST "; Expires=0", 0, 1, SESSION },
    { "D4 a past Expires to the RFC alone", "_ga=v; Expires=01 Jan 1970xy 2099 00:00:00", 0, 1,
      APR_INT64_C(2320908800) },
    { "D4 a past Expires that is none to Chromium", "_ga=v; Expires=1st Jan 1970 00:00:00", 0, 1,
      SESSION },
    { "D4 a form feed after Max-Age=0", "_ga=v; Max-Age=0\f", 0, 1, SESSION },
    { "D4 a form feed before Max-Age=0", "_ga=v;\fMax-Age=0", 0, 1, SESSION },
    { "D4 a form feed before a past Expires", "_ga=v;\fExpires=" PAST, 0, 1, SESSION },
    { "D4 1025 bytes of Max-Age=0", "_ga=v; Max-Age=" ZEROS_1024 "0", 0, 1, SESSION },
    { "D4 1025 bytes of a past Expires", "_ga=v; Expires=" PAST " " ZEROS_1024, 0, 1, SESSION },
};

static void read_guarded(const char *text, apr_size_t len, pv_set_cookie_t *cookie)
{
    memset(cookie, 0xFF, sizeof(*cookie));
    pv_set_cookie_read(guard_copy(text, len), len, NOW, cookie);
    /* The short way says the same. */
    assert_int_equal(pv_set_cookie_deletes(NOW, cookie), cookie->deletes);
    /* No test looks at the bytes of a name after this. */
    guard_free();
    cookie->name.ptr = NULL;
}

static void test_life(void **state)
{
    const life_case_t *c = *state;
    pv_set_cookie_t cookie;

    read_guarded(c->text, strlen(c->text), &cookie);
    assert_int_equal(cookie.deletes, c->deletes);
    assert_int_equal(cookie.has_lifetime, c->has_lifetime);
    assert_int_equal(cookie.lifetime, c->lifetime);
}

/** At its last second a cookie is not past yet; a moment later it is. */
static void test_now(void **state)
{
    static const char text[] = "a=; Expires=Sun, 15 Jun 2025 15:06:40 GMT";
    apr_time_t then = apr_time_from_sec(1750000000);
    pv_set_cookie_t cookie;

    (void)state;
    pv_set_cookie_read(text, sizeof(text) - 1, then, &cookie);
    assert_int_equal(cookie.deletes, 0);
    assert_int_equal(cookie.lifetime, 0);
    pv_set_cookie_read(text, sizeof(text) - 1, then + 1, &cookie);
    assert_int_equal(cookie.deletes, 1);
    assert_int_equal(cookie.lifetime, 0);
    pv_set_cookie_read(text, sizeof(text) - 1, then - 1, &cookie);
    assert_int_equal(cookie.deletes, 0);
    assert_int_equal(cookie.lifetime, 1);
}

/* Written again. */

/** Into memory of exactly the promised size; the caller frees it. */
static pv_span_t limit(const char *text, apr_size_t len, apr_int64_t lifetime)
{
    pv_set_cookie_limit_t how = { lifetime, NOW };
    char *out = malloc(pv_set_cookie_limit_size(len) + (len == 0));
    apr_size_t written;

    assert_non_null(out);
    written = pv_set_cookie_limit(guard_copy(text, len), len, &how, out);
    guard_free();
    assert_true(written <= pv_set_cookie_limit_size(len));
    return pv_span(out, written);
}

static void limit_free(pv_span_t written)
{
    free((char *)written.ptr);
}

typedef struct {
    const char *title;
    const char *text;
    apr_int64_t lifetime;
    const char *expected;
} limit_case_t;

static const limit_case_t limit_cases[] = {
    { "R4 Max-Age", "a=b; Max-Age=63072000; Path=/", 86400, "a=b; Max-Age=86400; Path=/" },
    { "R4 Expires", "a=b; Expires=Wed, 09 Jun 2027 10:18:14 GMT; Path=/", 86400,
      "a=b; Expires=" DAY "; Path=/" },
    { "R4 both", "a=b; Path=/; Expires=x; Secure; Max-Age=+9; Foo", 86400,
      "a=b; Path=/; Expires=" DAY "; Secure; Max-Age=86400; Foo" },
    { "R4 every other one goes", "a=b; Max-Age=9;Max-Age=x; expires; Expires=0;MAX-AGE ;Path=/",
      86400, "a=b; Max-Age=86400; expires=" DAY ";Path=/" },
    { "R4 spelling and spacing stay", "a=b ;\tmAX-aGE =\t 9\t ;  EXPIRES  ;x", 86400,
      "a=b ;\tmAX-aGE =\t 86400\t ;  EXPIRES=" DAY "  ;x" },
    { "R4 values missing", "a=b;Max-Age;Expires", 1,
      "a=b;Max-Age=1;Expires=Sun, 15 Jun 2025 15:06:41 "
      "GMT" },
    { "R4 values empty", "a=b;Max-Age=;Expires=", 3600, "a=b;Max-Age=3600;Expires=" HOUR },
    { "R4 a form feed in a value goes with it", "a=b; Max-Age=\f9\f ;\fExpires\f=\f0\f", 3600,
      "a=b; Max-Age=3600 ;\fExpires\f=" HOUR },
    { "R4 1025 bytes of Max-Age", "a=b; Max-Age=" ZEROS_1024 "9; x", 3600, "a=b; Max-Age=3600; x" },
    { "R4 the longest number", "a=b; Max-Age=1", LONGEST, "a=b; Max-Age=9223372036854775807" },
    { "R4 the longest date", "a=b; Expires=0", LONGEST,
      "a=b; Expires=Fri, 31 Dec 9999 23:59:59 GMT" },
    { "R1 session", "a=b; Max-Age=63072000; Path=/", SESSION, "a=b; Path=/" },
    { "R1 session takes every one", "a=b;Expires;Max-Age=9 ; Path=/;max-AGE=0; expires=" PAST,
      SESSION, "a=b; Path=/" },
    { "R1 session and nothing else", "a=b; Expires=" PAST, SESSION, "a=b" },
    { "R1 session takes doubtful ones", "a=b;\fMax-Age=9;Max-Age\v=9;x", SESSION, "a=b;x" },
    { "R3 what has no lifetime is copied", "a=b; Path=/;;Secure ; x", 86400,
      "a=b; Path=/;;Secure ; x" },
    { "R3 unknown attributes", "a=b; Priority=High;Max-Age=9; x=\"y; z\";SameParty", 5,
      "a=b; Priority=High;Max-Age=5; x=\"y; z\";SameParty" },
    { "R3 empty attributes", ";;; Max-Age=9;;;", 5, ";;; Max-Age=5;;;" },
    { "R3 8-bit bytes", "\xff=\x80; \xfe\xfd;Max-Age=9;\xe4=\xf6", 5,
      "\xff=\x80; \xfe\xfd;Max-Age=5;\xe4=\xf6" },
    { "R3 names alike", "a=b; Max-Agee=9; Max-Age x=9; x=Max-Age=9; Expire=0", SESSION,
      "a=b; Max-Agee=9; Max-Age x=9; x=Max-Age=9; Expire=0" },
    { "R3 the pair is no attribute", "Max-Age=9; Max-Age=9", SESSION, "Max-Age=9" },
    { "R3 the pair's bytes", " =a=\"b, c\"\t= ; Max-Age=9", SESSION, " =a=\"b, c\"\t= " },
    { "R3 nothing", "", 86400, "" },
};

static void test_limit(void **state)
{
    const limit_case_t *c = *state;
    pv_span_t out = limit(c->text, strlen(c->text), c->lifetime);

    assert_int_equal(out.len, strlen(c->expected));
    assert_memory_equal(out.ptr, c->expected, out.len);
    limit_free(out);
}

/* Every value, whatever its bytes. */

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/** Whether what stands between two `;` has this name, by hand. */
static int has_name(const char *av, apr_size_t len, const char *name)
{
    apr_size_t i = 0, n = 0;

    while (i < len && strchr(" \t\n\v\f\r", av[i]) != NULL && av[i] != '\0') {
        i++;
    }
    while (i < len && name[n] != '\0' && lower(av[i]) == name[n]) {
        i++;
        n++;
    }
    while (i < len && strchr(" \t\n\v\f\r", av[i]) != NULL && av[i] != '\0') {
        i++;
    }
    return name[n] == '\0' && (i == len || av[i] == '=');
}

/** The value without lifetimes, by hand; out has room for len bytes. */
static apr_size_t without_lifetimes(const char *text, apr_size_t len, char *out)
{
    apr_size_t w = 0, begin = 0;

    while (begin < len) {
        apr_size_t end = begin + 1;

        while (end < len && text[end] != ';') {
            end++;
        }
        if (text[begin] != ';' || !(has_name(text + begin + 1, end - begin - 1, "max-age") ||
                                    has_name(text + begin + 1, end - begin - 1, "expires"))) {
            memcpy(out + w, text + begin, end - begin);
            w += end - begin;
        }
        begin = end;
    }
    return w;
}

static void check_promises(const char *text, apr_size_t len)
{
    static const apr_int64_t lifetimes[] = { 1, 3600, 86400, DAYS400_S };
    char *rest = malloc(len + 1);
    apr_size_t rest_len = without_lifetimes(text, len, rest);
    pv_span_t session = limit(text, len, SESSION);
    pv_set_cookie_t before, after;

    read_guarded(text, len, &before);
    assert_true(same_span(session, pv_span(rest, rest_len)));
    assert_int_equal(before.has_lifetime, rest_len != len);
    assert_true(before.has_lifetime || (!before.deletes && before.lifetime == SESSION));
    assert_true(!before.deletes || before.lifetime == 0);
    read_guarded(session.ptr, session.len, &after);
    assert_int_equal(after.has_lifetime, 0);
    assert_int_equal(after.deletes, 0);
    assert_int_equal(after.lifetime, SESSION);
    for (apr_size_t i = 0; i < sizeof(lifetimes) / sizeof(lifetimes[0]); i++) {
        pv_span_t out = limit(text, len, lifetimes[i]), again;

        read_guarded(out.ptr, out.len, &after);
        assert_int_equal(after.has_lifetime, before.has_lifetime);
        assert_int_equal(after.deletes, 0);
        assert_int_equal(after.lifetime, before.has_lifetime ? lifetimes[i] : SESSION);
        assert_int_equal(after.nameless, before.nameless);
        assert_int_equal(after.name.len, before.name.len);
        again = limit(out.ptr, out.len, SESSION);
        assert_true(same_span(again, session));
        limit_free(again);
        limit_free(out);
    }
    limit_free(session);
    free(rest);
}

static void test_truncated(void **state)
{
    unsigned checked = 0;

    (void)state;
    for (apr_size_t i = 0; i < sizeof(name_cases) / sizeof(name_cases[0]); i++) {
        for (apr_size_t len = 0; len <= name_cases[i].len; len++, checked++) {
            check_promises(name_cases[i].text, len);
        }
    }
    for (apr_size_t i = 0; i < sizeof(life_cases) / sizeof(life_cases[0]); i++) {
        apr_size_t whole = strlen(life_cases[i].text), step = whole > 1000 ? 37 : 1;

        for (apr_size_t len = 0; len <= whole; len += step, checked++) {
            check_promises(life_cases[i].text, len);
        }
    }
    for (apr_size_t i = 0; i < sizeof(limit_cases) / sizeof(limit_cases[0]); i++) {
        apr_size_t whole = strlen(limit_cases[i].text), step = whole > 1000 ? 37 : 1;

        for (apr_size_t len = 0; len <= whole; len += step, checked++) {
            check_promises(limit_cases[i].text, len);
        }
    }
    assert_true(checked > 3000);
}

static unsigned seed;

static unsigned draw(unsigned below)
{
    seed = seed * 1103515245U + 12345U;
    return (seed >> 8) % below;
}

static void test_any_bytes(void **state)
{
    static const char *const pieces[] = {
        ";",  "; ", "=",  ";Max-Age", "; max-age=", ";\tEXPIRES=", "; Expires", "Max-Age",
        "0",  "-",  "+",  ",",        "99999999",   "\t",          "\f",        "\xff",
        "\"", HOUR, PAST, ":",        "\r",         " Jun 99",     "Path",      "x",
    };
    unsigned with = 0, without = 0;

    (void)state;
    seed = 6265;
    for (int i = 0; i < 4000; i++) {
        char text[512] = "";
        pv_set_cookie_t cookie;

        for (unsigned n = draw(16); n > 0; n--) {
            strcat(text, pieces[draw(sizeof(pieces) / sizeof(pieces[0]))]);
        }
        check_promises(text, strlen(text));
        read_guarded(text, strlen(text), &cookie);
        *(cookie.has_lifetime ? &with : &without) += 1;
    }
    assert_true(with > 500 && without > 500);
}

/*
 * Browsers, as far as they differ: which of several attributes they take, what a
 * Max-Age is to them, and what they do after one that is none. What the generator
 * writes, it knows the meaning of.
 */

enum { NOT = -2 }; /* no number, no date: not there */

typedef struct {
    const char *text;
    int kind;           /* 'm', 'e' or 0 */
    apr_int64_t strict; /* seconds left to the RFC; 0 deletes */
    apr_int64_t loose;  /* and to a lenient reader */
} known_t;

static const known_t known[] = {
    { "; Path=/", 0, 0, 0 },
    { ";HttpOnly", 0, 0, 0 },
    { "; Max-Age=0", 'm', 0, 0 },
    { ";max-age=-5", 'm', 0, 0 },
    { "; Max-Age=3600", 'm', 3600, 3600 },
    { "; MAX-AGE = 90000", 'm', 90000, 90000 },
    { "; Max-Age=+7200", 'm', NOT, 7200 },
    { "; Max-Age=+0", 'm', NOT, 0 },
    { "; Max-Age=abc", 'm', NOT, NOT },
    { "; Max-Age", 'm', NOT, NOT },
    { "; Max-Age=0\f", 'm', NOT, 0 },
    { ";\fMax-Age=100000", 'm', NOT, 100000 },
    { "; Max-Age=99999999999999999999x", 'm', NOT, LONGEST },
    { "; Expires=" PAST, 'e', 0, 0 },
    { "; expires=" HOUR, 'e', 3600, 3600 },
    { "; Expires=" DAY, 'e', 86400, 86400 },
    { "; Expires=0", 'e', NOT, NOT },
    { "; Expires=Sat, 15 Jun 12025 15:06:40 GMT", 'e', NOT, APR_INT64_C(315569520000) },
    { "; Expires=01 Jan 1970xy 2099 00:00:00", 'e', 0, APR_INT64_C(2320908800) },
};

#define KNOWN (sizeof(known) / sizeof(known[0]))

typedef struct {
    const char *name;
    int loose;   /* reads as lenient readers do */
    int first;   /* of several takes the first, not the last */
    int of_good; /* of several takes one that it can read, if there is one */
    int stops;   /* after a Max-Age that is none it does not look at Expires */
} browser_t;

static const browser_t browsers[] = {
    { "the RFC's", 0, 0, 1, 0 },
    { "Chromium", 1, 0, 0, 0 },
    { "strict, last counts", 0, 0, 0, 0 },
    { "strict, first counts", 0, 1, 0, 0 },
    { "lenient, first counts", 1, 1, 0, 0 },
    { "lenient, last good counts", 1, 0, 1, 0 },
    { "strict, no second look", 0, 0, 1, 1 },
};

/** What a browser takes of one kind of attribute. */
static apr_int64_t take(const browser_t *b, const known_t *const *list, unsigned n, int kind,
                        int *any)
{
    apr_int64_t taken = NOT;

    *any = 0;
    for (unsigned i = 0; i < n; i++) {
        const known_t *k = list[b->first ? n - 1 - i : i];
        apr_int64_t seconds = b->loose ? k->loose : k->strict;

        if (k->kind == kind) {
            *any = 1;
            if (seconds != NOT || !b->of_good) {
                taken = seconds;
            }
        }
    }
    return taken;
}

/** How long it keeps the cookie: seconds, 0 if it deletes it, or SESSION. */
static apr_int64_t keeps(const browser_t *b, const known_t *const *list, unsigned n)
{
    int any_max_age, any_expires;
    apr_int64_t max_age = take(b, list, n, 'm', &any_max_age);
    apr_int64_t expires = take(b, list, n, 'e', &any_expires);

    if (max_age != NOT) {
        return max_age;
    }
    if (expires != NOT && !(b->stops && any_max_age && !any_expires)) {
        return expires;
    }
    return SESSION;
}

static void test_browsers(void **state)
{
    unsigned deletions = 0, sessions = 0, capped = 0;

    (void)state;
    seed = 156;
    for (int i = 0; i < 30000; i++) {
        const known_t *list[5];
        unsigned n = draw(5);
        char text[512] = "_ga=1";
        pv_set_cookie_t cookie;
        apr_int64_t longest = 0;
        int one_session = 0, asked = 0;

        for (unsigned j = 0; j < n; j++) {
            list[j] = &known[draw(KNOWN)];
            strcat(text, list[j]->text);
        }
        read_guarded(text, strlen(text), &cookie);
        for (apr_size_t j = 0; j < sizeof(browsers) / sizeof(browsers[0]); j++) {
            apr_int64_t kept = keeps(&browsers[j], list, n);

            if (kept != 0 && cookie.deletes) {
                fail_msg("D4 \"%s\" is kept by a browser: %s", text, browsers[j].name);
            }
            if (kept > 0 && kept > cookie.lifetime) {
                fail_msg("R4 \"%s\" is kept longer by a browser: %s", text, browsers[j].name);
            }
            one_session |= kept == SESSION;
            longest = kept > longest ? kept : longest;
        }
        if (longest == 0 && one_session && cookie.lifetime == 0) {
            fail_msg("R4 \"%s\" is a session cookie to a browser", text);
        }
        /* Nor is it a lifetime that nothing asks for. */
        for (unsigned j = 0; j < n && cookie.lifetime > 0; j++) {
            asked |= list[j]->strict == cookie.lifetime || list[j]->loose == cookie.lifetime;
        }
        if (cookie.lifetime > 0 && !asked) {
            fail_msg("R4 \"%s\" has no such lifetime", text);
        }
        deletions += cookie.deletes;
        sessions += cookie.lifetime == SESSION;
        capped += cookie.lifetime > 0;
    }
    assert_true(deletions > 1000 && sessions > 1000 && capped > 1000);
}

#define NAMES  (sizeof(name_cases) / sizeof(name_cases[0]))
#define LIVES  (sizeof(life_cases) / sizeof(life_cases[0]))
#define LIMITS (sizeof(limit_cases) / sizeof(limit_cases[0]))

/* Names that a Set-Cookie can say, and those with which it becomes something else. */

static const struct {
    pv_span_t name;
    int can;
} sayable[] = {
    { PV_SPAN("_ga"), 1 },      { PV_SPAN("a b"), 1 },  { PV_SPAN("a\tb"), 1 },
    { PV_SPAN("\x80\xff"), 1 }, { PV_SPAN(""), 0 },     { PV_SPAN("a;b"), 0 },
    { PV_SPAN("a\0b"), 0 },     { PV_SPAN("a\nb"), 0 }, { PV_SPAN("a\rb"), 0 },
    { PV_SPAN("a\bb"), 0 },     { PV_SPAN("\x1f"), 0 }, { PV_SPAN("a\x7f"), 0 },
};

static void test_can_name(void **state)
{
    (void)state;
    for (apr_size_t i = 0; i < sizeof(sayable) / sizeof(sayable[0]); i++) {
        assert_int_equal(pv_set_cookie_can_name(sayable[i].name), sayable[i].can);
    }
}

static const struct CMUnitTest others[] = {
    { "D4 past is strictly before now", test_now, NULL, NULL, NULL },
    { "F1 cut off at every byte", test_truncated, NULL, NULL, NULL },
    { "R3 any bytes", test_any_bytes, NULL, NULL, NULL },
    { "D4 and R4 hold in every browser", test_browsers, NULL, NULL, NULL },
    { "R5 names that can be said", test_can_name, NULL, NULL, NULL },
};

#define OTHERS (sizeof(others) / sizeof(others[0]))

static struct CMUnitTest tests[NAMES + LIVES + LIMITS + OTHERS];

static void add(struct CMUnitTest **at, const char *name, CMUnitTestFunction f, const void *state)
{
    (*at)->name = name;
    (*at)->test_func = f;
    (*at)->initial_state = (void *)state;
    (*at)++;
}

int main(void)
{
    struct CMUnitTest *at = tests;

    for (apr_size_t i = 0; i < NAMES; i++) {
        add(&at, name_cases[i].title, test_name, &name_cases[i]);
    }
    for (apr_size_t i = 0; i < LIVES; i++) {
        add(&at, life_cases[i].title, test_life, &life_cases[i]);
    }
    for (apr_size_t i = 0; i < LIMITS; i++) {
        add(&at, limit_cases[i].title, test_limit, &limit_cases[i]);
    }
    for (apr_size_t i = 0; i < OTHERS; i++) {
        add(&at, others[i].name, others[i].test_func, NULL);
    }
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return _cmocka_run_group_tests("set-cookie", tests, (size_t)(at - tests), NULL, NULL);
}
