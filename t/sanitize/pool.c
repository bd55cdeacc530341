/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* Memory of pools as an instrument can look at it. A pool cuts many blocks from one
 * of malloc's, side by side, and keeps that for the next request: a sanitizer sees
 * neither a step into the neighbour nor the use of what a cleared pool had. Linked
 * into the instrumented builds with --wrap, these give the module and the unit
 * tests a block of malloc's own for each, freed when the pool is cleared. What APR
 * and httpd allocate for themselves stays as it is.
 *
 * Wherever APR composes a string it does so in the pool, and the result is moved. */

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <apr_pools.h>
#include <apr_strings.h>

#if defined(__SANITIZE_THREAD__)
/* The runtime's: "this thread writes to this byte". Two threads that allocate from
 * one pool without a lock corrupt it, inside of APR where nobody looks. */
void __tsan_write1(void *at);
#define POOL_IS_CHANGED(pool) __tsan_write1(pool)
#else
#define POOL_IS_CHANGED(pool) (void)(pool)
#endif

/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): the linker's
 * names for what it puts in the place of a function. */
void *__wrap_apr_palloc(apr_pool_t *pool, apr_size_t size);
void *__wrap_apr_pmemdup(apr_pool_t *pool, const void *from, apr_size_t size);
char *__wrap_apr_pstrdup(apr_pool_t *pool, const char *text);
char *__wrap_apr_pstrndup(apr_pool_t *pool, const char *text, apr_size_t len);
char *__wrap_apr_pstrmemdup(apr_pool_t *pool, const char *text, apr_size_t len);
char *__wrap_apr_pstrcat(apr_pool_t *pool, ...);
char *__wrap_apr_psprintf(apr_pool_t *pool, const char *format, ...);
char *__wrap_apr_pvsprintf(apr_pool_t *pool, const char *format, va_list args);
char *__real_apr_pvsprintf(apr_pool_t *pool, const char *format, va_list args);

static apr_status_t release(void *block)
{
    free(block);
    return APR_SUCCESS;
}

void *__wrap_apr_palloc(apr_pool_t *pool, apr_size_t size)
{
    void *block = malloc(size);

    if (block == NULL) {
        abort();
    }
    memset(block, 0xa5, size); /* who reads what nobody has written is to see that */
    POOL_IS_CHANGED(pool);
    apr_pool_cleanup_register(pool, block, release, apr_pool_cleanup_null);
    return block;
}

void *__wrap_apr_pmemdup(apr_pool_t *pool, const void *from, apr_size_t size)
{
    return from != NULL ? memcpy(__wrap_apr_palloc(pool, size), from, size) : NULL;
}

char *__wrap_apr_pstrmemdup(apr_pool_t *pool, const char *text, apr_size_t len)
{
    char *copy;

    if (text == NULL) {
        return NULL;
    }
    copy = __wrap_apr_palloc(pool, len + 1);
    memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

char *__wrap_apr_pstrndup(apr_pool_t *pool, const char *text, apr_size_t len)
{
    return text != NULL ? __wrap_apr_pstrmemdup(pool, text, strnlen(text, len)) : NULL;
}

char *__wrap_apr_pstrdup(apr_pool_t *pool, const char *text)
{
    return text != NULL ? __wrap_apr_pstrmemdup(pool, text, strlen(text)) : NULL;
}

char *__wrap_apr_pvsprintf(apr_pool_t *pool, const char *format, va_list args)
{
    return __wrap_apr_pstrdup(pool, __real_apr_pvsprintf(pool, format, args));
}

char *__wrap_apr_psprintf(apr_pool_t *pool, const char *format, ...)
{
    va_list args;
    char *text;

    va_start(args, format);
    text = __wrap_apr_pvsprintf(pool, format, args);
    va_end(args);
    return text;
}

char *__wrap_apr_pstrcat(apr_pool_t *pool, ...)
{
    va_list args;
    const char *part;
    size_t len = 0;
    char *text, *at;

    va_start(args, pool);
    while ((part = va_arg(args, const char *)) != NULL) {
        len += strlen(part);
    }
    va_end(args);
    text = at = __wrap_apr_palloc(pool, len + 1);
    va_start(args, pool);
    while ((part = va_arg(args, const char *)) != NULL) {
        at = stpcpy(at, part);
    }
    va_end(args);
    *at = '\0';
    return text;
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
