/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file cookies_check.h
 * @brief Whether the cookies of a request are read, judged and written again as the model
 *        of cookie_model.h has it.
 */

#ifndef COOKIES_CHECK_H
#define COOKIES_CHECK_H

#include "cookie_model.h"
#include "enforce/pv_cookies.h"
#include "policy_fixture.h"

/** Into memory of exactly the promised size; the caller frees it. */
static inline pv_span_t cookies_write(const pv_cookies_t *cookies)
{
    char *out = malloc(cookies->header.len + (cookies->header.len == 0));
    apr_size_t len = pv_cookies_write(cookies, out);

    assert_true(len < cookies->header.len);
    return pv_span(out, len);
}

static inline int cookies_denied(const pv_policy_t *policy, const pv_consent_t *consent,
                                 const char *name, size_t len)
{
    const pv_cookie_t *cookie = pv_names_find(policy->names, pv_span(name, len));

    if (cookie == NULL || cookie->owner != PV_OWNER_SITE) {
        return 0;
    }
    return !(consent->granted >> cookie->category_index & 1) &&
           !(policy->denied_session >> cookie->category_index & 1);
}

/** Reading agrees with the model, and each is judged by its own name. */
static inline void cookies_check_judged(const pv_policy_t *policy, const pv_consent_t *consent,
                                        const pv_cookies_t *cookies, const cookie_model_t *model)
{
    const char *text = cookies->header.ptr;
    pv_set_t categories = 0;
    int denied = 0, records = 0;

    assert_int_equal(cookies->count, model->count);
    for (int i = 0; i < model->count; i++) {
        const cookie_model_pair_t *pair = &model->pairs[i];
        const pv_request_cookie_t *one = &cookies->list[i];
        int gone = cookies_denied(policy, consent, text + pair->name_begin,
                                  pair->name_end - pair->name_begin);

        assert_ptr_equal(one->pair.whole.ptr, text + pair->begin);
        assert_int_equal(one->denied, gone);
        denied += gone;
        if (one->cookie != NULL && one->cookie->owner == PV_OWNER_SITE) {
            categories |= PV_BIT(one->cookie->category_index);
        }
        records += one->cookie != NULL && one->cookie->owner == PV_OWNER_RECORD;
    }
    assert_int_equal(cookies->denied, denied);
    assert_true(cookies->categories == categories);
    assert_int_equal(cookies->records, records);
}

/** What is left, read again, is what was kept: no denied one, every kept one's bytes
 *  in order, joined to the same neighbour or to none. */
static inline void cookies_check_left(const pv_policy_t *policy, const pv_consent_t *consent,
                                      const pv_cookies_t *cookies, const cookie_model_t *before)
{
    static cookie_model_t after;
    pv_span_t out = cookies_write(cookies);
    const char *text = cookies->header.ptr;
    int left = 0;

    cookie_model_read(&after, out.ptr, out.len);
    for (int i = 0; i < before->count; i++) {
        const cookie_model_pair_t *old = &before->pairs[i], *now = &after.pairs[left];
        int before_denied = i > 0 && cookies->list[i - 1].denied;

        if (cookies->list[i].denied) {
            continue;
        }
        assert_true(left++ < after.count);
        assert_int_equal(now->end - now->begin, old->end - old->begin);
        assert_memory_equal(out.ptr + now->begin, text + old->begin, old->end - old->begin);
        assert_int_equal(now->joint, old->joint && !before_denied && left > 1);
        assert_false(cookies_denied(policy, consent, out.ptr + now->name_begin,
                                    now->name_end - now->name_begin));
    }
    assert_int_equal(left, after.count);
    assert_int_equal(out.len == 0, left == 0);
    free((char *)out.ptr);
}

#endif /* COOKIES_CHECK_H */
