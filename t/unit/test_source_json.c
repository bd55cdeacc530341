/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* Consent managers that keep JSON or object literals: rules D1, D2. */

#include "source_case.h"

#define CB      "cookiebot 0=preferences 1=statistics 2=marketing"
#define CB_HEAD "CookieConsent={stamp:%27AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==%27%2C"
#define CB_ALL  "necessary:true%2Cpreferences:true%2Cstatistics:true%2Cmarketing:true%2C"
#define CB_TAIL "%2Cver:1%2Cutc:1751841903047%2Cregion:%27gb%27}"

static const source_case_t cookiebot[] = {
    { "cookiebot: mixed, as in the wild", CB,
      CB_HEAD "necessary:true%2Cpreferences:false%2Cstatistics:true%2Cmarketing:false%2C"
              "method:%27explicit%27" CB_TAIL,
      "dGd", CASE_ENCODED },
    { "cookiebot: accepted all", CB, CB_HEAD CB_ALL "method:%27explicit%27" CB_TAIL, "GGG",
      CASE_ENCODED },
    { "cookiebot: older, without method", CB, CB_HEAD CB_ALL "ver:1}", "ggg", CASE_ENCODED },
    { "cookiebot: plain", CB,
      "CookieConsent={stamp:'a/+==',necessary:true,preferences:false,statistics:true,"
      "marketing:false,method:'explicit',ver:1}",
      "dGd", 0 },
    { "cookiebot: none", CB, "CookieConsent=0", "ddd", 0 },
    { "cookiebot: the law does not apply", CB, "CookieConsent=-1", "nnn", 0 },
    { "cookiebot: where that grants", CB " not-applicable=grant", "CookieConsent=-1", "ggg", 0 },
    { "cookiebot: implied", CB,
      "CookieConsent={stamp:%27-1%27%2C" CB_ALL "method:%27implied%27" CB_TAIL, "nnn",
      CASE_ENCODED },
    { "cookiebot: implied, where that grants", CB " not-applicable=grant",
      "CookieConsent={stamp:'-1',necessary:true,preferences:true,statistics:true,marketing:false,"
      "method:'implied'}",
      "ggd", 0 },
    { "cookiebot: necessary is missing", CB, "CookieConsent={statistics:true,method:'explicit'}",
      "---", 0 },
    { "cookiebot: react-cookie-consent's cookie of this name", CB, "CookieConsent=true", "---", 0 },
    { "cookiebot: cookieman's", CB, "CookieConsent=marketing,preferences", "---", 0 },
    { "cookiebot: no value is true in words", CB,
      "CookieConsent={necessary:true,statistics:'true',marketing:1,preferences:yes}", "---", 0 },
    { "cookiebot: a name twice", CB,
      "CookieConsent={necessary:true,statistics:true,statistics:false,marketing:true,marketing:"
      "null}",
      "-d-", 0 },
    { "cookiebot: two cookies", CB,
      "CookieConsent={necessary:true,preferences:true,statistics:true,marketing:true}; "
      "CookieConsent={necessary:true,preferences:true,statistics:false}",
      "gd-", CASE_UNCUT },
    { "cookiebot: two cookies, one malformed", CB,
      "CookieConsent={necessary:true,preferences:true,statistics:true,marketing:true}; "
      "CookieConsent={necessary:tru",
      "---", CASE_UNCUT },
};

#define CC "cookieconsent 0=analytics 1=ads"
#define CC_TAIL                                                                                    \
    ",\"revision\":1,\"data\":null,\"consentTimestamp\":\"2026-01-01T00:00:00.000Z\","             \
    "\"consentId\":\"00000000-0000-4000-8000-000000000000\",\"services\":{\"necessary\":[],"       \
    "\"analytics\":[\"ads\"]},\"languageCode\":\"en\","                                            \
    "\"lastConsentTimestamp\":\"2026-01-01T00:00:00.000Z\",\"expirationTime\":1782864000000}"

