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

static int is(const char *name, const char *other)
{
    return strcmp(name, other) == 0;
}

static void begin_name(pv_markup_t *m, int closing, char first)
{
    m->closing = closing;
    m->element[0] = '\0';
    append(m->element, first);
}

static void begin_tag(pv_markup_t *m, int closing, char first)
{
    m->place = PV_IN_TAG_NAME;
    begin_name(m, closing, first);
}

/** Behind the > of a tag. */
static void end_tag(pv_markup_t *m)
{
    static const char *const raw[] = { "script", "style",     "iframe",   "noembed", "noframes",
                                       "xmp",    "plaintext", "textarea", "title",   NULL };
    static const char *const nests[] = { "svg", "math", "select", NULL };

    m->place = PV_IN_TEXT;
    if (is_one_of(m->element, nests)) {
        m->nested = !m->closing;
    }
    if (!m->closing && is(m->element, "noscript")) {
        m->noscript = 1;
        m->watched = 0;
    }
    if (!m->closing && is_one_of(m->element, raw)) {
        memcpy(m->raw, m->element, sizeof(m->raw));
        m->escaped = 0;
        /* In these two, character references are read: a value may stand there. */
        m->place = is(m->raw, "textarea") || is(m->raw, "title") ? PV_IN_TEXT : PV_IN_RAW;
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

static void in_attribute_name(pv_markup_t *m, char c)
{
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
}

/** Behind an attribute's name: its `=` may be there, or is still to come. */
static void in_attribute_equals(pv_markup_t *m, char c)
{
    if (is_space(c)) {
        return;
    }
    if (m->equals) {
        begin_value(m, c);
    }
    else if (c == '=') {
        m->equals = 1;
    }
    else if (c == '/') {
        m->place = PV_IN_TAG;
    }
    else {
        begin_attribute(m, c);
    }
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
        in_attribute_name(m, c);
        break;
    case PV_IN_ATTR_EQUALS:
        in_attribute_equals(m, c);
        break;
    default: /* PV_IN_VALUE_UNQUOTED */
        if (is_space(c)) {
            m->place = PV_IN_TAG;
        }
        break;
    }
}

/** Behind a `<` in text. */
static void in_open(pv_markup_t *m, char c)
{
    pv_open_t open = m->open;

    m->open = PV_OPEN_NOT;
    m->place = PV_IN_DECLARATION;
    if (open == PV_OPEN_LESS && (c == '/' || c == '!')) {
        m->open = c == '/' ? PV_OPEN_SLASH : PV_OPEN_BANG;
        m->place = PV_IN_OPEN;
    }
    else if (open == PV_OPEN_BANG && c == '-') {
        m->open = PV_OPEN_DASH;
        m->place = PV_IN_OPEN;
    }
    else if (open <= PV_OPEN_SLASH && is_letter(c)) {
        begin_tag(m, open == PV_OPEN_SLASH, c);
    }
    else if (open == PV_OPEN_BANG && c == '[') {
        m->place = PV_IN_DOUBT; /* CDATA in svg alone */
    }
    else if (open == PV_OPEN_DASH && c == '-') {
        m->place = PV_IN_COMMENT;
        m->dashes = -1;
    }
    else if (open == PV_OPEN_LESS && c == '<') {
        m->open = PV_OPEN_LESS;
        m->place = PV_IN_OPEN;
    }
    else if (c == '>' || (open == PV_OPEN_LESS && c != '?')) {
        m->place = PV_IN_TEXT;
    }
}

/** The name of a tag in raw text has ended. */
static void end_raw_name(pv_markup_t *m, char c)
{
    m->open = PV_OPEN_NOT;
    if (!is(m->element, m->raw) || is(m->raw, "plaintext")) {
        return;
    }
    if (!m->closing) {
        m->escaped = 2;
    }
    else if (m->escaped == 2) {
        m->escaped = 1;
    }
    else {
        m->raw[0] = '\0';
        m->place = PV_IN_TAG;
        if (c == '>') {
            end_tag(m);
        }
    }
}

/** What c makes of what has been read of a tag or comment in raw text. */
static void in_raw_open(pv_markup_t *m, char c)
{
    pv_open_t open = m->open;
    int script = is(m->raw, "script");

    m->open = c == '<' ? PV_OPEN_LESS : PV_OPEN_NOT;
    if (open == PV_OPEN_LESS && c == '/') {
        m->open = PV_OPEN_SLASH;
    }
    else if (open == PV_OPEN_LESS && script && m->escaped == 0 && c == '!') {
        m->open = PV_OPEN_BANG;
    }
    else if (open == PV_OPEN_BANG && c == '-') {
        m->open = PV_OPEN_DASH;
    }
    else if (open == PV_OPEN_DASH && c == '-') {
        m->escaped = 1;
        m->dashes = 2;
    }
    else if (is_letter(c) &&
             (open == PV_OPEN_SLASH || (open == PV_OPEN_LESS && script && m->escaped == 1))) {
        m->open = PV_OPEN_NAME;
        begin_name(m, open == PV_OPEN_SLASH, c);
    }
    else if (open == PV_OPEN_NAME && is_letter(c)) {
        m->open = PV_OPEN_NAME;
        append(m->element, c);
    }
    else if (open == PV_OPEN_NAME && (is_space(c) || c == '/' || c == '>')) {
        end_raw_name(m, c);
    }
}

/**
 * Raw text, or that of a title or textarea. It ends with its own end tag alone; where some
 * browsers find markup in it, what looks like a tag is one to them.
 */
static void in_raw(pv_markup_t *m, char c)
{
    int was_open = m->open != PV_OPEN_NOT, script = is(m->raw, "script");

    if (m->escaped > 0 && c == '>' && m->dashes >= 2) {
        m->escaped = 0;
    }
    m->dashes = c == '-' ? m->dashes + (m->dashes < 2) : 0;
    in_raw_open(m, c);
    if (m->raw[0] == '\0') {
        return;
    }
    if (was_open && m->open <= PV_OPEN_LESS && (!script || m->nested)) {
        m->place = PV_IN_DOUBT;
    }
    else if (m->place != PV_IN_RAW) {
        m->place = m->open == PV_OPEN_NOT ? PV_IN_TEXT : PV_IN_OPEN;
    }
}

/** Behind --! of a comment. */
#define BANG 3

/** dashes is -1 behind <!--, -2 behind <!---, which a > ends as well. */
static void in_comment(pv_markup_t *m, char c)
{
    if (c == '>' && (m->dashes < 0 || m->dashes >= 2)) {
        m->place = PV_IN_TEXT;
    }
    else if (c == '-') {
        m->dashes = m->dashes == -1 ? -2 : m->dashes == 0 || m->dashes == BANG ? 1 : 2;
    }
    else {
        m->dashes = c == '!' && m->dashes == 2 ? BANG : 0;
    }
}

/** Where a noscript ends as raw text, it has to end as markup. */
static void watch_noscript(pv_markup_t *m, char c)
{
    static const char end[] = "</noscript";

    if (m->watched == sizeof(end) - 1 && (is_space(c) || c == '/' || c == '>')) {
        m->noscript = 0;
        if (m->place != PV_IN_TAG_NAME || !m->closing || !is(m->element, "noscript")) {
            m->place = PV_IN_DOUBT;
        }
        return;
    }
    m->watched = m->watched < (int)sizeof(end) - 1 && pv_lower(c) == end[m->watched]
                     ? m->watched + 1
                     : c == '<';
}

static void read_byte(pv_markup_t *m, char c)
{
    if (m->noscript) {
        watch_noscript(m, c);
    }
    if (m->place != PV_IN_DOUBT && m->raw[0] != '\0') {
        in_raw(m, c);
        return;
    }
    switch (m->place) {
    case PV_IN_TEXT:
        if (c == '<') {
            m->open = PV_OPEN_LESS;
            m->place = PV_IN_OPEN;
        }
        break;
    case PV_IN_OPEN:
        in_open(m, c);
        break;
    case PV_IN_COMMENT:
        in_comment(m, c);
        break;
    case PV_IN_DECLARATION:
        if (c == '>') {
            m->place = PV_IN_TEXT;
        }
        break;
    case PV_IN_DOUBT:
        break;
    default:
        in_tag(m, c);
        break;
    }
}

void pv_markup_read(pv_markup_t *m, const char *buf, apr_size_t len)
{
    for (apr_size_t i = 0; i < len; i++) {
        read_byte(m, buf[i]);
    }
}

int pv_markup_same(const pv_markup_t *a, const pv_markup_t *b)
{
    if (a->place != b->place || !is(a->raw, b->raw) || a->noscript != b->noscript ||
        a->nested != b->nested) {
        return 0;
    }
    if (a->place == PV_IN_VALUE && (a->quote != b->quote || !is(a->attribute, b->attribute) ||
                                    a->value_begun != b->value_begun)) {
        return 0;
    }
    return (a->place != PV_IN_TAG && a->place != PV_IN_VALUE) ||
           (is(a->element, b->element) && a->closing == b->closing);
}
