/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* Consent managers that keep words, lists and query strings: rules D1, D2. */

#include "source_case.h"

#define CY      "cookieyes 0=analytics 1=advertisement"
#define CY_HEAD "cookieyes-consent=consentid:abc123,consent:yes,"

static const source_case_t cookieyes[] = {
    { "cookieyes: accepted all", CY,
      CY_HEAD "action:yes,necessary:yes,functional:yes,analytics:yes,performance:yes,"
              "advertisement:yes,lastRenewedDate:1755692567000",
      "gg", 0 },
    { "cookieyes: mixed", CY,
      CY_HEAD "action:yes,necessary:yes,functional:no,analytics:yes,performance:no,"
              "advertisement:no,lastRenewedDate:1755692567000",
      "gd", 0 },
    { "cookieyes: reject all leaves consent:yes", CY,
      CY_HEAD "action:yes,necessary:,functional:no,analytics:no,performance:no,advertisement:no",
      "dd", 0 },
    { "cookieyes: unanswered", CY,
      "cookieyes-consent=consentid:abc123,consent:no,action:,necessary:yes,functional:yes,"
      "analytics:yes,advertisement:yes",
      "--", 0 },
    { "cookieyes: no action at all", CY, CY_HEAD "analytics:yes,advertisement:yes", "--", 0 },
    { "cookieyes: colons bare, commas encoded", CY,
      "cookieyes-consent=consentid:abc123%2Cconsent:yes%2Caction:yes%2Canalytics:yes"
      "%2Cadvertisement:no",
      "gd", CASE_ENCODED },
    { "cookieyes: a tax, a site's own category", "cookieyes 0=our-own 1=advertisement",
      CY_HEAD "action:yes,tax:Zm9v+/=,our-own:yes,advertisement:no", "gd", 0 },
    { "axeptio: no commas around", "axeptio 0=google_analytics",
      "axeptio_authorized_vendors=google_analytics", "-", 0 },
    { "axeptio: one letter", "axeptio 0=google_analytics", "axeptio_authorized_vendors=,", "-", 0 },
    { "cookieyes: another word", CY, CY_HEAD "action:yes,analytics:maybe,advertisement:YES", "--",
      0 },
    { "cookieyes: twice inside, D2", CY,
      CY_HEAD "action:yes,analytics:yes,advertisement:yes,analytics:no,advertisement:x", "d-",
      CASE_UNCUT },
    { "cookieyes: action twice", CY, CY_HEAD "action:yes,analytics:yes,action:no", "--",
      CASE_UNCUT },
    { "cookieyes: a pair without colon", CY, CY_HEAD "action:yes,analytics:yes,advertisement", "--",
      CASE_UNCUT },
    { "cookieyes: a pair with two", CY, CY_HEAD "action:yes,analytics:yes:no", "--", CASE_UNCUT },
    { "cookieyes: JSON under its name", CY, "cookieyes-consent={\"analytics\":true}", "--", 0 },
    { "cookieyes: empty", CY, "cookieyes-consent=", "--", 0 },
    { "cookieyes: two keys, one refused", "cookieyes 0=analytics,performance",
      CY_HEAD "action:yes,analytics:yes,performance:no", "d", CASE_UNCUT },
    { "cookieyes: two keys, one missing", "cookieyes 0=analytics,performance",
      CY_HEAD "action:yes,analytics:yes,functional:no", "-", 0 },
};

#define OT "onetrust 0=C0002 1=C0004"
#define OT_HEAD                                                                                    \
    "OptanonConsent=isGpcEnabled=0&datestamp=Thu+Mar+14+2024+09%3A14%3A46+GMT%2B0000"              \
    "+(Greenwich+Mean+Time)&version=202310.1.0&browserGpcFlag=0&isIABGlobal=false"                 \
    "&hosts=&consentId=00000000-0000-0000-0000-000000000000"
#define OT_SEEN "&interactionCount=1&isAnonUser=1&landingPath=NotLandingPage"
#define OT_TAIL "&AwaitingReconsent=false&intType=3&geolocation=GB%3BENG"
#define OT_DONE "; OptanonAlertBoxClosed=2024-03-14T09:14:46.676Z"

