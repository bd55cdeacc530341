/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "httpd/privacy_query.h"

#include <apr_strings.h>

#include "httpd/privacy_headers.h"
#include "policy/pv_query.h"
#include "policy/pv_url.h"

static int is_denied(void *data, const char *name, apr_size_t len)
{
    const privacy_request_t *request = data;
    const pv_cookie_t *parameter =
        pv_names_find(request->server->policy->parameters, pv_span(name, len));

    return parameter != NULL && !(request->consent.granted & PV_BIT(parameter->category_index));
}

/** A query without what is denied: the same pointer if nothing is, NULL if nothing is
 *  left of it. */
static char *clean_query(char *query, privacy_request_t *request, apr_pool_t *pool)
{
    apr_size_t len = strlen(query);
    char *out = apr_palloc(pool, len + 1);

    switch (pv_query_filter(query, len, is_denied, request, out, &len)) {
    case PV_QUERY_CHANGED:
        out[len] = '\0';
        return out;
    case PV_QUERY_EMPTY:
        return NULL;
    default:
        return query;
    }
}

/** The same for the URL in len bytes at url, which stands between two other texts. */
static char *clean_url(const char *before, const char *url, apr_size_t len, const char *after,
                       privacy_request_t *request, apr_pool_t *pool)
{
    char *out = apr_palloc(pool, len + 1);

    if (pv_query_filter_url(url, len, is_denied, request, out, &len) == PV_QUERY_SAME) {
        return NULL;
    }
    out[len] = '\0';
    return apr_pstrcat(pool, before, out, after, NULL);
}

/** The request line, whose URL stands between its first and its last space. */
static const char *clean_request_line(const char *line, privacy_request_t *request,
                                      apr_pool_t *pool)
{
    const char *space = ap_strchr_c(line, ' ');
    const char *last = ap_strrchr_c(line, ' ');
    const char *clean;

    if (space == NULL) {
        return line;
    }
    if (last == space) {
        last = line + strlen(line); /* HTTP/0.9 */
    }
    clean = clean_url(apr_pstrmemdup(pool, line, (apr_size_t)(space + 1 - line)), space + 1,
                      (apr_size_t)(last - space - 1), last, request, pool);
    return clean ? clean : line;
}

/** Whether a Referer names the host that the request is for. */
static int is_own_referer(const request_rec *r, const char *referer)
{
    char room[PV_HOST_ROOM], own_room[PV_HOST_ROOM];
    pv_url_t url, own;

    return r->hostname != NULL &&
           pv_url_document(PV_URL_HTTP, pv_span(r->hostname, strlen(r->hostname)), PV_SPAN("/"),
                           own_room, &own) == PV_OK &&
           pv_url_read(referer, strlen(referer), NULL, room, &url) == PV_OK &&
           pv_span_eq(url.host, own.host);
}

static const char *clean_referer(const request_rec *r, const char *referer,
                                 privacy_request_t *request)
{
    const char *clean = NULL;

    if (ap_strchr_c(referer, '?') != NULL && is_own_referer(r, referer)) {
        clean = clean_url("", referer, strlen(referer), "", request, r->pool);
    }
    return clean ? clean : referer;
}

void privacy_query_decide(const request_rec *r, privacy_request_t *request)
{
    const char *referer = apr_table_get(r->headers_in, "Referer");
    struct privacy_query_t *sent, *clean;

    if (r->args == NULL && referer == NULL) {
        return;
    }
    sent = apr_pcalloc(r->pool, 2 * sizeof(*sent));
    clean = sent + 1;
    sent->args = r->args;
    sent->parsed_query = r->parsed_uri.query;
    sent->unparsed_uri = r->unparsed_uri;
    sent->the_request = r->the_request;
    sent->referer = referer;
    *clean = *sent;
    if (r->args != NULL && (clean->args = clean_query(r->args, request, r->pool)) != r->args) {
        clean->parsed_query = clean->args;
        clean->unparsed_uri =
            clean_url("", r->unparsed_uri, strlen(r->unparsed_uri), "", request, r->pool);
        if (clean->unparsed_uri == NULL) {
            clean->unparsed_uri = r->unparsed_uri;
        }
        clean->the_request = clean_request_line(r->the_request, request, r->pool);
    }
    if (referer != NULL) {
        clean->referer = clean_referer(r, referer, request);
    }
    if (clean->args != sent->args || clean->referer != sent->referer) {
        request->query_sent = sent;
        request->query_clean = clean;
    }
}

void privacy_query_apply(request_rec *r, const privacy_request_t *request, int on)
{
    const struct privacy_query_t *from = on ? request->query_sent : request->query_clean;
    const struct privacy_query_t *to = on ? request->query_clean : request->query_sent;

    if (r->args == from->args) {
        r->args = to->args;
    }
    if (r->parsed_uri.query == from->parsed_query) {
        r->parsed_uri.query = to->parsed_query;
    }
    if (r->unparsed_uri == from->unparsed_uri) {
        r->unparsed_uri = to->unparsed_uri;
    }
    if (r->the_request == from->the_request) {
        r->the_request = (char *)to->the_request;
    }
    if (from->referer != to->referer && apr_table_get(r->headers_in, "Referer") == from->referer) {
        privacy_headers_replace(r->headers_in, "Referer", to->referer);
    }
}
