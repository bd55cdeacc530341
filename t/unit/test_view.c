/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* Page and JSON of one visitor (M3, M5, Q4): each category with who has decided on it,
 * each cookie with what the browser holds of it, each signal; and messages. */

#include <jansson.h>

#include "policy_fixture.h"
#include "page/pv_view.h"

/** Bits of the categories, in the order in which make_site() declares them. */
enum { ESSENTIAL = 1, ANALYTICS = 2, COMFORT = 4, VIDEO = 8 };

typedef struct {
    site_t site;
    pv_policy_t *policy;
    const pv_page_t *page;
    pv_consent_t consent;
    pv_record_t record;
    pv_kept_t held[3];
    pv_view_t view;
} visit_t;

static void add_mode(site_t *site)
{
    pv_consent_mode_t *mode = apr_pcalloc(site->pool, sizeof(*mode));
    apr_array_header_t *mappings = apr_array_make(site->pool, 1, sizeof(pv_mode_mapping_t));
    pv_mode_mapping_t mapping = { "analytics", 1 << PV_MODE_ANALYTICS_STORAGE };

    APR_ARRAY_PUSH(mappings, pv_mode_mapping_t) = mapping;
    mode->mappings = mappings;
    mode->decl.name = "mode";
    site->declared->consent_mode = mode;
}

static void make_site(site_t *site)
{
    pv_provider_t *provider;
    pv_cookie_t *cookie;

    site_category(site, "essential", PV_BASIS_NECESSARY);
    site_category(site, "analytics", PV_BASIS_OPT_IN)->title = "Count & \"see\"";
    site_category(site, "comfort", PV_BASIS_OPT_OUT);
    site_category(site, "video", PV_BASIS_OPT_IN);
    provider = site_provider(site, "acme");
    provider->notice = "https://acme.example/notice";
    provider->optout = "https://acme.example/out";
    site_cookie(site, "sid", "essential");
    site_cookie(site, "_ga", "analytics")->provider = "acme";
    cookie = site_cookie(site, "_ga_*", "analytics");
    cookie->lifetime = PV_SECONDS_YEAR;
    cookie->lifetime_text = "1y";
    site_source(site, "klaro", "comfort", "own", "klaro");
    site_message(site, "cookies", "site_message_cookies")->until = PV_UNTIL_CHOICE;
    site->declared->version = "7";
    site->declared->version_date = "2026-11-23";
    site->declared->notice = "/notice?a=1&b=2";
}

static visit_t begin(int mode)
{
    visit_t v = { .site = site_begin() };

    make_site(&v.site);
    if (mode) {
        add_mode(&v.site);
    }
    else {
        site_signal(&v.site, PV_SIGNAL_GPC, "video", 1);
        site_signal(&v.site, PV_SIGNAL_DNT, "analytics", 0);
    }
    v.policy = site_sound(&v.site);
    v.page = pv_page_make(v.site.declared, v.site.problems, v.site.pool);
    assert_non_null(v.page);
    v.record.time = 1600000000;
    v.held[0] = (pv_kept_t){ v.policy->cookies[1], PV_SPAN("_ga") };
    v.held[1] = (pv_kept_t){ v.policy->cookies[2], PV_SPAN("_ga_ONE") };
    v.held[2] = (pv_kept_t){ v.policy->cookies[2], PV_SPAN("_ga_<2>") };
    return v;
}

/** Where the visit has come to its place in memory. */
static void look(visit_t *v)
{
    v->view.policy = v->policy;
    v->view.page = v->page;
    v->view.consent = &v->consent;
    v->view.held = v->held;
}

typedef struct {
    const char *title;
    pv_consent_t consent;
    pv_set_t withdrawn;
    int held;
    int record; /**< 0: none, 1: of another version, 2: current */
    int report;
    const char *decided[4]; /**< by whom, for each category */
} view_case_t;

#define GPC (1U << PV_SIGNAL_GPC)
#define DNT (1U << PV_SIGNAL_DNT)

static const view_case_t cases[] = {
    { "nothing is known",
      { ESSENTIAL | COMFORT, 0, 0, 0 },
      0,
      0,
      0,
      0,
      { "necessary", "default", "default", "default" } },
    { "a visitor who has chosen",
      { ESSENTIAL | ANALYTICS, ANALYTICS | COMFORT, 0, 0 },
      VIDEO,
      3,
      2,
      0,
      { "necessary", "visitor", "visitor", "default" } },
    { "a record of another version",
      { ESSENTIAL, 0, 0, 0 },
      0,
      1,
      1,
      0,
      { "necessary", "default", "default", "default" } },
    { "a source has decided",
      { ESSENTIAL | ANALYTICS, 0, ANALYTICS | COMFORT, 0 },
      0,
      0,
      0,
      1,
      { "necessary", "source", "source", "default" } },
    { "D1 a final signal",
      { ESSENTIAL, 0, VIDEO, GPC },
      0,
      0,
      0,
      0,
      { "necessary", "default", "default", "signal" } },
    { "D1 a signal that is not",
      { ESSENTIAL, 0, 0, DNT },
      0,
      0,
      0,
      0,
      { "necessary", "signal", "default", "default" } },
    { "D1 a signal that a choice outweighs",
      { ESSENTIAL | ANALYTICS, 0, 0, DNT },
      0,
      0,
      0,
      0,
      { "necessary", "default", "default", "default" } },
    { "both signals",
      { ESSENTIAL, ANALYTICS, VIDEO, GPC | DNT },
      0,
      2,
      2,
      0,
      { "necessary", "visitor", "default", "signal" } },
};

