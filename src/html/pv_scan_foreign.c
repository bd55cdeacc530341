/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/*
 * Inside svg and math: WHATWG HTML, 13.2.6 (which rules apply) and 13.2.6.5. The
 * elements that are open from the svg or math on are remembered; what is open
 * outside is not, so that an end tag that matches nothing inside may end all of
 * it or nothing, and both are followed until they come to the same.
 */

#include "html/pv_charref.h"
#include "html/pv_scan_private.h"

static pv_node_t *top_of(pv_lane_t *lane)
{
    return &lane->nodes[lane->depth - 1];
}

int pv_foreign_applies(const pv_lane_t *lane)
{
    const pv_node_t *top;

    if (lane->depth == 0) {
        return 0;
    }
    top = &lane->nodes[lane->depth - 1];
    if (top->ns == NS_HTML) {
        return 0;
    }
    if (lane->is_end) {
        return 1;
    }
    if (top->point == POINT_TEXT) {
        return lane->tag.tag == PV_TAG_MGLYPH || lane->tag.tag == PV_TAG_MALIGNMARK;
    }
    if (top->ns == NS_MATHML && top->tag == PV_TAG_ANNOTATION_XML && lane->tag.tag == PV_TAG_SVG) {
        return 0;
    }
    return top->point != POINT_HTML;
}

int pv_foreign_has_cdata(const pv_lane_t *lane)
{
    return lane->depth > 0 && lane->nodes[lane->depth - 1].ns != NS_HTML;
}

static void push(pv_scan_t *scan, pv_lane_t *lane, pv_ns_e ns, pv_point_e point)
{
    pv_node_t *node;

    if (lane->depth == PV_SCAN_DEPTH) {
        scan->limited = 1;
        return;
    }
    node = &lane->nodes[lane->depth++];
    node->hash = lane->hash;
    node->tag = (unsigned char)lane->tag.tag;
    node->ns = (unsigned char)ns;
    node->point = (unsigned char)point;
    node->messy = 0;
}

void pv_foreign_root(pv_scan_t *scan, pv_lane_t *lane)
{
    if (!lane->walk.self_closing) {
        push(scan, lane, lane->tag.tag == PV_TAG_SVG ? NS_SVG : NS_MATHML, POINT_NONE);
    }
}

int pv_foreign_is_around(const pv_lane_t *lane)
{
    const pv_node_t *top = lane->depth > 0 ? &lane->nodes[lane->depth - 1] : NULL;

    return top != NULL && top->ns != NS_HTML && top->point == POINT_NONE;
}

static int find_attr(pv_span_t bytes, pv_span_t name, pv_attr_t *attr)
{
    pv_attr_iter_t iter;
    pv_span_t tag = pv_attr_tag_name(bytes);

    pv_attr_first(&iter, tag.ptr + tag.len, bytes.ptr + bytes.len);
    while (pv_attr_next(&iter, attr)) {
        if (pv_span_eq_nocase(attr->name, name)) {
            return 1;
        }
    }
    return 0;
}

/* A font ends svg and math only if it looks like HTML's. */
static int is_html_font(pv_span_t bytes)
{
    pv_attr_t attr;

    return find_attr(bytes, PV_SPAN("color"), &attr) || find_attr(bytes, PV_SPAN("face"), &attr) ||
           find_attr(bytes, PV_SPAN("size"), &attr);
}

static int breaks_out(pv_scan_t *scan, pv_lane_t *lane, pv_span_t bytes)
{
    if (lane->tag.flags & PV_TAG_BREAKOUT) {
        return 1;
    }
    if (lane->tag.tag != PV_TAG_FONT) {
        return 0;
    }
    if (bytes.len > 0) {
        return is_html_font(bytes);
    }
    /* Too long to know: once as HTML's, and here as the other. */
    pv_lane_t *other = pv_lane_fork(scan, lane);
    if (other != NULL) {
        other->depth = 0;
    }
    return 0;
}

/* 13.2.6.5: up to where HTML is read. */
static void leave(pv_lane_t *lane)
{
    while (lane->depth > 0 && top_of(lane)->ns != NS_HTML && top_of(lane)->point == POINT_NONE) {
        lane->depth--;
    }
}

