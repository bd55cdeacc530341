/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "enforce/pv_cookies.h"

/** A usual request has fewer; room for more is made by doubling. */
#define FIRST_CAPACITY 24

static pv_request_cookie_t *next_slot(pv_cookies_t *cookies, apr_pool_t *pool)
{
    if (cookies->count == cookies->capacity) {
        int capacity = cookies->capacity ? cookies->capacity * 2 : FIRST_CAPACITY;
        pv_request_cookie_t *list = apr_palloc(pool, (apr_size_t)capacity * sizeof(*list));

        if (cookies->count > 0) {
            memcpy(list, cookies->list, (apr_size_t)cookies->count * sizeof(*list));
        }
        cookies->list = list;
        cookies->capacity = capacity;
    }
    return &cookies->list[cookies->count];
}

void pv_cookies_read(const pv_policy_t *policy, const char *buf, apr_size_t len,
                     pv_cookies_t *cookies, apr_pool_t *pool)
{
    pv_cookie_header_t header;
    pv_request_cookie_t *slot;

    memset(cookies, 0, sizeof(*cookies));
    cookies->header = pv_span(buf, len);
    pv_cookie_header_begin(&header, buf, len);
    slot = next_slot(cookies, pool);
    while (pv_cookie_header_next(&header, &slot->pair)) {
        slot->cookie = pv_names_find(policy->names, slot->pair.name);
        slot->denied = 0;
        cookies->count++;
        slot = next_slot(cookies, pool);
    }
}

int pv_cookies_record(const pv_policy_t *policy, const pv_cookies_t *cookies, apr_int64_t now,
                      pv_record_t *record)
{
    int found = 0;

    for (int i = 0; i < cookies->count; i++) {
        const pv_request_cookie_t *cookie = &cookies->list[i];
        pv_record_t one;

        /* Behind a joint it may be a part of another cookie's value. */
        if (cookie->cookie == NULL || cookie->cookie->owner != PV_OWNER_RECORD ||
            cookie->pair.nameless || cookie->pair.joint ||
            pv_record_read(policy, cookie->pair.value.ptr, cookie->pair.value.len, now, &one) !=
                PV_OK) {
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
    cookies->denied = 0;
    for (int i = 0; i < cookies->count; i++) {
        pv_request_cookie_t *one = &cookies->list[i];

        one->denied = pv_judge(policy, consent, one->cookie) == PV_VERDICT_DENIED;
        cookies->denied += one->denied;
    }
}

apr_size_t pv_cookies_write(const pv_cookies_t *cookies, char *out)
{
    const pv_request_cookie_t *list = cookies->list;
    int kept_any = 0;
    char *at = out;

    for (int i = 0; i < cookies->count; i++) {
        pv_span_t whole = list[i].pair.whole;

        if (list[i].denied) {
            continue;
        }
        if (kept_any) {
            pv_span_t before = list[i - 1].pair.whole;
            pv_span_t gap = pv_span_between(before.ptr + before.len, whole.ptr);

            if (list[i - 1].denied && list[i].pair.joint) {
                gap = PV_SPAN("; "); /* it was a boundary, and is one now */
            }
            memcpy(at, gap.ptr, gap.len);
            at += gap.len;
        }
        memcpy(at, whole.ptr, whole.len);
        at += whole.len;
        kept_any = 1;
    }
    return (apr_size_t)(at - out);
}
