/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file xml_model.h
 * @brief The start tags of an XML document (XML 1.0, 2.3 to 3.1), up to the first error: there
 *        browsers stop. The names of what they are are those of XHTML and SVG, whatever their
 *        prefixes say.
 */

#ifndef XML_MODEL_H
#define XML_MODEL_H

#include "html_model.h"

static inline int xml_is_name(int c)
{
    return html_is_letter(c) || html_is_digit(c) || c == ':' || c == '_' || c == '-' || c == '.';
}

static inline void xml_skip_space(html_t *h)
{
    while (html_is_space(html_peek(h, 0)) && html_peek(h, 0) != '\f') {
        h->at++;
    }
}

/* Case counts, and of the names that are known none but feImage has a capital. */
static inline pv_span_t xml_name(html_t *h)
{
    size_t begin = h->at;

    if (!html_is_letter(html_peek(h, 0))) {
        return pv_span("", 0);
    }
    while (xml_is_name(html_peek(h, 0))) {
        h->at++;
    }
    return pv_span(h->in.ptr + begin, h->at - begin);
}

static inline int xml_is_lower(pv_span_t name)
{
    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] >= 'A' && name.ptr[i] <= 'Z') {
            return 0;
        }
    }
    return 1;
}

/* `="value"`. Returns 0 for anything else. */
static inline int xml_value(html_t *h, pv_span_t *value)
{
    int quote;
    size_t begin;

    xml_skip_space(h);
    if (html_peek(h, 0) != '=') {
        return 0;
    }
    h->at++;
    xml_skip_space(h);
    quote = html_peek(h, 0);
    if (quote != '"' && quote != '\'') {
        return 0;
    }
    begin = ++h->at;
    while (html_peek(h, 0) != quote) {
        if (html_peek(h, 0) == HTML_EOF || html_peek(h, 0) == '<') {
            return 0;
        }
        h->at++;
    }
    *value = html_decode(h, pv_span(h->in.ptr + begin, h->at - begin));
    h->at++;
    return 1;
}

static inline int xml_attr(html_t *h, html_tag_t *tag)
{
    html_attr_t *attr = &tag->attrs[tag->count];

    if (tag->count == HTML_ATTRS) {
        return 0;
    }
    memset(attr, 0, sizeof(*attr));
    attr->name = xml_name(h);
    for (int i = 0; i < tag->count; i++) {
        if (pv_span_eq(attr->name, tag->attrs[i].name)) {
            return 0;
        }
    }
    tag->count++;
    return attr->name.len > 0 && xml_is_lower(attr->name) && xml_value(h, &attr->value);
}

static inline void xml_set_name(html_tag_t *tag, pv_span_t name)
{
    const char *colon = memchr(name.ptr, ':', name.len);

    if (colon != NULL) {
        name = pv_span(colon + 1, (size_t)(name.ptr + name.len - colon) - 1);
    }
    if ((xml_is_lower(name) || pv_span_eq(name, PV_SPAN("feImage"))) && name.len < HTML_NAME) {
        for (size_t i = 0; i < name.len; i++) {
            tag->name[i] = (char)html_to_lower((unsigned char)name.ptr[i]);
        }
    }
    tag->svg = html_word_in(tag->name, "image use feimage");
}

/* h->at is at `<` in front of a name. Returns 0 for an error. */
static inline int xml_start_tag(html_t *h)
{
    html_tag_t *tag = &h->tags[h->count];
    int spaced;

    memset(tag, 0, sizeof(*tag));
    tag->begin = h->at++;
    xml_set_name(tag, xml_name(h));
    for (;;) {
        size_t at = h->at;
        xml_skip_space(h);
        spaced = h->at > at;
        if (html_peek(h, 0) == '/') {
            tag->self_closing = 1;
            h->at++;
        }
        if (html_peek(h, 0) == '>') {
            tag->end = tag->text_end = ++h->at;
            h->count++;
            return 1;
        }
        if (tag->self_closing || !spaced || !xml_attr(h, tag)) {
            return 0;
        }
    }
}

static inline int xml_end_tag(html_t *h)
{
    h->at += 2;
    if (xml_name(h).len == 0) {
        return 0;
    }
    xml_skip_space(h);
    return html_peek(h, 0) == '>' && ++h->at;
}

static inline int xml_comment(html_t *h)
{
    h->at += 4;
    html_skip_past(h, "--");
    return html_peek(h, 0) == '>' && ++h->at;
}

/* One that has nothing in it. */
static inline int xml_doctype(html_t *h)
{
    for (h->at += 9; html_peek(h, 0) != '>'; h->at++) {
        if (!html_is_letter(html_peek(h, 0)) && html_peek(h, 0) != ' ') {
            return 0;
        }
    }
    return ++h->at != 0;
}

static inline int xml_markup(html_t *h)
{
    if (html_is_letter(html_peek(h, 1))) {
        return xml_start_tag(h);
    }
    if (html_peek(h, 1) == '/') {
        return xml_end_tag(h);
    }
    if (html_next_is(h, h->at, "<!--")) {
        return xml_comment(h);
    }
    if (h->in.len - h->at >= 9 && memcmp(h->in.ptr + h->at, "<![CDATA[", 9) == 0) {
        html_skip_past(h, "]]>");
        return 1;
    }
    if (h->in.len - h->at >= 10 && memcmp(h->in.ptr + h->at, "<!DOCTYPE ", 10) == 0) {
        return xml_doctype(h);
    }
    if (html_peek(h, 1) == '?') {
        h->at += 2;
        html_skip_past(h, "?>");
        return 1;
    }
    return 0;
}

/** Read a document: its tags, as html_read() has them. */
static inline void xml_read(html_t *h, pv_span_t in, apr_pool_t *pool)
{
    html_begin(h, in, pool);
    while (html_peek(h, 0) != HTML_EOF) {
        if (html_peek(h, 0) != '<') {
            h->at++;
        }
        else if (!xml_markup(h)) {
            return;
        }
    }
}

#endif /* XML_MODEL_H */
