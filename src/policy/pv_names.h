/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file pv_names.h
 * @brief From a cookie-name to its declaration, at a cost that does not grow
 *        with the policy.
 *
 * The exact name wins; then globs, those of consent sources before all others,
 * those of the virtual host before inherited ones, the longest literal prefix
 * before shorter ones, of equals the first; then regexes, own before inherited,
 * in their order. The whole name, and each prefix length of the globs that begin
 * like it, cost one hash look-up.
 */

#ifndef PV_NAMES_H
#define PV_NAMES_H

#include "policy/pv_declare.h"

/** Match a compiled regex with a name that need not end in a NUL. */
typedef int (*pv_regex_match_t)(void *regex, const char *name, apr_size_t len);

typedef struct pv_names_t pv_names_t;

/**
 * Compile the look-up.
 * @param cookies pv_cookie_t *, in order of declaration; kept, prefix_len is set
 * @param match NULL where no regex is among them
 */
pv_names_t *pv_names_make(const apr_array_header_t *cookies, pv_regex_match_t match,
                          apr_pool_t *pool);

/** The declaration that governs the name, or NULL. A cookie of the module's own
 *  is found by its exact name only. */
const pv_cookie_t *pv_names_find(const pv_names_t *names, pv_span_t name);

/** What kind of pattern a PATTERN is. */
pv_pattern_t pv_pattern_kind(const char *pattern);

/** Whether a glob matches the whole name. */
int pv_glob_match(pv_span_t glob, pv_span_t name);

#endif /* PV_NAMES_H */
