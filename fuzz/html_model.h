/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file html_model.h
 * @brief The start tags of a document as WHATWG HTML, 13.2.5 and 13.2.6, says them, a byte at
 *        a time; and where head and body begin.
 *
 * One reading: a noscript as a browser with scripting reads it or one without, a select as newer
 * browsers read it or older ones. Trees are followed as far as they switch the tokenizer. An
 * svg is followed as long as its tags are known ones in good order. Where more than this is
 * needed (math, template, a frameset in a body, any other svg, a named character reference in an
 * attribute that is not in the list) the document is `lost`: nothing can be said of it.
 */

#ifndef HTML_MODEL_H
#define HTML_MODEL_H

#include "html_tag_model.h"

/* 13.2.6.4.1 to 13.2.6.4.6: where head and body begin. */

static inline void html_imply_head(html_t *h, size_t at)
{
    if (h->phase == HTML_BEFORE_HEAD) {
        h->phase = HTML_IN_HEAD;
        h->head = at;
        h->has_head = 1;
    }
}

static inline void html_imply_body(html_t *h, size_t at)
{
    html_imply_head(h, at);
    if (h->phase < HTML_IN_BODY) {
        h->phase = HTML_IN_BODY;
        h->body = at;
        h->has_body = 1;
    }
}

/** @return whether that is all that the tag does */
static inline int html_structure(html_t *h, const html_tag_t *tag)
{
    const char *in_head = "base basefont bgsound link meta title noframes script style template";

    if (h->phase >= HTML_IN_BODY) {
        return 0;
    }
    if (strcmp(tag->name, "html") == 0) {
        return 1;
    }
    if (strcmp(tag->name, "head") == 0) {
        html_imply_head(h, tag->end);
        return 1;
    }
    if (strcmp(tag->name, "body") == 0) {
        html_imply_head(h, tag->begin);
        html_imply_body(h, tag->end);
        return 1;
    }
    if (strcmp(tag->name, "frameset") == 0) {
        html_imply_head(h, tag->begin);
        h->phase = HTML_FRAMES;
        return 1;
    }
    if (html_word_in(tag->name, in_head) ||
        (strcmp(tag->name, "noscript") == 0 && h->phase != HTML_AFTER_HEAD)) {
        html_imply_head(h, tag->begin);
    }
    else {
        html_imply_body(h, tag->begin);
    }
    return 0;
}

static inline void html_end_structure(html_t *h, const html_tag_t *tag)
{
    if (h->phase >= HTML_IN_BODY) {
        return;
    }
    if (strcmp(tag->name, "head") == 0) {
        html_imply_head(h, tag->begin);
        h->phase = HTML_AFTER_HEAD;
    }
    else if (html_word_in(tag->name, "body html br")) {
        html_imply_body(h, tag->begin);
    }
}

/* 13.2.5.2 to 13.2.5.31: what is not markup. */

/* Whether `</name` stands at the `<` at an offset, and ends as a name does. */
static inline int html_end_tag_at(const html_t *h, size_t at, const char *name)
{
    size_t end = at + 2 + strlen(name);
    int c;

    if (!html_next_is(h, at, "</") || !html_next_is(h, at + 2, name) || end >= h->in.len) {
        return 0;
    }
    c = (unsigned char)h->in.ptr[end];
    return html_is_space(c) || c == '/' || c == '>';
}

static inline void html_skip_text(html_t *h, const char *name)
{
    while (html_peek(h, 0) != HTML_EOF && !html_end_tag_at(h, h->at, name)) {
        h->at++;
    }
}

typedef enum { HTML_SCRIPT, HTML_ESCAPED, HTML_DOUBLE_ESCAPED } html_script_e;

/* h->at is behind `<` or `</`: past the letters, and whether they are `script`. */
static inline int html_escape_word(html_t *h)
{
    size_t begin = h->at;
    int c;

    while (html_is_letter(c = html_peek(h, 0))) {
        h->at++;
    }
    if (!html_is_space(c) && c != '/' && c != '>') {
        return 0;
    }
    h->at++;
    return html_same(pv_span(h->in.ptr + begin, h->at - 1 - begin), "script");
}

