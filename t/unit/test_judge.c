/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* The one judge: verdicts, and what follows for a Set-Cookie (R1, R4, D3, D4, D5). */

#include "enforce/pv_judge.h"
#include "guard.h"
#include "policy_fixture.h"

#define NOW    (apr_time_from_sec(1750000000))
#define PAST   "Thu, 01 Jan 1970 00:00:00 GMT"
#define FUTURE "Wed, 15 Jun 2050 15:06:40 GMT"

enum { CAP = PV_EXCESS_CAP, STRIP = PV_EXCESS_STRIP, PASS = PV_EXCESS_PASS };
enum { UNDECLARED_PASSES = PV_UNDECLARED_PASS, UNDECLARED_GOES = PV_UNDECLARED_STRIP };

/* essential is granted; so is analytics; ads is denied; prefs is denied=session. */
static pv_policy_t *policy;
static pv_consent_t consent;

static int setup(void **state)
{
    site_t site;

    if (site_setup(state) != 0) {
        return 1;
    }
    site = site_usual();
    policy = site_sound(&site);
    consent.granted = 1 | 2;
    return 0;
}

/* Every category in every state of grant and denied=session. */
static void test_verdicts(void **state)
{
    (void)state;
    for (int index = 0; index < PV_CATEGORIES_MAX; index++) {
        for (unsigned how = 0; how < 8; how++) {
            /* The other categories are the other way round. */
            pv_set_t others = ~PV_BIT(index);
            pv_policy_t any = { .denied_session = how & 1 ? PV_BIT(index) : others };
            pv_consent_t decided = { .granted = how & 2 ? PV_BIT(index) : others };
            pv_cookie_t cookie = { .category_index = index,
                                   .owner = how & 4 ? PV_OWNER_SITE : PV_OWNER_RECORD };
            pv_verdict_t want = !(how & 4) || how & 2 ? PV_VERDICT_ALLOWED
                                : how & 1             ? PV_VERDICT_DEMOTED
                                                      : PV_VERDICT_DENIED;

            assert_int_equal(pv_judge(&any, &decided, &cookie), want);
            assert_int_equal(pv_judge(&any, &decided, NULL), PV_VERDICT_UNDECLARED);
            if (how & 4) {
                assert_int_equal((pv_judge_denies(&any, &decided) >> index) & 1,
                                 want == PV_VERDICT_DENIED);
            }
        }
    }
}

static void test_owners(void **state)
{
    static const pv_owner_t owners[] = { PV_OWNER_RECORD, PV_OWNER_MESSAGE, PV_OWNER_SOURCE };
    pv_policy_t any = { .denied_session = 0 };
    pv_consent_t denied = { .granted = 0 };

    (void)state;
    for (size_t i = 0; i < COUNT(owners); i++) {
        pv_cookie_t cookie = { .owner = owners[i], .category_index = -1 };

        assert_int_equal(pv_judge(&any, &denied, &cookie), PV_VERDICT_ALLOWED);
    }
}

typedef struct {
    const char *title;
    const char *text;
    int excess;
    int undeclared;
    pv_verdict_t verdict;
    pv_action_t action;
    apr_int64_t limit;
} sentence_case_t;

#define KEPT(text, verdict) text, CAP, UNDECLARED_PASSES, PV_VERDICT_##verdict, PV_ACTION_KEEP, 0
#define GONE(text, verdict) text, CAP, UNDECLARED_PASSES, PV_VERDICT_##verdict, PV_ACTION_STRIP, 0

