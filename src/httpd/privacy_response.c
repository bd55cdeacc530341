/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "httpd/privacy_response.h"

#include <apr_strings.h>
#include <http_connection.h>
#include <http_protocol.h>
#include <http_request.h>
#include <mod_cache.h>
#include <util_filter.h>

#include "enforce/pv_expire.h"
#include "httpd/privacy_connection.h"
#include "httpd/privacy_field.h"
#include "httpd/privacy_headers.h"
#include "httpd/privacy_html.h"
#include "httpd/privacy_log.h"
#include "httpd/privacy_source.h"
#include "httpd/privacy_validator.h"

static ap_filter_rec_t *outermost_filter;
static ap_filter_rec_t *inner_filter;
static ap_filter_rec_t *trailer_filter;

/** What happens to one response. */
typedef struct {
    privacy_findings_t found;
    privacy_setting_t setting;
} response_t;

/** Names for what is to be removed, which no header has. They begin with the same four
 *  bytes, by which a table finds its entries. To remove one by its own name would take its
 *  namesakes, too, and to add those again would move them behind other headers (rule R3). */
#define DEAD_SET_COOKIE "Set- removed"
#define DEAD_LINK       "Link removed"

/** Give an entry its new value, or for NULL the name under which it will be removed.
 *  @return whether it will */
static int settle(apr_table_entry_t *entry, const char *value, const char *dead)
{
    if (value != NULL) {
        entry->val = (char *)value;
        return 0;
    }
    entry->key = (char *)dead;
    return 1;
}

/** Which internal headers were met, and what is to be removed. */
typedef struct {
    unsigned char message;
    unsigned char enforce;
    unsigned char inspect;
    unsigned char dead_cookie;
    unsigned char dead_link;
    const char *vary; /**< the value of one, or NULL */
} seen_t;

/** One header under a letter that concerns us. */
PV_SELDOM static void look_at(response_t *response, apr_table_entry_t *entry, seen_t *seen)
{
    privacy_findings_t *found = &response->found;
    int judges = response->setting.engine != PRIVACY_OFF;

    switch (entry->key[0] | 0x20) {
    case 's':
        if (judges && privacy_header_is(entry->key, "Set-Cookie")) {
            seen->dead_cookie |=
                settle(entry, privacy_field_set_cookie(found, entry->val, strlen(entry->val)),
                       DEAD_SET_COOKIE);
        }
        break;
    case 'l':
        if (judges && privacy_header_is(entry->key, "Link")) {
            seen->dead_link |=
                settle(entry, privacy_field_link(found, entry->val, strlen(entry->val)), DEAD_LINK);
        }
        break;
    case 'p':
        seen->message |= privacy_header_is(entry->key, PRIVACY_HEADER_MESSAGE);
        seen->enforce |= privacy_header_is(entry->key, PRIVACY_HEADER_ENFORCE);
        seen->inspect |= privacy_header_is(entry->key, PRIVACY_HEADER_INSPECT);
        break;
    default:
        if (privacy_header_is(entry->key, "Vary")) {
            if (found->enforce) {
                entry->val =
                    (char *)privacy_validator_world(found->request, entry->val, found->r->pool);
            }
            seen->vary = entry->val;
        }
        break;
    }
}

#define LETTER(c) (1u << ((c)&31))

/** One pass over a table: judge each Set-Cookie and Link, unless the engine is off, and
 *  see which of our headers are there. */
static inline void pass_over(response_t *response, apr_table_t *table, seen_t *seen)
{
    const unsigned ours = LETTER('s') | LETTER('l') | LETTER('p') | LETTER('v');
    const apr_array_header_t *all = apr_table_elts(table);
    apr_table_entry_t *entry = (apr_table_entry_t *)all->elts;

    for (int left = all->nelts; left > 0; left--, entry++) {
        if (ours & LETTER(entry->key[0])) {
            look_at(response, entry, seen);
        }
    }
    if (seen->dead_cookie) {
        apr_table_unset(table, DEAD_SET_COOKIE);
    }
    if (seen->dead_link) {
        apr_table_unset(table, DEAD_LINK);
    }
}

