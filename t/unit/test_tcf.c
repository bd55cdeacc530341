/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/*
 * The TC string. The vectors were encoded with the reference encoder; the sets in
 * t/corpus/tcf were too, over random purposes, vendors, ranges and restrictions.
 * TCF_CORPUS names another file to be read in their place (t/tcf.t makes one).
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "bits_model.h"
#include "consent/pv_tcf.h"
#include "guard.h"

#define P(n)    PV_TCF_PURPOSE(n)
#define P_ALL   (P(1) | P(2) | P(3) | P(4) | P(5) | P(6) | P(7) | P(8) | P(9) | P(10) | P(11))
#define V_ALL   "CQdWToAQdWToAEsABBENCNFsAP_gAEPgAAwIAMkAAAIAMgAAAIAA.IAMkAAAI"
#define V_RANGE "CQdWToAQdWToAEsABBENCNFgAP_gAAAAAAwIF5wA4AAgAGAAoBeYAAQAAAA"
#define V_CLOSE "CQdWToAQdWToAEsABBENCNFgAP_gAAAAAAwIAMgAAAIAAAAQwAEADIA"
#define V_MEAS  "CQdWToAQdWToAEsABBENCNFgAIPAAAAAAAwIAMgAAAIAAAAA.IAMgAAAI"
#define V_2020  "COyiILmOyiILmADACHENAPCAAAAAAAAAAAAAE5QBgALgAqgD8AQACSwEygJyAAAAAA"

static const struct {
    const char *name;
    const char *text;
    unsigned vendor;
    apr_uint32_t granted;
} good[] = {
    { "all, no vendor asked", V_ALL, 0, P_ALL },
    { "all, vendor 2", V_ALL, 2, P_ALL },
    { "all, vendor 25, the last", V_ALL, 25, P_ALL },
    { "all, vendor 24", V_ALL, 24, 0 },
    { "all, vendor 26, beyond the last", V_ALL, 26, 0 },
    { "none", "CQdWToAQdWToAEsABBENCNFgAAAAAAAAAAwIAAAAAAAA.IAMkAAAI", 0, 0 },
    { "measurement", V_MEAS, 25, P(1) | P(7) | P(8) | P(9) | P(10) },
    { "range: single", V_RANGE, 10, P_ALL },
    { "range: from", V_RANGE, 1, P_ALL },
    { "range: inside", V_RANGE, 2, P_ALL },
    { "range: to", V_RANGE, 3, P_ALL },
    { "range: between", V_RANGE, 4, 0 },
    { "range: the last", V_RANGE, 755, P_ALL },
    { "purpose 1 alone", "CQdWToAQdWToAEsABBENCNFgAIAAAAAAAAwIAAAAAAAA", 0, P(1) },
    { "restriction: closed to the vendor", V_CLOSE, 25, P_ALL & ~P(3) },
    { "restriction: none asked", V_CLOSE, 0, P_ALL },
    { "MaxVendorId 0", "COwJz-rOwJz-rMLAEAFRAPCgAAAAAAAAAAqIAAAAAAAA", 0, 0 },
};

static const struct {
    const char *name;
    const char *text;
    pv_status_t status;
} bad[] = {
    { "empty", "", PV_BAD },
    { "policy 2, created 2026", "CQdWToAQdWToAEsABBENCNCgAP_gAAAAAAwIAMgAAAIAAAAA", PV_BAD },
    { "not service specific", "CQdWToAQdWToAEsABBENCNFAAP_gAAAAAAwIAMgAAAIAAAAA", PV_BAD },
    { "vendor list 0",
      "CPTtLAAPTtLAAAKAAAENAAFgALwAAEAAAAAAAOgAgABgAAAA.IAoAAgABgAAEAQAAEAAA.d4AACEAAAAAA",
      PV_BAD },
    { "created 2020, not service specific", V_2020, PV_BAD },
    { "version 1", "BOEFEAyOEFEAyAHABDENAI4AAAB9vABAASA", PV_BAD },
    { "a GPP string", "DBACNY~CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA~1YNN", PV_BAD },
    { "padding", V_RANGE "=", PV_BAD },
    { "base64's other alphabet", "CQdWToAQdWToAEsABBENCNFgAP/gAAAAAAwIAMgAAAIAAAAA", PV_BAD },
    { "a space in front", " " V_RANGE, PV_BAD },
    { "a space behind", V_RANGE " ", PV_BAD },
    { "a dot behind", V_RANGE ".", PV_BAD },
    { "a dot in front", "." V_RANGE, PV_BAD },
    { "two dots", "CQdWToAQdWToAEsABBENCNFsAP_gAEPgAAwIAMkAAAIAMgAAAIAA..IAMkAAAI", PV_BAD },
    { "a segment of type 0", V_RANGE ".AAMkAAAI", PV_BAD },
    { "a segment of type 4", V_RANGE ".gAMkAAAI", PV_BAD },
    { "a segment twice", V_ALL ".IAMkAAAI", PV_BAD },
    { "more than zeros behind the last field", "CQdWToAQdWToAEsABBENCNFgAIAAAAAAAAwIAAAAAAAB",
      PV_BAD },
    { "more than zeros behind a segment", V_RANGE ".IAMkAAAIAAB", PV_BAD },
};

static void test_good(void **state)
{
    pv_tcf_t tcf;

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        size_t len = strlen(good[i].text);
        pv_span_t text = pv_span(guard_copy(good[i].text, len), len);

        if (pv_tcf_read(text, good[i].vendor, &tcf) != PV_OK ||
            pv_tcf_granted(&tcf, good[i].vendor) != good[i].granted) {
            fail_msg("%s", good[i].name);
        }
    }
    guard_free();
}

static void test_bad(void **state)
{
    pv_tcf_t tcf;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        size_t len = strlen(bad[i].text);
        pv_span_t text = pv_span(guard_copy(bad[i].text, len), len);

        if (pv_tcf_read(text, 2, &tcf) != bad[i].status) {
            fail_msg("%s", bad[i].name);
        }
    }
    guard_free();
}

/* Every vendor asked about, and the other fields. */
static void test_fields(void **state)
{
    static const unsigned vendors[] = { 1, 2, 3, 10, 755 };
    pv_tcf_t tcf;
    unsigned n = 0;

    (void)state;
    for (unsigned v = 1; v <= 800; v++) {
        assert_int_equal(pv_tcf_read(PV_SPAN(V_RANGE), v, &tcf), PV_OK);
        if (tcf.vendor) {
            assert_true(n < sizeof(vendors) / sizeof(vendors[0]));
            assert_int_equal(v, vendors[n++]);
        }
    }
    assert_int_equal(n, sizeof(vendors) / sizeof(vendors[0]));
    assert_int_equal(pv_tcf_read(PV_SPAN(V_ALL), 0, &tcf), PV_OK);
    assert_int_equal(tcf.created, APR_UINT64_C(17672256000));
    assert_int_equal(tcf.policy, 5);
    assert_int_equal(tcf.vendor_list, 141);
    assert_int_equal(tcf.one_treated, 0);
}

