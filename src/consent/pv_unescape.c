/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* Quotes, percent-encoding and base64; see pv_unescape.h. */

#include "consent/pv_unescape.h"

/* clang-format off */
const unsigned char pv_base64_digit[256] = {
    0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
    0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
    0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7e, 0x80, 0x3e, 0x80, 0x7f,
    0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3a, 0x3b, 0x3c, 0x3d, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
    0x80, 0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e,
    0x0f, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x80, 0x80, 0x80, 0x80, 0x3f,
    0x80, 0x1a, 0x1b, 0x1c, 0x1d, 0x1e, 0x1f, 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x28,
    0x29, 0x2a, 0x2b, 0x2c, 0x2d, 0x2e, 0x2f, 0x30, 0x31, 0x32, 0x33, 0x80, 0x80, 0x80, 0x80, 0x80,
    0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
    0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
    0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
    0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
    0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
    0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
    0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
    0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
};
/* clang-format on */

static inline unsigned digit(const char *p)
{
    return pv_base64_digit[(unsigned char)*p];
}

/* A consent string has hundreds of digits on every request: they are looked at as
 * vectors, for which compilers make do where the machine has none. */
typedef unsigned char bytes_t __attribute__((vector_size(16)));

/* All ones where there is a digit. */
static inline bytes_t digits_of(const char *p)
{
    bytes_t c;

    memcpy(&c, p, sizeof(c));
    return (bytes_t)(((c | 0x20) - 'a') < 26) | (bytes_t)((c - '0') < 10) | (bytes_t)(c == '-') |
           (bytes_t)(c == '_');
}

static inline int all_ones(bytes_t bytes)
{
    apr_uint64_t half[2];

    memcpy(half, &bytes, sizeof(half));
    return (half[0] & half[1]) == ~APR_UINT64_C(0);
}

apr_size_t pv_base64url_run(const char *buf, apr_size_t len)
{
    const apr_size_t step = sizeof(bytes_t);
    apr_size_t i = 0;

    while (len - i >= 2 * step && all_ones(digits_of(buf + i) & digits_of(buf + i + step))) {
        i += 2 * step;
    }
    if (len - i >= step && all_ones(digits_of(buf + i))) {
        i += step;
    }
    while (i < len && !(digit(buf + i) & (PV_BASE64_NOT | PV_BASE64_PLAIN))) {
        i++;
    }
    return i;
}

pv_status_t pv_base64_decode(pv_span_t in, char *out, pv_span_t *text)
{
    apr_size_t len = in.len, used = 0;
    apr_uint32_t bits = 0;
    unsigned have = 0;

    while (len > 0 && in.len - len < 2 && in.ptr[len - 1] == '=') {
        len--;
    }
    if (len % 4 == 1 || (len != in.len && in.len % 4 != 0)) {
        return PV_BAD;
    }
    for (apr_size_t i = 0; i < len; i++) {
        unsigned value = digit(in.ptr + i);

        if (value & PV_BASE64_NOT) {
            return PV_BAD;
        }
        bits = (bits << 6) | (value & 0x3f);
        have += 6;
        if (have >= 8) {
            have -= 8;
            out[used++] = (char)(bits >> have);
        }
    }
    *text = pv_span(out, used);
    return PV_OK;
}

static int hex(char c)
{
    if (pv_is_digit(c)) {
        return c - '0';
    }
    c = pv_lower(c);
    return (c >= 'a' && c <= 'f') ? c - 'a' + 10 : -1;
}

pv_span_t pv_percent_decode(pv_span_t in, char *out)
{
    apr_size_t used = 0;

    for (apr_size_t i = 0; i < in.len; i++) {
        if (in.ptr[i] == '%' && in.len - i > 2 && hex(in.ptr[i + 1]) >= 0 &&
            hex(in.ptr[i + 2]) >= 0) {
            out[used++] = (char)(hex(in.ptr[i + 1]) << 4 | hex(in.ptr[i + 2]));
            i += 2;
        }
        else {
            out[used++] = in.ptr[i];
        }
    }
    return pv_span(out, used);
}

static int is_octal(char c)
{
    return c >= '0' && c <= '7';
}

/* The byte that the escape at p stands for; *used gets the escape's length, 0 if
 * it is cut short. */
static char unescape(const char *p, const char *end, apr_size_t *used)
{
    *used = 0;
    if (end - p < 2) {
        return 0;
    }
    if (end - p >= 4 && p[1] <= '3' && is_octal(p[1]) && is_octal(p[2]) && is_octal(p[3])) {
        *used = 4;
        return (char)((p[1] - '0') << 6 | (p[2] - '0') << 3 | (p[3] - '0'));
    }
    *used = 2;
    return p[1];
}

pv_status_t pv_unquote(pv_span_t in, char *out, pv_span_t *text)
{
    const char *p = in.ptr, *end;
    apr_size_t used = 0, step;

    *text = in;
    if (in.len == 0 || *p != '"') {
        return PV_OK;
    }
    if (in.len == 1 || in.ptr[in.len - 1] != '"') {
        return PV_BAD;
    }
    end = in.ptr + in.len - 1;
    for (p++; p < end; p += step) {
        step = 1;
        out[used] = *p;
        if (*p == '\\') {
            out[used] = unescape(p, end, &step);
            if (step == 0) {
                return PV_BAD;
            }
        }
        used++;
    }
    *text = pv_span(out, used);
    return PV_OK;
}
