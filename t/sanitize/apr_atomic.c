/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* Loaded before APR where ThreadSanitizer looks: httpd's threads hand each other
 * their pools by this one of APR's atomic operations, and APR is not compiled with
 * -fsanitize=thread. Mostly they meet at a lock a moment later; where they do not, it
 * would be seen that they share memory and not that they take turns. The operation is
 * APR's own, and says before it that what this thread has done is done, and after it
 * that this thread has seen what others had done.
 *
 * Locks and conditions need nothing, since the runtime stands in front of pthread's.
 * Counters are left as they are: they hand nothing over, and an order that they make
 * by chance hides a race. */

#include <dlfcn.h>
#include <apr_atomic.h>

/* NOLINTNEXTLINE(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): the runtime's. */
void __tsan_acquire(void *at);
/* NOLINTNEXTLINE(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
void __tsan_release(void *at);

void *apr_atomic_casptr(volatile void **mem, void *with, const void *cmp)
{
    __typeof__(apr_atomic_casptr) *aprs = dlsym(RTLD_NEXT, "apr_atomic_casptr");
    void *got;

    __tsan_release((void *)mem);
    got = aprs(mem, with, cmp);
    __tsan_acquire((void *)mem);
    return got;
}
