/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file pv_record.h
 * @brief The module's own cookie: what the visitor chose.
 *
 * `v=1&p=VERSION&t=EPOCH&CATEGORY=1|0...`, `g=1` where a signal was present
 * when it was made. Cookie-octets only, no encoding: URLSearchParams reads it.
 */

#ifndef PV_RECORD_H
#define PV_RECORD_H

#include <apr_time.h>

#include "policy/pv_policy.h"

/** One record, or what several add up to. */
typedef struct {
    apr_int64_t time;     /**< seconds since 1970 */
    pv_set_t granted;     /**< what it grants, if it is current */
    pv_set_t denied;      /**< what it denies, current or not */
    unsigned signal : 1;  /**< a browser signal was present */
    unsigned current : 1; /**< made under this version, and not older than its lifetime */
} pv_record_t;

/**
 * Read a record.
 * @param now seconds since 1970
 * @param record all zero unless PV_OK is returned
 * @return PV_OK; PV_BAD for what counts as absent: malformed, an unknown v, a t
 *         over a day in the future; PV_LIMIT for one over PV_RECORD_MAX
 */
pv_status_t pv_record_read(const pv_policy_t *policy, const char *buf, apr_size_t len,
                           apr_int64_t now, pv_record_t *record);

/**
 * Add another record that came with the same request: the newer one counts, and
 * of equally old ones what both grant and what either denies.
 */
void pv_record_add(pv_record_t *sum, const pv_record_t *record);

/** Bytes that pv_record_write() needs at most. */
apr_size_t pv_record_size(const pv_policy_t *policy);

/**
 * Write a record: time, signal, and for each category on offer that is granted
 * or denied its key.
 * @param out pv_record_size() bytes
 * @return bytes written (no NUL)
 */
apr_size_t pv_record_write(const pv_policy_t *policy, const pv_record_t *record, char *out);

#endif /* PV_RECORD_H */
