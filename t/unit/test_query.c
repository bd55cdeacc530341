/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* Q5: parameters leave a query, the others keep their bytes and order. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "guard.h"
#include "policy/pv_query.h"

#define TEXT(literal) literal, sizeof(literal) - 1

typedef struct {
    const char *title;
    const char *text;
    apr_size_t len;
    const char *want; /**< NULL: unchanged; "": empty */
} query_case_t;

/* Denied: gclid, "a b", and any name that holds a NUL. */
static int denied(void *data, const char *name, apr_size_t len)
{
    ++*(int *)data;
    return (len == 5 && memcmp(name, "gclid", 5) == 0) ||
           (len == 3 && memcmp(name, "a b", 3) == 0) || memchr(name, '\0', len) != NULL;
}

static const query_case_t queries[] = {
    { "Q5 alone", TEXT("gclid=XYZ"), "" },
    { "Q5 first", TEXT("gclid=XYZ&a=1&b"), "a=1&b" },
    { "Q5 in the middle", TEXT("a=1&gclid=XYZ&b"), "a=1&b" },
    { "Q5 last", TEXT("a=1&b&gclid=XYZ"), "a=1&b" },
    { "Q5 twice", TEXT("gclid=1&a=1&gclid=2"), "a=1" },
    { "Q5 nothing else", TEXT("gclid=1&gclid=2&gclid"), "" },
    { "Q5 without a value", TEXT("a&gclid&b"), "a&b" },
    { "Q5 empty value", TEXT("gclid=&b"), "b" },
    { "Q5 value with =", TEXT("gclid=a=b&c"), "c" },
    { "Q5 encoded name", TEXT("a=1&%67cli%64=XYZ"), "a=1" },
    { "Q5 plus is a space", TEXT("a+b=1&c"), "c" },
    { "Q5 encoded space", TEXT("a%20b=1&c"), "c" },
    { "Q5 encoded plus is none", TEXT("a%2Bb=1&c"), NULL },
    { "Q5 encoded NUL", TEXT("x%00=1&c"), "c" },
    { "Q5 name minds case", TEXT("GCLID=1"), NULL },
    { "Q5 longer name", TEXT("gclidx=1&xgclid=1"), NULL },
    { "Q5 name in a value", TEXT("a=gclid"), NULL },
    { "Q5 ; separates nothing", TEXT("a=1;gclid=XYZ&gclid;b=1"), NULL },
    { "Q5 encoded & separates nothing", TEXT("a=1%26gclid=XYZ"), NULL },
    { "Q5 encoded = is part of the name", TEXT("gclid%3D=1"), NULL },
    { "Q5 decoded once", TEXT("%2567clid=1"), NULL },
    { "Q5 bytes are kept", TEXT("%61=%7e+%zz&gclid=1&=x&%&\xff"), "%61=%7e+%zz&=x&%&\xff" },
    { "Q5 empty parameters are kept", TEXT("&&a&&gclid=1&&"), "&&a&&&" },
    { "Q5 nothing to remove", TEXT("a=1&b=2"), NULL },
    { "Q5 empty query", TEXT(""), NULL },
    { "Q5 only separators", TEXT("&&"), NULL },
    { "Q5 percent at the end", TEXT("a=1&gclid%"), NULL },
    { "Q5 percent and a digit at the end", TEXT("a=1&gcli%6"), NULL },
};
#define QUERIES (sizeof(queries) / sizeof(*queries))

static const query_case_t urls[] = {
    { "Q5 URL", TEXT("https://h/p?a=1&gclid=2#gclid"), "https://h/p?a=1#gclid" },
    { "Q5 URL with nothing left", TEXT("https://h/p?gclid=2"), "https://h/p" },
    { "Q5 URL with nothing left but a fragment", TEXT("/p?gclid=2#f"), "/p#f" },
    { "Q5 URL without a query", TEXT("https://h/gclid=1"), NULL },
    { "Q5 URL with an empty query", TEXT("https://h/?"), NULL },
    { "Q5 fragment is no query", TEXT("https://h/#?gclid=1"), NULL },
    { "Q5 the second ? is of the value", TEXT("/?a=?gclid=1&gclid=1"), "/?a=?gclid=1" },
    { "Q5 empty URL", TEXT(""), NULL },
};
#define URLS (sizeof(urls) / sizeof(*urls))

typedef pv_query_result_t (*filter_t)(const char *buf, apr_size_t len, pv_query_denied_fn is_denied,
                                      void *data, char *out, apr_size_t *out_len);

/** Whole and cut at every byte, input and output each against a guard page. */
static void check(filter_t filter, const query_case_t *c)
{
    char *room = malloc(c->len + 1);
    pv_query_result_t result;
    apr_size_t len;
    int calls = 0;

    for (apr_size_t n = 0; n < c->len; n++) {
        char *out = malloc(n > 0 ? n : 1);

        filter(guard_copy(c->text, n), n, denied, &calls, out, &len);
        assert_true(len <= n);
        filter(c->text, n, denied, &calls, guard_copy(c->text, n), &len);
        free(out);
    }
    result = filter(guard_copy(c->text, c->len), c->len, denied, &calls, room, &len);
    if (c->want == NULL) {
        assert_int_equal(result, PV_QUERY_SAME);
    }
    else {
        room[len] = '\0';
        assert_string_equal(room, c->want);
        assert_int_equal(result, len > 0 ? PV_QUERY_CHANGED : PV_QUERY_EMPTY);
    }
    guard_free();
    free(room);
}

static void test_query(void **state)
{
    check(pv_query_filter, *state);
}

static void test_url(void **state)
{
    check(pv_query_filter_url, *state);
}

int main(void)
{
    static struct CMUnitTest tests[QUERIES + URLS];

    for (size_t i = 0; i < QUERIES + URLS; i++) {
        const query_case_t *c = i < QUERIES ? &queries[i] : &urls[i - QUERIES];

        tests[i].name = c->title;
        tests[i].test_func = i < QUERIES ? test_query : test_url;
        tests[i].initial_state = (void *)c;
    }
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return _cmocka_run_group_tests("query", tests, QUERIES + URLS, NULL, NULL);
}
