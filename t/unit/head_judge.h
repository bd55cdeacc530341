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

/** `; Max-Age=0` stands at the end, whatever white space is in it. */
static inline int head_deletes(pv_span_t value)
{
    static const char deleted[] = "Max-Age=0";
    size_t tail = sizeof(deleted) - 1;

    if (value.len < tail || memcmp(value.ptr + value.len - tail, deleted, tail) != 0) {
        return 0;
    }
    value = pv_span_trim(pv_span(value.ptr, value.len - tail), pv_is_outer_space);
    return value.len > 0 && value.ptr[value.len - 1] == ';';
}

/** Cookies whose name begins with _ go, unless a Max-Age=0 stands at the end; `long`
 *  gets another value, unless it is deleted; and a Link to
 *  a tracker goes. */
static inline pv_field_t head_judge(void *ctx, pv_span_t name, pv_span_t value,
                                    pv_span_t *replacement)
{
    (void)ctx;
    if (pv_span_eq_nocase(name, PV_SPAN("Set-Cookie"))) {
        if (head_deletes(value)) {
            return PV_FIELD_KEEP;
        }
        if (head_begins(value, PV_SPAN("_"))) {
            return PV_FIELD_DROP;
        }
        if (head_begins(value, PV_SPAN("long="))) {
            *replacement = PV_SPAN("long=1; Max-Age=60");
            return pv_span_eq(value, *replacement) ? PV_FIELD_KEEP : PV_FIELD_REPLACE;
        }
    }
    if (pv_span_eq_nocase(name, PV_SPAN("Link")) &&
        head_begins(value, PV_SPAN("<https://t.test/"))) {
        return PV_FIELD_DROP;
    }
    return PV_FIELD_KEEP;
}

#endif /* HEAD_JUDGE_H */
