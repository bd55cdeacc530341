/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* What compiling a policy refuses, and how it says so: the directive, the name,
 * the line, and for a misspelt name the nearest declared one. */

#include "policy_fixture.h"

typedef struct {
    const char *title;
    void (*declare)(site_t *site); /**< on top of sound() */
    int fatal;
    int line;          /**< counted from the first of declare() */
    const char *text;  /**< what it says at least */
    const char *text2; /**< and this */
} problem_case_t;

/** What every case begins with. */
static void sound(site_t *site)
{
    site_category(site, "essential", PV_BASIS_NECESSARY);
    site_category(site, "analytics", PV_BASIS_OPT_IN);
    site_category(site, "preferences", PV_BASIS_OPT_OUT)->denied_session = 1;
    site_provider(site, "google");
    site_cookie(site, "sid", "essential");
    site_cookie(site, "_ga*", "analytics")->provider = "google";
    site_tracker(site, "t.example/tr", "analytics")->provider = "google";
    site_inline(site, "fbq(", "analytics")->provider = "google";
    site_parameter(site, "gclid", "analytics");
    site_message(site, "cookies", "seen_cookies");
    site_signal(site, PV_SIGNAL_GPC, "analytics", 1);
}

static void cookie_category(site_t *site)
{
    site_cookie(site, "_fbp", "analitycs");
}

static void cookie_category_far(site_t *site)
{
    site_cookie(site, "_fbp", "marketing");
}

static void cookie_provider(site_t *site)
{
    site_cookie(site, "_fbp", "analytics")->provider = "gogle";
}

static void tracker_category(site_t *site)
{
    site_tracker(site, "u.example", "analytic");
}

static void tracker_provider(site_t *site)
{
    site_tracker(site, "u.example", "analytics")->provider = "googel";
}

static void tracker_twin(site_t *site)
{
    site_tracker(site, "t.example/%74r/", "essential");
}

static void inline_category(site_t *site)
{
    site_inline(site, "gtag(", "esential");
}

static void inline_provider(site_t *site)
{
    site_inline(site, "gtag(", "analytics")->provider = "goggle";
}

static void parameter_category(site_t *site)
{
    site_parameter(site, "fbclid", "preference");
}

static void signal_category(site_t *site)
{
    site_signal(site, PV_SIGNAL_DNT, "analytisc", 0);
}

static void signal_necessary(site_t *site)
{
    site_signal(site, PV_SIGNAL_DNT, "essential", 0);
}

static void one_variable(site_t *site)
{
    site_category(site, "a-b_c", PV_BASIS_OPT_IN);
    site_category(site, "x-y", PV_BASIS_OPT_IN);
    site_category(site, "a_b-c", PV_BASIS_OPT_IN);
}

static void session_opt_in(site_t *site)
{
    site_category(site, "stats", PV_BASIS_OPT_IN)->denied_session = 1;
}

static void record_declared(site_t *site)
{
    site_cookie(site, "privacy_consent", "essential");
}

static void message_declared(site_t *site)
{
    site_cookie(site, "seen_cookies", "essential");
}

static void messages_share(site_t *site)
{
    site_message(site, "news", "seen_news");
    site_message(site, "offer", "seen_news");
}

static void message_is_record(site_t *site)
{
    site_message(site, "news", "privacy_consent");
}

static void source_category(site_t *site)
{
    site_source(site, "klaro", "analyitcs", "matomo", "klaro");
}

static void source_option(site_t *site)
{
    site_source(site, "klaro", "refrsh", "1y", "klaro");
}

static void source_necessary(site_t *site)
{
    site_source(site, "klaro", "essential", "matomo", "klaro");
}

static void source_declared(site_t *site)
{
    site_source(site, "klaro", "analytics", "matomo", "klaro");
    site_cookie(site, "klaro", "essential");
}

static void source_prefix_declared(site_t *site)
{
    site_cookie(site, "cmplz_statistics", "analytics");
    site_source(site, "complianz", "analytics", "statistics", "cmplz_*");
}

