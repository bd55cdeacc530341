/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "httpd/privacy_headers.h"

#include <apr_lib.h>
#include <apr_strings.h>

#include "pv.h"

#define ENTRIES(table) ((apr_table_entry_t *)apr_table_elts(table)->elts)
#define COUNT(table)   (apr_table_elts(table)->nelts)

static int is(const char *a, const char *b)
{
    return ap_cstr_casecmp(a, b) == 0;
}

/** Whether a header is one of ours, to everybody who reads _ as - (CGI, WSGI, Rack). */
static int is_ours(const char *name)
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

static void read_cookie(privacy_headers_t *headers, const char *value)
{
    headers->cookie = value;
    headers->cookie_lines = headers->cookie_lines ? 2 : 1;
}

/** The names are told apart by their first letter: this runs for every header of
 *  every request. */
void privacy_headers_read(const apr_table_t *table, privacy_headers_t *headers)
{
    const apr_table_entry_t *entry = ENTRIES(table);
    const apr_table_entry_t *end = entry + COUNT(table);

    memset(headers, 0, sizeof(*headers));
    for (; entry < end; entry++) {
        const char *name = entry->key;
        const char *value = entry->val;

        switch (name[0] | 0x20) {
        case 'a':
            if (is(name, "Accept")) {
                headers->accept = value;
            }
            break;
        case 'c':
            if (is(name, "Cookie")) {
                read_cookie(headers, value);
            }
            else if (is(name, "Connection")) {
                headers->connection = value;
            }
            break;
        case 'd':
            if (is(name, "DNT")) {
                headers->dnt = value;
            }
            break;
        case 'h':
            headers->scripted |= is(name, "HX-Request");
            break;
        case 'p':
            headers->forged |= is_ours(name);
            if (is(name, "Purpose") && headers->purpose == NULL) {
                headers->purpose = value;
            }
            break;
        case 's':
            if (is(name, "Sec-GPC")) {
                headers->gpc = value;
            }
            else if (is(name, "Sec-Fetch-Dest")) {
                headers->fetch_dest = value;
            }
            else if (is(name, "Sec-Purpose")) {
                headers->purpose = value;
            }
            break;
        case 'x':
            headers->scripted |= is(name, "X-Requested-With");
            break;
        default:
            break;
        }
    }
}

void privacy_headers_disown(apr_table_t *table)
{
    for (int i = COUNT(table) - 1; i >= 0; i--) {
        if (i < COUNT(table) && is_ours(ENTRIES(table)[i].key)) {
            apr_table_unset(table, ENTRIES(table)[i].key);
        }
    }
}

void privacy_headers_replace(apr_table_t *table, const char *name, const char *value)
{
    if (value == NULL) {
        apr_table_unset(table, name);
        return;
    }
    for (int i = 0; i < COUNT(table); i++) {
        if (is(ENTRIES(table)[i].key, name)) {
            ENTRIES(table)[i].val = (char *)value;
            return;
        }
    }
    apr_table_addn(table, name, value);
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

        if (is_ours(name) || is(name, "Sec-GPC")) {
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
        return is(headers->fetch_dest, "document");
    }
    return headers->accept != NULL && !headers->scripted &&
           ap_strcasestr(headers->accept, "text/html") != NULL;
}
