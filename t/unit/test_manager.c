/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* Consent managers' cookies in a Cookie header: what they say where httpd may have
 * joined lines (Q1, D2), and which are sent again (refresh=). */

#include "enforce/pv_manager.h"
#include "guard.h"
#include "policy_fixture.h"

/** A header, and what is heard: G granted by choice, g granted, d denied, - nothing;
 *  `x` alone where there is no voice. First category: analytics. */
typedef struct {
    const char *title;
    const char *header;
    const char *says;
} hear_case_t;

#define YES  "{\"a\":true,\"b\":true}"
#define NO   "{\"a\":false,\"b\":false}"
#define HALF "{\"a\":true,\"b\":false}"
#define BOT  "{stamp:'x',necessary:true,statistics:true,marketing:true,method:'explicit'}"

static const hear_case_t hear_cases[] = {
    { "no cookie of theirs", "_ga=1; sid=2", "x" },
    { "no cookie at all", "", "x" },
    { "granted", "klaro=" YES, "gg" },
    { "one of each", "_ga=1; klaro=" HALF "; sid=1", "gd" },
    { "granted by choice", "CookieConsent=" BOT, "GG" },
    { "D1 two sources: a refusal outweighs a grant", "klaro=" NO "; CookieConsent=" BOT, "dd" },
    { "D2 malformed says nothing", "klaro={\"a\":true", "--" },
    { "D2 of two, a grant counts if both grant", "klaro=" YES "; klaro=" HALF, "gd" },
    { "D2 of two, one malformed", "klaro=" YES "; klaro=x", "--" },
    { "D3 a nameless cookie is none of theirs", "=klaro=" YES, "--" },
    { "D3 nor is another case", "Klaro=" YES, "x" },
    { "Q1 two lines, theirs first: neither reading is whole", "klaro=" YES ", sid=1", "--" },
    { "Q1 a refusal in the first line counts", "klaro=" NO ", sid=1", "dd" },
    { "Q1 theirs in the second line: it may be another's value", "sid=1, klaro=" YES, "--" },
    { "Q1 a refusal in the second line counts", "sid=1, klaro=" NO, "dd" },
    { "Q1 a pair without a joint grants for itself", "a=1, b=2; klaro=" YES, "gg" },
    { "Q1 a comma that is no joint", "klaro={\"a\":true, \"b\":true}", "gg" },
    { "Q1 granted in one line, and once without a joint", "klaro=" YES "; x=1, klaro=" YES, "gg" },
    { "Q1 granted without a joint, refused behind one", "klaro=" YES "; x=1, klaro=" NO, "dd" },
    { "Q1 a list whose value goes on", "cookieyes-consent=action:yes,analytics:yes, x=1", "--" },
    { "Q1 a list whose refusal stands before the joint",
      "cookieyes-consent=action:yes,analytics:no, x=1", "d-" },
    { "Q1 a refusal behind the joint, in a value that is not whole",
      "cookieyes-consent=action:yes,analytics:yes, x=1,advertisement:no", "--" },
};

static const pv_sources_t *sources;
static const pv_policy_t *policy;
static site_t site;

static const struct {
    const char *name;
    const char *keys[2];
    const char *cookie;
    apr_int64_t refresh;
    const char *domain;
} managers[] = {
    { "klaro", { "a", "b" }, "klaro", 86400, NULL },
    { "cookiebot", { "statistics", "marketing" }, "CookieConsent", 3600, "site.test" },
    { "cookieyes", { "analytics", "advertisement" }, "cookieyes-consent", 0, NULL },
    { "complianz", { "statistics", "marketing" }, "cmplz_*", 60, NULL },
};

static int setup(void **state)
{
    const pv_source_t *list[COUNT(managers)];

    if (site_setup(state) != 0) {
        return 1;
    }
    site = site_begin();
    site_category(&site, "analytics", PV_BASIS_OPT_IN);
    site_category(&site, "remarketing", PV_BASIS_OPT_IN);
    for (size_t i = 0; i < COUNT(managers); i++) {
        pv_source_t *source = pv_source_make(managers[i].name, site.pool);
        pv_refresh_t refresh = { managers[i].refresh, managers[i].domain };

        for (unsigned k = 0; k < 2; k++) {
            assert_null(pv_source_map(source, k, managers[i].keys[k], site.pool));
        }
        pv_source_refresh(source, &refresh);
        assert_null(pv_source_finish(source, 3, site.pool));
        list[i] = source;
        site_source(&site, managers[i].name, "analytics", managers[i].keys[0], managers[i].cookie);
    }
    sources = pv_sources_make(list, COUNT(managers), site.pool);
    policy = site_sound(&site);
    return 0;
}

static int teardown(void **state)
{
    site_end(&site);
    return site_teardown(state);
}

