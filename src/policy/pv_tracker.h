/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file pv_tracker.h
 * @brief Which declared tracker a URL loads: PrivacyTracker's sources, compiled.
 *
 * A table is immutable once made and may be read by any number of threads. A
 * look-up walks once over the host and, where a path is declared for it, once over
 * the path, whatever the number of trackers; it allocates nothing.
 */

#ifndef PV_TRACKER_H
#define PV_TRACKER_H

#include <apr_pools.h>

#include "policy/pv_url.h"

/** What a source may be, for error messages. */
#define PV_TRACKER_SYNTAX "HOST, *.HOST, HOST/PATH or *.HOST/PATH"

/** Bytes of a declared path at most, decoded. */
#define PV_TRACKER_PATH_MAX 255

/** One declared source. */
typedef struct pv_tracker_t pv_tracker_t;
struct pv_tracker_t {
    pv_span_t host;
    /** `*.HOST`: every subdomain, and HOST itself. */
    int subdomains;
    /** Percent-encoding decoded, no slash at the end; empty: everything. */
    pv_span_t path;
    /** The caller's, not looked at. */
    void *owner;
    /** The same source declared earlier, which is the one that is found; or NULL. */
    const pv_tracker_t *twin;
};

/**
 * Read a source as the directive takes it.
 * @param buf,len the argument; host is a span into it, path a copy in pool
 * @param tracker gets host, subdomains and path; owner and twin are NULL
 * @param error gets what is wrong, a constant string without a full stop, unless
 *        PV_OK
 * @return PV_OK, or PV_BAD
 */
pv_status_t pv_tracker_parse(const char *buf, apr_size_t len, pv_tracker_t *tracker,
                             const char **error, apr_pool_t *pool);

/** The sources, compiled. */
typedef struct pv_tracker_table_t pv_tracker_table_t;

/**
 * Compile sources.
 * @param trackers count of them, which live as long as the table; their twin is set
 * @param pool the table's
 */
pv_tracker_table_t *pv_tracker_table_make(pv_tracker_t *trackers, apr_size_t count,
                                          apr_pool_t *pool);

/**
 * The tracker that a URL loads: the exact host before the longest `*.`, of each the
 * longer path before the shorter. A path is compared as a browser sends it,
 * percent-encoding decoded, and as a server may understand it; the longer match
 * counts.
 * @return one of the trackers, or NULL if it is none
 */
const pv_tracker_t *pv_tracker_find(const pv_tracker_table_t *table, const pv_url_t *url);

/** A base that references are looked up against. */
typedef struct {
    pv_url_t url;
    int declared; /**< a tracker is declared for its host */
} pv_tracker_base_t;

/**
 * @param url the document's, or its `<base href>`; it is copied, what it points to
 *        must live as long as base
 */
void pv_tracker_base_set(const pv_tracker_table_t *table, const pv_url_t *url,
                         pv_tracker_base_t *base);

/**
 * Read a reference and find its tracker. A reference that stays on a host for which
 * nothing is declared is seen at its first bytes.
 * @return as pv_tracker_find(); NULL also for what no browser loads
 */
const pv_tracker_t *pv_tracker_resolve(const pv_tracker_table_t *table,
                                       const pv_tracker_base_t *base, const char *buf,
                                       apr_size_t len);

#endif /* PV_TRACKER_H */