static const source_case_t onetrust[] = {
    { "onetrust: mixed, as in the wild", OT,
      OT_HEAD OT_SEEN "&groups=C0001%3A1%2CC0002%3A0%2CC0003%3A1%2CC0004%3A0" OT_TAIL OT_DONE, "dd",
      CASE_ENCODED },
    { "onetrust: accepted all", OT,
      OT_HEAD OT_SEEN "&groups=C0001%3A1%2CC0002%3A1%2CC0003%3A1%2CC0004%3A1" OT_TAIL OT_DONE, "gg",
      CASE_ENCODED },
    { "onetrust: groups bare", OT,
      "OptanonConsent=interactionCount=1&groups=C0001:1,C0002:1,C0004:0" OT_DONE, "gd",
      CASE_ENCODED },
    { "onetrust: groups encoded twice", OT,
      "OptanonConsent=interactionCount=1&groups=C0001%253A1%252CC0002%253A1%252CC0004%"
      "253A0" OT_DONE,
      "gd", CASE_ENCODED },
    { "onetrust: groups encoded three times", OT,
      "OptanonConsent=interactionCount=1&groups=C0002%25253A1%25252CC0004%25253A0" OT_DONE, "--",
      0 },
    { "onetrust: the whole encoded", OT,
      "OptanonConsent=interactionCount%3D1%26groups%3DC0002%253A1%252CC0004%253A0" OT_DONE, "gd",
      CASE_ENCODED },
    { "onetrust: defaults nobody answered", OT,
      OT_HEAD "&interactionCount=0&landingPath=NotLandingPage&groups=C0002:1,C0004:1" OT_DONE, "--",
      0 },
    { "onetrust: banner not closed", OT, OT_HEAD OT_SEEN "&groups=C0002:1,C0004:0" OT_TAIL, "--",
      0 },
    { "onetrust: closed at no time", OT,
      OT_HEAD OT_SEEN "&groups=C0002:1,C0004:0; OptanonAlertBoxClosed=", "--", 0 },
    { "onetrust: still on the landing page", OT,
      OT_HEAD "&interactionCount=1&landingPath=https%3A%2F%2Fwww.example.org%2F"
              "&groups=C0002%3A1%2CC0004%3A1" OT_DONE,
      "--", CASE_ENCODED },
    { "onetrust: asks again, what was refused stays", OT,
      OT_HEAD OT_SEEN "&groups=C0002:1,C0004:0&AwaitingReconsent=true" OT_DONE, "-d",
      CASE_UNCUT | CASE_ENCODED },
    { "onetrust: groups of a landing page's URL do not count", OT,
      OT_HEAD "&interactionCount=1&landingPath=https%3A%2F%2Fx%2F%3Fa%26groups%3DC0002%3A1" OT_DONE,
      "--", 0 },
    { "onetrust: nor where landingPath is the only parameter", OT,
      "OptanonConsent=landingPath=x%26interactionCount%3D1%26landingPath%3DNotLandingPage"
      "%26groups%3DC0002%3A1" OT_DONE,
      "--", 0 },
    { "onetrust: whole tokens", "onetrust 0=3 1=13",
      "OptanonConsent=interactionCount=2&groups=1:1,13:1,23:0" OT_DONE, "-g", CASE_ENCODED },
    { "onetrust: a customer's ids", "onetrust 0=SSPD_BG 1=V2STACK42",
      "OptanonConsent=interactionCount=2&groups=1%3A1%2CSSPD_BG%3A0%2CV2STACK42%3A1" OT_DONE, "dg",
      CASE_ENCODED },
    { "onetrust: a group twice", OT,
      "OptanonConsent=interactionCount=1&groups=C0002:1,C0004:1,C0002:0" OT_DONE, "dg",
      CASE_UNCUT | CASE_ENCODED },
    { "onetrust: groups twice", OT,
      "OptanonConsent=interactionCount=1&groups=C0002:1&groups=C0004:1" OT_DONE, "--", CASE_UNCUT },
    { "onetrust: no groups", OT, OT_HEAD OT_SEEN OT_TAIL OT_DONE, "--", 0 },
    { "onetrust: a flag of 10", OT, "OptanonConsent=interactionCount=1&groups=C0002:10" OT_DONE,
      "--", CASE_UNCUT },
};

