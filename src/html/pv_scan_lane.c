/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* The readings of a document, each on a lane. The one that is behind goes
 * first; where two come to the same place in the same state, one is enough. */

#include <stddef.h>

#include "html/pv_scan_private.h"

const char *pv_lane_bound(const pv_scan_t *scan, const pv_lane_t *lane)
{
    apr_uint64_t end = scan->end;

    end = lane->limit < end ? lane->limit : end;
    if (lane->script_count > 0 && lane->scripts[0].limit < end) {
        end = lane->scripts[0].limit;
    }
    return pv_scan_at(scan, end);
}

pv_lane_t *pv_lane_fork(pv_scan_t *scan, const pv_lane_t *lane)
{
    pv_lane_t *copy;

    if (scan->lane_count == PV_SCAN_LANES) {
        scan->limited = 1;
        return NULL;
    }
    copy = scan->lanes[scan->lane_count++];
    memcpy(copy, lane, offsetof(pv_lane_t, nodes) + lane->depth * sizeof(lane->nodes[0]));
    copy->serial = ++scan->serials;
    return copy;
}

void pv_lane_wait(pv_lane_t *lane, apr_uint64_t offset)
{
    lane->pos = offset;
    lane->blocked = 1;
}

static void step_state(pv_scan_t *scan, pv_lane_t *lane)
{
    switch (lane->state) {
    case S_DATA:
        pv_step_data(scan, lane);
        break;
    case S_RCDATA:
    case S_RAWTEXT:
        pv_step_raw(scan, lane);
        break;
    case S_SCRIPT:
    case S_SCRIPT_ESCAPED:
    case S_SCRIPT_DOUBLE:
        pv_step_script(scan, lane);
        break;
    case S_PLAINTEXT:
        lane->pos = scan->end;
        break;
    case S_CDATA:
        pv_step_cdata(scan, lane);
        break;
    case S_NAME:
        pv_step_name(scan, lane);
        break;
    case S_TAG:
        pv_step_tag(scan, lane);
        break;
    case S_BOGUS:
    case S_DOCTYPE:
        pv_step_until_gt(scan, lane);
        break;
    case S_INSTRUCTION:
    case S_XML_DOCTYPE:
        pv_step_xml(scan, lane);
        break;
    default:
        pv_step_comment(scan, lane);
        break;
    }
}

void pv_lane_step(pv_scan_t *scan, pv_lane_t *lane)
{
    if (lane->pos == scan->end) {
        lane->blocked = 1;
        return;
    }
    step_state(scan, lane);
    if (lane->pos >= lane->limit) {
        pv_lane_cut_tag(scan, lane);
    }
    while (lane->script_count > 0 && lane->pos >= lane->scripts[0].limit) {
        pv_lane_script_text(scan, lane, 0, lane->scripts[0].limit);
    }
}

static int same_nodes(const pv_lane_t *a, const pv_lane_t *b)
{
    if (a->depth != b->depth) {
        return 0;
    }
    /* They differ at the top, if at all. */
    for (unsigned i = a->depth; i-- > 0;) {
        const pv_node_t *m = &a->nodes[i];
        const pv_node_t *n = &b->nodes[i];
        if (m->hash != n->hash || m->ns != n->ns || m->point != n->point || m->messy != n->messy) {
            return 0;
        }
    }
    return 1;
}

static int same_scripts(const pv_lane_t *a, const pv_lane_t *b)
{
    if (a->script_count != b->script_count) {
        return 0;
    }
    for (unsigned i = 0; i < a->script_count; i++) {
        if (a->scripts[i].begin != b->scripts[i].begin) {
            return 0;
        }
    }
    return 1;
}

/* Between two tokens; or in the end tag of the same raw text, where readings meet that
 * were in it from different places on. Of CDATA each tells its own text. */
static int same_place(const pv_lane_t *a, const pv_lane_t *b)
{
    if (a->pos != b->pos || a->state != b->state || a->raw != b->raw) {
        return 0;
    }
    if (a->state == S_TAG) {
        return a->is_end && b->is_end && a->begin == b->begin && a->raw != PV_TAG_OTHER &&
               a->walk.state == b->walk.state;
    }
    return a->state <= S_CDATA && a->run == b->run && (a->state != S_CDATA || a->text == b->text);
}

/* Which placeholder waits for the end, too. */
static int same_want(const pv_lane_t *a, const pv_lane_t *b)
{
    return a->want_end == b->want_end &&
           (a->want_end == PV_TAG_OTHER || a->want_begin == b->want_begin);
}

/* All that follows will be read alike. */
static int same_lane(const pv_lane_t *a, const pv_lane_t *b)
{
    return same_place(a, b) && a->phase == b->phase && a->doubts == b->doubts &&
           a->templates == b->templates && same_want(a, b) && same_scripts(a, b) &&
           same_nodes(a, b);
}

