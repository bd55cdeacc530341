/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file pv_uts46.h
 * @brief What UTS #46 makes of one code point of a host name.
 *
 * The table holds what can turn into ASCII or into nothing, and lower case: a
 * host that is declared in ASCII is found under every spelling that a browser
 * takes for it. A declared A-label (`xn--…`) is found under the U-label in either
 * case, as long as that is in NFC; other mappings to characters above U+007F are
 * not in the table.
 */

#ifndef PV_UTS46_H
#define PV_UTS46_H

#include "pv.h"

/** Code points that one code point becomes at most. */
#define PV_UTS46_MAX 4

/** The delta of a run that is ignored. */
#define PV_UTS46_IGNORED APR_INT32_MAX

/** first, first + step, … last: each becomes itself plus delta. */
typedef struct {
    apr_uint32_t first;
    apr_uint32_t last;
    apr_uint32_t step;
    apr_int32_t delta;
} pv_uts46_run_t;

/** One code point that becomes len characters of ASCII. */
typedef struct {
    apr_uint32_t cp;
    apr_uint16_t at; /**< in pv_uts46_pool */
    apr_uint16_t len;
} pv_uts46_text_t;

extern const pv_uts46_run_t pv_uts46_runs[];
extern const apr_size_t pv_uts46_run_count;
extern const pv_uts46_text_t pv_uts46_texts[];
extern const apr_size_t pv_uts46_text_count;
extern const char pv_uts46_pool[];

/**
 * Map one code point (UTS #46, section 4, step 1).
 * @param out room for PV_UTS46_MAX code points
 * @return how many were written: 0 if it is ignored; one that has no mapping here
 *         is written as it is
 */
unsigned int pv_uts46_map(apr_uint32_t cp, apr_uint32_t *out);

#endif /* PV_UTS46_H */