static void arrange(const view_case_t *c, visit_t *v)
{
    look(v);
    v->consent = c->consent;
    v->record.current = c->record == 2;
    v->view.record = c->record ? &v->record : NULL;
    v->view.held_count = c->held;
    v->view.withdrawn = c->withdrawn;
    v->view.report = c->report;
}

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static int is_on(const json_t *object, const char *name)
{
    const json_t *member = json_object_get(object, name);

    assert_true(json_is_boolean(member));
    return json_is_true(member);
}

static void check_signals(const view_case_t *c, const json_t *root)
{
    const json_t *signals = json_object_get(root, "signals");
    const json_t *gpc = json_array_get(signals, 0), *dnt = json_array_get(signals, 1);

    assert_int_equal(json_array_size(signals), 2);
    assert_string_equal(text_of(gpc, "name"), "gpc");
    assert_string_equal(text_of(dnt, "name"), "dnt");
    assert_int_equal(is_on(gpc, "present"), (c->consent.signals & GPC) != 0);
    assert_int_equal(is_on(dnt, "present"), (c->consent.signals & DNT) != 0);
    assert_string_equal(json_string_value(json_array_get(json_object_get(gpc, "final"), 0)),
                        "video");
    assert_int_equal(json_array_size(json_object_get(gpc, "denies")), 0);
    assert_string_equal(json_string_value(json_array_get(json_object_get(dnt, "denies"), 0)),
                        "analytics");
}

static void check_cookies(const view_case_t *c, const json_t *category)
{
    const json_t *cookies = json_object_get(category, "cookies");
    const json_t *ga = json_array_get(cookies, 0), *stream = json_array_get(cookies, 1);
    const json_t *provider = json_object_get(ga, "provider");

    assert_int_equal(json_array_size(cookies), 2);
    assert_string_equal(text_of(ga, "name"), "_ga");
    assert_string_equal(text_of(provider, "notice"), "https://acme.example/notice");
    assert_string_equal(text_of(stream, "lifetime"), "1y");
    assert_string_equal(text_of(stream, "lifetime_text"), "1 year");
    assert_true(json_is_null(json_object_get(stream, "provider")));
    assert_int_equal(json_array_size(json_object_get(ga, "held")), c->held > 0);
    assert_int_equal(json_array_size(json_object_get(stream, "held")),
                     c->held > 1 ? c->held - 1 : 0);
}

static void test_json(void **state)
{
    static const char *const bases[] = { "necessary", "opt-in", "opt-out", "opt-in" };
    const view_case_t *c = *state;
    visit_t v = begin(0);
    const json_t *categories, *decided;
    json_t *root;
    pv_span_t text;

    arrange(c, &v);
    text = pv_view_json(&v.view, v.site.pool);
    root = json_loadb(text.ptr, text.len, 0, NULL);
    assert_non_null(root);
    assert_string_equal(text_of(root, "version"), "7");
    assert_string_equal(text_of(root, "date"), "2026-11-23");
    assert_string_equal(text_of(root, "language"), "en");
    /* M5: and the cookies that are not the site's to declare. */
    assert_int_equal(json_array_size(json_object_get(root, "own")), 3);
    assert_int_equal(is_on(root, "enforced"), !c->report);
    decided = json_object_get(root, "decided");
    assert_int_equal(json_is_integer(decided), c->record == 2);
    assert_true(json_is_null(json_object_get(root, "consent_mode")));
    check_signals(c, root);
    categories = json_object_get(root, "categories");
    assert_int_equal(json_array_size(categories), 4);
    for (int i = 0; i < 4; i++) {
        const json_t *category = json_array_get(categories, (size_t)i);

        assert_string_equal(text_of(category, "decided_by"), c->decided[i]);
        assert_string_equal(text_of(category, "basis"), bases[i]);
        assert_int_equal(is_on(category, "granted"), (c->consent.granted >> i) & 1);
        assert_int_equal(is_on(category, "withdrawn"), (c->withdrawn >> i) & 1);
    }
    check_cookies(c, json_array_get(categories, 1));
    json_decref(root);
    site_end(&v.site);
}

static int has(pv_span_t text, const char *part)
{
    return strstr(text.ptr, part) != NULL;
}

