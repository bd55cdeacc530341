/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/*
 * One Set-Cookie (R1, R3, R4, D3, D4, D5). Options: what is granted, what becomes of excess
 * and of what is undeclared; the time. Then the field value.
 */

#include "fuzz.h"

#include "cookie/pv_cookie_date.h"
#include "enforce/pv_judge.h"
#include "policy_fixture.h"
#include "set_cookie_model.h"

#define NOW (apr_time_from_sec(1750000000) + 500000)

static pv_policy_t *policy;
static site_t site;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    fuzz_keep();
    site_setup(NULL);
    site = site_usual();
    site_cookie(&site, "_f*", "ads")->lifetime = 60;
    policy = site_sound(&site);
    fuzz_kept();
    return 0;
}

static pv_verdict_t verdict_of(const pv_consent_t *consent, const pv_cookie_t *cookie)
{
    pv_set_t category;

    if (cookie == NULL) {
        return PV_VERDICT_UNDECLARED;
    }
    category = cookie->owner == PV_OWNER_SITE ? PV_BIT(cookie->category_index) : 0;
    if ((category & ~consent->granted) == 0) {
        return PV_VERDICT_ALLOWED;
    }
    return category & policy->denied_session ? PV_VERDICT_DEMOTED : PV_VERDICT_DENIED;
}

/* The value with another lifetime: the rest is what it was, and nothing more is to do. */
static void check_limited(const pv_policy_t *own, const pv_consent_t *consent, pv_span_t value,
                          const pv_sentence_t *sentence, apr_time_t now)
{
    pv_set_cookie_limit_t limit = { sentence->limit, now };
    char *out = fuzz_room(pv_set_cookie_limit_size(value.len));
    apr_size_t len = pv_set_cookie_limit(value.ptr, value.len, &limit, out);
    char *before = fuzz_room(value.len), *after = fuzz_room(len);
    pv_sentence_t again;
    pv_set_cookie_t set;

    FUZZ_CLAIM(len <= pv_set_cookie_limit_size(value.len), "F1 its promised size");
    FUZZ_CLAIM(pv_span_eq(pv_span(before, set_model_rest(value, before)),
                          pv_span(after, set_model_rest(pv_span(out, len), after))),
               "R3 it differs in Max-Age and Expires alone");
    pv_set_cookie_read(out, len, now, &set);
    FUZZ_CLAIM(!set.deletes, "R4 a limit deletes nothing");
    if (sentence->limit == PV_LIFETIME_SESSION) {
        FUZZ_CLAIM(!set.has_lifetime, "R1 R4 a session cookie has neither");
    }
    else {
        FUZZ_CLAIM(set.lifetime <= sentence->limit, "R4 no longer than its LIFETIME");
        FUZZ_CLAIM(set.lifetime > 0, "R4 and not as a session cookie");
    }
    pv_judge_set_cookie(own, consent, out, len, now, &again);
    FUZZ_CLAIM(again.action == PV_ACTION_KEEP, "R4 nothing is left to do");
    FUZZ_CLAIM(again.cookie == sentence->cookie, "R3 the same cookie");
    free(before);
    free(after);
    free(out);
}

/* Written with any lifetime, whatever is thought of it. */
static void check_any_limit(pv_span_t value, apr_int64_t lifetime, apr_time_t now)
{
    pv_set_cookie_limit_t limit = { lifetime, now };
    char *out = fuzz_room(pv_set_cookie_limit_size(value.len));
    apr_size_t len = pv_set_cookie_limit(value.ptr, value.len, &limit, out);
    pv_set_cookie_t before, after;

    pv_set_cookie_read(value.ptr, value.len, now, &before);
    pv_set_cookie_read(out, len, now, &after);
    FUZZ_CLAIM(pv_span_eq(before.name, after.name) && before.nameless == after.nameless,
               "R3 the same name");
    if (!before.has_lifetime) {
        FUZZ_CLAIM(pv_span_eq(value, pv_span(out, len)), "R3 nothing to limit, nothing changed");
    }
    else {
        FUZZ_CLAIM(after.lifetime <= lifetime && !after.deletes, "R4 the lifetime asked for");
    }
    free(out);
}

