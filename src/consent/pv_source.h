/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file pv_source.h
 * @brief Consent managers whose decision counts (PrivacyConsentSource): what
 *        their cookies say about the categories of this policy.
 *
 * A source is made when the configuration is read, and is read-only after that.
 * Reading allocates nothing. Categories are bits, 0 to 63, as the policy numbers
 * them.
 *
 * What every source keeps to (rule D2): a value that cannot be read whole says
 * nothing, and so does a default that nobody answered. A value is taken as it
 * stands if it can be read so; else it is percent-decoded, at most twice, until
 * it can. Where a cookie, or a key inside one, is there more than once, a grant
 * counts only if all of them grant, and a refusal if one refuses. Values over
 * PV_SOURCE_VALUE_MAX bytes say nothing.
 *
 * The source `expr` is httpd's, and not known here. The manager's formats are
 * described in docs/consent-sources.md.
 */

#ifndef PV_SOURCE_H
#define PV_SOURCE_H

#include <apr_pools.h>

#include "pv.h"

/** Longer values say nothing. */
#define PV_SOURCE_VALUE_MAX 8192

/** Different keys of one source, and sources of one policy, at most. */
#define PV_SOURCE_KEYS 64
#define PV_SOURCES     64

/** A consent manager and what of it is mapped; made on a pool, opaque. */
typedef struct pv_source_t pv_source_t;

/** All sources of a policy. */
typedef struct pv_sources_t pv_sources_t;

/** A pair of the Cookie header, in the header's order, repetitions included. */
typedef struct {
    pv_span_t name;
    pv_span_t value;
} pv_source_cookie_t;

/** How a manager's cookie is sent again. */
typedef struct {
    apr_int64_t seconds; /**< to live for; 0: it is not sent */
    const char *domain;  /**< NULL: host-only */
} pv_refresh_t;

/** What a source says about a category. */
typedef enum {
    PV_ANSWER_NOTHING,
    PV_ANSWER_GRANTED,
    PV_ANSWER_DENIED,
    PV_ANSWER_NOT_APPLICABLE /**< the law that the manager serves does not apply here */
} pv_answer_t;

/** Answers for all categories: a category's bit is in one of the first three at
 *  most, in none if nothing is said. */
typedef struct {
    apr_uint64_t granted;
    apr_uint64_t denied;
    apr_uint64_t not_applicable;
    /** Of granted, those whose grant the value itself calls the visitor's own
     *  choice: these outweigh a signal that is not final (rule D1). */
    apr_uint64_t by_choice;
} pv_source_answers_t;

static inline pv_answer_t pv_source_answer(const pv_source_answers_t *answers, unsigned category)
{
    apr_uint64_t bit = APR_UINT64_C(1) << category;

    if (answers->denied & bit) {
        return PV_ANSWER_DENIED;
    }
    if (answers->granted & bit) {
        return PV_ANSWER_GRANTED;
    }
    return (answers->not_applicable & bit) ? PV_ANSWER_NOT_APPLICABLE : PV_ANSWER_NOTHING;
}

/*
 * Making one, when the configuration is read. What returns a const char * gives
 * NULL, or what is wrong, to be put behind the directive's name: `cookiebot has
 * no key "statistic": necessary, preferences, statistics, marketing`.
 */

/** Names of all sources, `, ` between them, for error messages. */
const char *pv_source_names(apr_pool_t *pool);

/** The source's name nearest to a misspelt one, or NULL if none is near. */
const char *pv_source_nearest(const char *name, apr_pool_t *pool);

/** @return a source with nothing mapped, or NULL for a name that is none */
pv_source_t *pv_source_make(const char *name, apr_pool_t *pool);

/**
 * Map a category, once each.
 * @param category 0 to 63
 * @param keys the manager's, `,` between them: granted when all of them are,
 *             denied when one is. `*` alone for a manager without categories
 */
const char *pv_source_map(pv_source_t *source, unsigned category, const char *keys,
                          apr_pool_t *pool);

/**
 * `cookie=NAME` (for managers with a cookie a category: the prefix of the names),
 * `vendor=ID`, `not-applicable=grant`. `refresh=` is pv_source_refresh()'s.
 */
const char *pv_source_option(pv_source_t *source, const char *name, const char *value,
                             apr_pool_t *pool);

/** Have the manager's cookies sent again. */
void pv_source_refresh(pv_source_t *source, const pv_refresh_t *refresh);

/**
 * Check what is left to be checked, after the last option.
 * @param opt_in the categories that are denied until granted. In TCF they need
 *               purpose 1 as well; and that nobody opted out (US Privacy, the US
 *               sections of GPP) never grants one of them
 */
const char *pv_source_finish(pv_source_t *source, apr_uint64_t opt_in, apr_pool_t *pool);

/**
 * All sources of a policy, finished ones, in any order; n may be 0.
 * @return NULL if there are more than PV_SOURCES
 */
pv_sources_t *pv_sources_make(const pv_source_t *const *list, unsigned n, apr_pool_t *pool);

/*
 * Asking them, on every request.
 */

/** What one source says. */
void pv_source_read(const pv_source_t *source, const pv_source_cookie_t *cookies, unsigned n,
                    pv_source_answers_t *answers);

/**
 * What all of them say together: denied where one denies, else granted where one
 * grants (rule D1). A cookie that none of them reads costs a few instructions.
 */
void pv_sources_read(const pv_sources_t *sources, const pv_source_cookie_t *cookies, unsigned n,
                     pv_source_answers_t *answers);

/** Is a cookie of this name the manager's own record? (Rule D5: it lives.) */
int pv_source_owns(const pv_source_t *source, pv_span_t name);

/** Is it one of any source's? */
int pv_sources_own(const pv_sources_t *sources, pv_span_t name);

/** How to send this cookie again; NULL if it is not to be. */
const pv_refresh_t *pv_sources_refresh(const pv_sources_t *sources, pv_span_t name);

/**
 * The manager's own cookies, one after the other, i from 0.
 * @param prefix set to 1 where what begins with the name is the manager's, too
 * @return 0 if there is no such cookie any more
 */
int pv_source_cookie(const pv_source_t *source, unsigned i, pv_span_t *name, int *prefix);

/** The source's name, as it is configured. */
const char *pv_source_name(const pv_source_t *source);

#endif /* PV_SOURCE_H */
