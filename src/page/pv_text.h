/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file pv_text.h
 * @brief Text that grows, and what must become of a value before it may stand in
 *        HTML, in a URL or in JSON.
 *
 * Whatever a value holds, what is written is UTF-8: a byte that is not of a
 * well-formed sequence (Unicode, section 3.9) becomes U+FFFD, and so does a NUL.
 */

#ifndef PV_TEXT_H
#define PV_TEXT_H

#include <apr_pools.h>

#include "pv.h"

/** Text that is being written. All zero but for the pool is empty. */
typedef struct {
    char *ptr; /**< NULL while nothing was written; not NUL-terminated */
    apr_size_t len;
    apr_size_t size;
    apr_pool_t *pool;
} pv_text_t;

/** Bytes as they are. */
void pv_text_add(pv_text_t *text, const char *buf, apr_size_t len);

/** For element content and for attribute values in either quote: & < > " ' are
 *  written as character references. */
void pv_text_add_html(pv_text_t *text, pv_span_t value);

/** The same, and ASCII alone: other characters are references too, so that it does not
 *  matter in which encoding the page around it is read. */
void pv_text_add_ascii(pv_text_t *text, pv_span_t value);

/** A URL as pv_text_add_ascii() writes it, but that other characters are
 *  percent-encoded: in a query a browser would take the page's own encoding. */
void pv_text_add_ascii_url(pv_text_t *text, pv_span_t url);

/** For a part of a URL's path or query: all but the unreserved characters of RFC
 *  3986 and `/` is percent-encoded. Bytes are taken as they are. */
void pv_text_add_url_part(pv_text_t *text, pv_span_t value);

/** The inside of a string of JSON (RFC 8259), safe in HTML as well: < > & too are
 *  written as \uXXXX. */
void pv_text_add_json(pv_text_t *text, pv_span_t value);

/** Bytes of the well-formed UTF-8 sequence that begins the len bytes at p (Unicode, table
 *  3-7); 0 where none does, and for a NUL. */
apr_size_t pv_text_sequence(const char *p, apr_size_t len);

/** What was written, with a NUL behind it that does not count. */
pv_span_t pv_text_done(pv_text_t *text);

/** Whether a URL can only lead to where a page may lead: it begins with https://,
 *  http://, or one / that no / and no \ follows, and has no control characters. */
int pv_url_is_safe(pv_span_t url);

/**
 * Whether a visitor may be sent to this address after a choice (rule M6): it begins
 * with one /, which neither / nor \ follows, and has visible ASCII alone, so that it
 * stays on this host and in its header line.
 */
int pv_return_is_safe(pv_span_t path);

#endif /* PV_TEXT_H */
