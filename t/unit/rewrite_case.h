/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file rewrite_case.h
 * @brief Documents through the rewriter, by what they become: whole, byte by byte, and in two at
 *        each place.
 */

#ifndef REWRITE_CASE_H
#define REWRITE_CASE_H

#include <apr_strings.h>

#include "guard.h"
#include "rewrite_check.h"
#include "suite.h"

/* What is inserted. */
#define D   "data-privacy-"
#define ADS " " D "category=ads"
#define OUT " type=text/plain" ADS
#define T   "https://t.example/a"

/* Longer than what is kept where little is. */
#define PAD "012345678901234567890123456789012345678901234567890123456789012345678901234567890"

typedef struct {
    const char *name;
    const char *input;
    const char *output; /* NULL for the input itself */
} case_t;

typedef enum { WHOLE, SPLIT, BYTES } how_t;

static inline void feed(pv_rewrite_t *rewrite, const char *input, size_t len, how_t how,
                        size_t split)
{
    for (size_t i = 0; how == BYTES && i < len; i++) {
        pv_rewrite_feed(rewrite, input + i, 1);
    }
    if (how != BYTES) {
        pv_rewrite_feed(rewrite, input, how == SPLIT ? split : len);
    }
    if (how == SPLIT) {
        pv_rewrite_feed(rewrite, input + split, len - split);
    }
    pv_rewrite_end(rewrite);
}

static inline void run_one(const pv_rewrite_options_t *options, const case_t *c, how_t how,
                           size_t split)
{
    const char *want = c->output != NULL ? c->output : c->input;
    size_t len = strlen(c->input);
    char *input = guard_copy(c->input, len);
    apr_pool_t *pool;
    check_t check;

    apr_pool_create(&pool, NULL);
    check_init(&check, len * 8 + 4096);
    feed(pv_rewrite_create(options, &check_calls, &check, pool), input, len, how, split);
    if (check.out_len != strlen(want) || memcmp(check.out, want, check.out_len) != 0) {
        print_error("%s (%s at %d)\nin   %s\ngot  %.*s\nwant %s\n", c->name,
                    how == WHOLE   ? "whole"
                    : how == SPLIT ? "split"
                                   : "bytes",
                    (int)split, c->input, (int)check.out_len, check.out, want);
        fail();
    }
    /* H1 */
    assert_int_equal(check.original_len, len);
    assert_memory_equal(check.original, c->input, len);
    check_free(&check);
    apr_pool_destroy(pool);
    guard_free();
}

static inline void run_cases(const pv_rewrite_options_t *options, const case_t *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        run_one(options, &cases[i], WHOLE, 0);
        run_one(options, &cases[i], BYTES, 0);
        for (size_t split = 0; split <= strlen(cases[i].input); split++) {
            run_one(options, &cases[i], SPLIT, split);
        }
    }
}

static const pv_rewrite_options_t plain = { .limit = 0 };

/** How many elements of a document are held; what is inserted taken out, it is what it was. */
static inline int held_in(const char *html, how_t how)
{
    apr_pool_t *pool;
    check_t check;

    apr_pool_create(&pool, NULL);
    check_init(&check, strlen(html) * 8 + 4096);
    feed(pv_rewrite_create(&plain, &check_calls, &check, pool), html, strlen(html), how, 0);
    assert_int_equal(check.original_len, strlen(html));
    assert_memory_equal(check.original, html, check.original_len);
    check_free(&check);
    apr_pool_destroy(pool);
    return check.held;
}

#endif /* REWRITE_CASE_H */
