/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file pv_manager.h
 * @brief Consent managers' cookies of one request: what they say together, and
 *        which of them are sent again (PrivacyConsentSource).
 */

#ifndef PV_MANAGER_H
#define PV_MANAGER_H

#include "consent/pv_source.h"
#include "enforce/pv_cookies.h"

/**
 * What the managers say. Where a `, ` may be a joint of two Cookie lines (rule
 * Q1), the header is read both ways, as two cookies and as one value: what one
 * reading denies is denied, and granted is only what both grant.
 * @return 0 if the request has none of their cookies; voice is then not set
 */
int pv_manager_hear(const pv_sources_t *sources, const pv_cookies_t *cookies, pv_voice_t *voice,
                    apr_pool_t *pool);

/** Cookies sent again in one response, at most: browsers keep few of a manager. */
#define PV_MANAGER_REFRESH_MAX 32

/** Longer ones no browser keeps (RFC 6265bis, section 5.6). */
#define PV_MANAGER_COOKIE_MAX 4096

/**
 * What gets each Set-Cookie value, NUL-terminated and the pool's.
 * @param cookie the request's cookie that it is
 */
typedef void (*pv_manager_sink_t)(void *ctx, const char *value, const pv_request_cookie_t *cookie);

/**
 * Send cookies of sources with refresh= again, their values as the browser sent
 * them. Left alone is what cannot be known for sure: a name that is there more
 * than once with different values, and a value with what may be a joint.
 * @param secure the request came by https
 */
void pv_manager_refresh(const pv_sources_t *sources, const pv_cookies_t *cookies, int secure,
                        pv_manager_sink_t sink, void *ctx, apr_pool_t *pool);

#endif /* PV_MANAGER_H */