/** The Set-Cookie value of a message's cookie. */
static const char *mark_message(request_rec *r, const pv_message_t *message, const char *value,
                                apr_int64_t lifetime)
{
    const char *age = lifetime == PV_LIFETIME_SESSION
                          ? ""
                          : apr_psprintf(r->pool, "; Max-Age=%" APR_INT64_T_FMT, lifetime);
    int secure = strcmp(ap_http_scheme(r), "https") == 0;

    return apr_pstrcat(r->pool, message->cookie, "=", value, age, "; Path=/; SameSite=Lax",
                       secure ? "; Secure" : "", NULL);
}

const char *privacy_response_message_cookie(request_rec *r, const pv_message_t *message)
{
    if (message->until == PV_UNTIL_CHOICE) {
        return mark_message(r, message, PRIVACY_MARK_SAVED, PV_CONFIRM_SECONDS);
    }
    return mark_message(r, message, PRIVACY_MARK_SEEN, message->lifetime);
}

const char *privacy_response_confirmed_cookie(request_rec *r, const pv_message_t *message)
{
    return mark_message(r, message, "", 0);
}

static void add_message_cookie(response_t *response, const pv_message_t *message)
{
    request_rec *r = response->found.r;

    apr_table_addn(r->headers_out, "Set-Cookie", privacy_response_message_cookie(r, message));
    response->found.varies = 1;
}

/** Which messages a Privacy-Message header's value says were shown (rule M2).
 *  @param remembered a mark for each message, by index */
static void read_messages(response_t *response, const char *value, char *remembered)
{
    const pv_policy_t *policy = response->found.request->server->policy;

    for (const char *p = value; *p;) {
        const char *end = p + strcspn(p, ",");
        pv_span_t name = pv_span_trim(pv_span_between(p, end), pv_is_outer_space);
        const pv_message_t *message = pv_policy_message(policy, name);

        if (message == NULL) {
            ap_log_rerror(APLOG_MARK, APLOG_DEBUG, 0, response->found.r,
                          PRIVLOGNO(0010) "the response names a message that no PrivacyMessage "
                                          "declares");
        }
        else if (message->until == PV_UNTIL_SEEN && !remembered[message->index]) {
            remembered[message->index] = 1;
            add_message_cookie(response, message);
        }
        p = *end ? end + 1 : end;
    }
}

/** Take Privacy-Message out, and remember what was shown. What was not sent to be
 *  seen is not remembered. */
static void take_messages(response_t *response)
{
    request_rec *r = response->found.r;
    int count = response->found.request->server->policy->message_count;
    char *remembered = apr_pcalloc(r->pool, (apr_size_t)count + 1);
    const char *said[2] = { apr_table_getm(r->pool, r->headers_out, PRIVACY_HEADER_MESSAGE),
                            apr_table_getm(r->pool, r->err_headers_out, PRIVACY_HEADER_MESSAGE) };

    apr_table_unset(r->headers_out, PRIVACY_HEADER_MESSAGE);
    apr_table_unset(r->err_headers_out, PRIVACY_HEADER_MESSAGE);
    if (r->header_only || r->status == HTTP_NOT_MODIFIED || response->found.request->prefetch) {
        return;
    }
    for (int i = 0; i < 2; i++) {
        if (said[i] != NULL) {
            read_messages(response, said[i], remembered);
        }
    }
}

/** Whether a visitor will look at the response: a redirect is only passed through, and a
 *  304 shows what the browser has kept. */
static int is_looked_at(const request_rec *r, const privacy_request_t *request)
{
    return request->navigation && !request->prefetch && !r->header_only &&
           (r->status == HTTP_NOT_MODIFIED || !ap_is_HTTP_REDIRECT(r->status));
}

/** A choice is confirmed once: on the document that follows it, and not when that one is
 *  loaded again (rule M3). */
static void end_confirmation(response_t *response)
{
    const privacy_request_t *request = response->found.request;
    const pv_policy_t *policy = request->server->policy;
    request_rec *r = response->found.r;

    for (int i = 0; i < policy->message_count; i++) {
        if (request->due[i] == PRIVACY_CONFIRMING) {
            apr_table_addn(r->headers_out, "Set-Cookie",
                           privacy_response_confirmed_cookie(r, policy->messages[i]));
            response->found.varies = 1;
        }
    }
}

static void add_expiry(void *table, const char *value, const pv_request_cookie_t *cookie)
{
    (void)cookie;
    apr_table_addn(table, "Set-Cookie", value);
}

