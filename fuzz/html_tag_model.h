/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file html_tag_model.h
 * @brief One tag, a byte at a time: its name, its attributes, and the character references in
 *        these (WHATWG HTML, 13.2.5.8, 13.2.5.32 to 13.2.5.40, 13.2.5.72 to 13.2.5.80).
 */

#ifndef HTML_TAG_MODEL_H
#define HTML_TAG_MODEL_H

#include "fuzz.h"

#define HTML_NAME  24 /**< of longer names nothing is known */
#define HTML_ATTRS 20
#define HTML_DEPTH 16

#define HTML_EOF (-1)

typedef struct {
    pv_span_t name;  /**< in the document, as it is written */
    pv_span_t value; /**< decoded */
    int repeated;    /**< the name has been there: browsers drop it */
} html_attr_t;

/** A start tag. */
typedef struct {
    char name[HTML_NAME]; /**< in lower case, the beginning */
    size_t begin, name_end, end;
    int count; /**< of attributes */
    html_attr_t attrs[HTML_ATTRS];
    int self_closing;
    int svg;           /**< it stands in an svg */
    int closed;        /**< what follows was text, and its end tag came */
    size_t text_end;   /**< of such a text, which begins at `end` */
    size_t closed_end; /**< behind the end tag */
} html_tag_t;

typedef enum { HTML_BEFORE_HEAD, HTML_IN_HEAD, HTML_AFTER_HEAD, HTML_IN_BODY, HTML_FRAMES } html_e;

/** A document, and how it is read. Set up by html_read(). */
typedef struct {
    pv_span_t in;
    apr_pool_t *pool;
    int scripting, old_select;
    html_tag_t *tags;
    int count;
    int lost;  /**< something is there that is not followed */
    int other; /**< something is there that browsers do not all read alike */
    int open;  /**< it ends in text, a comment or a tag */
    int seen;  /**< there is a tag in it, of whatever kind */
    int has_head, has_body;
    size_t head, body; /**< where they begin */

    size_t at;
    html_e phase;
    int in_select;
    int depth; /* of svg */
    char svg[HTML_DEPTH][HTML_NAME];
} html_t;

static inline int html_peek(const html_t *h, size_t ahead)
{
    return h->at + ahead < h->in.len ? (unsigned char)h->in.ptr[h->at + ahead] : HTML_EOF;
}

