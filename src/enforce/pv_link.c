/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "enforce/pv_link.h"
#include "policy/pv_srcset.h"

static const pv_span_t relations[] = {
    { "preload", 7 },     { "modulepreload", 13 }, { "prefetch", 8 },
    { "preconnect", 10 }, { "dns-prefetch", 12 },  { "stylesheet", 10 },
    { "next", 4 },        { "prerender", 9 },      { "compression-dictionary", 22 },
};
#define RELATION_COUNT (sizeof(relations) / sizeof(*relations))

typedef struct {
    pv_span_t name;
    pv_span_t value; /**< without its quotes */
} param_t;

static int is_separator(char c)
{
    return pv_is_outer_space(c) || c == ',';
}

static const char *skip_wsp(const char *p, const char *end)
{
    while (p < end && pv_is_wsp(*p)) {
        p++;
    }
    return p;
}

static int ends_param(char c)
{
    return c == ';' || c == ',';
}

/** What some reader takes for the beginning of something. */
static int is_suspect(char c)
{
    return (unsigned char)c < ' ' ? c != '\t' : strchr("\"<>\\", c) != NULL;
}

/** Up to a character of stops; NULL if readers may differ on it. */
static const char *read_plain(const char *p, const char *end, const char *stops, pv_span_t *text)
{
    const char *begin = p;
    int apostrophes = 0;

    for (; p < end && (*p == '\0' || strchr(stops, *p) == NULL); p++) {
        if (is_suspect(*p)) {
            return NULL;
        }
        /* A quote to Firefox and WebKit; `UTF-8''x` closes what it opens. */
        apostrophes += *p == '\'';
    }
    *text = pv_span_trim(pv_span_between(begin, p), pv_is_wsp);
    return apostrophes % 2 == 0 ? p : NULL;
}

/**
 * Firefox and WebKit read `rel='preload'`; to the others it is no relation.
 * @return 0 if more stands behind the closing one, which Firefox drops
 */
static int strip_apostrophes(pv_span_t *value)
{
    const char *last;

    if (value->len < 2 || value->ptr[0] != '\'') {
        return 1;
    }
    last = value->ptr + value->len - 1;
    if (memchr(value->ptr + 1, '\'', value->len - 1) != last) {
        return 0;
    }
    *value = pv_span_between(value->ptr + 1, last);
    return 1;
}

static const char *read_quoted(const char *p, const char *end, pv_span_t *text)
{
    const char *begin = ++p;

    for (; p < end && *p != '"'; p++) {
        /* Who stumbles over something in front of this goes on behind the next
         * comma, quoted or not: a `<` there would be a target. */
        if (*p == '\\' || *p == '<') {
            return NULL;
        }
    }
    if (p == end) {
        return NULL;
    }
    *text = pv_span_between(begin, p);
    p = skip_wsp(p + 1, end);
    return p == end || ends_param(*p) ? p : NULL;
}

/**
 * One parameter, which begins behind its `;`.
 * @return where it ends, or NULL if readers may differ on it
 */
static const char *read_param(const char *p, const char *end, param_t *param)
{
    param->value = pv_span(p, 0);
    p = read_plain(p, end, "=;,", &param->name);
    if (p == NULL || p == end || *p != '=') {
        return p;
    }
    p = skip_wsp(p + 1, end);
    if (p < end && *p == '"') {
        return read_quoted(p, end, &param->value);
    }
    p = read_plain(p, end, ";,", &param->value);
    return p != NULL && strip_apostrophes(&param->value) ? p : NULL;
}

static int is_relation(pv_span_t token)
{
    for (apr_size_t i = 0; i < RELATION_COUNT; i++) {
        if (pv_span_eq_nocase(token, relations[i])) {
            return 1;
        }
    }
    return 0;
}

/** @return 0 if there is no token in it: readers differ on whether it counts */
static int read_rel(pv_span_t value, pv_link_t *link)
{
    const char *p = value.ptr, *end = p + value.len;
    int tokens = 0;

    while (p < end) {
        const char *begin;

        while (p < end && pv_is_outer_space(*p)) {
            p++;
        }
        begin = p;
        while (p < end && !pv_is_outer_space(*p)) {
            p++;
        }
        tokens += p > begin;
        link->loads |= is_relation(pv_span_between(begin, p));
    }
    return tokens > 0;
}

/** @return where the parameters end, or NULL */
static const char *read_params(const char *p, const char *end, pv_link_t *link)
{
    const char *begin = p;
    int has_rel = 0;
    param_t param;

    while (p < end && *p != ',') {
        if (*p != ';' || (p = read_param(p + 1, end, &param)) == NULL) {
            return NULL;
        }
        if (!has_rel && pv_span_eq_nocase(param.name, PV_SPAN("rel"))) {
            has_rel = read_rel(param.value, link);
        }
    }
    link->params = pv_span_between(begin, p);
    return p;
}

static const char *read_member(const char *p, const char *end, pv_link_t *link)
{
    const char *close;

    if (*p != '<' || (close = memchr(p, '>', (apr_size_t)(end - p))) == NULL ||
        memchr(p + 1, '<', (apr_size_t)(close - p - 1)) != NULL) {
        return NULL;
    }
    link->target = pv_span_between(p + 1, close);
    return read_params(skip_wsp(close + 1, end), end, link);
}