/* At a `<` that is no end tag. */
static inline html_script_e html_script_lt(html_t *h, html_script_e state, int *dashes)
{
    int slash = html_peek(h, 1) == '/';

    *dashes = 0;
    if (state == HTML_SCRIPT) {
        if (html_next_is(h, h->at, "<!--")) {
            h->at += 4;
            *dashes = 2;
            return HTML_ESCAPED;
        }
        h->at++;
        return state;
    }
    h->at++;
    if (slash != (state == HTML_DOUBLE_ESCAPED)) {
        return state;
    }
    h->at += (size_t)slash;
    if (!html_is_letter(html_peek(h, 0)) && !slash) {
        return state;
    }
    if (html_escape_word(h)) {
        return slash ? HTML_ESCAPED : HTML_DOUBLE_ESCAPED;
    }
    return state;
}

static inline void html_skip_script(html_t *h)
{
    html_script_e state = HTML_SCRIPT;
    int dashes = 0;
    int c;

    while ((c = html_peek(h, 0)) != HTML_EOF) {
        if (c == '<') {
            if (state != HTML_DOUBLE_ESCAPED && html_end_tag_at(h, h->at, "script")) {
                return;
            }
            state = html_script_lt(h, state, &dashes);
            continue;
        }
        if (state != HTML_SCRIPT && c == '>' && dashes >= 2) {
            state = HTML_SCRIPT;
        }
        dashes = c == '-' ? dashes + 1 : 0;
        h->at++;
    }
}

static inline void html_read_text(html_t *h, html_tag_t *tag)
{
    html_tag_t end;

    if (strcmp(tag->name, "plaintext") == 0) {
        h->at = h->in.len;
        return;
    }
    if (strcmp(tag->name, "script") == 0) {
        html_skip_script(h);
    }
    else {
        html_skip_text(h, tag->name);
    }
    tag->text_end = h->at;
    if (html_peek(h, 0) == HTML_EOF) {
        h->open = 1;
        return;
    }
    tag->closed = html_read_tag(h, &end, 1);
    tag->closed_end = h->at;
}

/* 13.2.6.5: svg, as long as it is simple. */

static inline void html_enter_svg(html_t *h, const html_tag_t *tag)
{
    if (h->depth == HTML_DEPTH) {
        h->lost = 1;
        return;
    }
    memcpy(h->svg[h->depth++], tag->name, HTML_NAME);
}

static inline void html_svg_start(html_t *h, html_tag_t *tag)
{
    h->lost |= !html_word_in(tag->name, "svg g path image use script style a defs feimage");
    tag->svg = 1;
    if (!tag->self_closing) {
        html_enter_svg(h, tag);
    }
}

static inline void html_svg_end(html_t *h, const html_tag_t *tag)
{
    if (strcmp(h->svg[h->depth - 1], tag->name) != 0) {
        h->lost = 1;
        return;
    }
    h->depth--;
}

/* 13.2.6.4: what a start tag does to the tokenizer. */

/* As it was before 2025, in a select all but a few are ignored. */
static inline int html_ignored(html_t *h, const html_tag_t *tag)
{
    if (!h->old_select) {
        return 0;
    }
    if (strcmp(tag->name, "select") == 0) {
        h->in_select = !h->in_select;
        return 0;
    }
    if (html_word_in(tag->name, "input keygen textarea")) {
        h->in_select = 0;
    }
    return h->in_select && strcmp(tag->name, "script") != 0;
}

static inline void html_start_tag(html_t *h, html_tag_t *tag)
{
    const char *raw = "title textarea style xmp iframe noembed noframes script plaintext";

    h->other |= html_word_in(tag->name, "svg select noscript");
    h->lost |= html_word_in(tag->name, "math template");
    if (h->phase == HTML_FRAMES) {
        /* All but frames are ignored, but looked ahead for. */
        h->count++;
        if (strcmp(tag->name, "noframes") == 0) {
            html_read_text(h, tag);
        }
        return;
    }
    if (html_structure(h, tag)) {
        return;
    }
    h->lost |= strcmp(tag->name, "frameset") == 0;
    if (h->depth > 0) {
        html_svg_start(h, tag);
        h->count++;
        return;
    }
    if (html_ignored(h, tag)) {
        return;
    }
    h->count++;
    if (strcmp(tag->name, "svg") == 0 && !tag->self_closing) {
        html_enter_svg(h, tag);
    }
    else if (html_word_in(tag->name, raw) || (h->scripting && strcmp(tag->name, "noscript") == 0)) {
        html_read_text(h, tag);
    }
}

