/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/*
 * GPP strings and US Privacy. t/corpus/gpp/reference.txt has strings of the
 * reference encoder (t/record/gpp.mjs), every US section among them.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "consent/pv_gpp.h"
#include "consent/pv_tcf.h"
#include "guard.h"

#define SPEC "DBACNY~CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA~1YNN"

static const struct {
    const char *name;
    const char *text;
    pv_status_t status;
    const char *ids;
} headers[] = {
    { "one section", "DBABM~x", PV_OK, "2" },
    { "two sections", SPEC, PV_OK, "2 6" },
    { "a group", "DBABjw~x~y", PV_OK, "5 6" },
    { "usnat", "DBABLA~BVQqAAAACZA.QA", PV_OK, "7" },
    { "usca", "DBABBg~BUoAAAKA.QA", PV_OK, "8" },
    { "uspv1", "DBABTA~1YNN", PV_OK, "6" },
    { "no section at all", "DBAA", PV_OK, "" },
    { "a section missing", "DBACNY~x", PV_BAD, "" },
    { "a section too many", "DBABM~x~y", PV_BAD, "" },
    { "an empty section", "DBACNY~~1YNN", PV_BAD, "" },
    { "nothing behind the last ~", "DBABM~", PV_BAD, "" },
    { "a TC string", "CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA", PV_BAD, "" },
    { "version 2", "DCABM~x", PV_BAD, "" },
    { "a code without its end", "DBABI~x", PV_BAD, "" },
    { "a code cut short", "DBAB~x", PV_BAD, "" },
    { "more items than there are", "DBADM~x~y~z", PV_BAD, "" },
    { "bits behind the last item", "DBABN~x", PV_BAD, "" },
    { "a byte that is none", "DBABM~x y", PV_BAD, "" },
    { "empty", "", PV_BAD, "" },
};

static void test_headers(void **state)
{
    pv_gpp_t gpp;

    (void)state;
    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        size_t len = strlen(headers[i].text);
        pv_span_t text = pv_span(guard_copy(headers[i].text, len), len);
        char ids[256] = "";
        pv_status_t status = pv_gpp_read(text, &gpp);

        for (unsigned k = 0; status == PV_OK && k < gpp.n; k++) {
            sprintf(ids + strlen(ids), "%s%u", k > 0 ? " " : "", gpp.section[k].id);
        }
        if (status != headers[i].status || strcmp(ids, headers[i].ids) != 0) {
            fail_msg("%s: %d, \"%s\"", headers[i].name, status, ids);
        }
    }
    guard_free();
}

static void test_sections(void **state)
{
    pv_gpp_t gpp;
    pv_tcf_t tcf;
    pv_optout_t sale;

    (void)state;
    assert_int_equal(pv_gpp_read(PV_SPAN(SPEC), &gpp), PV_OK);
    assert_int_equal(pv_tcf_read(gpp.section[0].text, 0, &tcf), PV_OK);
    assert_int_equal(tcf.purposes, 0);
    assert_int_equal(pv_usprivacy_read(gpp.section[1].text, &sale), PV_OK);
    assert_int_equal(sale, PV_OPTOUT_NO);
}

/* A group of more sections than are kept: 5 to 59. */
static void test_limit(void **state)
{
    pv_gpp_t gpp;

    (void)state;
    /* 000011 000001 000000000001 1 00011 0000000011 (54: 34+13+5+2) */
    assert_int_equal(pv_gpp_read(PV_SPAN("DBABjVY~x"), &gpp), PV_LIMIT);
}

static const struct {
    const char *name;
    unsigned id;
    const char *text;
    pv_status_t status;
    const char *optouts; /* sale, sharing, targeted */
} sections[] = {
    { "nation: none opted out of", 7, "BVQqAAAACZA.QA", PV_OK, "222" },
    { "nation: all opted out of", 7, "BVQVAAAAAgA.QA", PV_OK, "111" },
    { "nation: GPC is not weighed", 7, "BVVqAAAACqA.YA", PV_OK, "222" },
    { "nation: version 2", 7, "CVQqAAAACZA", PV_OK, "222" },
    { "nation: version 3", 7, "DVQqAAAACZA", PV_BAD, "" },
    { "nation: version 0", 7, "AVQqAAAACZA", PV_BAD, "" },
    { "nation: 3 is no value", 7, "BVQ-AAAACZA", PV_BAD, "" },
    { "nation: cut short", 7, "BVQ", PV_BAD, "" },
    { "California: not opted out", 8, "BUoAAAKA.QA", PV_OK, "220" },
    { "California: version 2", 8, "CUoAAAKA.QA", PV_BAD, "" },
};