/* Longer values of encoding are not decoded. */
#define ENCODING_MAX 256

/* Whether an annotation-xml holds HTML: 1, 0, or -1 where that cannot be said. */
static int holds_html(pv_span_t bytes)
{
    char value[ENCODING_MAX * 3];
    pv_attr_t attr;
    pv_span_t encoding;

    if (bytes.len == 0) {
        return -1;
    }
    if (!find_attr(bytes, PV_SPAN("encoding"), &attr)) {
        return 0;
    }
    if (attr.value.len > ENCODING_MAX) {
        return -1;
    }
    encoding.ptr = value;
    encoding.len = pv_charref_decode(attr.value.ptr, attr.value.len, PV_CHARREF_ATTRIBUTE, value);
    return pv_span_eq_nocase(encoding, PV_SPAN("text/html")) ||
           pv_span_eq_nocase(encoding, PV_SPAN("application/xhtml+xml"));
}

static void push_annotation(pv_scan_t *scan, pv_lane_t *lane, pv_span_t bytes)
{
    int html = holds_html(bytes);

    if (html < 0) {
        pv_lane_t *other = pv_lane_fork(scan, lane);
        if (other != NULL) {
            push(scan, other, NS_MATHML, POINT_HTML);
        }
    }
    push(scan, lane, NS_MATHML, html > 0 ? POINT_HTML : POINT_NONE);
}

static pv_point_e point_of(pv_ns_e ns, pv_tag_t tag)
{
    if (ns == NS_SVG) {
        return tag.tag == PV_TAG_FOREIGNOBJECT || tag.tag == PV_TAG_DESC || tag.tag == PV_TAG_TITLE
                   ? POINT_HTML
                   : POINT_NONE;
    }
    return tag.flags & PV_TAG_MATHML_TEXT ? POINT_TEXT : POINT_NONE;
}

void pv_foreign_start(pv_scan_t *scan, pv_lane_t *lane, pv_span_t bytes)
{
    pv_ns_e ns = top_of(lane)->ns;

    if (breaks_out(scan, lane, bytes)) {
        leave(lane);
        pv_tree_html_start(scan, lane);
    }
    else if (lane->walk.self_closing) {
        return;
    }
    else if (ns == NS_MATHML && lane->tag.tag == PV_TAG_ANNOTATION_XML) {
        push_annotation(scan, lane, bytes);
    }
    else {
        push(scan, lane, ns, point_of(ns, lane->tag));
    }
}

/* The integration point that the HTML at nodes[from] stands in. */
static unsigned point_below(const pv_lane_t *lane, unsigned from)
{
    while (lane->nodes[from].ns == NS_HTML) {
        from--;
    }
    return from;
}

/*
 * A tag that may end something which is open further out, through integration
 * points: as if it did not, here, and once for each place where it may lead.
 */
static void fork_outward(pv_scan_t *scan, const pv_lane_t *lane)
{
    for (unsigned depth = lane->depth; depth-- > 0;) {
        pv_lane_t *other;
        if (depth > 0 && lane->nodes[depth - 1].ns != NS_HTML) {
            continue;
        }
        other = pv_lane_fork(scan, lane);
        if (other == NULL) {
            return;
        }
        other->depth = depth;
        if (depth > 0) {
            other->nodes[point_below(other, depth - 1)].messy = 1;
        }
    }
}

/* What is open in the point decides what a start tag closes: here it is not
 * certain any more that all that was opened is still open. */
static int makes_messy(const pv_lane_t *lane, unsigned point)
{
    if (lane->tag.flags & PV_TAG_UNSURE) {
        return 1;
    }
    if (lane->tag.flags & PV_TAG_INLINE) {
        return 0;
    }
    for (unsigned i = point + 1; i < lane->depth; i++) {
        if (lane->nodes[i].messy) {
            return 1;
        }
    }
    return 0;
}

static int has_table(const pv_lane_t *lane, unsigned point)
{
    for (unsigned i = point + 1; i < lane->depth; i++) {
        if (lane->nodes[i].tag == PV_TAG_TABLE) {
            return 1;
        }
    }
    return 0;
}

