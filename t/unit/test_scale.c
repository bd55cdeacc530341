/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* What a client can make the module do grows with what it sends, not with its
 * square (F1): read, judge, write and expire headers that are all separators,
 * joints or names, of a size and of eight times that size. Nor does it grow with the
 * number of declared cookies (P1) or trackers (P3). What is counted are the basic blocks
 * that run, and the bytes that libc looks at for them: the Makefile compiles this file,
 * and what it includes, with -fsanitize-coverage=trace-pc. */

#include "policy_fixture.h"

static unsigned long long work;

/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): the compiler's
 * name for what it calls at the beginning of each basic block. */
void __sanitizer_cov_trace_pc(void);
#if defined(__clang__)
__attribute__((no_sanitize("coverage")))
#else
__attribute__((no_sanitize_coverage))
#endif
void __sanitizer_cov_trace_pc(void)
{
    work++;
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

static inline void *count_memchr(const void *buf, int c, size_t len)
{
    const void *found = memchr(buf, c, len);

    work += found ? (size_t)((const char *)found - (const char *)buf) : len;
    return (void *)found;
}

static inline void *count_memcpy(void *to, const void *from, size_t len)
{
    work += len;
    return memcpy(to, from, len);
}

static inline size_t count_strlen(const char *text)
{
    size_t len = strlen(text);

    work += len;
    return len;
}

#undef memchr
#undef memcpy
#undef strlen
#define memchr count_memchr
#define memcpy count_memcpy
#define strlen count_strlen

/* Instead of those of the library, whose words are not counted. Names that are
 * static in more than one of them get a name of their own.
 * NOLINTBEGIN(bugprone-suspicious-include) */
#include "consent/pv_consent.c"
#include "consent/pv_signal.c"
#include "cookie/pv_cookie_header.c"
#include "policy/pv_names.c"
#define put put_record
#include "consent/pv_record.c"
#undef put
#define put put_pair
#include "enforce/pv_cookies.c"
#undef put
#define put put_expiry
#include "enforce/pv_expire.c"
#undef put
#define is_plain is_plain_path
#include "policy/pv_tracker.c"
#undef is_plain
/* NOLINTEND(bugprone-suspicious-include) */

#define NOW   APR_INT64_C(1750000000)
#define SMALL 100000
#define LARGE 800000

/** Filled with a text over and over; what is cut off at the end is `;`. */
typedef struct {
    const char *title;
    const char *text;
} size_case_t;

static const size_case_t cases[] = {
    { "800 KB of a denied name", "_ga=;" },
    { "800 KB of nameless pairs", "_ga;" },
    { "800 KB of pairs of nothing but =", "=;" },
    { "800 KB of ;", ";" },
    { "800 KB of white space", " \t" },
    { "800 KB of one value", "x" },
    { "800 KB of =", "=" },
    { "800 KB of ,", "," },
    { "800 KB of commas and spaces", ", " },
    { "800 KB of joints", ", a=" },
    { "800 KB of denied joints", ", _ga=" },
    { "800 KB of joints, every other one denied", ", _ga=, a=" },
    { "800 KB of tokens that begin no pair", ", aaaaaaaa" },
    { "800 KB of records", "privacy_consent=v=1&p=1&t=1&analytics=1;" },
    { "800 KB of one record", "&v=1" },
    { "800 KB of allowed cookies", "sid=1;" },
    { "800 KB that a glob almost matches", "_gb_b_b" },
    { "800 KB of names that no header holds", "n\x01=;" },
};

/** A header of this size; its pairs are numbered where numbered is set. */
static char *fill(const char *text, size_t size, int numbered, apr_pool_t *pool)
{
    char *header = apr_palloc(pool, size + 32);
    size_t len = 0;

    for (int i = 0; len < size; i++) {
        if (numbered) {
            len += (size_t)apr_snprintf(header + len, 32, "n%x=;", i);
        }
        else {
            size_t text_len = strlen(text);
            size_t room = size - len;

            memcpy(header + len, text, text_len < room ? text_len : room);
            len += text_len;
        }
    }
    return header;
}

static void ignore(void *ctx, const char *value, const pv_request_cookie_t *cookie)
{
    (void)value;
    (void)cookie;
    ++*(int *)ctx;
}

/** All that is done for a request with this header, twice: on a navigation (R5) and
 *  on withdrawal (M7). @return the work of it */
static unsigned long long handle(const pv_policy_t *policy, const char *header, size_t size,
                                 apr_pool_t *pool)
{
    pv_heard_t heard = { .signals = 0 };
    pv_expire_options_t options = { "w.a.test", 1, PV_EXPIRE_BYTES_MAX, 12345 };
    pv_consent_t consent;
    pv_cookies_t cookies;
    pv_record_t record;
    int lines = 0;

    work = 0;
    pv_cookies_read(policy, header, size, &cookies, pool);
    if (pv_cookies_record(policy, &cookies, NOW, &record)) {
        heard.record = &record;
    }
    heard.signals = (unsigned)pv_signal_present(header, size);
    pv_consent_resolve(policy, &heard, &consent);
    pv_cookies_judge(policy, &consent, &cookies);
    if (cookies.denied > 0) {
        pv_cookies_write(&cookies, apr_palloc(pool, size));
    }
    pv_expire(&cookies, &options, ignore, &lines, pool);
    options.bytes_max = 0;
    pv_expire(&cookies, &options, ignore, &lines, pool);
    return work;
}

/** The work for a header of this size. */
static unsigned long long measure(const char *text, size_t size, int numbered)
{
    site_t site = site_begin();
    const pv_policy_t *policy;
    unsigned long long done;

    site_category(&site, "essential", PV_BASIS_NECESSARY);
    site_category(&site, "analytics", PV_BASIS_OPT_IN);
    site_cookie(&site, "sid", "essential");
    site_cookie(&site, "_ga", "analytics");
    site_cookie(&site, "_g*_b?b", "analytics");
    site_cookie(&site, "n*", "analytics");
    policy = site_sound(&site);
    done = handle(policy, fill(text, size, numbered, site.pool), size, site.pool);
    site_end(&site);
    return done;
}

/** Eight times the bytes are eight times the work, and something for what is made
 *  once or grows by doubling. */
static void check(const char *text, int numbered)
{
    unsigned long long small = measure(text, SMALL, numbered);
    unsigned long long large = measure(text, LARGE, numbered);

    if (small < SMALL / 16) {
        fail_msg("no work was counted: %llu", small);
    }
    if (large > small * 12) {
        fail_msg("%llu for %d bytes, %llu for %d", small, SMALL, large, LARGE);
    }
    /* Nor is it much for a byte. */
    assert_true(large < (unsigned long long)LARGE * 1000);
}

static void test_case(void **state)
{
    check(((const size_case_t *)*state)->text, 0);
}

static void test_numbered(void **state)
{
    (void)state;
    check(NULL, 1);
}

/** The work for a usual header where so many cookies are declared. */
static unsigned long long measure_declared(int count)
{
    static const char header[] =
        "n1=GA1.2.1234567890.1234567890; n2=1; g0_ABCDEF=GS1.1.1234567890; sid=abcdef0123456789; "
        "app1=value_abcdefghij; app2=value_abcdefghij; app3=value_abcdefghij; n3=fb.1.1234567890; "
        "application-with-a-long-name=1; x=1; nothing; g0=1; n=2; n11111=3";
    site_t site = site_begin();
    unsigned long long done;

    site_category(&site, "essential", PV_BASIS_NECESSARY);
    site_category(&site, "analytics", PV_BASIS_OPT_IN);
    site_cookie(&site, "sid", "essential");
    for (int i = 0; i < count; i++) {
        site_cookie(&site, apr_psprintf(site.pool, i % 10 != 0 ? "n%d" : "g%d_*", i), "analytics");
    }
    done = handle(site_sound(&site), header, sizeof(header) - 1, site.pool);
    site_end(&site);
    return done;
}

/** The work for what a page refers to where so many trackers are declared. */
static unsigned long long measure_trackers(int count)
{
    static const char *const refs[] = {
        "/style.css",
        "img/1.jpg",
        "#top",
        "https://www.example.com/jobs/1?x=1&y=2",
        "//cdn.example.com/a/b/c.js",
        "https://t1.example/t.js",
        "https://a.b.t2.example/collect?v=1",
        "https://t3.example/tr/pixel/1.gif",
        "https://t3.example/trends",
        "https://t11111.example/",
    };
    site_t site = site_begin();
    const pv_policy_t *policy;
    char room[PV_HOST_ROOM];
    pv_tracker_base_t base;
    pv_url_t page;

    site_category(&site, "analytics", PV_BASIS_OPT_IN);
    for (int i = 0; i < count; i++) {
        static const char *const how[] = { "t%d.example", "t%d.example", "*.t%d.example",
                                           "t%d.example/tr" };

        site_tracker(&site, apr_psprintf(site.pool, how[i % 4], i), "analytics");
    }
    policy = site_sound(&site);
    assert_int_equal(
        pv_url_document(PV_URL_HTTPS, PV_SPAN("www.example.org"), PV_SPAN("/a/b"), room, &page),
        PV_OK);
    pv_tracker_base_set(policy->trackers, &page, &base);
    work = 0;
    for (size_t i = 0; i < sizeof(refs) / sizeof(*refs); i++) {
        int is_one = pv_tracker_resolve(policy->trackers, &base, refs[i], strlen(refs[i])) != NULL;

        assert_int_equal(is_one, i >= 5 && i <= 7);
    }
    site_end(&site);
    return work;
}

/** What costs no more for 5,000 than for 10. */
typedef struct {
    const char *title;
    unsigned long long (*measure)(int count);
} declared_case_t;

static const declared_case_t declared_cases[] = {
    { "P1 5,000 declared cookies cost what 10 do", measure_declared },
    { "P3 5,000 declared trackers cost what 10 do", measure_trackers },
};

static void test_declared(void **state)
{
    const declared_case_t *c = *state;
    unsigned long long few = c->measure(10), many = c->measure(5000);

    if (few < 100 || many * 100 > few * 105) {
        fail_msg("%llu with 10 of them, %llu with 5,000", few, many);
    }
}

int main(void)
{
    suite_table(cases, test_case);
    suite_table(declared_cases, test_declared);
    suite_add("800 KB of different denied names", test_numbered, NULL);
    return suite_run("scale", site_setup, site_teardown);
}
