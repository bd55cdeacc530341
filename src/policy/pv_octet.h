/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file pv_octet.h
 * @brief Bytes of a URL: hexadecimal digits, percent-encoding, what parsers drop.
 */

#ifndef PV_OCTET_H
#define PV_OCTET_H

#include "pv.h"

/** The value of a hexadecimal digit, or -1. */
static inline int pv_hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = pv_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/** The URL parser drops these wherever they stand. */
static inline int pv_is_url_dropped(char c)
{
    return c == '\t' || c == '\n' || c == '\r';
}

/** Bytes of a URL, one at a time, without those that the parser drops. */
typedef struct {
    const char *at;
    const char *end;
} pv_octets_t;

/** The next byte as it stands, or -1 at the end. */
static inline int pv_octets_raw(pv_octets_t *in)
{
    while (in->at < in->end && pv_is_url_dropped(*in->at)) {
        in->at++;
    }
    return in->at < in->end ? (unsigned char)*in->at++ : -1;
}

/** The next byte, percent-encoding decoded, or -1 at the end. A `%` that two
 *  hexadecimal digits do not follow is itself. */
static inline int pv_octets_decoded(pv_octets_t *in)
{
    int byte = pv_octets_raw(in);

    if (byte == '%') {
        pv_octets_t ahead = *in;
        int high = pv_octets_raw(&ahead);
        int low = pv_octets_raw(&ahead);

        high = high < 0 ? -1 : pv_hex_value((char)high);
        low = low < 0 ? -1 : pv_hex_value((char)low);
        if (high >= 0 && low >= 0) {
            *in = ahead;
            byte = high * 16 + low;
        }
    }
    return byte;
}

/** Decode percent-encoding once. What is no `%XX` stays as it is; so does `+`.
 *  @param out as many bytes as in has; may be where these stand
 *  @return the bytes in out */
static inline pv_span_t pv_percent_decode(pv_span_t in, char *out)
{
    apr_size_t used = 0;

    for (apr_size_t i = 0; i < in.len; i++) {
        if (in.ptr[i] == '%' && in.len - i > 2 && pv_hex_value(in.ptr[i + 1]) >= 0 &&
            pv_hex_value(in.ptr[i + 2]) >= 0) {
            out[used++] = (char)(pv_hex_value(in.ptr[i + 1]) << 4 | pv_hex_value(in.ptr[i + 2]));
            i += 2;
        }
        else {
            out[used++] = in.ptr[i];
        }
    }
    return pv_span(out, used);
}

#endif /* PV_OCTET_H */
