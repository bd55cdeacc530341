/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/*
 * Parameters taken out of a query (Q5). Option: a query, or a whole URL; which parameters
 * are denied.
 */

#include "fuzz.h"

#include "percent_model.h"
#include "policy/pv_query.h"

#define ROOM 2048

static const char *const names[] = { "gclid", "a b", "fbclid", "a=b", "" };

/* Which of the names go; NUL in a name is a name as well. */
static int denied(void *data, const char *name, apr_size_t len)
{
    unsigned mask = *(unsigned *)data;

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (mask >> i & 1 && strlen(names[i]) == len && memcmp(names[i], name, len) == 0) {
            return 1;
        }
    }
    return 0;
}

/* What stands in front of the =, decoded. */
static size_t name_of(pv_span_t param, char *out)
{
    static char room[ROOM];
    const char *eq = memchr(param.ptr, '=', param.len);
    int broken;

    param.len = eq != NULL ? (size_t)(eq - param.ptr) : param.len;
    return percent_model_form(param, room, out, &broken);
}

/* @return how many parameters go; *len bytes in out are those that stay */
static int model_filter(pv_span_t query, unsigned mask, char *out, size_t *len)
{
    static char name[ROOM];
    int kept = 0, gone = 0;

    *len = 0;
    for (size_t begin = 0, end; begin <= query.len; begin = end + 1) {
        pv_span_t param;

        for (end = begin; end < query.len && query.ptr[end] != '&'; end++) {
        }
        param = pv_span(query.ptr + begin, end - begin);
        /* An empty one is no parameter. */
        if (param.len > 0 && denied(&mask, name, name_of(param, name))) {
            gone++;
            continue;
        }
        if (kept++ > 0) {
            out[(*len)++] = '&';
        }
        memcpy(out + *len, param.ptr, param.len);
        *len += param.len;
    }
    return gone;
}

static void check(pv_query_result_t result, pv_query_result_t want, pv_span_t got, pv_span_t left)
{
    FUZZ_CLAIM(result == want, "Q5 same, changed or empty");
    FUZZ_CLAIM(result == PV_QUERY_SAME || pv_span_eq(got, left), "Q5 what is denied goes alone");
}

static void check_query(pv_span_t query, unsigned mask)
{
    static char want[ROOM];
    char *out = fuzz_room(query.len);
    size_t len;
    apr_size_t out_len;
    int gone = model_filter(query, mask, want, &len);
    pv_query_result_t result = pv_query_filter(query.ptr, query.len, denied, &mask, out, &out_len);

    check(result,
          gone == 0  ? PV_QUERY_SAME
          : len == 0 ? PV_QUERY_EMPTY
                     : PV_QUERY_CHANGED,
          pv_span(out, out_len), pv_span(want, len));
    free(out);
}

static void check_url(pv_span_t url, unsigned mask)
{
    static char want[ROOM];
    char *out = fuzz_room(url.len);
    size_t begin = 0, end = 0, len = 0, kept;
    pv_query_result_t result;
    apr_size_t out_len;
    int gone = 0;

    while (end < url.len && url.ptr[end] != '#') {
        end++;
    }
    while (begin < end && url.ptr[begin] != '?') {
        begin++;
    }
    if (begin < end) {
        memcpy(want, url.ptr, begin + 1);
        gone = model_filter(pv_span(url.ptr + begin + 1, end - begin - 1), mask, want + begin + 1,
                            &kept);
        len = begin + (kept > 0 ? 1 + kept : 0);
        memcpy(want + len, url.ptr + end, url.len - end);
        len += url.len - end;
    }
    result = pv_query_filter_url(url.ptr, url.len, denied, &mask, out, &out_len);
    check(result, gone > 0 ? PV_QUERY_CHANGED : PV_QUERY_SAME, pv_span(out, out_len),
          pv_span(want, len));
    free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_in_t in = fuzz_in(data, size);
    unsigned option = fuzz_take(&in);
    char *exact;

    if (in.len > ROOM / 2) {
        return 0;
    }
    exact = fuzz_copy(in.ptr, in.len);
    (option & 1 ? check_url : check_query)(pv_span(exact, in.len), option >> 1);
    free(exact);
    return 0;
}
