/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file pv_query.h
 * @brief Parameters taken out of a query string (rule Q5).
 *
 * A query is read as application/x-www-form-urlencoded (WHATWG URL standard,
 * section 5.1): `&` alone separates parameters, `;` is a byte of a name or value.
 */

#ifndef PV_QUERY_H
#define PV_QUERY_H

#include "pv.h"

/** Whether the parameter of this name (decoded, `+` a space) is to go. */
typedef int (*pv_query_denied_fn)(void *data, const char *name, apr_size_t len);

/** What is left of a query. */
typedef enum {
    PV_QUERY_SAME = 0, /**< every byte; out holds nothing of use */
    PV_QUERY_CHANGED,  /**< what out holds */
    PV_QUERY_EMPTY     /**< nothing: the `?` should go as well */
} pv_query_result_t;

/**
 * Take the denied parameters out; the others keep their bytes and their order.
 * @param buf,len a query without `?`
 * @param out len bytes; not buf
 * @param out_len gets the bytes written
 */
pv_query_result_t pv_query_filter(const char *buf, apr_size_t len, pv_query_denied_fn denied,
                                  void *data, char *out, apr_size_t *out_len);

/**
 * The same in the query of a whole URL or path: between the first `?` and the
 * fragment. A `?` behind which nothing is left goes as well.
 * @return PV_QUERY_SAME or PV_QUERY_CHANGED
 */
pv_query_result_t pv_query_filter_url(const char *buf, apr_size_t len, pv_query_denied_fn denied,
                                      void *data, char *out, apr_size_t *out_len);

#endif /* PV_QUERY_H */
