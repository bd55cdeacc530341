/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file pv_choice.h
 * @brief What a visitor sends to PrivacyPage: a choice, or that a message was closed.
 */

#ifndef PV_CHOICE_H
#define PV_CHOICE_H

#include <apr_pools.h>

#include "consent/pv_consent.h"

/** Bytes of a body at most. */
#define PV_CHOICE_MAX (64 * 1024)

typedef struct {
    /** The one that was closed; of until=choice, its confirmation. NULL: a choice was
     *  made. */
    const pv_message_t *message;
    pv_set_t granted;
    pv_set_t denied;
    pv_span_t back; /**< checked (rule M6); empty: none was sent */
} pv_choice_t;

/**
 * Read a form's body (application/x-www-form-urlencoded): `choice=accept`, `reject` or
 * `save`, with `save` a `category=NAME` for each one granted, the others denied; or
 * `message=NAME`; and `return=PATH`.
 * @param consent what is decided already: what a source or a final signal has settled
 *        can be denied, and is not granted
 * @param error gets what is wrong with it, unless PV_OK
 * @return PV_OK or PV_BAD: anything unknown, missing, repeated or contradictory
 */
pv_status_t pv_choice_form(const pv_policy_t *policy, const pv_consent_t *consent, const char *buf,
                           apr_size_t len, pv_choice_t *choice, const char **error,
                           apr_pool_t *pool);

/**
 * Read JSON: `{"choice": "accept"}` or `"reject"`; `{"categories": {"NAME": true}}`, in
 * which a category that is not named stays as it was recorded; or `{"message": "NAME"}`.
 * @param record what was recorded before, or NULL
 */
pv_status_t pv_choice_json(const pv_policy_t *policy, const pv_consent_t *consent,
                           const pv_record_t *record, const char *buf, apr_size_t len,
                           pv_choice_t *choice, const char **error, apr_pool_t *pool);

/** Read `return=PATH` of a query; an unsafe one counts as none. */
pv_span_t pv_choice_back(const char *query, apr_pool_t *pool);

#endif /* PV_CHOICE_H */