static const source_case_t words[] = {
    { "cookie-law-info: answered", "cookie-law-info 0=non-necessary 1=analytics",
      "cookielawinfo-checkbox-non-necessary=yes; cookielawinfo-checkbox-analytics=no; "
      "viewed_cookie_policy=yes",
      "gd", 0 },
    { "cookie-law-info: defaults before an answer", "cookie-law-info 0=non-necessary",
      "cookielawinfo-checkbox-non-necessary=yes", "-", 0 },
    { "complianz: mixed", "complianz 0=statistics 1=marketing 2=preferences",
      "cmplz_banner-status=dismissed; cmplz_policy_id=15; cmplz_functional=allow; "
      "cmplz_preferences=deny; cmplz_statistics=allow; cmplz_marketing=deny; "
      "cmplz_consented_services=",
      "gdd", 0 },
    { "complianz: unanswered", "complianz 0=statistics 1=marketing",
      "cmplz_banner-status=show; cmplz_policy_id=15", "--", 0 },
    { "complianz: another word", "complianz 0=statistics", "cmplz_statistics=allowed", "-",
      CASE_UNCUT },
    { "complianz: statistics is not statistics-anonymous", "complianz 0=statistics",
      "cmplz_statistics-anonymous=allow", "-", 0 },
    { "complianz: a multisite's prefix", "complianz 0=statistics cookie=cmplz_rt_",
      "cmplz_rt_statistics=allow; cmplz_statistics=deny", "g", 0 },
    { "complianz: the prefix without its _", "complianz 0=statistics cookie=cmplz_rt",
      "cmplz_rt_statistics=allow", "g", 0 },
    { "complianz: a _ more", "complianz 0=statistics 1=marketing",
      "cmplz_statistics=allow; cmplz__marketing=allow", "g-", 0 },
    { "wp: mixed", "wp 0=statistics 1=marketing 2=statistics-anonymous",
      "wp_consent_functional=allow; wp_consent_statistics=allow; wp_consent_marketing=deny", "gd-",
      0 },
    { "wp: two keys", "wp 0=statistics,marketing",
      "wp_consent_statistics=allow; wp_consent_marketing=allow", "g", 0 },
    { "wp: two keys, one missing", "wp 0=statistics,marketing", "wp_consent_statistics=allow", "-",
      0 },
    { "osano: allow", "osano 0=* 1=*", "cookieconsent_status=allow", "gg", 0 },
    { "osano: deny", "osano 0=*", "cookieconsent_status=deny", "d", 0 },
    { "osano: got it is no consent", "osano 0=*", "cookieconsent_status=dismiss", "-", 0 },
    { "osano: another word", "osano 0=*", "cookieconsent_status=true", "-", 0 },
    { "osano: version 4", "osano 0=ANALYTICS 1=MARKETING 2=*",
      "cookieconsent_status_ANALYTICS=ALLOW; cookieconsent_status_MARKETING=DENY", "gd-", 0 },
    { "osano: version 4 without underscore", "osano 0=own 1=other",
      "cookieconsent_statusown=allow; cookieconsent_status_other=dismiss", "g-", 0 },
    { "osano: quoted", "osano 0=*", "cookieconsent_status=\"allow\"", "g", 0 },
    { "osano: one quote", "osano 0=*", "cookieconsent_status=\"allow", "-", 0 },
    { "matomo: given", "matomo 0=*", "mtm_consent=1700000000000", "g", 0 },
    { "matomo: given for cookies", "matomo 0=*", "mtm_cookie_consent=1700000000000", "g", 0 },
    { "matomo: removed wins", "matomo 0=*",
      "mtm_consent=1700000000000; mtm_consent_removed=1700000000001", "d", 0 },
    { "matomo: no time", "matomo 0=*", "mtm_consent=true", "-", 0 },
    { "matomo: empty", "matomo 0=*", "mtm_consent=", "-", 0 },
    { "hubspot: mixed", "hubspot 0=1 1=2 2=3", "__hs_cookie_cat_pref=1:true_2:false_3:true", "gdg",
      0 },
    { "hubspot: commas", "hubspot 0=1 1=2", "__hs_cookie_cat_pref=1:true,2:false,3:true", "gd", 0 },
    { "hubspot: accepted", "hubspot 0=*", "__hs_opt_out=no", "g", 0 },
    { "hubspot: opted out refuses all", "hubspot 0=* 1=1",
      "__hs_opt_out=yes; __hs_cookie_cat_pref=1:true", "dd", CASE_UNCUT },
    { "hubspot: accepted says nothing of categories", "hubspot 0=1", "__hs_opt_out=no", "-", 0 },
    { "hubspot: both", "hubspot 0=1 1=*", "__hs_opt_out=no; __hs_cookie_cat_pref=1:true", "gg", 0 },
    { "drupal: agreed", "drupal 0=*", "cookie-agreed=2", "g", 0 },
    { "drupal: agreed, banner of thanks open", "drupal 0=*", "cookie-agreed=1", "g", 0 },
    { "drupal: declined", "drupal 0=* 1=analytics",
      "cookie-agreed=0; cookie-agreed-categories=[\"analytics\"]", "dd", CASE_UNCUT },
    { "drupal: categories", "drupal 0=functional 1=analytics",
      "cookie-agreed=2; cookie-agreed-categories=[\"functional\"]; cookie-agreed-version=1.0.0",
      "gd", 0 },
    { "drupal: categories nobody agreed to", "drupal 0=functional",
      "cookie-agreed-categories=[\"functional\"]", "-", 0 },
    { "drupal: agreed says nothing of categories", "drupal 0=functional", "cookie-agreed=2", "-",
      0 },
    { "drupal: another number", "drupal 0=*", "cookie-agreed=3", "-", 0 },
    { "drupal: another name", "drupal 0=* 1=x cookie=our-choice",
      "our-choice=2; our-choice-categories=[\"x\"]; cookie-agreed=0", "gg", 0 },
    { "trustarc: required alone", "trustarc 0=2 1=3", "cmapi_cookie_privacy=permit 1", "dd", 0 },
    { "trustarc: all", "trustarc 0=2 1=3", "cmapi_cookie_privacy=permit 1,2,3", "gg", 0 },
    { "trustarc: some", "trustarc 0=2 1=3", "cmapi_cookie_privacy=permit 1,2", "gd", 0 },
    { "trustarc: 13 is not 1 and 3", "trustarc 0=3", "cmapi_cookie_privacy=permit 13", "-", 0 },
    { "trustarc: another form", "trustarc 0=2", "cmapi_cookie_privacy=0:1:2", "-", 0 },
};

