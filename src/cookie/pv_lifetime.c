/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "cookie/pv_lifetime.h"

#define LONGEST (1000 * PV_SECONDS_YEAR)

static const struct {
    pv_span_t word;
    apr_int64_t seconds;
} units[] = {
    { { "s", 1 }, 1 },
    { { "min", 3 }, 60 },
    { { "h", 1 }, 3600 },
    { { "d", 1 }, 86400 },
    { { "w", 1 }, APR_INT64_C(7) * 86400 },
    { { "mon", 3 }, PV_SECONDS_MONTH },
    { { "y", 1 }, PV_SECONDS_YEAR },
};

/** Seconds of a unit, or 0. */
static apr_int64_t unit_seconds(pv_span_t word)
{
    for (apr_size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (pv_span_eq(word, units[i].word)) {
            return units[i].seconds;
        }
    }
    return 0;
}

pv_status_t pv_lifetime_parse(const char *buf, apr_size_t len, apr_int64_t *seconds)
{
    pv_span_t all = pv_span(buf, len);
    apr_int64_t number = 0, unit;
    apr_size_t at = 0;

    if (pv_span_eq(all, PV_SPAN("session"))) {
        *seconds = PV_LIFETIME_SESSION;
        return PV_OK;
    }
    if (pv_span_eq(all, PV_SPAN("any"))) {
        *seconds = PV_LIFETIME_ANY;
        return PV_OK;
    }
    while (at < len && pv_is_digit(buf[at]) && number <= LONGEST) {
        number = number * 10 + (buf[at++] - '0');
    }
    unit = unit_seconds(pv_span_between(buf + at, buf + len));
    if (unit == 0 || number < 1 || number > LONGEST / unit) {
        return PV_BAD;
    }
    *seconds = number * unit;
    return PV_OK;
}