static void test_hear(void **state)
{
    const hear_case_t *c = *state;
    size_t len = strlen(c->header);
    pv_cookies_t cookies;
    pv_voice_t voice;
    char says[3] = "x";

    pv_cookies_read(policy, guard_copy(c->header, len), len, &cookies, site.pool);
    if (pv_manager_hear(sources, &cookies, &voice, site.pool)) {
        assert_int_equal(voice.granted & voice.denied, 0);
        assert_int_equal(voice.explicit_grants & ~voice.granted, 0);
        for (int i = 0; i < 2; i++) {
            says[i] = voice.denied & PV_BIT(i)            ? 'd'
                      : voice.explicit_grants & PV_BIT(i) ? 'G'
                      : voice.granted & PV_BIT(i)         ? 'g'
                                                          : '-';
        }
        says[2] = '\0';
    }
    assert_string_equal(says, c->says);
    guard_free();
}

/** A header, and the Set-Cookie values that send cookies again, ` | ` between them. */
typedef struct {
    const char *title;
    const char *header;
    int secure;
    const char *values;
} refresh_case_t;

static const refresh_case_t refresh_cases[] = {
    { "nothing of theirs", "_ga=1", 0, "" },
    { "its value as it came", "klaro=%7B%22a%22:true}\"; x=1", 0,
      "klaro=%7B%22a%22:true}\"; Max-Age=86400; Path=/; SameSite=Lax" },
    { "Secure on https", "klaro=1", 1, "klaro=1; Max-Age=86400; Path=/; SameSite=Lax; Secure" },
    { "with a domain", "CookieConsent=0", 0,
      "CookieConsent=0; Max-Age=3600; Path=/; Domain=site.test; SameSite=Lax" },
    { "a family", "cmplz_a=allow; cmplz_b=deny", 0,
      "cmplz_a=allow; Max-Age=60; Path=/; SameSite=Lax | "
      "cmplz_b=deny; Max-Age=60; Path=/; SameSite=Lax" },
    { "what nobody can read is sent again too", "klaro=", 0,
      "klaro=; Max-Age=86400; Path=/; SameSite=Lax" },
    { "not without refresh=", "cookieyes-consent=action:yes", 0, "" },
    { "twice with one value", "klaro=1; x=2; klaro=1", 0,
      "klaro=1; Max-Age=86400; Path=/; SameSite=Lax" },
    { "twice with two values: which is it?", "klaro=1; klaro=2", 0, "" },
    { "three times, the last another", "klaro=1; klaro=1; klaro=2", 0, "" },
    { "Q1 before a joint", "klaro=1, x=2", 0, "" },
    { "Q1 behind a joint", "x=2, klaro=1", 0, "" },
    { "Q1 a comma that is no joint", "klaro=a,b", 0,
      "klaro=a,b; Max-Age=86400; Path=/; SameSite=Lax" },
    { "D3 nameless", "=klaro=1", 0, "" },
};

typedef struct {
    const char *values;
    int count;
} written_t;

static void write_value(void *ctx, const char *value, const pv_request_cookie_t *cookie)
{
    written_t *written = ctx;

    assert_memory_equal(value, cookie->pair.name.ptr, cookie->pair.name.len);
    written->values =
        apr_pstrcat(site.pool, written->values, written->count++ ? " | " : "", value, NULL);
}

static written_t refresh(const char *header, size_t len, int secure)
{
    written_t written = { "", 0 };
    pv_cookies_t cookies;

    pv_cookies_read(policy, guard_copy(header, len), len, &cookies, site.pool);
    pv_manager_refresh(sources, &cookies, secure, write_value, &written, site.pool);
    guard_free();
    return written;
}

static void test_refresh(void **state)
{
    const refresh_case_t *c = *state;

    assert_string_equal(refresh(c->header, strlen(c->header), c->secure).values, c->values);
}

/** What no browser keeps is not sent, and a client that repeats itself is not followed. */
static void test_limits(void **state)
{
    char *header = apr_palloc(site.pool, 16384);
    size_t len = 0;

    (void)state;
    memset(header, 'x', PV_MANAGER_COOKIE_MAX + 1);
    memcpy(header, "klaro=", 6);
    assert_int_equal(refresh(header, PV_MANAGER_COOKIE_MAX, 0).count, 1);
    assert_int_equal(refresh(header, PV_MANAGER_COOKIE_MAX + 1, 0).count, 0);
    for (int i = 0; i < 500; i++) {
        len += (size_t)apr_snprintf(header + len, 16384 - len, "cmplz_%d=1; ", i);
    }
    assert_int_equal(refresh(header, len, 0).count, PV_MANAGER_REFRESH_MAX);
}

int main(void)
{
    suite_table(hear_cases, test_hear);
    suite_table(refresh_cases, test_refresh);
    suite_add("limits of what is sent again", test_limits, NULL);
    return suite_run("manager", setup, teardown);
}
