/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file privacy_headers.h
 * @brief The request headers that the decision depends on, and those that are the
 *        module's own.
 */

#ifndef PRIVACY_HEADERS_H
#define PRIVACY_HEADERS_H

#include <httpd.h>

#define PRIVACY_HEADER_CONSENT  "Privacy-Consent"
#define PRIVACY_HEADER_MESSAGES "Privacy-Messages"
#define PRIVACY_HEADER_MESSAGE  "Privacy-Message"
#define PRIVACY_HEADER_INSPECT  "Privacy-Inspect"
#define PRIVACY_HEADER_ENFORCE  "Privacy-Enforce"

/** Whether two bytes are one letter, for a known one: what is no letter may pass. */
static inline int privacy_header_letter_is(char c, char known)
{
    return ((c ^ known) & ~0x20) == 0;
}

/**
 * Whether a header has this name, of three bytes at least. The third tells most apart,
 * and most are written as they are known: strcmp() answers at a fraction of the cost.
 */
static inline int privacy_header_is(const char *name, const char *known)
{
    return privacy_header_letter_is(name[0], known[0]) &&
           privacy_header_letter_is(name[1], known[1]) &&
           privacy_header_letter_is(name[2], known[2]) &&
           (strcmp(name, known) == 0 || ap_cstr_casecmp(name, known) == 0);
}

/** Values of a request's headers; NULL where it has none. */
typedef struct {
    const char *accept;
    const char *accept_language;
    const char *connection;
    const char *cookie;
    apr_table_entry_t *cookie_entry; /**< the last one, while the table stays as it is */
    const char *dnt;
    const char *gpc;
    const char *purpose;       /**< Sec-Purpose, or Purpose */
    const char *fetch_dest;    /**< Sec-Fetch-Dest */
    unsigned scripted : 1;     /**< X-Requested-With or HX-Request */
    unsigned forged : 1;       /**< a header under one of our names, - or _ */
    unsigned cookie_lines : 2; /**< Cookie entries: 0, 1, or 2 for several */
} privacy_headers_t;

/** Read them all in one pass, and see whether privacy_headers_disown() has work. */
void privacy_headers_read(const apr_table_t *table, privacy_headers_t *headers);

/** Remove what a client sent under our names (rules Q2, R8). */
void privacy_headers_disown(apr_table_t *table);

/** The first entry of this name, or NULL. */
static inline apr_table_entry_t *privacy_headers_find(const apr_table_t *table, const char *name)
{
    const apr_array_header_t *all = apr_table_elts(table);
    apr_table_entry_t *entry = (apr_table_entry_t *)all->elts;

    for (int left = all->nelts; left > 0; left--, entry++) {
        if (privacy_header_is(entry->key, name)) {
            return entry;
        }
    }
    return NULL;
}

/** Give a header another value in its place, or add it; NULL removes it. */
void privacy_headers_replace(apr_table_t *table, const char *name, const char *value);

/** A Connection header without the names that a client must not have dropped: the
 *  value itself if none is in it, NULL if nothing else is (rule Q2). */
const char *privacy_headers_connection(const char *value, apr_pool_t *pool);

/** Whether the headers ask for a document (rule M1). */
int privacy_headers_navigation(const privacy_headers_t *headers);

#endif /* PRIVACY_HEADERS_H */
