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

/** Where reading stands; made by pv_cookie_header_begin(). */
typedef struct {
    const char *at;       /**< the next byte to read */
    const char *end;      /**< end of the header */
    const char *segment;  /**< end of the pairs between two `;` */
    unsigned char commas; /**< there is a comma at all */
    unsigned char joint;  /**< the next pair stands behind a joint */
} pv_cookie_header_t;

/** Begin to read the len bytes at buf, which must outlive all spans. */
pv_cookie_header_t pv_cookie_header_begin(const char *buf, apr_size_t len);

/**
 * What pv_cookie_header_next() does, for any bytes. The state goes by value, so that who
 * loops over a header keeps it in registers.
 * @param pair whole.ptr is NULL where there is none
 */
pv_cookie_header_t pv_cookie_header_next_any(pv_cookie_header_t header, pv_cookie_pair_t *pair);

/** Where a name's `=` stands, and the `;` behind its value, or the end; NULL unless the
 *  pair has a name that 16 bytes hold. */
static inline const char *pv_cookie_pair_find(const char *p, const char *end, const char **stop)
{
#ifdef __SSE2__
    __m128i low, high;
    unsigned equals, semicolons, name;

    if (end - p < 32) {
        return NULL;
    }
    /* Both are looked for at once, in as many bytes as most pairs have. */
    low = _mm_loadu_si128((const __m128i *)p);
    high = _mm_loadu_si128((const __m128i *)(p + 16));
    equals = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(low, _mm_set1_epi8('=')));
    semicolons = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(low, _mm_set1_epi8(';'))) |
                 (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(high, _mm_set1_epi8(';'))) << 16;
    name = equals ^ (equals - 1); /* a bit for each byte as far as the first `=` */
    if (name == 1 || (semicolons & name) != 0 || equals == 0) {
        return NULL;
    }
    *stop = semicolons ? p + __builtin_ctz(semicolons) : pv_find(p + 32, end, ';');
    return p + __builtin_ctz(equals);
#else
    const char *eq = pv_find_either(p, end, '=', ';');

    if (eq == p || eq == end || *eq == ';') {
        return NULL;
    }
    *stop = pv_find(eq, end, ';');
    return eq;
#endif
}

/**
 * Read the next pair. Empty ones (`;;`) are passed over. Here stands how browsers
 * write one (`; name=value`, no comma, no other white space): a request has many.
 * @return 1, or 0 when there is none; pair is then undefined
 */
static inline int pv_cookie_header_next(pv_cookie_header_t *header, pv_cookie_pair_t *pair)
{
    const char *begin = header->at;
    const char *eq, *stop;

    if (header->end - begin >= 3 && !header->commas) {
        if (begin[0] == ';') {
            begin += 1 + (begin[1] == ' ');
        }
        eq = pv_cookie_pair_find(begin, header->end, &stop);
        if (eq != NULL && (unsigned char)*begin > ' ' && (unsigned char)eq[-1] > ' ' &&
            (unsigned char)stop[-1] > ' ') {
            pair->whole = pv_span_between(begin, stop);
            pair->name = pv_span_between(begin, eq);
            pair->segment = stop;
            pair->nameless = pair->joint = 0;
            header->at = stop;
            return 1;
        }
    }
    *header = pv_cookie_header_next_any(*header, pair);
    return pair->whole.ptr != NULL;
}

/**
 * What follows a pair's first `=`, white space removed; empty if it is nameless.
 * Commas are bytes of a value: it ends where the next `;` stands, past any joint.
 */
pv_span_t pv_cookie_pair_value(const pv_cookie_pair_t *pair);

#endif /* PV_COOKIE_HEADER_H */
