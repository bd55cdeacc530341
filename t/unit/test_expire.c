/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* What makes a browser forget: the lines written for each denied cookie (R5, M7). */

#include "enforce/pv_expire.h"
#include "guard.h"
#include "policy_fixture.h"

#define MAX "; Max-Age=0; Path="

typedef struct {
    const char *title;
    const char *header;
    const char *host;
    int secure;
    const char *want; /**< lines, each ending in \n */
} expire_case_t;

static const expire_case_t cases[] = {
    { "R5 host-only, the host, its parents", "_ga=1", "w.a.test", 0,
      "_ga=" MAX "/\n_ga=" MAX "/; Domain=w.a.test\n_ga=" MAX "/; Domain=a.test\n" },
    { "R5 two labels", "_ga=1", "a.test", 0, "_ga=" MAX "/\n_ga=" MAX "/; Domain=a.test\n" },
    { "R5 a single label", "_ga=1", "localhost", 0, "_ga=" MAX "/\n" },
    { "R5 no host", "_ga=1", NULL, 0, "_ga=" MAX "/\n" },
    { "R5 an empty host", "_ga=1", "", 0, "_ga=" MAX "/\n" },
    { "R5 an address", "_ga=1", "192.0.2.1", 0, "_ga=" MAX "/\n" },
    { "R5 an address with few dots", "_ga=1", "192.1", 0, "_ga=" MAX "/\n" },
    { "R5 an IPv6 address", "_ga=1", "[2001:db8::1]", 0, "_ga=" MAX "/\n" },
    { "R5 digits in a name", "_ga=1", "1.a1", 0, "_ga=" MAX "/\n_ga=" MAX "/; Domain=1.a1\n" },
    { "R5 a hyphen and an underscore", "_ga=1", "a_b.c-d", 0,
      "_ga=" MAX "/\n_ga=" MAX "/; Domain=a_b.c-d\n" },
    { "R5 a dot at the end", "_ga=1", "a.test.", 0, "_ga=" MAX "/\n" },
    { "R5 a dot at the beginning", "_ga=1", ".a.test", 0, "_ga=" MAX "/\n" },
    { "R5 two dots", "_ga=1", "a..test", 0, "_ga=" MAX "/\n" },
    { "R5 what no name has", "_ga=1", "a.test;x", 0, "_ga=" MAX "/\n" },
    { "R5 a space", "_ga=1", "a .test", 0, "_ga=" MAX "/\n" },
    { "R5 a port is none", "_ga=1", "a.test:80", 0, "_ga=" MAX "/\n" },
    { "R5 Secure on https", "_ga=1", "localhost", 1, "_ga=" MAX "/; Secure\n" },
    { "R5 Partitioned on https", "_part=1", "a.test", 1,
      "_part=" MAX "/; Secure; Partitioned\n_part=" MAX "/; Domain=a.test; Secure; Partitioned\n" },
    { "R5 Partitioned needs https", "_part=1", "localhost", 0, "_part=" MAX "/\n" },
    { "R5 the declared path", "_path=1", "a.test", 0,
      "_path=" MAX "/\n_path=" MAX "/; Domain=a.test\n_path=" MAX "/shop\n_path=" MAX
      "/shop; Domain=a.test\n" },
    { "R5 the declared path is /", "_root=1", "localhost", 0, "_root=" MAX "/\n" },
    { "R5 the declared domain is a parent", "_in=1", "w.a.test", 0,
      "_in=" MAX "/\n_in=" MAX "/; Domain=w.a.test\n_in=" MAX "/; Domain=a.test\n" },
    { "R5 the declared domain is another's", "_out=1", "a.test", 0,
      "_out=" MAX "/\n_out=" MAX "/; Domain=a.test\n" },
    { "R5 the declared domain is a part of a label", "_in=1", "aa.test", 0,
      "_in=" MAX "/\n_in=" MAX "/; Domain=aa.test\n" },
    { "R5 the declared domain has one label", "_tld=1", "a.test", 0,
      "_tld=" MAX "/\n_tld=" MAX "/; Domain=a.test\n_tld=" MAX "/; Domain=test\n" },
    { "R5 all together", "_all=1", "a.test", 1,
      "_all=" MAX "/; Secure; Partitioned\n_all=" MAX
      "/; Domain=a.test; Secure; Partitioned\n_all=" MAX
      "/; Domain=test; Secure; Partitioned\n_all=" MAX "/x; Secure; Partitioned\n_all=" MAX
      "/x; Domain=a.test; Secure; Partitioned\n_all=" MAX
      "/x; Domain=test; Secure; Partitioned\n" },
    { "R5 __Host- has / alone, Secure, no domain", "__Host-a=1", "a.test", 1,
      "__Host-a=" MAX "/; Secure\n" },
    { "R5 __Host- in any case, on http too", "__host-a=1", "a.test", 0,
      "__host-a=" MAX "/; Secure\n" },
    { "R5 __Secure- is Secure, on http too", "__SECURE-a=1", "localhost", 0,
      "__SECURE-a=" MAX "/; Secure\n" },
    { "R5 what begins like it", "n__Host-a=1", "localhost", 0, "n__Host-a=" MAX "/\n" },
    { "R5 each once", "_ga=1; n=1; _ga=2; n=2", "localhost", 0, "_ga=" MAX "/\nn=" MAX "/\n" },
    { "R5 names that differ in case are two", "na=1; nA=2", "localhost", 0,
      "na=" MAX "/\nnA=" MAX "/\n" },
    { "D3 a nameless cookie", "_ga", "localhost", 0, "=_ga" MAX "/\n" },
    { "D3 a nameless cookie behind =", "=_ga=x", "localhost", 0, "=_ga" MAX "/\n" },
    { "D3 one with a name and one without are two", "_ga; _ga=1", "localhost", 0,
      "=_ga" MAX "/\n_ga=" MAX "/\n" },
    { "D3 and turned round", "_ga=1; _ga; =_ga", "localhost", 0, "_ga=" MAX "/\n=_ga" MAX "/\n" },
    { "D3 white space around", " _ga\t= 1", "localhost", 0, "_ga=" MAX "/\n" },
    { "R5 8-bit bytes and spaces in a name", "n \xc3\xa4=1", "localhost", 0,
      "n \xc3\xa4=" MAX "/\n" },
    { "R5 a tab in a name", "n\tx=1", "localhost", 0, "n\tx=" MAX "/\n" },
    { "R5 a name that no header holds", "n\x01=1; n\x7f=2; n\nx=3; ny=4", "localhost", 0,
      "ny=" MAX "/\n" },
    { "R5 demoted and allowed cookies are not expired", "theme=1; sid=1; x=1", "localhost", 0, "" },
    { "R5 nothing", "", "a.test", 1, "" },
};

