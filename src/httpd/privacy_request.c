/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "httpd/privacy_request.h"

#include <ap_expr.h>
#include <apr_strings.h>
#include <http_request.h>

#include "consent/pv_signal.h"
#include "httpd/privacy_export.h"
#include "httpd/privacy_headers.h"
#include "httpd/privacy_html.h"
#include "httpd/privacy_log.h"
#include "httpd/privacy_query.h"
#include "httpd/privacy_response.h"
#include "httpd/privacy_source.h"
#include "page/pv_words.h"

privacy_request_t *privacy_request_inherited(const request_rec *r)
{
    while ((r = r->prev ? r->prev : r->main) != NULL) {
        privacy_request_t *request = ap_get_module_config(r->request_config, &privacy_module);

        if (request != NULL) {
            return request;
        }
    }
    return NULL;
}

static privacy_request_t *make(const request_rec *r, const privacy_server_t *server)
{
    static const privacy_request_t fresh = { 0 };
    privacy_request_t *request = apr_pmemdup(r->pool, &fresh, sizeof(fresh));

    request->server = server;
    ap_set_module_config(r->request_config, &privacy_module, request);
    return request;
}

privacy_request_t *privacy_request_deny(request_rec *r)
{
    const privacy_server_t *server = privacy_server_config(r->server);
    privacy_request_t *request = make(r, server);

    pv_consent_deny(server->policy, &request->consent);
    request->text = pv_consent_text(server->texts, &request->consent, r->pool);
    return request;
}

/** The settings that request rules go by: a subrequest's own directory's, else the
 *  strictest that the chain of redirects has seen. */
static privacy_setting_t request_rule_setting(const privacy_request_t *request,
                                              const request_rec *r)
{
    if (r->main == NULL && request->directory) {
        return request->setting;
    }
    return *privacy_dir_setting(r->per_dir_config);
}

/** Whether a message's expression holds; one that fails does not. */
static int holds(request_rec *r, const pv_message_t *message)
{
    const char *error = NULL;
    int result = message->expr == NULL || ap_expr_exec(r, message->expr, &error) > 0;

    if (error != NULL) {
        ap_log_rerror(APLOG_MARK, APLOG_DEBUG, 0, r,
                      PRIVLOGNO(0060) "PrivacyMessage %s: its expr failed: %s", message->decl.name,
                      error);
    }
    return result;
}

/** The cookie of a message, if the browser presents it. */
static const pv_request_cookie_t *find_mark(const privacy_request_t *request,
                                            const pv_message_t *message)
{
    for (int i = 0; i < request->cookies.count; i++) {
        const pv_request_cookie_t *cookie = &request->cookies.list[i];

        if (cookie->cookie != NULL && cookie->cookie->owner == PV_OWNER_MESSAGE &&
            strcmp(cookie->cookie->decl.name, message->cookie) == 0) {
            return cookie;
        }
    }
    return NULL;
}

/** Whether a message is still to be shown, and how (rule M3). */
static char find_due(request_rec *r, const privacy_request_t *request, const pv_message_t *message)
{
    const pv_policy_t *policy = request->server->policy;
    const pv_consent_t *consent = &request->consent;
    const pv_request_cookie_t *mark;

    if (!holds(r, message)) {
        return PRIVACY_NOT_DUE;
    }
    if (message->until != PV_UNTIL_CHOICE) {
        return find_mark(request, message) ? PRIVACY_NOT_DUE : PRIVACY_DUE;
    }
    if (pv_policy_on_offer(policy) & ~consent->settled & ~consent->chosen) {
        return PRIVACY_DUE;
    }
    mark = find_mark(request, message);
    return mark && pv_span_eq(pv_cookie_pair_value(&mark->pair), PV_SPAN(PRIVACY_MARK_SAVED))
               ? PRIVACY_CONFIRMING
               : PRIVACY_NOT_DUE;
}

/** Find the messages that are due, and the language they would have: a list of RFC
 *  8941, Privacy-Messages, or NULL. */
