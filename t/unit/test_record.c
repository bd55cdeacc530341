/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* The module's own cookie: what is read of it (D1, D2), of several, and what is
 * written (directives, "The module's own cookie"). */

#include "consent/pv_record.h"
#include "guard.h"
#include "policy_fixture.h"
#include "record_model.h"

#define NOW  APR_INT64_C(1750000000)
#define DAY  86400
#define LIFE 1000 /* of a record, in seconds */

/* Sets of the site's categories. */
enum { NONE = 0, ESSENTIAL = 1, ANALYTICS = 2, ADS = 4 };

static pv_policy_t *policy;
static site_t site;

static int setup(void **state)
{
    if (site_setup(state) != 0) {
        return 1;
    }
    site = site_begin();
    site_category(&site, "essential", PV_BASIS_NECESSARY);
    site_category(&site, "analytics", PV_BASIS_OPT_IN);
    site_category(&site, "ads", PV_BASIS_OPT_OUT);
    site_consent_cookie(&site, "privacy_consent")->lifetime = LIFE;
    site.declared->version = "2";
    policy = site_sound(&site);
    return 0;
}

typedef struct {
    const char *title;
    const char *text;
    pv_status_t status;
    unsigned granted;
    unsigned denied;
    unsigned signal;
    unsigned current;
} read_case_t;

#define T "&t=1750000000"

