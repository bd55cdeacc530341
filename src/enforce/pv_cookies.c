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

void pv_cookies_read(const pv_policy_t *policy, const char *buf, apr_size_t len,
                     pv_cookies_t *cookies, apr_pool_t *pool)
{
    pv_cookie_header_t header;

    memset(cookies, 0, sizeof(*cookies));
    cookies->header = pv_span(buf, len);
    pv_cookie_header_begin(&header, buf, len);
    grow(cookies, pool);
    while (pv_cookie_header_next(&header, &cookies->list[cookies->count].pair)) {
        pv_request_cookie_t *one = &cookies->list[cookies->count];

        one->cookie = pv_names_find(policy->names, one->pair.name);
        one->denied = 0;
        if (one->cookie != NULL) {
            if (one->cookie->owner == PV_OWNER_SITE) {
                cookies->categories |= PV_BIT(one->cookie->category_index);
            }
            cookies->records += one->cookie->owner == PV_OWNER_RECORD;
            cookies->sources += one->cookie->owner == PV_OWNER_SOURCE;
        }
        if (++cookies->count == cookies->capacity) {
            grow(cookies, pool);
        }
    }
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
    if ((cookies->categories & pv_judge_denies(policy, consent)) == 0 && cookies->denied == 0) {
        return;
    }
    cookies->denied = 0;
    for (int i = 0; i < cookies->count; i++) {
        pv_request_cookie_t *one = &cookies->list[i];

        one->denied =
            one->cookie != NULL && pv_judge(policy, consent, one->cookie) == PV_VERDICT_DENIED;
        cookies->denied += one->denied;
    }
}

static char *put(char *out, const char *begin, const char *end)
{
    apr_size_t len = (apr_size_t)(end - begin);

    memcpy(out, begin, len);
    return out + len;
}

apr_size_t pv_cookies_write(const pv_cookies_t *cookies, char *out)
{
    const pv_request_cookie_t *list = cookies->list;
    char *at = out;

    for (int i = 0; i < cookies->count; i++) {
        int first = i;

        if (list[i].denied) {
            continue;
        }
        while (i + 1 < cookies->count && !list[i + 1].denied) {
            i++;
        }
        /* Before a run of kept pairs stands what stood before its first; a joint
         * behind a denied pair was a boundary, and is one now. */
        if (at != out && list[first].pair.joint) {
            *at++ = ';';
            *at++ = ' ';
        }
        else if (at != out) {
            at = put(at, list[first - 1].pair.whole.ptr + list[first - 1].pair.whole.len,
                     list[first].pair.whole.ptr);
        }
        at = put(at, list[first].pair.whole.ptr, list[i].pair.whole.ptr + list[i].pair.whole.len);
    }
    return (apr_size_t)(at - out);
}
