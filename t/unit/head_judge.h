/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file head_judge.h
 * @brief A simple judge of the fields of a head, for unit tests and fuzz targets.
 */

#ifndef HEAD_JUDGE_H
#define HEAD_JUDGE_H

#include "enforce/pv_head.h"

static inline int head_begins(pv_span_t value, pv_span_t with)
{
    return value.len >= with.len && memcmp(value.ptr, with.ptr, with.len) == 0;
}

/** What stands in front of `; attribute` at the end, whatever white space is in it: reading
 *  by reading a fold leaves another. */
static inline int head_ends(pv_span_t *value, pv_span_t attribute)
{
    pv_span_t front = *value;

    if (front.len < attribute.len ||
        memcmp(front.ptr + front.len - attribute.len, attribute.ptr, attribute.len) != 0) {
        return 0;
    }
    front = pv_span_trim(pv_span(front.ptr, front.len - attribute.len), pv_is_outer_space);
    if (front.len == 0 || front.ptr[front.len - 1] != ';') {
        return 0;
    }
    *value = pv_span(front.ptr, front.len - 1);
    return 1;
}

/** Cookies whose name begins with _ go, unless a Max-Age=0 stands at the end; `long`
 *  gets another value, unless it is deleted; and a Link to
 *  a tracker goes. */
static inline pv_field_t head_judge(void *ctx, pv_span_t name, pv_span_t value,
                                    pv_span_t *replacement)
{
    (void)ctx;
    if (pv_span_eq_nocase(name, PV_SPAN("Set-Cookie"))) {
        pv_span_t pair = value;

        if (head_ends(&pair, PV_SPAN("Max-Age=0"))) {
            return PV_FIELD_KEEP;
        }
        if (head_begins(value, PV_SPAN("_"))) {
            return PV_FIELD_DROP;
        }
        if (head_begins(value, PV_SPAN("long="))) {
            *replacement = PV_SPAN("long=1; Max-Age=60");
            return head_ends(&pair, PV_SPAN("Max-Age=60")) && pv_span_eq(pair, PV_SPAN("long=1"))
                       ? PV_FIELD_KEEP
                       : PV_FIELD_REPLACE;
        }
    }
    if (pv_span_eq_nocase(name, PV_SPAN("Link")) &&
        head_begins(value, PV_SPAN("<https://t.test/"))) {
        return PV_FIELD_DROP;
    }
    return PV_FIELD_KEEP;
}

#endif /* HEAD_JUDGE_H */
