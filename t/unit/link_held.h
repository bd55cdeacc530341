/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file link_held.h
 * @brief The one tracker that a Link header is asked about, by unit tests and fuzz
 *        targets.
 */

#ifndef LINK_HELD_H
#define LINK_HELD_H

#include <string.h>

#include <apr.h>

/** Held is whatever names t.example as host behind two slashes. */
static inline int link_is_held(void *data, const char *ref, apr_size_t len)
{
    (void)data;
    for (apr_size_t i = 0; i + 11 <= len; i++) {
        if (memcmp(ref + i, "//t.example", 11) == 0) {
            return 1;
        }
    }
    return 0;
}

#endif /* LINK_HELD_H */
