/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file pv_consent_text.h
 * @brief The decision's texts, made when the policy is read: of few categories come
 *        few decisions, and every request has to say its own.
 */

#ifndef PV_CONSENT_TEXT_H
#define PV_CONSENT_TEXT_H

#include <apr_tables.h>

#include "consent/pv_consent.h"

/** One decision; NUL-terminated. */
typedef struct {
    const char *whole;            /**< as pv_consent_write() has it */
    const char *categories;       /**< without `p` */
    const apr_table_t *variables; /**< categories and each one's `granted` or `denied` */
} pv_consent_text_t;

/** The texts of a policy. */
typedef struct pv_consent_texts_t pv_consent_texts_t;

/**
 * Make those of every decision ready, or none where there would be many.
 * @param names of the variables: that which has all categories, then of each category
 */
const pv_consent_texts_t *pv_consent_texts_make(const pv_policy_t *policy, const char *const *names,
                                                apr_pool_t *pool);

/** A decision's text: one made ready, or written now on the pool. */
pv_consent_text_t pv_consent_text(const pv_consent_texts_t *texts, const pv_consent_t *consent,
                                  apr_pool_t *pool);

#endif /* PV_CONSENT_TEXT_H */