int pv_link_next(pv_span_t *rest, pv_link_t *link)
{
    const char *p, *end, *stop;

    memset(link, 0, sizeof(*link));
    *rest = pv_span_trim(*rest, is_separator);
    if (rest->len == 0) {
        return 0;
    }
    p = rest->ptr;
    end = p + rest->len;
    stop = read_member(p, end, link);
    if (stop == NULL) {
        memset(link, 0, sizeof(*link));
        link->doubtful = 1;
        stop = end;
    }
    *rest = pv_span_between(stop, end);
    link->whole = pv_span_trim(pv_span_between(p, stop), pv_is_outer_space);
    return 1;
}

static int srcset_is_held(pv_span_t value, pv_link_held_fn held, void *data)
{
    pv_srcset_t srcset;
    pv_span_t url;

    pv_srcset_begin(&srcset, value.ptr, value.len);
    while (pv_srcset_next(&srcset, &url)) {
        if (held(data, url.ptr, url.len)) {
            return 1;
        }
    }
    return 0;
}

static int contains(pv_span_t text, pv_span_t word)
{
    for (apr_size_t i = 0; i + word.len <= text.len; i++) {
        if (pv_span_eq_nocase(pv_span(text.ptr + i, word.len), word)) {
            return 1;
        }
    }
    return 0;
}

/** Whatever stands between a `<` and the next `>`. */
static int any_target_is_held(pv_span_t text, pv_link_held_fn held, void *data)
{
    const char *p = text.ptr, *end = p + text.len, *close = p;

    while ((p = memchr(p, '<', (apr_size_t)(end - p))) != NULL) {
        p++;
        if (close < p && (close = memchr(p, '>', (apr_size_t)(end - p))) == NULL) {
            return 0;
        }
        if (held(data, p, (apr_size_t)(close - p))) {
            return 1;
        }
    }
    return 0;
}

/** Whatever could be a candidate of an imagesrcset: pieces between white space and
 *  what a header field has as punctuation. */
static int any_piece_is_held(pv_span_t text, pv_link_held_fn held, void *data)
{
    const char *p = text.ptr, *end = p + text.len;

    while (p < end) {
        const char *begin = p;

        while (p < end && !is_separator(*p) && strchr("\"'<>=;", *p) == NULL) {
            p++;
        }
        if (p > begin && held(data, begin, (apr_size_t)(p - begin))) {
            return 1;
        }
        p += p < end;
    }
    return 0;
}

static int doubtful_is_held(pv_span_t text, pv_link_held_fn held, void *data)
{
    int loads = 0;

    for (apr_size_t i = 0; i < RELATION_COUNT && !loads; i++) {
        loads = contains(text, relations[i]);
    }
    if (!loads) {
        return 0;
    }
    return any_target_is_held(text, held, data) ||
           (contains(text, PV_SPAN("imagesrcset")) && any_piece_is_held(text, held, data));
}

int pv_link_is_held(const pv_link_t *link, pv_link_held_fn held, void *data)
{
    const char *p, *end;
    param_t param;

    if (link->doubtful) {
        return doubtful_is_held(link->whole, held, data);
    }
    if (!link->loads) {
        return 0;
    }
    if (held(data, link->target.ptr, link->target.len)) {
        return 1;
    }
    p = link->params.ptr;
    end = p + link->params.len;
    while (p < end && (p = read_param(p + 1, end, &param)) != NULL) {
        if (pv_span_eq_nocase(param.name, PV_SPAN("imagesrcset")) &&
            srcset_is_held(param.value, held, data)) {
            return 1;
        }
    }
    return 0;
}

/** A writer of the members that stay. */
typedef struct {
    char *out;
    apr_size_t len;
} writer_t;

static void put(writer_t *w, const char *begin, const char *end)
{
    memcpy(w->out + w->len, begin, (apr_size_t)(end - begin));
    w->len += (apr_size_t)(end - begin);
}

pv_link_result_t pv_link_filter(const char *buf, apr_size_t len, pv_link_held_fn held, void *data,
                                char *out, apr_size_t *out_len)
{
    pv_span_t rest = pv_span(buf, len);
    const char *done = buf;
    writer_t w = { out, 0 };
    int kept = 0, gone = 0, is_held = 0;
    pv_link_t link;

    while (pv_link_next(&rest, &link)) {
        const char *end = link.whole.ptr + link.whole.len;

        is_held = pv_link_is_held(&link, held, data);
        gone += is_held;
        if (!is_held) {
            /* The first one that stays needs no comma, unless it always was the first. */
            put(&w, kept == 0 && gone > 0 ? link.whole.ptr : done, end);
            kept++;
        }
        done = end;
    }
    if (gone == 0) {
        *out_len = len;
        return PV_LINK_SAME;
    }
    if (!is_held) {
        put(&w, done, buf + len);
    }
    *out_len = w.len;
    return kept > 0 ? PV_LINK_CHANGED : PV_LINK_EMPTY;
}
