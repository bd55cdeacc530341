/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "policy/pv_url.h"

static int is_c0_or_space(char c)
{
    return (unsigned char)c <= ' ';
}

static int is_alpha(char c)
{
    c = pv_lower(c);
    return c >= 'a' && c <= 'z';
}

static int is_slash(int c)
{
    return c == '/' || c == '\\';
}

/** The next byte that counts, or -1; the place does not move. */
static int peek(pv_octets_t in)
{
    return pv_octets_raw(&in);
}

static void skip_slashes(pv_octets_t *in)
{
    while (is_slash(peek(*in))) {
        pv_octets_raw(in);
    }
}

/** The longest scheme that means something here, `https`. */
#define SCHEME_ROOM 5

static pv_url_scheme_t scheme_of(const char *name, apr_size_t len)
{
    static const struct {
        pv_span_t name;
        pv_url_scheme_t scheme;
    } known[] = {
        { { "http", 4 }, PV_URL_HTTP },
        { { "https", 5 }, PV_URL_HTTPS },
        { { "ws", 2 }, PV_URL_WS },
        { { "wss", 3 }, PV_URL_WSS },
    };

    for (apr_size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
        if (pv_span_eq(known[i].name, pv_span(name, len))) {
            return known[i].scheme;
        }
    }
    return PV_URL_OTHER;
}

/**
 * Take a scheme and its colon off the input.
 * @return 0, and nothing taken, if there is none
 */
static int take_scheme(pv_octets_t *in, pv_url_scheme_t *scheme)
{
    pv_octets_t ahead = *in;
    char name[SCHEME_ROOM];
    apr_size_t len = 0;
    int c = pv_octets_raw(&ahead);

    if (c < 0 || !is_alpha((char)c)) {
        return 0;
    }
    for (; c >= 0 && c != ':'; c = pv_octets_raw(&ahead), len++) {
        if (!is_alpha((char)c) && !pv_is_digit((char)c) && c != '+' && c != '-' && c != '.') {
            return 0;
        }
        if (len < SCHEME_ROOM) {
            name[len] = pv_lower((char)c);
        }
    }
    if (c < 0) {
        return 0;
    }
    *scheme = len <= SCHEME_ROOM ? scheme_of(name, len) : PV_URL_OTHER;
    *in = ahead;
    return 1;
}

/** A port, without its colon (WHATWG URL, port state). */
static int is_port(const char *begin, const char *end)
{
    pv_octets_t in = { begin, end };
    unsigned int port = 0;
    int c;

    while ((c = pv_octets_raw(&in)) >= 0) {
        if (!pv_is_digit((char)c)) {
            return 0;
        }
        port = port * 10 + (unsigned int)(c - '0');
        if (port > 65535) {
            return 0;
        }
    }
    return 1;
}

/** Where the host ends: at the port's colon, if there is one. */
static const char *host_end(const char *begin, const char *end)
{
    int brackets = 0;

    for (const char *p = begin; p < end; p++) {
        if (*p == '[') {
            brackets = 1;
        }
        else if (*p == ']') {
            brackets = 0;
        }
        else if (*p == ':' && !brackets) {
            return p;
        }
    }
    return end;
}

static pv_status_t read_host(const char *begin, const char *end, char *room, pv_url_t *url)
{
    const char *stop;

    while (begin < end && pv_is_url_dropped(*begin)) {
        begin++;
    }
    stop = host_end(begin, end);
    if (stop < end && !is_port(stop + 1, end)) {
        return PV_BAD;
    }
    return pv_host_read(begin, pv_span_between(begin, stop).len, room, &url->host);
}

/** What follows the two slashes: user info, host and port; the path is its own. */
static pv_status_t read_authority(const char *begin, const char *end, char *room, pv_url_t *url)
{
    const char *p = begin, *host = begin;

    url->path = PV_URL_PATH_OWN;
    url->base = NULL;
    pv_host_peek(begin, pv_span_between(begin, end).len, &url->host);
    if (url->host.len > 0) {
        url->rest = pv_span_between(begin + url->host.len, end);
        return PV_OK;
    }
    for (; p < end && !is_slash(*p) && *p != '?' && *p != '#'; p++) {
        if (*p == '@') {
            host = p + 1;
        }
    }
    url->rest = pv_span_between(p, end);
    return read_host(host, p, room, url);
}

