/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* One element: whether it is held, and the insertions that hold it (rules H2 and H3). */

#include <apr_strings.h>

#include "html/pv_charref.h"
#include "html/pv_rewrite_private.h"

#define PREFIX "data-privacy-"

typedef struct {
    pv_rewrite_t *rewrite;
    const pv_scan_event_t *event;
    pv_element_t element;
    unsigned attrs; /* that are held: bit 1 << PV_ATTR_… */
    pv_held_t held;
} verdict_t;

static void judge_attr(verdict_t *v, pv_attr_e attr)
{
    pv_element_t *element = &v->element;
    pv_value_e kind = pv_element_value(element->tag, attr);
    pv_span_t value = element->values[attr];
    const char *category;

    if (kind == PV_VALUE_NONE) {
        return;
    }
    category = pv_value_judge(v->rewrite, element, kind, value);
    if (category == NULL && element->cut && element->open == attr &&
        pv_value_doubtful(element->tag, kind, value)) {
        category = pv_rewrite_doubt(v->rewrite);
    }
    if (category == NULL) {
        return;
    }
    v->attrs |= 1u << attr;
    if (v->held.category == NULL) {
        v->held.category = category;
        v->held.why = v->rewrite->why;
        v->held.url = value;
    }
}

static void judge_attrs(verdict_t *v)
{
    for (unsigned attr = 1; attr < PV_ATTR_COUNT; attr++) {
        if (pv_element_has(&v->element, (pv_attr_e)attr)) {
            judge_attr(v, (pv_attr_e)attr);
        }
    }
}

/* All that the element loads by, whoever's it is. */
static void hold_by_label(verdict_t *v, const char *category)
{
    for (unsigned attr = 1; attr < PV_ATTR_COUNT; attr++) {
        if (pv_element_has(&v->element, (pv_attr_e)attr) &&
            pv_element_value(v->element.tag, (pv_attr_e)attr) != PV_VALUE_NONE) {
            v->attrs |= 1u << attr;
        }
    }
    if (v->attrs != 0 || v->element.tag == PV_TAG_SCRIPT) {
        v->held.category = category;
        v->held.why = PV_HELD_LABEL;
    }
}

static pv_label_e judge_label(const verdict_t *v, const char **category)
{
    const pv_rewrite_t *rewrite = v->rewrite;

    if (!pv_element_has(&v->element, PV_ATTR_LABEL) || rewrite->calls->judge_label == NULL) {
        return PV_LABEL_NONE;
    }
    return rewrite->calls->judge_label(rewrite->ctx, v->element.values[PV_ATTR_LABEL], category);
}

/* A script's text runs where it has no source. */
static int is_inline_script(const verdict_t *v)
{
    unsigned sources = 1u << PV_ATTR_SRC;

    if (v->element.tag != PV_TAG_SCRIPT) {
        return 0;
    }
    if (v->event->foreign) {
        sources = 1u << PV_ATTR_HREF | 1u << PV_ATTR_XLINK_HREF;
    }
    if (v->element.xml) {
        sources |= 1u << PV_ATTR_HREF | 1u << PV_ATTR_XLINK_HREF;
    }
    return (v->element.has & sources) == 0;
}

static apr_uint64_t offset_of(const verdict_t *v, const char *p)
{
    return v->event->begin + (apr_uint64_t)(p - v->element.bytes.ptr);
}

/* Behind the tag's name: what marks the element as held. */
static void insert_mark(verdict_t *v)
{
    char text[PV_CATEGORY_MAX + 64];
    const char *quote = v->element.xml ? "\"" : "";
    const char *end = v->element.name.ptr + v->element.name.len;
    apr_size_t len = 0;

    if (v->element.tag == PV_TAG_SCRIPT) {
        len += (apr_size_t)apr_snprintf(text, sizeof(text), " type=%stext/plain%s", quote, quote);
    }
    if (v->held.why != PV_HELD_LABEL) {
        len +=
            (apr_size_t)apr_snprintf(text + len, sizeof(text) - len, " " PREFIX "category=%s%.*s%s",
                                     quote, PV_CATEGORY_MAX, v->held.category, quote);
    }
    /* `<img/src=…`: a solidus would belong to an unquoted value. */
    if (len > 0 && *end == '/' && !v->element.xml) {
        text[len++] = ' ';
    }
    pv_edit_add(&v->rewrite->edits, offset_of(v, end), text, len, 1);
}

static int is_renamed(const verdict_t *v, pv_attr_e attr)
{
    if (attr == PV_ATTR_TYPE) {
        return v->element.tag == PV_TAG_SCRIPT;
    }
    if (attr == PV_ATTR_LABEL) {
        return v->held.why != PV_HELD_LABEL;
    }
    return (v->attrs >> attr & 1) != 0;
}

