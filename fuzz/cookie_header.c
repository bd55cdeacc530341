/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/*
 * A Cookie header (Q1, D2, D3, D5, R5, M7). Options: a site; what is granted, and with it the
 * hosts to choose from and the room for expiries; host, https, whether there is a limit, and
 * which cookie comes first. Then the header.
 */

#include "fuzz.h"

#include "cookies_check.h"
#include "enforce/pv_expire.h"
#include "expire_model.h"
#include "record_model.h"

#define NOW APR_INT64_C(1750000000)

/* Drawn once, with patterns that overlap; the first one is a usual site, the last one has cookies
 * that are set in every way. */
#define SITES 33

static site_t sites[SITES];
static pv_policy_t *policies[SITES];

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    fuzz_keep();
    site_setup(NULL);
    for (int i = 0; i < SITES; i++) {
        sites[i] = i == 0           ? site_usual()
                   : i == SITES - 1 ? site_places()
                                    : site_draw(1 + draw(4), 4 + draw(12));
        policies[i] = site_sound(&sites[i]);
    }
    fuzz_kept();
    return 0;
}

/* What was read, by the model. */
typedef struct {
    const pv_policy_t *policy;
    const pv_consent_t *consent;
    const cookie_model_t *model;
    const char *text;
} cookies_case_t;

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
    const char *value;
    const pv_request_cookie_t *cookie;
} expiry_t;

typedef struct {
    expiry_t list[COOKIE_MODEL_PAIRS * 2 * EXPIRE_MODEL_DOMAINS];
    int count;
} expiries_t;

static expiries_t expiries;

static void expire(void *ctx, const char *value, const pv_request_cookie_t *cookie)
{
    pv_set_cookie_t set;

    (void)ctx;
    pv_set_cookie_read(value, strlen(value), apr_time_from_sec(NOW), &set);
    FUZZ_CLAIM(set.deletes, "R5 by a deletion");
    FUZZ_CLAIM(strpbrk(value, "\r\n") == NULL, "F1 one line");
    FUZZ_CLAIM(expiries.count < (int)COUNT(expiries.list), "R5 not without end");
    expiries.list[expiries.count++] = (expiry_t){ value, cookie };
}

static pv_span_t name_of(const cookies_case_t *c, int pair)
{
    const cookie_model_pair_t *one = &c->model->pairs[pair];

    return pv_span(c->text + one->name_begin, one->name_end - one->name_begin);
}

/* The denied ones by the model, each name once, as they come round. @return how many */
static int find_turns(const cookies_case_t *c, apr_uint64_t start, int *turns)
{
    int denied[COOKIE_MODEL_PAIRS], denied_count = 0, count = 0;

    for (int i = 0; i < c->model->count; i++) {
        pv_span_t name = name_of(c, i);

        if (cookies_denied(c->policy, c->consent, name.ptr, name.len)) {
            denied[denied_count++] = i;
        }
    }
    for (int i = 0; i < denied_count; i++) {
        int one = denied[(start + (apr_uint64_t)i) % (apr_uint64_t)denied_count], again = 0;

        for (int j = 0; j < count; j++) {
            again |= c->model->pairs[turns[j]].nameless == c->model->pairs[one].nameless &&
                     pv_span_eq(name_of(c, turns[j]), name_of(c, one));
        }
        if (!again && expire_model_can_name(name_of(c, one))) {
            turns[count++] = one;
        }
    }
    return count;
}

/* Each in its turn is expired wherever it may be, until there is no room: so the first one is,
 * whichever that is, and none is starved while they take turns. */
static void check_expiries(const cookies_case_t *c, pv_cookies_t *cookies,
                           const pv_expire_options_t *options, apr_pool_t *pool)
{
    int turns[COOKIE_MODEL_PAIRS], count = find_turns(c, options->start, turns);
    int at = 0, expired = 0, flags = 0, said;
    size_t bytes = 0, left = 0;

    expiries.count = 0;
    said = pv_expire(cookies, options, expire, NULL, pool);
    for (int i = 0; i < count && left == 0; i++) {
        pv_span_t name = name_of(c, turns[i]);
        expire_model_t one;
        int begin = at;

        expire_model_make(&one, name, c->model->pairs[turns[i]].nameless,
                          pv_names_find(c->policy->names, name), options->host, options->secure);
        for (; at < expiries.count && expire_model_is_of(&one, expiries.list[at].value); at++) {
            FUZZ_CLAIM(expire_model_write(&one, expiries.list[at].value), "R5 where it may be");
            FUZZ_CLAIM(pv_span_eq(expiries.list[at].cookie->pair.name, name), "R5 for this cookie");
            bytes += strlen(expiries.list[at].value) + strlen("Set-Cookie: \r\n");
        }
        left = expire_model_left(&one);
        FUZZ_CLAIM(left == 0 || (options->bytes_max > 0 && bytes + left > options->bytes_max),
                   "R5 everywhere, and each in its turn");
        expired += at > begin;
    }
    FUZZ_CLAIM(at == expiries.count, "R5 only what is denied is expired");
    for (int i = 0; i < cookies->count; i++) {
        flags += cookies->list[i].expired;
    }
    FUZZ_CLAIM(said == expired && flags == expired, "R5 and it is said which");
    FUZZ_CLAIM(options->bytes_max == 0 || (bytes <= options->bytes_max && bytes <= 4096),
               "R5 4 KiB");
}

