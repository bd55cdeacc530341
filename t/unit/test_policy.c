/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* The compiled policy: what a name may be, the sets of categories, whose cookie
 * is whose. What compiling refuses is in test_problems.c, the digest in
 * test_digest.c. */

#include "guard.h"
#include "policy_fixture.h"

#define A32 "aaaaaaaabbbbbbbbccccccccdddddddd"
#define A33 "aaaaaaaabbbbbbbbccccccccdddddddde"

static const char *const good_names[] = {
    "a", "z", "analytics", "a-b_c-9", A32, "vp", "gg", "id", "cookies", "not_applicable",
};

static const char *const bad_names[] = {
    "",    "A",   "aB",       "1a",     "_a",     "-a",   "a b",     "a.b",
    "a=b", "a,b", "\xc3\xa4", "a\xff",  "a\n",    A33,    "v",       "p",
    "t",   "g",   "final",    "cookie", "vendor", "vary", "refresh", "not-applicable",
};

static void test_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(good_names); i++) {
        assert_null(pv_policy_name_error(guard_copy(good_names[i], strlen(good_names[i]) + 1)));
    }
    for (size_t i = 0; i < COUNT(bad_names); i++) {
        assert_non_null(pv_policy_name_error(guard_copy(bad_names[i], strlen(bad_names[i]) + 1)));
    }
    assert_non_null(strstr(pv_policy_name_error("Analytics"), "1 to 32 of a-z"));
    assert_non_null(strstr(pv_policy_name_error("final"), "reserved"));
    guard_free();
}

static site_t four_categories(void)
{
    site_t site = site_begin();

    site_category(&site, "essential", PV_BASIS_NECESSARY);
    site_category(&site, "analytics", PV_BASIS_OPT_IN)->denied_session = 1;
    site_category(&site, "preferences", PV_BASIS_OPT_OUT);
    site_category(&site, "remarketing", PV_BASIS_OPT_IN);
    return site;
}

static void test_sets(void **state)
{
    site_t site = four_categories();
    const pv_policy_t *policy;

    (void)state;
    site_signal(&site, PV_SIGNAL_GPC, "remarketing", 1);
    site_signal(&site, PV_SIGNAL_GPC, "analytics", 0);
    site_signal(&site, PV_SIGNAL_DNT, "analytics", 0);
    site_signal(&site, PV_SIGNAL_DNT, "preferences", 0);
    policy = site_sound(&site);
    assert_int_equal(policy->category_count, 4);
    assert_true(policy->necessary == 1 && policy->opt_in == (2 | 8) && policy->opt_out == 4);
    assert_true(policy->denied_session == 2);
    assert_true(pv_policy_on_offer(policy) == (2 | 4 | 8));
    assert_true(policy->signals[PV_SIGNAL_GPC].denies == 2);
    assert_true(policy->signals[PV_SIGNAL_GPC].denies_finally == 8);
    assert_true(policy->signals[PV_SIGNAL_DNT].denies == (2 | 4));
    assert_true(policy->signals[PV_SIGNAL_DNT].denies_finally == 0);
    site_end(&site);
}

static void test_category(void **state)
{
    site_t site = four_categories();
    const pv_policy_t *policy = site_sound(&site);
    static const char *const unknown[] = { "", "a", "analytic", "analyticss", "Analytics" };

    (void)state;
    for (int i = 0; i < policy->category_count; i++) {
        const char *name = policy->categories[i]->decl.name;

        assert_int_equal(
            pv_policy_category(policy, pv_span(guard_copy(name, strlen(name)), strlen(name))), i);
    }
    for (size_t i = 0; i < COUNT(unknown); i++) {
        assert_int_equal(pv_policy_category(policy, pv_span(unknown[i], strlen(unknown[i]))), -1);
    }
    assert_int_equal(pv_policy_category(policy, pv_span("analytics\0", 10)), -1);
    assert_int_equal(pv_policy_category(policy, pv_span(NULL, 0)), -1);
    guard_free();
    site_end(&site);
}

static void test_message(void **state)
{
    site_t site = four_categories();
    const pv_policy_t *policy;

    (void)state;
    site_message(&site, "cookies", "seen_cookies");
    site_message(&site, "news", "seen_news");
    policy = site_sound(&site);
    assert_int_equal(policy->message_count, 2);
    assert_string_equal(pv_policy_message(policy, PV_SPAN("news"))->cookie, "seen_news");
    assert_int_equal(pv_policy_message(policy, PV_SPAN("cookies"))->index, 0);
    assert_int_equal(pv_policy_message(policy, PV_SPAN("news"))->index, 1);
    assert_null(pv_policy_message(policy, PV_SPAN("new")));
    assert_null(pv_policy_message(policy, PV_SPAN("newss")));
    assert_null(pv_policy_message(policy, pv_span(NULL, 0)));
    site_end(&site);
}