static const source_case_t cookieconsent[] = {
    { "cookieconsent 3: mixed", CC,
      "cc_cookie={\"categories\":[\"necessary\",\"analytics\"]" CC_TAIL, "gd", 0 },
    { "cookieconsent 3: all", CC,
      "cc_cookie={\"categories\":[\"necessary\",\"analytics\",\"ads\"]" CC_TAIL, "gg", 0 },
    { "cookieconsent 3: none", CC, "cc_cookie={\"categories\":[]" CC_TAIL, "dd", 0 },
    { "cookieconsent 3: a site's data that looks like it", CC,
      "cc_cookie={\"data\":{\"categories\":[\"ads\"]},\"categories\":[\"analytics\"]" CC_TAIL, "gd",
      0 },
    { "cookieconsent 3: no id", CC,
      "cc_cookie={\"categories\":[\"analytics\"],\"consentTimestamp\":\"x\","
      "\"lastConsentTimestamp\":\"x\"}",
      "--", 0 },
    { "cookieconsent 3: an id that is no string", CC,
      "cc_cookie={\"categories\":[\"analytics\"],\"consentTimestamp\":\"x\","
      "\"lastConsentTimestamp\":\"x\",\"consentId\":1}",
      "--", 0 },
    { "cookieconsent 3: categories is no list", CC,
      "cc_cookie={\"categories\":\"analytics\"" CC_TAIL, "--", 0 },
    { "cookieconsent 3: categories twice", CC,
      "cc_cookie={\"categories\":[\"analytics\",\"ads\"],\"categories\":null" CC_TAIL, "--", 0 },
    { "cookieconsent 3: as one object in it", CC,
      "cc_cookie={\"categories\":[{\"analytics\":true},[\"analytics\"]]" CC_TAIL, "dd", 0 },
    { "cookieconsent 2: both lists", CC,
      "cc_cookie={\"categories\":[\"necessary\",\"analytics\"],\"level\":[\"necessary\","
      "\"analytics\"],\"revision\":0,\"data\":null,\"rfc_cookie\":false}",
      "gd", 0 },
    { "cookieconsent 2.0: level alone", CC,
      "cc_cookie={\"level\":[\"necessary\",\"analytics\"],\"revision\":0,\"data\":null,"
      "\"rfc_cookie\":false}",
      "gd", 0 },
    { "cookieconsent 2: the lists differ", CC,
      "cc_cookie={\"categories\":[\"analytics\",\"ads\"],\"level\":[\"analytics\"]}", "gd", 0 },
    { "cookieconsent: escapes in a name", CC,
      "cc_cookie={\"level\":[\"\\u0061nalytics\",\"a\\u0064s\"]}", "gg", 0 },
    { "cookieconsent: another cookie", CC " cookie=our_cc", "our_cc={\"level\":[\"ads\"]}", "dg",
      0 },
    { "cookieconsent: a byte behind it", CC, "cc_cookie={\"level\":[\"ads\"]}x", "--", CASE_UNCUT },
    { "cookieconsent: encoded JSON in a string stays a string", CC,
      "cc_cookie={\"level\":[],\"u\":\"%22,\\\"level\\\":[%22ads%22\"}", "dd", CASE_ENCODED },
};