static void source_is_record(site_t *site)
{
    site_consent_cookie(site, "klaro");
    site_source(site, "klaro", "analytics", "matomo", "klaro");
}

static void too_many(site_t *site)
{
    for (int i = 3; i < PV_CATEGORIES_MAX + 2; i++) {
        site_category(site, apr_psprintf(site->pool, "c%d", i), PV_BASIS_NECESSARY);
    }
}

static void record_too_long(site_t *site)
{
    for (int i = 0; i < 38; i++) {
        site_category(site, apr_psprintf(site->pool, "c%031d", i), PV_BASIS_OPT_IN);
    }
}

static const problem_case_t cases[] = {
    { "a cookie's category", cookie_category, 1, 1,
      "PrivacyCookie _fbp: no PrivacyCategory 'analitycs' is declared",
      "; did you mean 'analytics'?" },
    { "a cookie's category, nothing near", cookie_category_far, 1, 1,
      "PrivacyCookie _fbp: no PrivacyCategory 'marketing' is declared", "" },
    { "a cookie's provider", cookie_provider, 1, 1,
      "PrivacyCookie _fbp: no PrivacyProvider 'gogle' is declared", "; did you mean 'google'?" },
    { "a tracker's category", tracker_category, 1, 1,
      "PrivacyTracker u.example: no PrivacyCategory 'analytic' is declared",
      "; did you mean 'analytics'?" },
    { "a tracker's provider", tracker_provider, 1, 1,
      "PrivacyTracker u.example: no PrivacyProvider 'googel'", "; did you mean 'google'?" },
    { "one source written twice", tracker_twin, 1, 1,
      "PrivacyTracker t.example/%74r/: is the same source as t.example/tr on line 7 of site.conf",
      "" },
    { "an inline tracker's category", inline_category, 1, 1,
      "PrivacyInlineTracker gtag(: no PrivacyCategory 'esential'", "; did you mean 'essential'?" },
    { "an inline tracker's provider", inline_provider, 1, 1,
      "PrivacyInlineTracker gtag(: no PrivacyProvider 'goggle'", "; did you mean 'google'?" },
    { "a parameter's category", parameter_category, 1, 1,
      "PrivacyParameter fbclid: no PrivacyCategory 'preference'", "; did you mean 'preferences'?" },
    { "a signal's category", signal_category, 1, 1,
      "PrivacySignal dnt: no PrivacyCategory 'analytisc'", "; did you mean 'analytics'?" },
    { "a signal that denies what is necessary", signal_necessary, 1, 1,
      "PrivacySignal dnt: 'essential' is necessary and cannot be denied", "" },
    { "two categories of one environment variable", one_variable, 1, 3,
      "PrivacyCategory a_b-c: differs from 'a-b_c' in - and _ alone", "" },
    { "denied=session with opt-in is a warning", session_opt_in, 0, 1,
      "PrivacyCategory stats: ", "a session cookie needs consent too" },
    { "D5 the record declared", record_declared, 1, 1,
      "PrivacyCookie privacy_consent: ", "(of PrivacyConsentCookie)" },
    { "D5 a message's cookie declared", message_declared, 1, 1,
      "PrivacyCookie seen_cookies: ", "(of a PrivacyMessage)" },
    { "two messages with one cookie", messages_share, 1, 2,
      "PrivacyMessage offer: ", "'seen_news' is already used" },
    { "a message in the consent cookie", message_is_record, 1, 1,
      "PrivacyMessage news: ", "'privacy_consent' is already used" },
    { "a source's category", source_category, 1, 1,
      "PrivacyConsentSource klaro: no PrivacyCategory 'analyitcs' is declared",
      "; did you mean 'analytics'?" },
    { "a source's option, misspelt", source_option, 1, 1,
      "PrivacyConsentSource klaro: no PrivacyCategory 'refrsh' is declared",
      "; did you mean the option 'refresh='?" },
    { "a source that is asked about what is necessary", source_necessary, 1, 1,
      "PrivacyConsentSource klaro: 'essential' is necessary", "" },
    { "D5 a source's cookie declared", source_declared, 1, 2,
      "PrivacyCookie klaro: ", "(of PrivacyConsentSource klaro)" },
    { "D5 one of a source's cookies declared", source_prefix_declared, 1, 1,
      "PrivacyCookie cmplz_statistics: ", "(of PrivacyConsentSource complianz)" },
    { "D5 the record in a source's cookie", source_is_record, 1, 1,
      "The module's own cookie klaro: ", "(of PrivacyConsentSource klaro)" },
    { "65 categories", too_many, 1, 62, "PrivacyCategory c64: at most 64 categories", "" },
    { "a record that would not be read again", record_too_long, 1, 28,
      "PrivacyCategory c0000000000000000000000000000027: ", "longer than 1024 bytes" },
};

