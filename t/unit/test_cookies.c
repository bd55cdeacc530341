/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* The cookies of a request: parsed, judged, and written again without those that
 * are denied (Q1, D3); the record among them. */

#include "cookies_check.h"
#include "guard.h"

#define NOW APR_INT64_C(1750000000)

/* Written again. What is denied is `_ga`, `_ga_*` and what contains `trk`. */

typedef struct {
    const char *title;
    const char *text;
    const char *want; /**< NULL: nothing is denied */
} write_case_t;

static const write_case_t writes[] = {
    { "Q1 nothing denied keeps every byte", ";; sid=1;  x=\"2\" ;,, y ", NULL },
    { "Q1 the first goes", "_ga=1; sid=2; x=3", "sid=2; x=3" },
    { "Q1 one in the middle", "sid=2; _ga=1; x=3", "sid=2; x=3" },
    { "Q1 the last", "sid=2; x=3; _ga=1", "sid=2; x=3" },
    { "Q1 all of them", "_ga=1; _ga_X=2", "" },
    { "Q1 all of them, and separators", " ; _ga=1;; ", "" },
    { "Q1 bytes and order of the others", "b=\"1 2\"; _ga=1;a = x=y ;_ga_1;\xff\xfe=\x80",
      "b=\"1 2\";a = x=y;\xff\xfe=\x80" },
    { "Q1 the same name twice", "_ga=1; sid=2; _ga=3; sid=4", "sid=2; sid=4" },
    { "Q1 values that look denied", "sid=_ga=1; x=\"_ga=2\"", NULL },
    { "Q1 quotes do not hide a ;", "x=\"y; _ga=1; z\"", "x=\"y; z\"" },
    { "D3 white space around", "sid=1; \t_ga\v = 2 ;\fx=3", "sid=1 ;\fx=3" },
    { "D3 another case stays", "_GA=1; _Ga=2", NULL },
    { "D3 nameless _ga", "sid=1; _ga; x=2", "sid=1; x=2" },
    { "D3 nameless =_ga", "sid=1; =_ga; x=2", "sid=1; x=2" },
    { "D3 nameless =_ga=x", "sid=1; = _ga =x; x=2", "sid=1; x=2" },
    { "D3 flag; _ga=1", "flag; _ga=1", "flag" },
    { "Q1 a joint between allowed ones", "a=1, b=2; _ga=3", "a=1, b=2" },
    { "Q1 a denied one behind a joint", "sid=1, _ga=2", "sid=1" },
    { "Q1 a denied one before a joint", "_ga=1, sid=2", "sid=2" },
    { "Q1 a denied one between joints", "a=1, _ga=2, b=3", "a=1; b=3" },
    { "Q1 allowed around a denied line", "a=1; b=2, _ga=3; c=4", "a=1; b=2; c=4" },
    { "Q1 a joint behind what was a boundary", "_ga=1, a=2, b=3", "a=2, b=3" },
    { "Q1 two denied, joined", "a=1; _ga=2, _ga_X=3, b=4", "a=1; b=4" },
    { "Q1 a comma is a byte of a value", "a=1,_ga=2", NULL },
    { "Q1 a comma in a denied value goes with it", "_ga=1,2,3; a=4", "a=4" },
    { "Q1 no = behind the comma", "a=1, _ga; b=2", NULL },
    { "Q1 an empty line before a denied one", ", _ga=1; a=2", "a=2" },
    { "Q1 an empty line between", "a=1; , _ga=2; b=3", "a=1; b=3" },
    { "Q1 a regex", "a=1; xtrk9=2", "a=1" },
    { "D5 the record stays", "privacy_consent=x; _ga=1", "privacy_consent=x" },
};

static void test_write(void **state)
{
    const write_case_t *c = *state;
    site_t site = site_usual();
    const pv_policy_t *policy = site_sound(&site);
    pv_consent_t consent = { .granted = policy->necessary };
    apr_size_t len = strlen(c->text);
    pv_cookies_t cookies;

    pv_cookies_read(policy, guard_copy(c->text, len), len, &cookies, site.pool);
    pv_cookies_judge(policy, &consent, &cookies);
    assert_int_equal(cookies.denied > 0, c->want != NULL);
    if (c->want != NULL) {
        pv_span_t out = cookies_write(&cookies);

        assert_int_equal(out.len, strlen(c->want));
        assert_memory_equal(out.ptr, c->want, out.len);
        free((char *)out.ptr);
    }
    guard_free();
    site_end(&site);
}

/* Any header under any policy. */

