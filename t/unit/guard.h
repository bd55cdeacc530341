/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file guard.h
 * @brief An input that ends flush against a page nobody may read: one byte too
 *        many is a crash, with or without sanitizers.
 */

#ifndef GUARD_H
#define GUARD_H

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static char *guard_area;
static size_t guard_size;

static inline void guard_free(void)
{
    if (guard_area != NULL) {
        munmap(guard_area, guard_size);
        guard_area = NULL;
    }
}

/** A copy of len bytes whose end is the end of the readable memory; it lives
 *  until the next call or guard_free(). */
static inline char *guard_copy(const char *buf, size_t len)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t room = (len / page + 1) * page;
    char *at;

    guard_free();
    guard_size = room + page;
    guard_area = mmap(NULL, guard_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (guard_area == MAP_FAILED) {
        abort();
    }
    if (mprotect(guard_area + room, page, PROT_NONE) != 0) {
        abort();
    }
    at = guard_area + room - len;
    if (len > 0) {
        memcpy(at, buf, len);
    }
    return at;
}

#endif /* GUARD_H */
