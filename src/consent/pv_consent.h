/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file pv_consent.h
 * @brief How the record, consent managers and signals add up (rule D1).
 */

#ifndef PV_CONSENT_H
#define PV_CONSENT_H

#include "consent/pv_record.h"

/** What one consent source says; a category in neither set is one it has no say in. */
typedef struct {
    pv_set_t granted;
    pv_set_t denied;
    pv_set_t explicit_grants; /**< of granted: those that its format calls explicit */
} pv_voice_t;

/** All that is heard about one request. */
typedef struct {
    const pv_record_t *record; /**< NULL: none */
    const pv_voice_t *voices;
    int voice_count;
    unsigned signals; /**< bit n: signal n is present */
} pv_heard_t;

/** The decision. */
typedef struct {
    pv_set_t granted; /**< every other category is denied */
    pv_set_t chosen;  /**< decided by a current record of the visitor's */
    pv_set_t settled; /**< decided by a source or a final signal: not on offer (rule M3) */
    unsigned signals; /**< as heard */
} pv_consent_t;

/** What pv_consent_resolve() does, whatever was heard. */
void pv_consent_weigh(const pv_policy_t *policy, const pv_heard_t *heard, pv_consent_t *consent);

/** Decide. Where nothing was heard, the policy has. */
static inline void pv_consent_resolve(const pv_policy_t *policy, const pv_heard_t *heard,
                                      pv_consent_t *consent)
{
    if (heard->record != NULL || heard->voice_count > 0 || heard->signals != 0) {
        pv_consent_weigh(policy, heard, consent);
        return;
    }
    memset(consent, 0, sizeof(*consent));
    consent->granted = policy->necessary | policy->opt_out;
}

/** The decision where nothing could be heard: what is not necessary is denied (rule D6). */
void pv_consent_deny(const pv_policy_t *policy, pv_consent_t *consent);

/** Bytes that pv_consent_write() needs at most, NULs included. */
apr_size_t pv_consent_size(const pv_policy_t *policy);

/**
 * Write the decision as a dictionary of RFC 8941: the categories on offer in order
 * of declaration, then `p`, the policy's digest:
 * `analytics=?1, remarketing=?0, p=af1c2a9b`. NUL-terminated.
 * @return where `, p=` begins, or the whole where nothing is on offer: what stands
 *         before is the dictionary without `p`
 */
apr_size_t pv_consent_write(const pv_policy_t *policy, const pv_consent_t *consent, char *out);

#endif /* PV_CONSENT_H */
