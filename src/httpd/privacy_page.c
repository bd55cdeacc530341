/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "httpd/privacy_page.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <http_protocol.h>
#include <http_request.h>
#include <http_vhost.h>

#include "httpd/privacy_headers.h"
#include "httpd/privacy_log.h"
#include "httpd/privacy_post.h"
#include "page/pv_choice.h"

/** Nothing from elsewhere, no frame around it, no form that leads away. */
#define POLICY                                                                                     \
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "                    \
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

#define YEAR "public, max-age=31536000, immutable"

static pv_span_t span_of(const char *text)
{
    return pv_span(text, strlen(text));
}

/** What follows PrivacyPage in a path: "" for the page itself, "/NAME" for an asset;
 *  NULL for any other path, and where there is no page. */
static const char *below(const request_rec *r)
{
    const char *path = privacy_server_config(r->server)->page_path;
    apr_size_t len;

    if (path == NULL || r->uri == NULL) {
        return NULL;
    }
    len = strlen(path);
    if (strncmp(r->uri, path, len) != 0 || (r->uri[len] != '\0' && r->uri[len] != '/')) {
        return NULL;
    }
    return r->uri + len;
}

/** Whether the request names another host in its first line: a forward proxy's. */
static int is_elsewhere(request_rec *r)
{
    apr_port_t port = r->parsed_uri.port_str ? r->parsed_uri.port : ap_default_port(r);

    return r->proxyreq == PROXYREQ_PROXY ||
           (r->parsed_uri.hostname != NULL &&
            !ap_matches_request_vhost(r, r->parsed_uri.hostname, port));
}

int privacy_page_claim(request_rec *r)
{
    privacy_request_t *request;

    if (below(r) == NULL || r->main != NULL || (request = privacy_request_get(r)) == NULL ||
        is_elsewhere(r)) {
        return 0;
    }
    request->own = r;
    /* Modules that look for a file find that there is none. */
    r->filename = apr_pstrcat(r->pool, "privacy:", r->uri, NULL);
    return 1;
}

/** The state of a request that the module answers, or NULL. */
static privacy_request_t *claimed(const request_rec *r)
{
    privacy_request_t *request = below(r) && !r->main ? privacy_request_get(r) : NULL;

    return request != NULL && request->own == r ? request : NULL;
}

int privacy_page_claimed(const request_rec *r)
{
    return claimed(r) != NULL;
}

int privacy_page_refuse(request_rec *r, int status, const char *reason)
{
    ap_log_rerror(APLOG_MARK, APLOG_DEBUG, 0, r, PRIVLOGNO(0061) "PrivacyPage refuses: %s", reason);
    apr_table_setn(r->notes, "error-notes", ap_escape_html(r->pool, reason));
    apr_table_setn(r->notes, "verbose-error-to", "*");
    apr_table_setn(r->err_headers_out, "Cache-Control", "no-store");
    return status;
}

/** The cookies that the browser holds; those that it is just told to forget are not
 *  among them. */
static void find_held(const privacy_request_t *request, pv_view_t *view, apr_pool_t *pool)
{
    const pv_cookies_t *cookies = &request->cookies;
    pv_kept_t *held = apr_palloc(pool, ((apr_size_t)cookies->count + 1) * sizeof(*held));

    for (int i = 0; i < cookies->count; i++) {
        const pv_request_cookie_t *cookie = &cookies->list[i];

        if (cookie->cookie != NULL && !cookie->pair.nameless &&
            !(cookie->denied && request->withdrawing && !view->report)) {
            held[view->held_count].cookie = cookie->cookie;
            held[view->held_count++].name = cookie->pair.name;
        }
    }
    view->held = held;
}

void privacy_page_view(request_rec *r, const privacy_request_t *request, pv_view_t *view)
{
    memset(view, 0, sizeof(*view));
    view->policy = request->server->policy;
    view->page = request->server->page;
    view->language = request->language;
    view->consent = &request->consent;
    view->record = request->heard.record;
    view->report = privacy_request_setting(request, r).engine != PRIVACY_ON;
}