static void check_sentence(const pv_policy_t *own, const pv_consent_t *consent, pv_span_t value,
                           apr_time_t now)
{
    set_model_t model;
    pv_sentence_t sentence;
    pv_set_cookie_t set, name;
    pv_verdict_t verdict;

    set_model_read(&model, value, now);
    pv_set_cookie_name(value.ptr, value.len, &name);
    pv_set_cookie_read(value.ptr, value.len, now, &set);
    FUZZ_CLAIM(pv_span_eq(set.name, model.name) && pv_span_eq(name.name, model.name),
               "D3 the name that it is judged by");
    FUZZ_CLAIM(set.nameless == model.nameless && name.nameless == model.nameless, "D3 nameless");
    FUZZ_CLAIM(!set.deletes || model.may_delete, "D4 only what deletes to every reader");
    FUZZ_CLAIM(set.deletes || !model.deletes, "D4 what plainly deletes");
    FUZZ_CLAIM(set.has_lifetime == model.has_lifetime, "R4 whether it has Max-Age or Expires");
    FUZZ_CLAIM(model.at_least == 0 || set.lifetime >= model.at_least,
               "R4 the longest that any reading gives");
    FUZZ_CLAIM(!set.deletes || set.lifetime == 0, "D4 what deletes has no lifetime");

    pv_judge_set_cookie(own, consent, value.ptr, value.len, now, &sentence);
    verdict = verdict_of(consent, pv_names_find(own->names, model.name));
    FUZZ_CLAIM(sentence.verdict == verdict, "R1 D5 the verdict");
    FUZZ_CLAIM(!model.deletes || sentence.action == PV_ACTION_KEEP, "D4 a deletion stays");
    if (verdict == PV_VERDICT_DENIED && !model.may_delete) {
        FUZZ_CLAIM(sentence.action == PV_ACTION_STRIP, "R1 denied is removed");
    }
    if (verdict == PV_VERDICT_DEMOTED) {
        FUZZ_CLAIM(sentence.action != PV_ACTION_STRIP, "R1 demoted is kept");
        FUZZ_CLAIM(sentence.action == PV_ACTION_LIMIT || !set.has_lifetime || set.deletes,
                   "R1 demoted is a session cookie");
    }
    if (verdict == PV_VERDICT_ALLOWED && sentence.action == PV_ACTION_KEEP &&
        own->excess == PV_EXCESS_CAP) {
        FUZZ_CLAIM(model.at_least <= sentence.cookie->lifetime || model.at_least <= 0,
                   "R4 what is kept lives no longer than was promised");
    }
    if (sentence.action == PV_ACTION_LIMIT) {
        check_limited(own, consent, value, &sentence, now);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int years[] = { 0, -40, 30, 300, -400, 7900 };
    fuzz_in_t in = fuzz_in(data, size);
    unsigned options = fuzz_take(&in), when = fuzz_take(&in);
    pv_policy_t own = *policy;
    pv_consent_t consent = { .granted = policy->necessary | (options & 0xe) };
    apr_time_t now = NOW + apr_time_from_sec(years[when % 6] * PV_SECONDS_YEAR);
    char *exact = fuzz_copy(in.ptr, in.len);
    pv_span_t value = pv_span(exact, in.len);

    own.excess = (pv_excess_t)(PV_EXCESS_CAP + (options >> 4 & 3) % 3);
    own.undeclared = options >> 6 & 1 ? PV_UNDECLARED_STRIP : PV_UNDECLARED_PASS;
    check_sentence(&own, &consent, value, now);
    check_any_limit(value, 1 + (apr_int64_t)(when / 6) * 1000000, now);
    free(exact);
    return 0;
}