static const char *decide_messages(request_rec *r, privacy_request_t *request)
{
    const pv_policy_t *policy = request->server->policy;
    const char *language = policy->languages[request->language];
    apr_array_header_t *names;
    char *due;

    if (policy->message_count == 0) {
        return NULL;
    }
    due = apr_pcalloc(r->pool, (apr_size_t)policy->message_count + 1);
    names = apr_array_make(r->pool, policy->message_count, sizeof(const char *));
    for (int i = 0; i < policy->message_count; i++) {
        due[i] = find_due(r, request, policy->messages[i]);
        request->confirming |= due[i] == PRIVACY_CONFIRMING;
        if (due[i] != PRIVACY_NOT_DUE) {
            APR_ARRAY_PUSH(names, const char *) = apr_pstrcat(
                r->pool, names->nelts ? ", " : "", policy->messages[i]->decl.name,
                due[i] == PRIVACY_CONFIRMING ? ":" PRIVACY_MARK_SAVED : "", ";l=", language, NULL);
        }
    }
    request->due = due;
    return names->nelts ? apr_array_pstrcat(r->pool, names, '\0') : NULL;
}

/** Read the Cookie header, and the record in it. In line: usual requests have one. */
static inline __attribute__((always_inline)) void read_cookies(const request_rec *r,
                                                               privacy_request_t *request,
                                                               const char *cookie)
{
    const pv_policy_t *policy = request->server->policy;
    pv_record_t record;

    request->cookie_sent = cookie;
    pv_cookies_read(policy, cookie, strlen(cookie), &request->cookies, r->pool);
    if (request->cookies.records > 0 &&
        pv_cookies_record(policy, &request->cookies, apr_time_sec(r->request_time), &record)) {
        request->heard.record = apr_pmemdup(r->pool, &record, sizeof(record));
    }
}

/** Judge the cookies that were sent, and write the header without what is denied. */
static inline void judge_cookies(const request_rec *r, privacy_request_t *request)
{
    if (request->cookies.categories != 0) {
        pv_cookies_judge(request->server->policy, &request->consent, &request->cookies);
    }
    if (request->cookies.denied > 0) {
        char *filtered = apr_palloc(r->pool, request->cookies.header.len + 1);

        filtered[pv_cookies_write(&request->cookies, filtered)] = '\0';
        request->cookie_filtered = filtered;
    }
}

/** Hear everybody who has a say. */
static void hear(request_rec *r, privacy_request_t *request, const privacy_headers_t *headers)
{
    pv_heard_t *heard = &request->heard;

    if (headers->cookie != NULL) {
        read_cookies(r, request, headers->cookie);
    }
    if (request->server->sources != NULL) {
        heard->voice_count = privacy_source_hear(r, request, &heard->voices);
    }
    if (headers->gpc && pv_signal_present(headers->gpc, strlen(headers->gpc))) {
        heard->signals |= 1u << PV_SIGNAL_GPC;
    }
    if (headers->dnt && pv_signal_present(headers->dnt, strlen(headers->dnt))) {
        heard->signals |= 1u << PV_SIGNAL_DNT;
    }
}

/** The one decision of a request, from the bytes that the client sent (rule D6). */
static void decide(request_rec *r, privacy_request_t *request, const privacy_headers_t *headers)
{
    const pv_policy_t *policy = request->server->policy;

    hear(r, request, headers);
    pv_consent_resolve(policy, &request->heard, &request->consent);
    request->text = pv_consent_text(request->server->texts, &request->consent, r->pool);
    judge_cookies(r, request);
    if (policy->language_count > 1) {
        request->language =
            pv_language_choose(headers->accept_language, policy->languages, policy->language_count);
    }
    request->prefetch = headers->purpose && ap_strcasestr(headers->purpose, "prefetch") != NULL;
    if ((headers->fetch_dest || headers->accept) && privacy_headers_navigation(headers)) {
        request->navigation = 1;
        request->messages_text = decide_messages(r, request);
    }
    if (policy->parameters != NULL) {
        privacy_query_decide(r, request);
    }
}

