/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file pv_expire.h
 * @brief The Set-Cookie values that make a browser forget (rules R5, M7).
 */

#ifndef PV_EXPIRE_H
#define PV_EXPIRE_H

#include "enforce/pv_cookies.h"

/** Bytes of header lines that a response to a navigation gets at most. */
#define PV_EXPIRE_BYTES_MAX 4096

typedef struct {
    /** The request's host without port, in lower case, or NULL; addresses and
     *  names that no Domain attribute can hold get host-only expiries. */
    const char *host;
    int secure;           /**< the request came by https */
    apr_size_t bytes_max; /**< of header lines, names and line ends included; 0: no limit */
    apr_uint64_t start;   /**< which denied cookie comes first, modulo their number */
} pv_expire_options_t;

/**
 * What gets each value written, NUL-terminated and the pool's.
 * @param cookie the request's cookie that it expires
 */
typedef void (*pv_expire_sink_t)(void *ctx, const char *value, const pv_request_cookie_t *cookie);

/**
 * Expire every denied cookie of a request: host-only, for the host and for each
 * parent domain with two labels or more, on / and on the declared path.
 * @param cookies those for which something was written get their expired set
 * @return how many these are: one of several with the same name, none that has no room
 *         or cannot be written
 */
int pv_expire(const pv_cookies_t *cookies, const pv_expire_options_t *options,
              pv_expire_sink_t sink, void *ctx, apr_pool_t *pool);

/**
 * Expire a cookie of the module's own wherever a copy of it may be but where it
 * belongs: host-only, for the host itself and for each parent (rule M7).
 * @param kept the domain where it belongs, or NULL: host-only
 * @param sink gets each value, with a NULL cookie
 */
void pv_expire_copies(const char *name, const char *kept, const pv_expire_options_t *options,
                      pv_expire_sink_t sink, void *ctx, apr_pool_t *pool);

#endif /* PV_EXPIRE_H */