static void insert_prefix(verdict_t *v, pv_span_t name)
{
    const char *at = name.ptr;

    if (v->element.xml) {
        at += name.len;
        while (at > name.ptr && at[-1] != ':') {
            at--;
        }
    }
    pv_edit_add(&v->rewrite->edits, offset_of(v, at), PREFIX, sizeof(PREFIX) - 1, 1);
}

static void insert_prefixes(verdict_t *v)
{
    const pv_element_t *element = &v->element;
    pv_attr_iter_t iter;
    pv_attr_t attr;

    pv_attr_first(&iter, element->name.ptr + element->name.len,
                  element->bytes.ptr + element->bytes.len);
    while (pv_attr_next(&iter, &attr)) {
        pv_attr_e which = pv_element_attr(attr.name, element->xml);
        if (which != PV_ATTR_OTHER && is_renamed(v, which)) {
            insert_prefix(v, attr.name);
        }
    }
}

/* Tell of it. @return 0 where that is all: nothing is inserted into what is only searched */
static int tell(verdict_t *v)
{
    pv_rewrite_t *rewrite = v->rewrite;

    if (rewrite->probing) {
        if (rewrite->found == NULL) {
            rewrite->found = v->held.category;
            rewrite->found_why = v->held.why;
        }
        return 0;
    }
    v->held.tag = v->event->tag;
    if (rewrite->calls->held != NULL) {
        rewrite->calls->held(rewrite->ctx, &v->held);
    }
    return 1;
}

static void hold(verdict_t *v)
{
    if (tell(v)) {
        insert_mark(v);
        insert_prefixes(v);
    }
}

/* What stands in for an iframe is kept until its place has come. */
static unsigned ask_placeholder(verdict_t *v)
{
    pv_rewrite_t *rewrite = v->rewrite;
    pv_span_t text;

    if (v->element.tag != PV_TAG_IFRAME || rewrite->probing ||
        rewrite->calls->placeholder == NULL || pv_element_hidden(&v->element)) {
        return 0;
    }
    text = rewrite->calls->placeholder(rewrite->ctx, &v->held);
    if (text.len == 0) {
        return 0;
    }
    pv_rewrite_wait(rewrite, v->event->begin, text);
    return PV_SCAN_WANT_END;
}

static void note_base(pv_rewrite_t *rewrite, const pv_scan_event_t *event, pv_span_t href)
{
    pv_span_t base = href;

    if (rewrite->base_is_sure) {
        return;
    }
    base.len = base.len < PV_REWRITE_BASE_MAX ? base.len : PV_REWRITE_BASE_MAX;
    rewrite->base_is_sure = event->single && !event->inert;
    for (unsigned i = 0; i < rewrite->base_count; i++) {
        pv_rewrite_base_t *same = &rewrite->bases[i];

        if (pv_span_eq(same->href, base)) {
            same->end = event->end < same->end ? event->end : same->end;
            return;
        }
    }
    if (rewrite->base_count < PV_REWRITE_BASES || rewrite->base_is_sure) {
        unsigned last = PV_REWRITE_BASES - 1;
        pv_rewrite_base_t *noted =
            &rewrite->bases[rewrite->base_count <= last ? rewrite->base_count++ : last];

        noted->href = pv_span(
            apr_pstrmemdup(rewrite->pool, base.ptr != NULL ? base.ptr : "", base.len), base.len);
        noted->end = event->end;
    }
}

static void read_element(verdict_t *v, pv_rewrite_t *rewrite, const pv_scan_event_t *event,
                         pv_span_t bytes)
{
    memset(v, 0, sizeof(*v));
    v->rewrite = rewrite;
    v->event = event;
    rewrite->at = event->begin;
    rewrite->probed = 0;
    v->element.tag = event->tag;
    v->element.xml = rewrite->options.xml;
    v->element.cut = event->kind == PV_SCAN_CUT;
    pv_element_read(&v->element, bytes, &rewrite->scratch);
}

/* Nothing of it points at a tracker. */
static unsigned not_held(verdict_t *v)
{
    if (!is_inline_script(v)) {
        return v->element.cut ? PV_SCAN_WANT_ATTRS : 0;
    }
    if (!v->element.cut) {
        return v->rewrite->calls->judge_inline != NULL ? PV_SCAN_WANT_TEXT : 0;
    }
    /* A source may follow, or a text that can be held here alone. */
    v->held.category = pv_rewrite_doubt(v->rewrite);
    v->held.why = PV_HELD_DOUBT;
    if (v->held.category != NULL) {
        hold(v);
    }
    return PV_SCAN_WANT_ATTRS;
}

/* Chromium fetches an svg's script whatever its type, and then does not run it. */
static int is_fetched_anyway(const verdict_t *v)
{
    return v->element.tag == PV_TAG_SCRIPT && v->event->foreign &&
           (pv_element_has(&v->element, PV_ATTR_HREF) ||
            pv_element_has(&v->element, PV_ATTR_XLINK_HREF));
}

