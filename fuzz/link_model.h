/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file link_model.h
 * @brief The Link header as two browsers read it, as far as that can be told from
 *        their sources: what either of them would load must not be left.
 */

#ifndef LINK_MODEL_H
#define LINK_MODEL_H

#include "fuzz.h"

#include "cookie_model.h"
#include "link_held.h"

static inline int link_is_relation(pv_span_t token)
{
    static const char *const relations[] = { "preload",    "modulepreload", "prefetch",
                                             "preconnect", "dns-prefetch",  "stylesheet" };

    for (size_t i = 0; i < sizeof(relations) / sizeof(*relations); i++) {
        if (pv_span_eq_nocase(token, pv_span(relations[i], strlen(relations[i])))) {
            return 1;
        }
    }
    return 0;
}

static inline int link_rel_loads(pv_span_t rel)
{
    for (size_t at = 0; at < rel.len;) {
        size_t begin = at;

        while (at < rel.len && !cookie_model_space(rel.ptr[at])) {
            at++;
        }
        if (link_is_relation(pv_span(rel.ptr + begin, at - begin))) {
            return 1;
        }
        at += at < rel.len;
    }
    return 0;
}

static inline const char *link_skip(const char *p, const char *end)
{
    while (p < end && pv_is_wsp(*p)) {
        p++;
    }
    return p;
}

/** One link while it is read. */
typedef struct {
    pv_span_t href, rel;
    int has_rel;
    int held_image; /**< an imagesrcset of one URL, which is held */
} link_read_t;

static inline int link_is_loaded(const link_read_t *link)
{
    return link_rel_loads(link->rel) &&
           (link->held_image || link_is_held(NULL, link->href.ptr, link->href.len));
}

/** A srcset that is a URL and nothing else. */
static inline int link_is_one_url(pv_span_t value)
{
    for (size_t i = 0; i < value.len; i++) {
        if ((unsigned char)value.ptr[i] <= ' ' || strchr(",\\\"'();<>", value.ptr[i]) != NULL) {
            return 0;
        }
    }
    return value.len > 0;
}

static inline void link_param(link_read_t *link, pv_span_t param, const char *quotes)
{
    const char *eq = param.len > 0 ? memchr(param.ptr, '=', param.len) : NULL;
    pv_span_t name, value;

    if (eq == NULL) {
        return;
    }
    name = pv_span_trim(pv_span_between(param.ptr, eq), pv_is_outer_space);
    value = pv_span_trim(pv_span_between(eq + 1, param.ptr + param.len), pv_is_outer_space);
    if (value.len >= 2 && strchr(quotes, value.ptr[0]) != NULL && value.ptr[0] != '\0' &&
        value.ptr[0] == value.ptr[value.len - 1]) {
        value = pv_span(value.ptr + 1, value.len - 2);
    }
    if (pv_span_eq_nocase(name, PV_SPAN("imagesrcset")) && link_is_one_url(value)) {
        link->held_image = link_is_held(NULL, value.ptr, value.len);
    }
    if (pv_span_eq_nocase(name, PV_SPAN("rel")) && value.len > 0 && !link->has_rel) {
        link->rel = value;
        link->has_rel = 1;
    }
}

/** Firefox: the closing half of a quote or of `<`, or p where there is none. */
static inline const char *link_closing(const char *p, const char *end)
{
    char close = *p == '<' ? '>' : *p;
    const char *q = p + 1;

    while (q < end && *q != close) {
        q += *p == '"' && *q == '\\' && q + 1 < end;
        q++;
    }
    return q < end ? q : p;
}

/**
 * Firefox: pieces end at `;` and `,` outside quotes and `<>`; what stands behind a closing
 * half up to there is dropped. @return 1 if it loads what is held
 */
static inline int link_firefox(pv_span_t text, const char *quotes)
{
    const char *p = text.ptr, *end = p + text.len;
    link_read_t link = { .has_rel = 0 };
    int loaded = 0;

    while (p < end) {
        const char *begin, *last;

        while (p < end && cookie_model_space(*p)) {
            p++;
        }
        begin = last = p;
        while (p < end && *p != ';' && *p != ',') {
            last = p + 1;
            if (*p == '<' || (*p != '\0' && strchr(quotes, *p) != NULL)) {
                const char *close = link_closing(p, end);

                if (close > p) {
                    last = close + 1;
                    for (p = close; p + 1 < end && p[1] != ';' && p[1] != ','; p++) {
                    }
                }
            }
            p++;
        }
        if (last > begin && *begin == '<' && last[-1] == '>') {
            if (link.href.len == 0) {
                link.href = pv_span_between(begin + 1, last - 1);
            }
        }
        else if (last > begin) {
            link_param(&link, pv_span_between(begin, last), quotes);
        }
        if (p == end || *p == ',') {
            loaded |= link_is_loaded(&link);
            memset(&link, 0, sizeof(link));
        }
        p++;
    }
    return loaded;
}

