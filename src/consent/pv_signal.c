/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "consent/pv_signal.h"

int pv_signal_present(const char *buf, apr_size_t len)
{
    const char *end = buf + len;

    for (const char *p = buf; p < end; p++) {
        const char *comma = memchr(p, ',', (apr_size_t)(end - p));
        const char *stop = comma ? comma : end;

        if (pv_span_eq(pv_span_trim(pv_span_between(p, stop), pv_is_wsp), PV_SPAN("1"))) {
            return 1;
        }
        p = stop;
    }
    return 0;
}
