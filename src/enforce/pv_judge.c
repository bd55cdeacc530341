/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "enforce/pv_judge.h"

#include "cookie/pv_lifetime.h"

/** What a granted cookie of this declaration that lives too long comes to. */
static void judge_lifetime(const pv_policy_t *policy, const pv_set_cookie_t *set,
                           pv_sentence_t *sentence)
{
    if (set->lifetime <= 0 || set->lifetime <= sentence->cookie->lifetime) {
        return;
    }
    if (policy->excess == PV_EXCESS_STRIP) {
        sentence->action = PV_ACTION_STRIP;
    }
    else if (policy->excess == PV_EXCESS_CAP) {
        sentence->action = PV_ACTION_LIMIT;
        sentence->limit = sentence->cookie->lifetime;
    }
}

void pv_judge_set_cookie(const pv_policy_t *policy, const pv_consent_t *consent, const char *buf,
                         apr_size_t len, apr_time_t now, pv_sentence_t *sentence)
{
    pv_set_cookie_t set;

    pv_set_cookie_name(buf, len, &set);
    sentence->action = PV_ACTION_KEEP;
    sentence->name = set.name;
    sentence->nameless = set.nameless;
    sentence->cookie = pv_names_find(policy->names, set.name);
    sentence->verdict = pv_judge(policy, consent, sentence->cookie);
    if (sentence->verdict == PV_VERDICT_ALLOWED && sentence->cookie->lifetime == PV_LIFETIME_ANY) {
        return;
    }
    if (sentence->verdict == PV_VERDICT_UNDECLARED && policy->undeclared == PV_UNDECLARED_PASS) {
        return;
    }
    if (sentence->verdict == PV_VERDICT_DENIED || sentence->verdict == PV_VERDICT_UNDECLARED) {
        if (!pv_set_cookie_deletes(now, &set)) {
            sentence->action = PV_ACTION_STRIP;
        }
        return;
    }
    pv_set_cookie_lifetime(now, &set);
    if (sentence->verdict == PV_VERDICT_ALLOWED) {
        judge_lifetime(policy, &set, sentence);
    }
    else if (!set.deletes && set.has_lifetime) {
        sentence->action = PV_ACTION_LIMIT;
        sentence->limit = PV_LIFETIME_SESSION;
    }
}
