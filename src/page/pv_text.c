/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "page/pv_text.h"

#include <apr_strings.h>

#define FIRST_SIZE  512
#define RETURN_MAX  8000
#define REPLACEMENT "\xef\xbf\xbd"

static void grow(pv_text_t *text, apr_size_t need)
{
    apr_size_t size = text->size ? text->size * 2 : FIRST_SIZE;
    char *grown;

    while (size < need) {
        size *= 2;
    }
    grown = apr_palloc(text->pool, size);
    if (text->len > 0) {
        memcpy(grown, text->ptr, text->len);
    }
    text->ptr = grown;
    text->size = size;
}

void pv_text_add(pv_text_t *text, const char *buf, apr_size_t len)
{
    if (len == 0) {
        return;
    }
    if (text->len + len > text->size) {
        grow(text, text->len + len);
    }
    memcpy(text->ptr + text->len, buf, len);
    text->len += len;
}

static void add_literal(pv_text_t *text, const char *literal)
{
    pv_text_add(text, literal, strlen(literal));
}

/** Bytes of the well-formed sequence that begins at p (Unicode, table 3-7), or 0. */
static apr_size_t sequence(const unsigned char *p, const unsigned char *end)
{
    unsigned char low = 0x80, high = 0xbf;
    apr_size_t len;

    if (*p < 0x80) {
        return *p != 0;
    }
    if (*p < 0xc2 || *p > 0xf4) {
        return 0;
    }
    len = *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : 4;
    if ((apr_size_t)(end - p) < len) {
        return 0;
    }
    switch (*p) {
    case 0xe0:
        low = 0xa0;
        break;
    case 0xed:
        high = 0x9f;
        break;
    case 0xf0:
        low = 0x90;
        break;
    case 0xf4:
        high = 0x8f;
        break;
    default:
        break;
    }
    if (p[1] < low || p[1] > high) {
        return 0;
    }
    for (apr_size_t i = 2; i < len; i++) {
        if (p[i] < 0x80 || p[i] > 0xbf) {
            return 0;
        }
    }
    return len;
}

/** Writes what one character becomes, or 0 if it may stand as it is. */
typedef int (*escape_t)(pv_text_t *text, unsigned char c);

static void add_escaped(pv_text_t *text, pv_span_t value, escape_t escape)
{
    const unsigned char *p = (const unsigned char *)value.ptr;
    const unsigned char *end;

    if (value.len == 0) {
        return;
    }
    end = p + value.len;
    while (p < end) {
        apr_size_t len = sequence(p, end);

        if (len == 0) {
            add_literal(text, REPLACEMENT);
            len = 1;
        }
        else if (len > 1 || !escape(text, *p)) {
            pv_text_add(text, (const char *)p, len);
        }
        p += len;
    }
}

static int escape_html(pv_text_t *text, unsigned char c)
{
    switch (c) {
    case '&':
        add_literal(text, "&amp;");
        return 1;
    case '<':
        add_literal(text, "&lt;");
        return 1;
    case '>':
        add_literal(text, "&gt;");
        return 1;
    case '"':
        add_literal(text, "&quot;");
        return 1;
    case '\'':
        add_literal(text, "&#39;");
        return 1;
    default:
        return 0;
    }
}

void pv_text_add_html(pv_text_t *text, pv_span_t value)
{
    add_escaped(text, value, escape_html);
}

/** A character beyond ASCII as a reference. */
static void add_reference(pv_text_t *text, const unsigned char *p, apr_size_t len)
{
    unsigned code = *p & (0xffu >> (len + 1));
    char reference[16];

    for (apr_size_t i = 1; i < len; i++) {
        code = code << 6 | (p[i] & 0x3fu);
    }
    pv_text_add(text, reference,
                (apr_size_t)apr_snprintf(reference, sizeof(reference), "&#x%X;", code));
}

void pv_text_add_ascii(pv_text_t *text, pv_span_t value)
{
    const unsigned char *p = (const unsigned char *)value.ptr;
    const unsigned char *end = value.len ? p + value.len : p;

    while (p < end) {
        apr_size_t len = sequence(p, end);

        if (len == 0) {
            add_reference(text, (const unsigned char *)REPLACEMENT, 3);
            len = 1;
        }
        else if (len > 1) {
            add_reference(text, p, len);
        }
        else if (!escape_html(text, *p)) {
            pv_text_add(text, (const char *)p, 1);
        }
        p += len;
    }
}

void pv_text_add_ascii_url(pv_text_t *text, pv_span_t url)
{
    for (apr_size_t i = 0; i < url.len; i++) {
        pv_span_t byte = pv_span(url.ptr + i, 1);

        ((unsigned char)*byte.ptr < 0x80 ? pv_text_add_ascii : pv_text_add_url_part)(text, byte);
    }
}

apr_size_t pv_text_sequence(const char *p, apr_size_t len)
{
    return len ? sequence((const unsigned char *)p, (const unsigned char *)p + len) : 0;
}

static int escape_json(pv_text_t *text, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    char unicode[] = "\\u0000";

    if (c == '"' || c == '\\') {
        char pair[] = { '\\', (char)c };

        pv_text_add(text, pair, 2);
        return 1;
    }
    if (c >= ' ' && c != '<' && c != '>' && c != '&' && c != 0x7f) {
        return 0;
    }
    unicode[4] = hex[c >> 4];
    unicode[5] = hex[c & 15];
    add_literal(text, unicode);
    return 1;
}

void pv_text_add_json(pv_text_t *text, pv_span_t value)
{
    add_escaped(text, value, escape_json);
}

void pv_text_add_url_part(pv_text_t *text, pv_span_t value)
{
    static const char hex[] = "0123456789ABCDEF";

    for (apr_size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.ptr[i];
        char encoded[3] = { '%', hex[c >> 4], hex[c & 15] };
        char lower = pv_lower((char)c);

        if ((lower >= 'a' && lower <= 'z') || pv_is_digit((char)c) ||
            (c != '\0' && strchr("-._~/", c) != NULL)) {
            pv_text_add(text, value.ptr + i, 1);
        }
        else {
            pv_text_add(text, encoded, 3);
        }
    }
}

pv_span_t pv_text_done(pv_text_t *text)
{
    pv_text_add(text, "", 1);
    text->len--;
    return pv_span(text->ptr, text->len);
}

static int begins_with(pv_span_t s, const char *prefix)
{
    apr_size_t len = strlen(prefix);

    return s.len >= len && memcmp(s.ptr, prefix, len) == 0;
}

/** One / that leads to a path of this host, and not to another host. */
static int is_path(pv_span_t s)
{
    return s.len > 0 && s.ptr[0] == '/' && (s.len == 1 || (s.ptr[1] != '/' && s.ptr[1] != '\\'));
}

int pv_url_is_safe(pv_span_t url)
{
    for (apr_size_t i = 0; i < url.len; i++) {
        unsigned char c = (unsigned char)url.ptr[i];

        if (c <= ' ' || c == 0x7f) {
            return 0;
        }
    }
    return begins_with(url, "https://") || begins_with(url, "http://") || is_path(url);
}

int pv_return_is_safe(pv_span_t path)
{
    for (apr_size_t i = 0; i < path.len; i++) {
        if (path.ptr[i] <= ' ' || path.ptr[i] >= 0x7f) {
            return 0;
        }
    }
    return path.len <= RETURN_MAX && is_path(path);
}
