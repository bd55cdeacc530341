/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file pv_cookie_header.h
 * @brief The Cookie request header, as browsers write it and httpd joins it
 *        (RFC 6265bis, section 5.8.3; rule Q1).
 */

#ifndef PV_COOKIE_HEADER_H
#define PV_COOKIE_HEADER_H

#include "pv.h"

/** One pair of a Cookie header. */
typedef struct {
    /** Its bytes without the separators and white space around it. */
    pv_span_t whole;
    /**
     * The name by which it is judged: white space removed, case kept. A pair
     * without a name (`_ga`, `=_ga=x`) is judged by what a reader would take
     * for one (rule D3).
     */
    pv_span_t name;
    /** Where the next `;` stands, or the header ends. */
    const char *segment;
    /** The name is a value's beginning and must not be logged (rule F2). */
    unsigned char nameless;
    /**
     * It stands behind `, `, with which httpd joins several Cookie lines of
     * HTTP/1.1, and begins with a token and `=`. It is a pair of its own only if
     * it or the pair before it is denied, else bytes of that one's value.
     */
    unsigned char joint;
} pv_cookie_pair_t;

/** Where reading stands; set up by pv_cookie_header_begin(). */
typedef struct {
    const char *at;       /**< the next byte to read */
    const char *end;      /**< end of the header */
    const char *segment;  /**< end of the pairs between two `;` */
    unsigned char commas; /**< there is a comma at all */
    unsigned char joint;  /**< the next pair stands behind a joint */
} pv_cookie_header_t;

/** Begin to read the len bytes at buf, which must outlive all spans. */
void pv_cookie_header_begin(pv_cookie_header_t *header, const char *buf, apr_size_t len);

/**
 * Read the next pair. Empty ones (`;;`) are passed over.
 * @return 1, or 0 when there is none; pair is then undefined
 */
int pv_cookie_header_next(pv_cookie_header_t *header, pv_cookie_pair_t *pair);

/**
 * What follows a pair's first `=`, white space removed; empty if it is nameless.
 * Commas are bytes of a value: it ends where the next `;` stands, past any joint.
 */
pv_span_t pv_cookie_pair_value(const pv_cookie_pair_t *pair);

#endif /* PV_COOKIE_HEADER_H */