void privacy_request_redecide(request_rec *r, privacy_request_t *request, const pv_record_t *record)
{
    const pv_policy_t *policy = request->server->policy;

    request->heard.record = apr_pmemdup(r->pool, record, sizeof(*record));
    pv_consent_resolve(policy, &request->heard, &request->consent);
    pv_cookies_judge(policy, &request->consent, &request->cookies);
    request->withdrawing = 1;
    request->filtered = NULL;
    request->text = pv_consent_text(request->server->texts, &request->consent, r->pool);
}

/** Take denied cookies out of the Cookie header, or give them back (rules Q1, Q3). */
static void apply_cookie(request_rec *r, const privacy_request_t *request, int filter)
{
    const char *sent = request->cookie_sent;
    const char *filtered = *request->cookie_filtered ? request->cookie_filtered : NULL;
    apr_table_entry_t *now = privacy_headers_find(r->headers_in, "Cookie");
    const char *before = filter ? sent : filtered;
    const char *after = filter ? filtered : sent;

    /* Bytes that are neither are another module's, which knows why. */
    if ((now ? now->val : NULL) != before) {
        return;
    }
    if (now != NULL && after != NULL) {
        now->val = (char *)after;
    }
    else {
        privacy_headers_replace(r->headers_in, "Cookie", after);
    }
}

static void note_filtered(request_rec *r, privacy_request_t *request)
{
    privacy_names_t *names = NULL;

    for (const pv_request_cookie_t *one = pv_cookies_first(&request->cookies); one != NULL;
         one = pv_cookies_next(&request->cookies, one)) {
        if (one->denied) {
            names = privacy_names_add(names, one->pair.name, one->pair.nameless, r->pool);
        }
    }
    request->filtered = names;
    privacy_names_note(names, r, PRIVACY_NOTE_FILTERED);
}

/** Take our names and Sec-GPC out of Connection, or give the sent one back. */
static void apply_connection(request_rec *r, const privacy_request_t *request, int on)
{
    const char *sent = request->connection_sent;

    if (sent != NULL) {
        privacy_headers_replace(r->headers_in, "Connection",
                                on ? privacy_headers_connection(sent, r->pool) : sent);
    }
}

/** How a header is set: apr_table_addn() where it cannot be there. */
typedef void (*put_t)(apr_table_t *table, const char *name, const char *value);

static void set_headers(request_rec *r, const privacy_request_t *request, put_t put)
{
    put(r->headers_in, PRIVACY_HEADER_CONSENT, request->text.whole);
    if (request->messages_text != NULL) {
        put(r->headers_in, PRIVACY_HEADER_MESSAGES, request->messages_text);
    }
}

/** What a request was redirected from, or is a part of, has left request headers in
 *  the environment, under CGI's names and as they were by another setting. */
static void apply_inherited_env(request_rec *r, const privacy_request_t *request, int on,
                                int filter)
{
    static const char cookie[] = "HTTP_COOKIE"; /* REDIRECT_ may stand before it */
    apr_table_t *env = r->subprocess_env;

    if (!on) {
        apr_table_unset(env, "HTTP_PRIVACY_CONSENT");
        apr_table_unset(env, "HTTP_PRIVACY_MESSAGES");
    }
    if (!filter || request->cookies.denied == 0) {
        return;
    }
    for (int i = apr_table_elts(env)->nelts - 1; i >= 0; i--) {
        apr_table_entry_t *entry = &APR_ARRAY_IDX(apr_table_elts(env), i, apr_table_entry_t);
        apr_size_t len = strlen(entry->key);

        if (len < sizeof(cookie) - 1 ||
            strcmp(entry->key + len - (sizeof(cookie) - 1), cookie) != 0 ||
            strcmp(entry->val, request->cookie_sent) != 0) {
            continue;
        }
        if (*request->cookie_filtered) {
            entry->val = (char *)request->cookie_filtered;
        }
        else {
            apr_table_unset(env, entry->key);
        }
    }
}

/** Bring a request's headers, environment and notes to what a setting demands,
 *  whatever they were made to be before. */
