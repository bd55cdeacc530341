/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file bits_model.h
 * @brief The bits of a base64url text, one char each, '0' or '1': as slow as can be, and as
 *        simple. Also a writer of such texts, for those that no encoder writes.
 */

#ifndef BITS_MODEL_H
#define BITS_MODEL_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static const char bits_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

#define BITS_MAX 16384

typedef struct {
    char bit[BITS_MAX];
    size_t len;
    size_t at;
    int over; /**< more was asked for than there is */
} bits_t;

/** Digits at the front of the text. */
static inline size_t bits_read(bits_t *bits, const char *text, size_t len)
{
    size_t n = 0;

    memset(bits, 0, sizeof(*bits));
    for (; n < len && bits->len + 6 <= BITS_MAX; n++) {
        const char *digit = memchr(bits_digits, text[n], 64);

        if (digit == NULL) {
            break;
        }
        for (int shift = 5; shift >= 0; shift--) {
            bits->bit[bits->len++] = (char)('0' + ((digit - bits_digits) >> shift & 1));
        }
    }
    return n;
}

/** The next n bits as a number. */
static inline uint64_t bits_next(bits_t *bits, unsigned n)
{
    uint64_t value = 0;

    for (; n > 0; n--) {
        if (bits->at == bits->len) {
            bits->over = 1;
            return 0;
        }
        value = value * 2 + (uint64_t)(bits->bit[bits->at++] - '0');
    }
    return value;
}

/** Nothing is left but zeros. */
static inline int bits_rest_is_zero(const bits_t *bits)
{
    for (size_t i = bits->at; i < bits->len; i++) {
        if (bits->bit[i] != '0') {
            return 0;
        }
    }
    return !bits->over;
}

/** A text whose bits are given. */
typedef struct {
    char text[BITS_MAX / 6 + 1];
    size_t bits;
} bits_writer_t;

static inline void bits_put(bits_writer_t *w, unsigned n, uint64_t value)
{
    while (n-- > 0 && w->bits < BITS_MAX) {
        char *digit = &w->text[w->bits / 6];
        size_t old = w->bits % 6 == 0
                         ? 0
                         : (size_t)((const char *)memchr(bits_digits, *digit, 64) - bits_digits);

        *digit = bits_digits[old | (value >> n & 1) << (5 - w->bits++ % 6)];
    }
}

static inline size_t bits_text_len(const bits_writer_t *w)
{
    return (w->bits + 5) / 6;
}

/** All fields of a TC string in front of the vendors; policy 5, all purposes. */
static inline void bits_put_tcf(bits_writer_t *w, unsigned interests)
{
    memset(w, 0, sizeof(*w));
    bits_put(w, 6, 2);
    bits_put(w, 36, UINT64_C(17672256000));
    bits_put(w, 36, UINT64_C(17672256000));
    bits_put(w, 42, 0);
    bits_put(w, 12, 141);
    bits_put(w, 6, 5);
    bits_put(w, 2, 2);
    bits_put(w, 12, 0);
    bits_put(w, 24, 0xffe000);
    bits_put(w, 24, interests);
    bits_put(w, 13, 0);
}

#endif /* BITS_MODEL_H */
