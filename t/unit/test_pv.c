/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* The words that all of the core shares: the search of cookies' separators
 * against a plain loop, and spans. */

#include "guard.h"
#include "pv.h"
#include "suite.h"

#define LONGEST 67 /* four times sixteen and some */

static const char *plain_find(const char *p, const char *end, char a, char b)
{
    for (; p != end; p++) {
        if (*p == a || *p == b) {
            return p;
        }
    }
    return end;
}

/** One pair of bytes to look for, at every length, alignment and place. */
static unsigned find_everywhere(char a, char b, char other)
{
    char filled[LONGEST + 16];
    unsigned checked = 0;

    for (size_t len = 0; len <= LONGEST; len++) {
        for (size_t behind = 0; behind < 16; behind++) {
            char *begin, *end;

            /* What stands behind the end would be found. */
            memset(filled, other, len);
            memset(filled + len, b, behind);
            begin = guard_copy(filled, len + behind);
            end = begin + len;
            assert_ptr_equal(pv_find_either(begin, end, a, b), end);
            for (size_t place = len; place-- > 0; checked++) {
                begin[place] = place % 2 ? a : b;
                assert_ptr_equal(pv_find_either(begin, end, a, b), begin + place);
            }
        }
    }
    guard_free();
    return checked;
}

static void test_find_either(void **state)
{
    unsigned checked = 0;

    (void)state;
    checked += find_everywhere('=', ';', 'x');
    checked += find_everywhere(';', ';', '=');
    checked += find_everywhere('\0', '\xff', '\x7f');
    checked += find_everywhere('\x80', '\x01', '\0');
    assert_true(checked > 100000);
}

static void test_find_any_bytes(void **state)
{
    unsigned found = 0, missed = 0;

    (void)state;
    for (int i = 0; i < 20000; i++) {
        char bytes[LONGEST];
        size_t len = draw(LONGEST + 1);
        char a = (char)draw(256), b = (char)draw(256);
        const char *begin, *want;

        for (size_t j = 0; j < len; j++) {
            bytes[j] = (char)draw(256);
        }
        begin = guard_copy(bytes, len);
        want = plain_find(begin, begin + len, a, b);
        assert_ptr_equal(pv_find_either(begin, begin + len, a, b), want);
        assert_ptr_equal(pv_find(begin, begin + len, a), plain_find(begin, begin + len, a, a));
        for (size_t from = 0; from <= len; from++) {
            assert_ptr_equal(pv_find_within(begin, begin + from, begin + len, a),
                             plain_find(begin + from, begin + len, a, a));
        }
        *(want < begin + len ? &found : &missed) += 1;
    }
    guard_free();
    assert_true(found > 1000 && missed > 1000);
}

/** NULL is an empty span. */
static void test_find_nothing(void **state)
{
    (void)state;
    assert_null(pv_find_either(NULL, NULL, '=', ';'));
}

static void test_span_eq(void **state)
{
    (void)state;
    assert_true(pv_span_eq(PV_SPAN("_ga"), PV_SPAN("_ga")));
    assert_false(pv_span_eq(PV_SPAN("_ga"), PV_SPAN("_gA")));
    assert_false(pv_span_eq(PV_SPAN("_ga"), PV_SPAN("_g")));
    assert_false(pv_span_eq(PV_SPAN("a\0b"), PV_SPAN("a\0c")));
    assert_true(pv_span_eq(pv_span(NULL, 0), PV_SPAN("")));
}

/** Only the 26 letters have two cases. */
static void test_nocase(void **state)
{
    (void)state;
    for (int i = 0; i < 256; i++) {
        for (int j = 0; j < 256; j++) {
            char a = (char)i, b = (char)j;
            int letter = (i | 32) >= 'a' && (i | 32) <= 'z' && i < 128;
            int same = i == j || (letter && (i ^ j) == 32);

            assert_int_equal(pv_span_eq_nocase(pv_span(&a, 1), pv_span(&b, 1)), same);
            assert_int_equal(pv_lower(a) == pv_lower(b), same);
        }
    }
    assert_true(pv_span_eq_nocase(PV_SPAN("Set-COOKIE"), PV_SPAN("set-cookie")));
    assert_false(pv_span_eq_nocase(PV_SPAN("Set-Cookie"), PV_SPAN("Set-Cookie2")));
    assert_false(pv_span_eq_nocase(PV_SPAN("Set-Cookie"), PV_SPAN("Set_Cookie")));
}

static void test_classes(void **state)
{
    (void)state;
    for (int i = 0; i < 256; i++) {
        char c = (char)i;

        assert_int_equal(pv_is_wsp(c), i == ' ' || i == '\t');
        assert_int_equal(pv_is_outer_space(c), i == ' ' || (i >= 9 && i <= 13));
        assert_int_equal(pv_is_digit(c), i >= '0' && i <= '9');
    }
}

static void test_trim(void **state)
{
    static const char text[] = " \t\v a b\f \r\n";
    const char *copy = guard_copy(text, sizeof(text) - 1);
    pv_span_t whole = pv_span(copy, sizeof(text) - 1);

    (void)state;
    assert_true(pv_span_eq(pv_span_trim(whole, pv_is_outer_space), PV_SPAN("a b")));
    assert_true(pv_span_eq(pv_span_trim(whole, pv_is_wsp), PV_SPAN("\v a b\f \r\n")));
    assert_int_equal(pv_span_trim(pv_span(copy, 3), pv_is_outer_space).len, 0);
    assert_int_equal(pv_span_trim(pv_span(NULL, 0), pv_is_outer_space).len, 0);
    guard_free();
}

int main(void)
{
    suite_add("either byte, at every length, alignment and place", test_find_either, NULL);
    suite_add("either byte, among any", test_find_any_bytes, NULL);
    suite_add("either byte, in nothing", test_find_nothing, NULL);
    suite_add("spans equal to the byte", test_span_eq, NULL);
    suite_add("spans equal but for the case of ASCII letters", test_nocase, NULL);
    suite_add("D3 white space and digits, byte by byte", test_classes, NULL);
    suite_add("D3 white space at either end", test_trim, NULL);
    return suite_run("pv", NULL, NULL);
}
