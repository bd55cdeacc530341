/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* A document on its way through the scanner: what is kept of it, what is passed. */

#include <stddef.h>

#include "html/pv_scan_private.h"

/* How much of a new chunk is joined to what was kept, at first. */
#define JOIN 256

static void init_stops(pv_scan_t *scan)
{
    static const pv_tag_e always[] = {
        PV_TAG_COL,      PV_TAG_FRAMESET, PV_TAG_IFRAME,   PV_TAG_INPUT,    PV_TAG_KEYGEN,
        PV_TAG_MATH,     PV_TAG_NOEMBED,  PV_TAG_NOFRAMES, PV_TAG_NOSCRIPT, PV_TAG_PLAINTEXT,
        PV_TAG_SCRIPT,   PV_TAG_SELECT,   PV_TAG_STYLE,    PV_TAG_SVG,      PV_TAG_TEMPLATE,
        PV_TAG_TEXTAREA, PV_TAG_TITLE,    PV_TAG_XMP,
    };

    if (scan->options.want != NULL) {
        memcpy(scan->stops, scan->options.want, sizeof(scan->stops));
    }
    for (apr_size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++) {
        scan->stops[always[i]] = PV_SCAN_WANT;
    }
}

pv_scan_t *pv_scan_create(const pv_scan_options_t *options, pv_scan_sink_t sink, void *ctx,
                          apr_pool_t *pool)
{
    pv_scan_t *scan = apr_palloc(pool, sizeof(*scan));
    pv_lane_t *lane = &scan->store[0];

    /* A further lane is a copy of another, and nodes are written before they are read. */
    memset(scan, 0, offsetof(pv_scan_t, store));
    memset(lane, 0, offsetof(pv_lane_t, nodes));
    if (options != NULL) {
        scan->options = *options;
    }
    if (scan->options.limit == 0) {
        scan->options.limit = PV_SCAN_LIMIT;
    }
    scan->sink = sink;
    scan->ctx = ctx;
    scan->pool = pool;
    init_stops(scan);
    for (unsigned i = 0; i < PV_SCAN_LANES; i++) {
        scan->lanes[i] = &scan->store[i];
    }
    scan->lane_count = 1;
    lane->keep = PV_NONE;
    lane->limit = PV_NONE;
    lane->told = PV_NONE;
    lane->readings = scan->options.readings;
    if (lane->readings == 0) {
        lane->readings = PV_READ_SCRIPT | PV_READ_PLAIN;
    }
    return scan;
}

void pv_scan_begin_at(pv_scan_t *scan, pv_scan_at_e at, pv_tag_e last)
{
    static const pv_state_e states[] = {
        S_DATA, S_RCDATA, S_RAWTEXT, S_SCRIPT, S_PLAINTEXT, S_CDATA
    };

    scan->lanes[0]->state = states[at];
    scan->lanes[0]->raw = last;
    scan->lanes[0]->raw_name = pv_tag_name(last);
}

static void pass(pv_scan_t *scan, const char *buf, apr_uint64_t begin, apr_uint64_t end)
{
    pv_scan_event_t event;

    if (begin == end) {
        return;
    }
    memset(&event, 0, sizeof(event));
    event.kind = PV_SCAN_PASS;
    event.begin = begin;
    event.end = end;
    event.bytes = pv_span(buf, (apr_size_t)(end - begin));
    scan->sink(scan->ctx, &event);
    scan->passed = end;
}

static void set_window(pv_scan_t *scan, const char *buf, apr_uint64_t base, apr_size_t len)
{
    scan->window = buf;
    scan->base = base;
    scan->end = base + len;
}

