/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* The reader of JSON and of JavaScript's literals; see pv_json.h. */

#include "consent/pv_json.h"

typedef struct {
    const char *at, *end;
    pv_json_told_t *told;
    void *ctx;
    pv_json_step_t path[PV_JSON_DEPTH];
    unsigned count[PV_JSON_DEPTH];
    unsigned depth;
} reader_t;

static int is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || pv_is_digit(c) || c == '_' ||
           c == '$';
}

static int is_hex(char c)
{
    return pv_is_digit(c) || (pv_lower(c) >= 'a' && pv_lower(c) <= 'f');
}

static char next(reader_t *r)
{
    while (r->at < r->end &&
           (*r->at == ' ' || *r->at == '\t' || *r->at == '\n' || *r->at == '\r')) {
        r->at++;
    }
    return r->at < r->end ? *r->at : '\0';
}

static void tell(reader_t *r, pv_json_type_t type, pv_span_t text, unsigned count)
{
    pv_json_event_t event = { type, text, r->path, r->depth, count };

    r->told(r->ctx, &event);
}

/* Behind a backslash: how long the rest of the escape is, 0 if it is none. */
static apr_size_t escape_len(const char *p, const char *end)
{
    if (p == end || *p == '\0' || strchr("\"\\/bfnrt'u", *p) == NULL) {
        return 0;
    }
    if (*p != 'u') {
        return 1;
    }
    return (end - p >= 5 && is_hex(p[1]) && is_hex(p[2]) && is_hex(p[3]) && is_hex(p[4])) ? 5 : 0;
}

static pv_status_t read_string(reader_t *r, pv_span_t *text)
{
    char quote = *r->at++;
    const char *begin = r->at;

    while (r->at < r->end && *r->at != quote) {
        if ((unsigned char)*r->at < 0x20) {
            return PV_BAD;
        }
        if (*r->at++ == '\\') {
            apr_size_t len = escape_len(r->at, r->end);

            if (len == 0) {
                return PV_BAD;
            }
            r->at += len;
        }
    }
    if (r->at == r->end) {
        return PV_BAD;
    }
    *text = pv_span_between(begin, r->at++);
    return PV_OK;
}

static apr_size_t digits(reader_t *r)
{
    const char *begin = r->at;

    while (r->at < r->end && pv_is_digit(*r->at)) {
        r->at++;
    }
    return (apr_size_t)(r->at - begin);
}

static pv_status_t read_number(reader_t *r)
{
    const char *begin = r->at;
    const char *whole;
    apr_size_t n;

    if (*r->at == '-') {
        r->at++;
    }
    whole = r->at;
    n = digits(r);
    if (n == 0 || (n > 1 && *whole == '0')) {
        return PV_BAD;
    }
    if (r->at < r->end && *r->at == '.') {
        r->at++;
        if (digits(r) == 0) {
            return PV_BAD;
        }
    }
    if (r->at < r->end && pv_lower(*r->at) == 'e') {
        r->at++;
        if (r->at < r->end && (*r->at == '+' || *r->at == '-')) {
            r->at++;
        }
        if (digits(r) == 0) {
            return PV_BAD;
        }
    }
    tell(r, PV_JSON_NUMBER, pv_span_between(begin, r->at), 0);
    return PV_OK;
}

static pv_span_t read_word(reader_t *r)
{
    const char *begin = r->at;

    while (r->at < r->end && is_word(*r->at)) {
        r->at++;
    }
    return pv_span_between(begin, r->at);
}

static pv_json_type_t word_type(pv_span_t word)
{
    if (pv_span_eq(word, PV_SPAN("true"))) {
        return PV_JSON_TRUE;
    }
    if (pv_span_eq(word, PV_SPAN("false"))) {
        return PV_JSON_FALSE;
    }
    return pv_span_eq(word, PV_SPAN("null")) ? PV_JSON_NULL : PV_JSON_WORD;
}

static pv_status_t read_scalar(reader_t *r, char c)
{
    pv_span_t text;

    if (c == '"' || c == '\'') {
        if (read_string(r, &text) != PV_OK) {
            return PV_BAD;
        }
        tell(r, PV_JSON_STRING, text, 0);
        return PV_OK;
    }
    if (c == '-' || pv_is_digit(c)) {
        return read_number(r);
    }
    text = read_word(r);
    if (text.len == 0) {
        return PV_BAD;
    }
    tell(r, word_type(text), text, 0);
    return PV_OK;
}

