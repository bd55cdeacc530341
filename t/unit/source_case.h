/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file source_case.h
 * @brief A case of a consent source as one line: how it is configured, the
 *        Cookie header, and what comes out for categories 0, 1, 2 ...
 *
 * Every case is also run with each value against a guard page, percent-encoded
 * once and twice, with the whole header twice, through pv_sources_read(), and
 * with each value cut off at every byte, where it must not grant more.
 */

#ifndef SOURCE_CASE_H
#define SOURCE_CASE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "consent/pv_source.h"
#include "guard.h"

enum {
    CASE_ENCODED = 1 << 0, /**< the value is encoded as far as it may be: once more and it
                                may say nothing, but must not grant */
    CASE_UNCUT = 1 << 1    /**< what withdraws the grant stands at the end of the value */
};

typedef struct {
    const char *name;
    /** `SOURCE 0=KEYS 1=KEYS option=value`, `opt-in=DIGITS` for categories. */
    const char *conf;
    const char *cookies;
    /** A letter a category: G granted by choice, g granted, d denied,
     *  n not applicable, - nothing. */
    const char *says;
    unsigned flags;
} source_case_t;

#define CASE_COOKIES 16

static inline pv_source_t *case_source(const char *conf, apr_pool_t *pool)
{
    char *last, *word = apr_strtok(apr_pstrdup(pool, conf), " ", &last);
    pv_source_t *source = pv_source_make(word, pool);
    apr_uint64_t opt_in = 0;
    const char *error = NULL;

    if (source == NULL) {
        fail_msg("no such source: %s", word);
    }
    while (error == NULL && (word = apr_strtok(NULL, " ", &last)) != NULL) {
        char *value = strchr(word, '=');

        *value++ = '\0';
        if (strcmp(word, "opt-in") == 0) {
            for (; *value != '\0'; value++) {
                opt_in |= APR_UINT64_C(1) << (*value - '0');
            }
        }
        else if (pv_is_digit(*word)) {
            error = pv_source_map(source, (unsigned)(*word - '0'), value, pool);
        }
        else {
            error = pv_source_option(source, word, value, pool);
        }
    }
    if (error == NULL) {
        error = pv_source_finish(source, opt_in, pool);
    }
    if (error != NULL) {
        fail_msg("%s: %s", conf, error);
    }
    return source;
}

/* `a=1; b=2` as pairs. */
static inline unsigned case_split(const char *header, pv_source_cookie_t *cookies)
{
    unsigned n = 0;

    while (*header != '\0') {
        const char *end = strstr(header, "; ");
        size_t len = end != NULL ? (size_t)(end - header) : strlen(header);
        size_t eq = strcspn(header, "=");

        assert_true(n < CASE_COOKIES && eq < len);
        cookies[n].name = pv_span(header, eq);
        cookies[n++].value = pv_span(header + eq + 1, len - eq - 1);
        header += len + (end != NULL ? 2 : 0);
    }
    return n;
}

static inline char *case_says(const pv_source_answers_t *answers, size_t n, apr_pool_t *pool)
{
    char *out = apr_pcalloc(pool, n + 1);

    for (unsigned i = 0; i < n; i++) {
        out[i] = "-gdn"[pv_source_answer(answers, i)];
        if (answers->by_choice >> i & 1) {
            out[i] = out[i] == 'g' ? 'G' : '!';
        }
    }
    return out;
}