static void keep(pv_scan_t *scan, const char *buf, apr_size_t len)
{
    if (len == 0) {
        return;
    }
    if (scan->kept_len + len > scan->kept_size) {
        apr_size_t size = scan->kept_size > 0 ? scan->kept_size : 1024;
        char *grown;
        while (size < scan->kept_len + len) {
            size *= 2;
        }
        grown = apr_palloc(scan->pool, size);
        if (scan->kept_len > 0) {
            memcpy(grown, scan->kept, scan->kept_len);
        }
        scan->kept = grown;
        scan->kept_size = size;
    }
    memcpy(scan->kept + scan->kept_len, buf, len);
    scan->kept_len += len;
}

static void unkeep(pv_scan_t *scan, apr_uint64_t until)
{
    apr_size_t gone = (apr_size_t)(until - scan->kept_base);

    if (gone > 0) {
        scan->kept_len -= gone;
        memmove(scan->kept, scan->kept + gone, scan->kept_len);
        scan->kept_base = until;
    }
}

/*
 * A piece was split: enough of the chunk is joined to what is kept of it for
 * the lanes to come into the chunk. What lies in both is passed from the chunk, so
 * that a caller finds its own memory again. Returns what is left of the chunk.
 */
static pv_span_t join(pv_scan_t *scan, pv_span_t chunk, apr_uint64_t chunk_base)
{
    apr_size_t joined = 0;

    while (scan->kept_len > 0 && joined < chunk.len) {
        apr_size_t step = scan->kept_len > JOIN ? scan->kept_len : JOIN;
        apr_uint64_t needed;

        step = step < chunk.len - joined ? step : chunk.len - joined;
        keep(scan, chunk.ptr + joined, step);
        joined += step;
        set_window(scan, scan->kept, scan->kept_base, scan->kept_len);
        pv_scan_run(scan);
        needed = pv_scan_needed(scan);
        if (needed >= chunk_base) {
            pass(scan, scan->kept, scan->kept_base, chunk_base);
            pass(scan, chunk.ptr, chunk_base, needed);
            scan->kept_len = 0;
            joined = (apr_size_t)(needed - chunk_base);
            return pv_span(chunk.ptr + joined, chunk.len - joined);
        }
        pass(scan, scan->kept, scan->kept_base, needed);
        unkeep(scan, needed);
    }
    return pv_span(chunk.ptr + joined, chunk.len - joined);
}

void pv_scan_feed(pv_scan_t *scan, const char *buf, apr_size_t len)
{
    apr_uint64_t chunk_base = scan->kept_base + scan->kept_len;
    apr_uint64_t needed;
    pv_span_t rest;

    if (len == 0) {
        return;
    }
    rest = join(scan, pv_span(buf, len), chunk_base);
    if (rest.len == 0) {
        if (scan->kept_len == 0) {
            scan->kept_base = scan->passed;
        }
        return;
    }
    set_window(scan, rest.ptr, scan->passed, rest.len);
    pv_scan_run(scan);
    needed = pv_scan_needed(scan);
    pass(scan, rest.ptr, scan->passed, needed);
    scan->kept_base = needed;
    keep(scan, pv_scan_at(scan, needed), (apr_size_t)(scan->end - needed));
}

static void finish_lanes(pv_scan_t *scan)
{
    pv_lane_t *lane = scan->lanes[0];

    for (unsigned i = 0; i < scan->lane_count; i++) {
        pv_lane_finish(scan, scan->lanes[i]);
    }
    if (scan->lane_count == 1 && scan->tags && lane->state == S_DATA && lane->pos == scan->end &&
        !scan->options.xml && !scan->options.bare) {
        pv_tree_text(scan, lane, scan->end);
    }
}

void pv_scan_end(pv_scan_t *scan)
{
    set_window(scan, scan->kept != NULL ? scan->kept : "", scan->kept_base, scan->kept_len);
    scan->final = 1;
    pv_scan_run(scan);
    pv_scan_spots(scan);
    finish_lanes(scan);
    pass(scan, scan->kept, scan->kept_base, scan->end);
    scan->kept_len = 0;
    scan->kept_base = scan->end;
}

pv_status_t pv_scan_limited(const pv_scan_t *scan)
{
    return scan->limited ? PV_LIMIT : PV_OK;
}