/* What stands before the value of the innermost object or array. */
static pv_status_t read_step(reader_t *r)
{
    pv_json_step_t *step = &r->path[r->depth - 1];
    char c;

    step->index = r->count[r->depth - 1]++;
    if (step->in_array) {
        return PV_OK;
    }
    c = next(r);
    if (c == '"' || c == '\'') {
        if (read_string(r, &step->name) != PV_OK) {
            return PV_BAD;
        }
    }
    else {
        step->name = read_word(r);
        if (step->name.len == 0) {
            return PV_BAD;
        }
    }
    if (next(r) != ':') {
        return PV_BAD;
    }
    r->at++;
    return PV_OK;
}

static pv_status_t open_value(reader_t *r, char c)
{
    int array = c == '[';

    if (r->depth == PV_JSON_DEPTH) {
        return PV_LIMIT;
    }
    tell(r, array ? PV_JSON_ARRAY : PV_JSON_OBJECT, pv_span(r->at, 1), 0);
    r->at++;
    r->path[r->depth].in_array = array;
    r->count[r->depth++] = 0;
    return next(r) == (array ? ']' : '}') ? PV_OK : PV_MORE;
}

/* After a value: ends what ends here; PV_MORE if another value follows. */
static pv_status_t close_values(reader_t *r)
{
    while (r->depth > 0) {
        int array = r->path[r->depth - 1].in_array;
        char c = next(r);

        if (c == ',' && r->count[r->depth - 1] > 0) {
            r->at++;
            return PV_MORE;
        }
        if (c != (array ? ']' : '}')) {
            return PV_BAD;
        }
        r->depth--;
        tell(r, array ? PV_JSON_ARRAY_END : PV_JSON_OBJECT_END, pv_span(r->at, 1),
             r->count[r->depth]);
        r->at++;
    }
    return next(r) == '\0' && r->at == r->end ? PV_OK : PV_BAD;
}

pv_status_t pv_json_read(pv_span_t text, pv_json_told_t *told, void *ctx)
{
    reader_t r = { .at = text.ptr, .end = text.ptr + text.len, .told = told, .ctx = ctx };
    pv_status_t status;

    do {
        char c;

        if (r.depth > 0 && read_step(&r) != PV_OK) {
            return PV_BAD;
        }
        c = next(&r);
        if (c == '{' || c == '[') {
            status = open_value(&r, c);
        }
        else {
            status = read_scalar(&r, c);
        }
        if (status == PV_OK) {
            status = close_values(&r);
        }
    } while (status == PV_MORE);
    return status;
}

static unsigned hex4(const char *p)
{
    unsigned value = 0;

    for (int i = 0; i < 4; i++) {
        value = value << 4 | (unsigned)(pv_is_digit(p[i]) ? p[i] - '0' : pv_lower(p[i]) - 'a' + 10);
    }
    return value;
}

static apr_size_t utf8(unsigned c, char *out)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3f));
        out[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3f));
    out[2] = (char)(0x80 | (c >> 6 & 0x3f));
    out[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

/* One character of a string that read_string() has let through: 1 to 4 bytes. */
static apr_size_t take(const char **at, const char *end, char *out)
{
    static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
    const char *p = *at, *found;
    unsigned c;

    if (*p != '\\') {
        *out = *p;
        *at = p + 1;
        return 1;
    }
    *at = p + 2;
    if (p[1] != 'u') {
        found = strchr(from, p[1]);
        *out = found != NULL ? to[found - from] : p[1];
        return 1;
    }
    c = hex4(p + 2);
    *at = p + 6;
    if (c >= 0xd800 && c < 0xdc00 && end - p >= 12 && p[6] == '\\' && p[7] == 'u') {
        unsigned low = hex4(p + 8);

        if (low >= 0xdc00 && low < 0xe000) {
            c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
            *at = p + 12;
        }
    }
    return utf8(c, out);
}

int pv_json_text_eq(pv_span_t text, pv_span_t plain)
{
    const char *at = text.ptr, *end = text.ptr + text.len;
    apr_size_t used = 0, n;
    char c[4];

    if (text.len == 0 || memchr(text.ptr, '\\', text.len) == NULL) {
        return pv_span_eq(text, plain);
    }
    while (at < end) {
        n = take(&at, end, c);
        if (plain.len - used < n || memcmp(plain.ptr + used, c, n) != 0) {
            return 0;
        }
        used += n;
    }
    return used == plain.len;
}

pv_status_t pv_json_text(pv_span_t text, char *out, apr_size_t room, pv_span_t *plain)
{
    const char *at = text.ptr, *end = text.ptr + text.len;
    apr_size_t used = 0, n;
    char c[4];

    while (at < end) {
        n = take(&at, end, c);
        if (room - used < n) {
            return PV_LIMIT;
        }
        memcpy(out + used, c, n);
        used += n;
    }
    *plain = pv_span(out, used);
    return PV_OK;
}