static void draw_header(char *text)
{
    static const char *const pieces[] = { "a",  "b=",  "_", "=",  "; ", ";", ", ",
                                          ", ", "a=1", " ", "\t", "ab", "b", "; b=" };

    *text = '\0';
    for (unsigned n = draw(24); n > 0; n--) {
        strcat(text, pieces[draw(COUNT(pieces))]);
    }
}

static void test_any_header(void **state)
{
    static cookie_model_t model;
    unsigned filtered = 0, untouched = 0, joints = 0;

    (void)state;
    for (int i = 0; i < 400; i++) {
        site_t site = site_draw(1 + draw(4), 4 + draw(12));
        const pv_policy_t *policy = site_sound(&site);

        for (int j = 0; j < 50; j++) {
            pv_consent_t consent = { .granted = policy->necessary | (draw(2) ? draw(16) : 0) };
            pv_cookies_t cookies;
            char text[128];

            draw_header(text);
            cookie_model_read(&model, text, strlen(text));
            pv_cookies_read(policy, guard_copy(text, strlen(text)), strlen(text), &cookies,
                            site.pool);
            pv_cookies_judge(policy, &consent, &cookies);
            cookies_check_judged(policy, &consent, &cookies, &model);
            if (cookies.denied > 0) {
                cookies_check_left(policy, &consent, &cookies, &model);
                for (int k = 1; k < cookies.count; k++) {
                    joints += cookies.list[k].pair.joint &&
                              cookies.list[k].denied != cookies.list[k - 1].denied;
                }
            }
            *(cookies.denied ? &filtered : &untouched) += 1;
        }
        site_end(&site);
    }
    guard_free();
    assert_true(filtered > 3000 && untouched > 3000 && joints > 500);
}

static void test_truncated(void **state)
{
    static cookie_model_t model;
    site_t site = site_usual();
    const pv_policy_t *policy = site_sound(&site);
    pv_consent_t consent = { .granted = policy->necessary };

    (void)state;
    for (size_t i = 0; i < COUNT(writes); i++) {
        for (size_t len = 0; len <= strlen(writes[i].text); len++) {
            pv_cookies_t cookies;

            cookie_model_read(&model, writes[i].text, len);
            pv_cookies_read(policy, guard_copy(writes[i].text, len), len, &cookies, site.pool);
            pv_cookies_judge(policy, &consent, &cookies);
            cookies_check_judged(policy, &consent, &cookies, &model);
            if (cookies.denied > 0) {
                cookies_check_left(policy, &consent, &cookies, &model);
            }
        }
    }
    guard_free();
    site_end(&site);
}

/** More pairs than there is room for at first. */
static void test_many(void **state)
{
    site_t site = site_usual();
    const pv_policy_t *policy = site_sound(&site);
    pv_consent_t consent = { .granted = policy->necessary };

    (void)state;
    for (int count = 0; count < 200; count++) {
        char text[2000] = "", want[2000] = "";
        pv_cookies_t cookies;
        pv_span_t out;

        for (int i = 0; i < count; i++) {
            const char *pair = apr_psprintf(site.pool, "%s%d=%d", i % 3 ? "c" : "_ga_", i, i);

            strcat(strcat(text, i ? "; " : ""), pair);
            if (i % 3) {
                strcat(strcat(want, i > 1 ? "; " : ""), pair);
            }
        }
        pv_cookies_read(policy, guard_copy(text, strlen(text)), strlen(text), &cookies, site.pool);
        pv_cookies_judge(policy, &consent, &cookies);
        assert_int_equal(cookies.count, count);
        assert_int_equal(cookies.denied, (count + 2) / 3);
        if (count > 0) {
            out = cookies_write(&cookies);
            assert_int_equal(out.len, strlen(want));
            assert_memory_equal(out.ptr, want, out.len);
            free((char *)out.ptr);
        }
    }
    guard_free();
    site_end(&site);
}

/** R5 denied=session: demoted cookies are neither filtered nor expired. */
static void test_demoted(void **state)
{
    site_t site = site_usual();
    const pv_policy_t *policy = site_sound(&site);
    pv_consent_t consent = { .granted = policy->necessary };
    pv_cookies_t cookies;

    (void)state;
    pv_cookies_read(policy, "theme=1", 7, &cookies, site.pool);
    pv_cookies_judge(policy, &consent, &cookies);
    assert_int_equal(cookies.denied, 0);
    assert_int_equal(cookies.list[0].denied, 0);
    site_end(&site);
}