/** Chromium: where a member, or with `;` a parameter, ends. */
static inline const char *link_chromium_end(const char *p, const char *end, char stop)
{
    for (; p < end && *p != stop; p++) {
        if (*p == '<' && stop == ',') {
            const char *close = memchr(p, '>', (size_t)(end - p));

            p = close != NULL ? close : p;
        }
        else if (*p == '"') {
            for (p++; p < end && *p != '"'; p++) {
                p += *p == '\\' && p + 1 < end;
            }
            if (p >= end) {
                return end;
            }
        }
    }
    return p;
}

/** Chromium: a member begins with `<`, and only `;` may stand behind its `>`. */
static inline int link_chromium(pv_span_t text)
{
    const char *p = text.ptr, *end = p + text.len;
    int loaded = 0;

    for (; p < end; p++) {
        link_read_t link = { .has_rel = 0 };
        pv_span_t member;
        const char *close, *param, *stop;

        stop = link_chromium_end(p, end, ',');
        member = pv_span_trim(pv_span_between(p, stop), pv_is_outer_space);
        p = stop;
        if (member.len == 0 || *member.ptr != '<' ||
            (close = memchr(member.ptr, '>', member.len)) == NULL) {
            continue;
        }
        link.href = pv_span_between(member.ptr + 1, close);
        for (param = close + 1; param < member.ptr + member.len; param = stop + 1) {
            stop = link_chromium_end(param, member.ptr + member.len, ';');
            link_param(&link, pv_span_between(param, stop), "\"");
        }
        loaded |= link_is_loaded(&link);
    }
    return loaded;
}

/** Some browser would load what is held. */
static inline int link_any_loads(pv_span_t text)
{
    return link_firefox(text, "\"") || link_firefox(text, "\"'") || link_chromium(text);
}

/* What every reader takes apart in the same way (RFC 8288, section 3). */

static inline const char *link_token(const char *p, const char *end)
{
    while (p < end && (pv_is_digit(*p) || (pv_lower(*p) >= 'a' && pv_lower(*p) <= 'z') ||
                       *p == '-' || *p == '*')) {
        p++;
    }
    return p;
}

/** Behind `; name=token` or `; name="text"` at p; NULL if it is written in another way. */
static inline const char *link_plain_param(const char *p, const char *end)
{
    const char *begin = link_skip(p + 1, end), *stop = link_token(begin, end);

    if (stop == begin || stop == end || *stop != '=') {
        return NULL;
    }
    begin = stop + 1;
    if (begin == end || *begin != '"') {
        stop = link_token(begin, end);
        return stop > begin ? stop : NULL;
    }
    for (p = begin + 1; p < end && *p != '"'; p++) {
        if (strchr("\\<>'", *p) != NULL) {
            return NULL;
        }
    }
    return p < end ? p + 1 : NULL;
}

/** Take a plain member off, and the comma behind it. @return 0 if it is none */
static inline int link_plain_member(pv_span_t *rest, pv_span_t *member)
{
    const char *p = link_skip(rest->ptr, rest->ptr + rest->len), *end = rest->ptr + rest->len;
    const char *begin = p;

    if (p == end || *p != '<') {
        return 0;
    }
    for (p++; p < end && *p != '>'; p++) {
        if (strchr("\\<\"'", *p) != NULL) {
            return 0;
        }
    }
    if (p == end) {
        return 0;
    }
    for (*member = pv_span_between(begin, ++p);; *member = pv_span_between(begin, p)) {
        p = link_skip(p, end);
        if (p == end || *p != ';') {
            break;
        }
        if ((p = link_plain_param(p, end)) == NULL) {
            return 0;
        }
    }
    if (p < end && *p != ',') {
        return 0;
    }
    p += p < end;
    *rest = pv_span_between(p, end);
    return 1;
}

static inline int link_is_plain(pv_span_t text)
{
    pv_span_t member;

    while (text.len > 0) {
        if (!link_plain_member(&text, &member)) {
            return 0;
        }
    }
    return 1;
}

#endif /* LINK_MODEL_H */
