/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/*
 * What tree construction does to the tokenizer, and where head and body begin:
 * WHATWG HTML, 13.2.6.4. There is no stack of open elements here but inside svg and
 * math: outside of them no start tag's effect on the tokenizer depends on it, but
 * for the doubts (DOUBT_…) in which both effects are followed.
 */

#include "html/pv_scan_private.h"

/* Neither in a template, whose content is of no document, nor where there are no phases. */
static int has_phases(const pv_scan_t *scan, const pv_lane_t *lane)
{
    return lane->phase < P_BODY && lane->templates == 0 && lane->depth == 0 && !scan->options.xml &&
           !scan->options.bare;
}

static void imply_head(pv_scan_t *scan, pv_lane_t *lane, apr_uint64_t offset)
{
    if (lane->phase == P_BEFORE_HEAD) {
        pv_lane_spot(scan, lane, PV_SCAN_HEAD, offset, offset);
        lane->phase = P_IN_HEAD;
    }
}

static void imply_body(pv_scan_t *scan, pv_lane_t *lane, apr_uint64_t offset)
{
    imply_head(scan, lane, offset);
    pv_lane_spot(scan, lane, PV_SCAN_BODY, offset, offset);
    lane->phase = P_BODY;
}

void pv_tree_text(pv_scan_t *scan, pv_lane_t *lane, apr_uint64_t offset)
{
    if (has_phases(scan, lane)) {
        imply_body(scan, lane, offset);
    }
}

static void open_end_tag(pv_scan_t *scan, pv_lane_t *lane)
{
    switch (lane->tag.tag) {
    case PV_TAG_HEAD:
        imply_head(scan, lane, lane->begin);
        lane->phase = P_AFTER_HEAD;
        break;
    case PV_TAG_BODY:
    case PV_TAG_HTML:
    case PV_TAG_BR:
        imply_body(scan, lane, lane->begin);
        break;
    default:
        break;
    }
}

void pv_tree_open(pv_scan_t *scan, pv_lane_t *lane)
{
    if (!has_phases(scan, lane)) {
        return;
    }
    if (lane->is_end) {
        open_end_tag(scan, lane);
        return;
    }
    switch (lane->tag.tag) {
    case PV_TAG_HTML:
    case PV_TAG_HEAD:
        return;
    case PV_TAG_BODY:
    case PV_TAG_FRAMESET:
        imply_head(scan, lane, lane->begin);
        return;
    case PV_TAG_NOSCRIPT:
        if (lane->phase == P_AFTER_HEAD) {
            imply_body(scan, lane, lane->begin);
        }
        else {
            imply_head(scan, lane, lane->begin);
        }
        return;
    default:
        if (lane->tag.flags & PV_TAG_IN_HEAD) {
            imply_head(scan, lane, lane->begin);
        }
        else {
            imply_body(scan, lane, lane->begin);
        }
    }
}

/* Whether a browser may ignore this start tag where it stands. */
static int may_be_ignored(const pv_lane_t *lane)
{
    pv_tag_e tag = lane->tag.tag;

    if (tag == PV_TAG_TEMPLATE) {
        return 0;
    }
    return (lane->doubts & DOUBT_COLUMN) ||
           ((lane->doubts & DOUBT_SELECT) && tag != PV_TAG_SCRIPT && tag != PV_TAG_TEXTAREA);
}

static pv_state_e content_state(pv_tag_e tag)
{
    switch (tag) {
    case PV_TAG_TITLE:
    case PV_TAG_TEXTAREA:
        return S_RCDATA;
    case PV_TAG_SCRIPT:
        return S_SCRIPT;
    case PV_TAG_PLAINTEXT:
        return S_PLAINTEXT;
    default:
        return S_RAWTEXT;
    }
}

/* An element whose content is text; what follows is not looked at for tags. */
static void start_raw(pv_scan_t *scan, pv_lane_t *lane)
{
    pv_tag_e tag = lane->tag.tag;

    if (may_be_ignored(lane)) {
        pv_lane_fork(scan, lane);
    }
    if (tag == PV_TAG_NOSCRIPT && (lane->readings & PV_READ_PLAIN)) {
        if (lane->readings == PV_READ_PLAIN) {
            return;
        }
        pv_lane_t *plain = pv_lane_fork(scan, lane);
        if (plain != NULL) {
            plain->readings = PV_READ_PLAIN;
        }
        lane->readings = PV_READ_SCRIPT;
    }
    lane->state = content_state(tag);
    lane->raw = tag;
    lane->raw_name = pv_tag_name(tag);
    lane->raw_begin = lane->begin;
}

/* Older browsers take a select, and a `</select>`, for the only way in and out;
 * the controls below end one everywhere. */
static void follow_select(pv_lane_t *lane)
{
    switch (lane->tag.tag) {
    case PV_TAG_SELECT:
        lane->doubts |= DOUBT_SELECT;
        break;
    case PV_TAG_INPUT:
    case PV_TAG_KEYGEN:
    case PV_TAG_TEXTAREA:
        if (!(lane->doubts & DOUBT_STICKY)) {
            lane->doubts &= ~(unsigned)DOUBT_SELECT;
        }
        break;
    default:
        break;
    }
}