static void report_expiry(void *table, const char *value, const pv_request_cookie_t *cookie)
{
    (void)table;
    (void)value;
    (void)cookie;
}

void privacy_response_expire_options(const request_rec *r, pv_expire_options_t *options)
{
    const char *host = r->hostname;
    const char *p = host;

    /* As httpd has read it, it is lower case. */
    while (p != NULL && *p && !(*p >= 'A' && *p <= 'Z')) {
        p++;
    }
    if (p != NULL && *p) {
        char *lower = apr_pstrdup(r->pool, host);

        ap_str_tolower(lower);
        host = lower;
    }
    memset(options, 0, sizeof(*options));
    options->host = host;
    options->secure = strcmp(ap_http_scheme(r), "https") == 0;
    options->start = (apr_uint64_t)r->request_time;
}

/** Note which cookies were expired. All that were filtered: then the list is there. */
static void note_expired(response_t *response, int expired)
{
    const privacy_request_t *request = response->found.request;
    const pv_cookies_t *cookies = &request->cookies;

    response->found.any = 1;
    if (expired == cookies->denied && request->filtered != NULL) {
        response->found.names[PRIVACY_NOTE_EXPIRED] = request->filtered;
        return;
    }
    for (const pv_request_cookie_t *one = pv_cookies_first(cookies); one != NULL;
         one = pv_cookies_next(cookies, one)) {
        if (one->expired) {
            privacy_field_remember(&response->found, PRIVACY_NOTE_EXPIRED, one->pair.name,
                                   one->pair.nameless);
        }
    }
}

/** Expire what the browser still sends (rule R5); all of it, where the visitor has just
 *  decided (rule M7). */
static void expire_denied(response_t *response)
{
    const privacy_request_t *request = response->found.request;
    request_rec *r = response->found.r;
    pv_expire_options_t options;
    int expired;

    privacy_response_expire_options(r, &options);
    options.bytes_max = request->withdrawing ? 0 : PV_EXPIRE_BYTES_MAX;
    expired =
        pv_expire(&request->cookies, &options, response->found.enforce ? add_expiry : report_expiry,
                  r->headers_out, r->pool);
    if (expired > 0) {
        response->found.varies = 1;
        note_expired(response, expired);
    }
}

/** Whether a Vary says no, or not yet, that the response depends on cookies. */
static int lacks_cookie(const char *vary)
{
    return vary == NULL ||
           (!ap_find_token(NULL, vary, "Cookie") && !ap_find_token(NULL, vary, "*"));
}

/** The setting that a stored response brings with it: `on`, `report` or `off`, then
 *  `;expire` where cookies are expired. */
static const char *setting_text(privacy_setting_t setting)
{
    static const char *const engines[] = { "off", "report", "on" };
    static const char *const expiring[] = { "off;expire", "report;expire", "on;expire" };

    return (setting.expire ? expiring : engines)[setting.engine];
}

static void read_setting(const char *text, privacy_setting_t *setting)
{
    apr_size_t len = strcspn(text, ";");

    if (strncmp(text, "off", len) == 0) {
        setting->engine = PRIVACY_OFF;
    }
    else if (strncmp(text, "report", len) == 0) {
        setting->engine = PRIVACY_REPORT;
    }
    else {
        setting->engine = PRIVACY_ON;
    }
    setting->expire = strcmp(text + len, ";expire") == 0;
}

/** What holds for this response. A hit of mod_cache's quick handler has seen no
 *  directory: what it was stored with tells (rule C1). */
static inline privacy_setting_t find_setting(request_rec *r, const privacy_request_t *request)
{
    privacy_setting_t setting = privacy_request_setting(request, r);
    const char *stored;

    if (request->directory == NULL && apr_table_get(r->subprocess_env, AP_CACHE_HIT_ENV) != NULL &&
        (stored = apr_table_get(r->headers_out, PRIVACY_HEADER_ENFORCE)) != NULL) {
        read_setting(stored, &setting);
    }
    return setting;
}

/** A 304 to a request from which our tag was taken says what its page said (rule C3). */
static void restore_validator(request_rec *r, privacy_request_t *request)
{
    if (request->untagged && !request->tagged) {
        request->tagged = 1;
        privacy_validator_tag(r, request);
        privacy_validator_vary(r);
    }
}

