/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "html/pv_carried.h"

#include <apr_base64.h>

#include "policy/pv_octet.h"

/* Readings: with tabs and newlines, without, and decoded. */
enum { KEPT = 1 << 0, DROPPED = 1 << 1, BASE64 = 1 << 2 };

/* Whether these come next, as the URL parser reads; then they are taken. */
static int take(pv_octets_t *in, const char *word)
{
    pv_octets_t ahead = *in;

    for (; *word != '\0'; word++) {
        int byte = pv_octets_raw(&ahead);

        if (byte < 0 || pv_lower((char)byte) != *word) {
            return 0;
        }
    }
    *in = ahead;
    return 1;
}

static int says(pv_span_t type, const char *word)
{
    for (apr_size_t i = 0; i < type.len; i++) {
        pv_octets_t in = { type.ptr + i, type.ptr + type.len };

        if (take(&in, word)) {
            return 1;
        }
    }
    return 0;
}

static int has_dropped(pv_span_t text)
{
    for (apr_size_t i = 0; i < text.len; i++) {
        if (pv_is_url_dropped(text.ptr[i])) {
            return 1;
        }
    }
    return 0;
}

/* `TYPE,BODY`, up to a fragment. */
static void read_data(pv_carried_t *carried, pv_span_t rest)
{
    const char *hash = memchr(rest.ptr, '#', rest.len);
    const char *end = hash != NULL ? hash : rest.ptr + rest.len;
    const char *comma = memchr(rest.ptr, ',', (apr_size_t)(end - rest.ptr));
    pv_span_t type;

    if (comma == NULL) {
        carried->open = hash == NULL;
        return;
    }
    type = pv_span(rest.ptr, (apr_size_t)(comma - rest.ptr));
    carried->html = says(type, "html") != 0;
    carried->xml = says(type, "xml") || says(type, "text/xsl");
    carried->body = pv_span(comma + 1, (apr_size_t)(end - comma - 1));
    carried->left = KEPT;
    if (has_dropped(carried->body)) {
        carried->left |= DROPPED;
    }
    if (says(type, "base64")) {
        carried->left |= BASE64;
    }
}

void pv_carried_read(pv_carried_t *carried, pv_span_t url)
{
    pv_octets_t in;

    memset(carried, 0, sizeof(*carried));
    if (url.len == 0) {
        return; /* of a name without a value there is no pointer either */
    }
    in.at = url.ptr;
    in.end = url.ptr + url.len;
    while (in.at < in.end && (unsigned char)*in.at <= ' ') {
        in.at++;
    }
    if (take(&in, "data:")) {
        carried->scheme = PV_CARRIED_DATA;
        read_data(carried, pv_span(in.at, (apr_size_t)(in.end - in.at)));
    }
    else if (take(&in, "javascript:")) {
        carried->scheme = PV_CARRIED_JAVASCRIPT;
        carried->body = pv_span(in.at, (apr_size_t)(in.end - in.at));
        carried->left = DROPPED;
    }
}

static apr_size_t copy(pv_span_t from, int drops, char *out)
{
    apr_size_t len = 0;

    for (apr_size_t i = 0; i < from.len; i++) {
        if (!drops || !pv_is_url_dropped(from.ptr[i])) {
            out[len++] = from.ptr[i];
        }
    }
    return len;
}

/* In place; the white space that may be in it goes. What comes out stands behind it, and a NUL. */
static pv_span_t base64_decode(char *text, apr_size_t len)
{
    char *plain = text + len + 1;
    apr_size_t used = 0;

    for (apr_size_t i = 0; i < len; i++) {
        if (!pv_is_html_space(text[i])) {
            text[used++] = text[i];
        }
    }
    text[used] = '\0';
    return pv_span(plain, (apr_size_t)apr_base64_decode_binary((unsigned char *)plain, text));
}

static void take_nuls(pv_carried_t *carried, pv_span_t *text)
{
    apr_size_t len = 0;

    for (apr_size_t i = 0; i < carried->with_nuls_len; i++) {
        if (carried->with_nuls[i] != '\0') {
            carried->with_nuls[len++] = carried->with_nuls[i];
        }
    }
    *text = pv_span(carried->with_nuls, len);
    carried->with_nuls = NULL;
}

int pv_carried_next(pv_carried_t *carried, pv_scratch_t *scratch, pv_span_t *text)
{
    unsigned reading = carried->left & (0u - carried->left);
    char *out;

    if (carried->with_nuls != NULL) {
        take_nuls(carried, text);
        return 1;
    }
    if (reading == 0) {
        return 0;
    }
    carried->left &= ~reading;
    /* A copy, a NUL, and the three bytes that four of it stand for. */
    out = pv_scratch_get(scratch, 2 * carried->body.len + 4);
    *text = pv_percent_decode(pv_span(out, copy(carried->body, reading != KEPT, out)), out);
    if (reading == BASE64) {
        *text = base64_decode(out, text->len);
        out += text->ptr - out;
    }
    if (memchr(text->ptr, '\0', text->len) != NULL) {
        carried->with_nuls = out;
        carried->with_nuls_len = text->len;
    }
    return 1;
}
