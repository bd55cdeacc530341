/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "cookie/pv_cookie_header.h"

/** tchar of RFC 9110, section 5.6.2. */
static int is_token_char(char c)
{
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || pv_is_digit(c)) {
        return 1;
    }
    return c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL;
}

/** Whether a token and `=` begin at p. */
static int begins_pair(const char *p, const char *end)
{
    const char *begin = p;

    while (p < end && is_token_char(*p)) {
        p++;
    }
    return p > begin && p < end && *p == '=';
}

/** The comma of the first joint in [p, end), or end. */
static const char *find_joint(const char *p, const char *end)
{
    const char *comma;

    while (p < end && (comma = memchr(p, ',', (apr_size_t)(end - p))) != NULL) {
        p = comma + 1;
        if (p < end && *p == ' ' && begins_pair(p + 1, end)) {
            return comma;
        }
    }
    return end;
}

static void read_pair(const char *begin, const char *end, const char *segment,
                      pv_cookie_pair_t *pair)
{
    const char *eq = begin;

    while (eq < end && *eq != '=') {
        eq++;
    }
    pair->whole = pv_span_trim(pv_span_between(begin, end), pv_is_outer_space);
    pair->nameless = 0;
    if (eq < end) {
        pair->name = pv_span_trim(pv_span_between(begin, eq), pv_is_outer_space);
        pair->value = pv_span_trim(pv_span_between(eq + 1, segment), pv_is_outer_space);
        if (pair->name.len > 0) {
            return;
        }
        /* `=_ga=x` came from a nameless cookie and reads as `_ga` in any
         * backend that skips the empty name. */
        begin = eq;
        while (begin < end && (*begin == '=' || pv_is_outer_space(*begin))) {
            begin++;
        }
        for (eq = begin; eq < end && *eq != '='; eq++) {
        }
    }
    pair->nameless = 1;
    pair->name = pv_span_trim(pv_span_between(begin, eq), pv_is_outer_space);
    pair->value = pv_span(eq, 0);
}

void pv_cookie_header_begin(pv_cookie_header_t *header, const char *buf, apr_size_t len)
{
    header->at = header->segment = buf;
    header->end = buf + len;
    header->commas = len > 0 && memchr(buf, ',', len) != NULL;
    header->joint = 0;
}

/** The next segment between two `;` that is not empty, or 0 at the end. */
static int next_segment(pv_cookie_header_t *header)
{
    const char *p = header->at;
    const char *semicolon;

    while (p < header->end && (*p == ';' || pv_is_outer_space(*p))) {
        p++;
    }
    if (p == header->end) {
        header->at = p;
        return 0;
    }
    semicolon = memchr(p, ';', (apr_size_t)(header->end - p));
    header->at = p;
    header->segment = (semicolon != NULL) ? semicolon : header->end;
    return 1;
}

int pv_cookie_header_next(pv_cookie_header_t *header, pv_cookie_pair_t *pair)
{
    const char *begin;
    const char *stop;

    if (header->at >= header->segment && !next_segment(header)) {
        return 0;
    }
    begin = header->at;
    pair->joint = header->joint;
    stop = header->commas ? find_joint(begin, header->segment) : header->segment;
    read_pair(begin, stop, header->segment, pair);
    header->joint = (stop < header->segment);
    header->at = header->joint ? stop + 1 : header->segment;
    return 1;
}