static const source_case_t bools[] = {
    { "klaro: mixed, as in the wild", "klaro 0=google-analytics 1=youtube",
      "klaro=%7B%22google-analytics%22%3Atrue%2C%22youtube%22%3Afalse%7D", "gd", CASE_ENCODED },
    { "klaro: mixed", "klaro 0=google-analytics 1=youtube 2=other",
      "klaro={\"google-analytics\":true,\"youtube\":false}", "gd-", 0 },
    { "klaro: several services", "klaro 0=a,b 1=a,c", "klaro={\"a\":true,\"b\":true,\"c\":false}",
      "gd", 0 },
    { "klaro: a service that is no boolean", "klaro 0=a 1=b 2=c",
      "klaro={\"a\":\"true\",\"b\":{\"b\":true},\"c\":1}", "---", 0 },
    { "klaro: a list", "klaro 0=a", "klaro=[\"a\"]", "-", 0 },
    { "klaro: deeper than anything goes", "klaro 0=a",
      "klaro={\"a\":true,\"b\":[[[[[[[[[]]]]]]]]]}", "-", 0 },
    { "klaro: as deep as it may", "klaro 0=a", "klaro={\"a\":true,\"b\":[[[[[[[]]]]]]]}", "g", 0 },
    { "klaro: encoded three times", "klaro 0=a", "klaro=%25257B%252522a%252522%25253Atrue%25257D",
      "-", 0 },
    { "klaro: written by Python", "klaro 0=a 1=b",
      "klaro=\"{\\\"a\\\": true\\054 \\\"b\\\": false}\"", "gd", 0 },
    { "govuk: answered", "govuk 0=usage 1=campaigns 2=settings",
      "cookies_policy={\"essential\":true,\"settings\":false,\"usage\":true,\"campaigns\":false}; "
      "cookies_preferences_set=true",
      "gdd", 0 },
    { "govuk: a default before any choice", "govuk 0=usage",
      "cookies_policy={\"essential\":true,\"settings\":false,\"usage\":true,\"campaigns\":false}",
      "-", 0 },
    { "govuk: not set", "govuk 0=usage",
      "cookies_policy={\"usage\":true}; cookies_preferences_set=false", "-", 0 },
    { "govuk: set and not set", "govuk 0=usage",
      "cookies_policy={\"usage\":true}; cookies_preferences_set=true; "
      "cookies_preferences_set=false",
      "-", 0 },
    { "nhsuk: answered", "nhsuk 0=statistics 1=marketing",
      "nhsuk-cookie-consent={\"necessary\":true,\"preferences\":false,\"statistics\":true,"
      "\"marketing\":false,\"consented\":true,\"version\":2}",
      "Gd", 0 },
    { "nhsuk: not answered", "nhsuk 0=statistics 1=marketing",
      "nhsuk-cookie-consent={\"necessary\":true,\"preferences\":false,\"statistics\":true,"
      "\"marketing\":false,\"consented\":false,\"version\":2}",
      "--", 0 },
    { "nhsuk: answered and not", "nhsuk 0=statistics",
      "nhsuk-cookie-consent={\"statistics\":true,\"consented\":true,\"consented\":false}", "-", 0 },
    { "cookiefirst: mixed, as in the wild", "cookiefirst 0=performance 1=advertising",
      "cookiefirst-consent=%7B%22necessary%22%3Atrue%2C%22performance%22%3Atrue%2C%22functional%22"
      "%3Afalse%2C%22advertising%22%3Afalse%2C%22timestamp%22%3A1728728251%2C%22type%22%3A"
      "%22category%22%2C%22version%22%3A%2200000000-0000-0000-0000-000000000000%22%7D",
      "gd", CASE_ENCODED },
};