static int loads(const verdict_t *v)
{
    return pv_element_loads(&v->element) != PV_NO || is_fetched_anyway(v);
}

unsigned pv_hold_tag(pv_rewrite_t *rewrite, const pv_scan_event_t *event)
{
    verdict_t v;
    const char *category = NULL;
    pv_label_e label;
    int known;

    read_element(&v, rewrite, event, event->bytes);
    if (event->tag == PV_TAG_BASE) {
        if (pv_element_has(&v.element, PV_ATTR_HREF)) {
            note_base(rewrite, event, v.element.values[PV_ATTR_HREF]);
            return 0;
        }
        return v.element.cut ? PV_SCAN_WANT_ATTRS : 0;
    }
    label = judge_label(&v, &category);
    known = loads(&v);
    if (label == PV_LABEL_EXEMPT || (!known && !v.element.cut)) {
        return 0;
    }
    /* Of what is cut a second type or rel may follow, which counts where a browser looks ahead for
     * URLs: these are judged. */
    if (label == PV_LABEL_HELD && known) {
        hold_by_label(&v, category);
    }
    else {
        judge_attrs(&v);
    }
    if (v.held.category == NULL) {
        return known ? not_held(&v) : PV_SCAN_WANT_ATTRS;
    }
    hold(&v);
    return ask_placeholder(&v) | (v.element.cut ? PV_SCAN_WANT_ATTRS : 0);
}

static void insert_late(verdict_t *v, pv_span_t name)
{
    char text[PV_CATEGORY_MAX + 64];
    apr_size_t len;

    if (v->element.xml) {
        /* A second category would be fatal. */
        insert_prefix(v, name);
        return;
    }
    len = (apr_size_t)apr_snprintf(text, sizeof(text), PREFIX "category=%.*s " PREFIX,
                                   PV_CATEGORY_MAX, v->held.category);
    pv_edit_add(&v->rewrite->edits, offset_of(v, name.ptr), text, len, 1);
}

void pv_hold_attr(pv_rewrite_t *rewrite, const pv_scan_event_t *event)
{
    verdict_t v;
    pv_attr_iter_t iter;
    pv_attr_t attr;
    pv_attr_e which;

    memset(&v, 0, sizeof(v));
    v.rewrite = rewrite;
    v.event = event;
    rewrite->at = event->begin;
    rewrite->probed = 0;
    v.element.tag = event->tag;
    v.element.xml = rewrite->options.xml;
    v.element.cut = 1;
    v.element.bytes = event->bytes;
    pv_attr_first(&iter, event->bytes.ptr, event->bytes.ptr + event->bytes.len);
    if (!pv_attr_next(&iter, &attr)) {
        return;
    }
    which = pv_element_attr(attr.name, v.element.xml);
    v.element.open = event->open ? which : PV_ATTR_OTHER;
    v.element.values[which].ptr =
        pv_scratch_get(&rewrite->scratch, pv_charref_size(attr.value.len));
    v.element.values[which].len = pv_charref_decode(
        attr.value.ptr, attr.value.len, PV_CHARREF_ATTRIBUTE, pv_scratch_get(&rewrite->scratch, 0));
    if (event->tag == PV_TAG_BASE && which == PV_ATTR_HREF) {
        note_base(rewrite, event, v.element.values[which]);
        return;
    }
    judge_attr(&v, which);
    if (v.held.category == NULL) {
        return;
    }
    if (tell(&v)) {
        insert_late(&v, attr.name);
    }
}

void pv_hold_text(pv_rewrite_t *rewrite, const pv_scan_event_t *event)
{
    apr_size_t tag_len = (apr_size_t)(event->text - event->begin);
    pv_span_t text = pv_span(event->bytes.ptr + tag_len, event->bytes.len - tag_len);
    const char *category = rewrite->calls->judge_inline(rewrite->ctx, text);
    pv_held_e why = PV_HELD_TEXT;
    verdict_t v;

    if (category == NULL && event->markup &&
        pv_charref_needed(text.ptr, text.len, PV_CHARREF_TEXT)) {
        char *out = pv_scratch_get(&rewrite->decoded, pv_charref_size(text.len));
        apr_size_t len = pv_charref_decode(text.ptr, text.len, PV_CHARREF_TEXT, out);
        category = rewrite->calls->judge_inline(rewrite->ctx, pv_span(out, len));
    }
    if (category == NULL && event->crowded) {
        category = pv_rewrite_doubt(rewrite);
        why = PV_HELD_DOUBT;
    }
    if (category == NULL) {
        return;
    }
    read_element(&v, rewrite, event, pv_span(event->bytes.ptr, tag_len));
    v.held.category = category;
    v.held.why = why;
    hold(&v);
}
