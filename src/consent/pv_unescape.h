/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file pv_unescape.h
 * @brief What wraps a consent manager's value in a cookie: one pair of quotes,
 *        percent-encoding, base64.
 *
 * Every function writes at most as many bytes as it reads, so that out may be
 * the input's own buffer.
 */

#ifndef PV_UNESCAPE_H
#define PV_UNESCAPE_H

#include "pv.h"

/**
 * For each byte its value as a digit of base64: the low six bits. PV_BASE64_NOT
 * is set for what is no digit, PV_BASE64_PLAIN for `+` and `/`, which the
 * alphabet for URLs (RFC 4648, section 5) writes `-` and `_`.
 */
extern const unsigned char pv_base64_digit[256];

#define PV_BASE64_PLAIN 0x40
#define PV_BASE64_NOT   0x80

/** How many bytes at the front are digits of base64url. */
apr_size_t pv_base64url_run(const char *buf, apr_size_t len);

/**
 * Decode base64 of either alphabet, with or without padding.
 * @param out at least len bytes
 * @param text gets what was written to out
 * @return PV_OK; PV_BAD for any other byte, padding elsewhere than at the end,
 *         or a length that no encoder writes
 */
pv_status_t pv_base64_decode(pv_span_t in, char *out, pv_span_t *text);

/**
 * Take off one pair of double quotes, and inside them what Python's cookie
 * writers escape: `\"`, `\\`, and `\ooo` for a byte.
 * @param text gets in itself if it does not begin with a quote
 * @return PV_OK, or PV_BAD for quotes without their other half or an escape cut short
 */
pv_status_t pv_unquote(pv_span_t in, char *out, pv_span_t *text);

#endif /* PV_UNESCAPE_H */