void pv_foreign_html_start(pv_scan_t *scan, pv_lane_t *lane)
{
    unsigned point = point_below(lane, lane->depth - 1);
    unsigned flags = lane->tag.flags;
    int plain_noscript = lane->tag.tag == PV_TAG_NOSCRIPT;

    if ((flags & PV_TAG_TABLE_PART) && !has_table(lane, point)) {
        fork_outward(scan, lane);
        return;
    }
    if (lane->tag.tag == PV_TAG_SVG || lane->tag.tag == PV_TAG_MATH ||
        lane->tag.tag == PV_TAG_FRAMESET || (flags & (PV_TAG_VOID | PV_TAG_INERT)) ||
        ((flags & PV_TAG_RAW) && !plain_noscript)) {
        return;
    }
    if (plain_noscript) {
        /* Text to some, an element to others. */
        lane->nodes[point].messy = 1;
        return;
    }
    lane->nodes[point].messy |= (flags & PV_TAG_TABLE_PART) || makes_messy(lane, point);
    push(scan, lane, NS_HTML, POINT_NONE);
    top_of(lane)->messy = (flags & PV_TAG_CLOSABLE) != 0;
}

/* The HTML element of this name that is open in the point below nodes[from], or 0. */
static unsigned find_html(const pv_lane_t *lane, unsigned from)
{
    for (; lane->nodes[from].ns == NS_HTML; from--) {
        if (lane->nodes[from].hash == lane->hash) {
            return from;
        }
    }
    return 0;
}

/* End tags that reach through integration points. */
static int reaches_out(const pv_lane_t *lane)
{
    return (lane->tag.flags & PV_TAG_TABLE_PART) || lane->tag.tag == PV_TAG_TABLE ||
           lane->tag.tag == PV_TAG_TEMPLATE || lane->tag.tag == PV_TAG_SELECT;
}

void pv_foreign_html_end(pv_scan_t *scan, pv_lane_t *lane)
{
    unsigned last = lane->depth - 1;
    unsigned point = point_below(lane, last);
    unsigned found = find_html(lane, last);

    if (found != 0) {
        lane->nodes[point].messy |= found < last;
        lane->depth = found;
    }
    else if (reaches_out(lane)) {
        fork_outward(scan, lane);
    }
    else if (point < last && lane->nodes[point].messy) {
        /* Nothing but the point itself may be open after all. */
        pv_lane_t *other = pv_lane_fork(scan, lane);
        if (other != NULL) {
            other->depth = point + 1;
            pv_foreign_end(scan, other);
        }
    }
}

/* Walking outward, the end tag came to the HTML element at nodes[at]. */
static void end_at_html(pv_scan_t *scan, pv_lane_t *lane, unsigned at)
{
    unsigned found = find_html(lane, at);

    if (found == 0) {
        if (reaches_out(lane)) {
            fork_outward(scan, lane);
        }
        return;
    }
    pv_lane_fork(scan, lane);
    lane->nodes[point_below(lane, at)].messy = 1;
    lane->depth = found;
}

/* It may match something outside of svg and math, or nothing. */
static void end_at_root(pv_scan_t *scan, pv_lane_t *lane)
{
    pv_lane_fork(scan, lane);
    lane->depth = 0;
    pv_tree_html_end(scan, lane);
}

void pv_foreign_end(pv_scan_t *scan, pv_lane_t *lane)
{
    if (lane->tag.tag == PV_TAG_BR || lane->tag.tag == PV_TAG_P) {
        leave(lane);
        pv_tree_html_end(scan, lane);
        return;
    }
    for (unsigned i = lane->depth; i-- > 0;) {
        if (lane->nodes[i].ns == NS_HTML) {
            end_at_html(scan, lane, i);
            return;
        }
        if (lane->nodes[i].hash == lane->hash) {
            if (top_of(lane)->messy) {
                pv_lane_fork(scan, lane);
            }
            lane->depth = i;
            return;
        }
    }
    end_at_root(scan, lane);
}
