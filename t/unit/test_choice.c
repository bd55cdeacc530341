/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* A choice as a form or as JSON sends it (M3, M6), Consent Mode's keys, and the
 * record's copies (M7). What a server makes of them is in t/page.t. */

#include "enforce/pv_expire.h"
#include "guard.h"
#include "page/pv_choice.h"
#include "policy_fixture.h"

/* Sets of the site's categories. */
enum { NONE = 0, ESSENTIAL = 1, ANALYTICS = 2, ADS = 4, MEDIA = 8, ALL = ANALYTICS | ADS | MEDIA };

static pv_policy_t *policy;
static site_t site;

static int setup(void **state)
{
    pv_consent_mode_t *mode;
    pv_mode_mapping_t *mapping;
    apr_array_header_t *mappings;

    if (site_setup(state) != 0) {
        return 1;
    }
    site = site_begin();
    site_category(&site, "essential", PV_BASIS_NECESSARY);
    site_category(&site, "analytics", PV_BASIS_OPT_IN);
    site_category(&site, "ads", PV_BASIS_OPT_OUT);
    site_category(&site, "media", PV_BASIS_OPT_IN);
    site_message(&site, "news", "news")->until = PV_UNTIL_DISMISSED;
    site_message(&site, "hello", "hello")->until = PV_UNTIL_SEEN;
    site_message(&site, "ask", "ask")->until = PV_UNTIL_CHOICE;
    mode = apr_pcalloc(site.pool, sizeof(*mode));
    mappings = apr_array_make(site.pool, 2, sizeof(pv_mode_mapping_t));
    mapping = apr_array_push(mappings);
    mapping->category = "analytics";
    mapping->keys = 1u << PV_MODE_ANALYTICS_STORAGE | 1u << PV_MODE_AD_STORAGE;
    mapping = apr_array_push(mappings);
    mapping->category = "ads";
    mapping->keys = 1u << PV_MODE_AD_STORAGE;
    mode->decl.name = "gtag";
    mode->mappings = mappings;
    site.declared->consent_mode = mode;
    policy = site_sound(&site);
    return 0;
}

static int teardown(void **state)
{
    site_end(&site);
    guard_free();
    return site_teardown(state);
}

typedef struct {
    const char *title;
    const char *text;
    unsigned settled; /**< by a source or a final signal */
    int bad;
    unsigned granted;
    unsigned denied;
    const char *message;
    const char *back;
} choice_case_t;

#define BAD  1, 0, 0, NULL, NULL
#define GOOD 0

static const choice_case_t forms[] = {
    { "form: accept", "choice=accept", NONE, GOOD, ALL, NONE, NULL, NULL },
    { "form: reject", "choice=reject", NONE, GOOD, NONE, ALL, NULL, NULL },
    { "form: save none", "choice=save", NONE, GOOD, NONE, ALL, NULL, NULL },
    { "form: save one", "choice=save&category=ads", NONE, GOOD, ADS, ANALYTICS | MEDIA, NULL,
      NULL },
    { "form: boxes with accept", "category=ads&choice=accept", NONE, GOOD, ALL, NONE, NULL, NULL },
    { "form: boxes with reject", "category=ads&choice=reject", NONE, GOOD, NONE, ALL, NULL, NULL },
    { "form: empty fields", "&&choice=accept&", NONE, GOOD, ALL, NONE, NULL, NULL },
    { "form: encoded", "%63hoice=accep%74", NONE, GOOD, ALL, NONE, NULL, NULL },
    { "form: a way back", "choice=accept&return=%2Fa%3Fb%3Dc", NONE, GOOD, ALL, NONE, NULL,
      "/a?b=c" },
    { "M3 what is settled is not granted", "choice=accept", ADS, GOOD, ANALYTICS | MEDIA, NONE,
      NULL, NULL },
    { "M3 and can be refused", "choice=reject", ADS, GOOD, NONE, ALL, NULL, NULL },
    { "M3 nor granted one by one", "choice=save&category=ads", ADS, GOOD, NONE, ANALYTICS | MEDIA,
      NULL, NULL },
    { "M3 a message", "message=news", NONE, GOOD, NONE, NONE, "news", NULL },
    { "M3 a confirmation", "message=ask", NONE, GOOD, NONE, NONE, "ask", NULL },
    { "M3 a message that is seen", "message=hello", NONE, BAD },
    { "form: an unknown message", "message=old", NONE, BAD },
    { "form: two messages", "message=news&message=news", NONE, BAD },
    { "form: message and choice", "message=news&choice=accept", NONE, BAD },
    { "form: message and category", "message=news&category=ads", NONE, BAD },
    { "form: nothing", "", NONE, BAD },
    { "form: no value", "choice", NONE, BAD },
    { "form: two choices", "choice=accept&choice=accept", NONE, BAD },
    { "form: unknown", "choice=accept&x", NONE, BAD },
    { "form: a necessary category", "choice=save&category=essential", NONE, BAD },
    { "form: a category twice", "choice=save&category=ads&category=ads", NONE, BAD },
    { "form: cut encoding", "choice=accept%", NONE, BAD },
    { "form: cut encoding, one digit", "choice=accept%4", NONE, BAD },
    { "form: no digits", "choice=accept%zz", NONE, BAD },
    { "form: one digit of two", "choice=accept&return=/%4z", NONE, BAD },
    { "form: NUL", "choice=accept%00", NONE, BAD },
    { "M6 another host", "choice=accept&return=//x", NONE, BAD },
    { "M6 a line break", "choice=accept&return=/%0a", NONE, BAD },
    { "M6 twice", "choice=accept&return=/&return=/", NONE, BAD },
};

