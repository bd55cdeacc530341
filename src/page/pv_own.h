/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file pv_own.h
 * @brief The cookies that the site does not declare, and that its visitors are told of
 *        all the same: the module's own, and those of consent sources (rules D5, M5).
 */

#ifndef PV_OWN_H
#define PV_OWN_H

#include "page/pv_page.h"

/** One of them, in words. */
typedef struct {
    const pv_cookie_t *cookie;
    const char *lifetime;
    const char *purpose;
    const char *provider;
} pv_own_t;

/**
 * Describe one.
 * @param cookie one of policy->own
 */
pv_own_t pv_own_describe(const pv_policy_t *policy, const pv_words_t *words,
                         const pv_cookie_t *cookie, apr_pool_t *pool);

#endif /* PV_OWN_H */
