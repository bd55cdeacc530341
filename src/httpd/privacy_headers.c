/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "httpd/privacy_headers.h"

#include <apr_lib.h>
#include <apr_strings.h>

#include "pv.h"

/** Whether a header is one of ours, to everybody who reads _ as - (CGI, WSGI, Rack). */
PV_SELDOM static int is_ours(const char *name)
{
    static const char *const ours[] = { PRIVACY_HEADER_CONSENT, PRIVACY_HEADER_MESSAGES };

    for (int i = 0; i < 2; i++) {
        const char *a = name, *b = ours[i];

        while (*a && pv_lower(*a == '_' ? '-' : *a) == pv_lower(*b)) {
            a++;
            b++;
        }
        if (*a == *b) {
            return 1;
        }
    }
    return 0;
}

static inline void read_cookie(privacy_headers_t *headers, apr_table_entry_t *entry)
{
    headers->cookie = entry->val;
    headers->cookie_entry = entry;
    headers->cookie_lines = headers->cookie_lines ? 2 : 1;
}

/** They begin alike, and a browser sends several. */
static inline void read_sec(privacy_headers_t *headers, const char *name, const char *value)
{
    if (!privacy_header_letter_is(name[1], 'e') || !privacy_header_letter_is(name[2], 'c') ||
        name[3] != '-') {
        return;
    }
    switch (name[4] | 0x20) {
    case 'f':
        if (privacy_header_is(name, "Sec-Fetch-Dest")) {
            headers->fetch_dest = value;
        }
        break;
    case 'g':
        if (privacy_header_is(name, "Sec-GPC")) {
            headers->gpc = value;
        }
        break;
    case 'p':
        if (privacy_header_is(name, "Sec-Purpose")) {
            headers->purpose = value;
        }
        break;
    default:
        break;
    }
}

/** The names are told apart by their first letter: this runs for every header of every
 *  request. */
void privacy_headers_read(const apr_table_t *table, privacy_headers_t *headers)
{
    const apr_array_header_t *all = apr_table_elts(table);
    apr_table_entry_t *entry = (apr_table_entry_t *)all->elts;
    const apr_table_entry_t *end = entry + all->nelts;

    memset(headers, 0, sizeof(*headers));
    for (; entry < end; entry++) {
        const char *name = entry->key;
        const char *value = entry->val;
        apr_size_t len;

        switch (name[0] | 0x20) {
        case 'a':
            /* Accept has many kin. */
            len = strlen(name);
            if (len == sizeof("Accept") - 1 && privacy_header_is(name, "Accept")) {
                headers->accept = value;
            }
            else if (len == sizeof("Accept-Language") - 1 &&
                     privacy_header_is(name, "Accept-Language")) {
                headers->accept_language = value;
            }
            break;
        case 'c':
            if (privacy_header_is(name, "Cookie")) {
                read_cookie(headers, entry);
            }
            else if (privacy_header_is(name, "Connection")) {
                headers->connection = value;
            }
            break;
        case 'd':
            if (privacy_header_is(name, "DNT")) {
                headers->dnt = value;
            }
            break;
        case 'h':
            headers->scripted |= privacy_header_is(name, "HX-Request");
            break;
        case 'p':
            headers->forged |= is_ours(name);
            if (privacy_header_is(name, "Purpose") && headers->purpose == NULL) {
                headers->purpose = value;
            }
            break;
        case 's':
            read_sec(headers, name, value);
            break;
        case 'x':
            headers->scripted |= privacy_header_is(name, "X-Requested-With");
            break;
        default:
            break;
        }
    }
}

/** The name of one of ours, or NULL. */
static inline const char *find_ours(const apr_table_t *table)
{
    const apr_array_header_t *all = apr_table_elts(table);
    const apr_table_entry_t *entry = (const apr_table_entry_t *)all->elts;

    for (int left = all->nelts; left > 0; left--, entry++) {
        if ((entry->key[0] | 0x20) == 'p' && is_ours(entry->key)) {
            return entry->key;
        }
    }
    return NULL;
}

void privacy_headers_disown(apr_table_t *table)
{
    const char *name;

    while ((name = find_ours(table)) != NULL) {
        apr_table_unset(table, name);
    }
}

void privacy_headers_replace(apr_table_t *table, const char *name, const char *value)
{
    apr_table_entry_t *entry;

    if (value == NULL) {
        apr_table_unset(table, name);
    }
    else if ((entry = privacy_headers_find(table, name)) != NULL) {
        entry->val = (char *)value;
    }
    else {
        apr_table_addn(table, name, value);
    }
}

const char *privacy_headers_connection(const char *value, apr_pool_t *pool)
{
    char *kept, *at;
    int dropped = 0;

    if (ap_strcasestr(value, "privacy") == NULL && ap_strcasestr(value, "sec-gpc") == NULL) {
        return value;
    }
    at = kept = apr_palloc(pool, 2 * strlen(value) + 1); /* "," becomes ", " */
    for (const char *p = value; *p;) {
        const char *end = p + strcspn(p, ",");
        pv_span_t token = pv_span_trim(pv_span_between(p, end), pv_is_outer_space);
        const char *name = apr_pstrmemdup(pool, token.ptr, token.len);

        if (is_ours(name) || privacy_header_is(name, "Sec-GPC")) {
            dropped = 1;
        }
        else if (token.len > 0) {
            if (at != kept) {
                *at++ = ',';
                *at++ = ' ';
            }
            memcpy(at, token.ptr, token.len);
            at += token.len;
        }
        p = *end ? end + 1 : end;
    }
    *at = '\0';
    if (!dropped) {
        return value;
    }
    return at != kept ? kept : NULL;
}

int privacy_headers_navigation(const privacy_headers_t *headers)
{
    if (headers->fetch_dest != NULL) {
        return privacy_header_is(headers->fetch_dest, "document");
    }
    return headers->accept != NULL && !headers->scripted &&
           ap_strcasestr(headers->accept, "text/html") != NULL;
}
