/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file fuzz.h
 * @brief What every target shares: options from the front of an input, claims, memory.
 *
 * A target is a file with LLVMFuzzerTestOneInput(). It takes its options from the first
 * bytes of the input, so that an input says all there is to say about a run, and claims
 * by FUZZ_CLAIM() what a rule says. See README.
 */

#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <apr_general.h>
#include <apr_pools.h>
#include <apr_strings.h>

#include "pv.h"

/** Called for each input. @return 0 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** Called once, where a target has it. @return 0 */
int LLVMFuzzerInitialize(int *argc, char ***argv) __attribute__((weak));

/** LeakSanitizer's, where it is there: such names are its own to give.
 *  NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
void __lsan_disable(void) __attribute__((weak));
void __lsan_enable(void) __attribute__((weak));
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

/** What is allocated until fuzz_kept() is kept until the process ends. It hangs on pools,
 *  and APR's own memory is not looked at for pointers. */
static inline void fuzz_keep(void)
{
    if (__lsan_disable != NULL) {
        __lsan_disable();
    }
}

static inline void fuzz_kept(void)
{
    if (__lsan_enable != NULL) {
        __lsan_enable();
    }
}

/** APR is there before anything else, once for each file that includes this; it counts. */
static void __attribute__((constructor)) fuzz_begin_apr(void)
{
    fuzz_keep();
    apr_initialize();
    fuzz_kept();
}

/** A property: where it does not hold, the run ends and the input is a finding. */
#define FUZZ_CLAIM(condition, rule)                                                                \
    ((condition) ? (void)0 : fuzz_fail(__FILE__, __LINE__, rule, #condition))

static inline void fuzz_fail(const char *file, int line, const char *rule, const char *condition)
{
    (void)fprintf(stderr, "%s:%d: %s: %s\n", file, line, rule, condition);
    abort();
}

/** The input, less the options that were taken. What is left ends where the
 *  input's memory ends. */
typedef struct {
    const char *ptr;
    size_t len;
} fuzz_in_t;

static inline fuzz_in_t fuzz_in(const uint8_t *data, size_t size)
{
    fuzz_in_t in = { (const char *)data, size };
    return in;
}

/** The next byte of options; 0 where the input is over. */
static inline unsigned fuzz_take(fuzz_in_t *in)
{
    if (in->len == 0) {
        return 0;
    }
    in->len--;
    return (unsigned char)*in->ptr++;
}

/** Memory of exactly this size, at least; sanitizers watch its end. */
static inline void *fuzz_room(size_t size)
{
    /* An empty one has an end, too. NOLINTNEXTLINE(clang-analyzer-optin.portability.UnixAPI) */
    void *room = calloc(1, size);

    if (room == NULL && size > 0) {
        abort();
    }
    return room;
}

/** A copy of exactly len bytes; the caller frees it. */
static inline char *fuzz_copy(const char *buf, size_t len)
{
    char *copy = fuzz_room(len);

    if (len > 0) {
        memcpy(copy, buf, len);
    }
    return copy;
}

/** A pool for one run. */
static inline apr_pool_t *fuzz_pool(void)
{
    apr_pool_t *pool;

    if (apr_pool_create(&pool, NULL) != APR_SUCCESS) {
        abort();
    }
    return pool;
}

/** A set of bits lies in another. */
static inline int fuzz_within(apr_uint64_t set, apr_uint64_t of)
{
    return (set & ~of) == 0;
}

#endif /* FUZZ_H */
