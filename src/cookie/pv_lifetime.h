/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file pv_lifetime.h
 * @brief LIFETIME as directives write it, and in words.
 */

#ifndef PV_LIFETIME_H
#define PV_LIFETIME_H

#include "cookie/pv_set_cookie.h"

/** A LIFETIME `any`: the policy promises no limit. */
#define PV_LIFETIME_ANY APR_INT64_MAX

/** What a LIFETIME may be, for error messages. */
#define PV_LIFETIME_SYNTAX "session, any, or a number with s, min, h, d, w, mon or y"

/** `mon` is a twelfth of `y`, and `y` is 365 days. */
#define PV_SECONDS_MONTH APR_INT64_C(2628000)
#define PV_SECONDS_YEAR  (APR_INT64_C(365) * 86400)

/**
 * Read a LIFETIME: `session`, `any`, or digits followed by one of
 * `s min h d w mon y`; lower case, no space, at least 1, at most 1000 years.
 * @param seconds gets PV_LIFETIME_SESSION, PV_LIFETIME_ANY or a positive number
 * @return PV_OK, or PV_BAD
 */
pv_status_t pv_lifetime_parse(const char *buf, apr_size_t len, apr_int64_t *seconds);

#endif /* PV_LIFETIME_H */
