/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* PrivacyTracker's sources: what may be declared, and which one a URL loads (H2,
 * R6, directives). */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "guard.h"
#include "policy/pv_tracker.h"

#define X10(x) x x x x x x x x x x

static apr_pool_t *pool;

typedef struct {
    const char *source;
    const char *want; /**< `HOST PATH`, `*.HOST PATH`, or the error */
} parse_case_t;

static const char bad_path[] = "PATH is written as in a URL, other characters percent-encoded";
static const char bad_star[] = "* may only stand in front of a HOST, as in *.example.com";
static const char bad_end[] =
    "HOST ends in a number or in an A-label and is no valid address or A-label";

static const parse_case_t parse_cases[] = {
    { "t.example", "t.example " },
    { "*.t.example", "*.t.example " },
    { "t.example/", "t.example " },
    { "t.example/tr", "t.example /tr" },
    { "t.example/tr/", "t.example /tr" },
    { "t.example/a/b.js", "t.example /a/b.js" },
    { "*.t.example/a/%74r", "*.t.example /a/tr" },
    { "t.example/%C3%BC", "t.example /\xc3\xbc" },
    { "t.example/A", "t.example /A" },
    { "localhost", "localhost " },
    { "_x.t.example", "_x.t.example " },
    { "xn--bcher-kva.example", "xn--bcher-kva.example " },
    { "192.0.2.1", "192.0.2.1 " },
    { "", "HOST is missing" },
    { "/tr", "HOST is missing" },
    { "*.", "HOST is missing" },
    { "*./tr", "HOST is missing" },
    { "https://t.example", "a scheme does not belong to a source" },
    { "t.example/x://y", "a scheme does not belong to a source" },
    { "//t.example", "HOST is missing" },
    { "t.example:443", "a port does not belong to a source: HOST means every port" },
    { "u@t.example", "user information does not belong to a source" },
    { "T.example", "HOST is written in lower case" },
    { "b\xc3\xbc"
      "cher.example",
      "HOST is written in ASCII, other letters as A-labels (xn--...)" },
    { "*", bad_star },
    { "*t.example", bad_star },
    { "t.*.example", bad_star },
    { "*.*.example", bad_star },
    { "t.example/*",
      "* may only stand in front of a HOST, as in *.example.com; in a PATH it is %2A" },
    { "t..example", "HOST has an empty label" },
    { ".t.example", "HOST has an empty label" },
    { "t.example.", "HOST does not end with a dot" },
    { "t example", "HOST consists of letters, digits, -, _ and dots" },
    { "t.example\\x", "HOST consists of letters, digits, -, _ and dots" },
    { "[::1]", "an IPv6 address cannot be declared" },
    { X10("0123456") "x.example", "a label of HOST is longer than 63 characters" },
    { X10("0123456789.0123456789.0123.") "x", "HOST is longer than 253 characters" },
    { "192.0.2.256", bad_end },
    { "192.0.2.01", bad_end },
    { "t.1", bad_end },
    { "0xc0000201", bad_end },
    { "xn--t-.example", bad_end },
    { "*.192.0.2.1", "an address has no subdomains" },
    { "t.example?x", "a query or a fragment does not belong to a source" },
    { "t.example/x?y", "a query or a fragment does not belong to a source" },
    { "t.example/x#y", "a query or a fragment does not belong to a source" },
    { "t.example/a b", bad_path },
    { "t.example/\xc3\xbc", bad_path },
    { "t.example/a\\b", bad_path },
    { "t.example/%", "in a PATH, % is followed by two hexadecimal digits" },
    { "t.example/%4", "in a PATH, % is followed by two hexadecimal digits" },
    { "t.example/%4g", "in a PATH, % is followed by two hexadecimal digits" },
    { "t.example//a", "PATH has an empty segment" },
    { "t.example/a//", "PATH has an empty segment" },
    { "t.example/./a", "PATH has a dot segment" },
    { "t.example/a/%2e%2E", "PATH has a dot segment" },
    { "t.example/" X10("012345678901234567890123456"), "PATH is longer than 255 characters" },
};
#define PARSES (sizeof(parse_cases) / sizeof(*parse_cases))