static const choice_case_t jsons[] = {
    { "JSON: categories that are no object", "{\"categories\":[\"ads\"]}", NONE, BAD },
    { "JSON: accept", "{\"choice\":\"accept\"}", NONE, GOOD, ALL, NONE, NULL, NULL },
    { "JSON: reject", " { \"choice\" : \"reject\" } ", NONE, GOOD, NONE, ALL, NULL, NULL },
    { "JSON: one, on top of what was recorded", "{\"categories\":{\"analytics\":true}}", NONE, GOOD,
      ANALYTICS | MEDIA, ADS, NULL, NULL },
    { "JSON: another way round", "{\"categories\":{\"ads\":true,\"media\":false}}", NONE, GOOD, ADS,
      MEDIA, NULL, NULL },
    { "M3 JSON: what is settled is not granted", "{\"categories\":{\"analytics\":true}}", ANALYTICS,
      GOOD, MEDIA, ADS, NULL, NULL },
    { "JSON: a message", "{\"message\":\"news\"}", NONE, GOOD, NONE, NONE, "news", NULL },
    { "JSON: empty", "", NONE, BAD },
    { "JSON: cut", "{\"choice\":\"accept\"", NONE, BAD },
    { "JSON: more behind it", "{\"choice\":\"accept\"}x", NONE, BAD },
    { "JSON: a list", "[]", NONE, BAD },
    { "JSON: save", "{\"choice\":\"save\"}", NONE, BAD },
    { "JSON: two things", "{\"choice\":\"accept\",\"message\":\"news\"}", NONE, BAD },
    { "JSON: twice", "{\"choice\":\"accept\",\"choice\":\"accept\"}", NONE, BAD },
    { "JSON: no string", "{\"choice\":true}", NONE, BAD },
    { "JSON: no boolean", "{\"categories\":{\"ads\":\"1\"}}", NONE, BAD },
    { "JSON: a necessary category", "{\"categories\":{\"essential\":true}}", NONE, BAD },
    { "JSON: invalid UTF-8", "{\"choice\":\"\xff\"}", NONE, BAD },
};

static void check(const choice_case_t *one, int json)
{
    pv_consent_t consent = { .settled = one->settled };
    pv_record_t record = { .granted = MEDIA, .denied = ADS, .current = 1 };
    size_t len = strlen(one->text);
    const char *text = guard_copy(one->text, len);
    const char *error = NULL;
    pv_choice_t choice;
    pv_status_t status =
        json ? pv_choice_json(policy, &consent, &record, text, len, &choice, &error, site.pool)
             : pv_choice_form(policy, &consent, text, len, &choice, &error, site.pool);

    if (one->bad) {
        assert_int_equal(status, PV_BAD);
        assert_non_null(error);
        return;
    }
    if (status != PV_OK) {
        fail_msg("%s", error);
    }
    assert_int_equal(choice.granted, one->granted);
    assert_int_equal(choice.denied, one->denied);
    assert_int_equal(choice.message != NULL, one->message != NULL);
    assert_true(one->back ? pv_span_eq(choice.back, pv_span(one->back, strlen(one->back)))
                          : choice.back.len == 0);
}

static void form(void **state)
{
    check(*state, 0);
}

static void json(void **state)
{
    check(*state, 1);
}

/* A grant of a record that has lapsed is not carried over. */
static void lapsed(void **state)
{
    pv_consent_t consent = { .settled = 0 };
    pv_record_t record = { .granted = MEDIA, .denied = ADS, .current = 0 };
    const char *error;
    pv_choice_t choice;

    (void)state;
    assert_int_equal(pv_choice_json(policy, &consent, &record, "{\"categories\":{}}", 17, &choice,
                                    &error, site.pool),
                     PV_OK);
    assert_int_equal(choice.granted, NONE);
    assert_int_equal(choice.denied, ADS);
}