/** All that happens to a response's head. */
static void respond(request_rec *r, privacy_request_t *request)
{
    response_t response = { .found = { .r = r, .request = request },
                            .setting = find_setting(r, request) };
    seen_t out = { 0 }, err = { 0 };

    response.found.enforce = response.setting.engine == PRIVACY_ON;
    if (r->status == HTTP_NOT_MODIFIED) {
        restore_validator(r, request);
    }
    if (request->asked && response.found.enforce) {
        apr_table_mergen(r->headers_out, "Vary", PRIVACY_HEADER_CONSENT);
    }
    pass_over(&response, r->headers_out, &out);
    pass_over(&response, r->err_headers_out, &err);
    if (out.enforce || err.enforce) {
        apr_table_unset(r->headers_out, PRIVACY_HEADER_ENFORCE);
        apr_table_unset(r->err_headers_out, PRIVACY_HEADER_ENFORCE);
    }
    if ((out.inspect || err.inspect) && response.found.enforce) {
        apr_table_unset(r->headers_out, PRIVACY_HEADER_INSPECT);
        apr_table_unset(r->err_headers_out, PRIVACY_HEADER_INSPECT);
    }
    if ((out.message || err.message) && response.found.enforce) {
        take_messages(&response);
    }
    if (request->confirming && response.found.enforce && is_looked_at(r, request)) {
        end_confirmation(&response);
    }
    if (response.setting.engine != PRIVACY_OFF && request->cookies.denied > 0 &&
        (request->withdrawing || (response.setting.expire && request->navigation))) {
        expire_denied(&response);
    }
    if (response.found.enforce && request->navigation && request->server->sources != NULL) {
        response.found.varies |= privacy_source_refresh(r, request);
    }
    if (response.found.any) {
        privacy_field_note(&response.found);
    }
    if (response.found.varies && response.found.enforce && lacks_cookie(out.vary) &&
        lacks_cookie(err.vary)) {
        (out.vary ? apr_table_mergen : apr_table_addn)(r->headers_out, "Vary", "Cookie");
    }
}

/** Whether a brigade tells the core to answer something else, or nothing. */
static int is_error(const apr_bucket_brigade *bb)
{
    for (apr_bucket *b = APR_BRIGADE_FIRST(bb); b != APR_BRIGADE_SENTINEL(bb);
         b = APR_BUCKET_NEXT(b)) {
        if (AP_BUCKET_IS_ERROR(b) || AP_BUCKET_IS_EOC(b)) {
            return 1;
        }
    }
    return 0;
}

/** Whether the head that httpd sends is the last one. A handler may keep httpd from
 *  sending any and write its own, and to an interim one (`Status: 103`) a client takes
 *  what follows for another. An HTTP/2 stream has one head all the same. */
static int is_final(const request_rec *r)
{
    int interim = ap_is_HTTP_INFO(r->status) && r->status != HTTP_SWITCHING_PROTOCOLS;

    return (!r->assbackwards && !interim) || r->connection->master != NULL;
}

/** The last place where headers are headers. */
static apr_status_t outermost(ap_filter_t *f, apr_bucket_brigade *bb)
{
    if (!is_error(bb)) {
        respond(f->r, f->ctx);
        if (is_final(f->r)) {
            privacy_connection_disarm(f->r);
        }
        if (f->c->master != NULL) {
            ap_add_output_filter_handle(trailer_filter, f->ctx, f->r, f->c);
        }
        ap_remove_output_filter(f);
    }
    return ap_pass_brigade(f->next, bb);
}

static int ends(const apr_bucket_brigade *bb)
{
    apr_bucket *b = APR_BRIGADE_FIRST(bb);

    while (b != APR_BRIGADE_SENTINEL(bb) && !APR_BUCKET_IS_EOS(b)) {
        b = APR_BUCKET_NEXT(b);
    }
    return b != APR_BRIGADE_SENTINEL(bb);
}

/** Trailers, which mod_http2 sends: they are known when the response ends. */
static apr_status_t trailers(ap_filter_t *f, apr_bucket_brigade *bb)
{
    request_rec *r = f->r;
    response_t response = { .found = { .r = r, .request = f->ctx },
                            .setting = find_setting(r, f->ctx) };
    seen_t seen = { 0 };

    if (ends(bb)) {
        response.found.enforce = response.setting.engine == PRIVACY_ON;
        pass_over(&response, r->trailers_out, &seen);
        privacy_field_note(&response.found);
        ap_remove_output_filter(f);
    }
    return ap_pass_brigade(f->next, bb);
}

