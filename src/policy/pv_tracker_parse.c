/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "policy/pv_tracker.h"

#define LABEL_MAX 63

/** What is wrong with a character of a host, or NULL. */
static const char *host_char_error(char c)
{
    if ((c >= 'a' && c <= 'z') || pv_is_digit(c) || c == '-' || c == '_' || c == '.') {
        return NULL;
    }
    if (c >= 'A' && c <= 'Z') {
        return "HOST is written in lower case";
    }
    if ((unsigned char)c >= 0x80) {
        return "HOST is written in ASCII, other letters as A-labels (xn--...)";
    }
    switch (c) {
    case '*':
        return "* may only stand in front of a HOST, as in *.example.com";
    case ':':
        return "a port does not belong to a source: HOST means every port";
    case '@':
        return "user information does not belong to a source";
    case '[':
    case ']':
        return "an IPv6 address cannot be declared";
    default:
        return "HOST consists of letters, digits, -, _ and dots";
    }
}

static const char *labels_error(pv_span_t host)
{
    apr_size_t begin = 0;

    if (host.ptr[host.len - 1] == '.') {
        return "HOST does not end with a dot";
    }
    for (apr_size_t i = 0; i <= host.len; i++) {
        if (i < host.len && host.ptr[i] != '.') {
            continue;
        }
        if (i == begin) {
            return "HOST has an empty label";
        }
        if (i - begin > LABEL_MAX) {
            return "a label of HOST is longer than 63 characters";
        }
        begin = i + 1;
    }
    return NULL;
}

static const char *host_error(const pv_tracker_t *tracker)
{
    pv_span_t host = tracker->host, canonical;
    char room[PV_HOST_ROOM];
    const char *error;

    for (apr_size_t i = 0; i < host.len; i++) {
        if ((error = host_char_error(host.ptr[i])) != NULL) {
            return error;
        }
    }
    if (host.len == 0) {
        return "HOST is missing";
    }
    if (host.len > PV_HOST_MAX) {
        return "HOST is longer than 253 characters";
    }
    if ((error = labels_error(host)) != NULL) {
        return error;
    }
    /* Browsers would never ask for it by this name. */
    if (pv_host_read(host.ptr, host.len, room, &canonical) != PV_OK ||
        !pv_span_eq(host, canonical)) {
        return "HOST ends in a number or in an A-label and is no valid address or A-label";
    }
    if (tracker->subdomains && pv_host_is_ipv4(host)) {
        return "an address has no subdomains";
    }
    return NULL;
}

/** What is wrong with a character of a path, or NULL. */
static const char *path_char_error(const char *p, const char *end)
{
    unsigned char c = (unsigned char)*p;

    if (c <= ' ' || c >= 0x7f || strchr("\\\"<>^`{}|", c) != NULL) {
        return "PATH is written as in a URL, other characters percent-encoded";
    }
    if (c == '?' || c == '#') {
        return "a query or a fragment does not belong to a source";
    }
    if (c == '*') {
        return "* may only stand in front of a HOST, as in *.example.com; in a PATH it is %2A";
    }
    if (c == '%' && (end - p < 3 || pv_hex_value(p[1]) < 0 || pv_hex_value(p[2]) < 0)) {
        return "in a PATH, % is followed by two hexadecimal digits";
    }
    return NULL;
}

/** What is wrong with a decoded path, or NULL. */
static const char *segments_error(pv_span_t path)
{
    apr_size_t begin = 1;

    for (apr_size_t i = 1; i <= path.len; i++) {
        apr_size_t len = i - begin;

        if (i < path.len && path.ptr[i] != '/') {
            continue;
        }
        if (len == 0) {
            return "PATH has an empty segment";
        }
        if (len <= 2 && memcmp(path.ptr + begin, "..", len) == 0) {
            return "PATH has a dot segment";
        }
        begin = i + 1;
    }
    return NULL;
}

static const char *read_path(pv_span_t in, pv_span_t *path, apr_pool_t *pool)
{
    pv_octets_t octets = { in.ptr, in.ptr + in.len };
    const char *error;
    char *decoded;
    int byte;

    for (apr_size_t i = 0; i < in.len; i++) {
        if ((error = path_char_error(in.ptr + i, in.ptr + in.len)) != NULL) {
            return error;
        }
    }
    decoded = apr_palloc(pool, in.len + 1);
    *path = pv_span(decoded, 0);
    while ((byte = pv_octets_decoded(&octets)) >= 0) {
        decoded[path->len++] = (char)byte;
    }
    /* `/` is the whole host, and `/tr/` covers what `/tr` does. */
    if (path->len > 0 && decoded[path->len - 1] == '/') {
        path->len--;
    }
    if (path->len > PV_TRACKER_PATH_MAX) {
        return "PATH is longer than 255 characters";
    }
    return path->len > 0 ? segments_error(*path) : NULL;
}

pv_status_t pv_tracker_parse(const char *buf, apr_size_t len, pv_tracker_t *tracker,
                             const char **error, apr_pool_t *pool)
{
    const char *end = buf + len, *slash;

    memset(tracker, 0, sizeof(*tracker));
    *error = NULL;
    for (const char *p = buf; end - p >= 3; p++) {
        if (memcmp(p, "://", 3) == 0) {
            *error = "a scheme does not belong to a source";
            return PV_BAD;
        }
    }
    if (len >= 2 && memcmp(buf, "*.", 2) == 0) {
        tracker->subdomains = 1;
        buf += 2;
    }
    slash = memchr(buf, '/', (apr_size_t)(end - buf));
    tracker->host = pv_span_between(buf, slash != NULL ? slash : end);
    if (memchr(tracker->host.ptr, '?', tracker->host.len) != NULL ||
        memchr(tracker->host.ptr, '#', tracker->host.len) != NULL) {
        *error = "a query or a fragment does not belong to a source";
    }
    else {
        *error = host_error(tracker);
    }
    if (*error == NULL && slash != NULL) {
        *error = read_path(pv_span_between(slash, end), &tracker->path, pool);
    }
    return *error == NULL ? PV_OK : PV_BAD;
}
