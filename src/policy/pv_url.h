/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file pv_url.h
 * @brief A URL reference read as browsers read it (WHATWG URL standard, section
 *        4.4, basic URL parser), as far as scheme, host and path are concerned.
 *
 * Two steps, since most references are decided by their host alone: pv_url_read()
 * finds scheme and host, pv_url_path() writes the path where somebody asks for it.
 * A canonical host is not copied. Nothing is allocated; time is linear in the
 * input, whatever its length.
 */

#ifndef PV_URL_H
#define PV_URL_H

#include "policy/pv_host.h"
#include "policy/pv_octet.h"

/** What a scheme is to those who load something. */
typedef enum {
    PV_URL_OTHER = 0, /**< no host to load from: data:, javascript:, about:, blob:, ftp: … */
    PV_URL_HTTP,
    PV_URL_HTTPS,
    PV_URL_WS,
    PV_URL_WSS
} pv_url_scheme_t;

/** How the path follows from the base's. */
typedef enum {
    PV_URL_PATH_OWN = 0,  /**< rest is the whole path */
    PV_URL_PATH_RELATIVE, /**< rest takes the place of the base's last segment */
    PV_URL_PATH_BASE      /**< it is the base's */
} pv_url_path_t;

/** A reference, read. */
typedef struct pv_url_t pv_url_t;
struct pv_url_t {
    pv_url_scheme_t scheme;
    pv_url_path_t path;
    /** The host is the base's: host is the base's span. */
    int same_host;
    /** Canonical (pv_host.h), without port; in the input, in the room or the base's.
     *  Empty for PV_URL_OTHER. */
    pv_span_t host;
    /** Path, query and fragment as they stand in the input; read by pv_url_path(). */
    pv_span_t rest;
    /** What it was read against; NULL if the path is its own. */
    const pv_url_t *base;
};

/**
 * Read a reference.
 * @param buf,len any bytes; in HTML, character references are already decoded. A
 *        document's text that is not UTF-8 is read as pv_host.h says
 * @param base the document's URL, or its `<base href>` read against that one; it
 *        must live as long as url. NULL: only absolute URLs can be read
 * @param room PV_HOST_ROOM bytes, for as long as url is used
 * @return PV_OK; PV_BAD if no browser loads it; PV_LIMIT if its host is longer
 *         than any host can be, which no browser loads either. url->host is
 *         empty unless PV_OK
 */
pv_status_t pv_url_read(const char *buf, apr_size_t len, const pv_url_t *base, char *room,
                        pv_url_t *url);

/**
 * Take a document's URL from its parts, to be a base.
 * @param host as in a Host header: case, port and a trailing dot do not count
 * @param path as in a request line, query included or not; it must live as long
 *        as url. Anything that does not begin with `/` is read as `/`
 * @param room as for pv_url_read()
 */
pv_status_t pv_url_document(pv_url_scheme_t scheme, pv_span_t host, pv_span_t path, char *room,
                            pv_url_t *url);

/** A character of a scheme. */
static inline int pv_is_scheme_char(char c)
{
    char lower = pv_lower(c);

    return (lower >= 'a' && lower <= 'z') || pv_is_digit(c) || c == '+' || c == '-' || c == '.';
}

/**
 * Whether a reference surely stays on the base's host: a cheap answer for the usual
 * `/path` and `path`, decided at the first slash. 0: it must be read to know.
 */
static inline int pv_url_stays(const char *buf, apr_size_t len)
{
    apr_size_t i = 0;

    if (len > 0 && (buf[0] == '/' || buf[0] == '\\')) {
        return len == 1 || (buf[1] != '/' && buf[1] != '\\' && !pv_is_url_dropped(buf[1]));
    }
    while (i < len && pv_is_scheme_char(buf[i])) {
        i++;
    }
    /* What ends it is neither a scheme's colon nor something that is dropped. */
    return i == len || (buf[i] != ':' && (unsigned char)buf[i] > ' ');
}

/** Bytes of room in which any declared path can be recognised. */
#define PV_URL_PATH_ROOM 1024

/** Whose reading of the path. */
typedef enum {
    /** As a browser sends it: `%2e` is a dot in dot segments, `\` is `/`, tabs and
     *  newlines are dropped, what must be percent-encoded is encoded. */
    PV_URL_PATH_SENT = 0,
    /** As a server may understand what is sent: percent-encoding decoded once, then dot
     *  segments resolved and empty segments left out. */
    PV_URL_PATH_SERVED
} pv_url_reading_t;

/**
 * Write the path: resolved against the base's, dot segments resolved, query and
 * fragment left out.
 * @param room size bytes, at least 8, in which path lies afterwards
 * @return PV_OK; PV_LIMIT if path is only the beginning of the path, size - 4
 *         bytes of it at least: enough to compare with a shorter prefix; PV_BAD for
 *         PV_URL_OTHER
 */
pv_status_t pv_url_path(const pv_url_t *url, pv_url_reading_t reading, char *room, apr_size_t size,
                        pv_span_t *path);

#endif /* PV_URL_H */
