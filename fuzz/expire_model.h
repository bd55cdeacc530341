/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file expire_model.h
 * @brief The expiries of one cookie, from the words of rules R5 and M7: every place where it may
 *        have been set, each of which one Set-Cookie has to name.
 */

#ifndef EXPIRE_MODEL_H
#define EXPIRE_MODEL_H

#include "policy/pv_policy.h"
#include "set_cookie_model.h"

/** Labels of the longest host here, and a host-only one. */
#define EXPIRE_MODEL_DOMAINS 40

/** So many domains of a host have to be among them; no site is below more. */
#define EXPIRE_MODEL_PARENTS 15

/** One Set-Cookie. */
typedef struct {
    const char *path;
    const char *domain; /**< NULL: host-only */
    int secure, partitioned;
    int needed; /**< not one of too many parents */
    int written;
} expire_line_t;

typedef struct {
    pv_span_t name;
    int nameless;
    expire_line_t list[2 * EXPIRE_MODEL_DOMAINS];
    int count;
} expire_model_t;

static inline int expire_model_begins(pv_span_t name, const char *prefix)
{
    size_t len = strlen(prefix);

    return name.len >= len && pv_span_eq_nocase(pv_span(name.ptr, len), pv_span(prefix, len));
}

/** Whether a Set-Cookie can say a name: no control character, but for a tab. */
static inline int expire_model_can_name(pv_span_t name)
{
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.ptr[i];

        if ((c < 0x20 && c != '\t') || c == 0x7f || c == ';') {
            return 0;
        }
    }
    return name.len > 0;
}

/** Whether a host is two labels or more, and no address. */
static inline int expire_model_has_domain(const char *host)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-_.";
    size_t len = host != NULL ? strlen(host) : 0;
    const char *last = host != NULL ? strrchr(host, '.') : NULL;

    return last != NULL && strspn(host, letters) == len && host[0] != '.' && last[1] != '\0' &&
           strstr(host, "..") == NULL && last[1 + strspn(last + 1, "0123456789")] != '\0';
}

/** Whether a host is a domain or lies in it. */
static inline int expire_model_lies_in(const char *host, const char *domain)
{
    size_t host_len = strlen(host), len = strlen(domain);

    return strcmp(host, domain) == 0 || (host_len > len && host[host_len - len - 1] == '.' &&
                                         strcmp(host + host_len - len, domain) == 0);
}

/** Add the lines of one path. */
static inline void expire_model_path(expire_model_t *model, expire_line_t line, const char *host,
                                     const char *declared)
{
    int parents = 0;

    line.domain = NULL;
    line.needed = 1;
    model->list[model->count++] = line;
    for (const char *at = host; expire_model_has_domain(host) && strchr(at, '.') != NULL;
         at = strchr(at, '.') + 1) {
        line.domain = at;
        line.needed = ++parents <= EXPIRE_MODEL_PARENTS;
        if (declared != NULL && strcmp(at, declared) == 0) {
            line.needed = 1;
            declared = NULL;
        }
        model->list[model->count++] = line;
    }
    if (declared != NULL && host != NULL && expire_model_lies_in(host, declared)) {
        line.domain = declared;
        line.needed = 1;
        model->list[model->count++] = line;
    }
}

/** @param declared what says where it is set, or NULL */
static inline void expire_model_make(expire_model_t *model, pv_span_t name, int nameless,
                                     const pv_cookie_t *declared, const char *host, int https)
{
    int is_host = expire_model_begins(name, "__Host-");
    expire_line_t line = { .path = "/", .needed = 1 };

    line.secure = https || is_host || expire_model_begins(name, "__Secure-");
    line.partitioned = declared != NULL && declared->partitioned && line.secure;
    model->name = name;
    model->nameless = nameless;
    model->count = 0;
    if (is_host) {
        model->list[model->count++] = line;
        return;
    }
    expire_model_path(model, line, host, declared != NULL ? declared->domain : NULL);
    if (declared != NULL && declared->path != NULL && strcmp(declared->path, "/") != 0) {
        line.path = declared->path;
        expire_model_path(model, line, host, declared->domain);
    }
}

static inline int expire_model_equal(pv_span_t have, const char *want)
{
    return want == NULL ? have.ptr == NULL
                        : have.ptr != NULL && pv_span_eq(have, pv_span(want, strlen(want)));
}

/** What a Set-Cookie says. */
typedef struct {
    set_model_t set; /**< name and nameless */
    pv_span_t path, domain, age;
    int secure, partitioned;
    int count; /**< of all attributes */
} expire_said_t;

static inline void expire_said_read(expire_said_t *said, const char *value)
{
    pv_span_t rest = pv_span(value, strlen(value));

    memset(said, 0, sizeof(*said));
    set_model_name(&said->set, set_model_piece(&rest));
    for (; rest.len > 0; said->count++) {
        pv_span_t av = set_model_trim(set_model_piece(&rest));
        size_t eq = set_model_find(av, '=');
        pv_span_t name = pv_span(av.ptr, eq);
        pv_span_t text = eq < av.len ? pv_span(av.ptr + eq + 1, av.len - eq - 1) : pv_span(NULL, 0);

        if (pv_span_eq(name, PV_SPAN("Path"))) {
            said->path = text;
        }
        else if (pv_span_eq(name, PV_SPAN("Domain"))) {
            said->domain = text;
        }
        else if (pv_span_eq(name, PV_SPAN("Max-Age"))) {
            said->age = text;
        }
        said->secure += pv_span_eq(av, PV_SPAN("Secure"));
        said->partitioned += pv_span_eq(av, PV_SPAN("Partitioned"));
    }
}

/** Whether a Set-Cookie is of this cookie. */
static inline int expire_model_is_of(const expire_model_t *model, const char *value)
{
    expire_said_t said;

    expire_said_read(&said, value);
    return pv_span_eq(said.set.name, model->name) && (int)said.set.nameless == model->nameless;
}

/** Take note of a Set-Cookie of this cookie. @return 0 if it is none of these, or again */
static inline int expire_model_write(expire_model_t *model, const char *value)
{
    expire_said_t said;

    expire_said_read(&said, value);
    for (int i = 0; i < model->count; i++) {
        expire_line_t *line = &model->list[i];
        int attributes = 2 + (line->domain != NULL) + line->secure + line->partitioned;

        if (!line->written && expire_model_equal(said.path, line->path) &&
            expire_model_equal(said.domain, line->domain) && expire_model_equal(said.age, "0") &&
            said.secure == line->secure && said.partitioned == line->partitioned &&
            said.count == attributes) {
            line->written = 1;
            return 1;
        }
    }
    return 0;
}

/** Bytes of the longest header line that is still needed; 0 if none is. */
static inline size_t expire_model_left(const expire_model_t *model)
{
    size_t most = 0;

    for (int i = 0; i < model->count; i++) {
        const expire_line_t *line = &model->list[i];
        size_t len =
            strlen("Set-Cookie: =; Max-Age=0; Path=\r\n") + model->name.len + strlen(line->path);

        len += line->domain != NULL ? strlen("; Domain=") + strlen(line->domain) : 0;
        len += line->secure ? strlen("; Secure") : 0;
        len += line->partitioned ? strlen("; Partitioned") : 0;
        most = line->needed && !line->written && len > most ? len : most;
    }
    return most;
}

#endif /* EXPIRE_MODEL_H */
