/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file rewrite_check.h
 * @brief A policy and an output for tests of the rewriter. t.example is a tracker of category
 *        `ads`, u.example one of `stats`; `track(` in a script is one of `ads`; doubt is `ads`.
 */

#ifndef REWRITE_CHECK_H
#define REWRITE_CHECK_H

#include <stdlib.h>
#include <string.h>

#include <apr_pools.h>

#include "html/pv_rewrite.h"

/** What a rewriter emitted. */
typedef struct {
    char *out;      /* all */
    char *inserted; /* of each byte of it, whether it was inserted */
    size_t out_len;
    char *original; /* without what was inserted */
    size_t original_len;
    size_t size;
    int held;
    int grant; /* nothing is denied */
    int limited;
    size_t kept; /* of the input, the most that was not out after it had been fed */
} check_t;

static inline void check_init(check_t *check, size_t size)
{
    memset(check, 0, sizeof(*check));
    check->size = size;
    check->out = malloc(size);
    check->inserted = malloc(size);
    check->original = malloc(size);
}

static inline void check_free(check_t *check)
{
    free(check->out);
    free(check->inserted);
    free(check->original);
}

static inline void check_append(char *to, size_t *len, size_t size, const char *buf, size_t n)
{
    if (*len + n > size) {
        abort();
    }
    memcpy(to + *len, buf, n);
    *len += n;
}

static inline void check_emit(void *ctx, const char *buf, apr_size_t len, int inserted)
{
    check_t *check = ctx;

    check_append(check->out, &check->out_len, check->size, buf, len);
    memset(check->inserted + check->out_len - len, inserted != 0, len);
    if (!inserted) {
        check_append(check->original, &check->original_len, check->size, buf, len);
    }
}

static inline int check_is_at(pv_span_t url, const char *host)
{
    char flat[64];
    size_t n = 0;

    for (size_t i = 0; i < url.len && n < sizeof(flat) - 1; i++) {
        if ((unsigned char)url.ptr[i] > ' ') {
            flat[n++] = url.ptr[i];
        }
    }
    flat[n] = '\0';
    if (strncmp(flat, "https:", 6) == 0) {
        memmove(flat, flat + 6, n - 5);
    }
    return strncmp(flat, "//", 2) == 0 && strncmp(flat + 2, host, strlen(host)) == 0;
}

static inline int check_is_relative(pv_span_t url)
{
    return (url.len < 2 || memcmp(url.ptr, "//", 2) != 0) &&
           (url.len == 0 || memchr(url.ptr, ':', url.len) == NULL);
}

static inline const char *check_url(void *ctx, const pv_load_t *load)
{
    check_t *check = ctx;
    pv_span_t url = load->url;

    if (load->base.ptr != NULL && check_is_relative(url)) {
        url = load->base;
    }
    if (check->grant) {
        return NULL;
    }
    if (load->connect && check_is_at(url, "path.example")) {
        return "ads";
    }
    return check_is_at(url, "t.example") ? "ads" : check_is_at(url, "u.example") ? "stats" : NULL;
}

static inline const char *check_inline(void *ctx, pv_span_t text)
{
    check_t *check = ctx;

    for (size_t i = 0; !check->grant && i + 6 <= text.len; i++) {
        if (memcmp(text.ptr + i, "track(", 6) == 0) {
            return "ads";
        }
    }
    return NULL;
}

static inline const char *check_doubt(void *ctx)
{
    return ((check_t *)ctx)->grant ? NULL : "ads";
}

static inline pv_label_e check_label(void *ctx, pv_span_t name, const char **category)
{
    if (((check_t *)ctx)->grant) {
        return PV_LABEL_NONE;
    }
    if (pv_span_eq(name, PV_SPAN("needed"))) {
        return PV_LABEL_EXEMPT;
    }
    if (pv_span_eq(name, PV_SPAN("granted"))) {
        return PV_LABEL_NONE;
    }
    *category = pv_span_eq(name, PV_SPAN("stats")) ? "stats" : "unknown";
    return PV_LABEL_HELD;
}

static inline pv_span_t check_placeholder(void *ctx, const pv_held_t *held)
{
    (void)ctx;
    return held->why == PV_HELD_LABEL ? PV_SPAN("<i>label</i>") : PV_SPAN("<i>gone</i>");
}

static inline void check_held(void *ctx, const pv_held_t *held)
{
    (void)held;
    ((check_t *)ctx)->held++;
}

static const pv_rewrite_calls_t check_calls = {
    .judge_url = check_url,
    .judge_inline = check_inline,
    .judge_doubt = check_doubt,
    .judge_label = check_label,
    .placeholder = check_placeholder,
    .held = check_held,
    .emit = check_emit,
};