static const read_case_t cases[] = {
    { "what is written", "v=1&p=2" T "&g=1&analytics=1&ads=0", PV_OK, ANALYTICS, ADS, 1, 1 },
    { "no category", "v=1&p=2" T, PV_OK, NONE, NONE, 0, 1 },
    { "any order", "ads=0&t=1750000000&analytics=1&p=2&v=1", PV_OK, ANALYTICS, ADS, 0, 1 },
    { "both granted", "v=1&p=2" T "&analytics=1&ads=1", PV_OK, ANALYTICS | ADS, NONE, 0, 1 },
    { "both denied", "v=1&p=2" T "&analytics=0&ads=0", PV_OK, NONE, ANALYTICS | ADS, 0, 1 },
    { "a key that is no category", "v=1&p=2" T "&old=1&x=&ANALYTICS=1&ad=1&adss=1", PV_OK, NONE,
      NONE, 0, 1 },
    { "a key that is no category, twice", "v=1&p=2" T "&old=1&old=0", PV_OK, NONE, NONE, 0, 1 },
    { "D1 another version", "v=1&p=1" T "&analytics=1&ads=0", PV_OK, ANALYTICS, ADS, 0, 0 },
    { "D1 a longer version", "v=1&p=22" T "&analytics=1", PV_OK, ANALYTICS, NONE, 0, 0 },
    { "D1 a version with =", "v=1&p=2=" T "&analytics=1", PV_OK, ANALYTICS, NONE, 0, 0 },
    { "D2 empty", "", PV_BAD, 0, 0, 0, 0 },
    { "D2 no v", "p=2" T "&analytics=1", PV_BAD, 0, 0, 0, 0 },
    { "D2 no p", "v=1" T "&analytics=1", PV_BAD, 0, 0, 0, 0 },
    { "D2 no t", "v=1&p=2&analytics=1", PV_BAD, 0, 0, 0, 0 },
    { "D2 an unknown v", "v=2&p=2" T "&analytics=1", PV_BAD, 0, 0, 0, 0 },
    { "D2 v is 1 to the byte", "v=01&p=2" T "&analytics=1", PV_BAD, 0, 0, 0, 0 },
    { "D2 v empty", "v=&p=2" T "&analytics=1", PV_BAD, 0, 0, 0, 0 },
    { "D2 p empty", "v=1&p=" T "&analytics=1", PV_BAD, 0, 0, 0, 0 },
    { "D2 t empty", "v=1&p=2&t=&analytics=1", PV_BAD, 0, 0, 0, 0 },
    { "D2 t is no number", "v=1&p=2&t=175000000x&analytics=1", PV_BAD, 0, 0, 0, 0 },
    { "D2 t has a sign", "v=1&p=2&t=-1750000000&analytics=1", PV_BAD, 0, 0, 0, 0 },
    { "D2 t is positive by a sign", "v=1&p=2&t=+1750000000&analytics=1", PV_BAD, 0, 0, 0, 0 },
    { "D2 t of 12 digits", "v=1&p=2&t=001750000000&analytics=1", PV_OK, ANALYTICS, NONE, 0, 1 },
    { "D2 t of 13 digits", "v=1&p=2&t=0001750000000&analytics=1", PV_BAD, 0, 0, 0, 0 },
    { "D2 t over 64 bits", "v=1&p=2&t=18446744075459551616&analytics=1", PV_BAD, 0, 0, 0, 0 },
    { "D2 g is not 1", "v=1&p=2" T "&g=0&analytics=1", PV_BAD, 0, 0, 0, 0 },
    { "D2 g empty", "v=1&p=2" T "&g=&analytics=1", PV_BAD, 0, 0, 0, 0 },
    { "D2 v twice", "v=1&v=1&p=2" T "&analytics=1", PV_BAD, 0, 0, 0, 0 },
    { "D2 p twice", "v=1&p=2&p=2" T "&analytics=1", PV_BAD, 0, 0, 0, 0 },
    { "D2 t twice", "v=1&p=2" T T "&analytics=1", PV_BAD, 0, 0, 0, 0 },
    { "D2 g twice", "v=1&p=2" T "&g=1&g=1&analytics=1", PV_BAD, 0, 0, 0, 0 },
    { "D2 a category twice", "v=1&p=2" T "&analytics=1&analytics=1", PV_BAD, 0, 0, 0, 0 },
    { "D2 a category both ways", "v=1&p=2" T "&analytics=1&analytics=0", PV_BAD, 0, 0, 0, 0 },
    { "D2 a category is not 0 or 1", "v=1&p=2" T "&analytics=2", PV_BAD, 0, 0, 0, 0 },
    { "D2 a category empty", "v=1&p=2" T "&analytics=", PV_BAD, 0, 0, 0, 0 },
    { "D2 a category of two bytes", "v=1&p=2" T "&analytics=11", PV_BAD, 0, 0, 0, 0 },
    { "D2 a key without =", "v=1&p=2" T "&analytics", PV_BAD, 0, 0, 0, 0 },
    { "D2 a value without a key", "v=1&p=2" T "&=1&analytics=1", PV_BAD, 0, 0, 0, 0 },
    { "D2 nothing between &", "v=1&p=2" T "&&analytics=1", PV_BAD, 0, 0, 0, 0 },
    { "D2 & at the end", "v=1&p=2" T "&analytics=1&", PV_BAD, 0, 0, 0, 0 },
    { "D2 & at the beginning", "&v=1&p=2" T "&analytics=1", PV_BAD, 0, 0, 0, 0 },
    { "D2 a space", "v=1&p=2" T "&analytics=1 ", PV_BAD, 0, 0, 0, 0 },
    { "D2 a space in an unknown key", "v=1&p=2" T "&analytics=1&x y=1", PV_BAD, 0, 0, 0, 0 },
    { "D2 quotes", "\"v=1&p=2" T "&analytics=1\"", PV_BAD, 0, 0, 0, 0 },
    { "D2 a comma", "v=1&p=2" T "&analytics=1, x=1", PV_BAD, 0, 0, 0, 0 },
    { "D2 a ;", "v=1&p=2" T "&analytics=1&x=;", PV_BAD, 0, 0, 0, 0 },
    { "D2 a backslash", "v=1&p=2" T "&analytics=1&x=\\", PV_BAD, 0, 0, 0, 0 },
    { "D2 a DEL", "v=1&p=2" T "&analytics=1&x=\x7f", PV_BAD, 0, 0, 0, 0 },
    { "D2 8-bit", "v=1&p=2" T "&analytics=1&x=\xc3\xa4", PV_BAD, 0, 0, 0, 0 },
    { "D2 percent-encoded", "v%3D1%26p%3D2", PV_BAD, 0, 0, 0, 0 },
    { "D2 a key in capitals", "V=1&p=2" T "&analytics=1", PV_BAD, 0, 0, 0, 0 },
};

static pv_status_t read_guarded(const char *text, size_t len, pv_record_t *record)
{
    pv_status_t status;

    memset(record, 0xff, sizeof(*record));
    status = pv_record_read(policy, guard_copy(text, len), len, NOW, record);
    guard_free();
    return status;
}