static const sentence_case_t cases[] = {
    { "R1 denied", GONE("_fbp=1; Max-Age=9; Path=/", DENIED) },
    { "R1 denied, a session cookie", GONE("_fbp=1", DENIED) },
    { "R1 denied, a lifetime that would be capped", GONE("_fbp=1; Max-Age=9999", DENIED) },
    { "D3 denied in white space", GONE(" \t_fbp\v =1", DENIED) },
    { "D3 denied and nameless", GONE("_fbp", DENIED) },
    { "D3 denied behind =", GONE("=_fbp=1", DENIED) },
    { "D3 another case is another cookie", KEPT("_FBP=1", UNDECLARED) },
    { "D4 denied, deleted by Max-Age", KEPT("_fbp=; Max-Age=0", DENIED) },
    { "D4 denied, deleted by Expires", KEPT("_fbp=; Expires=" PAST, DENIED) },
    { "D4 denied, deleted in doubt", GONE("_fbp=; Max-Age=0; Max-Age=x", DENIED) },
    { "D4 denied, a deletion in disguise",
      GONE("_fbp=1; Max-Age=+63072000; Expires=" PAST, DENIED) },
    { "D4 denied and nameless, deleted", KEPT("=_fbp; Max-Age=0", DENIED) },
    { "R1 demoted", "theme=1; Max-Age=9", CAP, UNDECLARED_PASSES, PV_VERDICT_DEMOTED,
      PV_ACTION_LIMIT, PV_LIFETIME_SESSION },
    { "R1 demoted, Expires", "theme=1; Expires=" FUTURE, CAP, UNDECLARED_PASSES, PV_VERDICT_DEMOTED,
      PV_ACTION_LIMIT, PV_LIFETIME_SESSION },
    { "R1 demoted though excess passes", "theme=1; Max-Age=9999", PASS, UNDECLARED_PASSES,
      PV_VERDICT_DEMOTED, PV_ACTION_LIMIT, PV_LIFETIME_SESSION },
    { "R1 demoted though excess is stripped", "theme=1; Max-Age=9999", STRIP, UNDECLARED_PASSES,
      PV_VERDICT_DEMOTED, PV_ACTION_LIMIT, PV_LIFETIME_SESSION },
    { "R1 demoted, a lifetime in doubt", "theme=1; Max-Age=x", CAP, UNDECLARED_PASSES,
      PV_VERDICT_DEMOTED, PV_ACTION_LIMIT, PV_LIFETIME_SESSION },
    { "R1 demoted, a session cookie", KEPT("theme=1; Path=/", DEMOTED) },
    { "D4 demoted, deleted", KEPT("theme=; Max-Age=0", DEMOTED) },
    { "R4 as long as its LIFETIME", KEPT("_ga=1; Max-Age=3600", ALLOWED) },
    { "R4 a second longer", "_ga=1; Max-Age=3601", CAP, UNDECLARED_PASSES, PV_VERDICT_ALLOWED,
      PV_ACTION_LIMIT, 3600 },
    { "R4 longer by Expires", "_ga=1; Expires=" FUTURE, CAP, UNDECLARED_PASSES, PV_VERDICT_ALLOWED,
      PV_ACTION_LIMIT, 3600 },
    { "R4 the longest reading", "_ga=1; Max-Age=+9999", CAP, UNDECLARED_PASSES, PV_VERDICT_ALLOWED,
      PV_ACTION_LIMIT, 3600 },
    { "R4 longer, strip", "_ga=1; Max-Age=3601", STRIP, UNDECLARED_PASSES, PV_VERDICT_ALLOWED,
      PV_ACTION_STRIP, 0 },
    { "R4 not longer, strip", "_ga=1; Max-Age=3600", STRIP, UNDECLARED_PASSES, PV_VERDICT_ALLOWED,
      PV_ACTION_KEEP, 0 },
    { "R4 longer, pass", "_ga=1; Max-Age=3601", PASS, UNDECLARED_PASSES, PV_VERDICT_ALLOWED,
      PV_ACTION_KEEP, 0 },
    { "R4 a session cookie is shorter than any", KEPT("_ga=1", ALLOWED) },
    { "R4 what deletes is not longer", KEPT("_ga=1; Max-Age=0", ALLOWED) },
    { "R4 what deletes is not longer, strip", "sid=; Max-Age=-1", STRIP, UNDECLARED_PASSES,
      PV_VERDICT_ALLOWED, PV_ACTION_KEEP, 0 },
    { "R4 LIFETIME session", "sid=1; Max-Age=1", CAP, UNDECLARED_PASSES, PV_VERDICT_ALLOWED,
      PV_ACTION_LIMIT, PV_LIFETIME_SESSION },
    { "R4 LIFETIME session, strip", "sid=1; Max-Age=1", STRIP, UNDECLARED_PASSES,
      PV_VERDICT_ALLOWED, PV_ACTION_STRIP, 0 },
    { "R4 LIFETIME session, deleted", KEPT("sid=; Max-Age=0", ALLOWED) },
    { "R4 LIFETIME any", KEPT("cart=1; Max-Age=999999999999", ALLOWED) },
    { "undeclared, pass", KEPT("x=1; Max-Age=99999999", UNDECLARED) },
    { "undeclared, strip", "x=1", CAP, UNDECLARED_GOES, PV_VERDICT_UNDECLARED, PV_ACTION_STRIP, 0 },
    { "undeclared and empty, strip", "", CAP, UNDECLARED_GOES, PV_VERDICT_UNDECLARED,
      PV_ACTION_STRIP, 0 },
    { "D4 undeclared, strip, deleted", "x=; Max-Age=0", CAP, UNDECLARED_GOES, PV_VERDICT_UNDECLARED,
      PV_ACTION_KEEP, 0 },
    { "D5 the record", KEPT("privacy_consent=1; Max-Age=99999999", ALLOWED) },
    { "D5 a message's", KEPT("seen_news=1; Max-Age=99999999", ALLOWED) },
    { "D5 not the record", GONE("privacy_consent2=1", DENIED) },
};

