/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "page/pv_markup.h"

static int is_letter(char c)
{
    c = pv_lower(c);
    return c >= 'a' && c <= 'z';
}

static int is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static int is_one_of(const char *name, const char *const *names)
{
    for (; *names != NULL; names++) {
        if (strcmp(name, *names) == 0) {
            return 1;
        }
    }
    return 0;
}

/** A name is compared whole: one too long to be known is none that matters, but for
 *  on*, which tells itself by its beginning. */
static void append(char *name, char c)
{
    apr_size_t len = strlen(name);

    if (len + 1 < PV_MARKUP_NAME_MAX) {
        name[len] = pv_lower(c);
        name[len + 1] = '\0';
    }
}

static pv_value_kind_t kind_of(const char *attribute)
{
    static const char *const code[] = { "style", "srcdoc",  "srcset",     "imagesrcset",
                                        "ping",  "content", "http-equiv", NULL };
    static const char *const url[] = { "href",     "src",  "action",     "formaction", "cite",
                                       "poster",   "data", "xlink:href", "background", "longdesc",
                                       "manifest", "icon", NULL };

    if (strncmp(attribute, "on", 2) == 0 || is_one_of(attribute, code)) {
        return PV_VALUE_CODE;
    }
    return is_one_of(attribute, url) ? PV_VALUE_URL : PV_VALUE_TEXT;
}

static void begin_tag(pv_markup_t *m, char first)
{
    m->place = PV_IN_TAG_NAME;
    m->element[0] = '\0';
    append(m->element, first);
}

static void end_tag(pv_markup_t *m)
{
    static const char *const raw[] = { "script", "style",     "iframe",   "noembed", "noframes",
                                       "xmp",    "plaintext", "textarea", "title",   NULL };

    m->place = PV_IN_TEXT;
    if (!m->closing && is_one_of(m->element, raw)) {
        memcpy(m->raw, m->element, sizeof(m->raw));
        /* In these two, character references are read: a value may stand there. */
        m->place = strcmp(m->raw, "textarea") == 0 || strcmp(m->raw, "title") == 0 ? PV_IN_TEXT
                                                                                   : PV_IN_RAW;
    }
    m->closing = 0;
}

static void begin_value(pv_markup_t *m, char c)
{
    m->kind = kind_of(m->attribute);
    m->value_begun = 0;
    m->quote = c;
    m->place = (c == '"' || c == '\'') ? PV_IN_VALUE : PV_IN_VALUE_UNQUOTED;
}

static void begin_attribute(pv_markup_t *m, char c)
{
    m->place = PV_IN_ATTR_NAME;
    m->attribute[0] = '\0';
    m->equals = 0;
    append(m->attribute, c);
}

/** One byte inside a tag. */
static void in_tag(pv_markup_t *m, char c)
{
    if (m->place == PV_IN_VALUE) {
        m->value_begun = 1;
        if (c == m->quote) {
            m->place = PV_IN_TAG;
        }
        return;
    }
    if (c == '>') {
        end_tag(m);
        return;
    }
    switch (m->place) {
    case PV_IN_TAG_NAME:
        if (is_space(c) || c == '/') {
            m->place = PV_IN_TAG;
        }
        else {
            append(m->element, c);
        }
        break;
    case PV_IN_TAG:
        if (!is_space(c) && c != '/') {
            begin_attribute(m, c);
        }
        break;
    case PV_IN_ATTR_NAME:
        if (c == '=') {
            m->equals = 1;
            m->place = PV_IN_ATTR_EQUALS;
        }
        else if (is_space(c)) {
            m->place = PV_IN_ATTR_EQUALS;
        }
        else if (c == '/') {
            m->place = PV_IN_TAG;
        }
        else {
            append(m->attribute, c);
        }
        break;
    case PV_IN_ATTR_EQUALS:
        if (is_space(c)) {
            break;
        }
        if (m->equals) {
            begin_value(m, c);
        }
        else if (c == '=') {
            m->equals = 1;
        }
        else {
            begin_attribute(m, c);
        }
        break;
    default: /* PV_IN_VALUE_UNQUOTED */
        if (is_space(c)) {
            m->place = PV_IN_TAG;
        }
        break;
    }
}

/** What begins at a `<`. @return bytes read */
static apr_size_t at_less_than(pv_markup_t *m, const char *p, const char *end)
{
    apr_size_t left = (apr_size_t)(end - p);

    if (left >= 4 && memcmp(p, "<!--", 4) == 0) {
        m->place = PV_IN_COMMENT;
        m->dashes = 0;
        return 4;
    }
    if (left >= 2 && (p[1] == '!' || p[1] == '?')) {
        m->place = PV_IN_DECLARATION;
        return 2;
    }
    if (left >= 3 && p[1] == '/' && is_letter(p[2])) {
        m->closing = 1;
        begin_tag(m, p[2]);
        return 3;
    }
    if (left >= 2 && is_letter(p[1])) {
        begin_tag(m, p[1]);
        return 2;
    }
    return 1;
}

/** Raw text ends with its own end tag alone. @return bytes read */
static apr_size_t in_raw(pv_markup_t *m, const char *p, const char *end)
{
    apr_size_t len = strlen(m->raw);

    if (*p == '<' && (apr_size_t)(end - p) >= len + 2 && p[1] == '/' &&
        pv_span_eq_nocase(pv_span(p + 2, len), pv_span(m->raw, len))) {
        m->closing = 1;
        m->place = PV_IN_TAG_NAME;
        memcpy(m->element, m->raw, sizeof(m->element));
        return len + 2;
    }
    return 1;
}

static void in_comment(pv_markup_t *m, char c)
{
    if (c == '>' && m->dashes >= 2) {
        m->place = PV_IN_TEXT;
    }
    m->dashes = c == '-' ? m->dashes + 1 : 0;
}

void pv_markup_read(pv_markup_t *m, const char *buf, apr_size_t len)
{
    const char *end = buf + len;

    for (const char *p = buf; p < end;) {
        apr_size_t read = 1;

        switch (m->place) {
        case PV_IN_TEXT:
            if (*p == '<') {
                read = at_less_than(m, p, end);
            }
            break;
        case PV_IN_COMMENT:
            in_comment(m, *p);
            break;
        case PV_IN_DECLARATION:
            if (*p == '>') {
                m->place = PV_IN_TEXT;
            }
            break;
        case PV_IN_RAW:
            read = in_raw(m, p, end);
            break;
        default:
            in_tag(m, *p);
            break;
        }
        p += read;
    }
}

int pv_markup_same(const pv_markup_t *a, const pv_markup_t *b)
{
    if (a->place != b->place) {
        return 0;
    }
    if (a->place == PV_IN_VALUE) {
        return a->quote == b->quote && strcmp(a->attribute, b->attribute) == 0 &&
               a->value_begun == b->value_begun;
    }
    return a->place != PV_IN_TAG || strcmp(a->element, b->element) == 0;
}
