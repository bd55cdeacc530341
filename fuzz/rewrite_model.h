/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file rewrite_model.h
 * @brief The whole output for a document (H1, H2, H3, M1): its bytes, with insertions where
 *        html_model.h and hold_model.h say so, and nowhere else.
 *
 * It is said of HTML alone, and not of documents which
 * - browsers do not all read alike (noscript, select, svg), or html_model.h cannot read;
 * - have a base in a srcdoc: the module may take that of the document for the one that counts;
 * - have an element with trackers of several categories: it names any of them;
 * - have a tag that the module may cut, where little is kept (OPTION_SMALL);
 * - hold what does nothing in HTML: a script's href, an image's;
 * - have an iframe of which it cannot be told here whether it can be seen.
 */

#ifndef REWRITE_MODEL_H
#define REWRITE_MODEL_H

#include "hold_model.h"

#define MODEL_PREFIX "data-privacy-"

typedef struct {
    size_t at; /**< in the document */
    pv_span_t text;
} model_edit_t;

typedef struct {
    html_t html;
    hold_t hold;
    const check_policy_t *policy;
    size_t limit; /**< of a script's text; a tag has to be shorter */
    model_edit_t *edits;
    int count, size;
    int unsaid; /**< what the output is cannot be said */
} model_t;

/* In the order of their places; of one place, in that in which they are added. */
static inline void model_insert(model_t *m, size_t at, pv_span_t text)
{
    int i;

    if (text.len == 0) {
        return;
    }
    if (m->count == m->size) {
        abort();
    }
    for (i = m->count++; i > 0 && m->edits[i - 1].at > at; i--) {
        m->edits[i] = m->edits[i - 1];
    }
    m->edits[i].at = at;
    m->edits[i].text = text;
}

static inline void model_mark(model_t *m, const html_tag_t *tag, const hold_found_t *found)
{
    /* Else a solidus would belong to the value. */
    const char *gap = m->html.in.ptr[tag->name_end] == '/' ? " " : "";
    const char *type = strcmp(tag->name, "script") == 0 ? " type=text/plain" : "";
    const char *mark =
        found->labelled
            ? type
            : apr_pstrcat(m->hold.pool, type, " " MODEL_PREFIX "category=", found->category, NULL);

    if (*mark != '\0') {
        mark = apr_pstrcat(m->hold.pool, mark, gap, NULL);
        model_insert(m, tag->name_end, pv_span(mark, strlen(mark)));
    }
}

/* It is held, or another of its name. */
static inline int model_is_held(const html_tag_t *tag, const hold_found_t *found, pv_span_t name)
{
    for (int i = 0; i < tag->count; i++) {
        if (found->held[i] && pv_span_eq_nocase(tag->attrs[i].name, name)) {
            return 1;
        }
    }
    return 0;
}

static inline void model_prefixes(model_t *m, const html_tag_t *tag, const hold_found_t *found)
{
    for (int i = 0; i < tag->count; i++) {
        pv_span_t name = tag->attrs[i].name;
        if (model_is_held(tag, found, name) ||
            (html_same(name, "type") && strcmp(tag->name, "script") == 0) ||
            (html_same(name, MODEL_PREFIX "category") && !found->labelled)) {
            model_insert(m, (size_t)(name.ptr - m->html.in.ptr), PV_SPAN(MODEL_PREFIX));
        }
    }
}

/* A size that is 0 or 1, or surely larger. */
static inline int model_no_size(model_t *m, const html_tag_t *tag, const char *name)
{
    const html_attr_t *size = html_attr(tag, name);

    if (size == NULL) {
        return 0;
    }
    if (html_same(size->value, "0") || html_same(size->value, "1")) {
        return 1;
    }
    for (size_t i = 0; i < size->value.len; i++) {
        m->unsaid |= !html_is_digit((unsigned char)size->value.ptr[i]);
    }
    m->unsaid |= size->value.len < 2 || size->value.ptr[0] == '0';
    return 0;
}

