/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "policy/pv_octet.h"
#include "policy/pv_query.h"

static int hex_pair(const char *p, const char *end)
{
    int high = end - p >= 2 ? pv_hex_value(p[0]) : -1;
    int low = high >= 0 ? pv_hex_value(p[1]) : -1;

    return low >= 0 ? high * 16 + low : -1;
}

/** Unlike in a URL reference, tabs and newlines are bytes like any other here. */
static apr_size_t decode_name(const char *p, const char *end, char *out)
{
    char *begin = out;

    for (; p < end; p++) {
        int byte = *p == '%' ? hex_pair(p + 1, end) : -1;

        if (byte >= 0) {
            *out++ = (char)byte;
            p += 2;
        }
        else {
            *out++ = *p == '+' ? ' ' : *p;
        }
    }
    return (apr_size_t)(out - begin);
}

static int is_denied(const char *p, const char *end, pv_query_denied_fn denied, void *data,
                     char *room)
{
    const char *equals = memchr(p, '=', (apr_size_t)(end - p));
    apr_size_t len = decode_name(p, equals != NULL ? equals : end, room);

    return p < end && denied(data, room, len);
}

pv_query_result_t pv_query_filter(const char *buf, apr_size_t len, pv_query_denied_fn denied,
                                  void *data, char *out, apr_size_t *out_len)
{
    const char *p = buf, *end = buf + len;
    apr_size_t written = 0, kept = 0, gone = 0;

    *out_len = 0;
    if (len == 0) {
        return PV_QUERY_SAME;
    }
    for (;;) {
        const char *next = memchr(p, '&', (apr_size_t)(end - p));
        const char *stop = next != NULL ? next : end;

        /* What is written is never longer than what was read: the rest of out has
         * room for the name. */
        if (is_denied(p, stop, denied, data, out + written)) {
            gone++;
        }
        else {
            if (kept++ > 0) {
                out[written++] = '&';
            }
            memcpy(out + written, p, (apr_size_t)(stop - p));
            written += (apr_size_t)(stop - p);
        }
        if (next == NULL) {
            break;
        }
        p = next + 1;
    }
    *out_len = written;
    return gone == 0 ? PV_QUERY_SAME : written > 0 ? PV_QUERY_CHANGED : PV_QUERY_EMPTY;
}

pv_query_result_t pv_query_filter_url(const char *buf, apr_size_t len, pv_query_denied_fn denied,
                                      void *data, char *out, apr_size_t *out_len)
{
    const char *fragment = len > 0 ? memchr(buf, '#', len) : NULL;
    const char *end = fragment != NULL ? fragment : buf + len;
    const char *query = len > 0 ? memchr(buf, '?', (apr_size_t)(end - buf)) : NULL;
    apr_size_t head, written, tail;
    pv_query_result_t result;

    *out_len = 0;
    if (query == NULL) {
        return PV_QUERY_SAME;
    }
    head = (apr_size_t)(query + 1 - buf);
    tail = (apr_size_t)(buf + len - end);
    result = pv_query_filter(query + 1, (apr_size_t)(end - query - 1), denied, data, out + head,
                             &written);
    if (result == PV_QUERY_SAME) {
        return PV_QUERY_SAME;
    }
    head -= result == PV_QUERY_EMPTY;
    memcpy(out, buf, head);
    memcpy(out + head + written, end, tail);
    *out_len = head + written + tail;
    return PV_QUERY_CHANGED;
}
