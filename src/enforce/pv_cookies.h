/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file pv_cookies.h
 * @brief The cookies of one request: parsed once, judged once, written again
 *        without those that are denied (rules Q1, D3).
 */

#ifndef PV_COOKIES_H
#define PV_COOKIES_H

#include "cookie/pv_cookie_header.h"
#include "enforce/pv_judge.h"

/** A pair and what became of it. */
typedef struct {
    pv_cookie_pair_t pair;
    const pv_cookie_t *cookie; /**< its declaration, or NULL */
    int next;                  /**< index of the next declared one; 0: none follows */
    short denied;              /**< leaves the header (not: denied=session) */
    short expired;             /**< the browser is told to forget it (pv_expire()) */
} pv_request_cookie_t;

/** What pv_cookies_t.declared is where none is. */
#define PV_COOKIES_NONE (-1)

typedef struct {
    pv_span_t header; /**< as the client sent it */
    pv_request_cookie_t *list;
    int count;
    int capacity;
    int declared;        /**< index of the first declared one, or PV_COOKIES_NONE */
    int records;         /**< pairs that bear the module's record */
    int sources;         /**< pairs that are a consent source's */
    pv_set_t categories; /**< those that a cookie of theirs is among */
    int denied;          /**< how many are */
} pv_cookies_t;

/**
 * Parse a header and look each name up. What the list's spans point into is the
 * header, which must live as long.
 */
void pv_cookies_read(const pv_policy_t *policy, const char *buf, apr_size_t len,
                     pv_cookies_t *cookies, apr_pool_t *pool);

/** The record that these cookies bear. @return 0 if there is none */
int pv_cookies_record(const pv_policy_t *policy, const pv_cookies_t *cookies, apr_int64_t now,
                      pv_record_t *record);

/** The first declared one, or NULL. Most cookies are not declared or not denied: loops go
 *  over these alone. */
static inline pv_request_cookie_t *pv_cookies_first(const pv_cookies_t *cookies)
{
    return cookies->count > 0 && cookies->declared >= 0 ? &cookies->list[cookies->declared] : NULL;
}

/** The next declared one, or NULL. */
static inline pv_request_cookie_t *pv_cookies_next(const pv_cookies_t *cookies,
                                                   const pv_request_cookie_t *one)
{
    return one->next != 0 ? &cookies->list[one->next] : NULL;
}

/** Judge each; again, if the visitor decides anew in this request. */
void pv_cookies_judge(const pv_policy_t *policy, const pv_consent_t *consent,
                      pv_cookies_t *cookies);

/**
 * Write the header without the denied ones; the others keep bytes and order. Only
 * where denied is not 0.
 * @param out room for header.len bytes
 * @return bytes written; 0 if nothing is left
 */
apr_size_t pv_cookies_write(const pv_cookies_t *cookies, char *out);

#endif /* PV_COOKIES_H */