/* Cut off at every byte, each vector is refused or grants no more than the whole. */
static void test_cut(void **state)
{
    pv_tcf_t tcf;

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        for (size_t len = 0; len < strlen(good[i].text); len++) {
            pv_span_t text = pv_span(guard_copy(good[i].text, len), len);

            if (pv_tcf_read(text, good[i].vendor, &tcf) == PV_OK &&
                (pv_tcf_granted(&tcf, good[i].vendor) & ~good[i].granted) != 0) {
                fail_msg("%s, cut to %u", good[i].name, (unsigned)len);
            }
        }
    }
    guard_free();
}

static pv_status_t ask(bits_writer_t *w, unsigned vendor, pv_tcf_t *tcf)
{
    size_t len = bits_text_len(w);

    return pv_tcf_read(pv_span(guard_copy(w->text, len), len), vendor, tcf);
}

/* One range in the vendors' section. */
static pv_status_t ask_range(unsigned max, unsigned first, unsigned last, unsigned entries)
{
    bits_writer_t w;
    pv_tcf_t tcf;

    bits_put_tcf(&w, 0);
    bits_put(&w, 16, max);
    bits_put(&w, 1, 1);
    bits_put(&w, 12, entries);
    bits_put(&w, 1, 1);
    bits_put(&w, 16, first);
    bits_put(&w, 16, last);
    bits_put(&w, 17 + 12, 0);
    return ask(&w, 5, &tcf);
}

static void test_ranges(void **state)
{
    (void)state;
    assert_int_equal(ask_range(10, 1, 10, 1), PV_OK);
    assert_int_equal(ask_range(10, 0, 10, 1), PV_BAD);
    assert_int_equal(ask_range(10, 5, 5, 1), PV_BAD);
    assert_int_equal(ask_range(10, 6, 5, 1), PV_BAD);
    assert_int_equal(ask_range(10, 1, 11, 1), PV_BAD);
    assert_int_equal(ask_range(10, 1, 10, 2), PV_BAD);
    assert_int_equal(ask_range(10, 1, 10, 4095), PV_BAD);
    assert_int_not_equal(ask_range(10, 1, 10, 0), PV_OK);
    assert_int_equal(ask_range(4096, 1, 4096, 1), PV_OK);
    assert_int_equal(ask_range(4097, 1, 10, 1), PV_LIMIT);
    guard_free();
}

