/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* What is not markup: raw text, script data, comments, CDATA sections, doctypes
 * (WHATWG HTML, 13.2.5.2 to 13.2.5.5, 13.2.5.9 to 13.2.5.31, 13.2.5.41 to 13.2.5.71). */

#include "html/pv_scan_private.h"

typedef enum { TAG_NO, TAG_MORE, TAG_YES } tag_match_e;

/* Whether `<` at p is followed by `/`, or not, the name and what ends a name. */
static tag_match_e tag_at(const char *p, const char *end, const char *name, int slash)
{
    p++;
    if (p == end) {
        return TAG_MORE;
    }
    if (slash && *p++ != '/') {
        return TAG_NO;
    }
    for (; *name != '\0'; name++, p++) {
        if (p == end) {
            return TAG_MORE;
        }
        if (pv_lower(*p) != *name) {
            return TAG_NO;
        }
    }
    if (p == end) {
        return TAG_MORE;
    }
    return pv_ends_tag_name(*p) ? TAG_YES : TAG_NO;
}

/* An appropriate end tag: the last start tag's. */
static tag_match_e end_tag_at(const pv_lane_t *lane, const char *lt, const char *end)
{
    return lane->raw == PV_TAG_OTHER ? TAG_NO : tag_at(lt, end, lane->raw_name, 1);
}

static void end_raw(pv_scan_t *scan, pv_lane_t *lane, const char *lt)
{
    apr_uint64_t begin = pv_scan_offset(scan, lt);

    if (lane->raw == PV_TAG_SCRIPT && lane->script_count > 0 &&
        !lane->scripts[lane->script_count - 1].markup) {
        pv_lane_script_text(scan, lane, lane->script_count - 1, begin);
    }
    if (lane->raw == PV_TAG_NOSCRIPT) {
        lane->quiet_begin = lane->raw_begin;
        lane->quiet_end = begin;
    }
    pv_lane_end_tag(scan, lane, begin, lt + 2 + strlen(lane->raw_name));
}

/* The next `<` that a lane may look at, or NULL with the lane at the bound. */
static const char *next_lt(const pv_scan_t *scan, pv_lane_t *lane)
{
    const char *p = pv_scan_at(scan, lane->pos);
    const char *bound = pv_lane_bound(scan, lane);
    const char *lt = memchr(p, '<', (apr_size_t)(bound - p));

    if (lt == NULL) {
        lane->pos = pv_scan_offset(scan, bound);
    }
    return lt;
}

static void take(const pv_scan_t *scan, pv_lane_t *lane, const char *p, int more)
{
    if (more && !scan->final) {
        pv_lane_wait(lane, pv_scan_offset(scan, p));
    }
    else {
        lane->pos = pv_scan_offset(scan, p) + 1;
    }
}

void pv_step_raw(pv_scan_t *scan, pv_lane_t *lane)
{
    const char *lt = next_lt(scan, lane);
    tag_match_e found;

    if (lt == NULL) {
        return;
    }
    found = end_tag_at(lane, lt, pv_scan_at(scan, scan->end));
    if (found == TAG_YES) {
        end_raw(scan, lane, lt);
        return;
    }
    take(scan, lane, lt, found == TAG_MORE);
}

/* `<` in script data that is not escaped. */
static void script_lt(pv_scan_t *scan, pv_lane_t *lane, const char *lt)
{
    const char *end = pv_scan_at(scan, scan->end);
    tag_match_e found = end_tag_at(lane, lt, end);
    apr_size_t have = (apr_size_t)(end - lt) < 4 ? (apr_size_t)(end - lt) : 4;

    if (found == TAG_YES) {
        end_raw(scan, lane, lt);
    }
    else if (memcmp(lt, "<!--", have) == 0 && have == 4) {
        lane->state = S_SCRIPT_ESCAPED;
        lane->run = 2;
        lane->pos = pv_scan_offset(scan, lt) + 4;
    }
    else {
        take(scan, lane, lt, found == TAG_MORE || memcmp(lt, "<!--", have) == 0);
    }
}

/* `<` in escaped script data: an end tag, or the way to and from double escapes. */
static void escaped_lt(pv_scan_t *scan, pv_lane_t *lane, const char *lt)
{
    const char *end = pv_scan_at(scan, scan->end);
    tag_match_e closing = tag_at(lt, end, "script", 1);
    tag_match_e opening = tag_at(lt, end, "script", 0);

    if (lane->state == S_SCRIPT_DOUBLE) {
        opening = TAG_NO;
    }
    if (closing == TAG_YES && lane->state == S_SCRIPT_ESCAPED) {
        end_raw(scan, lane, lt);
    }
    else if (closing == TAG_YES || opening == TAG_YES) {
        lane->state = closing == TAG_YES ? S_SCRIPT_ESCAPED : S_SCRIPT_DOUBLE;
        lane->run = 0;
        lane->pos = pv_scan_offset(scan, lt) + sizeof("<script") + (closing == TAG_YES);
    }
    else {
        lane->run = 0;
        take(scan, lane, lt, closing == TAG_MORE || opening == TAG_MORE);
    }
}