static void drop_lane(pv_scan_t *scan, unsigned at, unsigned into)
{
    pv_lane_t *kept = scan->lanes[into];
    pv_lane_t *gone = scan->lanes[at];

    kept->readings |= gone->readings;
    for (unsigned i = 0; i < scan->spot_count; i++) {
        if (scan->spots[i].serial == gone->serial) {
            scan->spots[i].serial = kept->serial;
        }
    }
    scan->lane_count--;
    memmove(&scan->lanes[at], &scan->lanes[at + 1],
            (scan->lane_count - at) * sizeof(scan->lanes[0]));
    scan->lanes[scan->lane_count] = gone;
}

/* Of two that agree the one with the lower index stays: returns whether `at` went. */
static int merge_lane(pv_scan_t *scan, unsigned at)
{
    for (unsigned i = 0; i < scan->lane_count; i++) {
        if (i != at && same_lane(scan->lanes[i], scan->lanes[at])) {
            drop_lane(scan, i < at ? at : i, i < at ? i : at);
            return i < at;
        }
    }
    return 0;
}

/* Only a lane that has moved, or has just been made, can have come to another's place. */
static void merge_lanes(pv_scan_t *scan, unsigned stepped, unsigned old_count)
{
    for (unsigned i = scan->lane_count; i-- > old_count;) {
        merge_lane(scan, i);
    }
    while (stepped < scan->lane_count) {
        unsigned count = scan->lane_count;
        if (merge_lane(scan, stepped) || scan->lane_count == count) {
            return;
        }
    }
}

/*
 * The lane that is furthest behind and has something to do. Of two that are, the one in
 * text: it may come to where a third is and be dropped, before the other one forks.
 */
static pv_lane_t *next_lane(pv_scan_t *scan, unsigned *index)
{
    pv_lane_t *next = NULL;

    for (unsigned i = 0; i < scan->lane_count; i++) {
        pv_lane_t *lane = scan->lanes[i];
        if (lane->blocked) {
            continue;
        }
        if (next == NULL || lane->pos < next->pos ||
            (lane->pos == next->pos && next->state == S_DATA && lane->state != S_DATA)) {
            next = lane;
            *index = i;
        }
    }
    return next;
}

/* In the body of an HTML document, between tags, with nothing that would have
 * to be followed. */
static int can_skim(const pv_scan_t *scan, const pv_lane_t *lane)
{
    return scan->lane_count == 1 && lane->state == S_DATA && lane->phase >= P_BODY &&
           lane->depth == 0 && lane->script_count == 0 && !scan->options.all &&
           !scan->options.xml && !scan->options.bare;
}

void pv_scan_run(pv_scan_t *scan)
{
    unsigned index = 0;
    pv_lane_t *lane;

    for (unsigned i = 0; i < scan->lane_count; i++) {
        scan->lanes[i]->blocked = 0;
    }
    while ((lane = next_lane(scan, &index)) != NULL) {
        unsigned count = scan->lane_count;
        if (can_skim(scan, lane)) {
            const char *p =
                pv_scan_skim(scan, pv_scan_at(scan, lane->pos), pv_scan_at(scan, scan->end));
            lane->pos = pv_scan_offset(scan, p);
        }
        pv_lane_step(scan, lane);
        /* A reading that is about to merge is asked first. */
        if (scan->spot_count > 0) {
            pv_scan_spots(scan);
        }
        if (scan->lane_count > 1) {
            merge_lanes(scan, index, count);
        }
    }
}

static apr_uint64_t lane_needed(const pv_lane_t *lane)
{
    apr_uint64_t from = lane->pos;

    from = lane->keep < from ? lane->keep : from;
    return lane->script_count > 0 && lane->scripts[0].begin < from ? lane->scripts[0].begin : from;
}

apr_uint64_t pv_scan_needed(const pv_scan_t *scan)
{
    apr_uint64_t from = scan->end;

    for (unsigned i = 0; i < scan->lane_count; i++) {
        apr_uint64_t needed = lane_needed(scan->lanes[i]);
        from = needed < from ? needed : from;
    }
    for (unsigned i = 0; i < scan->spot_count; i++) {
        apr_uint64_t needed = scan->spots[i].event.end;
        from = needed < from ? needed : from;
    }
    return from;
}

static void fill_event(const pv_scan_t *scan, const pv_lane_t *lane, pv_scan_event_t *event)
{
    memset(event, 0, sizeof(*event));
    event->tag = lane->tag.tag;
    event->readings = lane->readings;
    event->self_closing = lane->walk.self_closing;
    event->single = scan->lane_count == 1;
    event->inert = lane->templates > 0;
    event->foreign = pv_foreign_applies(lane) != 0;
}