static void test_defaults(void **state)
{
    site_t site = site_begin();
    const pv_policy_t *policy = site_sound(&site);

    (void)state;
    assert_int_equal(policy->undeclared, PV_UNDECLARED_PASS);
    assert_int_equal(policy->excess, PV_EXCESS_CAP);
    assert_string_equal(policy->version, "1");
    assert_string_equal(policy->consent_cookie->decl.name, "privacy_consent");
    assert_string_equal(policy->consent_cookie->samesite, "Lax");
    assert_null(policy->consent_cookie->domain);
    assert_true(policy->consent_cookie->lifetime == APR_INT64_C(6) * 2628000);
    assert_int_equal(policy->category_count, 0);
    assert_int_equal(site.problems->nelts, 0);
    site.declared->undeclared = PV_UNDECLARED_STRIP;
    site.declared->excess = PV_EXCESS_PASS;
    site.declared->version = "2025-06";
    site_consent_cookie(&site, "__Host-consent");
    policy = site_sound(&site);
    assert_int_equal(policy->undeclared, PV_UNDECLARED_STRIP);
    assert_int_equal(policy->excess, PV_EXCESS_PASS);
    assert_string_equal(policy->version, "2025-06");
    assert_string_equal(policy->consent_cookie->decl.name, "__Host-consent");
    site_end(&site);
}

static void test_cookies(void **state)
{
    site_t site = four_categories();
    const pv_policy_t *policy;
    const pv_cookie_t *found;

    (void)state;
    site_cookie(&site, "sid", "essential");
    site_cookie(&site, "_ga*", "remarketing");
    site_message(&site, "news", "seen_news");
    policy = site_sound(&site);
    assert_int_equal(policy->cookie_count, 2);
    assert_int_equal(policy->own_count, 2);
    assert_string_equal(policy->own[0]->decl.name, "privacy_consent");
    assert_string_equal(policy->own[1]->decl.name, "seen_news");
    assert_int_equal(pv_names_find(policy->names, PV_SPAN("sid"))->category_index, 0);
    assert_int_equal(pv_names_find(policy->names, PV_SPAN("_ga"))->category_index, 3);
    found = pv_names_find(policy->names, PV_SPAN("privacy_consent"));
    assert_int_equal(found->owner, PV_OWNER_RECORD);
    assert_true(found->lifetime == PV_LIFETIME_ANY);
    found = pv_names_find(policy->names, PV_SPAN("seen_news"));
    assert_int_equal(found->owner, PV_OWNER_MESSAGE);
    assert_true(found->lifetime == PV_LIFETIME_ANY);
    site_consent_cookie(&site, "choice");
    policy = site_sound(&site);
    assert_int_equal(pv_names_find(policy->names, PV_SPAN("choice"))->owner, PV_OWNER_RECORD);
    assert_null(pv_names_find(policy->names, PV_SPAN("privacy_consent")));
    site_end(&site);
}

/** A virtual host that inherits a declaration does not renumber the main server's. */
static void test_inherited(void **state)
{
    site_t base = site_begin(), host = site_begin();
    pv_policy_t *base_policy, *host_policy;

    (void)state;
    site_category(&base, "analytics", PV_BASIS_OPT_IN);
    site_category(&base, "remarketing", PV_BASIS_OPT_IN);
    site_cookie(&base, "_fbp", "remarketing");
    site_message(&base, "cookies", "seen_cookies");
    site_category(&host, "essential", PV_BASIS_NECESSARY);
    site_category(&host, "analytics", PV_BASIS_OPT_OUT);
    host.declared = pv_declared_merge(base.declared, host.declared, host.pool);
    base_policy = site_sound(&base);
    host_policy = site_sound(&host);
    assert_int_equal(pv_policy_category(host_policy, PV_SPAN("analytics")), 0);
    assert_int_equal(pv_policy_category(host_policy, PV_SPAN("essential")), 2);
    assert_true(host_policy->opt_out == 1 && base_policy->opt_out == 0);
    assert_ptr_not_equal(pv_names_find(base_policy->names, PV_SPAN("_fbp")),
                         pv_names_find(host_policy->names, PV_SPAN("_fbp")));
    assert_int_equal(pv_names_find(base_policy->names, PV_SPAN("_fbp"))->category_index, 1);
    assert_int_equal(pv_names_find(host_policy->names, PV_SPAN("_fbp"))->category_index, 1);
    assert_ptr_not_equal(base_policy->messages[0], host_policy->messages[0]);
    site_end(&host);
    site_end(&base);
}

int main(void)
{
    suite_add("names of categories and messages", test_names, NULL);
    suite_add("D1 sets by basis and signal", test_sets, NULL);
    suite_add("a category by its name", test_category, NULL);
    suite_add("a message by its name", test_message, NULL);
    suite_add("defaults, and what replaces them", test_defaults, NULL);
    suite_add("D5 cookies of the site and of the module", test_cookies, NULL);
    suite_add("what is inherited is compiled apart", test_inherited, NULL);
    return suite_run("policy", site_setup, site_teardown);
}