static void test_us(void **state)
{
    pv_gpp_us_t us;

    (void)state;
    for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
        size_t len = strlen(sections[i].text);
        pv_span_t text = pv_span(guard_copy(sections[i].text, len), len);
        char got[16] = "";

        if (pv_gpp_us_read(sections[i].id, text, &us) != sections[i].status) {
            fail_msg("%s", sections[i].name);
        }
        if (sections[i].status == PV_OK) {
            sprintf(got, "%u%u%u", us.sale, us.sharing, us.targeted);
        }
        if (strcmp(got, sections[i].optouts) != 0) {
            fail_msg("%s: %s", sections[i].name, got);
        }
    }
    guard_free();
}

static const struct {
    const char *text;
    pv_status_t status;
    pv_optout_t sale;
} privacy[] = {
    { "1YNN", PV_OK, PV_OPTOUT_NO },
    { "1YYN", PV_OK, PV_OPTOUT_YES },
    { "1---", PV_OK, PV_OPTOUT_NOT_APPLICABLE },
    { "1yny", PV_OK, PV_OPTOUT_NO },
    { "1NY-", PV_OK, PV_OPTOUT_YES },
    { "2YNN", PV_BAD, PV_OPTOUT_NO },
    { "1YN", PV_BAD, PV_OPTOUT_NO },
    { "1YNNN", PV_BAD, PV_OPTOUT_NO },
    { "1YXN", PV_BAD, PV_OPTOUT_NO },
    { "", PV_BAD, PV_OPTOUT_NO },
};

static void test_usprivacy(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(privacy) / sizeof(privacy[0]); i++) {
        size_t len = strlen(privacy[i].text);
        pv_optout_t sale;

        if (pv_usprivacy_read(pv_span(guard_copy(privacy[i].text, len), len), &sale) !=
                privacy[i].status ||
            (privacy[i].status == PV_OK && sale != privacy[i].sale)) {
            fail_msg("%s", privacy[i].text);
        }
    }
    guard_free();
}

/* A line of the set: the string, then SECTION:OPTOUTS for each US section in it. */
static void test_set(void **state)
{
    FILE *file = fopen("t/corpus/gpp/reference.txt", "r");
    char line[2048];
    unsigned ids = 0, n = 0;

    (void)state;
    assert_non_null(file);
    while (fgets(line, sizeof(line), file) != NULL) {
        char *last, *text = strtok_r(line, " \n", &last), *word;
        pv_gpp_t gpp;
        unsigned k = 0;

        if (text == NULL || *text == '#') {
            continue;
        }
        assert_int_equal(pv_gpp_read(pv_span(text, strlen(text)), &gpp), PV_OK);
        while ((word = strtok_r(NULL, " \n", &last)) != NULL) {
            pv_gpp_us_t us;
            char got[16];

            assert_true(k < gpp.n);
            assert_int_equal(pv_gpp_us_read(gpp.section[k].id, gpp.section[k].text, &us), PV_OK);
            sprintf(got, "%u:%u%u%u", gpp.section[k].id, us.sale, us.sharing, us.targeted);
            assert_string_equal(got, word);
            ids |= 1u << gpp.section[k++].id;
            n++;
        }
        assert_int_equal(k, gpp.n);
    }
    fclose(file);
    assert_true(n >= 60);
    for (unsigned id = PV_GPP_US_FIRST; id <= PV_GPP_US_LAST; id++) {
        assert_true(ids >> id & 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_headers),   cmocka_unit_test(test_sections),
        cmocka_unit_test(test_limit),     cmocka_unit_test(test_us),
        cmocka_unit_test(test_usprivacy), cmocka_unit_test(test_set),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