PV_SELDOM static void apply(request_rec *r, privacy_request_t *request, privacy_setting_t setting)
{
    int on = setting.engine == PRIVACY_ON;

    if (r->main != NULL || r->prev != NULL) {
        apply_inherited_env(r, request, on, on && setting.filter_request);
    }
    if (request->cookies.denied > 0) {
        int filter = setting.engine != PRIVACY_OFF && setting.filter_request;

        apply_cookie(r, request, on && filter);
        if (filter) {
            note_filtered(r, request);
        }
        else {
            privacy_note_unset(r, PRIVACY_NOTE_FILTERED);
        }
    }
    apply_connection(r, request, on);
    if (request->query_sent != NULL) {
        privacy_query_apply(r, request, on);
    }
    if (on) {
        set_headers(r, request, privacy_headers_replace);
        privacy_export_env(r, request);
    }
    else {
        apr_table_unset(r->headers_in, PRIVACY_HEADER_CONSENT);
        apr_table_unset(r->headers_in, PRIVACY_HEADER_MESSAGES);
        privacy_export_no_env(r, request);
    }
}

void privacy_request_meet_directory(privacy_request_t *request, request_rec *r)
{
    const privacy_setting_t *directory = privacy_dir_setting(r->per_dir_config);
    privacy_setting_t before;

    if (request->directory == NULL) {
        before = *privacy_dir_setting(r->server->lookup_defaults);
        request->setting = *directory;
    }
    else {
        before = request->setting;
        request->setting = privacy_setting_stricter(request->setting, *directory);
    }
    request->directory = directory;
    if (!privacy_setting_equal(before, request->setting)) {
        apply(r, request, request->setting);
    }
}

static int add_cookies(void *cookies, const char *name, const char *value)
{
    (void)name;
    APR_ARRAY_PUSH((apr_array_header_t *)cookies, const char *) = value;
    return 1;
}

/** What several Cookie headers say: those that httpd has not put together, since another
 *  module added them. Between them is a boundary, without any doubt. */
static const char *join_cookies(request_rec *r)
{
    apr_array_header_t *cookies = apr_array_make(r->pool, 4, sizeof(const char *));
    const char *joined;

    apr_table_do(add_cookies, cookies, r->headers_in, "Cookie", NULL);
    joined = APR_ARRAY_IDX(cookies, 0, const char *);
    for (int i = 1; i < cookies->nelts; i++) {
        joined = apr_pstrcat(r->pool, joined, "; ", APR_ARRAY_IDX(cookies, i, const char *), NULL);
    }
    return joined;
}

/** Read the headers of a request as it was sent. Those under our names are discarded, and
 *  there is one Cookie header. */
static inline void take_headers(request_rec *r, privacy_headers_t *headers)
{
    privacy_headers_read(r->headers_in, headers);
    if (headers->forged || headers->cookie_lines > 1) {
        privacy_headers_disown(r->headers_in);
        if (headers->cookie_lines > 1) {
            apr_table_setn(r->headers_in, "Cookie", join_cookies(r));
        }
        privacy_headers_read(r->headers_in, headers);
    }
}

/** Keep the Connection header, where it names headers of ours. */
static inline void keep_connection(const request_rec *r, privacy_request_t *request,
                                   const privacy_headers_t *headers)
{
    if (headers->connection &&
        privacy_headers_connection(headers->connection, r->pool) != headers->connection) {
        request->connection_sent = headers->connection;
    }
}

/** Take the denied cookies out of a request as it was sent. @param entry the one that has
 *  them */
static inline void filter_first(request_rec *r, const privacy_request_t *request,
                                apr_table_entry_t *entry)
{
    if (*request->cookie_filtered) {
        entry->val = (char *)request->cookie_filtered;
    }
    else {
        apr_table_unset(r->headers_in, "Cookie");
    }
}

/** Apply the virtual host's setting to a request as it was sent: what apply() does, where
 *  nothing has been done that would have to be undone, and our headers cannot be there. */