/** What is not read whole leaves nothing behind. */
static void assert_empty(const pv_record_t *record)
{
    assert_true(record->granted == 0 && record->denied == 0 && record->time == 0);
    assert_true(record->signal == 0 && record->current == 0);
}

static void test_read(void **state)
{
    const read_case_t *c = *state;
    pv_record_t record;

    assert_int_equal(read_guarded(c->text, strlen(c->text), &record), c->status);
    assert_true(record.granted == c->granted && record.denied == c->denied);
    assert_int_equal(record.signal, c->signal);
    assert_int_equal(record.current, c->current);
    if (c->status == PV_OK) {
        assert_true(record.time == NOW);
    }
    else {
        assert_empty(&record);
    }
}

static void test_null(void **state)
{
    pv_record_t record;

    (void)state;
    assert_int_equal(pv_record_read(policy, NULL, 0, NOW, &record), PV_BAD);
    assert_empty(&record);
}

static void test_nul_byte(void **state)
{
    static const char text[] = "v=1&p=2" T "&analytics=1&\0=1";
    static const char key[] = "v=1&p=2" T "&analytics=1&x\0=1";
    pv_record_t record;

    (void)state;
    assert_int_equal(read_guarded(text, sizeof(text) - 1, &record), PV_BAD);
    assert_int_equal(read_guarded(key, sizeof(key) - 1, &record), PV_BAD);
}

static void test_size(void **state)
{
    static const char begin[] = "v=1&p=2" T "&analytics=1&x=";
    char text[PV_RECORD_MAX + 1];
    pv_record_t record;

    (void)state;
    memset(text, 'y', sizeof(text));
    memcpy(text, begin, sizeof(begin) - 1);
    assert_int_equal(PV_RECORD_MAX, 1024);
    assert_int_equal(read_guarded(text, 1024, &record), PV_OK);
    assert_true(record.granted == ANALYTICS);
    assert_int_equal(read_guarded(text, 1025, &record), PV_LIMIT);
    assert_empty(&record);
}

static pv_status_t read_made_at(apr_int64_t time, apr_int64_t now, pv_record_t *record)
{
    char text[100];

    apr_snprintf(text, sizeof(text), "v=1&p=2&t=%" APR_INT64_T_FMT "&analytics=1&ads=0", time);
    return pv_record_read(policy, text, strlen(text), now, record);
}

static void test_future(void **state)
{
    pv_record_t record;

    (void)state;
    assert_int_equal(read_made_at(NOW + DAY, NOW, &record), PV_OK);
    assert_true(record.current && record.granted == ANALYTICS);
    assert_int_equal(read_made_at(NOW + DAY + 1, NOW, &record), PV_BAD);
    assert_empty(&record);
    assert_int_equal(read_made_at(APR_INT64_C(999999999999), NOW, &record), PV_BAD);
}

static void test_age(void **state)
{
    pv_consent_cookie_t *cookie = (pv_consent_cookie_t *)policy->consent_cookie;
    pv_record_t record;

    (void)state;
    assert_int_equal(read_made_at(NOW - LIFE, NOW, &record), PV_OK);
    assert_int_equal(record.current, 1);
    assert_int_equal(read_made_at(NOW - LIFE - 1, NOW, &record), PV_OK);
    assert_int_equal(record.current, 0);
    assert_true(record.denied == ADS);
    assert_int_equal(read_made_at(0, NOW, &record), PV_OK);
    assert_int_equal(record.current, 0);
    cookie->lifetime = PV_LIFETIME_SESSION;
    assert_int_equal(read_made_at(0, NOW, &record), PV_OK);
    assert_int_equal(record.current, 1);
    cookie->lifetime = PV_LIFETIME_ANY;
    assert_int_equal(read_made_at(0, NOW, &record), PV_OK);
    assert_int_equal(record.current, 1);
    cookie->lifetime = LIFE;
}

/* Any bytes, against a reading from the words. */

static int check(const char *text, size_t len)
{
    record_model_t model;
    pv_record_t record;

    record_model_read(&model, policy, pv_span(text, len), NOW);
    assert_int_equal(read_guarded(text, len, &record), model.bad ? PV_BAD : PV_OK);
    assert_true(record_model_same(&record, &model.record));
    return !model.bad;
}

