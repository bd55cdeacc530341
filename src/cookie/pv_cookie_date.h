/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file pv_cookie_date.h
 * @brief The cookie-date of RFC 6265bis, section 5.6.1.
 */

#ifndef PV_COOKIE_DATE_H
#define PV_COOKIE_DATE_H

#include <apr_time.h>

#include "pv.h"

/** Bytes of an IMF-fixdate, without a NUL. */
#define PV_COOKIE_DATE_LEN 29

/**
 * Read a cookie-date.
 * @param when gets microseconds since 1970 (negative for 1601 to 1969)
 * @return PV_OK, or PV_BAD where the algorithm fails (ISO dates, `0`, a missing
 *         time): such an Expires is as if it were not there
 */
pv_status_t pv_cookie_date_parse(const char *buf, apr_size_t len, apr_time_t *when);

/** What the readers of a cookie-date make of it, taken together. */
typedef struct {
    /** The latest date that a reader finds; 0 if none does. */
    apr_time_t latest;
    /** At least one reader finds a date. */
    unsigned readable : 1;
    /** All find the same: only then may a past date be taken for a deletion. */
    unsigned certain : 1;
} pv_cookie_date_t;

/**
 * Read a cookie-date as the algorithm does and as Chromium does, which differ
 * where a token mixes digits and other bytes (`1970xy 2099` is 1970 to the one and
 * 2099 to the other) and for years of one digit or of five (rules D4 and R4).
 */
void pv_cookie_date_read(const char *buf, apr_size_t len, pv_cookie_date_t *date);

/**
 * Write an IMF-fixdate (RFC 9110, section 5.6.7): `Thu, 01 Jan 1970 00:00:00 GMT`.
 * A part of a second is dropped. A time after 9999 is written as the last second
 * of 9999, one before 1601 as the first of 1601: what a cookie-date can say.
 * @param out PV_COOKIE_DATE_LEN bytes, no NUL is written
 */
void pv_cookie_date_write(apr_time_t when, char *out);

#endif /* PV_COOKIE_DATE_H */
