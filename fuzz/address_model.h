/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file address_model.h
 * @brief Where an address leads that a page sends a visitor to (M4, M6).
 */

#ifndef ADDRESS_MODEL_H
#define ADDRESS_MODEL_H

#include "fuzz.h"

/** The nth byte that a URL parser looks at, which drops tabs and newlines; 0 behind the
 *  last. */
static inline char address_byte(pv_span_t address, size_t n)
{
    for (size_t i = 0; i < address.len; i++) {
        char c = address.ptr[i];

        if (c != '\t' && c != '\n' && c != '\r' && n-- == 0) {
            return c;
        }
    }
    return '\0';
}

/** A path of this host: a second slash of either kind would begin another. */
static inline int address_is_path(pv_span_t address)
{
    char second = address_byte(address, 1);

    return address_byte(address, 0) == '/' && second != '/' && second != '\\';
}

/** The way back after a choice: such a path, visible ASCII, and no more than fits in a
 *  header line. */
static inline int address_is_way_back(pv_span_t address)
{
    for (size_t i = 0; i < address.len; i++) {
        if (address.ptr[i] < '!' || address.ptr[i] > '~') {
            return 0;
        }
    }
    return address.len <= 8000 && address_is_path(address);
}

#endif /* ADDRESS_MODEL_H */