/* A restriction of purpose 3 for vendor 5, who has consent. */
static pv_status_t ask_restriction(unsigned purpose, unsigned type, unsigned vendor, pv_tcf_t *tcf)
{
    bits_writer_t w;

    bits_put_tcf(&w, 0);
    bits_put(&w, 17, 5u << 1);
    bits_put(&w, 5, 1);
    bits_put(&w, 17, 0);
    bits_put(&w, 12, 1);
    bits_put(&w, 6, purpose);
    bits_put(&w, 2, type);
    bits_put(&w, 12, 1);
    bits_put(&w, 1, 0);
    bits_put(&w, 16, vendor);
    return ask(&w, 5, tcf);
}

static void test_restrictions(void **state)
{
    pv_tcf_t tcf;

    (void)state;
    assert_int_equal(ask_restriction(3, 0, 5, &tcf), PV_OK);
    assert_int_equal(pv_tcf_granted(&tcf, 5), P_ALL & ~P(3));
    assert_int_equal(ask_restriction(3, 1, 5, &tcf), PV_OK);
    assert_int_equal(pv_tcf_granted(&tcf, 5), P_ALL);
    assert_int_equal(ask_restriction(3, 2, 5, &tcf), PV_OK);
    assert_int_equal(pv_tcf_granted(&tcf, 5), P_ALL & ~P(3));
    assert_int_equal(ask_restriction(3, 0, 4, &tcf), PV_OK);
    assert_int_equal(pv_tcf_granted(&tcf, 5), P_ALL);
    assert_int_equal(ask_restriction(3, 3, 5, &tcf), PV_BAD);
    assert_int_equal(ask_restriction(0, 0, 5, &tcf), PV_BAD);
    assert_int_equal(ask_restriction(25, 0, 5, &tcf), PV_BAD);
    assert_int_equal(ask_restriction(3, 0, 0, &tcf), PV_BAD);
    guard_free();
}

/* From policy 4 on purposes 3 to 6 rest on consent alone. */
static void test_interests(void **state)
{
    pv_tcf_t tcf;

    (void)state;
    for (unsigned purpose = 1; purpose <= 11; purpose++) {
        bits_writer_t w;

        bits_put_tcf(&w, P(purpose));
        bits_put(&w, 17 + 17 + 12, 0);
        assert_int_equal(ask(&w, 0, &tcf), purpose >= 3 && purpose <= 6 ? PV_BAD : PV_OK);
    }
    guard_free();
}

/* A line of a set: the string, the purposes consented to, the vendors that have
 * consent, and `VENDOR:PURPOSE` for what is closed to whom; `-` for none. */
#define LINE 16384

static int has(const char *list, const char *item)
{
    size_t len = strlen(item);

    for (const char *p = list; p != NULL; p = strchr(p, ',')) {
        p += *p == ',';
        if (strncmp(p, item, len) == 0 && (p[len] == ',' || p[len] == '\0')) {
            return 1;
        }
    }
    return 0;
}

static int has_number(const char *list, unsigned n)
{
    char item[16];

    snprintf(item, sizeof(item), "%u", n);
    return has(list, item);
}

static void check_line(const char *text, const char *purposes, const char *vendors,
                       const char *closed)
{
    for (unsigned vendor = 0; vendor <= 1200; vendor += 1 + vendor / 40) {
        pv_tcf_t tcf;
        size_t len = strlen(text);
        apr_uint32_t expected = 0;

        for (unsigned p = 1; p <= 11; p++) {
            char item[24];

            snprintf(item, sizeof(item), "%u:%u", vendor, p);
            if (has_number(purposes, p) &&
                (vendor == 0 || (has_number(vendors, vendor) && !has(closed, item)))) {
                expected |= P(p);
            }
        }
        if (pv_tcf_read(pv_span(guard_copy(text, len), len), vendor, &tcf) != PV_OK ||
            pv_tcf_granted(&tcf, vendor) != expected) {
            fail_msg("vendor %u of %s", vendor, text);
        }
    }
}

static void test_set(void **state)
{
    const char *name = getenv("TCF_CORPUS");
    FILE *file = fopen(name != NULL ? name : "t/corpus/tcf/reference.txt", "r");
    static char line[LINE];
    unsigned n = 0;

    (void)state;
    assert_non_null(file);
    while (fgets(line, sizeof(line), file) != NULL) {
        char *last, *text = strtok_r(line, " \n", &last);
        char *purposes, *vendors, *closed;

        if (text == NULL || *text == '#') {
            continue;
        }
        purposes = strtok_r(NULL, " \n", &last);
        vendors = strtok_r(NULL, " \n", &last);
        closed = strtok_r(NULL, " \n", &last);
        assert_non_null(closed);
        check_line(text, purposes, vendors, closed);
        n++;
    }
    fclose(file);
    guard_free();
    assert_true(n >= 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),      cmocka_unit_test(test_bad),
        cmocka_unit_test(test_fields),    cmocka_unit_test(test_cut),
        cmocka_unit_test(test_ranges),    cmocka_unit_test(test_restrictions),
        cmocka_unit_test(test_interests), cmocka_unit_test(test_set),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
