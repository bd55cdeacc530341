/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "httpd/privacy_post.h"

#include <apr_strings.h>
#include <http_protocol.h>

#include "cookie/pv_lifetime.h"
#include "httpd/privacy_log.h"
#include "httpd/privacy_page.h"
#include "httpd/privacy_response.h"
#include "page/pv_choice.h"

static int is_type(const char *type, const char *wanted)
{
    apr_size_t len = strlen(wanted);

    return type != NULL && strncasecmp(type, wanted, len) == 0 &&
           (type[len] == '\0' || type[len] == ';' || type[len] == ' ' || type[len] == '\t');
}

/** Host and port of an origin, without the port where it is the scheme's own. */
static pv_span_t authority_of(const char *origin)
{
    const char *begin = strstr(origin, "://");
    pv_span_t authority = { NULL, 0 };
    const char *port;

    if (begin == NULL) {
        return authority;
    }
    port = strncasecmp(origin, "https:", 6) == 0 ? ":443" : ":80";
    authority = pv_span(begin + 3, strcspn(begin + 3, "/?#"));
    if (authority.len > strlen(port) &&
        memcmp(authority.ptr + authority.len - strlen(port), port, strlen(port)) == 0) {
        authority.len -= strlen(port);
    }
    return authority;
}

/** Whether an origin or address is of this host, whatever the scheme: TLS may end in
 *  front of the server. A proxy may name the scheme's own port in Host. */
static int is_same_host(const request_rec *r, const char *origin)
{
    const char *host = apr_table_get(r->headers_in, "Host");
    pv_span_t theirs = authority_of(origin), ours;

    if (host == NULL || *host == '\0' || theirs.len == 0) {
        return 0;
    }
    ours = authority_of(apr_pstrcat(
        r->pool, strncasecmp(origin, "https:", 6) == 0 ? "https" : "http", "://", host, NULL));
    return pv_span_eq_nocase(theirs, ours);
}

/** NULL, or why the request may not be this site's own (rule M6). */
static const char *check_origin(const request_rec *r, int json)
{
    const char *site = apr_table_get(r->headers_in, "Sec-Fetch-Site");
    const char *origin = apr_table_get(r->headers_in, "Origin");

    if (site != NULL) {
        return strcmp(site, "same-origin") == 0
                   ? NULL
                   : "The form was not sent from a page of this site (Sec-Fetch-Site).";
    }
    if (origin != NULL) {
        return is_same_host(r, origin) ? NULL
                                       : "The form was not sent from a page of this site (Origin).";
    }
    /* No page of another site can send this type without being asked for leave. */
    return json ? NULL : "The browser does not say which site the form was sent from.";
}

/** Read the body whole. @return OK or an error's status */
static int read_body(request_rec *r, char **body, apr_size_t *len)
{
    static const char too_long[] = "A choice has 64 KiB at most.";
    char *buf = apr_palloc(r->pool, PV_CHOICE_MAX + 1);
    int status = ap_setup_client_block(r, REQUEST_CHUNKED_DECHUNK);
    apr_size_t have = 0;

    if (status != OK) {
        return status;
    }
    if (r->remaining > PV_CHOICE_MAX) {
        return privacy_page_refuse(r, HTTP_REQUEST_ENTITY_TOO_LARGE, too_long);
    }
    if (ap_should_client_block(r)) {
        long got;

        while (have <= PV_CHOICE_MAX &&
               (got = ap_get_client_block(r, buf + have, PV_CHOICE_MAX + 1 - have)) > 0) {
            have += (apr_size_t)got;
        }
        if (have > PV_CHOICE_MAX) {
            return privacy_page_refuse(r, HTTP_REQUEST_ENTITY_TOO_LARGE, too_long);
        }
        if (got < 0) {
            return privacy_page_refuse(r, HTTP_BAD_REQUEST, "The choice did not arrive whole.");
        }
    }
    *body = buf;
    *len = have;
    return OK;
}

static void add_cookie(void *ctx, const char *value, const pv_request_cookie_t *cookie)
{
    (void)cookie;
    apr_table_addn(((request_rec *)ctx)->headers_out, "Set-Cookie", value);
}

/** Send the record, after copies of it on other domains of the site have gone. */
static void send_record(request_rec *r, const privacy_request_t *request, const pv_record_t *record)
{
    const pv_policy_t *policy = request->server->policy;
    const pv_consent_cookie_t *cookie = policy->consent_cookie;
    const char *name = cookie->decl.name;
    apr_int64_t lifetime = pv_policy_record_lifetime(policy, record->denied);
    char *text = apr_palloc(r->pool, pv_record_size(policy) + 1);
    pv_expire_options_t options;
    int secure;

    privacy_response_expire_options(r, &options);
    secure = options.secure || strncasecmp(name, "__Host-", 7) == 0 ||
             strncasecmp(name, "__Secure-", 9) == 0 || strcmp(cookie->samesite, "None") == 0;
    if (request->cookies.records > 0) {
        pv_expire_copies(name, cookie->domain, &options, add_cookie, r, r->pool);
    }
    text[pv_record_write(policy, record, text)] = '\0';
    add_cookie(r,
               apr_pstrcat(r->pool, name, "=", text,
                           lifetime == PV_LIFETIME_SESSION
                               ? ""
                               : apr_psprintf(r->pool, "; Max-Age=%" APR_INT64_T_FMT, lifetime),
                           "; Path=/", cookie->domain ? "; Domain=" : "",
                           cookie->domain ? cookie->domain : "", "; SameSite=", cookie->samesite,
                           secure ? "; Secure" : "", NULL),
               NULL);
}

