/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file pv_judge.h
 * @brief The one judge: policy, consent and a cookie give a verdict.
 */

#ifndef PV_JUDGE_H
#define PV_JUDGE_H

#include "consent/pv_consent.h"
#include "cookie/pv_set_cookie.h"

/** What is thought of a cookie, wherever it is met. */
typedef enum {
    PV_VERDICT_ALLOWED,
    PV_VERDICT_UNDECLARED, /**< no declaration matches */
    PV_VERDICT_DENIED,
    PV_VERDICT_DEMOTED /**< denied, and its category says denied=session */
} pv_verdict_t;

/** The categories whose cookies are denied, and not only demoted. */
static inline pv_set_t pv_judge_denies(const pv_policy_t *policy, const pv_consent_t *consent)
{
    return ~(consent->granted | policy->denied_session);
}

/**
 * Judge a cookie by the declaration that its name has (pv_names_find()).
 * @param cookie NULL for one that none matches
 */
static inline pv_verdict_t pv_judge(const pv_policy_t *policy, const pv_consent_t *consent,
                                    const pv_cookie_t *cookie)
{
    pv_set_t category;

    if (cookie == NULL) {
        return PV_VERDICT_UNDECLARED;
    }
    if (cookie->owner != PV_OWNER_SITE) {
        return PV_VERDICT_ALLOWED;
    }
    category = PV_BIT(cookie->category_index);
    if (consent->granted & category) {
        return PV_VERDICT_ALLOWED;
    }
    return (policy->denied_session & category) ? PV_VERDICT_DEMOTED : PV_VERDICT_DENIED;
}

/** Whether pv_judge() says PV_VERDICT_DENIED, for many cookies of one request.
 *  @param denies pv_judge_denies() */
static inline int pv_judge_is_denied(pv_set_t denies, const pv_cookie_t *cookie)
{
    return cookie->owner == PV_OWNER_SITE && (denies >> cookie->category_index & 1);
}

/** What follows for a Set-Cookie. */
typedef enum {
    PV_ACTION_KEEP,  /**< byte for byte */
    PV_ACTION_STRIP, /**< the header goes */
    PV_ACTION_LIMIT  /**< another lifetime, see pv_set_cookie_limit() */
} pv_action_t;

typedef struct {
    pv_action_t action;
    pv_verdict_t verdict;
    const pv_cookie_t *cookie; /**< the declaration that decided, or NULL */
    pv_span_t name;            /**< into the field value */
    unsigned nameless : 1;     /**< the name must not be logged */
    apr_int64_t limit;         /**< for PV_ACTION_LIMIT: seconds or PV_LIFETIME_SESSION */
} pv_sentence_t;

/** Judge one Set-Cookie field value (rules R1, R4, D4). */
void pv_judge_set_cookie(const pv_policy_t *policy, const pv_consent_t *consent, const char *buf,
                         apr_size_t len, apr_time_t now, pv_sentence_t *sentence);

#endif /* PV_JUDGE_H */