static const source_case_t pairs[] = {
    { "tarteaucitron: mixed", "tarteaucitron 0=gtag 1=youtube 2=matomo",
      "tarteaucitron=!gtag=true!youtube=false!matomo=wait", "gd-", 0 },
    { "tarteaucitron: whole keys", "tarteaucitron 0=gtag", "tarteaucitron=!multiplegtag=true", "-",
      0 },
    { "tarteaucitron: asked, not answered", "tarteaucitron 0=gtag", "tarteaucitron=!gtag=wait", "-",
      0 },
    { "tarteaucitron: two services, both", "tarteaucitron 0=gtag,facebookpixel",
      "tarteaucitron=!gtag=true!facebookpixel=true", "g", 0 },
    { "tarteaucitron: two services, one", "tarteaucitron 0=gtag,facebookpixel",
      "tarteaucitron=!gtag=true!facebookpixel=wait", "-", 0 },
    { "tarteaucitron: twice inside", "tarteaucitron 0=gtag", "tarteaucitron=!gtag=true!gtag=false",
      "d", CASE_UNCUT },
    { "tarteaucitron: no mark in front", "tarteaucitron 0=gtag", "tarteaucitron=gtag=true", "-",
      0 },
    { "tarteaucitron: another word", "tarteaucitron 0=gtag", "tarteaucitron=!gtag=truely", "-",
      CASE_UNCUT },
    { "tarteaucitron: another name", "tarteaucitron 0=gtag cookie=consent",
      "consent=!gtag=true; tarteaucitron=!gtag=false", "g", 0 },
    { "django: mixed, as documented", "django 0=optional 1=social",
      "cookie_consent=optional=-1|social=2013-06-04T03:17:01.421395", "dG", 0 },
    { "django: in quotes", "django 0=optional 1=social",
      "cookie_consent=\"optional=-1|social=2013-06-04T03:17:01.421395\"", "dG", 0 },
    { "django: a group not decided", "django 0=other",
      "cookie_consent=social=2013-06-04T03:17:01.421395", "-", 0 },
    { "django: a pair that is none", "django 0=social",
      "cookie_consent=social=2013-06-04T03:17:01|other", "-", CASE_UNCUT },
    { "django: a time too short to be one", "django 0=optional", "cookie_consent=optional=2024",
      "-", 0 },
    { "django: an empty one", "django 0=social", "cookie_consent=", "-", 0 },
    { "django: neither time nor -1", "django 0=social", "cookie_consent=social=1", "-", 0 },
    { "axeptio: mixed", "axeptio 0=google_analytics 1=facebook_pixel",
      "axeptio_cookies={\"$$token\":\"x\",\"$$completed\":true}; "
      "axeptio_authorized_vendors=,google_analytics,hotjar,; "
      "axeptio_all_vendors=,google_analytics,hotjar,facebook_pixel,",
      "Gd", 0 },
    { "axeptio: unanswered, as in the wild", "axeptio 0=google_analytics",
      "axeptio_cookies={%22$$token%22:%22x%22%2C%22$$date%22:%222024-06-16T05:19:22.179Z%22%2C"
      "%22$$cookiesVersion%22:{}%2C%22$$completed%22:false}; axeptio_authorized_vendors=%2C%2C; "
      "axeptio_all_vendors=%2C%2C",
      "-", CASE_ENCODED },
    { "axeptio: refused all", "axeptio 0=google_analytics",
      "axeptio_cookies={\"$$completed\":true}; axeptio_authorized_vendors=,,", "d", 0 },
    { "axeptio: a list with a space in it, D2", "axeptio 0=google_analytics",
      "axeptio_cookies={\"$$completed\":true}; axeptio_authorized_vendors=,google_analytics,x y,",
      "-", CASE_UNCUT },
    { "axeptio: listed, not completed", "axeptio 0=hotjar",
      "axeptio_cookies={\"$$completed\":false}; axeptio_authorized_vendors=,hotjar,", "-", 0 },
    { "axeptio: all vendors are not authorised ones", "axeptio 0=hotjar",
      "axeptio_cookies={\"$$completed\":true}; axeptio_all_vendors=,hotjar,", "-", 0 },
    { "axeptio: vendors in the JSON", "axeptio 0=hotjar 1=google_analytics",
      "axeptio_cookies={\"hotjar\":true,\"google_analytics\":false,\"$$completed\":true}", "Gd",
      0 },
    { "axeptio: a list cut short", "axeptio 0=hot",
      "axeptio_cookies={\"$$completed\":true}; axeptio_authorized_vendors=,google_analytics,hot",
      "-", 0 },
};

static void test_cookieyes(void **state)
{
    (void)state;
    CASE_RUN_ALL(cookieyes, 16);
}

static void test_onetrust(void **state)
{
    (void)state;
    CASE_RUN_ALL(onetrust, 19);
}

static void test_words(void **state)
{
    (void)state;
    CASE_RUN_ALL(words, 40);
}

static void test_pairs(void **state)
{
    (void)state;
    CASE_RUN_ALL(pairs, 22);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cookieyes),
        cmocka_unit_test(test_onetrust),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_pairs),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, case_setup, case_teardown);
}