static inline pv_span_t case_encode(pv_span_t in, apr_pool_t *pool)
{
    static const char kept[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                               "-_.!~*'()";
    char *out = apr_palloc(pool, 3 * in.len + 1), *to = out;

    for (apr_size_t i = 0; i < in.len; i++) {
        if (in.ptr[i] != '\0' && strchr(kept, in.ptr[i]) != NULL) {
            *to++ = in.ptr[i];
        }
        else {
            to += sprintf(to, "%%%02X", (unsigned char)in.ptr[i]);
        }
    }
    return pv_span_between(out, to);
}

static inline void case_expect(const source_case_t *c, const char *how, const char *says,
                               const char *got)
{
    if (strcmp(says, got) != 0) {
        fail_msg("%s, %s: \"%s\", not \"%s\" (%s; %s)", c->name, how, got, says, c->conf,
                 c->cookies);
    }
}

static inline char *case_ask(const source_case_t *c, const pv_source_t *source,
                             const pv_source_cookie_t *cookies, unsigned n, apr_pool_t *pool)
{
    pv_source_answers_t answers, together;
    const pv_sources_t *all = pv_sources_make(&source, 1, pool);
    char *says;

    pv_source_read(source, cookies, n, &answers);
    pv_sources_read(all, cookies, n, &together);
    says = case_says(&answers, strlen(c->says), pool);
    case_expect(c, "asked together", says, case_says(&together, strlen(c->says), pool));
    return says;
}

/* Nothing is granted that the whole did not grant, nor more by choice. */
static inline void case_no_more(const source_case_t *c, const char *how, const char *got)
{
    for (size_t i = 0; got[i] != '\0'; i++) {
        if ((got[i] == 'g' && c->says[i] != 'g' && c->says[i] != 'G') ||
            (got[i] == 'G' && c->says[i] != 'G')) {
            fail_msg("%s, %s: \"%s\" grants more than \"%s\" (%s)", c->name, how, got, c->says,
                     c->cookies);
        }
    }
}

static inline void case_run_encoded(const source_case_t *c, const pv_source_t *source,
                                    const pv_source_cookie_t *cookies, unsigned n, apr_pool_t *pool)
{
    pv_source_cookie_t encoded[CASE_COOKIES];

    memcpy(encoded, cookies, n * sizeof(*cookies));
    for (int level = 1; level <= 3; level++) {
        const char *how = apr_psprintf(pool, "encoded %d times", level), *got;

        for (unsigned i = 0; i < n; i++) {
            encoded[i].value = case_encode(encoded[i].value, pool);
        }
        got = case_ask(c, source, encoded, n, pool);
        case_no_more(c, how, got);
        if (level <= 2 && !(c->flags & CASE_ENCODED)) {
            case_expect(c, how, c->says, got);
        }
    }
}

static inline void case_run_cut(const source_case_t *c, const pv_source_t *source,
                                const pv_source_cookie_t *cookies, unsigned n, apr_pool_t *pool)
{
    pv_source_cookie_t cut[CASE_COOKIES];

    for (unsigned i = 0; i < n; i++) {
        memcpy(cut, cookies, n * sizeof(*cookies));
        for (apr_size_t len = 0; len <= cookies[i].value.len; len++) {
            const char *how = apr_psprintf(pool, "cookie %u cut to %d", i, (int)len), *got;

            cut[i].value = pv_span(guard_copy(cookies[i].value.ptr, len), len);
            got = case_ask(c, source, cut, n, pool);
            if (len == cookies[i].value.len) {
                case_expect(c, "against a guard page", c->says, got);
            }
            else if (!(c->flags & CASE_UNCUT)) {
                case_no_more(c, how, got);
            }
        }
    }
    guard_free();
}

static inline void case_run(const source_case_t *c)
{
    apr_pool_t *pool;
    pv_source_cookie_t cookies[2 * CASE_COOKIES];
    const pv_source_t *source;
    unsigned n;

    assert_int_equal(apr_pool_create(&pool, NULL), APR_SUCCESS);
    source = case_source(c->conf, pool);
    n = case_split(c->cookies, cookies);
    case_expect(c, "as it stands", c->says, case_ask(c, source, cookies, n, pool));
    memcpy(cookies + n, cookies, n * sizeof(*cookies));
    case_expect(c, "twice", c->says, case_ask(c, source, cookies, 2 * n, pool));
    case_run_encoded(c, source, cookies, n, pool);
    case_run_cut(c, source, cookies, n, pool);
    apr_pool_destroy(pool);
}

/** Run a table, and check that it is not hollow. */
static inline void case_run_all(const source_case_t *cases, size_t n, size_t at_least)
{
    assert_true(n >= at_least);
    for (size_t i = 0; i < n; i++) {
        case_run(&cases[i]);
    }
}

#define CASE_RUN_ALL(cases, at_least)                                                              \
    case_run_all(cases, sizeof(cases) / sizeof((cases)[0]), at_least)

static inline int case_setup(void **state)
{
    (void)state;
    return apr_initialize() == APR_SUCCESS ? 0 : -1;
}

static inline int case_teardown(void **state)
{
    (void)state;
    apr_terminate();
    return 0;
}

#endif /* SOURCE_CASE_H */
