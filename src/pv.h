/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file pv.h
 * @brief The words that every part of the core shares: a status, a span.
 *
 * The core (everything below src/ but src/httpd/) knows libc and APR alone. It
 * neither logs nor keeps globals: a function takes (buffer, length), never
 * assumes a NUL, answers with a pv_status_t and fills a result that the caller
 * owns. Spans point into the input and live as long as it does.
 */

#ifndef PV_H
#define PV_H

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <apr.h>

/** For what a caller seldom needs: inlined, it would have the caller save registers for
 *  it each time. */
#define PV_SELDOM __attribute__((noinline))

/** How reading an input ended. */
typedef enum {
    PV_OK = 0, /**< read whole */
    PV_MORE,   /**< well-formed so far, more input is needed */
    PV_BAD,    /**< not of the grammar: nothing of it may be relied on */
    PV_LIMIT   /**< larger than what is kept: the bytes pass as they are */
} pv_status_t;

/** Bytes inside somebody else's buffer; ptr may be NULL only if len is 0. */
typedef struct {
    const char *ptr;
    apr_size_t len;
} pv_span_t;

/** A span over the characters of a string literal. */
#define PV_SPAN(literal) ((pv_span_t){ (literal), sizeof(literal) - 1 })

static inline pv_span_t pv_span(const char *ptr, apr_size_t len)
{
    pv_span_t s = { ptr, len };
    return s;
}

/** The span between two places of one buffer. */
static inline pv_span_t pv_span_between(const char *begin, const char *end)
{
    return pv_span(begin, (apr_size_t)(end - begin));
}

/** Equal to the byte. */
static inline int pv_span_eq(pv_span_t a, pv_span_t b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/** ASCII lower case of one byte; bytes above 127 are themselves. */
static inline char pv_lower(char c)
{
    return (c >= 'A' && c <= 'Z') ? (char)(c | 0x20) : c;
}

/** Equal but for the case of ASCII letters (header names, attribute names). */
static inline int pv_span_eq_nocase(pv_span_t a, pv_span_t b)
{
    if (a.len != b.len) {
        return 0;
    }
    for (apr_size_t i = 0; i < a.len; i++) {
        if (pv_lower(a.ptr[i]) != pv_lower(b.ptr[i])) {
            return 0;
        }
    }
    return 1;
}

static inline int pv_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/** WSP of RFC 5234, which RFC 6265bis trims from names, values and attributes. */
static inline int pv_is_wsp(char c)
{
    return c == ' ' || c == '\t';
}

/**
 * White space that may surround a header's value on its way to the browser:
 * httpd trims VT, FF, CR and LF too, so that a name may only become one after
 * our filter has read it (rule D3).
 */
static inline int pv_is_outer_space(char c)
{
    return (unsigned char)c <= ' ' && (c == ' ' || (c >= '\t' && c <= '\r'));
}

/** Without such bytes at either end. */
static inline pv_span_t pv_span_trim(pv_span_t s, int (*is_space)(char))
{
    while (s.len > 0 && is_space(s.ptr[0])) {
        s.ptr++;
        s.len--;
    }
    while (s.len > 0 && is_space(s.ptr[s.len - 1])) {
        s.len--;
    }
    return s;
}

/**
 * The first byte in [p, end) that is a or b, or end. Sixteen bytes at a time
 * without a call, where the machine can: in the short names and values of cookies
 * memchr() spends most of its time on the way in and out.
 */
static inline const char *pv_find_either(const char *p, const char *end, char a, char b)
{
#ifdef __SSE2__
    const __m128i as = _mm_set1_epi8(a);
    const __m128i bs = _mm_set1_epi8(b);

    for (; end - p >= 16; p += 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)p);
        __m128i equal = _mm_or_si128(_mm_cmpeq_epi8(bytes, as), _mm_cmpeq_epi8(bytes, bs));
        int found = _mm_movemask_epi8(equal);

        if (found != 0) {
            return p + __builtin_ctz((unsigned)found);
        }
    }
#endif
    while (p < end && *p != a && *p != b) {
        p++;
    }
    return p;
}

/** The first byte c in [p, end), or end. */
static inline const char *pv_find(const char *p, const char *end, char c)
{
    return pv_find_either(p, end, c, c);
}

/** The same, inside a buffer that begins at buf: what may be read in front of p spares
 *  the last few bytes to be looked at one by one. */
static inline const char *pv_find_within(const char *buf, const char *p, const char *end, char c)
{
#ifdef __SSE2__
    while (end - p >= 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)p);
        int found = _mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(c)));

        if (found != 0) {
            return p + __builtin_ctz((unsigned)found);
        }
        p += 16;
    }
    if (end - buf >= 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(end - 16));
        unsigned found = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(c)));

        found &= ~0u << (16 - (end - p)); /* nothing in front of p */
        return found ? end - 16 + __builtin_ctz(found) : end;
    }
#else
    (void)buf;
#endif
    return pv_find(p, end, c);
}

#endif /* PV_H */