static const source_case_t nested[] = {
    { "iubenda: mixed, as in the wild", "iubenda 0=4 1=5 2=3",
      "_iub_cs-12345678=%7B%22timestamp%22%3A%222025-02-05T15%3A40%3A00.391Z%22%2C%22version%22%3A"
      "%221.75.1%22%2C%22purposes%22%3A%7B%221%22%3Atrue%2C%223%22%3Atrue%2C%224%22%3Afalse%7D%2C"
      "%22id%22%3A12345678%7D",
      "d-g", CASE_ENCODED },
    { "iubenda: consent to all", "iubenda 0=4 1=*", "_iub_cs-1={\"consent\":true,\"id\":1}", "gg",
      0 },
    { "iubenda: consent to none", "iubenda 0=4 1=*", "_iub_cs-1={\"consent\":false,\"id\":1}", "dd",
      0 },
    { "iubenda: no answer", "iubenda 0=4", "_iub_cs-1={\"id\":123}", "-", 0 },
    { "iubenda: siblings are not read", "iubenda 0=4",
      "_iub_cs-12-granular={\"consent\":true}; _iub_cs-s12={\"consent\":true}; "
      "_iub_cs-={\"consent\":true}",
      "-", 0 },
    { "iubenda: purposes twice", "iubenda 0=4",
      "_iub_cs-1={\"purposes\":{\"4\":true},\"purposes\":{\"3\":true}}", "-", 0 },
    { "borlabs: mixed", "borlabs 0=statistics 1=marketing 2=external-media",
      "borlabs-cookie={\"consents\":{\"essential\":[\"borlabs-cookie\"],\"statistics\":"
      "[\"google-analytics\"],\"marketing\":[]},\"domainPath\":\"example.org/\",\"expires\":\"x\","
      "\"uid\":\"anonymous\",\"v3\":true,\"version\":1}",
      "gdd", 0 },
    { "borlabs: no consents", "borlabs 0=statistics", "borlabs-cookie={\"version\":\"2\"}", "-",
      0 },
    { "borlabs: a group that is no list", "borlabs 0=statistics 1=marketing",
      "borlabs-cookie={\"consents\":{\"statistics\":true,\"marketing\":{\"a\":[1]}}}", "--", 0 },
    { "didomi: mixed", "didomi 0=cookies 1=geolocation_data 2=other",
      /* {"user_id":"x","purposes":{"enabled":["cookies"],"disabled":["geolocation_data"]},
         "version":2} */
      "didomi_token=eyJ1c2VyX2lkIjoieCIsInB1cnBvc2VzIjp7ImVuYWJsZWQiOlsiY29va2llcyJdLCJkaXNhYmxlZC"
      "I6WyJnZW9sb2NhdGlvbl9kYXRhIl19LCJ2ZXJzaW9uIjoyfQ==",
      "gd-", 0 },
    { "didomi: vendors", "didomi 0=vendor:google 1=vendor:c:mixpanel 2=google",
      /* {"vendors":{"enabled":["google"],"disabled":["c:mixpanel"]}} */
      "didomi_token="
      "eyJ2ZW5kb3JzIjp7ImVuYWJsZWQiOlsiZ29vZ2xlIl0sImRpc2FibGVkIjpbImM6bWl4cGFuZWwiXX19",
      "gd-", 0 },
    { "didomi: nothing chosen", "didomi 0=cookies",
      /* {"purposes":{"enabled":[],"disabled":[]}} */
      "didomi_token=eyJwdXJwb3NlcyI6eyJlbmFibGVkIjpbXSwiZGlzYWJsZWQiOltdfX0=", "-", 0 },
    { "didomi: JSON, not base64", "didomi 0=cookies",
      "didomi_token={\"purposes\":{\"enabled\":[\"cookies\"]}}", "-", 0 },
    { "cookie-script: mixed", "cookie-script 0=performance 1=targeting 2=*",
      "CookieScriptConsent={\"action\":\"accept\",\"categories\":\"[\\\"performance\\\","
      "\\\"functionality\\\"]\",\"key\":\"x\"}",
      "GdG", 0 },
    { "cookie-script: rejected", "cookie-script 0=performance 1=*",
      "CookieScriptConsent={\"action\":\"reject\",\"categories\":\"[\\\"performance\\\"]\"}", "dd",
      0 },
    { "cookie-script: unanswered", "cookie-script 0=performance 1=*",
      "CookieScriptConsent={\"categories\":\"[\\\"performance\\\"]\"}", "--", 0 },
    { "cookie-script: accepted, no categories", "cookie-script 0=performance 1=*",
      "CookieScriptConsent={\"action\":\"accept\"}", "-G", 0 },
    { "cookie-script: categories that are not well formed", "cookie-script 0=performance",
      "CookieScriptConsent={\"action\":\"accept\",\"categories\":\"[\\\"performance\\\"\"}", "-",
      0 },
    { "cookie-information: mixed",
      "cookie-information 0=cookie_cat_statistic 1=cookie_cat_marketing",
      "CookieInformationConsent={\"website_uuid\":\"x\",\"consents_approved\":["
      "\"cookie_cat_necessary\",\"cookie_cat_statistic\"],\"consents_denied\":[]}",
      "gd", 0 },
    { "cookie-information: no list", "cookie-information 0=cookie_cat_statistic",
      "CookieInformationConsent={\"website_uuid\":\"x\"}", "-", 0 },
    { "civic: mixed", "civic 0=analytics 1=marketing 2=other",
      "CookieControl={\"necessaryCookies\":[\"sid\"],\"optionalCookies\":{\"analytics\":"
      "\"accepted\",\"marketing\":\"revoked\"},\"interactedWith\":true,\"version\":\"8.1\"}",
      "Gd-", 0 },
    { "civic: not answered", "civic 0=analytics",
      "CookieControl={\"optionalCookies\":{\"analytics\":\"accepted\"},\"interactedWith\":false}",
      "-", 0 },
    { "civic: another word", "civic 0=analytics",
      "CookieControl={\"optionalCookies\":{\"analytics\":true},\"interactedWith\":true}", "-", 0 },
    { "shopify: purposes alone", "shopify 0=a 1=m 2=p",
      "_tracking_consent={\"purposes\":{\"a\":true,\"p\":true,\"m\":false,\"t\":true}}", "gdg", 0 },
    { "shopify: defaults where no law asks", "shopify 0=a 1=m 2=p",
      "_tracking_consent={\"con\":{\"CMP\":{\"a\":\"\",\"m\":\"\",\"p\":\"\",\"s\":\"\"}},\"v\":"
      "\"2.1\",\"purposes\":{\"a\":true,\"p\":true,\"m\":true,\"t\":true},\"display_banner\":"
      "false}",
      "---", 0 },
    { "shopify: what the visitor said", "shopify 0=a 1=m 2=p",
      "_tracking_consent={\"con\":{\"CMP\":{\"a\":\"1\",\"m\":\"0\",\"p\":\"\"}},"
      "\"purposes\":{\"a\":true,\"p\":true,\"m\":false}}",
      "gd-", 0 },
    { "shopify: what cannot be read", "shopify 0=a",
      "_tracking_consent=3.AMPS_USVA_f_f_-DlBBsijT9252dNjR-wT4w", "-", 0 },
};