static void judge(const sentence_case_t *c, apr_size_t len, pv_sentence_t *sentence)
{
    pv_policy_t own = *policy;

    own.excess = (pv_excess_t)c->excess;
    own.undeclared = (pv_undeclared_t)c->undeclared;
    memset(sentence, 0x5a, sizeof(*sentence));
    pv_judge_set_cookie(&own, &consent, guard_copy(c->text, len), len, NOW, sentence);
}

static void test_sentence(void **state)
{
    const sentence_case_t *c = *state;
    pv_sentence_t sentence;

    judge(c, strlen(c->text), &sentence);
    assert_int_equal(sentence.verdict, c->verdict);
    assert_int_equal(sentence.action, c->action);
    if (c->action == PV_ACTION_LIMIT) {
        assert_true(sentence.limit == c->limit);
    }
    assert_int_equal(sentence.cookie == NULL, c->verdict == PV_VERDICT_UNDECLARED);
    guard_free();
}

/** The name that a log may have, or may not (F2). */
static void test_name(void **state)
{
    pv_sentence_t sentence;

    (void)state;
    pv_judge_set_cookie(policy, &consent, "_fbp =1", 7, NOW, &sentence);
    assert_true(pv_span_eq(sentence.name, PV_SPAN("_fbp")));
    assert_int_equal(sentence.nameless, 0);
    pv_judge_set_cookie(policy, &consent, "secret", 6, NOW, &sentence);
    assert_true(pv_span_eq(sentence.name, PV_SPAN("secret")));
    assert_int_equal(sentence.nameless, 1);
}

/** Cut off anywhere, what is denied goes unless it deletes, and what is granted
 *  stays or is limited. */
static void test_truncated(void **state)
{
    unsigned gone = 0, limited = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        for (apr_size_t len = 0; len <= strlen(cases[i].text); len++) {
            pv_sentence_t sentence;
            pv_set_cookie_t read;

            judge(&cases[i], len, &sentence);
            pv_set_cookie_read(guard_copy(cases[i].text, len), len, NOW, &read);
            if (sentence.verdict == PV_VERDICT_DENIED) {
                assert_int_equal(sentence.action, read.deletes ? PV_ACTION_KEEP : PV_ACTION_STRIP);
            }
            if (sentence.action == PV_ACTION_LIMIT) {
                assert_true(read.has_lifetime);
            }
            gone += sentence.action == PV_ACTION_STRIP;
            limited += sentence.action == PV_ACTION_LIMIT;
        }
    }
    guard_free();
    assert_true(gone > 100 && limited > 30);
}

int main(void)
{
    suite_add("R1 every category, in every state", test_verdicts, NULL);
    suite_add("D5 the module's own and sources' are allowed", test_owners, NULL);
    suite_table(cases, test_sentence);
    suite_add("F2 what the name may be used for", test_name, NULL);
    suite_add("F1 cut off at every byte", test_truncated, NULL);
    return suite_run("judge", setup, site_teardown);
}