static void test_page(void **state)
{
    const view_case_t *c = *state;
    visit_t v = begin(0);
    pv_set_t offered = (ANALYTICS | COMFORT | VIDEO) & ~c->consent.settled;
    pv_span_t text;

    arrange(c, &v);
    text = pv_view_page(&v.view, v.site.pool);
    assert_int_equal(strlen(text.ptr), text.len);
    assert_true(has(text, "Count &amp; &quot;see&quot;"));
    assert_true(has(text, "href=\"/notice?a=1&amp;b=2\""));
    /* M3: what has been decided elsewhere is not on offer. */
    assert_int_equal(has(text, "value=\"analytics\""), (offered & ANALYTICS) != 0);
    assert_int_equal(has(text, "value=\"comfort\""), (offered & COMFORT) != 0);
    assert_int_equal(has(text, "value=\"video\""), (offered & VIDEO) != 0);
    assert_false(has(text, "value=\"essential\""));
    assert_int_equal(has(text, "value=\"analytics\" checked"),
                     (c->consent.granted & offered & ANALYTICS) != 0);
    assert_int_equal(has(text, "2020-09-13"), c->record == 2);
    /* A name that the browser holds is no markup. */
    assert_int_equal(has(text, "_ga_ONE"), c->held > 1);
    assert_int_equal(has(text, "_ga_ONE, _ga_&lt;2&gt;"), c->held > 2);
    assert_false(has(text, "_ga_<2>"));
    assert_true(has(text, "(2026-11-23)"));
    assert_true(has(text, ">klaro<"));
    assert_true(has(text, ">privacy_consent<"));
    assert_true(has(text, ">site_message_cookies<"));
    assert_int_equal(has(text, "Global Privacy Control"), (c->consent.signals & GPC) != 0);
    site_end(&v.site);
}

static void test_mode(void **state)
{
    visit_t v = begin(1);
    pv_asset_t denied, granted;
    const json_t *mode;
    json_t *root;
    pv_span_t text;

    (void)state;
    look(&v);
    v.consent.granted = ESSENTIAL | ANALYTICS;
    text = pv_view_json(&v.view, v.site.pool);
    root = json_loadb(text.ptr, text.len, 0, NULL);
    assert_non_null(root);
    mode = json_object_get(root, "consent_mode");
    assert_int_equal(json_object_size(mode), PV_MODE_KEYS);
    assert_int_equal(json_array_size(json_object_get(root, "signals")), 0);
    assert_string_equal(text_of(mode, "analytics_storage"), "granted");
    json_decref(root);
    pv_view_mode_script(pv_policy_mode(v.policy, ESSENTIAL), &denied, v.site.pool);
    pv_view_mode_script(pv_policy_mode(v.policy, ESSENTIAL | ANALYTICS), &granted, v.site.pool);
    assert_non_null(strstr(denied.text, "\"analytics_storage\":\"denied\""));
    assert_non_null(strstr(granted.text, "\"analytics_storage\":\"granted\""));
    assert_int_equal(strncmp(denied.name, "consent-", 8), 0);
    assert_string_not_equal(denied.name, granted.name);
    assert_int_equal(strlen(granted.text), granted.len);
    site_end(&v.site);
}

static void test_message(void **state)
{
    visit_t v = begin(0);
    pv_text_t out = { .pool = v.site.pool };
    pv_span_t text;

    (void)state;
    look(&v);
    v.view.back = PV_SPAN("/a?b=1&c=\"");
    pv_view_message(&v.view, v.policy->messages[0], &out);
    text = pv_text_done(&out);
    assert_true(has(text, "action=\"/privacy-preferences\""));
    assert_true(has(text, "value=\"/a?b=1&amp;c=&quot;\""));
    out = (pv_text_t){ .pool = v.site.pool };
    pv_view_confirmation(&v.view, v.policy->messages[0], &out);
    text = pv_text_done(&out);
    assert_true(has(text, "Your choice has been saved."));
    assert_false(has(text, "value=\"accept\""));
    site_end(&v.site);
}

static void test_placeholder(void **state)
{
    visit_t v = begin(0);
    pv_span_t known, unknown;

    (void)state;
    look(&v);
    known =
        pv_view_placeholder(&v.view, v.policy->categories[1], v.policy->providers[0], v.site.pool);
    unknown = pv_view_placeholder(&v.view, v.policy->categories[1], NULL, v.site.pool);
    assert_true(has(known, "data-privacy-for=\"analytics\""));
    assert_true(has(known, "Provider"));
    assert_false(has(unknown, "Provider"));
    assert_true(has(unknown, "return=/\""));
    site_end(&v.site);
}

int main(void)
{
    suite_table(cases, test_json);
    suite_table(cases, test_page);
    suite_add("Google's Consent Mode", test_mode, NULL);
    suite_add("a message", test_message, NULL);
    suite_add("a placeholder", test_placeholder, NULL);
    return suite_run("view", site_setup, site_teardown);
}
