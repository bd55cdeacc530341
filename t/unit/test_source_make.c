/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* Configuring sources: what is refused and in which words, whose cookies live
 * (rule D5), what several sources say together (rule D1). */

#include "source_case.h"

/* As case_source(), but for the error that is expected. */
static const char *error_of(const char *conf, apr_pool_t *pool)
{
    char *last, *word = apr_strtok(apr_pstrdup(pool, conf), " ", &last);
    pv_source_t *source = pv_source_make(word, pool);
    const char *error = NULL;

    if (source == NULL) {
        return "no such source";
    }
    while (error == NULL && (word = apr_strtok(NULL, " ", &last)) != NULL) {
        char *value = strchr(word, '=');

        *value++ = '\0';
        error = pv_is_digit(*word) ? pv_source_map(source, (unsigned)(*word - '0'), value, pool)
                                   : pv_source_option(source, word, value, pool);
    }
    return error != NULL ? error : pv_source_finish(source, 0, pool);
}

static const struct {
    const char *conf;
    const char *error; /* NULL: it is taken */
} confs[] = {
    { "cookiebot 0=statistics 1=marketing", NULL },
    { "Cookiebot 0=statistics", "no such source" },
    { "expr 0=x", "no such source" },
    { "cookiebot 0=statistic",
      "cookiebot has no key \"statistic\": it has necessary, preferences, statistics, marketing; "
      "did you mean \"statistics\"?" },
    { "cookiebot 0=*",
      "cookiebot has no key \"*\": it has necessary, preferences, statistics, marketing" },
    { "cookiebot 0=statistics,", "cookiebot: a key is missing" },
    { "cookiebot 0=", "cookiebot: a key is missing" },
    { "cookiebot 0=statistics 0=marketing", "cookiebot: the category is mapped twice" },
    { "cookiebot", "cookiebot: no category is mapped (CATEGORY=KEY)" },
    { "cookiebot not-applicable=deny", "not-applicable=deny: only grant can be said" },
    { "cookiebot vendor=1", "cookiebot takes no vendor=" },
    { "cookiebot colour=blue",
      "cookiebot has no option \"colour\": it has cookie, refresh, not-applicable" },
    { "onetrust 0=anything 1=BG36,SSPD_BG", NULL },
    { "klaro not-applicable=grant",
      "klaro never answers that the law does not apply: it takes no not-applicable=" },
    { "cookieyes 0=action", "cookieyes has no key \"action\"" },
    { "matomo 0=analytics", "matomo has no key \"analytics\": it has *" },
    { "osano 0=*,ANALYTICS", "osano: * stands alone, not in \"*,ANALYTICS\"" },
    { "hubspot 0=4", "hubspot has no key \"4\": it has 1, 2, 3, *" },
    { "tcf 0=7,8,9 vendor=755 cookie=euconsent-v2", NULL },
    { "tcf 0=12", "tcf has no key \"12\": it has purposes 1 to 11" },
    { "tcf 0=0", "tcf has no key \"0\": it has purposes 1 to 11" },
    { "tcf 0=01", "tcf has no key \"01\": it has purposes 1 to 11" },
    { "tcf 0=sale", "tcf has no key \"sale\": it has purposes 1 to 11" },
    { "tcf vendor=0", "vendor=0 is not a number from 1 to 4096" },
    { "tcf vendor=4097", "vendor=4097 is not a number from 1 to 4096" },
    { "tcf vendor=google", "vendor=google is not a number from 1 to 4096" },
    { "gpp 0=sale,3", NULL },
    { "gpp 0=profiling",
      "gpp has no key \"profiling\": it has purposes 1 to 11, sale, sharing, targeted" },
    { "json cookie=c 0=/a/b 1=*", NULL },
    { "json 0=/a", "json: which cookie? (cookie=NAME)" },
    { "json cookie=c 0=a", "json takes JSON pointers, /NAME, or *, not \"a\"" },
    { "json cookie=c 0=/a~2b", "cannot read the JSON pointer \"/a~2b\": ~ is ~0, / is ~1" },
    { "json cookie=c 0=/a~", "cannot read the JSON pointer \"/a~\": ~ is ~0, / is ~1" },
    { "json cookie=c 0=/1/2/3/4/5/6/7/8/9",
      "takes JSON pointers of 8 steps at most, not \"/1/2/3/4/5/6/7/8/9\"" },
    { "json cookie=a,b", "cookie=a,b is not the name of a cookie" },
    { "json cookie=", "cookie= names no cookie" },
};

