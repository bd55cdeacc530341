/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "policy/pv_url.h"

/** The longest spelling of a dot segment, `%2e%2e`. */
#define DOTS_MAX 6

/** What must be left after any byte but the last: what one takes encoded. */
#define SPARE 3

/**
 * A path in the making: a `/` before each segment. `lost` counts the segments that
 * did not fit, the first of which may have begun; `..` takes them off again, so that
 * the beginning of a path is right however long it was on the way there.
 */
typedef struct {
    pv_url_reading_t reading;
    char *room;
    apr_size_t size;
    apr_size_t len;
    apr_size_t lost;
    /* The segment in hand. */
    char head[DOTS_MAX];
    apr_size_t segment_len;
} builder_t;

static void begin_segment(builder_t *b)
{
    b->segment_len = 0;
    if (b->lost > 0) {
        b->lost++;
        return;
    }
    b->room[b->len++] = '/';
    b->lost = b->len + SPARE >= b->size;
}

/** Take the last segment off. */
static void pop_segment(builder_t *b)
{
    if (b->lost > 1) {
        b->lost--;
        return;
    }
    b->lost = 0;
    while (b->len > 0 && b->room[--b->len] != '/') {
        continue;
    }
}

/* The path percent-encode set (WHATWG URL, section 1.3). */
static int is_encoded(int byte)
{
    return byte <= ' ' || byte >= 0x7f || strchr("\"#<>?^`{}", byte) != NULL;
}

static void put_byte(builder_t *b, int byte)
{
    static const char digits[] = "0123456789ABCDEF";

    if (b->segment_len < DOTS_MAX) {
        b->head[b->segment_len] = (char)byte;
    }
    b->segment_len++;
    if (b->lost > 0) {
        return;
    }
    if (b->reading == PV_URL_PATH_SENT && is_encoded(byte)) {
        b->room[b->len++] = '%';
        b->room[b->len++] = digits[byte >> 4];
        b->room[b->len++] = digits[byte & 15];
    }
    else {
        b->room[b->len++] = (char)byte;
    }
    b->lost = b->len + SPARE >= b->size;
}

static int next_byte(const builder_t *b, pv_octets_t *in)
{
    return b->reading == PV_URL_PATH_SENT ? pv_octets_raw(in) : pv_octets_decoded(in);
}

/** 1 or 2 if the segment is a dot segment, else 0. */
static int dots_of(const builder_t *b)
{
    pv_octets_t in = { b->head, b->head };
    int dots = 0, byte;

    if (b->segment_len == 0 || b->segment_len > DOTS_MAX) {
        return 0;
    }
    in.end += b->segment_len;
    while (in.at < in.end) {
        byte = b->reading == PV_URL_PATH_SENT ? pv_octets_decoded(&in) : pv_octets_raw(&in);
        if (byte != '.' || ++dots > 2) {
            return 0;
        }
    }
    return dots;
}

static void end_segment(builder_t *b, int is_last)
{
    int dots = dots_of(b);

    if (dots == 2) {
        pop_segment(b);
    }
    if (dots > 0) {
        pop_segment(b);
        if (is_last) {
            begin_segment(b);
        }
    }
    else if (b->reading == PV_URL_PATH_SERVED && b->segment_len == 0 && !is_last) {
        pop_segment(b);
    }
}

static void put_segments(builder_t *b, pv_octets_t in)
{
    int byte;

    begin_segment(b);
    while ((byte = next_byte(b, &in)) >= 0) {
        if (byte == '/' || byte == '\\') {
            end_segment(b, 0);
            begin_segment(b);
        }
        else {
            put_byte(b, byte);
        }
    }
    end_segment(b, 1);
}

/** The path in rest: up to the query or the fragment, without its first slash. */
static pv_octets_t path_of(const pv_url_t *url)
{
    pv_octets_t in = { url->rest.ptr, url->rest.ptr + url->rest.len };
    const char *end = in.at;
    pv_octets_t ahead;
    int c;

    while (end < in.end && *end != '?' && *end != '#') {
        end++;
    }
    in.end = end;
    ahead = in;
    c = pv_octets_raw(&ahead);
    return c == '/' || c == '\\' ? ahead : in;
}

static void put_path(builder_t *b, const pv_url_t *url)
{
    if (url->path != PV_URL_PATH_OWN) {
        put_path(b, url->base);
    }
    if (url->path == PV_URL_PATH_BASE) {
        return;
    }
    if (url->path == PV_URL_PATH_RELATIVE) {
        pop_segment(b);
    }
    put_segments(b, path_of(url));
}

/** Build it from the URL as it stands. */
static pv_status_t build(const pv_url_t *url, pv_url_reading_t reading, char *room, apr_size_t size,
                         pv_span_t *path)
{
    builder_t b;

    memset(&b, 0, sizeof(b));
    b.reading = reading;
    b.room = room;
    b.size = size;
    put_path(&b, url);
    *path = pv_span(room, b.len);
    return b.lost > 0 ? PV_LIMIT : PV_OK;
}

pv_status_t pv_url_path(const pv_url_t *url, pv_url_reading_t reading, char *room, apr_size_t size,
                        pv_span_t *path)
{
    char sent_room[PV_URL_PATH_ROOM];
    pv_url_t sent = { .scheme = url->scheme };

    *path = pv_span(room, 0);
    if (url->scheme == PV_URL_OTHER) {
        return PV_BAD;
    }
    /* A server decodes what the browser has resolved: of `/a%2Fb/../c` it never sees the
     * slash. Where that is too long to be kept, both are done at once. */
    if (reading == PV_URL_PATH_SERVED &&
        build(url, PV_URL_PATH_SENT, sent_room, sizeof(sent_room), &sent.rest) == PV_OK) {
        url = &sent;
    }
    return build(url, reading, room, size, path);
}
