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

/** Values are written into blocks of this size, if they fit. */
#define BLOCK 1024

/** What one run works with. */
typedef struct {
    const pv_expire_options_t *options;
    domains_t domains;
    /** By domain: what follows the name of most cookies, NUL-terminated. */
    pv_span_t tails[DOMAINS_MAX];
    apr_size_t tail_bytes; /**< of all of them, without NULs */
    char *block;           /**< what is left of the last one */
    apr_size_t room;       /**< bytes left in it */
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
    if (host == NULL || strchr(host, '.') == NULL || !is_domain(host)) {
        return;
    }
    for (const char *dot; (dot = strchr(host, '.')) != NULL && domains->count < DOMAINS_MAX;
         host = dot + 1) {
        domains->list[domains->count++] = host;
    }
}

static pv_span_t span_of(const char *text)
{
    return pv_span(text, strlen(text));
}

/** Room for values. */
static inline char *take_room(expire_t *e, apr_size_t size)
{
    char *value;

    if (e->block == NULL || size > e->room) {
        e->room = size > BLOCK ? size : BLOCK;
        e->block = apr_palloc(e->pool, e->room);
    }
    value = e->block;
    e->block += size;
    e->room -= size;
    return value;
}

/** Whether a response has room for values of so many bytes, the overhead of all their lines
 *  but one included; if so, they are counted. */
static inline int has_room(expire_t *e, apr_size_t len)
{
    apr_size_t bytes = e->bytes + len + LINE_OVERHEAD;

    if (e->options->bytes_max && bytes > e->options->bytes_max) {
        return 0;
    }
    e->bytes = bytes;
    return 1;
}

/** What follows a name. */
static pv_span_t make_tail(const expire_t *e, const char *path, const char *domain, int secure,
                           int partitioned)
{
    if (domain == NULL && !partitioned && path[0] == '/' && path[1] == '\0') {
        return secure ? PV_SPAN("=; Max-Age=0; Path=/; Secure") : PV_SPAN("=; Max-Age=0; Path=/");
    }
    return span_of(apr_pstrcat(e->pool, "=; Max-Age=0; Path=", path, domain ? "; Domain=" : "",
                               domain ? domain : "", secure ? "; Secure" : "",
                               partitioned && secure ? "; Partitioned" : "", NULL));
}

/** Write a value at a place with room for it. @return behind its NUL */
static inline char *put_value(expire_t *e, char *at, const pv_request_cookie_t *cookie,
                              pv_span_t tail)
{
    pv_span_t name = cookie->pair.name;
    char *value = at;

    /* A nameless cookie has its name for a value. */
    if (cookie->pair.nameless) {
        *at++ = '=';
        tail = pv_span(tail.ptr + 1, tail.len - 1);
    }
    memcpy(at, name.ptr, name.len);
    at += name.len;
    memcpy(at, tail.ptr, tail.len + 1);
    e->sink(e->ctx, value, cookie);
    return at + tail.len + 1;
}