static void test_problem(void **state)
{
    const problem_case_t *c = *state;
    site_t site = site_begin();
    const pv_problem_t *problem;
    int first;

    sound(&site);
    site_sound(&site);
    assert_int_equal(site.problems->nelts, 0);
    first = site.line;
    c->declare(&site);
    site_compile(&site);
    assert_int_equal(site.problems->nelts, 1);
    problem = &APR_ARRAY_IDX(site.problems, 0, pv_problem_t);
    assert_int_equal(problem->fatal, c->fatal);
    assert_string_equal(problem->file, "site.conf");
    assert_int_equal(problem->line, first + c->line);
    if (strstr(problem->text, c->text) == NULL || strstr(problem->text, c->text2) == NULL ||
        (*c->text2 == '\0' && strstr(problem->text, "did you mean") != NULL)) {
        fail_msg("\"%s\"", problem->text);
    }
    site_end(&site);
}

/** What is near to those problems and none. */
static void test_none(void **state)
{
    site_t site = site_begin();

    (void)state;
    sound(&site);
    for (int i = 3; i < PV_CATEGORIES_MAX; i++) {
        site_category(&site, apr_psprintf(site.pool, "c%d", i), PV_BASIS_NECESSARY);
    }
    site_cookie(&site, "privacy_consen?", "analytics");
    site_cookie(&site, "~privacy_consent", "analytics");
    site_cookie(&site, "seen_*", "analytics");
    site_message(&site, "news", "seen_news");
    site_tracker(&site, "t.example/tr/x", "analytics");
    site_tracker(&site, "t.example/TR", "analytics");
    site_tracker(&site, "*.t.example/tr", "analytics");
    site_signal(&site, PV_SIGNAL_DNT, "analytics", 0);
    site_source(&site, "klaro", "analytics", "matomo", "klaro");
    site_source(&site, "klaro", "analytics", "youtube", "klaro");
    site_source(&site, "complianz", "analytics", "statistics", "cmplz_*");
    site_cookie(&site, "klar?", "analytics");
    site_cookie(&site, "cmplz_*", "analytics");
    site_cookie(&site, "~cmplz_statistics", "analytics");
    site_cookie(&site, "Klaro", "analytics");
    assert_int_equal(site_sound(&site)->category_count, PV_CATEGORIES_MAX);
    assert_int_equal(site.problems->nelts, 0);
    site_end(&site);
}

/** All that is wrong is reported at once. */
static void test_all(void **state)
{
    site_t site = site_begin();

    (void)state;
    site_cookie(&site, "_fbp", "analytics")->provider = "meta";
    site_cookie(&site, "_ga", "analytics");
    site_message(&site, "a", "privacy_consent");
    site_compile(&site);
    assert_int_equal(site.problems->nelts, 4);
    site_end(&site);
}

int main(void)
{
    suite_table(cases, test_problem);
    suite_add("what is near to a problem and none", test_none, NULL);
    suite_add("all that is wrong is reported at once", test_all, NULL);
    return suite_run("problems", site_setup, site_teardown);
}