/** The same numbers for the same state: what fails once fails again. */
static inline unsigned check_below(unsigned long *state, unsigned n)
{
    *state = *state * 6364136223846793005UL + 1442695040888963407UL;
    return (unsigned)(*state >> 33) % n;
}

/** What a document is rewritten by. */
typedef struct {
    pv_rewrite_options_t options;
    const pv_rewrite_calls_t *calls;
    unsigned grant;
} check_policy_t;

/**
 * Rewrite a document in chunks of 1 to max bytes, or whole if max is 0.
 * @param check is set up, and the caller's to free
 * @param draws the state of check_below()
 */
static inline void check_rewrite(check_t *check, const check_policy_t *policy, const char *input,
                                 size_t len, unsigned max, unsigned long *draws)
{
    pv_rewrite_t *rewriter;
    apr_pool_t *pool;
    size_t chunk;

    apr_pool_create(&pool, NULL);
    check_init(check, len * 16 + 4096);
    check->grant = policy->grant != 0;
    rewriter = pv_rewrite_create(&policy->options, policy->calls, check, pool);
    for (size_t at = 0; at < len; at += chunk) {
        chunk = max == 0 ? len : 1 + check_below(draws, max);
        chunk = chunk < len - at ? chunk : len - at;
        pv_rewrite_feed(rewriter, input + at, chunk);
        if (at + chunk - check->original_len > check->kept) {
            check->kept = at + chunk - check->original_len;
        }
    }
    pv_rewrite_end(rewriter);
    check->limited = pv_rewrite_limited(rewriter) != PV_OK;
    apr_pool_destroy(pool);
}

static inline int check_is(const check_t *check, const char *buf, size_t len)
{
    return check->out_len == len && memcmp(check->out, buf, len) == 0;
}

/** What is held bears the label of its category: that it is held by this once more would
 *  prove nothing. */
static inline pv_label_e check_exempt_alone(void *ctx, pv_span_t name, const char **category)
{
    (void)ctx;
    (void)category;
    return pv_span_eq(name, PV_SPAN("needed")) ? PV_LABEL_EXEMPT : PV_LABEL_NONE;
}

/** How many elements of an output would be held again: in every reading what is held stays
 *  held. */
static inline int check_left(const check_t *first, const check_policy_t *policy)
{
    pv_rewrite_calls_t calls = check_calls;
    check_policy_t again = { .calls = &calls, .options = { .xml = policy->options.xml } };
    unsigned long draws = 0;
    check_t second;

    calls.judge_label = check_exempt_alone;
    calls.judge_doubt = NULL;
    check_rewrite(&second, &again, first->out, first->out_len, 0, &draws);
    check_free(&second);
    return second.held;
}

#define CHECK_MESSAGE "<div><a href=\"/x\">M</a></div>"
#define CHECK_HEAD    "<script src=\"//own.example/h\"></script>"

/** Of tags and scripts, what is kept where little is. */
#define CHECK_SMALL 64

/** A policy by what is asked of it: each is 0 or not. */
static inline check_policy_t check_policy(unsigned xml, unsigned small, unsigned grant,
                                          unsigned message)
{
    check_policy_t policy = { .calls = &check_calls, .grant = grant };

    policy.options.xml = xml != 0;
    policy.options.limit = small ? CHECK_SMALL : 0;
    if (message) {
        policy.options.message = PV_SPAN(CHECK_MESSAGE);
        policy.options.head = PV_SPAN(CHECK_HEAD);
    }
    return policy;
}

/** What is wrong with the output for a document, by its rule; NULL if nothing is. */
static inline const char *check_wrong(const check_t *check, const check_policy_t *policy,
                                      const char *input, size_t len)
{
    if (check->original_len != len || (len > 0 && memcmp(check->original, input, len) != 0)) {
        return "H1 without what is inserted it is the document";
    }
    if (policy->grant) {
        return policy->options.message.len == 0 && check->out_len != len
                   ? "R7 nothing is added where nothing is denied"
                   : NULL;
    }
    if (policy->options.limit == 0 && !check->limited && check_left(check, policy) != 0) {
        return "H4 no tracker is left";
    }
    return NULL;
}

/** The same, where the document came in chunks, and whole before. */
static inline const char *check_wrong_in_chunks(const check_t *check, const check_t *whole)
{
    if (check->original_len != whole->original_len ||
        memcmp(check->original, whole->original, whole->original_len) != 0) {
        return "H1 without what is inserted it is the document";
    }
    if (!check->limited && !whole->limited && !check_is(check, whole->out, whole->out_len)) {
        return "H5 the output does not depend on the chunks";
    }
    return NULL;
}

#endif /* REWRITE_CHECK_H */
