/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/*
 * A Cookie header (Q1, D3, R5, D5). Options: a site; what is granted; host and time. Then
 * the header.
 */

#include "fuzz.h"

#include "cookies_check.h"
#include "enforce/pv_expire.h"

#define NOW APR_INT64_C(1750000000)

/* Drawn once, with patterns that overlap; the first one is a usual site. */
#define SITES 32

static site_t sites[SITES];
static pv_policy_t *policies[SITES];

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    fuzz_keep();
    site_setup(NULL);
    for (int i = 0; i < SITES; i++) {
        sites[i] = i == 0 ? site_usual() : site_draw(1 + draw(4), 4 + draw(12));
        policies[i] = site_sound(&sites[i]);
    }
    fuzz_kept();
    return 0;
}

/* A reader to whom nothing but ; separates, as most are. */
static void check_plain_reader(const pv_policy_t *policy, const pv_consent_t *consent,
                               pv_span_t header)
{
    const char *p = header.ptr, *end = p + header.len;

    while (p < end) {
        const char *stop = memchr(p, ';', (size_t)(end - p)), *eq;
        pv_span_t name;

        stop = stop != NULL ? stop : end;
        eq = memchr(p, '=', (size_t)(stop - p));
        name = pv_span_trim(pv_span_between(p, eq != NULL ? eq : stop), pv_is_outer_space);
        /* No cookie's name has a comma: that is a joint behind an empty line. */
        FUZZ_CLAIM(name.len == 0 || memchr(name.ptr, ',', name.len) != NULL ||
                       !cookies_denied(policy, consent, name.ptr, name.len),
                   "Q1 no denied name is left");
        p = stop + 1;
    }
}

/* The others' bytes are a subsequence of the header's. */
static void check_subsequence(pv_span_t header, pv_span_t left)
{
    size_t at = 0;

    for (size_t i = 0; i < header.len && at < left.len; i++) {
        /* A joint that became a boundary is written as one. */
        at += header.ptr[i] == left.ptr[at] || (header.ptr[i] == ',' && left.ptr[at] == ';');
    }
    FUZZ_CLAIM(at == left.len, "Q1 bytes and order");
}

static void check_written(const pv_policy_t *policy, const pv_consent_t *consent,
                          const pv_cookies_t *cookies, apr_pool_t *pool)
{
    pv_span_t left = cookies_write(cookies);
    pv_cookies_t again;

    check_plain_reader(policy, consent, left);
    check_subsequence(cookies->header, left);
    pv_cookies_read(policy, left.ptr, left.len, &again, pool);
    pv_cookies_judge(policy, consent, &again);
    FUZZ_CLAIM(again.denied == 0, "Q1 nothing is left to do");
    free((char *)left.ptr);
}

/* Expiries. */

typedef struct {
    const pv_expire_options_t *options;
    size_t bytes;
    int count;
} expiries_t;

static void expire(void *ctx, const char *value, const pv_request_cookie_t *cookie)
{
    expiries_t *expiries = ctx;
    pv_set_cookie_t set;

    pv_set_cookie_read(value, strlen(value), apr_time_from_sec(NOW), &set);
    FUZZ_CLAIM(cookie->denied, "R5 only what is denied is expired");
    FUZZ_CLAIM(set.deletes, "R5 by a deletion");
    FUZZ_CLAIM(pv_span_eq(set.name, cookie->pair.name), "R5 of this cookie");
    FUZZ_CLAIM(strpbrk(value, "\r\n") == NULL, "F1 one line");
    expiries->bytes += strlen(value) + sizeof("Set-Cookie: \r\n") - 1;
    expiries->count++;
}

static void check_expiries(const pv_cookies_t *cookies, unsigned option, apr_pool_t *pool)
{
    static const char *const hosts[] = { "www.shop.example", "localhost", "192.0.2.1", NULL };
    pv_expire_options_t options = { .host = hosts[option & 3],
                                    .secure = option >> 2 & 1,
                                    .bytes_max = option >> 3 & 1 ? 0 : PV_EXPIRE_BYTES_MAX,
                                    .start = option >> 4 };
    expiries_t expiries = { &options, 0, 0 };

    pv_expire(cookies, &options, expire, &expiries, pool);
    FUZZ_CLAIM(options.bytes_max == 0 || expiries.bytes <= options.bytes_max, "R5 4 KiB");
}

/* The record among them: it grants no more than the one of them that is read alone. */
static void check_record(const pv_policy_t *policy, const pv_cookies_t *cookies)
{
    pv_record_t record, one;
    pv_set_t granted = 0;

    if (!pv_cookies_record(policy, cookies, NOW, &record)) {
        return;
    }
    for (int i = 0; i < cookies->count; i++) {
        const pv_request_cookie_t *cookie = &cookies->list[i];
        pv_span_t value = pv_cookie_pair_value(&cookie->pair);

        if (cookie->cookie != NULL && cookie->cookie->owner == PV_OWNER_RECORD &&
            pv_record_read(policy, value.ptr, value.len, NOW, &one) == PV_OK) {
            granted |= one.granted;
        }
    }
    FUZZ_CLAIM(fuzz_within(record.granted, granted), "D2 a record grants what is in one");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static cookie_model_t model;
    fuzz_in_t in = fuzz_in(data, size);
    const pv_policy_t *policy = policies[fuzz_take(&in) % SITES];
    pv_consent_t consent = { .granted = policy->necessary | fuzz_take(&in) };
    unsigned option = fuzz_take(&in);
    apr_pool_t *pool;
    pv_cookies_t cookies;

    if (in.len > COOKIE_MODEL_PAIRS) {
        return 0;
    }
    pool = fuzz_pool();
    cookie_model_read(&model, in.ptr, in.len);
    pv_cookies_read(policy, in.ptr, in.len, &cookies, pool);
    pv_cookies_judge(policy, &consent, &cookies);
    cookies_check_judged(policy, &consent, &cookies, &model);
    if (cookies.denied > 0) {
        cookies_check_left(policy, &consent, &cookies, &model);
        check_written(policy, &consent, &cookies, pool);
    }
    check_expiries(&cookies, option, pool);
    check_record(policy, &cookies);
    apr_pool_destroy(pool);
    return 0;
}