static void test_parse(void **state)
{
    const parse_case_t *c = *state;
    size_t len = strlen(c->source);
    pv_tracker_t tracker;
    const char *error;
    pv_status_t status;

    for (size_t n = 0; n < len; n++) {
        status = pv_tracker_parse(guard_copy(c->source, n), n, &tracker, &error, pool);
        assert_true((status == PV_OK) == (error == NULL));
    }
    status = pv_tracker_parse(guard_copy(c->source, len), len, &tracker, &error, pool);
    if (status == PV_OK) {
        error = apr_psprintf(pool, "%s%.*s %.*s", tracker.subdomains ? "*." : "",
                             (int)tracker.host.len, tracker.host.ptr, (int)tracker.path.len,
                             tracker.path.len > 0 ? tracker.path.ptr : "");
    }
    assert_string_equal(error, c->want);
    guard_free();
}

/* One policy for all look-ups. */
static const char *const sources[] = {
    "t.example",
    "*.all.example",
    "x.all.example/tr",
    "*.deep.all.example/a",
    "path.example/tr",
    "path.example/tr/long",
    "path.example/a/b.js",
    "*.path.example",
    "*.path.example/up",
    "192.0.2.1",
    "xn--bcher-kva.example",
    "enc.example/%C3%BC",
    "site.test/own",
    "enc.example/a%2Fb",
    "*.example.com",
};
#define SOURCES (sizeof(sources) / sizeof(*sources))

static pv_tracker_t trackers[SOURCES];
static const pv_tracker_table_t *table;

typedef struct {
    const char *title;
    const char *ref;  /**< against https://site.test/dir/page */
    const char *want; /**< a source, or NULL */
} find_case_t;

static const find_case_t find_cases[] = {
    { "exact host", "https://t.example/any", "t.example" },
    { "exact host is no subdomain", "https://a.t.example/", NULL },
    { "exact host is no suffix", "https://at.example/", NULL },
    { "exact host is no prefix", "https://t.example.org/", NULL },
    { "*. covers the host itself", "https://all.example/", "*.all.example" },
    { "*. covers a subdomain", "https://a.all.example/", "*.all.example" },
    { "*. covers any depth", "https://a.b.c.all.example/", "*.all.example" },
    { "*. ends at a label", "https://xall.example/", NULL },
    { "exact before *.", "https://x.all.example/tr", "x.all.example/tr" },
    { "*. where the exact host's path is another", "https://x.all.example/", "*.all.example" },
    { "the longest *.", "https://y.deep.all.example/a/b", "*.deep.all.example/a" },
    { "a shorter *. where the longest one's path is another", "https://y.deep.all.example/b",
      "*.all.example" },
    { "exact *. host before", "https://deep.all.example/a", "*.deep.all.example/a" },
    { "path", "https://path.example/tr", "path.example/tr" },
    { "path and slash", "https://path.example/tr/", "path.example/tr" },
    { "path and segment", "https://path.example/tr/x", "path.example/tr" },
    { "path and query", "https://path.example/tr?x", "path.example/tr" },
    { "path and fragment", "https://path.example/tr#x", "path.example/tr" },
    { "path ends at a segment", "https://path.example/trends", "*.path.example" },
    { "path minds case", "https://path.example/TR", "*.path.example" },
    { "longer path before shorter", "https://path.example/tr/long/x", "path.example/tr/long" },
    { "file", "https://path.example/a/b.js", "path.example/a/b.js" },
    { "exact host's path before *.'s", "https://path.example/tr/up", "path.example/tr" },
    { "path of *. before the whole", "https://a.path.example/up", "*.path.example/up" },
    { "encoded letter", "https://path.example/%74r", "path.example/tr" },
    { "encoded slash", "https://path.example/tr%2Fx", "path.example/tr" },
    { "dot segments", "https://path.example/x/../tr", "path.example/tr" },
    { "encoded dot segments behind an encoded slash", "https://path.example/x%2f..%2Ftr",
      "path.example/tr" },
    { "encoded slashes that a browser takes back, and those that it does not",
      "https://path.example/a%2Fb/../x%2f..%2Ftr", "path.example/tr" },
    { "as sent, though a server may resolve it", "https://path.example/tr/%2e%2e%2fx",
      "path.example/tr" },
    { "the longer of both readings", "https://path.example/tr//long", "path.example/tr/long" },
    { "empty segments", "https://path.example//tr", "path.example/tr" },
    { "declared encoded, given raw", "https://enc.example/\xc3\xbc", "enc.example/%C3%BC" },
    { "declared encoded, given encoded", "https://enc.example/%c3%bc/x", "enc.example/%C3%BC" },
    { "declared with an encoded slash", "https://enc.example/a/b", "enc.example/a%2Fb" },
    { "a long way back to the path", "https://path.example/" X10("0123456789/") X10("../") "tr",
      "path.example/tr" },
    { "long path below a declared one",
      "https://path.example/tr/" X10(X10("0123456789/")) X10(X10("0123456789/")),
      "path.example/tr" },
    { "long path with another beginning",
      "https://path.example/" X10(X10("0123456789/")) X10(X10("0123456789/")) "tr",
      "*.path.example" },
    { "address in another spelling", "https://3221225985/", "192.0.2.1" },
    { "U-label",
      "https://b\xc3\xbc"
      "cher.example/",
      "xn--bcher-kva.example" },
    { "disguised", "ht\ntps:\\\\u@T\xc2\xad%2EEXAMPLE.:8443", "t.example" },
    { "a third slash", "https:///t.example/", "t.example" },
    { "a third slash behind a newline", "https://\n/t.example/", "t.example" },
    { "a third slash behind a newline, of another scheme", "http://\r\n/\t/t.example/",
      "t.example" },
    { "a third slash without a scheme", "//\n/t.example/", "t.example" },
    { "lookalike", "https://t\xd0\xb0.example/", NULL },
    { "websocket", "wss://t.example/", "t.example" },
    { "other scheme", "ftp://t.example/", NULL },
    { "data", "data:text/html,//t.example/", NULL },
    { "not a host", "https://t .example/", NULL },
    { "scheme-relative", "//t.example/", "t.example" },
    { "own host", "/own/x.js", "site.test/own" },
    { "own host, relative", "../own", "site.test/own" },
    { "own host, another path", "/other", NULL },
    { "host in a path", "/t.example/", NULL },
    { "empty label above", "https://a..all.example/", "*.all.example" },
};
#define FINDS (sizeof(find_cases) / sizeof(*find_cases))