unsigned pv_lane_tell(pv_scan_t *scan, const pv_lane_t *lane, pv_scan_kind_e kind,
                      apr_uint64_t begin, apr_uint64_t end, int bytes)
{
    pv_scan_event_t event;

    fill_event(scan, lane, &event);
    event.kind = kind;
    event.begin = begin;
    event.end = end;
    if (kind == PV_SCAN_ATTR) {
        event.open = lane->walk.state >= W_NAME && lane->walk.state <= W_UNQUOTED;
    }
    if (bytes) {
        event.bytes = pv_span(pv_scan_at(scan, begin), (apr_size_t)(end - begin));
    }
    return scan->sink(scan->ctx, &event);
}

void pv_lane_script_text(pv_scan_t *scan, pv_lane_t *lane, unsigned which, apr_uint64_t end)
{
    const pv_script_t *script = &lane->scripts[which];
    pv_scan_event_t event;

    fill_event(scan, lane, &event);
    event.kind = PV_SCAN_TEXT;
    event.tag = PV_TAG_SCRIPT;
    event.begin = script->begin;
    event.end = end;
    event.text = script->text;
    event.text_end = end;
    event.foreign = script->markup && !scan->options.xml;
    event.markup = script->markup;
    event.open = end == script->limit;
    event.crowded = lane->script_count == PV_SCAN_SCRIPTS && which == 0;
    event.bytes = pv_span(pv_scan_at(scan, script->begin), (apr_size_t)(end - script->begin));
    scan->sink(scan->ctx, &event);
    lane->script_count--;
    memmove(&lane->scripts[which], &lane->scripts[which + 1],
            (lane->script_count - which) * sizeof(lane->scripts[0]));
}

void pv_lane_tell_text(pv_scan_t *scan, const pv_lane_t *lane, pv_scan_kind_e kind,
                       apr_uint64_t text_end)
{
    pv_scan_event_t event;

    if (!scan->options.all) {
        return;
    }
    fill_event(scan, lane, &event);
    event.kind = kind;
    event.tag = PV_TAG_OTHER;
    event.begin = lane->begin;
    event.end = lane->pos;
    event.text = lane->text;
    event.text_end = text_end > lane->text ? text_end : lane->text;
    scan->sink(scan->ctx, &event);
}

void pv_lane_spot(pv_scan_t *scan, const pv_lane_t *lane, pv_scan_kind_e kind, apr_uint64_t begin,
                  apr_uint64_t end)
{
    pv_spot_t spot;

    fill_event(scan, lane, &spot.event);
    spot.event.kind = kind;
    spot.event.begin = begin;
    spot.event.end = end;
    spot.event.text = kind == PV_SCAN_END ? lane->want_begin : 0;
    spot.serial = lane->serial;
    if (scan->lane_count == 1 || scan->spot_count == PV_SCAN_SPOTS) {
        spot.event.clear = scan->lane_count == 1;
        scan->sink(scan->ctx, &spot.event);
        return;
    }
    scan->spots[scan->spot_count++] = spot;
}

static int is_in_comment(const pv_lane_t *lane)
{
    return lane->state >= S_COMMENT_START && lane->state <= S_COMMENT_BANG;
}

/* Whether a reading that has come to the spot, or past it, takes markup there
 * for markup, or for the text of a noscript, or for a comment. */
static int takes_markup(const pv_lane_t *lane, const pv_scan_event_t *event)
{
    if (lane->state == S_DATA && lane->pos == event->end) {
        return 1;
    }
    if (lane->data_begin <= event->end && event->end <= lane->data_end) {
        return 1;
    }
    if (is_in_comment(lane) && lane->begin < event->begin) {
        return 1;
    }
    if (lane->state == S_RAWTEXT && lane->raw == PV_TAG_NOSCRIPT &&
        lane->raw_begin < event->begin) {
        return 1;
    }
    return lane->quiet_begin < event->begin && event->end <= lane->quiet_end;
}

/* Whether a reading has come far enough to say. */
static int has_come_to(const pv_scan_t *scan, const pv_lane_t *lane, apr_uint64_t offset)
{
    apr_uint64_t pos = lane->pos;

    if (scan->final && lane->blocked) {
        return 1;
    }
    return is_in_comment(lane) ? pos - pv_lane_comment_tail(lane) >= offset : pos >= offset;
}

static int resolve_spot(pv_scan_t *scan, pv_spot_t *spot)
{
    int clear = 1;

    for (unsigned i = 0; i < scan->lane_count; i++) {
        const pv_lane_t *lane = scan->lanes[i];
        if (!has_come_to(scan, lane, spot->event.end)) {
            return 0;
        }
        clear &= lane->serial == spot->serial ||
                 (takes_markup(lane, &spot->event) && !pv_foreign_is_around(lane));
    }
    spot->event.clear = clear != 0;
    scan->sink(scan->ctx, &spot->event);
    return 1;
}

void pv_scan_spots(pv_scan_t *scan)
{
    while (scan->spot_count > 0 && resolve_spot(scan, &scan->spots[0])) {
        scan->spot_count--;
        memmove(&scan->spots[0], &scan->spots[1], scan->spot_count * sizeof(scan->spots[0]));
    }
}