static inline int model_hidden(model_t *m, const html_tag_t *tag)
{
    const html_attr_t *style = html_attr(tag, "style");
    int hidden = html_attr(tag, "hidden") != NULL || model_no_size(m, tag, "width") ||
                 model_no_size(m, tag, "height");

    if (style == NULL) {
        return hidden;
    }
    if (html_same(style->value, "display:none") || html_same(style->value, "visibility:hidden")) {
        return 1;
    }
    m->unsaid |= !hidden && !html_same(style->value, "color:red");
    return hidden;
}

static inline void model_hold(model_t *m, const html_tag_t *tag, const hold_found_t *found)
{
    m->unsaid |= found->mixed;
    if (found->category == NULL) {
        return;
    }
    model_mark(m, tag, found);
    model_prefixes(m, tag, found);
    if (strcmp(tag->name, "iframe") == 0 && !model_hidden(m, tag) && tag->closed) {
        model_insert(m, tag->closed_end,
                     found->labelled ? PV_SPAN("<i>label</i>") : PV_SPAN("<i>gone</i>"));
    }
}

static inline int model_is_odd(const model_t *m, const html_tag_t *tag)
{
    return hold_is_odd(tag) || hold_is_cut_off(tag) ||
           (m->limit != SIZE_MAX && tag->end - tag->begin >= m->limit);
}

static inline void model_tags(model_t *m)
{
    /* Of a tag that is cut it is not known that it never ends. */
    m->unsaid |= m->limit != SIZE_MAX && m->html.open;
    for (int i = 0; i < m->html.count; i++) {
        const html_tag_t *tag = &m->html.tags[i];
        hold_found_t found;
        m->unsaid |= model_is_odd(m, tag);
        if (hold_base(&m->hold, tag)) {
            continue;
        }
        found = hold_tag(&m->hold, &m->html, tag, m->limit);
        if (!m->policy->grant) {
            model_hold(m, tag, &found);
        }
    }
}

static inline void model_messages(model_t *m)
{
    html_t *h = &m->html;

    /* The end begins what has not begun; but where no tag is it is no document, and what is open
     * there is not known to be over. */
    if (h->seen && !h->open) {
        html_imply_body(h, h->in.len);
    }
    m->unsaid |= h->open && h->phase < HTML_IN_BODY && m->policy->options.message.len > 0;
    if (h->has_head) {
        model_insert(m, h->head, m->policy->options.head);
    }
    if (h->has_body) {
        model_insert(m, h->body, m->policy->options.message);
    }
}

/** The output, or a span without ptr where it cannot be said. */
static inline pv_span_t model_output(const check_policy_t *policy, pv_span_t in, apr_pool_t *pool)
{
    model_t m = { .policy = policy, .hold = { .pool = pool, .labels = 1 } };
    size_t out_len = 0;
    size_t at = 0;
    char *out;

    m.limit = policy->options.limit != 0 ? policy->options.limit : SIZE_MAX;
    m.size = (int)in.len + 8;
    m.edits = apr_palloc(pool, (size_t)m.size * sizeof(*m.edits));
    html_read(&m.html, in, 1, 0, pool);
    model_messages(&m);
    model_tags(&m);
    if (policy->options.xml || m.unsaid || m.html.lost || m.html.other || m.hold.lost ||
        m.hold.other) {
        return pv_span(NULL, 0);
    }
    for (int i = 0; i < m.count; i++) {
        out_len += m.edits[i].text.len;
    }
    out = apr_palloc(pool, in.len + out_len + 1);
    out_len = 0;
    for (int i = 0; i <= m.count; i++) {
        size_t to = i < m.count ? m.edits[i].at : in.len;
        memcpy(out + out_len, in.ptr + at, to - at);
        out_len += to - at;
        at = to;
        if (i < m.count) {
            memcpy(out + out_len, m.edits[i].text.ptr, m.edits[i].text.len);
            out_len += m.edits[i].text.len;
        }
    }
    return pv_span(out, out_len);
}

#endif /* REWRITE_MODEL_H */
