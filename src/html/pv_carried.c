/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "html/pv_carried.h"

#include <apr_base64.h>

#include "policy/pv_octet.h"

/* Whether these come next, as the URL parser reads; then they are taken. */
static int take(pv_octets_t *in, const char *scheme)
{
    pv_octets_t ahead = *in;

    for (; *scheme != '\0'; scheme++) {
        int byte = pv_octets_raw(&ahead);

        if (byte < 0 || pv_lower((char)byte) != *scheme) {
            return 0;
        }
    }
    *in = ahead;
    return 1;
}

static pv_span_t read_raw(pv_octets_t *in, char *out)
{
    apr_size_t len = 0;
    int byte;

    while ((byte = pv_octets_raw(in)) >= 0) {
        out[len++] = (char)byte;
    }
    return pv_span(out, len);
}

/* Where no byte is left that the parser drops; out may be where they stand. */
static pv_span_t percent_decode(pv_span_t text, char *out)
{
    pv_octets_t in = { text.ptr, text.ptr + text.len };
    apr_size_t len = 0;
    int byte;

    while ((byte = pv_octets_decoded(&in)) >= 0) {
        out[len++] = (char)byte;
    }
    return pv_span(out, len);
}

static int is_space(char c)
{
    return c == ' ';
}

/* Whether it ends as `; base64`. */
static int is_base64(pv_span_t type)
{
    static const pv_span_t word = PV_SPAN("base64");

    type = pv_span_trim(type, pv_is_html_space);
    if (type.len <= word.len ||
        !pv_span_eq_nocase(pv_span(type.ptr + type.len - word.len, word.len), word)) {
        return 0;
    }
    type = pv_span_trim(pv_span(type.ptr, type.len - word.len), is_space);
    return type.len > 0 && type.ptr[type.len - 1] == ';';
}

/* The white space that may be in it goes; out has room for the text, a NUL, and what comes out. */
static pv_span_t base64_decode(pv_span_t text, char *out)
{
    char *plain = out + text.len + 1;
    apr_size_t len = 0;

    for (apr_size_t i = 0; i < text.len; i++) {
        if (!pv_is_html_space(text.ptr[i])) {
            out[len++] = text.ptr[i];
        }
    }
    out[len] = '\0';
    return pv_span(plain, (apr_size_t)apr_base64_decode_binary((unsigned char *)plain, out));
}

/* `[TYPE][;base64],BODY`, up to a fragment. */
static pv_carried_e read_data(pv_octets_t *in, char *out, pv_span_t *text)
{
    pv_span_t all = read_raw(in, out);
    const char *hash = memchr(all.ptr, '#', all.len);
    const char *end = hash != NULL ? hash : all.ptr + all.len;
    const char *comma = memchr(all.ptr, ',', (apr_size_t)(end - all.ptr));
    int base64;

    if (comma == NULL) {
        return PV_CARRIED_NOTHING;
    }
    base64 = is_base64(pv_span(all.ptr, (apr_size_t)(comma - all.ptr)));
    *text = percent_decode(pv_span(comma + 1, (apr_size_t)(end - comma - 1)), out);
    if (base64) {
        *text = base64_decode(*text, out);
    }
    return PV_CARRIED_DATA;
}

pv_carried_e pv_carried_read(pv_span_t url, pv_scratch_t *scratch, pv_span_t *text)
{
    pv_octets_t in = { url.ptr, url.ptr + url.len };
    char *out;

    while (in.at < in.end && (unsigned char)*in.at <= ' ') {
        in.at++;
    }
    if (take(&in, "data:")) {
        out = pv_scratch_get(scratch, 2 * (url.len + 4));
        return read_data(&in, out, text);
    }
    if (take(&in, "javascript:")) {
        out = pv_scratch_get(scratch, url.len);
        *text = percent_decode(read_raw(&in, out), out);
        return PV_CARRIED_JAVASCRIPT;
    }
    return PV_CARRIED_NOTHING;
}