void privacy_page_set_personal(request_rec *r, const char *type)
{
    apr_table_t *headers = r->headers_out;

    ap_set_content_type(r, type);
    apr_table_setn(headers, "Cache-Control", "no-store");
    apr_table_setn(headers, "X-Content-Type-Options", "nosniff");
    apr_table_setn(headers, "Referrer-Policy", "same-origin");
    apr_table_setn(headers, "Content-Security-Policy", POLICY);
    apr_table_setn(headers, "X-Frame-Options", "DENY");
    apr_table_setn(headers, "Cross-Origin-Resource-Policy", "same-origin");
    apr_table_setn(headers, "X-Robots-Tag", "noindex");
    apr_table_mergen(headers, "Vary", "Accept, Accept-Language, Cookie");
}

static int send_body(request_rec *r, pv_span_t body)
{
    ap_set_content_length(r, (apr_off_t)body.len);
    if (!r->header_only) {
        ap_rwrite(body.ptr, (int)body.len, r);
    }
    return OK;
}

int privacy_page_send_json(request_rec *r, const privacy_request_t *request, pv_view_t *view)
{
    find_held(request, view, r->pool);
    privacy_page_set_personal(r, "application/json");
    return send_body(r, pv_view_json(view, r->pool));
}

int privacy_page_wants_json(const request_rec *r)
{
    const char *accept = apr_table_get(r->headers_in, "Accept");

    return accept != NULL && ap_strcasestr(accept, "application/json") != NULL &&
           ap_strcasestr(accept, "text/html") == NULL;
}

static int send_page(request_rec *r, const privacy_request_t *request)
{
    pv_view_t view;

    privacy_page_view(r, request, &view);
    if (privacy_page_wants_json(r)) {
        return privacy_page_send_json(r, request, &view);
    }
    find_held(request, &view, r->pool);
    view.back = pv_choice_back(r->args, r->pool);
    view.saved = request->confirming || (r->args != NULL && strcmp(r->args, "saved") == 0);
    privacy_page_set_personal(r, "text/html; charset=utf-8");
    apr_table_setn(r->headers_out, "Content-Language", view.page->languages[view.language]);
    return send_body(r, pv_view_page(&view, r->pool));
}

/** Whether a name is an asset's but for the digest in it: STEM-DIGEST.EXTENSION. */
static int is_version(const char *name, const char *current)
{
    const char *dash = ap_strrchr_c(current, '-');
    const char *dot = ap_strrchr_c(current, '.');
    apr_size_t stem = (apr_size_t)(dash - current) + 1;
    const char *end = ap_strrchr_c(name, '.');

    return strncmp(name, current, stem) == 0 && end != NULL && strcmp(end, dot) == 0 &&
           ap_strchr_c(name, '/') == NULL;
}

/** Find an asset by its name. @return 0 if there is none */
static int find_asset(const request_rec *r, const privacy_request_t *request, const char *name,
                      pv_asset_t *asset)
{
    const pv_page_t *page = request->server->page;
    const pv_asset_t *assets[] = { &page->style, &page->script };

    for (int i = 0; i < 2; i++) {
        if (is_version(name, assets[i]->name)) {
            *asset = *assets[i];
            return 1;
        }
    }
    if (request->server->policy->consent_mode != NULL && strncmp(name, "consent-", 8) == 0 &&
        apr_isxdigit(name[8]) && apr_isxdigit(name[9])) {
        char keys[3] = { name[8], name[9], '\0' };

        pv_view_mode_script((unsigned)strtoul(keys, NULL, 16) & ((1u << PV_MODE_KEYS) - 1), asset,
                            r->pool);
        return is_version(name, asset->name);
    }
    return 0;
}

/** An asset is cached for a year under its name. One of another version is what a page
 *  asks for that was cached itself: it gets the present one, for this once. */
static int send_asset(request_rec *r, const privacy_request_t *request, const char *name)
{
    pv_asset_t asset;
    int status;

    if (!find_asset(r, request, name, &asset)) {
        return HTTP_NOT_FOUND;
    }
    ap_set_content_type(r, asset.type);
    apr_table_setn(r->headers_out, "Cache-Control",
                   strcmp(name, asset.name) == 0 ? YEAR : "no-cache");
    apr_table_setn(r->headers_out, "X-Content-Type-Options", "nosniff");
    apr_table_setn(r->headers_out, "ETag", apr_pstrcat(r->pool, "\"", asset.name, "\"", NULL));
    if ((status = ap_meets_conditions(r)) != OK) {
        return status;
    }
    return send_body(r, pv_span(asset.text, asset.len));
}