/* JSON has no NUL, wherever it stands. */
static void nul(void **state)
{
    static const char text[] = "{\"categories\":{\"analytics\":true }}";
    pv_consent_t consent = { .settled = 0 };
    size_t len = sizeof(text) - 1;

    (void)state;
    for (size_t i = 0; i <= len; i++) {
        char copy[sizeof(text)];
        const char *error = NULL;
        pv_choice_t choice;

        memcpy(copy, text, len + 1);
        copy[i] = '\0';
        assert_int_equal(pv_choice_json(policy, &consent, NULL, guard_copy(copy, len), len, &choice,
                                        &error, site.pool),
                         i == len ? PV_OK : PV_BAD);
    }
}

static void mode(void **state)
{
    const unsigned security = 1u << PV_MODE_SECURITY_STORAGE;
    const unsigned analytics = 1u << PV_MODE_ANALYTICS_STORAGE;
    const unsigned ads = 1u << PV_MODE_AD_STORAGE;

    (void)state;
    assert_int_equal(pv_policy_mode(policy, NONE), security);
    assert_int_equal(pv_policy_mode(policy, ANALYTICS), security | analytics);
    assert_int_equal(pv_policy_mode(policy, ADS), security);
    assert_int_equal(pv_policy_mode(policy, ANALYTICS | ADS), security | analytics | ads);
}

typedef struct {
    const char *title;
    const char *name;
    const char *kept;
    const char *host;
    const char *want; /**< Domains, `-` for host-only */
} copies_case_t;

static const copies_case_t copies[] = {
    { "M7 host-only is kept", "c", NULL, "a.b.example", "a.b.example b.example " },
    { "M7 the parent's is kept", "c", "b.example", "a.b.example", "- a.b.example " },
    { "M7 an address", "c", NULL, "127.0.0.1", "" },
    { "M7 a single label", "c", NULL, "localhost", "" },
    { "M7 no host", "c", NULL, NULL, "" },
    { "M7 __Host- has no copies", "__Host-c", NULL, "a.b.example", "" },
};

static void collect(void *ctx, const char *value, const pv_request_cookie_t *cookie)
{
    const char *domain = strstr(value, "; Domain=");
    size_t len = domain ? strcspn(domain + 9, ";") : 1;

    assert_null(cookie);
    assert_non_null(strstr(value, "=; Max-Age=0; Path=/"));
    strncat(ctx, domain ? domain + 9 : "-", len);
    strcat(ctx, " ");
}

static void copy(void **state)
{
    const copies_case_t *one = *state;
    pv_expire_options_t options = { .host = one->host };
    char got[200] = "";

    pv_expire_copies(one->name, one->kept, &options, collect, got, site.pool);
    assert_string_equal(got, one->want);
}

typedef struct {
    const char *title;
    const char *query;
    const char *want; /**< or NULL: nowhere */
} back_case_t;

static const back_case_t backs[] = {
    { "M6 back: no query", NULL, NULL },
    { "M6 back: an empty query", "", NULL },
    { "M6 back: another parameter", "x=1&y", NULL },
    { "M6 back: where to", "return=/a", "/a" },
    { "M6 back: behind another", "x=1&return=/a%3Fb%3D1%2B2&y=1", "/a?b=1+2" },
    { "M6 back: a space", "return=/a+b", NULL },
    { "M6 back: the first one counts", "return=//evil.example&return=/a", NULL },
    { "M6 back: nothing", "return=", NULL },
    { "M6 back: no path", "return=a", NULL },
    { "M6 back: a backslash", "return=/%5Cevil.example", NULL },
    { "M6 back: a line end", "return=/a%0D%0ASet-Cookie:x=1", NULL },
    { "M6 back: a NUL", "return=/a%00", NULL },
    { "M6 back: half an escape", "return=/a%4", NULL },
    { "M6 back: a name that begins so", "returned=/a", NULL },
};

static void back(void **state)
{
    const back_case_t *one = *state;
    pv_span_t got = pv_choice_back(one->query, site.pool);

    assert_int_equal(got.len, one->want ? strlen(one->want) : 0);
    if (one->want != NULL) {
        assert_memory_equal(got.ptr, one->want, got.len);
    }
}

int main(void)
{
    suite_table(backs, back);
    suite_table(forms, form);
    suite_table(jsons, json);
    suite_add("JSON: a grant that has lapsed stays so", lapsed, NULL);
    suite_add("D2 JSON: no NUL", nul, NULL);
    suite_add("PrivacyConsentMode: a key of several categories needs all of them", mode, NULL);
    suite_table(copies, copy);
    return suite_run("choice", setup, teardown);
}