static const pv_tracker_t *resolve(const char *base, const char *ref, size_t len)
{
    char room[PV_HOST_ROOM];
    pv_tracker_base_t at;
    pv_url_t url;

    assert_int_equal(pv_url_read(base, strlen(base), NULL, room, &url), PV_OK);
    pv_tracker_base_set(table, &url, &at);
    return pv_tracker_resolve(table, &at, ref, len);
}

static void test_find(void **state)
{
    const find_case_t *c = *state;
    size_t len = strlen(c->ref);
    const pv_tracker_t *found;

    for (size_t n = 0; n < len; n++) {
        resolve("https://site.test/dir/page", guard_copy(c->ref, n), n);
    }
    found = resolve("https://site.test/dir/page", guard_copy(c->ref, len), len);
    assert_string_equal(found ? found->owner : "none", c->want ? c->want : "none");
    guard_free();
}

/* H4: a base that points at a tracker takes what is relative there. */
static void test_base(void **state)
{
    (void)state;
    assert_string_equal(resolve("https://t.example/", "/x", 2)->owner, "t.example");
    assert_string_equal(resolve("https://t.example/", "x", 1)->owner, "t.example");
    assert_string_equal(resolve("https://path.example/tr/", "x", 1)->owner, "path.example/tr");
    assert_null(resolve("https://t.example/", "https://site.test/", 18));
    assert_null(resolve("https://free.test/", "/own/x.js", 9));
    assert_null(resolve("https://free.test/", "x", 1));
}

/* The first of two equal sources is found, and the second says so. */
static void test_twins(void **state)
{
    static const char *const texts[] = { "a.example",    "*.a.example", "a.example/x",  "a.example",
                                         "a.example/x/", "*.a.example", "a.example/%78" };
    enum { N = sizeof(texts) / sizeof(*texts) };
    static const int twin_of[N] = { -1, -1, -1, 0, 2, 1, 2 };
    pv_tracker_t list[N];
    const char *error;

    (void)state;
    for (int i = 0; i < N; i++) {
        assert_int_equal(pv_tracker_parse(texts[i], strlen(texts[i]), &list[i], &error, pool),
                         PV_OK);
    }
    pv_tracker_table_make(list, N, pool);
    for (int i = 0; i < N; i++) {
        assert_ptr_equal(list[i].twin, twin_of[i] < 0 ? NULL : &list[twin_of[i]]);
    }
}

