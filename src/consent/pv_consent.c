/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "consent/pv_consent.h"

void pv_consent_weigh(const pv_policy_t *policy, const pv_heard_t *heard, pv_consent_t *consent)
{
    const pv_record_t *record = heard->record;
    pv_set_t grant = 0, deny = 0, signal = 0, final = 0, settled = 0;

    for (int i = 0; i < PV_SIGNALS; i++) {
        if (heard->signals >> i & 1) {
            signal |= policy->signals[i].denies;
            final |= policy->signals[i].denies_finally;
        }
    }
    if (record != NULL) {
        deny = record->denied;
        if (record->current) {
            grant = record->signal ? record->granted : record->granted & ~signal;
        }
    }
    for (int i = 0; i < heard->voice_count; i++) {
        const pv_voice_t *voice = &heard->voices[i];

        deny |= voice->denied;
        grant |= voice->granted & (voice->explicit_grants | ~signal);
        settled |= voice->granted | voice->denied;
    }
    grant &= ~deny;
    grant |= policy->opt_out & ~deny & ~signal;
    consent->granted = (grant & ~final & pv_policy_on_offer(policy)) | policy->necessary;
    consent->chosen = (record != NULL && record->current) ? record->granted | record->denied : 0;
    consent->settled = settled | final;
    consent->signals = heard->signals;
}

void pv_consent_deny(const pv_policy_t *policy, pv_consent_t *consent)
{
    memset(consent, 0, sizeof(*consent));
    consent->granted = policy->necessary;
}

apr_size_t pv_consent_size(const pv_policy_t *policy)
{
    apr_size_t size = sizeof("p=") + PV_DIGEST_LEN;

    for (int i = 0; i < policy->category_count; i++) {
        size += strlen(policy->categories[i]->decl.name) + sizeof("=?1, ");
    }
    return size;
}

apr_size_t pv_consent_write(const pv_policy_t *policy, const pv_consent_t *consent, char *out)
{
    pv_set_t on_offer = pv_policy_on_offer(policy);
    char *at = out;
    apr_size_t categories;

    for (int i = 0; i < policy->category_count; i++) {
        const char *name = policy->categories[i]->decl.name;
        apr_size_t len;

        if (!(on_offer & PV_BIT(i))) {
            continue;
        }
        if (at != out) {
            memcpy(at, ", ", 2);
            at += 2;
        }
        len = strlen(name);
        memcpy(at, name, len);
        at += len;
        memcpy(at, (consent->granted & PV_BIT(i)) ? "=?1" : "=?0", 3);
        at += 3;
    }
    categories = (apr_size_t)(at - out);
    if (at != out) {
        memcpy(at, ", ", 2);
        at += 2;
    }
    memcpy(at, "p=", 2);
    memcpy(at + 2, policy->digest, PV_DIGEST_LEN + 1);
    return categories;
}
