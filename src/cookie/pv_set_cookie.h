/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file pv_set_cookie.h
 * @brief One Set-Cookie field value, read as browsers read it
 *        (RFC 6265bis, sections 5.6 and 5.7).
 *
 * Nothing is copied: all spans point into the value. Any byte sequence can be
 * read; what no browser would store is still given a name, so that it can be
 * judged (rule D3).
 */

#ifndef PV_SET_COOKIE_H
#define PV_SET_COOKIE_H

#include <apr_time.h>

#include "pv.h"

/** What the cookie asks for, in seconds; see pv_set_cookie_t.lifetime. */
#define PV_LIFETIME_SESSION ((apr_int64_t)-1) /**< until the browser closes */

/** One Set-Cookie, read. */
typedef struct {
    /**
     * The name by which the cookie is judged: outer white space removed, case
     * kept. For a nameless cookie (`_ga` without `=`, `=_ga=x`) it is the name
     * that the cookie has when it comes back in a Cookie header (rule D3).
     * Empty if nothing is left.
     */
    pv_span_t name;
    /** Nothing stood before the first `=`, or there was none: name is a value's
     *  beginning and must not be logged (rule F2). */
    unsigned nameless : 1;
    /** No reading makes it anything but a deletion (rule D4). */
    unsigned deletes : 1;
    /** At least one Max-Age or Expires attribute is there, readable or not. */
    unsigned has_lifetime : 1;
    /**
     * The longest lifetime that any reading gives it, in whole seconds from now,
     * rounded up (rule R4); PV_LIFETIME_SESSION if none is positive and one is a
     * session cookie; 0 if every reading deletes it. So it is over a limit, be
     * that PV_LIFETIME_SESSION, where `lifetime > 0 && lifetime > limit`: to limit
     * what deletes would be to keep it. 0 does not imply deletes (`Max-Age=x` and
     * a past Expires): such a cookie is judged like any other.
     */
    apr_int64_t lifetime;
    /** What stands behind the name-value-pair: nothing, or a `;` and attributes. */
    pv_span_t attributes;
} pv_set_cookie_t;

/** The name that a nameless cookie comes back with. @param stop where its
 *  name-value-pair ends */
void pv_set_cookie_nameless(const char *buf, const char *stop, pv_set_cookie_t *cookie);

/**
 * Read the name alone: what is needed to judge a cookie.
 * @param buf,len the field value, as it stands in the header table
 * @param cookie gets name, nameless and attributes; all else is zeroed
 */
static inline void pv_set_cookie_name(const char *buf, apr_size_t len, pv_set_cookie_t *cookie)
{
    const char *end = buf + len;
    const char *equals = pv_find_either(buf, end, '=', ';');
    const char *stop = pv_find(equals, end, ';');

    memset(cookie, 0, sizeof(*cookie));
    cookie->attributes = pv_span_between(stop, end);
    cookie->name = pv_span_trim(pv_span_between(buf, equals), pv_is_outer_space);
    if (equals == stop || cookie->name.len == 0) {
        pv_set_cookie_nameless(buf, stop, cookie);
    }
}

/**
 * Read on: everything about the lifetime.
 * @param now the time that Expires is compared with
 * @param cookie as pv_set_cookie_name() has filled it
 */
void pv_set_cookie_lifetime(apr_time_t now, pv_set_cookie_t *cookie);

/**
 * Read on, but only whether it deletes: less than what pv_set_cookie_lifetime() reads,
 * and most often much less.
 */
int pv_set_cookie_deletes(apr_time_t now, const pv_set_cookie_t *cookie);

/** Both. */
void pv_set_cookie_read(const char *buf, apr_size_t len, apr_time_t now, pv_set_cookie_t *cookie);

/**
 * Whether a Set-Cookie can have such a name without becoming something else. A tab inside
 * is the one control character that browsers keep (RFC 6265bis, section 5.6).
 */
int pv_set_cookie_can_name(pv_span_t name);

/** Whether a name begins with `__Host-` or `__Secure-`, which browsers compare without
 *  case (RFC 6265bis, section 5.7). */
int pv_set_cookie_has_prefix(pv_span_t name, const char *prefix);

/** How pv_set_cookie_limit() rewrites the lifetime. */
typedef struct {
    /** The new lifetime in seconds, positive, or PV_LIFETIME_SESSION: every
     *  Max-Age and Expires goes. */
    apr_int64_t lifetime;
    /** From when an Expires counts. */
    apr_time_t now;
} pv_set_cookie_limit_t;

/**
 * Write the value again with another lifetime (rules R1 and R4). Every Max-Age
 * and Expires goes, those included that only some readers see; the first Max-Age,
 * and the first Expires, get a new value in their place; all other bytes are
 * kept. A cookie without has_lifetime is copied.
 *
 * What is written has, read at limit->now, the lifetime asked for (less if an
 * Expires alone would be after 9999), and deletes nothing.
 * @param out buffer of at least pv_set_cookie_limit_size(len) bytes, not
 *            overlapping buf
 * @return bytes written (no NUL)
 */
apr_size_t pv_set_cookie_limit(const char *buf, apr_size_t len, const pv_set_cookie_limit_t *limit,
                               char *out);

/** What pv_set_cookie_limit() writes at most for a value of len bytes. */
apr_size_t pv_set_cookie_limit_size(apr_size_t len);

#endif /* PV_SET_COOKIE_H */