/** Answer a method that there is no answer to, or OPTIONS. */
static int other_method(request_rec *r, int posts)
{
    ap_allow_methods(r, REPLACE_ALLOW, "GET", "HEAD", "OPTIONS", NULL);
    if (posts) {
        ap_allow_methods(r, MERGE_ALLOW, "POST", NULL);
    }
    if (r->method_number != M_OPTIONS) {
        return HTTP_METHOD_NOT_ALLOWED;
    }
    apr_table_setn(r->headers_out, "Allow",
                   posts ? "GET, HEAD, POST, OPTIONS" : "GET, HEAD, OPTIONS");
    ap_set_content_length(r, 0);
    return OK;
}

int privacy_page_answer(request_rec *r)
{
    privacy_request_t *request = claimed(r);
    const char *rest = below(r);

    if (request == NULL || rest == NULL) {
        return DECLINED;
    }
    /* Here the page speaks for every section of the server. */
    if (request->setting.engine < request->server->section_engine) {
        request->setting.engine = request->server->section_engine;
    }
    if (*rest == '\0' && r->method_number == M_POST) {
        return privacy_post(r, request);
    }
    if (r->method_number != M_GET) {
        return other_method(r, *rest == '\0');
    }
    return *rest == '\0' ? send_page(r, request) : send_asset(r, request, rest + 1);
}

/** Where a choice that is made on this page leads back to: the page itself. */
static pv_span_t here(const request_rec *r)
{
    pv_span_t path = span_of(r->unparsed_uri ? r->unparsed_uri : "/");

    return pv_return_is_safe(path) ? path : PV_SPAN("/");
}

pv_span_t privacy_page_messages(request_rec *r, const privacy_request_t *request,
                                const char **names)
{
    const pv_policy_t *policy = request->server->policy;
    pv_text_t markup = { .pool = r->pool };
    pv_text_t shown = { .pool = r->pool };
    pv_view_t view;

    *names = NULL;
    if (request->due == NULL || request->own == r) {
        return PV_SPAN("");
    }
    privacy_page_view(r, request, &view);
    view.back = here(r);
    for (int i = 0; i < policy->message_count; i++) {
        const char *name = policy->messages[i]->decl.name;

        if (request->due[i] == PRIVACY_CONFIRMING) {
            pv_view_confirmation(&view, policy->messages[i], &markup);
        }
        else if (request->due[i] == PRIVACY_DUE && pv_page_shows(view.page, i)) {
            pv_view_message(&view, policy->messages[i], &markup);
            pv_text_add(&shown, ", ", shown.len ? 2 : 0);
            pv_text_add(&shown, name, strlen(name));
        }
    }
    if (shown.len > 0) {
        *names = pv_text_done(&shown).ptr;
    }
    return pv_text_done(&markup);
}

pv_span_t privacy_page_head(request_rec *r, const privacy_request_t *request)
{
    const pv_policy_t *policy = request->server->policy;
    pv_asset_t script;

    if (policy->consent_mode == NULL || request->own == r) {
        return PV_SPAN("");
    }
    pv_view_mode_script(pv_policy_mode(policy, request->consent.granted), &script, r->pool);
    return span_of(apr_pstrcat(r->pool, "<script src=\"", request->server->page->path, "/",
                               script.name, "\"></script>", NULL));
}

pv_span_t privacy_page_placeholder(request_rec *r, const privacy_request_t *request,
                                   const char *category, const pv_provider_t *provider)
{
    const pv_policy_t *policy = request->server->policy;
    int index = pv_policy_category(policy, span_of(category));
    pv_category_t unknown = { .decl = { .name = category }, .title = category };
    pv_view_t view;

    privacy_page_view(r, request, &view);
    view.back = here(r);
    return pv_view_placeholder(&view, index < 0 ? &unknown : policy->categories[index], provider,
                               r->pool);
}