/** Whatever has no authority of its own (WHATWG URL, relative state). */
static pv_status_t read_relative(pv_octets_t in, const pv_url_t *base, char *room, pv_url_t *url)
{
    const char *begin = in.at;
    int c;

    url->scheme = base->scheme;
    if (base->scheme == PV_URL_OTHER) {
        return PV_OK;
    }
    c = pv_octets_raw(&in);
    if (is_slash(c) && is_slash(peek(in))) {
        skip_slashes(&in);
        return read_authority(in.at, in.end, room, url);
    }
    url->host = base->host;
    url->same_host = 1;
    url->rest = pv_span_between(begin, in.end);
    url->base = base;
    if (is_slash(c)) {
        url->path = PV_URL_PATH_OWN;
        url->base = NULL;
    }
    else {
        url->path = c < 0 || c == '?' || c == '#' ? PV_URL_PATH_BASE : PV_URL_PATH_RELATIVE;
    }
    return PV_OK;
}

/** After `http:` and its like (special authority slashes state and its kin). */
static pv_status_t read_special(pv_octets_t in, const pv_url_t *base, char *room, pv_url_t *url)
{
    if (base != NULL && base->scheme == url->scheme) {
        pv_octets_t ahead = in;

        /* `https:x` on a page of the same scheme is the relative reference `x`. */
        if (!is_slash(pv_octets_raw(&ahead)) || !is_slash(peek(ahead))) {
            return read_relative(in, base, room, url);
        }
    }
    skip_slashes(&in);
    return read_authority(in.at, in.end, room, url);
}

static pv_status_t read_any(const char *begin, const char *end, const pv_url_t *base, char *room,
                            pv_url_t *url)
{
    pv_octets_t in = { begin, end };
    apr_size_t len = (apr_size_t)(end - begin);

    /* The usual spelling needs no look at single bytes; a third slash does, and so does
     * what is dropped in front of one. */
    if (len > 8 && memcmp(begin, "https://", 8) == 0 && !is_slash(begin[8]) &&
        !pv_is_url_dropped(begin[8])) {
        url->scheme = PV_URL_HTTPS;
        return read_authority(begin + 8, end, room, url);
    }
    if (take_scheme(&in, &url->scheme)) {
        return url->scheme == PV_URL_OTHER ? PV_OK : read_special(in, base, room, url);
    }
    return base != NULL ? read_relative(in, base, room, url) : PV_BAD;
}

pv_status_t pv_url_read(const char *buf, apr_size_t len, const pv_url_t *base, char *room,
                        pv_url_t *url)
{
    pv_span_t in = pv_span_trim(pv_span(buf, len), is_c0_or_space);
    pv_status_t status;

    memset(url, 0, sizeof(*url));
    if (in.len == 0) {
        in = PV_SPAN("");
    }
    status = read_any(in.ptr, in.ptr + in.len, base, room, url);
    if (status != PV_OK) {
        memset(url, 0, sizeof(*url));
    }
    return status;
}

pv_status_t pv_url_document(pv_url_scheme_t scheme, pv_span_t host, pv_span_t path, char *room,
                            pv_url_t *url)
{
    pv_status_t status;

    memset(url, 0, sizeof(*url));
    if (scheme == PV_URL_OTHER) {
        return PV_OK;
    }
    if (host.len == 0) {
        return PV_BAD;
    }
    status = read_authority(host.ptr, host.ptr + host.len, room, url);
    if (status != PV_OK || url->rest.len > 0) {
        memset(url, 0, sizeof(*url));
        return status != PV_OK ? status : PV_BAD;
    }
    url->scheme = scheme;
    url->rest = path.len > 0 && path.ptr[0] == '/' ? path : PV_SPAN("/");
    return PV_OK;
}
