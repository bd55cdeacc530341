/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "html/pv_charref.h"

/* An entry's mark in pv_charref_names.c. */
#define NEEDS_SEMICOLON '\1'
#define GOES_WITHOUT    '\2'

static const char replacement[] = "\357\277\275"; /* U+FFFD */

/* What is being written; a struct, since four functions append to it. */
typedef struct {
    const char *at;
    const char *end;
    pv_charref_e where;
    char *out;
} decoder_t;

static int is_alpha(char c)
{
    char l = pv_lower(c);
    return l >= 'a' && l <= 'z';
}

static int is_alnum(char c)
{
    return is_alpha(c) || pv_is_digit(c);
}

static int hex_value(char c)
{
    if (pv_is_digit(c)) {
        return c - '0';
    }
    c = pv_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void put(decoder_t *d, const char *bytes, apr_size_t len)
{
    memcpy(d->out, bytes, len);
    d->out += len;
}

static void put_utf8(decoder_t *d, apr_uint32_t c)
{
    if (c < 0x80) {
        *d->out++ = (char)c;
    }
    else if (c < 0x800) {
        *d->out++ = (char)(0xC0 | c >> 6);
        *d->out++ = (char)(0x80 | (c & 0x3F));
    }
    else if (c < 0x10000) {
        *d->out++ = (char)(0xE0 | c >> 12);
        *d->out++ = (char)(0x80 | (c >> 6 & 0x3F));
        *d->out++ = (char)(0x80 | (c & 0x3F));
    }
    else {
        *d->out++ = (char)(0xF0 | c >> 18);
        *d->out++ = (char)(0x80 | (c >> 12 & 0x3F));
        *d->out++ = (char)(0x80 | (c >> 6 & 0x3F));
        *d->out++ = (char)(0x80 | (c & 0x3F));
    }
}

/* The numeric character reference end state: what a code really means. */
static apr_uint32_t real_code(apr_uint32_t code)
{
    static const apr_uint16_t windows[32] = {
        0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
        0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
        0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178
    };

    if (code == 0 || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) {
        return 0xFFFD;
    }
    if (code >= 0x80 && code <= 0x9F && windows[code - 0x80] != 0) {
        return windows[code - 0x80];
    }
    return code;
}

/* d->at is behind `&#`. Returns 0, with nothing consumed, where no digit follows. */
static int numeric(decoder_t *d)
{
    const char *p = d->at;
    apr_uint32_t base = 10;
    apr_uint32_t code = 0;
    const char *digits;

    if (p < d->end && (*p == 'x' || *p == 'X')) {
        base = 16;
        p++;
    }
    for (digits = p; p < d->end; p++) {
        int value = hex_value(*p);
        if (value < 0 || (apr_uint32_t)value >= base) {
            break;
        }
        if (code <= 0x10FFFF) {
            code = code * base + (apr_uint32_t)value;
        }
    }
    if (p == digits) {
        return 0;
    }
    if (p < d->end && *p == ';') {
        p++;
    }
    put_utf8(d, real_code(code));
    d->at = p;
    return 1;
}

/* One entry of a list of names against the letters behind the first; returns
 * how many of them the entry takes, or -1. */
static long entry_matches(const char *entry, const char *mark, pv_span_t run, int semicolon)
{
    apr_size_t len = (apr_size_t)(mark - entry);

    if (len > run.len || (len > 0 && memcmp(entry, run.ptr, len) != 0)) {
        return -1;
    }
    if (len == run.len && semicolon) {
        return (long)len + 1;
    }
    return *mark == GOES_WITHOUT ? (long)len : -1;
}

/* The longest entry of a sorted list that the run begins with: how many letters it takes,
 * its `;` included, or -1. */
static long longest_entry(const char *list, pv_span_t run, int semicolon, const char **value)
{
    char second = run.len > 0 ? *run.ptr : '\0';
    long best = -1;

    /* In front of all letters are the marks, and so a name of one letter. */
    for (; *list != '\0' && *list <= (second > GOES_WITHOUT ? second : GOES_WITHOUT);
         list += strlen(list) + 1) {
        const char *mark;
        long taken;

        if (*list > GOES_WITHOUT && *list != second) {
            continue;
        }
        mark = list + strcspn(list, "\1\2");
        taken = entry_matches(list, mark, run, semicolon);
        if (taken > best) {
            best = taken;
            *value = mark + 1;
        }
    }
    return best;
}

/* d->at is behind `&`, on a letter. The longest name counts. */
static int named(decoder_t *d)
{
    char first = *d->at;
    const char *run_end = d->at + 1;
    const char *value = NULL;
    const char *after;
    long best;

    while (run_end < d->end && is_alnum(*run_end)) {
        run_end++;
    }
    /* The next parameter of a URL: no name that goes without `;` goes before `=`. */
    if (d->where == PV_CHARREF_ATTRIBUTE && run_end < d->end && *run_end == '=') {
        return 0;
    }
    best = longest_entry(pv_charref_names[first >= 'a' ? first - 'a' + 26 : first - 'A'],
                         pv_span_between(d->at + 1, run_end), run_end < d->end && *run_end == ';',
                         &value);
    if (best < 0) {
        return 0;
    }
    after = d->at + 1 + best;
    if (d->where == PV_CHARREF_ATTRIBUTE && after[-1] != ';' && after < d->end &&
        (*after == '=' || is_alnum(*after))) {
        return 0;
    }
    put(d, value, strlen(value));
    d->at = after;
    return 1;
}

static int reference(decoder_t *d)
{
    if (d->at == d->end) {
        return 0;
    }
    if (*d->at == '#') {
        d->at++;
        if (numeric(d)) {
            return 1;
        }
        d->at--;
        return 0;
    }
    return is_alpha(*d->at) && named(d);
}

apr_size_t pv_charref_size(apr_size_t len)
{
    /* U+FFFD for a NUL is the worst: three bytes for one. */
    return len * 3;
}

int pv_charref_needed(const char *buf, apr_size_t len, pv_charref_e where)
{
    if (len == 0) {
        return 0;
    }
    return memchr(buf, '&', len) != NULL ||
           (where == PV_CHARREF_ATTRIBUTE && memchr(buf, '\0', len) != NULL);
}

apr_size_t pv_charref_decode(const char *buf, apr_size_t len, pv_charref_e where, char *out)
{
    decoder_t d = { buf, buf, where, out };

    if (len == 0) {
        return 0;
    }
    d.end = buf + len;
    while (d.at < d.end) {
        char c = *d.at++;
        if (c == '&') {
            if (!reference(&d)) {
                *d.out++ = '&';
            }
        }
        else if (c == '\0' && where == PV_CHARREF_ATTRIBUTE) {
            put(&d, replacement, sizeof(replacement) - 1);
        }
        else {
            *d.out++ = c;
        }
    }
    return (apr_size_t)(d.out - out);
}
