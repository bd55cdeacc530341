/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "enforce/pv_cookies.h"

/** A usual request has fewer; room for more is made by doubling. */
#define FIRST_CAPACITY 24

static void grow(pv_cookies_t *cookies, apr_pool_t *pool)
{
    int capacity = cookies->capacity ? cookies->capacity * 2 : FIRST_CAPACITY;
    pv_request_cookie_t *list = apr_palloc(pool, (apr_size_t)capacity * sizeof(*list));

    if (cookies->count > 0) {
        memcpy(list, cookies->list, (apr_size_t)cookies->count * sizeof(*list));
    }
    cookies->list = list;
    cookies->capacity = capacity;
}

/** Take note of the declared one at an index. @param last the one before, or
 *  PV_COOKIES_NONE */
static inline void note(pv_cookies_t *cookies, int at, int last)
{
    const pv_cookie_t *cookie = cookies->list[at].cookie;

    *(last >= 0 ? &cookies->list[last].next : &cookies->declared) = at;
    if (cookie->owner == PV_OWNER_SITE) {
        cookies->categories |= PV_BIT(cookie->category_index);
    }
    else {
        cookies->records += cookie->owner == PV_OWNER_RECORD;
        cookies->sources += cookie->owner == PV_OWNER_SOURCE;
    }
}

void pv_cookies_read(const pv_policy_t *policy, const char *buf, apr_size_t len,
                     pv_cookies_t *cookies, apr_pool_t *pool)
{
    const pv_names_t *names = policy->names;
    pv_cookie_header_t header = pv_cookie_header_begin(buf, len);
    pv_request_cookie_t *one;
    int at = 0, last = PV_COOKIES_NONE;

    memset(cookies, 0, sizeof(*cookies));
    cookies->declared = PV_COOKIES_NONE;
    cookies->header = pv_span(buf, len);
    grow(cookies, pool);
    one = cookies->list;
    while (pv_cookie_header_next(&header, &one->pair)) {
        one->cookie = pv_names_find(names, one->pair.name);
        one->next = 0;
        one->denied = one->expired = 0;
        if (one->cookie != NULL) {
            note(cookies, at, last);
            last = at;
        }
        at++;
        one++;
        if (at == cookies->capacity) {
            cookies->count = at;
            grow(cookies, pool);
            one = &cookies->list[at];
        }
    }
    cookies->count = at;
}

int pv_cookies_record(const pv_policy_t *policy, const pv_cookies_t *cookies, apr_int64_t now,
                      pv_record_t *record)
{
    int found = 0;

    if (cookies->records == 0) {
        return 0;
    }
    for (int i = 0; i < cookies->count; i++) {
        const pv_request_cookie_t *cookie = &cookies->list[i];
        pv_record_t one;
        pv_span_t value;

        /* Behind a joint it may be a part of another cookie's value. */
        if (cookie->cookie == NULL || cookie->cookie->owner != PV_OWNER_RECORD ||
            cookie->pair.nameless || cookie->pair.joint) {
            continue;
        }
        value = pv_cookie_pair_value(&cookie->pair);
        if (pv_record_read(policy, value.ptr, value.len, now, &one) != PV_OK) {
            continue;
        }
        if (found++) {
            pv_record_add(record, &one);
        }
        else {
            *record = one;
        }
    }
    return found > 0;
}

void pv_cookies_judge(const pv_policy_t *policy, const pv_consent_t *consent, pv_cookies_t *cookies)
{
    pv_set_t denies = pv_judge_denies(policy, consent);
    int denied = 0;

    if ((cookies->categories & denies) == 0 && cookies->denied == 0) {
        return;
    }
    for (pv_request_cookie_t *one = pv_cookies_first(cookies); one != NULL;
         one = pv_cookies_next(cookies, one)) {
        one->denied = pv_judge_is_denied(denies, one->cookie) != 0;
        denied += one->denied;
    }
    cookies->denied = denied;
}

static char *put(char *out, const char *begin, const char *end)
{
    apr_size_t len = (apr_size_t)(end - begin);

    memcpy(out, begin, len);
    return out + len;
}

/** Write kept pairs that follow each other, the first and the last of them included. In
 *  front of them stands what stood in front of the first; but a joint behind a denied pair
 *  was a boundary, and is one now. */
static char *put_run(const pv_cookies_t *cookies, int first, int last, char *out, char *at)
{
    const pv_request_cookie_t *list = cookies->list;
    const char *end = list[last].pair.whole.ptr + list[last].pair.whole.len;
    static const char boundary[] = "; ";

    if (at == out) {
        return put(at, list[first].pair.whole.ptr, end);
    }
    if (list[first].pair.joint) {
        return put(put(at, boundary, boundary + 2), list[first].pair.whole.ptr, end);
    }
    return put(at, list[first - 1].pair.whole.ptr + list[first - 1].pair.whole.len, end);
}

apr_size_t pv_cookies_write(const pv_cookies_t *cookies, char *out)
{
    char *at = out;
    int kept = 0; /* behind the last denied one */

    if (cookies->list == NULL) {
        return 0;
    }
    for (const pv_request_cookie_t *one = pv_cookies_first(cookies); one != NULL;
         one = pv_cookies_next(cookies, one)) {
        int index = (int)(one - cookies->list);

        if (!one->denied) {
            continue;
        }
        if (index > kept) {
            at = put_run(cookies, kept, index - 1, out, at);
        }
        kept = index + 1;
    }
    if (cookies->count > kept) {
        at = put_run(cookies, kept, cookies->count - 1, out, at);
    }
    return (apr_size_t)(at - out);
}