/** Where lines go. */
typedef struct {
    char text[200000];
    size_t len;
    int lines;
    const pv_request_cookie_t *cookies[2000];
} sink_t;

static sink_t sink;

static void collect(void *ctx, const char *value, const pv_request_cookie_t *cookie)
{
    sink_t *s = ctx;
    size_t len = strlen(value);

    assert_true(s->len + len + 2 < sizeof(s->text) && s->lines < (int)COUNT(s->cookies));
    memcpy(s->text + s->len, value, len);
    s->len += len;
    s->text[s->len++] = '\n';
    s->text[s->len] = '\0';
    s->cookies[s->lines++] = cookie;
}

/** What a site's header makes, which lives until the next; all but what is necessary is denied. */
static void expire(site_t *site, const char *header, const pv_expire_options_t *options)
{
    const pv_policy_t *policy = site_sound(site);
    pv_consent_t consent = { .granted = policy->necessary };
    pv_cookies_t cookies;
    const char *copy = guard_copy(header, strlen(header));

    sink.len = 0;
    sink.lines = 0;
    *sink.text = '\0';
    pv_cookies_read(policy, copy, strlen(header), &cookies, site->pool);
    pv_cookies_judge(policy, &consent, &cookies);
    pv_expire(&cookies, options, collect, &sink, site->pool);
    for (int i = 0; i < sink.lines; i++) {
        assert_true(sink.cookies[i] >= cookies.list &&
                    sink.cookies[i] < cookies.list + cookies.count);
        assert_int_equal(sink.cookies[i]->denied, 1);
    }
}