/** The signals that the policy listens to, of those that are heard. */
static int is_signalled(const pv_policy_t *policy, const pv_consent_t *consent)
{
    for (int i = 0; i < PV_SIGNALS; i++) {
        if ((consent->signals >> i & 1) &&
            (policy->signals[i].denies | policy->signals[i].denies_finally)) {
            return 1;
        }
    }
    return 0;
}

/** What a browser may have of pages as they were before a choice. */
#define STALE "\"cache\", \"prefetchCache\", \"prerenderCache\""

/** Record a choice. @return what was granted until now and is not any more */
static pv_set_t decide(request_rec *r, privacy_request_t *request, const pv_choice_t *choice)
{
    const pv_policy_t *policy = request->server->policy;
    pv_set_t before = request->consent.granted;
    pv_record_t record = { .time = apr_time_sec(r->request_time),
                           .granted = choice->granted,
                           .denied = choice->denied,
                           .current = 1 };
    pv_set_t withdrawn;

    record.signal = (unsigned)is_signalled(policy, &request->consent) & 1;
    send_record(r, request, &record);
    privacy_request_redecide(r, request, &record);
    withdrawn = before & ~request->consent.granted;
    /* Pages of the old decision are not to be shown by the new one, be they fetched ahead or
     * kept to go back to. Not "cookies": the record would go with them. */
    apr_table_setn(r->headers_out, "Clear-Site-Data",
                   withdrawn && policy->page->clear_site_data ? STALE ", \"storage\"" : STALE);
    return withdrawn;
}

/** Where the visitor came from, if it is a page of this site and not the form. */
static const char *referring_page(request_rec *r, const privacy_request_t *request)
{
    const char *referer = apr_table_get(r->headers_in, "Referer");
    const char *page = request->server->page->path;
    apr_size_t len = strlen(page);
    const char *path;

    if (referer == NULL || !is_same_host(r, referer)) {
        return NULL;
    }
    path = ap_strchr_c(strstr(referer, "://") + 3, '/');
    if (path == NULL || !pv_return_is_safe(pv_span(path, strlen(path))) ||
        (strncmp(path, page, len) == 0 && (path[len] == '\0' || path[len] == '?'))) {
        return NULL;
    }
    return path;
}

/** Have the document to which a choice leads back confirm it: without script there is
 *  nobody else who could (rule M3). */
static void confirm(request_rec *r, const privacy_request_t *request)
{
    const pv_policy_t *policy = request->server->policy;

    if (request->setting.engine != PRIVACY_ON) {
        return;
    }
    for (int i = 0; i < policy->message_count; i++) {
        if (policy->messages[i]->until == PV_UNTIL_CHOICE) {
            add_cookie(r, privacy_response_message_cookie(r, policy->messages[i]), NULL);
        }
    }
}

static int answer(request_rec *r, privacy_request_t *request, const pv_choice_t *choice,
                  pv_set_t withdrawn, int json)
{
    const char *back;

    if (json || privacy_page_wants_json(r)) {
        pv_view_t view;

        privacy_page_view(r, request, &view);
        view.withdrawn = withdrawn;
        return privacy_page_send_json(r, request, &view);
    }
    back = choice->back.len ? apr_pstrmemdup(r->pool, choice->back.ptr, choice->back.len)
                            : referring_page(r, request);
    if (back == NULL) {
        back = apr_pstrcat(r->pool, request->server->page->path, "?saved", NULL);
    }
    else if (choice->message == NULL) {
        confirm(r, request);
    }
    /* Answered here, and not by httpd's error page: that would drop headers_out. */
    r->status = HTTP_SEE_OTHER;
    apr_table_setn(r->headers_out, "Location", back);
    privacy_page_set_personal(r, "text/plain; charset=utf-8");
    ap_set_content_length(r, 0);
    return OK;
}

int privacy_post(request_rec *r, privacy_request_t *request)
{
    const char *type = apr_table_get(r->headers_in, "Content-Type");
    int json = is_type(type, "application/json");
    const char *error = check_origin(r, json);
    const pv_policy_t *policy = request->server->policy;
    pv_set_t withdrawn = 0;
    pv_choice_t choice;
    char *body = NULL;
    apr_size_t len = 0;
    int status;

    if (error != NULL) {
        return privacy_page_refuse(r, HTTP_FORBIDDEN, error);
    }
    if (!json && !is_type(type, "application/x-www-form-urlencoded")) {
        return privacy_page_refuse(r, HTTP_UNSUPPORTED_MEDIA_TYPE,
                                   "A choice is a form or application/json.");
    }
    if ((status = read_body(r, &body, &len)) != OK) {
        return status;
    }
    if ((json ? pv_choice_json(policy, &request->consent, request->heard.record, body, len, &choice,
                               &error, r->pool)
              : pv_choice_form(policy, &request->consent, body, len, &choice, &error, r->pool)) !=
        PV_OK) {
        return privacy_page_refuse(r, HTTP_BAD_REQUEST, error);
    }
    if (choice.message != NULL) {
        add_cookie(r,
                   choice.message->until == PV_UNTIL_CHOICE
                       ? privacy_response_confirmed_cookie(r, choice.message)
                       : privacy_response_message_cookie(r, choice.message),
                   NULL);
    }
    else {
        withdrawn = decide(r, request, &choice);
    }
    return answer(r, request, &choice, withdrawn, json);
}