static void test_truncated(void **state)
{
    unsigned sound = 0, bad = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        for (size_t len = 0; len <= strlen(cases[i].text); len++) {
            *(check(cases[i].text, len) ? &sound : &bad) += 1;
        }
    }
    assert_true(sound > 200 && bad > 700);
}

static void test_any_bytes(void **state)
{
    static const char *const pieces[] = { "v=1",         "p=2",         "p=x",   "t=1749999990",
                                          "t=5",         "g=1",         "ads=0", "ads=1",
                                          "analytics=1", "essential=0", "old=x", "g=2",
                                          "=",           "&",           "ads",   "x=\xff",
                                          "t=1760000000" };
    unsigned sound = 0, bad = 0;

    (void)state;
    for (int i = 0; i < 40000; i++) {
        char text[256] = "";
        unsigned n = 1 + draw(7), first = draw(3);

        for (unsigned j = 0; j < n; j++) {
            strcat(text, j ? "&" : "");
            /* Mostly what a record needs. */
            strcat(
                text,
                pieces[j < 4 && draw(8) ? (first + j * (j < 3 ? 1 : 2)) % 4 : draw(COUNT(pieces))]);
        }
        *(check(text, strlen(text)) ? &sound : &bad) += 1;
    }
    assert_true(sound > 1000 && bad > 10000);
}

/* Of several records. */

typedef struct {
    const char *title;
    pv_record_t first, second, want;
} sum_case_t;

static const sum_case_t sums[] = {
    { "the newer counts, second", { 5, 1, 2, 1, 1 }, { 6, 4, 8, 0, 1 }, { 6, 4, 8, 0, 1 } },
    { "the newer counts, first", { 6, 4, 8, 0, 1 }, { 5, 1, 2, 1, 1 }, { 6, 4, 8, 0, 1 } },
    { "the newer counts though it is not current",
      { 5, 1, 2, 0, 1 },
      { 6, 4, 8, 0, 0 },
      { 6, 4, 8, 0, 0 } },
    { "of equals what both grant", { 5, 3, 0, 0, 1 }, { 5, 6, 0, 0, 1 }, { 5, 2, 0, 0, 1 } },
    { "of equals what either denies", { 5, 0, 3, 0, 1 }, { 5, 0, 6, 0, 1 }, { 5, 0, 7, 0, 1 } },
    { "of equals granted here and denied there",
      { 5, 1, 2, 0, 1 },
      { 5, 2, 1, 0, 1 },
      { 5, 0, 3, 0, 1 } },
    { "of equals no signal, if one had none",
      { 5, 1, 0, 1, 1 },
      { 5, 1, 0, 0, 1 },
      { 5, 1, 0, 0, 1 } },
    { "of equals the signal, if both had",
      { 5, 1, 0, 1, 1 },
      { 5, 1, 0, 1, 1 },
      { 5, 1, 0, 1, 1 } },
    { "of equals not current, if one is not",
      { 5, 1, 0, 0, 0 },
      { 5, 1, 0, 0, 1 },
      { 5, 1, 0, 0, 0 } },
};

static void test_sum(void **state)
{
    const sum_case_t *c = *state;

    for (int swapped = 0; swapped < 2; swapped++) {
        pv_record_t sum = swapped ? c->second : c->first;

        pv_record_add(&sum, swapped ? &c->first : &c->second);
        assert_true(sum.time == c->want.time);
        assert_true(sum.granted == c->want.granted && sum.denied == c->want.denied);
        assert_int_equal(sum.signal, c->want.signal);
        assert_int_equal(sum.current, c->want.current);
    }
}

/* Written. */

static void test_write(void **state)
{
    pv_record_t record = { NOW, ANALYTICS | ESSENTIAL, ADS, 0, 0 };
    char *out = malloc(pv_record_size(policy));
    apr_size_t len = pv_record_write(policy, &record, out);

    (void)state;
    assert_int_equal(len, strlen("v=1&p=2" T "&analytics=1&ads=0"));
    assert_memory_equal(out, "v=1&p=2" T "&analytics=1&ads=0", len);
    record.signal = 1;
    record.granted = NONE;
    len = pv_record_write(policy, &record, out);
    assert_int_equal(len, strlen("v=1&p=2" T "&g=1&ads=0"));
    assert_memory_equal(out, "v=1&p=2" T "&g=1&ads=0", len);
    free(out);
}