/** The last place before mod_cache stores. Only the module says how a response was
 *  enforced, and only where the virtual host's own setting does not tell. */
static apr_status_t inner(ap_filter_t *f, apr_bucket_brigade *bb)
{
    request_rec *r = f->r;
    privacy_request_t *request = f->ctx;
    privacy_setting_t setting = privacy_request_setting(request, r);
    privacy_setting_t server = *privacy_dir_setting(r->server->lookup_defaults);

    apr_table_unset(r->headers_out, PRIVACY_HEADER_ENFORCE);
    apr_table_unset(r->err_headers_out, PRIVACY_HEADER_ENFORCE);
    if (!privacy_setting_equal(setting, server)) {
        apr_table_setn(r->headers_out, PRIVACY_HEADER_ENFORCE, setting_text(setting));
    }
    if (request->candidate) {
        request->tagged = 1;
        privacy_validator_tag(r, request);
        privacy_validator_vary(r);
    }
    else if (r->status == HTTP_NOT_MODIFIED) {
        restore_validator(r, request);
    }
    if (request->asked && !request->candidate) {
        apr_table_mergen(r->headers_out, "Vary", PRIVACY_HEADER_CONSENT);
    }
    ap_remove_output_filter(f);
    return ap_pass_brigade(f->next, bb);
}

void privacy_response_register(void)
{
    outermost_filter = ap_register_output_filter("PRIVACY", outermost, NULL, AP_FTYPE_PROTOCOL - 1);
    trailer_filter =
        ap_register_output_filter("PRIVACY_TRAILER", trailers, NULL, AP_FTYPE_PROTOCOL - 1);
    inner_filter = ap_register_output_filter("PRIVACY_INNER", inner, NULL, AP_FTYPE_CONTENT_SET);
}

/** The outermost filter in the chain, which it leaves as the head goes; or NULL. */
static ap_filter_t *find_outermost(const request_rec *r)
{
    ap_filter_t *f = r->output_filters;

    while (f != NULL && f->frec != outermost_filter) {
        f = f->next;
    }
    return f;
}

int privacy_response_fail(request_rec *r, int status)
{
    ap_filter_t *f = find_outermost(r);
    apr_bucket_alloc_t *alloc = r->connection->bucket_alloc;
    apr_bucket_brigade *bb;

    if (f == NULL || r->connection->aborted) {
        return 0;
    }
    bb = apr_brigade_create(r->pool, alloc);
    APR_BRIGADE_INSERT_TAIL(bb, ap_bucket_error_create(status, NULL, r->pool, alloc));
    APR_BRIGADE_INSERT_TAIL(bb, apr_bucket_eos_create(alloc));
    ap_pass_brigade(f, bb);
    return 1;
}

void privacy_response_add(request_rec *r, privacy_request_t *request)
{
    ap_add_output_filter_handle(outermost_filter, request, r, r->connection);
    privacy_connection_arm(r);
}

void privacy_response_insert(request_rec *r, privacy_request_t *request)
{
    if (r->main == NULL && find_outermost(r) == NULL) {
        privacy_response_add(r, request);
    }
}

void privacy_insert_filter(request_rec *r)
{
    privacy_request_t *request;
    privacy_setting_t setting;

    if (r->main != NULL || (request = privacy_request_need(r)) == NULL) {
        return;
    }
    if (request->directory != NULL) {
        privacy_request_meet(request, r);
    }
    privacy_response_insert(r, request);
    setting = privacy_request_setting(request, r);
    if (setting.rewrite_html && setting.engine != PRIVACY_OFF) {
        privacy_html_insert(r, request, setting);
    }
    if (request->server->cached || (setting.rewrite_html && setting.engine == PRIVACY_ON)) {
        ap_add_output_filter_handle(inner_filter, request, r, r->connection);
    }
}

void privacy_insert_error_filter(request_rec *r)
{
    privacy_request_t *request;

    if (r->main == NULL && (request = privacy_request_need(r)) != NULL) {
        privacy_response_insert(r, request);
    }
}