static inline void apply_first(request_rec *r, privacy_request_t *request,
                               privacy_setting_t setting, const privacy_headers_t *headers)
{
    int on = setting.engine == PRIVACY_ON;

    if (request->cookies.denied > 0 && setting.filter_request) {
        if (on) {
            filter_first(r, request, headers->cookie_entry);
        }
        note_filtered(r, request);
    }
    if (on) {
        if (request->connection_sent != NULL) {
            apply_connection(r, request, 1);
        }
        if (request->query_sent != NULL) {
            privacy_query_apply(r, request, 1);
        }
        set_headers(r, request, apr_table_addn);
        privacy_export_env(r, request);
    }
}

/** Make a request's state, decide, and apply the virtual host's setting. */
PV_SELDOM static void begin(request_rec *r, const privacy_server_t *server)
{
    privacy_headers_t headers;
    privacy_request_t *request;
    privacy_setting_t setting = *privacy_dir_setting(r->per_dir_config);

    take_headers(r, &headers);
    request = make(r, server);
    keep_connection(r, request, &headers);
    decide(r, request, &headers);
    if (setting.engine != PRIVACY_OFF) {
        apply_first(r, request, setting, &headers);
    }
    privacy_response_add(r, request);
}

/** What an ErrorDocument answers was refused before it came to post_read_request, and its
 *  headers are as they were sent: everything is denied (rule D6). */
static privacy_request_t *refused(request_rec *r)
{
    request_rec *sent = r->prev;
    privacy_headers_t headers;
    privacy_request_t *request;

    while (sent->prev != NULL) {
        sent = sent->prev;
    }
    take_headers(r, &headers);
    request = privacy_request_deny(sent);
    keep_connection(r, request, &headers);
    if (headers.cookie != NULL) {
        read_cookies(r, request, headers.cookie);
        judge_cookies(r, request);
    }
    if (request->server->policy->parameters != NULL) {
        privacy_query_decide(sent, request);
    }
    if (request->query_sent != NULL && request_rule_setting(request, r).engine == PRIVACY_ON) {
        privacy_query_apply(sent, request, 1); /* CGI's REDIRECT_QUERY_STRING */
    }
    return request;
}

/** A redirected request has a new environment and new notes, and no filters. */
PV_SELDOM static void redirected(request_rec *r)
{
    privacy_request_t *request = privacy_request_get(r);

    if (request == NULL) {
        request = refused(r);
    }
    ap_set_module_config(r->request_config, &privacy_module, request);
    apply(r, request, request_rule_setting(request, r));
    privacy_response_insert(r, request);
}

int privacy_post_read_request(request_rec *r)
{
    const privacy_server_t *server = privacy_server_config(r->server);

    if (server->policy == NULL) {
        return DECLINED;
    }
    if (!server->active) {
        privacy_headers_disown(r->headers_in);
    }
    else if (r->prev != NULL) {
        redirected(r);
    }
    else {
        begin(r, server);
    }
    return DECLINED;
}

int privacy_post_perdir_config(request_rec *r)
{
    privacy_request_t *request = privacy_request_get(r);

    if (request == NULL) {
        return DECLINED;
    }
    if (r->main == NULL) {
        privacy_request_meet(request, r);
    }
    else if (privacy_dir_setting(r->per_dir_config) !=
             privacy_dir_setting(r->main->per_dir_config)) {
        apply(r, request, request_rule_setting(request, r));
    }
    return DECLINED;
}

int privacy_proxy_fixups(request_rec *r)
{
    const privacy_request_t *request = privacy_request_get(r);

    if (request != NULL && request_rule_setting(request, r).engine == PRIVACY_ON) {
        set_headers(r, request, privacy_headers_replace);
        if (r->main == NULL && privacy_request_setting(request, r).rewrite_html) {
            privacy_html_trim_encodings(r);
        }
    }
    return OK;
}

int privacy_log_transaction(request_rec *r)
{
    privacy_request_t *request = privacy_request_get(r);

    if (request == NULL) {
        return DECLINED;
    }
    request->logging = 1;
    while (r->next != NULL) {
        r = r->next; /* the one whose environment is logged */
    }
    if (privacy_request_setting(request, r).engine == PRIVACY_REPORT) {
        privacy_export_env(r, request);
    }
    return DECLINED;
}