/** The visitor withdraws, or grants, in the middle of a request. */
static void test_judged_again(void **state)
{
    static const char text[] = "sid=1; _ga=2; theme=3";
    site_t site = site_usual();
    const pv_policy_t *policy = site_sound(&site);
    pv_consent_t denied = { .granted = 1 }, granted = { .granted = 1 | 2 };
    pv_cookies_t cookies;

    (void)state;
    pv_cookies_read(policy, text, sizeof(text) - 1, &cookies, site.pool);
    for (int i = 0; i < 2; i++) {
        pv_cookies_judge(policy, &denied, &cookies);
        assert_int_equal(cookies.denied, 1);
        assert_int_equal(cookies.list[1].denied, 1);
        pv_cookies_judge(policy, &granted, &cookies);
        assert_int_equal(cookies.denied, 0);
        assert_int_equal(cookies.list[1].denied, 0);
    }
    site_end(&site);
}

/* The record. */

#define RECORD "v=1&p=1&t="
#define OLD    RECORD "1749990000"
#define NEW    RECORD "1749999999"

typedef struct {
    const char *title;
    const char *text;
    int found;
    apr_int64_t time;
    pv_set_t granted;
    pv_set_t denied;
} record_case_t;

static const record_case_t records[] = {
    { "no cookie", "", 0, 0, 0, 0 },
    { "no record", "sid=" NEW "&analytics=1", 0, 0, 0, 0 },
    { "a record", "a=1; privacy_consent=" NEW "&analytics=1; b=2", 1, 1749999999, 2, 0 },
    { "in white space", "privacy_consent = \t" NEW "&analytics=0\v ; b=2", 1, 1749999999, 0, 2 },
    { "D2 malformed", "privacy_consent=" NEW "&analytics=1&", 0, 0, 0, 0 },
    { "D2 empty", "privacy_consent=", 0, 0, 0, 0 },
    { "D2 in quotes", "privacy_consent=\"" NEW "&analytics=1\"", 0, 0, 0, 0 },
    { "D2 another case", "Privacy_Consent=" NEW "&analytics=1", 0, 0, 0, 0 },
    { "D2 nameless", "=privacy_consent=" NEW "&analytics=1", 0, 0, 0, 0 },
    { "D2 only a name", "privacy_consent", 0, 0, 0, 0 },
    { "D2 behind a joint it may be a value", "a=1, privacy_consent=" NEW "&analytics=1", 0, 0, 0,
      0 },
    { "D2 a joint behind it is part of it", "privacy_consent=" NEW "&analytics=1, a=1", 0, 0, 0,
      0 },
    { "newest of two", "privacy_consent=" OLD "&analytics=1; privacy_consent=" NEW "&analytics=0",
      1, 1749999999, 0, 2 },
    { "newest of two, turned round",
      "privacy_consent=" NEW "&analytics=0; privacy_consent=" OLD "&analytics=1", 1, 1749999999, 0,
      2 },
    { "of equals what grants less",
      "privacy_consent=" NEW "&analytics=1; privacy_consent=" NEW "&prefs=1", 1, 1749999999, 0, 0 },
    { "a malformed one does not count", "privacy_consent=x; privacy_consent=" OLD "&analytics=1", 1,
      1749990000, 2, 0 },
    { "nor does it behind a sound one", "privacy_consent=" OLD "&analytics=1; privacy_consent=x", 1,
      1749990000, 2, 0 },
    { "one from the future does not count",
      "privacy_consent=" OLD "&analytics=1; privacy_consent=" RECORD "9999999999&analytics=0", 1,
      1749990000, 2, 0 },
};

static void test_record(void **state)
{
    const record_case_t *c = *state;
    site_t site = site_usual();
    const pv_policy_t *policy = site_sound(&site);
    pv_cookies_t cookies;
    pv_record_t record;

    pv_cookies_read(policy, guard_copy(c->text, strlen(c->text)), strlen(c->text), &cookies,
                    site.pool);
    assert_int_equal(pv_cookies_record(policy, &cookies, NOW, &record), c->found);
    if (c->found) {
        assert_true(record.time == c->time);
        assert_true(record.granted == c->granted && record.denied == c->denied);
    }
    guard_free();
    site_end(&site);
}

int main(void)
{
    suite_table(writes, test_write);
    suite_add("Q1 any header under any policy", test_any_header, NULL);
    suite_add("F1 cut off at every byte", test_truncated, NULL);
    suite_add("Q1 any number of pairs", test_many, NULL);
    suite_add("Q1 denied=session stays", test_demoted, NULL);
    suite_add("M7 judged again", test_judged_again, NULL);
    suite_table(records, test_record);
    return suite_run("cookies", site_setup, site_teardown);
}