static void test_conf(void **state)
{
    apr_pool_t *pool;

    (void)state;
    assert_int_equal(apr_pool_create(&pool, NULL), APR_SUCCESS);
    for (size_t i = 0; i < sizeof(confs) / sizeof(confs[0]); i++) {
        const char *got = error_of(confs[i].conf, pool);

        if ((got == NULL) != (confs[i].error == NULL) ||
            (got != NULL && strcmp(got, confs[i].error) != 0)) {
            fail_msg("%s: %s", confs[i].conf, got != NULL ? got : "taken");
        }
    }
    apr_pool_destroy(pool);
}

/* Every manager of the list can be made, and no other. */
static void test_names(void **state)
{
    static const char all[] = "cookiebot onetrust cookieyes complianz osano cookieconsent klaro "
                              "tarteaucitron govuk nhsuk django didomi iubenda cookiefirst axeptio "
                              "borlabs drupal matomo hubspot wp cookie-script cookie-information "
                              "civic trustarc shopify usprivacy gpp tcf json cookie-law-info";
    apr_pool_t *pool;
    char *last, *name;
    const char *names;
    size_t commas = 0, n = 0;

    (void)state;
    assert_int_equal(apr_pool_create(&pool, NULL), APR_SUCCESS);
    names = pv_source_names(pool);
    for (name = apr_strtok(apr_pstrdup(pool, all), " ", &last); name != NULL;
         name = apr_strtok(NULL, " ", &last)) {
        assert_non_null(pv_source_make(name, pool));
        assert_non_null(strstr(names, name));
        n++;
    }
    for (const char *p = names; *p != '\0'; p++) {
        commas += *p == ',';
    }
    assert_int_equal(commas + 1, n);
    apr_pool_destroy(pool);
}

/* The documentation names each source in its table, and its examples are taken. */
static void test_documented(void **state)
{
    static const char directive[] = "PrivacyConsentSource ";
    FILE *file = fopen("docs/consent-sources.md", "r");
    char line[1024];
    apr_pool_t *pool;
    unsigned rows = 0, examples = 0;

    (void)state;
    assert_non_null(file);
    assert_int_equal(apr_pool_create(&pool, NULL), APR_SUCCESS);
    while (fgets(line, sizeof(line), file) != NULL) {
        char name[32];

        line[strcspn(line, "\n")] = '\0';
        rows += sscanf(line, "| `%30[a-z-]` |", name) == 1 && pv_source_make(name, pool) != NULL;
        if (strncmp(line, directive, sizeof(directive) - 1) == 0 &&
            strstr(line, "SOURCE") == NULL && strstr(line, " expr ") == NULL) {
            const char *conf = line + sizeof(directive) - 1;
            char *given = apr_pstrdup(pool, conf), *at;

            while ((at = strstr(given, " analytics=")) != NULL ||
                   (at = strstr(given, " remarketing=")) != NULL ||
                   (at = strstr(given, " preferences=")) != NULL) {
                const char *number = at[1] == 'a' ? " 0" : at[1] == 'r' ? " 1" : " 2";

                given = apr_pstrcat(pool, apr_pstrmemdup(pool, given, (apr_size_t)(at - given)),
                                    number, strchr(at, '='), NULL);
            }
            case_source(given, pool);
            examples++;
        }
    }
    fclose(file);
    assert_int_equal(rows, 30);
    assert_true(examples >= 30);
    apr_pool_destroy(pool);
}

static void test_keys_limit(void **state)
{
    apr_pool_t *pool;
    pv_source_t *source;
    const char *keys = "k";

    (void)state;
    assert_int_equal(apr_pool_create(&pool, NULL), APR_SUCCESS);
    source = pv_source_make("klaro", pool);
    for (int i = 1; i < PV_SOURCE_KEYS; i++) {
        keys = apr_psprintf(pool, "%s,k%d", keys, i);
    }
    assert_null(pv_source_map(source, 0, keys, pool));
    assert_null(pv_source_map(source, 63, "k,k63", pool));
    assert_string_equal(pv_source_map(source, 1, "other", pool), "klaro: more than 64 keys");
    apr_pool_destroy(pool);
}