static void test_case(void **state)
{
    const expire_case_t *c = *state;
    pv_expire_options_t options = { c->host, c->secure, 0, 0 };
    site_t site = site_places();

    expire(&site, c->header, &options);
    assert_string_equal(sink.text, c->want);
    site_end(&site);
}

/* A line as httpd sends it. */
#define LINE(value) (sizeof("Set-Cookie: " value "\r\n") - 1)

/** The limit counts whole header lines, to the byte. */
static void test_limit(void **state)
{
    size_t one = LINE("n1=" MAX "/");
    site_t site = site_places();

    (void)state;
    for (size_t max = 1; max < 4 * one; max++) {
        pv_expire_options_t options = { "localhost", 0, max, 0 };

        expire(&site, "n1=1; n2=1; n3=1", &options);
        assert_int_equal(sink.lines, max / one < 3 ? max / one : 3);
    }
    assert_int_equal(PV_EXPIRE_BYTES_MAX, 4096);
    site_end(&site);
}

/** Whichever comes first, the others follow in order and round. */
static void test_start(void **state)
{
    static const char *const names[] = { "n0", "n1", "n2", "n3", "n4" };
    site_t site = site_places();

    (void)state;
    for (apr_uint64_t start = 0; start < 12; start++) {
        pv_expire_options_t options = { "localhost", 0, 0, start };
        const char *want = "";

        for (size_t i = 0; i < COUNT(names); i++) {
            want = apr_pstrcat(site.pool, want, names[(start + i) % COUNT(names)], "=" MAX "/\n",
                               NULL);
        }
        expire(&site, "sid=1; n0=1; n1=1; x=2; theme=1; n2=1; n3=1; n4=1; y=1", &options);
        assert_string_equal(sink.text, want);
        options.start = APR_UINT64_MAX - (APR_UINT64_MAX % COUNT(names)) - 3 * COUNT(names) + start;
        expire(&site, "sid=1; n0=1; n1=1; x=2; theme=1; n2=1; n3=1; n4=1; y=1", &options);
        assert_string_equal(sink.text, want);
    }
    site_end(&site);
}

/** A browser that forgets nothing: with room for few, each has its turn. */
static void test_starvation(void **state)
{
    site_t site = site_places();
    char header[1000] = "sid=1";
    int reached[40] = { 0 };
    pv_expire_options_t options = { "w.a.test", 1, 1000, 0 };

    (void)state;
    for (int i = 0; i < 40; i++) {
        strcat(header, apr_psprintf(site.pool, "; n%d=1; x%d=1", i, i));
    }
    for (options.start = 100; options.start < 140; options.start++) {
        expire(&site, header, &options);
        assert_true(sink.lines > 6 && sink.lines < 40);
        for (int i = 0; i < sink.lines; i++) {
            reached[strtol(sink.cookies[i]->pair.name.ptr + 1, NULL, 10)]++;
        }
    }
    for (int i = 0; i < 40; i++) {
        assert_true(reached[i] >= 3);
    }
    site_end(&site);
}

/** Of a host with more labels than a site has, some. */
static void test_deep_host(void **state)
{
    pv_expire_options_t options = { "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s.t.u.v.w.x.y.z", 0, 0,
                                    0 };
    site_t site = site_places();

    (void)state;
    expire(&site, "_ga=1", &options);
    assert_in_range(sink.lines, 10, 26);
    site_end(&site);
}

/** M7 has no limit of bytes: hundreds of cookies are expired at once. */
static void test_many(void **state)
{
    pv_expire_options_t options = { "a.test", 1, 0, 0 };
    site_t site = site_places();
    char header[8000] = "sid=1";

    (void)state;
    for (int i = 0; i < 500; i++) {
        strcat(header, apr_psprintf(site.pool, "; n%d=1", i));
    }
    expire(&site, header, &options);
    assert_int_equal(sink.lines, 1000);
    site_end(&site);
}

int main(void)
{
    suite_table(cases, test_case);
    suite_add("R5 the limit, to the byte", test_limit, NULL);
    suite_add("R5 a different cookie first", test_start, NULL);
    suite_add("R5 none is starved", test_starvation, NULL);
    suite_add("R5 a host of many labels", test_deep_host, NULL);
    suite_add("M7 hundreds at once", test_many, NULL);
    return suite_run("expire", site_setup, site_teardown);
}
