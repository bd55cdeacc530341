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

/** The end of what begins at begin, without white space before end. */
static const char *trim_end(const char *begin, const char *end)
{
    while (end > begin && pv_is_outer_space(end[-1])) {
        end--;
    }
    return end;
}

/** `_ga`, or `=_ga=x`, which came from a nameless cookie and reads as `_ga` in any
 *  backend that skips the empty name. */
static void read_nameless(const char *begin, const char *end, pv_cookie_pair_t *pair)
{
    const char *eq;

    while (begin < end && (*begin == '=' || pv_is_outer_space(*begin))) {
        begin++;
    }
    for (eq = begin; eq < end && *eq != '='; eq++) {
    }
    pair->nameless = 1;
    pair->name = pv_span_between(begin, trim_end(begin, eq));
}

pv_cookie_header_t pv_cookie_header_begin(const char *buf, apr_size_t len)
{
    pv_cookie_header_t header = { .at = buf, .end = buf + len, .segment = buf };

    header.commas = len > 0 && memchr(buf, ',', len) != NULL; /* a long way: worth the call */
    return header;
}

pv_span_t pv_cookie_pair_value(const pv_cookie_pair_t *pair)
{
    const char *end = pair->segment;
    const char *eq = pv_find(pair->whole.ptr, end, '=');

    if (pair->nameless || eq == end) {
        return pv_span(end, 0);
    }
    return pv_span_trim(pv_span_between(eq + 1, end), pv_is_outer_space);
}

/** Where the next pair begins, or NULL at the end. */
static inline const char *next_begin(const pv_cookie_header_t *header)
{
    const char *begin = header->at;
    const char *end = header->end;

    while (begin < end && (*begin == ';' || pv_is_outer_space(*begin))) {
        begin++;
    }
    return begin < end ? begin : NULL;
}

pv_cookie_header_t pv_cookie_header_next_any(pv_cookie_header_t header, pv_cookie_pair_t *pair)
{
    const char *begin = next_begin(&header);
    const char *stop, *eq;

    if (begin == NULL) {
        pair->whole = pv_span(NULL, 0);
        return header;
    }
    eq = pv_find_either(begin, header.end, '=', ';');
    if (!header.joint) {
        header.segment = pv_find(eq, header.end, ';');
    }
    stop = header.segment;
    if (header.commas && (stop = find_joint(begin, header.segment)) == begin) {
        header.joint = 1; /* nothing stands before it */
        begin += 2;
        stop = find_joint(begin, header.segment);
    }
    pair->joint = header.joint;
    pair->segment = header.segment;
    pair->whole = pv_span_between(begin, trim_end(begin, stop));
    if (eq >= stop || eq == begin) {
        read_nameless(begin, stop, pair);
    }
    else {
        pair->nameless = 0;
        pair->name = pv_span_between(begin, trim_end(begin, eq));
    }
    header.joint = stop < header.segment;
    header.at = stop + header.joint;
    return header;
}