#define J "json cookie=c"

static const source_case_t pointers[] = {
    { "json: booleans", J " 0=/usage 1=/campaigns 2=/other",
      "c={\"usage\":true,\"campaigns\":false}", "gd-", 0 },
    { "json: deeper", J " 0=/a/b/1/c", "c={\"a\":{\"b\":[0,{\"c\":1}]}}", "g", 0 },
    { "json: words that grant", J " 0=/0 1=/1 2=/2 3=/3 4=/4 5=/5 6=/6 7=/7",
      "c=[\"true\",\"1\",\"Yes\",\"on\",\"GRANTED\",\"allow\",\"allowed\",\"accepted\"]",
      "gggggggg", 0 },
    { "json: words that deny", J " 0=/0 1=/1 2=/2 3=/3 4=/4 5=/5 6=/6 7=/7",
      "c=[\"false\",\"0\",\"no\",\"off\",\"denied\",\"deny\",\"reject\",\"revoked\"]", "dddddddd",
      0 },
    { "json: what is neither", J " 0=/0 1=/1 2=/2 3=/3 4=/4 5=/5 6=/6 7=/7",
      "c=[null,2,\"\",\"perhaps\",{},[true],1.0,\"yes \"]", "--------", 0 },
    { "json: RFC 6901's escapes", J " 0=/a~1b 1=/m~0n 2=/~01",
      "c={\"a/b\":true,\"m~n\":false,\"~1\":true}", "gdg", 0 },
    { "json: an empty name, an escaped one", J " 0=/ 1=/a", "c={\"\":true,\"\\u0061\":true}", "gg",
      0 },
    { "json: an index is no name, nor has it zeros", J " 0=/00 1=/0 2=/-", "c=[true]", "-g-", 0 },
    { "json: a name of digits", J " 0=/00 1=/0", "c={\"00\":true,\"0\":false}", "gd", 0 },
    { "json: a name twice", J " 0=/a 1=/b/c",
      "c={\"a\":true,\"a\":true,\"b\":{\"c\":true},\"b\":{}}", "--", 0 },
    { "json: the second a scalar", J " 0=/b/c", "c={\"b\":{\"c\":true},\"b\":1}", "-", 0 },
    { "json: the whole", J " 0=*", "c=true", "g", 0 },
    { "json: the whole, a word", J " 0=*", "c=accepted", "g", 0 },
    { "json: the whole, denied", J " 0=*", "c=\"no\"", "d", 0 },
    { "json: the whole is more", J " 0=*", "c={\"a\":true}", "-", 0 },
    { "json: several keys", J " 0=/a,/b 1=/a,/c", "c={\"a\":true,\"b\":true,\"c\":false}", "gd",
      0 },
    { "json: not well formed", J " 0=/a", "c={\"a\":true,}", "-", 0 },
    { "json: two values", J " 0=/a", "c={\"a\":true}{}", "-", CASE_UNCUT },
    { "json: two cookies", J " 0=/a", "c={\"a\":true}; c={\"b\":true}", "-", 0 },
    { "json: another cookie", J " 0=/a", "C={\"a\":true}; cc={\"a\":true}", "-", 0 },
};