static void start_template(pv_lane_t *lane)
{
    lane->templates++;
    if (lane->doubts & DOUBT_SELECT) {
        lane->doubts |= DOUBT_STICKY;
    }
}

/* In a body it is ignored unless there is next to nothing in it yet. */
static void start_frameset(pv_scan_t *scan, pv_lane_t *lane)
{
    if (has_phases(scan, lane)) {
        lane->phase = P_FRAMESET;
        pv_lane_tell(scan, lane, PV_SCAN_FRAMESET, lane->begin, lane->pos, 0);
        return;
    }
    lane = pv_lane_fork(scan, lane);
    if (lane != NULL) {
        lane->phase = P_FRAMESET;
        lane->depth = 0;
        lane->doubts = 0;
        lane->templates = 0;
    }
}

/* html, head and body themselves; returns 1 where that is all. */
static int start_structure(pv_scan_t *scan, pv_lane_t *lane)
{
    pv_tag_e tag = lane->tag.tag;

    if (tag == PV_TAG_HEAD && lane->phase == P_BEFORE_HEAD) {
        lane->phase = P_IN_HEAD;
        pv_lane_spot(scan, lane, PV_SCAN_HEAD, lane->begin, lane->pos);
    }
    else if (tag == PV_TAG_BODY) {
        lane->phase = P_BODY;
        pv_lane_spot(scan, lane, PV_SCAN_BODY, lane->begin, lane->pos);
    }
    return tag == PV_TAG_HTML || tag == PV_TAG_HEAD || tag == PV_TAG_BODY;
}

void pv_tree_html_start(pv_scan_t *scan, pv_lane_t *lane)
{
    pv_tag_e tag = lane->tag.tag;

    if (lane->phase == P_FRAMESET) {
        if (tag == PV_TAG_NOFRAMES) {
            start_raw(scan, lane);
        }
        return;
    }
    if (has_phases(scan, lane) && start_structure(scan, lane)) {
        return;
    }
    if (lane->depth > 0) {
        pv_foreign_html_start(scan, lane);
    }
    follow_select(lane);
    if (lane->tag.flags & PV_TAG_RAW) {
        start_raw(scan, lane);
    }
    else if (tag == PV_TAG_SVG || tag == PV_TAG_MATH) {
        if (may_be_ignored(lane) && !lane->walk.self_closing) {
            pv_lane_fork(scan, lane);
        }
        pv_foreign_root(scan, lane);
    }
    else if (tag == PV_TAG_FRAMESET) {
        start_frameset(scan, lane);
    }
    else if (tag == PV_TAG_TEMPLATE) {
        start_template(lane);
    }
    else if (tag == PV_TAG_COL && lane->templates > 0) {
        lane->doubts |= DOUBT_COLUMN;
    }
}

void pv_tree_html_end(pv_scan_t *scan, pv_lane_t *lane)
{
    if (lane->tag.tag == PV_TAG_SELECT && !(lane->doubts & DOUBT_STICKY)) {
        lane->doubts &= ~(unsigned)DOUBT_SELECT;
    }
    if (lane->tag.tag == PV_TAG_TEMPLATE && lane->templates > 0) {
        lane->templates--;
        if (lane->templates == 0) {
            lane->doubts &= ~(unsigned)(DOUBT_COLUMN | DOUBT_STICKY);
        }
    }
    if (lane->depth > 0) {
        pv_foreign_html_end(scan, lane);
    }
}

/* XML: nothing is implied, and a name with a prefix may be anything. */
static void start_xml(pv_scan_t *scan, pv_lane_t *lane)
{
    if (lane->prefixed || lane->walk.self_closing) {
        return;
    }
    if (lane->tag.tag == PV_TAG_HEAD && lane->phase == P_BEFORE_HEAD) {
        lane->phase = P_IN_HEAD;
        pv_lane_spot(scan, lane, PV_SCAN_HEAD, lane->begin, lane->pos);
    }
    else if (lane->tag.tag == PV_TAG_BODY && lane->phase < P_BODY) {
        lane->phase = P_BODY;
        pv_lane_spot(scan, lane, PV_SCAN_BODY, lane->begin, lane->pos);
    }
}

void pv_tree_start(pv_scan_t *scan, pv_lane_t *lane, pv_span_t bytes)
{
    if (scan->options.bare) {
        return;
    }
    if (scan->options.xml) {
        start_xml(scan, lane);
    }
    else if (pv_foreign_applies(lane)) {
        pv_foreign_start(scan, lane, bytes);
    }
    else {
        pv_tree_html_start(scan, lane);
    }
}

void pv_tree_end(pv_scan_t *scan, pv_lane_t *lane)
{
    if (scan->options.bare || scan->options.xml || lane->phase == P_FRAMESET) {
        return;
    }
    if (pv_foreign_applies(lane)) {
        pv_foreign_end(scan, lane);
    }
    else {
        pv_tree_html_end(scan, lane);
    }
}
