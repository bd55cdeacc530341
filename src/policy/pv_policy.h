/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file pv_policy.h
 * @brief The policy as a request reads it: checked, complete, never changed.
 *
 * Categories are numbered in order of declaration; a set of them is a
 * pv_set_t. All memory is the pool's that it was compiled on.
 */

#ifndef PV_POLICY_H
#define PV_POLICY_H

#include "policy/pv_declare.h"
#include "policy/pv_names.h"

/** A set of categories: bit n is the category with index n. */
typedef apr_uint64_t pv_set_t;

#define PV_CATEGORIES_MAX 64
#define PV_BIT(index)     ((pv_set_t)1 << (index))

/** Bytes of the visitor's record at most: a longer one counts as absent, and
 *  categories that would make one are refused. */
#define PV_RECORD_MAX 1024

/** Seconds for which a choice waits for the document that confirms it. */
#define PV_CONFIRM_SECONDS 60

/** Bytes of a policy's digest, without NUL. */
#define PV_DIGEST_LEN 8

/** A browser signal and what it denies. */
typedef struct {
    pv_set_t denies; /**< unless the visitor has decided in its presence (rule D1) */
    pv_set_t denies_finally;
} pv_signal_effect_t;

typedef struct {
    const pv_category_t **categories;
    int category_count;
    pv_set_t necessary;
    pv_set_t opt_in;
    pv_set_t opt_out;
    pv_set_t denied_session; /**< categories with denied=session */
    pv_signal_effect_t signals[PV_SIGNALS];

    pv_names_t *names;
    const pv_cookie_t **cookies; /**< the site's, in order of declaration */
    int cookie_count;
    const pv_cookie_t **own; /**< the module's own, and consent sources' (rule D5) */
    int own_count;
    pv_tracker_table_t *trackers; /**< a tracker's owner is its pv_source_tracker_t */
    int tracker_count;
    const pv_inline_tracker_t **inline_trackers;
    int inline_tracker_count;
    pv_names_t *parameters; /**< NULL where none is declared */
    const pv_provider_t **providers;
    int provider_count;
    const pv_message_t **messages;
    int message_count;
    const pv_consent_source_t **sources;
    int source_count;

    pv_undeclared_t undeclared; /**< never unset */
    pv_excess_t excess;         /**< never unset */
    const char *version;
    const char *version_date; /**< YYYY-MM-DD, or NULL */
    const pv_consent_cookie_t *consent_cookie;
    const pv_page_place_t *page;  /**< never NULL */
    const char *notice;           /**< URL, or NULL */
    const char *const *languages; /**< tags, the first one the default */
    int language_count;           /**< 1 at least */

    const pv_consent_mode_t *consent_mode; /**< NULL where none is declared */
    /** The categories that have to be granted for each of its keys; 0: nothing is
     *  mapped to it. */
    pv_set_t mode_needs[PV_MODE_KEYS];

    /** A token of RFC 8941 that changes with the policy: lower-case hexadecimal
     *  that begins with a letter, NUL-terminated. */
    char digest[PV_DIGEST_LEN + 1];
} pv_policy_t;

/** Something that compiling found. */
typedef struct {
    const char *file; /**< NULL: about no one line */
    int line;
    int fatal; /**< else a warning */
    const char *text;
} pv_problem_t;

/**
 * Check what is declared and compile it.
 * @param declared its declarations are kept, and completed
 * @param match how to match a cookie's regex
 * @param problems pv_problem_t, gets one for each thing that is wrong
 * @return the policy; not to be used if a problem is fatal
 */
pv_policy_t *pv_policy_compile(const pv_declared_t *declared, pv_regex_match_t match,
                               apr_array_header_t *problems, apr_pool_t *pool);

/** A category's index by its name, or -1. */
int pv_policy_category(const pv_policy_t *policy, pv_span_t name);

/** A message by its name, or NULL. */
const pv_message_t *pv_policy_message(const pv_policy_t *policy, pv_span_t name);

/**
 * The keys of Consent Mode that a decision grants, bit n for key n. security_storage
 * always is; one that no category is mapped to is not (rule D2).
 */
unsigned pv_policy_mode(const pv_policy_t *policy, pv_set_t granted);

/**
 * For how long a record is kept, in seconds or PV_LIFETIME_SESSION: what is refused of
 * an opt-out category is not asked again for a year (PrivacyConsentCookie).
 * @param denied what it denies
 */
apr_int64_t pv_policy_record_lifetime(const pv_policy_t *policy, pv_set_t denied);

/** Whether the visitor decides on it. */
static inline pv_set_t pv_policy_on_offer(const pv_policy_t *policy)
{
    return policy->opt_in | policy->opt_out;
}

/** NULL, or why the name cannot be a category's or a message's. */
const char *pv_policy_name_error(const char *name);

#endif /* PV_POLICY_H */
