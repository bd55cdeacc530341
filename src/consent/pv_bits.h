/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file pv_bits.h
 * @brief Bits of a base64url text, most significant first, read where they
 *        stand: nothing is decoded that nobody asks for.
 */

#ifndef PV_BITS_H
#define PV_BITS_H

#include "consent/pv_unescape.h"

typedef struct {
    const char *at, *end; /**< digits of base64url, checked before */
    apr_uint64_t held;    /**< its low `have` bits are next */
    unsigned have;
    unsigned over : 1; /**< more was asked for than there is; what was taken is 0 */
} pv_bits_t;

static inline pv_bits_t pv_bits(pv_span_t digits)
{
    pv_bits_t bits = { digits.ptr, digits.ptr + digits.len, 0, 0, 0 };
    return bits;
}

/** The next n bits as a number, n from 1 to 56. */
static inline apr_uint64_t pv_bits_take(pv_bits_t *bits, unsigned n)
{
    if (bits->have < n) {
        unsigned more = (n - bits->have + 5) / 6;

        if ((apr_size_t)(bits->end - bits->at) < more) {
            bits->at = bits->end;
            bits->over = 1;
            return 0;
        }
        bits->have += 6 * more;
        do {
            bits->held = bits->held << 6 | pv_base64_digit[(unsigned char)*bits->at++];
        } while (--more > 0);
    }
    bits->have -= n;
    return bits->held >> bits->have & ((APR_UINT64_C(1) << n) - 1);
}

static inline void pv_bits_skip(pv_bits_t *bits, unsigned n)
{
    if (n <= bits->have) {
        bits->have -= n;
        return;
    }
    n -= bits->have;
    bits->have = 0;
    if ((apr_size_t)(bits->end - bits->at) < n / 6) {
        bits->at = bits->end;
        bits->over = 1;
        return;
    }
    bits->at += n / 6;
    if (n % 6 > 0) {
        pv_bits_take(bits, n % 6);
    }
}

/** Nothing but zeros is left, and no more was asked for than there was. */
static inline int pv_bits_done(pv_bits_t *bits)
{
    if (bits->over || (bits->held & ((APR_UINT64_C(1) << bits->have) - 1)) != 0) {
        return 0;
    }
    while (bits->at < bits->end && *bits->at == 'A') {
        bits->at++;
    }
    return bits->at == bits->end;
}

#endif /* PV_BITS_H */