/** What is written is read as it was, in memory of exactly the promised size. */
static void test_round_trip(void **state)
{
    (void)state;
    for (int i = 0; i < 500; i++) {
        site_t any = site_draw(1 + draw(64), 0);
        pv_record_t record = { NOW - draw(LIFE), 0, 0, draw(2), 1 }, again;
        const pv_policy_t *p;
        pv_set_t offered;
        char *out;
        apr_size_t len;

        any.declared->version = draw(2) ? "2025.06-b_1" : NULL;
        p = site_sound(&any);
        for (int j = 0; j < p->category_count; j++) {
            unsigned choice = draw(3);

            record.granted |= choice == 1 ? PV_BIT(j) : 0;
            record.denied |= choice == 2 ? PV_BIT(j) : 0;
        }
        out = malloc(pv_record_size(p));
        len = pv_record_write(p, &record, out);
        assert_true(len <= pv_record_size(p));
        assert_int_equal(pv_record_read(p, guard_copy(out, len), len, NOW, &again), PV_OK);
        guard_free();
        free(out);
        offered = pv_policy_on_offer(p);
        assert_true(again.granted == (record.granted & offered));
        assert_true(again.denied == (record.denied & offered));
        assert_true(again.time == record.time);
        assert_int_equal(again.signal, record.signal);
        assert_int_equal(again.current, 1);
        site_end(&any);
    }
}

/** Categories of a name's length each, so that a record is as long as wanted. */
static site_t long_site(size_t names)
{
    site_t any = site_begin();

    for (int i = 0; names > 0; i++) {
        size_t len = names > 64 ? 32 : names > 32 ? names / 2 : names;

        site_category(&any, apr_psprintf(any.pool, "c%0*d", (int)len - 1, i), PV_BASIS_OPT_IN);
        site_category(&any, apr_psprintf(any.pool, "n%d", i), PV_BASIS_NECESSARY);
        names -= len;
    }
    any.declared->version = "12345678901234567890123456789012";
    return any;
}

/** The longest record that a policy may have can be read; one byte more is refused. */
static void test_largest(void **state)
{
    /* v=1&p=…&t=…&g=1, and &=1 for each of 28 categories */
    size_t names = PV_RECORD_MAX - (6 + 32 + 3 + 12 + 4) - 28 * 3;
    pv_record_t record = { APR_INT64_C(999999999999), ~(pv_set_t)0, 0, 1, 1 }, again;

    (void)state;
    for (size_t more = 0; more < 2; more++) {
        site_t any = long_site(names + more);
        const pv_policy_t *p = site_compile(&any);
        char *out = malloc(pv_record_size(p));
        apr_size_t len = pv_record_write(p, &record, out);

        assert_true(len <= pv_record_size(p));
        assert_int_equal(len, PV_RECORD_MAX + more);
        assert_int_equal(any.problems->nelts, more);
        assert_int_equal(pv_record_read(p, out, len, record.time, &again), more ? PV_LIMIT : PV_OK);
        free(out);
        site_end(&any);
    }
}

int main(void)
{
    suite_table(cases, test_read);
    suite_add("D2 no record", test_null, NULL);
    suite_add("D2 a NUL", test_nul_byte, NULL);
    suite_add("D2 1024 bytes are read, 1025 are not", test_size, NULL);
    suite_add("D2 a day in the future, and a second more", test_future, NULL);
    suite_add("D1 as old as its lifetime, and a second more", test_age, NULL);
    suite_add("D2 cut off at every byte", test_truncated, NULL);
    suite_add("D2 any record, against a reading from the words", test_any_bytes, NULL);
    suite_table(sums, test_sum);
    suite_add("written: what is on offer and decided", test_write, NULL);
    suite_add("written and read again", test_round_trip, NULL);
    suite_add("written: the longest, and a byte more", test_largest, NULL);
    return suite_run("record", setup, site_teardown);
}