/* Every one of many is found again, nothing else is; an empty table finds nothing. */
static void test_many(void **state)
{
    enum { N = 5000 };
    pv_tracker_t *list = apr_pcalloc(pool, N * sizeof(*list));
    const pv_tracker_table_t *many;
    char room[PV_HOST_ROOM];
    const char *error;
    pv_url_t url;

    (void)state;
    for (int i = 0; i < N; i++) {
        const char *source = apr_psprintf(pool,
                                          i % 3 == 0   ? "*.t%d.example"
                                          : i % 3 == 1 ? "t%d.example"
                                                       : "one.example/p%d",
                                          i);

        assert_int_equal(pv_tracker_parse(source, strlen(source), &list[i], &error, pool), PV_OK);
    }
    many = pv_tracker_table_make(list, N, pool);
    for (int i = 0; i < N; i++) {
        const char *ref = apr_psprintf(
            pool, i % 3 == 2 ? "https://one.example/p%d/x" : "https://t%d.example/", i);
        const char *miss = apr_psprintf(pool, "https://u%d.example/p%d", i, i);

        assert_int_equal(pv_url_read(ref, strlen(ref), NULL, room, &url), PV_OK);
        assert_ptr_equal(pv_tracker_find(many, &url), &list[i]);
        assert_int_equal(pv_url_read(miss, strlen(miss), NULL, room, &url), PV_OK);
        assert_null(pv_tracker_find(many, &url));
    }
    many = pv_tracker_table_make(NULL, 0, pool);
    assert_null(pv_tracker_find(many, &url));
}

/* A host of nothing but declared labels. */
static void test_all_labels(void **state)
{
    enum { N = 127 };
    pv_tracker_t list[N];
    char host[2 * N] = "https://";
    const char *text = host + 8, *error;
    char room[PV_HOST_ROOM];
    pv_url_t url;

    (void)state;
    for (int i = 0; i < 2 * N - 10; i++) {
        host[8 + i] = i % 2 ? '.' : 'a';
    }
    host[8 + 2 * N - 11] = '\0';
    for (int i = 0; i < N - 5; i++) {
        const char *source = apr_pstrcat(pool, "*.", text + 2 * i, NULL);

        assert_int_equal(pv_tracker_parse(source, strlen(source), &list[i], &error, pool), PV_OK);
    }
    assert_int_equal(pv_url_read(host, strlen(host), NULL, room, &url), PV_OK);
    assert_ptr_equal(pv_tracker_find(pv_tracker_table_make(list, N - 5, pool), &url), &list[0]);
}

static const struct CMUnitTest others[] = {
    cmocka_unit_test(test_base),
    cmocka_unit_test(test_twins),
    cmocka_unit_test(test_many),
    cmocka_unit_test(test_all_labels),
};
#define OTHERS (sizeof(others) / sizeof(*others))

static void set(struct CMUnitTest *test, const char *name, CMUnitTestFunction f, const void *state)
{
    test->name = name;
    test->test_func = f;
    test->initial_state = (void *)state;
}

int main(void)
{
    static struct CMUnitTest tests[PARSES + FINDS + OTHERS];
    const char *error;
    int failed;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    for (size_t i = 0; i < SOURCES; i++) {
        if (pv_tracker_parse(sources[i], strlen(sources[i]), &trackers[i], &error, pool) != PV_OK) {
            return 1;
        }
        trackers[i].owner = (void *)sources[i];
    }
    table = pv_tracker_table_make(trackers, SOURCES, pool);
    for (size_t i = 0; i < PARSES; i++) {
        set(&tests[i], apr_pstrcat(pool, "source <", parse_cases[i].source, ">", NULL), test_parse,
            &parse_cases[i]);
    }
    for (size_t i = 0; i < FINDS; i++) {
        set(&tests[PARSES + i], find_cases[i].title, test_find, &find_cases[i]);
    }
    memcpy(tests + PARSES + FINDS, others, sizeof(others));
    cmocka_set_message_output(CM_OUTPUT_TAP);
    failed = _cmocka_run_group_tests("tracker", tests, PARSES + FINDS + OTHERS, NULL, NULL);
    apr_pool_destroy(pool);
    return failed;
}
