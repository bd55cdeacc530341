/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* TCF, GPP and US Privacy as consent sources: rules D1, D2. */

#include "source_case.h"

#define ALL     "CQdWToAQdWToAEsABBENCNFsAP_gAEPgAAwIAMkAAAIAMgAAAIAA.IAMkAAAI"
#define NONE    "CQdWToAQdWToAEsABBENCNFgAAAAAAAAAAwIAAAAAAAA.IAMkAAAI"
#define MEASURE "CQdWToAQdWToAEsABBENCNFgAIPAAAAAAAwIAMgAAAIAAAAA.IAMgAAAI"
#define ONE     "CQdWToAQdWToAEsABBENCNFgAIAAAAAAAAwIAAAAAAAA"
#define CLOSED  "CQdWToAQdWToAEsABBENCNFgAP_gAAAAAAwIAMgAAAIAAAAQwAEADIA"

static const source_case_t tcf[] = {
    { "tcf: all", "tcf 0=7,8,9 1=2,3,4", "euconsent-v2=" ALL, "GG", 0 },
    { "tcf: none", "tcf 0=7,8,9 1=2,3,4", "euconsent-v2=" NONE, "dd", 0 },
    { "tcf: measurement", "tcf 0=7,8,9 1=2,3,4 2=1", "euconsent-v2=" MEASURE, "GdG", 0 },
    { "tcf: the vendor has consent", "tcf 0=7,8,9 vendor=25", "euconsent-v2=" MEASURE, "G", 0 },
    { "tcf: the vendor has none", "tcf 0=7,8,9 vendor=755", "euconsent-v2=" MEASURE, "d", 0 },
    { "tcf: purpose 3 closed to the vendor", "tcf 0=3,4 1=4 vendor=25", "euconsent-v2=" CLOSED,
      "dG", 0 },
    { "tcf: opt-in needs purpose 1, and has it", "tcf 0=7,8,9 opt-in=0", "euconsent-v2=" MEASURE,
      "G", 0 },
    { "tcf: purpose 1 alone", "tcf 0=7 1=1 opt-in=01", "euconsent-v2=" ONE, "dG", 0 },
    { "tcf: another name", "tcf 0=1 cookie=site-euconsent-v2",
      "site-euconsent-v2=" ALL "; euconsent-v2=" NONE "; eupubconsent-v2=" NONE, "G", 0 },
    { "tcf: OneTrust's name", "tcf 0=1", "eupubconsent-v2=" ALL, "G", 0 },
    { "tcf: two that differ", "tcf 0=1 1=7 2=3", "euconsent-v2=" ALL "; euconsent-v2=" MEASURE,
      "GGd", CASE_UNCUT },
    { "tcf: two, one malformed", "tcf 0=1", "euconsent-v2=" ALL "; euconsent-v2=C", "-",
      CASE_UNCUT },
    { "tcf: old policy", "tcf 0=1", "euconsent-v2=CQdWToAQdWToAEsABBENCNCgAP_gAAAAAAwIAMgAAAIAAAAA",
      "-", 0 },
    { "tcf: global", "tcf 0=1", "euconsent-v2=CQdWToAQdWToAEsABBENCNFAAP_gAAAAAAwIAMgAAAIAAAAA",
      "-", 0 },
    { "tcf: a GPP string", "tcf 0=1", "euconsent-v2=DBABM~" ALL, "-", 0 },
    { "tcf: in quotes", "tcf 0=1", "euconsent-v2=\"" ALL "\"", "G", 0 },
    { "tcf: empty", "tcf 0=1", "euconsent-v2=", "-", 0 },
};

/* Purpose 1 is missing from a string that has all that the category maps. */
static void test_purpose_one(void **state)
{
    static const source_case_t without = {
        /* policy 5, purposes 7, 8 and 9; no vendor */
        "tcf: opt-in without purpose 1", "tcf 0=7,8,9 1=7,8,9 opt-in=0",
        "euconsent-v2=CQdWToAQdWToAEsABBENCNFgAAOAAAAAAAwIAAAAAAAA", "dG", 0
    };

    (void)state;
    case_run(&without);
}