/* A cookie of the module's own, everywhere but where it is kept (M7). */
static void check_copies(const char *name, const char *kept, const pv_expire_options_t *options,
                         apr_pool_t *pool)
{
    expire_model_t model;

    expiries.count = 0;
    pv_expire_copies(name, kept, options, expire, NULL, pool);
    expire_model_make(&model, pv_span(name, strlen(name)), 0, NULL, options->host, options->secure);
    for (int i = 0; i < model.count; i++) {
        expire_line_t *line = &model.list[i];

        /* One with __Host- is host-only, and so the only one. */
        line->written = kept == NULL || line->domain == NULL
                            ? kept == line->domain || expire_model_begins(model.name, "__Host-")
                            : strcmp(line->domain, kept) == 0;
    }
    for (int i = 0; i < expiries.count; i++) {
        FUZZ_CLAIM(expire_model_is_of(&model, expiries.list[i].value), "M7 a copy of this cookie");
        FUZZ_CLAIM(expire_model_write(&model, expiries.list[i].value), "M7 where it is not kept");
    }
    FUZZ_CLAIM(expire_model_left(&model) == 0, "M7 every copy");
}

/* Hosts that have parents, and such as have none. */
static const char *const hosts[] = {
    "www.shop.example",
    "localhost",
    "192.0.2.1",
    NULL,
    "a.test",
    "w.a.test",
    "test",
    "1.a1",
    "a.test.",
    "a..test",
    "[2001:db8::1]",
    "a_b.c-d",
    "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s.t.u.v.w.x.y.test",
    "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.test",
    "a.test:80",
    "b.a.test",
};

/* The options of both. */
static void check_expire(const cookies_case_t *c, pv_cookies_t *cookies, unsigned granted,
                         unsigned option, apr_pool_t *pool)
{
    static const char *const names[] = { "privacy_consent", "__Host-p", "__SECURE-p", "__host-" };
    pv_expire_options_t options = {
        .host = hosts[(granted >> 4 & 3) << 2 | (option & 3)],
        .secure = option >> 2 & 1,
        .bytes_max = option >> 3 & 1 ? 0 : (apr_size_t)PV_EXPIRE_BYTES_MAX >> (granted >> 6 & 3),
        .start = option >> 4,
    };
    const char *const kept[] = { NULL, options.host, "shop.example", "test" };

    check_expiries(c, cookies, &options, pool);
    check_copies(names[option >> 4 & 3], kept[option >> 6 & 3], &options, pool);
}

/* The record among them: what those that are read come to, if they are no part of another
 * cookie's value. */
static void check_record(const cookies_case_t *c, const pv_cookies_t *cookies)
{
    const char *name = c->policy->consent_cookie->decl.name;
    pv_record_t record, want;
    int found = 0;

    for (int i = 0; i < c->model->count; i++) {
        const cookie_model_pair_t *pair = &c->model->pairs[i];
        record_model_t one;
        size_t begin, end;

        if (pair->nameless || pair->joint ||
            !pv_span_eq(name_of(c, i), pv_span(name, strlen(name)))) {
            continue;
        }
        cookie_model_value(c->text, pair, &begin, &end);
        record_model_read(&one, c->policy, pv_span(c->text + begin, end - begin), NOW);
        if (!one.bad) {
            want = found++ ? record_model_sum(&want, &one.record) : one.record;
        }
    }
    FUZZ_CLAIM(pv_cookies_record(c->policy, cookies, NOW, &record) == (found > 0),
               "D2 whether there is a record");
    FUZZ_CLAIM(!found || record_model_same(&record, &want), "D2 what several come to");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static cookie_model_t model;
    fuzz_in_t in = fuzz_in(data, size);
    const pv_policy_t *policy = policies[fuzz_take(&in) % SITES];
    unsigned granted = fuzz_take(&in), option = fuzz_take(&in);
    pv_consent_t consent = { .granted = policy->necessary | granted };
    cookies_case_t c = { policy, &consent, &model, in.ptr };
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
    check_expire(&c, &cookies, granted, option, pool);
    check_record(&c, &cookies);
    apr_pool_destroy(pool);
    return 0;
}