static void test_cookiebot(void **state)
{
    (void)state;
    CASE_RUN_ALL(cookiebot, 16);
}

static void test_cookieconsent(void **state)
{
    (void)state;
    CASE_RUN_ALL(cookieconsent, 16);
}

static void test_bools(void **state)
{
    (void)state;
    CASE_RUN_ALL(bools, 17);
}

static void test_nested(void **state)
{
    (void)state;
    CASE_RUN_ALL(nested, 27);
}

static void test_pointers(void **state)
{
    (void)state;
    CASE_RUN_ALL(pointers, 20);
}

/* A value over the limit says nothing, one byte less does. */
static void test_limit(void **state)
{
    static char header[PV_SOURCE_VALUE_MAX + 64];
    static const char name[] = "klaro=", end[] = "{\"a\":true}";
    size_t len = sizeof(name) - 1 + PV_SOURCE_VALUE_MAX - (sizeof(end) - 1);
    source_case_t c = { "the longest value", "klaro 0=a", header, "g", 0 };
    pv_source_cookie_t cookies[CASE_COOKIES];
    apr_pool_t *pool;
    const pv_source_t *source;

    (void)state;
    assert_int_equal(apr_pool_create(&pool, NULL), APR_SUCCESS);
    source = case_source(c.conf, pool);
    memcpy(header, name, sizeof(name) - 1);
    memset(header + sizeof(name) - 1, ' ', len);
    strcpy(header + len, end);
    assert_int_equal(case_split(header, cookies), 1);
    assert_int_equal(cookies[0].value.len, PV_SOURCE_VALUE_MAX);
    case_expect(&c, "8192 bytes", "g", case_ask(&c, source, cookies, 1, pool));
    header[len] = ' ';
    strcpy(header + len + 1, end);
    assert_int_equal(case_split(header, cookies), 1);
    case_expect(&c, "8193 bytes", "-", case_ask(&c, source, cookies, 1, pool));
    apr_pool_destroy(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cookiebot), cmocka_unit_test(test_cookieconsent),
        cmocka_unit_test(test_bools),     cmocka_unit_test(test_nested),
        cmocka_unit_test(test_pointers),  cmocka_unit_test(test_limit),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, case_setup, case_teardown);
}
