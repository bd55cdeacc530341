/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "enforce/pv_expire.h"

#include <apr_strings.h>

/** What httpd sends around each value. */
#define LINE_OVERHEAD (sizeof("Set-Cookie: \r\n") - 1)

/** A host has at most 127 labels; more parents than this are no site's. */
#define DOMAINS_MAX 16

/** Denied cookies looked at in one run. Browsers keep fewer for a whole domain;
 *  what is beyond is some client's that repeats itself. */
#define EXAMINED_MAX 512

/** The Domain attributes to use; the first is NULL: host-only. */
typedef struct {
    const char *list[DOMAINS_MAX];
    int count;
} domains_t;

/** What one run works with. */
typedef struct {
    const pv_expire_options_t *options;
    domains_t domains;
    apr_size_t bytes;
    pv_expire_sink_t sink;
    void *ctx;
    apr_pool_t *pool;
} expire_t;

/** Whether a Domain attribute can name the host: letters, digits, hyphen,
 *  underscore and dots, no empty label, and a last label that is not a number. */
static int is_domain(const char *host)
{
    const char *label = host;
    int number = 1;

    for (const char *p = host;; p++) {
        if (*p == '.' || *p == '\0') {
            if (p == label) {
                return 0;
            }
            if (*p == '\0') {
                return !number;
            }
            label = p + 1;
            number = 1;
        }
        else if (!pv_is_digit(*p)) {
            number = 0;
            if (!(*p >= 'a' && *p <= 'z') && *p != '-' && *p != '_') {
                return 0;
            }
        }
    }
}

static void find_domains(const char *host, domains_t *domains)
{
    domains->list[0] = NULL;
    domains->count = 1;
    if (host == NULL || !is_domain(host)) {
        return;
    }
    for (const char *p = host; strchr(p, '.') != NULL && domains->count < DOMAINS_MAX;
         p = strchr(p, '.') + 1) {
        domains->list[domains->count++] = p;
    }
}

static int has_prefix(pv_span_t name, const char *prefix)
{
    apr_size_t len = strlen(prefix);

    /* Browsers compare these prefixes without case. */
    return name.len >= len && pv_span_eq_nocase(pv_span(name.ptr, len), pv_span(prefix, len));
}

static char *put(char *out, const char *text)
{
    apr_size_t len = strlen(text);

    memcpy(out, text, len);
    return out + len;
}

/** Write one expiry, if there is room left. @return 0 if there is none */
static int write_one(expire_t *e, const pv_request_cookie_t *cookie, const char *path,
                     const char *domain)
{
    const pv_cookie_t *declared = cookie->cookie;
    pv_span_t name = cookie->pair.name;
    int secure = e->options->secure || has_prefix(name, "__Secure-") || has_prefix(name, "__Host-");
    apr_size_t room = name.len + sizeof("=; Max-Age=0; Path=; Domain=; Secure; Partitioned") +
                      strlen(path) + (domain ? strlen(domain) : 0);
    char *value = apr_palloc(e->pool, room);
    char *at = value;
    apr_size_t line;

    /* A nameless cookie has its name for a value. */
    if (cookie->pair.nameless) {
        *at++ = '=';
    }
    memcpy(at, name.ptr, name.len);
    at += name.len;
    at = put(put(at, cookie->pair.nameless ? "; Max-Age=0; Path=" : "=; Max-Age=0; Path="), path);
    if (domain != NULL) {
        at = put(put(at, "; Domain="), domain);
    }
    if (secure) {
        at = put(at, "; Secure");
    }
    if (declared->partitioned && secure) {
        at = put(at, "; Partitioned");
    }
    *at = '\0';
    line = (apr_size_t)(at - value) + LINE_OVERHEAD;
    if (e->options->bytes_max && e->bytes + line > e->options->bytes_max) {
        return 0;
    }
    e->bytes += line;
    e->sink(e->ctx, value, cookie);
    return 1;
}