static void step_escaped(pv_scan_t *scan, pv_lane_t *lane)
{
    const char *end = pv_lane_bound(scan, lane);
    const char *p = pv_scan_at(scan, lane->pos);

    for (; p < end && *p != '<'; p++) {
        if (*p == '>' && lane->run == 2) {
            lane->state = S_SCRIPT;
            lane->pos = pv_scan_offset(scan, p) + 1;
            return;
        }
        lane->run = *p != '-' ? 0 : lane->run < 2 ? lane->run + 1 : 2;
    }
    lane->pos = pv_scan_offset(scan, p);
    if (p < end) {
        escaped_lt(scan, lane, p);
    }
}

void pv_step_script(pv_scan_t *scan, pv_lane_t *lane)
{
    const char *lt;

    if (lane->state != S_SCRIPT) {
        step_escaped(scan, lane);
        return;
    }
    lt = next_lt(scan, lane);
    if (lt != NULL) {
        script_lt(scan, lane, lt);
    }
}

static void end_comment(pv_scan_t *scan, pv_lane_t *lane, const char *gt, unsigned dashes)
{
    lane->pos = pv_scan_offset(scan, gt) + 1;
    lane->state = S_DATA;
    lane->quiet_begin = lane->begin;
    lane->quiet_end = lane->pos - 1 - dashes;
    pv_lane_tell_text(scan, lane, PV_SCAN_COMMENT, lane->quiet_end);
}

/* One byte behind `<!--`; returns 1 where the comment ends. */
static int comment_byte(pv_lane_t *lane, char c, int xml)
{
    pv_state_e state = lane->state;
    unsigned run = lane->run;

    if (c == '>' && (state != S_COMMENT || run == 2)) {
        return 1;
    }
    lane->state = S_COMMENT;
    lane->run = 0;
    if (c == '-' && state == S_COMMENT_START) {
        lane->state = S_COMMENT_START_DASH;
    }
    else if (c == '-' && state == S_COMMENT_START_DASH) {
        lane->run = 2;
    }
    else if (c == '-') {
        lane->run = (unsigned char)(run < 2 ? run + 1 : 2);
    }
    else if (c == '!' && state == S_COMMENT && run == 2 && !xml) {
        lane->state = S_COMMENT_BANG;
    }
    return 0;
}

unsigned pv_lane_comment_tail(const pv_lane_t *lane)
{
    switch (lane->state) {
    case S_COMMENT_START_DASH:
        return 1;
    case S_COMMENT_BANG:
        return 3;
    case S_COMMENT:
        return lane->run;
    default:
        return 0;
    }
}

void pv_step_comment(pv_scan_t *scan, pv_lane_t *lane)
{
    const char *end = pv_lane_bound(scan, lane);
    const char *p = pv_scan_at(scan, lane->pos);

    while (p < end) {
        unsigned tail = pv_lane_comment_tail(lane);
        if (lane->state == S_COMMENT && lane->run == 0) {
            const char *dash = memchr(p, '-', (apr_size_t)(end - p));
            p = dash != NULL ? dash : end;
            if (dash == NULL) {
                break;
            }
        }
        if (comment_byte(lane, *p, scan->options.xml)) {
            end_comment(scan, lane, p, tail);
            return;
        }
        p++;
    }
    lane->pos = pv_scan_offset(scan, end);
}

void pv_step_until_gt(pv_scan_t *scan, pv_lane_t *lane)
{
    const char *p = pv_scan_at(scan, lane->pos);
    const char *end = pv_lane_bound(scan, lane);
    const char *gt = memchr(p, '>', (apr_size_t)(end - p));

    if (gt == NULL) {
        lane->pos = pv_scan_offset(scan, end);
        return;
    }
    lane->pos = pv_scan_offset(scan, gt) + 1;
    pv_lane_tell_text(scan, lane, lane->state == S_BOGUS ? PV_SCAN_COMMENT : PV_SCAN_DOCTYPE,
                      lane->pos - 1);
    lane->state = S_DATA;
}

void pv_step_cdata(pv_scan_t *scan, pv_lane_t *lane)
{
    const char *end = pv_lane_bound(scan, lane);
    const char *p = pv_scan_at(scan, lane->pos);

    for (; p < end; p++) {
        if (*p == '>' && lane->run == 2) {
            lane->pos = pv_scan_offset(scan, p) + 1;
            lane->state = S_DATA;
            pv_lane_tell_text(scan, lane, PV_SCAN_CDATA, lane->pos - 3);
            return;
        }
        lane->run = *p != ']' ? 0 : lane->run < 2 ? lane->run + 1 : 2;
    }
    lane->pos = pv_scan_offset(scan, end);
}