static const source_case_t gpp[] = {
    { "gpp: the nation, not opted out", "gpp 0=sale,sharing,targeted",
      "__gpp=DBABLA~BVQqAAAACZA.QA", "g", 0 },
    { "gpp: the nation, opted out", "gpp 0=sale 1=sharing 2=targeted",
      "__gpp=DBABLA~BVQVAAAAAgA.QA", "ddd", 0 },
    { "gpp: GPC in the string is not weighed", "gpp 0=sale", "__gpp=DBABLA~BVVqAAAACqA.YA", "g",
      0 },
    { "gpp: California has no opt-out of targeting", "gpp 0=sale 1=targeted",
      "__gpp=DBABBg~BUoAAAKA.QA", "gn", 0 },
    { "gpp: where that grants", "gpp 0=sale,targeted not-applicable=grant",
      "__gpp=DBABBg~BUoAAAKA.QA", "g", 0 },
    { "gpp: not having opted out is no opt-in", "gpp 0=sale 1=sale opt-in=0",
      "__gpp=DBABBg~BUoAAAKA.QA", "-g", 0 },
    { "gpp: having opted out refuses opt-in too", "gpp 0=sale opt-in=0",
      "__gpp=DBABLA~BVQVAAAAAgA.QA", "d", 0 },
    { "gpp: TCF and US Privacy", "gpp 0=1 1=sale", "__gpp=DBACNY~" MEASURE "~1YNN", "gg", 0 },
    { "gpp: TCF alone, by choice", "gpp 0=7 1=3 vendor=25", "__gpp=DBABM~" MEASURE, "Gd", 0 },
    { "gpp: opted out by US Privacy", "gpp 0=sale 1=7", "__gpp=DBACNY~" MEASURE "~1YYN", "dG", 0 },
    { "gpp: one bad section spoils all", "gpp 0=sale 1=7", "__gpp=DBACNY~" MEASURE "~1YXN", "--",
      0 },
    { "gpp: OneTrust's name", "gpp 0=sale", "OTGPPConsent=DBABLA~BVQqAAAACZA.QA", "g", 0 },
    { "gpp: another name", "gpp 0=sale cookie=consent",
      "consent=DBABLA~BVQqAAAACZA.QA; __gpp=DBABLA~BVQVAAAAAgA.QA", "g", 0 },
    { "gpp: sections that nothing is asked of", "gpp 0=7", "__gpp=DBABLA~BVQqAAAACZA.QA", "-", 0 },
    { "gpp: a TC string", "gpp 0=7", "__gpp=" MEASURE, "-", 0 },
};

static const source_case_t usp[] = {
    { "usprivacy: not opted out", "usprivacy 0=* 1=sale", "usprivacy=1YNN", "gg", 0 },
    { "usprivacy: opted out", "usprivacy 0=*", "usprivacy=1YYN", "d", 0 },
    { "usprivacy: the law does not apply", "usprivacy 0=*", "usprivacy=1---", "n", 0 },
    { "usprivacy: where that grants", "usprivacy 0=* not-applicable=grant", "usprivacy=1---", "g",
      0 },
    { "usprivacy: never grants opt-in", "usprivacy 0=* 1=* opt-in=0 not-applicable=grant",
      "usprivacy=1---", "ng", 0 },
    { "usprivacy: lower case", "usprivacy 0=*", "usprivacy=1ynn", "g", 0 },
    { "usprivacy: in JSON", "usprivacy 0=*",
      "usprivacy=%7B%22uspString%22%3A%221YN-%22%2C%22other%22%3A1%7D", "g", CASE_ENCODED },
    { "usprivacy: in JSON, opted out", "usprivacy 0=*", "usprivacy={\"uspString\":\"1YYN\"}", "d",
      0 },
    { "usprivacy: in JSON, none", "usprivacy 0=*", "usprivacy={\"other\":\"1YNN\"}", "-", 0 },
    { "usprivacy: in JSON, no string", "usprivacy 0=*", "usprivacy={\"uspString\":1}", "-", 0 },
    { "usprivacy: version 2", "usprivacy 0=*", "usprivacy=2YNN", "-", 0 },
};

static void test_tcf(void **state)
{
    (void)state;
    CASE_RUN_ALL(tcf, 17);
}

static void test_gpp(void **state)
{
    (void)state;
    CASE_RUN_ALL(gpp, 15);
}

static void test_usp(void **state)
{
    (void)state;
    CASE_RUN_ALL(usp, 11);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tcf),
        cmocka_unit_test(test_purpose_one),
        cmocka_unit_test(test_gpp),
        cmocka_unit_test(test_usp),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, case_setup, case_teardown);
}