static inline void html_end_tag(html_t *h, const html_tag_t *tag)
{
    html_end_structure(h, tag);
    if (strcmp(tag->name, "select") == 0) {
        h->in_select = 0;
    }
    if (h->depth > 0) {
        html_svg_end(h, tag);
    }
}

/* 13.2.5.1, 13.2.5.6, 13.2.5.7, 13.2.5.41 to 13.2.5.71: data. */

static inline void html_skip_past(html_t *h, const char *end)
{
    while (html_peek(h, 0) != HTML_EOF) {
        if (html_next_is(h, h->at, end)) {
            h->at += strlen(end);
            return;
        }
        h->at++;
    }
    h->open = 1;
}

/* h->at is behind `<!--`. */
static inline void html_skip_comment(html_t *h)
{
    typedef enum { START, START_DASH, COMMENT, END_DASH, END, BANG } state_e;
    state_e state = START;
    int c;

    while ((c = html_peek(h, 0)) != HTML_EOF) {
        h->at++;
        if (c == '>' && state != COMMENT && state != END_DASH) {
            return;
        }
        if (c == '-') {
            state = state == START                      ? START_DASH
                    : state == COMMENT || state == BANG ? END_DASH
                                                        : END;
        }
        else {
            state = c == '!' && state == END ? BANG : COMMENT;
        }
    }
    h->open = 1;
}

static inline void html_declaration(html_t *h)
{
    if (html_next_is(h, h->at, "<!--")) {
        h->at += 4;
        html_skip_comment(h);
    }
    else if (h->depth > 0 && h->in.len - h->at >= 9 &&
             memcmp(h->in.ptr + h->at, "<![CDATA[", 9) == 0) {
        html_skip_past(h, "]]>");
    }
    else {
        /* A doctype, in which > counts even in quotes, or a bogus comment. */
        h->at += 2;
        html_skip_past(h, ">");
    }
}

static inline void html_character(html_t *h)
{
    if (!html_is_space(html_peek(h, 0))) {
        html_imply_body(h, h->at);
    }
    h->at++;
}

static inline void html_markup(html_t *h)
{
    int next = html_peek(h, 1);
    int is_end = next == '/' && html_is_letter(html_peek(h, 2));
    html_tag_t *tag = &h->tags[h->count];

    if (html_is_letter(next) || is_end) {
        h->seen = 1;
        if (html_read_tag(h, tag, is_end)) {
            (is_end ? html_end_tag(h, tag) : html_start_tag(h, tag));
        }
    }
    else if (next == '!') {
        html_declaration(h);
    }
    else if (next == '?' || (next == '/' && html_peek(h, 2) != HTML_EOF)) {
        h->at += 2;
        html_skip_past(h, ">");
    }
    else {
        html_character(h);
    }
}

static inline void html_begin(html_t *h, pv_span_t in, apr_pool_t *pool)
{
    size_t most = 1;

    memset(h, 0, sizeof(*h));
    h->in = in;
    h->pool = pool;
    for (size_t i = 0; i < in.len; i++) {
        most += in.ptr[i] == '<';
    }
    h->tags = apr_palloc(pool, most * sizeof(*h->tags));
    /* A byte order mark is none of the document. */
    h->at = in.len >= 3 && memcmp(in.ptr, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}

/** Read a document. The tags are h->tags[0] to [h->count - 1]. */
static inline void html_read(html_t *h, pv_span_t in, int scripting, int old_select,
                             apr_pool_t *pool)
{
    html_begin(h, in, pool);
    h->scripting = scripting;
    h->old_select = old_select;
    while (html_peek(h, 0) != HTML_EOF) {
        if (html_peek(h, 0) == '<') {
            html_markup(h);
        }
        else {
            html_character(h);
        }
    }
}

#endif /* HTML_MODEL_H */
