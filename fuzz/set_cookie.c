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

/* What becomes of it, by the verdict and by what it asks for (R1, R4, D4). */
static pv_action_t action_of(const pv_policy_t *own, pv_verdict_t verdict,
                             const pv_cookie_t *cookie, const pv_set_cookie_t *set)
{
    switch (verdict) {
    case PV_VERDICT_DENIED:
        return set->deletes ? PV_ACTION_KEEP : PV_ACTION_STRIP;
    case PV_VERDICT_UNDECLARED:
        return set->deletes || own->undeclared == PV_UNDECLARED_PASS ? PV_ACTION_KEEP
                                                                     : PV_ACTION_STRIP;
    case PV_VERDICT_DEMOTED:
        return set->deletes || !set->has_lifetime ? PV_ACTION_KEEP : PV_ACTION_LIMIT;
    default:
        if (set->lifetime <= 0 || set->lifetime <= cookie->lifetime) {
            return PV_ACTION_KEEP;
        }
        return own->excess == PV_EXCESS_CAP     ? PV_ACTION_LIMIT
               : own->excess == PV_EXCESS_STRIP ? PV_ACTION_STRIP
                                                : PV_ACTION_KEEP;
    }
}

/* Where bytes stand in what was written. @return behind them */
static const char *check_bytes(const char *at, const char *end, const char *from, size_t len)
{
    FUZZ_CLAIM((size_t)(end - at) >= len && memcmp(at, from, len) == 0,
               "R3 it differs in Max-Age and Expires alone");
    return at + len;
}

/* An attribute's name, white space around name and value, and the value; @return behind it. */
static const char *check_attribute(const char *at, const char *end, pv_span_t av, pv_span_t value)
{
    pv_span_t text = pv_span_trim(value, pv_is_wsp);
    const char *stop, *rest = text.ptr + text.len;
    size_t tail;

    if (memchr(av.ptr, '=', av.len) == NULL) {
        pv_span_t name = set_model_trim(av);

        rest = name.ptr + name.len;
        at = check_bytes(at, end, av.ptr, (size_t)(rest - av.ptr));
        at = check_bytes(at, end, "=", 1);
    }
    else {
        at = check_bytes(at, end, av.ptr, (size_t)(text.ptr - av.ptr));
    }
    stop = at < end ? memchr(at, ';', (size_t)(end - at)) : NULL;
    stop = stop != NULL ? stop : end;
    tail = (size_t)(av.ptr + av.len - rest);
    FUZZ_CLAIM((size_t)(stop - at) > tail, "R4 it has a value");
    return check_bytes(stop - tail, end, rest, tail);
}

/* The first Max-Age and the first Expires have another value, or are gone where it is a session
 * cookie; the others are gone; all else is what it was. */
static void check_rest(pv_span_t value, pv_span_t out, apr_int64_t lifetime)
{
    const char *at = out.ptr, *end = at + out.len;
    int written[128] = { 0 };

    for (size_t begin = 0, stop; begin <= value.len; begin = stop + 1) {
        pv_span_t av = pv_span(value.ptr + begin, 0), text;
        size_t separator = begin > 0;
        char kind;

        for (stop = begin; stop < value.len && value.ptr[stop] != ';'; stop++) {
        }
        av.len = stop - begin;
        kind = begin == 0 ? 0 : set_model_attribute(av, &text);
        if (kind != 0 && (lifetime == PV_LIFETIME_SESSION || written[(int)kind]++)) {
            continue;
        }
        at = check_bytes(at, end, av.ptr - separator, separator);
        at = kind != 0 ? check_attribute(at, end, av, text) : check_bytes(at, end, av.ptr, av.len);
    }
    FUZZ_CLAIM(at == end, "R3 nothing is added");
}

/* An Expires says nothing after this, the end of 9999. */
#define LAST APR_INT64_C(253402300799)

