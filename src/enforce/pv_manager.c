/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "enforce/pv_manager.h"

#include <apr_strings.h>

/** Whether the pair is a cookie of a source's. */
static int is_theirs(const pv_request_cookie_t *cookie)
{
    return cookie->cookie != NULL && cookie->cookie->owner == PV_OWNER_SOURCE &&
           !cookie->pair.nameless;
}

/** Whether a joint stands behind the pair. */
static int is_cut(const pv_cookies_t *cookies, int i)
{
    return i + 1 < cookies->count && cookies->list[i + 1].pair.joint;
}

/** A pair's value, if it ends where the pair does. */
static pv_span_t value_to_joint(const pv_cookie_pair_t *pair)
{
    const char *end = pair->whole.ptr + pair->whole.len;
    const char *eq = pv_find(pair->whole.ptr, end, '=');

    return eq == end ? pv_span(end, 0)
                     : pv_span_trim(pv_span_between(eq + 1, end), pv_is_outer_space);
}

/**
 * Collect the sources' cookies.
 * @param joints 1: joints part cookies; 0: they are bytes of a value
 */
static unsigned collect(const pv_cookies_t *cookies, int joints, pv_source_cookie_t *list)
{
    unsigned n = 0;

    for (int i = 0; i < cookies->count; i++) {
        const pv_request_cookie_t *cookie = &cookies->list[i];

        if (!is_theirs(cookie) || (cookie->pair.joint && !joints)) {
            continue;
        }
        list[n].name = cookie->pair.name;
        list[n].value =
            joints ? value_to_joint(&cookie->pair) : pv_cookie_pair_value(&cookie->pair);
        n++;
    }
    return n;
}

/** Whether the two readings differ in a cookie of a source. */
static int is_ambiguous(const pv_cookies_t *cookies)
{
    for (int i = 0; i < cookies->count; i++) {
        if (is_theirs(&cookies->list[i]) && (cookies->list[i].pair.joint || is_cut(cookies, i))) {
            return 1;
        }
    }
    return 0;
}

int pv_manager_hear(const pv_sources_t *sources, const pv_cookies_t *cookies, pv_voice_t *voice,
                    apr_pool_t *pool)
{
    pv_source_cookie_t *list;
    pv_source_answers_t answers, other;

    if (cookies->sources == 0) {
        return 0;
    }
    list = apr_palloc(pool, (apr_size_t)cookies->sources * sizeof(*list));
    pv_sources_read(sources, list, collect(cookies, 1, list), &answers);
    if (is_ambiguous(cookies)) {
        pv_sources_read(sources, list, collect(cookies, 0, list), &other);
        answers.denied |= other.denied;
        answers.granted &= other.granted & ~answers.denied;
        answers.by_choice &= other.by_choice & answers.granted;
    }
    voice->granted = answers.granted;
    voice->denied = answers.denied;
    voice->explicit_grants = answers.by_choice;
    return 1;
}

/** Whether the name is there only once, or always with the same value; only the
 *  first of them is a candidate. */
static int is_certain(const pv_cookies_t *cookies, int at)
{
    const pv_cookie_pair_t *pair = &cookies->list[at].pair;
    pv_span_t value = pv_cookie_pair_value(pair);

    if (pair->joint || is_cut(cookies, at)) {
        return 0;
    }
    for (int i = 0; i < cookies->count; i++) {
        const pv_request_cookie_t *other = &cookies->list[i];

        if (i != at && is_theirs(other) && pv_span_eq(other->pair.name, pair->name) &&
            (i < at || !pv_span_eq(pv_cookie_pair_value(&other->pair), value))) {
            return 0;
        }
    }
    return 1;
}

static const char *write_again(const pv_request_cookie_t *cookie, const pv_refresh_t *refresh,
                               int secure, apr_pool_t *pool)
{
    pv_span_t value = pv_cookie_pair_value(&cookie->pair);

    return apr_psprintf(pool, "%.*s=%.*s; Max-Age=%" APR_INT64_T_FMT "; Path=/%s%s; SameSite=Lax%s",
                        (int)cookie->pair.name.len, cookie->pair.name.ptr, (int)value.len,
                        value.ptr, refresh->seconds, refresh->domain ? "; Domain=" : "",
                        refresh->domain ? refresh->domain : "", secure ? "; Secure" : "");
}

void pv_manager_refresh(const pv_sources_t *sources, const pv_cookies_t *cookies, int secure,
                        pv_manager_sink_t sink, void *ctx, apr_pool_t *pool)
{
    int left = PV_MANAGER_REFRESH_MAX;

    for (int i = 0; i < cookies->count && cookies->sources > 0 && left > 0; i++) {
        const pv_request_cookie_t *cookie = &cookies->list[i];
        const pv_refresh_t *refresh;

        if (!is_theirs(cookie)) {
            continue;
        }
        left--;
        refresh = pv_sources_refresh(sources, cookie->pair.name);
        if (refresh != NULL && cookie->pair.whole.len <= PV_MANAGER_COOKIE_MAX &&
            is_certain(cookies, i)) {
            sink(ctx, write_again(cookie, refresh, secure, pool), cookie);
        }
    }
}