static inline int html_is_space(int c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

static inline int html_is_letter(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline int html_is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static inline int html_to_lower(int c)
{
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

/** Whether words, separated by spaces, have this one. */
static inline int html_word_in(const char *name, const char *words)
{
    size_t len = strlen(name);

    for (const char *at = words; len > 0 && (at = strstr(at, name)) != NULL; at += len) {
        if ((at == words || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0')) {
            return 1;
        }
    }
    return 0;
}

static inline int html_same(pv_span_t s, const char *word)
{
    size_t i;

    for (i = 0; i < s.len && word[i] != '\0'; i++) {
        if (html_to_lower((unsigned char)s.ptr[i]) != word[i]) {
            return 0;
        }
    }
    return i == s.len && word[i] == '\0';
}

/* Whether the bytes at an offset are this word, in any case. */
static inline int html_next_is(const html_t *h, size_t at, const char *word)
{
    size_t len = strlen(word);

    return at + len <= h->in.len && html_same(pv_span(h->in.ptr + at, len), word);
}

/* 13.2.5.72 to 13.2.5.80: character references, in an attribute. */

/** The value's next byte, or what a reference stands for, is written to *out. */
typedef struct {
    const char *at, *end;
    char *out;
} html_decode_t;

static inline void html_put_code(html_decode_t *d, unsigned long code)
{
    static const unsigned char marks[] = { 0, 0, 0xC0, 0xE0, 0xF0 };
    int bytes = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;

    for (int i = bytes - 1; i > 0; i--) {
        d->out[i] = (char)(0x80 | (code & 0x3F));
        code >>= 6;
    }
    d->out[0] = (char)(bytes == 1 ? code : marks[bytes] | code);
    d->out += bytes;
}

/* d->at is at `#`. */
static inline int html_number(html_decode_t *d)
{
    const char *p = d->at + 1;
    int hex = p < d->end && (*p == 'x' || *p == 'X');
    unsigned long code = 0;
    const char *digits = p += hex;

    for (; p < d->end; p++) {
        int c = html_to_lower((unsigned char)*p);
        int value = html_is_digit(c) ? c - '0' : hex && c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
        if (value < 0) {
            break;
        }
        code = code > 0x10FFFF ? code : code * (hex ? 16 : 10) + (unsigned long)value;
    }
    if (p == digits) {
        return 0;
    }
    if (code == 0 || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) {
        code = 0xFFFD;
    }
    /* What windows-1252 has there is no ASCII either. */
    html_put_code(d, code);
    d->at = p + (p < d->end && *p == ';');
    return 1;
}

/* d->at is at a letter. Returns 0 for no reference, -1 for one that is not known. */
static inline int html_named(html_decode_t *d)
{
    static const struct {
        const char *name;
        char c;
        int bare; /* without a semicolon, too */
    } names[] = { { "amp", '&', 1 },      { "AMP", '&', 1 },   { "lt", '<', 1 },
                  { "LT", '<', 1 },       { "gt", '>', 1 },    { "GT", '>', 1 },
                  { "quot", '"', 1 },     { "QUOT", '"', 1 },  { "apos", '\'', 0 },
                  { "sol", '/', 0 },      { "colon", ':', 0 }, { "period", '.', 0 },
                  { "comma", ',', 0 },    { "semi", ';', 0 },  { "equals", '=', 0 },
                  { "NewLine", '\n', 0 }, { "Tab", '\t', 0 },  { "bsol", '\\', 0 } };
    const char *p = d->at;
    size_t len;
    int semicolon;

    while (p < d->end && (html_is_letter((unsigned char)*p) || html_is_digit((unsigned char)*p))) {
        p++;
    }
    len = (size_t)(p - d->at);
    semicolon = p < d->end && *p == ';';
    if (p < d->end && *p == '=') {
        return 0;
    }
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (strlen(names[i].name) == len && memcmp(names[i].name, d->at, len) == 0 &&
            (semicolon || names[i].bare)) {
            *d->out++ = names[i].c;
            d->at = p + semicolon;
            return 1;
        }
    }
    return -1;
}

static inline pv_span_t html_decode(html_t *h, pv_span_t value)
{
    /* A NUL becomes U+FFFD. */
    html_decode_t d = { value.ptr, value.ptr + value.len, apr_palloc(h->pool, value.len * 3 + 4) };
    char *begin = d.out;

    while (d.at < d.end) {
        int c = (unsigned char)*d.at++;
        int next = d.at < d.end ? (unsigned char)*d.at : HTML_EOF;
        int known = 0;
        if (c == '\0') {
            html_put_code(&d, 0xFFFD);
            continue;
        }
        if (c == '&' && (next == '#' || html_is_letter(next))) {
            known = next == '#' ? html_number(&d) : html_named(&d);
        }
        h->lost |= known < 0;
        if (known <= 0) {
            *d.out++ = (char)c;
        }
    }
    return pv_span(begin, (size_t)(d.out - begin));
}

/* 13.2.5.32 to 13.2.5.40: attributes. */

typedef enum {
    HTML_BEFORE_NAME,
    HTML_NAME_STATE,
    HTML_AFTER_NAME,
    HTML_BEFORE_VALUE,
    HTML_DOUBLE,
    HTML_SINGLE,
    HTML_UNQUOTED,
    HTML_AFTER_QUOTED,
    HTML_SELF_CLOSING
} html_attr_e;

typedef struct {
    html_attr_e state;
    html_tag_t *tag;
    html_attr_t *attr;
} html_walk_t;

static inline void html_begin_attr(html_t *h, html_walk_t *w)
{
    if (w->tag->count == HTML_ATTRS) {
        h->lost = 1;
        w->tag->count--;
    }
    w->attr = &w->tag->attrs[w->tag->count++];
    memset(w->attr, 0, sizeof(*w->attr));
    w->attr->name = pv_span(h->in.ptr + h->at, 0);
    w->attr->value = pv_span("", 0);
    w->state = HTML_NAME_STATE;
}

static inline void html_append(const html_t *h, pv_span_t *s)
{
    s->ptr = s->len == 0 ? h->in.ptr + h->at : s->ptr;
    s->len++;
}

/* Between attributes. Returns whether the byte is used up; *done if it ends the tag. */
static inline int html_between(html_t *h, html_walk_t *w, int c, int *done)
{
    if (w->state == HTML_SELF_CLOSING && c == '>') {
        w->tag->self_closing = 1;
        *done = 1;
        return 1;
    }
    if (w->state == HTML_SELF_CLOSING) {
        w->state = HTML_BEFORE_NAME;
        return 0;
    }
    if (html_is_space(c)) {
        w->state = w->state == HTML_AFTER_QUOTED ? HTML_BEFORE_NAME : w->state;
        return 1;
    }
    if (c == '/' || c == '>') {
        w->state = HTML_SELF_CLOSING;
        *done = c == '>';
        return 1;
    }
    if (w->state == HTML_AFTER_NAME && c == '=') {
        w->state = HTML_BEFORE_VALUE;
        return 1;
    }
    if (w->state == HTML_AFTER_QUOTED) {
        w->state = HTML_BEFORE_NAME;
        return 0;
    }
    html_begin_attr(h, w);
    /* At the beginning of a name `=` belongs to it. */
    if (c == '=') {
        html_append(h, &w->attr->name);
        return 1;
    }
    return 0;
}

static inline int html_in_name(html_t *h, html_walk_t *w, int c)
{
    if (html_is_space(c) || c == '/' || c == '>') {
        w->state = HTML_AFTER_NAME;
        return 0;
    }
    if (c == '=') {
        w->state = HTML_BEFORE_VALUE;
        return 1;
    }
    html_append(h, &w->attr->name);
    return 1;
}

static inline int html_in_value(html_t *h, html_walk_t *w, int c, int *done)
{
    int quote = w->state == HTML_DOUBLE ? '"' : '\'';

    if (w->state == HTML_UNQUOTED) {
        if (html_is_space(c) || c == '>') {
            w->state = HTML_BEFORE_NAME;
            *done = c == '>';
            return 1;
        }
    }
    else if (c == quote) {
        w->state = HTML_AFTER_QUOTED;
        return 1;
    }
    html_append(h, &w->attr->value);
    return 1;
}

static inline int html_before_value(html_walk_t *w, int c, int *done)
{
    if (html_is_space(c)) {
        return 1;
    }
    if (c == '"' || c == '\'') {
        w->state = c == '"' ? HTML_DOUBLE : HTML_SINGLE;
        return 1;
    }
    w->state = HTML_UNQUOTED;
    *done = c == '>';
    return c == '>';
}

static inline int html_walk(html_t *h, html_walk_t *w, int c, int *done)
{
    switch (w->state) {
    case HTML_NAME_STATE:
        return html_in_name(h, w, c);
    case HTML_BEFORE_VALUE:
        return html_before_value(w, c, done);
    case HTML_DOUBLE:
    case HTML_SINGLE:
    case HTML_UNQUOTED:
        return html_in_value(h, w, c, done);
    default:
        return html_between(h, w, c, done);
    }
}

static inline void html_finish_attrs(html_t *h, html_tag_t *tag)
{
    for (int i = 0; i < tag->count; i++) {
        html_attr_t *attr = &tag->attrs[i];
        for (int j = 0; j < i; j++) {
            attr->repeated |= pv_span_eq_nocase(attr->name, tag->attrs[j].name);
        }
        attr->value = html_decode(h, attr->value);
    }
}

/** h->at is at a tag's `<`. @return 0 if the document ends in it */
static inline int html_read_tag(html_t *h, html_tag_t *tag, int is_end)
{
    html_walk_t w = { .state = HTML_BEFORE_NAME, .tag = tag };
    size_t len = 0;
    int done = 0;
    int c;

    memset(tag, 0, sizeof(*tag));
    tag->begin = h->at;
    h->at += is_end ? 2 : 1;
    while ((c = html_peek(h, 0)) != HTML_EOF && !html_is_space(c) && c != '/' && c != '>') {
        if (len < HTML_NAME - 1) {
            /* For what a NUL becomes, another letter of no name. */
            tag->name[len++] = c == '\0' ? '?' : (char)html_to_lower(c);
        }
        h->at++;
    }
    tag->name_end = h->at;
    while (!done && (c = html_peek(h, 0)) != HTML_EOF) {
        h->at += html_walk(h, &w, c, &done) != 0;
    }
    tag->end = tag->text_end = h->at;
    html_finish_attrs(h, tag);
    h->open |= !done;
    return done;
}

static inline const html_attr_t *html_attr(const html_tag_t *tag, const char *name)
{
    for (int i = 0; i < tag->count; i++) {
        if (html_same(tag->attrs[i].name, name)) {
            return &tag->attrs[i];
        }
    }
    return NULL;
}

#endif /* HTML_TAG_MODEL_H */