/* The value with another lifetime, which the caller frees. */
static pv_span_t limited(pv_span_t value, apr_int64_t lifetime, apr_time_t now)
{
    pv_set_cookie_limit_t limit = { lifetime, now };
    char *out = fuzz_room(pv_set_cookie_limit_size(value.len));
    apr_size_t len = pv_set_cookie_limit(value.ptr, value.len, &limit, out);
    set_model_t before, after;
    pv_set_cookie_t set;

    FUZZ_CLAIM(len <= pv_set_cookie_limit_size(value.len), "F1 its promised size");
    check_rest(value, pv_span(out, len), lifetime);
    set_model_read(&before, value, now);
    set_model_read(&after, pv_span(out, len), now);
    pv_set_cookie_read(out, len, now, &set);
    FUZZ_CLAIM(pv_span_eq(before.name, set.name) && before.nameless == set.nameless,
               "R3 the same name");
    FUZZ_CLAIM(!before.has_lifetime || (!set.deletes && !after.may_delete),
               "R4 a limit deletes nothing");
    if (lifetime == PV_LIFETIME_SESSION) {
        FUZZ_CLAIM(!after.has_lifetime, "R1 R4 a session cookie has neither");
    }
    else if (before.has_lifetime) {
        FUZZ_CLAIM(set.lifetime == lifetime || (set.lifetime > 0 && set.lifetime < lifetime &&
                                                apr_time_sec(now) + lifetime > LAST),
                   "R4 the lifetime asked for");
    }
    return pv_span(out, len);
}

/* What is capped or demoted: nothing more is to do. */
static void check_limited(const pv_policy_t *own, const pv_consent_t *consent, pv_span_t value,
                          const pv_sentence_t *sentence, apr_time_t now)
{
    pv_span_t out = limited(value, sentence->limit, now);
    pv_sentence_t again;

    FUZZ_CLAIM(sentence->limit == (sentence->verdict == PV_VERDICT_DEMOTED
                                       ? PV_LIFETIME_SESSION
                                       : sentence->cookie->lifetime),
               "R1 R4 a session cookie, or what was promised");
    pv_judge_set_cookie(own, consent, out.ptr, out.len, now, &again);
    FUZZ_CLAIM(again.action == PV_ACTION_KEEP, "R4 nothing is left to do");
    FUZZ_CLAIM(again.cookie == sentence->cookie, "R3 the same cookie");
    free((char *)out.ptr);
}

static void check_read(const set_model_t *model, pv_span_t value, apr_time_t now,
                       pv_set_cookie_t *set)
{
    pv_set_cookie_t name;

    pv_set_cookie_name(value.ptr, value.len, &name);
    pv_set_cookie_read(value.ptr, value.len, now, set);
    FUZZ_CLAIM(pv_span_eq(set->name, model->name) && pv_span_eq(name.name, model->name),
               "D3 the name that it is judged by");
    FUZZ_CLAIM(set->nameless == model->nameless && name.nameless == model->nameless, "D3 nameless");
    FUZZ_CLAIM(!set->deletes || model->may_delete, "D4 only what deletes to every reader");
    FUZZ_CLAIM(set->deletes || !model->deletes, "D4 what plainly deletes");
    FUZZ_CLAIM(set->deletes == (unsigned)pv_set_cookie_deletes(now, &name), "D4 read in short");
    FUZZ_CLAIM(set->has_lifetime == model->has_lifetime, "R4 whether it has Max-Age or Expires");
    FUZZ_CLAIM(model->at_least == 0 || set->lifetime >= model->at_least,
               "R4 the longest that any reading gives");
    FUZZ_CLAIM(!model->certain || set->lifetime == model->at_least, "R4 where there is but one");
    FUZZ_CLAIM(!set->deletes || set->lifetime == 0, "D4 what deletes has no lifetime");
}

static void check_sentence(const pv_policy_t *own, const pv_consent_t *consent, pv_span_t value,
                           apr_time_t now)
{
    set_model_t model;
    pv_sentence_t sentence;
    pv_set_cookie_t set;
    const pv_cookie_t *cookie;
    pv_verdict_t verdict;

    set_model_read(&model, value, now);
    check_read(&model, value, now, &set);
    pv_judge_set_cookie(own, consent, value.ptr, value.len, now, &sentence);
    cookie = pv_names_find(own->names, model.name);
    verdict = verdict_of(consent, cookie);
    FUZZ_CLAIM(sentence.cookie == cookie && sentence.verdict == verdict, "R1 D5 the verdict");
    FUZZ_CLAIM(sentence.action == action_of(own, verdict, cookie, &set),
               "R1 R4 D4 what becomes of it");
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
    /* With any lifetime, whatever is thought of it. */
    free((char *)limited(value, 1 + (apr_int64_t)(when / 6) * 1000000, now).ptr);
    free(exact);
    return 0;
}