/** The declared domain, where the host lies in it and no parent already is it. */
static const char *extra_domain(const expire_t *e, const pv_cookie_t *declared)
{
    const char *host = e->options->host;
    const char *domain = declared->domain;
    apr_size_t host_len, len;

    if (domain == NULL || host == NULL) {
        return NULL;
    }
    host_len = strlen(host);
    len = strlen(domain);
    if (len > host_len || strcmp(host + host_len - len, domain) != 0 ||
        (len < host_len && host[host_len - len - 1] != '.')) {
        return NULL;
    }
    for (int i = 1; i < e->domains.count; i++) {
        if (strcmp(e->domains.list[i], domain) == 0) {
            return NULL;
        }
    }
    return domain;
}

/** Expire one cookie wherever it may have been set. @return 0 if room ran out */
static int expire_one(expire_t *e, const pv_request_cookie_t *cookie)
{
    const pv_cookie_t *declared = cookie->cookie;
    const char *paths[2] = { "/", declared->path };
    int host_prefix = has_prefix(cookie->pair.name, "__Host-");
    int path_count = (declared->path && strcmp(declared->path, "/") != 0) ? 2 : 1;
    const char *extra = extra_domain(e, declared);

    if (host_prefix) {
        return write_one(e, cookie, "/", NULL);
    }
    for (int i = 0; i < path_count; i++) {
        for (int j = 0; j < e->domains.count; j++) {
            if (!write_one(e, cookie, paths[i], e->domains.list[j])) {
                return 0;
            }
        }
        if (extra && !write_one(e, cookie, paths[i], extra)) {
            return 0;
        }
    }
    return 1;
}

/** Whether one of those already dealt with is this one: a nameless cookie is not
 *  the one that has its value for a name. */
static int is_repeated(const pv_cookies_t *cookies, const int *done, int done_count,
                       const pv_cookie_pair_t *pair)
{
    for (int i = 0; i < done_count; i++) {
        const pv_cookie_pair_t *other = &cookies->list[done[i]].pair;

        if (other->nameless == pair->nameless && pv_span_eq(other->name, pair->name)) {
            return 1;
        }
    }
    return 0;
}

/** Only what a Set-Cookie can say without becoming something else; a tab inside a
 *  name is the one control character that browsers keep (RFC 6265bis, section 5.6). */
static int is_writable(pv_span_t name)
{
    for (apr_size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.ptr[i];

        if ((c < ' ' && c != '\t') || c == 0x7f || c == ';') {
            return 0;
        }
    }
    return name.len > 0;
}

void pv_expire(const pv_cookies_t *cookies, const pv_expire_options_t *options,
               pv_expire_sink_t sink, void *ctx, apr_pool_t *pool)
{
    expire_t e = { .options = options, .sink = sink, .ctx = ctx, .pool = pool };
    int done[EXAMINED_MAX];
    int done_count = 0, first = 0;

    if (cookies->denied == 0) {
        return;
    }
    find_domains(options->host, &e.domains);
    for (apr_uint64_t skip = options->start % (apr_uint64_t)cookies->denied;
         skip > 0 || !cookies->list[first].denied; first++) {
        skip -= cookies->list[first].denied;
    }
    for (int i = 0; i < cookies->count && done_count < EXAMINED_MAX; i++) {
        int at = (first + i) % cookies->count;
        const pv_request_cookie_t *cookie = &cookies->list[at];

        if (!cookie->denied || !is_writable(cookie->pair.name) ||
            is_repeated(cookies, done, done_count, &cookie->pair)) {
            continue;
        }
        done[done_count++] = at;
        if (!expire_one(&e, cookie)) {
            return;
        }
    }
}

void pv_expire_copies(const char *name, const char *kept, const pv_expire_options_t *options,
                      pv_expire_sink_t sink, void *ctx, apr_pool_t *pool)
{
    pv_span_t span = pv_span(name, strlen(name));
    int secure = options->secure || has_prefix(span, "__Secure-");
    domains_t domains;

    if (has_prefix(span, "__Host-")) {
        return; /* there can be no other */
    }
    find_domains(options->host, &domains);
    for (int i = 0; i < domains.count; i++) {
        const char *domain = domains.list[i];

        if (domain == NULL ? kept != NULL : kept == NULL || strcmp(domain, kept) != 0) {
            sink(ctx,
                 apr_pstrcat(pool, name, "=; Max-Age=0; Path=/", domain ? "; Domain=" : "",
                             domain ? domain : "", secure ? "; Secure" : "", NULL),
                 NULL);
        }
    }
}