static const struct {
    const char *conf;
    const char *cookie;
    int owns;
} owned[] = {
    { "cookiebot 0=marketing", "CookieConsent", 1 },
    { "cookiebot 0=marketing", "cookieconsent", 0 },
    { "cookiebot 0=marketing", "CookieConsent2", 0 },
    { "onetrust 0=C0002", "OptanonAlertBoxClosed", 1 },
    { "complianz 0=marketing", "cmplz_policy_id", 1 },
    { "iubenda 0=4", "_iub_cs-12", 1 },
    { "iubenda 0=4", "_iub_cs-12-granular", 1 },
    { "iubenda 0=4", "_iub_", 0 },
    { "axeptio 0=a", "axeptio_all_vendors", 1 },
    { "didomi 0=a", "didomi_dcs", 1 },
    { "drupal 0=a", "cookie-agreed-version", 1 },
    { "drupal 0=a cookie=our", "our-version", 1 },
    { "drupal 0=a cookie=our", "cookie-agreed", 0 },
    { "gpp 0=sale", "OTGPPConsent", 1 },
    { "gpp 0=sale cookie=x", "OTGPPConsent", 0 },
    { "gpp 0=sale cookie=x", "x", 1 },
    { "gpp 0=sale cookie=x", "", 0 },
    { "json 0=/a cookie=c", "c", 1 },
    { "json 0=/a cookie=c", "json", 0 },
    { "wp 0=marketing", "wp_consent_anything", 1 },
    { "wp 0=marketing cookie=w", "wanything", 1 },
};

/* Whether the name is among the source's cookies, one by one. */
static int is_listed(const pv_source_t *source, pv_span_t name)
{
    pv_span_t own;
    int prefix, listed = 0;

    for (unsigned i = 0; pv_source_cookie(source, i, &own, &prefix); i++) {
        assert_true(own.len > 0);
        listed |= (prefix ? name.len >= own.len : name.len == own.len) &&
                  memcmp(name.ptr, own.ptr, own.len) == 0;
    }
    return listed;
}

/* D5: the records of configured sources are necessary; each asked through the set too. */
static void test_owned(void **state)
{
    const pv_refresh_t hour = { 3600, "example.org" };
    apr_pool_t *pool;

    (void)state;
    assert_int_equal(apr_pool_create(&pool, NULL), APR_SUCCESS);
    for (size_t i = 0; i < sizeof(owned) / sizeof(owned[0]); i++) {
        pv_source_t *source = case_source(owned[i].conf, pool);
        const pv_source_t *list = source;
        pv_span_t name = pv_span(owned[i].cookie, strlen(owned[i].cookie));

        pv_source_refresh(source, &hour);
        if (pv_source_owns(source, name) != owned[i].owns ||
            pv_sources_own(pv_sources_make(&list, 1, pool), name) != owned[i].owns ||
            (pv_sources_refresh(pv_sources_make(&list, 1, pool), name) != NULL) != owned[i].owns ||
            is_listed(source, name) != owned[i].owns) {
            fail_msg("%s, %s", owned[i].conf, owned[i].cookie);
        }
    }
    apr_pool_destroy(pool);
}

static const struct {
    const char *cookies;
    const char *says;
} heard[] = {
    { "_ga=1; sid=2", "---" },
    { "_ga=1; klaro={\"a\":true,\"b\":false}", "gd-" },
    { "klaro={\"a\":true,\"b\":true}; CookieConsent={necessary:true,statistics:false}", "dg-" },
    { "klaro={\"a\":true}; CookieConsent={necessary:true,statistics:true,method:'explicit'}",
      "G--" },
    { "klaro={\"b\":true}; CookieConsent=-1", "ngn" },
    { "CookieConsent=-1; klaro={\"a\":true}", "g-n" },
    { "CookieConsent=0; klaro={\"a\":true}", "d-d" },
};