/* Where in an XML doctype, as pv_lane_t.run has it. */
enum { OUTSIDE, SUBSET, SUBSET_COMMENT, SUBSET_INSTRUCTION };

/* In a comment or instruction of the subset, whose apostrophes are no quotes;
 * quote counts the dashes, or the question mark, just seen. */
static void inner_byte(pv_lane_t *lane, char c)
{
    int comment = lane->run == SUBSET_COMMENT;

    if (c == '>' && lane->quote == (comment ? 2 : 1)) {
        lane->run = SUBSET;
        lane->quote = 0;
    }
    else if (c != (comment ? '-' : '?')) {
        lane->quote = 0;
    }
    else if (lane->quote < (comment ? 2 : 1)) {
        lane->quote++;
    }
}

/* Returns 1 where the doctype ends. */
static int doctype_byte(pv_lane_t *lane, char c)
{
    if (lane->run >= SUBSET_COMMENT) {
        inner_byte(lane, c);
    }
    else if (lane->quote != 0) {
        lane->quote = c == lane->quote ? 0 : lane->quote;
    }
    else if (c == '"' || c == '\'') {
        lane->quote = c;
    }
    else if (c == '[' || c == ']') {
        lane->run = c == '[' ? SUBSET : OUTSIDE;
    }
    else {
        return c == '>' && lane->run == OUTSIDE;
    }
    return 0;
}

/* `<` in the subset, at p: past what begins a comment or an instruction, p if
 * neither does, NULL if that cannot be said yet. */
static const char *begin_inner(pv_lane_t *lane, const char *p, const char *end)
{
    apr_size_t have = (apr_size_t)(end - p);

    if (have >= 2 && p[1] == '?') {
        lane->run = SUBSET_INSTRUCTION;
        return p + 2;
    }
    if (memcmp(p, "<!--", have < 4 ? have : 4) != 0) {
        return p;
    }
    if (have < 4) {
        return NULL;
    }
    lane->run = SUBSET_COMMENT;
    return p + 4;
}

static void step_doctype(pv_scan_t *scan, pv_lane_t *lane)
{
    const char *end = pv_scan_at(scan, scan->end);
    const char *p = pv_scan_at(scan, lane->pos);

    while (p < end) {
        const char *past = p;
        if (*p == '<' && lane->run == SUBSET && lane->quote == 0) {
            past = begin_inner(lane, p, end);
        }
        if (past == NULL) {
            take(scan, lane, p, 1);
            return;
        }
        if (past == p && doctype_byte(lane, *past++)) {
            lane->pos = pv_scan_offset(scan, past);
            lane->state = S_DATA;
            pv_lane_tell_text(scan, lane, PV_SCAN_DOCTYPE, lane->pos - 1);
            return;
        }
        p = past;
    }
    lane->pos = pv_scan_offset(scan, end);
}

void pv_step_xml(pv_scan_t *scan, pv_lane_t *lane)
{
    const char *end = pv_lane_bound(scan, lane);
    const char *p = pv_scan_at(scan, lane->pos);

    if (lane->state == S_XML_DOCTYPE) {
        step_doctype(scan, lane);
        return;
    }
    for (; p < end; p++) {
        if (*p == '>' && lane->run == 1) {
            lane->pos = pv_scan_offset(scan, p) + 1;
            lane->state = S_DATA;
            pv_lane_tell_text(scan, lane, PV_SCAN_COMMENT, lane->pos - 1);
            return;
        }
        lane->run = *p == '?';
    }
    lane->pos = pv_scan_offset(scan, end);
}

void pv_lane_finish(pv_scan_t *scan, pv_lane_t *lane)
{
    switch (lane->state) {
    case S_NAME:
    case S_TAG:
        pv_lane_tell_text(scan, lane, PV_SCAN_NOTHING, lane->begin);
        break;
    case S_BOGUS:
    case S_INSTRUCTION:
        pv_lane_tell_text(scan, lane, PV_SCAN_COMMENT, scan->end);
        break;
    case S_DOCTYPE:
    case S_XML_DOCTYPE:
        pv_lane_tell_text(scan, lane, PV_SCAN_DOCTYPE, scan->end);
        break;
    case S_CDATA:
        pv_lane_tell_text(scan, lane, PV_SCAN_CDATA, scan->end);
        break;
    case S_COMMENT_START:
    case S_COMMENT_START_DASH:
    case S_COMMENT:
    case S_COMMENT_BANG:
        pv_lane_tell_text(scan, lane, PV_SCAN_COMMENT, scan->end - pv_lane_comment_tail(lane));
        break;
    default:
        break;
    }
}