/** Write one expiry. @return 0 if there is no room left */
static int write_one(expire_t *e, pv_request_cookie_t *cookie, pv_span_t tail)
{
    apr_size_t len = cookie->pair.name.len + tail.len;

    if (!has_room(e, len)) {
        return 0;
    }
    put_value(e, take_room(e, len + 1), cookie, tail);
    cookie->expired = 1;
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

/** Whether the tails that are ready expire a cookie. */
static inline int is_plain(const pv_request_cookie_t *cookie)
{
    const pv_cookie_t *declared = cookie->cookie;
    pv_span_t name = cookie->pair.name;

    if (!declared->plain || declared->plain_name) {
        return declared->plain;
    }
    return name.len < 2 || name.ptr[1] != '_' ||
           !(pv_set_cookie_has_prefix(name, "__Host-") ||
             pv_set_cookie_has_prefix(name, "__Secure-"));
}

/** Expire one cookie wherever it may have been set. @return 0 if room ran out */
PV_SELDOM static int expire_special(expire_t *e, pv_request_cookie_t *cookie)
{
    const pv_cookie_t *declared = cookie->cookie;
    const char *paths[2] = { "/", declared->path };
    int path_count = (declared->path && strcmp(declared->path, "/") != 0) ? 2 : 1;
    const char *extra = extra_domain(e, declared);
    int partitioned = declared->partitioned;
    int secure = e->options->secure || pv_set_cookie_has_prefix(cookie->pair.name, "__Secure-");

    if (pv_set_cookie_has_prefix(cookie->pair.name, "__Host-")) {
        return write_one(e, cookie, make_tail(e, "/", NULL, 1, partitioned));
    }
    for (int i = 0; i < path_count; i++) {
        for (int j = 0; j < e->domains.count; j++) {
            pv_span_t tail = make_tail(e, paths[i], e->domains.list[j], secure, partitioned);

            if (!write_one(e, cookie, tail)) {
                return 0;
            }
        }
        if (extra && !write_one(e, cookie, make_tail(e, paths[i], extra, secure, partitioned))) {
            return 0;
        }
    }
    return 1;
}

/** The same, for any cookie. */
static inline int expire_one(expire_t *e, pv_request_cookie_t *cookie)
{
    int count = e->domains.count;
    apr_size_t values = e->tail_bytes + (apr_size_t)count * cookie->pair.name.len;
    char *at;

    /* Where not all of them have room, some may have. */
    if (!is_plain(cookie) || !has_room(e, values + (apr_size_t)(count - 1) * LINE_OVERHEAD)) {
        return expire_special(e, cookie);
    }
    cookie->expired = 1;
    at = take_room(e, values + (apr_size_t)count);
    for (int i = 0; i < count; i++) {
        at = put_value(e, at, cookie, e->tails[i]);
    }
    return 1;
}

/** Whether one of those already dealt with is this one: a nameless cookie is not
 *  the one that has its value for a name. What one exact declaration governs has one name. */
static inline int is_repeated(pv_request_cookie_t *const *done, int done_count,
                              const pv_request_cookie_t *cookie)
{
    for (int i = 0; i < done_count; i++) {
        if (done[i]->cookie == cookie->cookie && done[i]->pair.nameless == cookie->pair.nameless &&
            pv_span_eq(done[i]->pair.name, cookie->pair.name)) {
            return 1;
        }
    }
    return 0;
}

/** A bit that two cookies with one declaration share, and few others. */
static inline apr_uint64_t mark_of(const pv_request_cookie_t *cookie)
{
    return APR_UINT64_C(1) << (((apr_uintptr_t)cookie->cookie / sizeof(void *)) & 63);
}

/** The next denied cookie behind one, or behind none the first; behind the last one the
 *  first again. There is one. */
static inline pv_request_cookie_t *next_denied(const pv_cookies_t *cookies,
                                               pv_request_cookie_t *one)
{
    do {
        one = one ? pv_cookies_next(cookies, one) : NULL;
        if (one == NULL) {
            one = &cookies->list[cookies->declared];
        }
    } while (!one->denied);
    return one;
}

/** Make the tails ready. */
static void begin(expire_t *e, const pv_expire_options_t *options)
{
    e->options = options;
    e->block = NULL;
    e->room = e->bytes = e->tail_bytes = 0;
    find_domains(options->host, &e->domains);
    for (int i = 0; i < e->domains.count; i++) {
        e->tails[i] = make_tail(e, "/", e->domains.list[i], options->secure, 0);
        e->tail_bytes += e->tails[i].len;
    }
}

int pv_expire(const pv_cookies_t *cookies, const pv_expire_options_t *options,
              pv_expire_sink_t sink, void *ctx, apr_pool_t *pool)
{
    expire_t e; /* not zeroed: its lists are longer than what of them is used */
    pv_request_cookie_t *done[EXAMINED_MAX];
    pv_request_cookie_t *one = NULL;
    apr_uint64_t marks = 0;
    int done_count = 0, expired = 0, room = 1;

    if (cookies->denied == 0) {
        return 0;
    }
    e.sink = sink;
    e.ctx = ctx;
    e.pool = pool;
    begin(&e, options);
    for (apr_uint64_t skip = options->start % (apr_uint64_t)cookies->denied; skip > 0; skip--) {
        one = next_denied(cookies, one);
    }
    for (int left = cookies->denied; left > 0 && room && done_count < EXAMINED_MAX; left--) {
        one = next_denied(cookies, one);
        if (!(one->cookie->plain_name || pv_set_cookie_can_name(one->pair.name)) ||
            ((marks & mark_of(one)) && is_repeated(done, done_count, one))) {
            continue;
        }
        marks |= mark_of(one);
        done[done_count++] = one;
        room = expire_one(&e, one);
        expired += one->expired;
    }
    return expired;
}

void pv_expire_copies(const char *name, const char *kept, const pv_expire_options_t *options,
                      pv_expire_sink_t sink, void *ctx, apr_pool_t *pool)
{
    pv_span_t span = pv_span(name, strlen(name));
    int secure = options->secure || pv_set_cookie_has_prefix(span, "__Secure-");
    domains_t domains;

    if (pv_set_cookie_has_prefix(span, "__Host-")) {
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
