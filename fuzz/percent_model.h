/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file percent_model.h
 * @brief Percent-encoding undone, byte by byte.
 */

#ifndef PERCENT_MODEL_H
#define PERCENT_MODEL_H

#include "fuzz.h"

static inline int percent_hex(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = memchr(digits, pv_lower(c), 16);

    return at != NULL ? (int)(at - digits) : -1;
}

/** @return the bytes in out; *broken counts the % that stay since no two digits follow */
static inline size_t percent_model(pv_span_t in, char *out, int *broken)
{
    size_t len = 0;

    *broken = 0;
    for (size_t i = 0; i < in.len; i++) {
        int high = i + 2 < in.len ? percent_hex(in.ptr[i + 1]) : -1;
        int low = high >= 0 ? percent_hex(in.ptr[i + 2]) : -1;

        if (in.ptr[i] == '%' && low >= 0) {
            out[len++] = (char)(16 * high + low);
            i += 2;
        }
        else {
            *broken += in.ptr[i] == '%';
            out[len++] = in.ptr[i];
        }
    }
    return len;
}

/** The same of a form's name or value, in which + is a space. @param room in.len bytes */
static inline size_t percent_model_form(pv_span_t in, char *room, char *out, int *broken)
{
    for (size_t i = 0; i < in.len; i++) {
        room[i] = in.ptr[i] == '+' ? ' ' : in.ptr[i];
    }
    return percent_model(pv_span(room, in.len), out, broken);
}

#endif /* PERCENT_MODEL_H */