/* D1: of several sources one refusal is enough, else one grant. */
static void test_together(void **state)
{
    const pv_source_t *list[2];
    pv_source_cookie_t cookies[CASE_COOKIES];
    pv_source_answers_t answers;
    pv_sources_t *sources;
    apr_pool_t *pool;

    (void)state;
    assert_int_equal(apr_pool_create(&pool, NULL), APR_SUCCESS);
    list[0] = case_source("cookiebot 0=statistics 2=marketing", pool);
    list[1] = case_source("klaro 0=a 1=b", pool);
    sources = pv_sources_make(list, 2, pool);
    for (size_t i = 0; i < sizeof(heard) / sizeof(heard[0]); i++) {
        unsigned n = case_split(heard[i].cookies, cookies);

        pv_sources_read(sources, cookies, n, &answers);
        assert_string_equal(case_says(&answers, 3, pool), heard[i].says);
        assert_int_equal(answers.granted & answers.denied, 0);
        assert_int_equal(answers.not_applicable & (answers.granted | answers.denied), 0);
    }
    apr_pool_destroy(pool);
}

/* None is fine, as many as there may be are, one more is not. */
static void test_sets(void **state)
{
    const pv_source_t *list[PV_SOURCES + 1];
    pv_source_cookie_t cookie = { PV_SPAN("klaro"), PV_SPAN("{\"a\":true}") };
    pv_source_answers_t answers;
    apr_pool_t *pool;

    (void)state;
    assert_int_equal(apr_pool_create(&pool, NULL), APR_SUCCESS);
    pv_sources_read(pv_sources_make(NULL, 0, pool), &cookie, 1, &answers);
    assert_int_equal(answers.granted, 0);
    for (unsigned i = 0; i <= PV_SOURCES; i++) {
        list[i] = case_source("klaro 0=a", pool);
    }
    pv_sources_read(pv_sources_make(list, PV_SOURCES, pool), &cookie, 1, &answers);
    assert_int_equal(answers.granted, 1);
    assert_null(pv_sources_make(list, PV_SOURCES + 1, pool));
    apr_pool_destroy(pool);
}

/* More groups than are decoded grant nothing (D2), and one fewer do. */
static void test_groups_limit(void **state)
{
    static const struct {
        int groups;
        unsigned granted;
    } cases[] = { { 500, 1 }, { 1200, 0 } };
    const pv_source_t *list[1];
    apr_pool_t *pool;

    (void)state;
    apr_pool_create(&pool, NULL);
    list[0] = case_source("onetrust 0=C0002", pool);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pv_source_answers_t answers;
        char *value = apr_pcalloc(pool, 10000);
        pv_source_cookie_t cookies[] = {
            { PV_SPAN("OptanonConsent"), { value, 0 } },
            { PV_SPAN("OptanonAlertBoxClosed"), PV_SPAN("2024-06-16T05:19:22.179Z") },
        };

        strcpy(value, "interactionCount=1&landingPage=NotLandingPage&landingPath=NotLandingPage"
                      "&groups=C0002:1");
        for (int group = 0; group < cases[i].groups; group++) {
            snprintf(value + strlen(value), 8, ",%03d:1", group % 1000);
        }
        cookies[0].value.len = strlen(value);
        pv_sources_read(pv_sources_make(list, 1, pool), cookies, 2, &answers);
        assert_int_equal(answers.granted, cases[i].granted);
    }
    apr_pool_destroy(pool);
}

static void test_nearest(void **state)
{
    apr_pool_t *pool;

    (void)state;
    apr_pool_create(&pool, NULL);
    assert_string_equal(pv_source_nearest("cookiebott", pool), "cookiebot");
    assert_string_equal(pv_source_nearest("onetrust", pool), "onetrust");
    assert_null(pv_source_nearest("usercentrics", pool));
    assert_string_equal(pv_source_name(case_source("klaro 0=a", pool)), "klaro");
    apr_pool_destroy(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_groups_limit), cmocka_unit_test(test_nearest),
        cmocka_unit_test(test_conf),         cmocka_unit_test(test_names),
        cmocka_unit_test(test_documented),   cmocka_unit_test(test_keys_limit),
        cmocka_unit_test(test_owned),        cmocka_unit_test(test_together),
        cmocka_unit_test(test_sets),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, case_setup, case_teardown);
}
