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

/** What is declared that begins with one byte: most names that nothing is declared for
 *  are known by it, and need not be looked up. */
typedef struct {
    apr_uint64_t exact;    /**< lengths of names, by PV_NAMES_LENGTH */
    apr_uint64_t patterns; /**< not 0: globs or regexes have to be asked */
} pv_names_first_t;

/** Bit n: n bytes long, or 64 more. */
#define PV_NAMES_LENGTH(len) (APR_UINT64_C(1) << ((len)&63))

/** Compiled. */
typedef struct {
    pv_names_first_t first[256]; /**< by a name's first byte; that of an empty one is NUL */
    struct pv_names_tables_t *tables;
} pv_names_t;

/**
 * Compile the look-up.
 * @param cookies pv_cookie_t *, in order of declaration; kept, prefix_len is set
 * @param match NULL where no regex is among them
 */
pv_names_t *pv_names_make(const apr_array_header_t *cookies, pv_regex_match_t match,
                          apr_pool_t *pool);

/** What pv_names_find() does where a declared name has the same length, and where none
 *  has, but something else may match. */
const pv_cookie_t *pv_names_find_exact(const pv_names_t *names, pv_span_t name);
const pv_cookie_t *pv_names_find_pattern(const pv_names_t *names, pv_span_t name);

/** The declaration that governs the name, or NULL. A cookie of the module's own
 *  is found by its exact name only. */
static inline const pv_cookie_t *pv_names_find(const pv_names_t *names, pv_span_t name)
{
    const pv_names_first_t *first = &names->first[name.len > 0 ? (unsigned char)name.ptr[0] : 0];

    if (first->exact & PV_NAMES_LENGTH(name.len)) {
        return pv_names_find_exact(names, name);
    }
    return first->patterns ? pv_names_find_pattern(names, name) : NULL;
}

/** What kind of pattern a PATTERN is. */
pv_pattern_t pv_pattern_kind(const char *pattern);

/** Whether a glob matches the whole name. */
int pv_glob_match(pv_span_t glob, pv_span_t name);

#endif /* PV_NAMES_H */
