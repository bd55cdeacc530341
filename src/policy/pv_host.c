/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "policy/pv_host.h"
#include "policy/pv_octet.h"
#include "policy/pv_uts46.h"

/** The room is filled to at most PV_HOST_MAX and a trailing dot. */
#define WRITTEN_MAX (PV_HOST_MAX + 1)

typedef struct {
    char *room;
    apr_size_t len;
    /** The label that is being read, mapped. */
    apr_uint32_t label[WRITTEN_MAX];
    apr_size_t label_len;
    apr_size_t foreign; /**< of label, above U+007F */
    apr_size_t joiners; /**< of foreign, U+200C and U+200D */
} writer_t;

enum { OTHER = 0, CLEAN, DOT, ENDS };

/* What a byte is in a host that may already be canonical. */
static const unsigned char kinds[256] = {
    ['a' ... 'z'] = CLEAN, ['0' ... '9'] = CLEAN, ['-'] = CLEAN, ['_'] = CLEAN, ['.'] = DOT,
    ['/'] = ENDS,          ['\\'] = ENDS,         ['?'] = ENDS,  ['#'] = ENDS,
};

void pv_host_peek(const char *buf, apr_size_t len, pv_span_t *host)
{
    const char *p = buf, *end = buf + len, *label = buf;

    *host = pv_span(buf, 0);
    for (; p < end; p++) {
        unsigned char kind = kinds[(unsigned char)*p];

        if (kind == CLEAN) {
            continue;
        }
        if (kind != DOT) {
            break;
        }
        if (p == label || p[-1] == '-') {
            return;
        }
        label = p + 1;
    }
    if (p < end && kinds[(unsigned char)*p] != ENDS) {
        return;
    }
    if (p == label || p[-1] == '-' || pv_is_digit(*label) || p - buf > PV_HOST_MAX) {
        return;
    }
    host->len = (apr_size_t)(p - buf);
}

/* Forbidden domain code points (WHATWG URL, section 3.3). */
static int is_forbidden(apr_uint32_t c)
{
    return c <= 0x20 || c == 0x7f || (c < 0x80 && strchr("#/:<>?@[\\]^|%", (int)c) != NULL);
}

static pv_status_t write_char(writer_t *w, char c)
{
    if (w->len >= WRITTEN_MAX) {
        return PV_LIMIT;
    }
    w->room[w->len++] = c;
    return PV_OK;
}

/* RFC 3492, section 6.1, with the parameters of section 5. */
enum { BASE = 36, T_MIN = 1, T_MAX = 26, SKEW = 38, DAMP = 700, FIRST_BIAS = 72, FIRST_CP = 128 };

static apr_uint32_t adapt(apr_uint32_t delta, apr_uint32_t points, int first)
{
    apr_uint32_t k = 0;

    delta = first ? delta / DAMP : delta / 2;
    delta += delta / points;
    for (; delta > ((BASE - T_MIN) * T_MAX) / 2; k += BASE) {
        delta /= BASE - T_MIN;
    }
    return k + (BASE - T_MIN + 1) * delta / (delta + SKEW);
}

/** One delta as generalised variable-length integer (RFC 3492, section 3.3). */
static pv_status_t write_delta(writer_t *w, apr_uint32_t delta, apr_uint32_t bias)
{
    static const char digits[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    apr_uint32_t q = delta;

    for (apr_uint32_t k = BASE;; k += BASE) {
        apr_uint32_t t = k <= bias ? T_MIN : k >= bias + T_MAX ? T_MAX : k - bias;

        if (q < t) {
            return write_char(w, digits[q]);
        }
        if (write_char(w, digits[t + (q - t) % (BASE - t)]) != PV_OK) {
            return PV_LIMIT;
        }
        q = (q - t) / (BASE - t);
    }
}

static apr_uint32_t lowest_from(const writer_t *w, apr_uint32_t from)
{
    apr_uint32_t lowest = APR_UINT32_MAX;

    for (apr_size_t i = 0; i < w->label_len; i++) {
        if (w->label[i] >= from && w->label[i] < lowest) {
            lowest = w->label[i];
        }
    }
    return lowest;
}

/** Write the characters of the label that are ASCII; the number of them. */
static pv_status_t write_basic(writer_t *w)
{
    for (apr_size_t i = 0; i < w->label_len; i++) {
        if (w->label[i] < 0x80 && write_char(w, (char)w->label[i]) != PV_OK) {
            return PV_LIMIT;
        }
    }
    return PV_OK;
}

/* delta stays below 0x110000 * 255, so that 32 bits are enough. */
static pv_status_t write_punycode(writer_t *w)
{
    apr_size_t basic = w->label_len - w->foreign;
    apr_size_t handled = basic;
    apr_uint32_t n = FIRST_CP, delta = 0, bias = FIRST_BIAS;

    if (write_basic(w) != PV_OK || (basic > 0 && write_char(w, '-') != PV_OK)) {
        return PV_LIMIT;
    }
    for (; handled < w->label_len; delta++, n++) {
        apr_uint32_t m = lowest_from(w, n);

        delta += (m - n) * (apr_uint32_t)(handled + 1);
        n = m;
        for (apr_size_t i = 0; i < w->label_len; i++) {
            delta += w->label[i] < n;
            if (w->label[i] != n) {
                continue;
            }
            if (write_delta(w, delta, bias) != PV_OK) {
                return PV_LIMIT;
            }
            bias = adapt(delta, (apr_uint32_t)handled + 1, handled == basic);
            delta = 0;
            handled++;
        }
    }
    return PV_OK;
}

/** `xn--abc-` encodes nothing: some decode it to `abc`. What it decodes to may be another. */
static void decode_empty_ace(writer_t *w, apr_size_t begin)
{
    while (w->len - begin > 5 && memcmp(w->room + begin, "xn--", 4) == 0 &&
           w->room[w->len - 1] == '-') {
        memmove(w->room + begin, w->room + begin + 4, w->len - begin - 5);
        w->len -= 5;
    }
}

static pv_status_t end_label(writer_t *w)
{
    apr_size_t begin = w->len;
    pv_status_t status;

    if (w->foreign > w->joiners) {
        memcpy(w->room + begin, "xn--", begin + 4 <= WRITTEN_MAX ? 4 : 0);
        w->len += 4;
        status = w->len <= WRITTEN_MAX ? write_punycode(w) : PV_LIMIT;
    }
    else {
        status = write_basic(w);
        decode_empty_ace(w, begin);
    }
    w->label_len = w->foreign = w->joiners = 0;
    return status;
}

static pv_status_t add_mapped(writer_t *w, apr_uint32_t cp)
{
    if (cp == '.') {
        return end_label(w) == PV_OK ? write_char(w, '.') : PV_LIMIT;
    }
    if (is_forbidden(cp)) {
        return PV_BAD;
    }
    if (w->label_len >= WRITTEN_MAX) {
        return PV_LIMIT;
    }
    w->label[w->label_len++] = cp;
    w->foreign += cp >= 0x80;
    w->joiners += cp == 0x200c || cp == 0x200d;
    return PV_OK;
}

/** Bytes that follow the first one of a UTF-8 sequence, and their lowest result. */
static int sequence_of(int byte, apr_uint32_t *lowest)
{
    if (byte >= 0xc2 && byte <= 0xdf) {
        *lowest = 0x80;
        return 1;
    }
    if (byte >= 0xe0 && byte <= 0xef) {
        *lowest = 0x800;
        return 2;
    }
    *lowest = 0x10000;
    return byte >= 0xf0 && byte <= 0xf4 ? 3 : 0;
}

/**
 * The next code point. What is no UTF-8 is Latin-1: a document in windows-1252 has
 * its soft hyphen as one byte, and the browser drops that as well.
 */
static int next_code_point(pv_octets_t *in)
{
    int byte = pv_octets_decoded(in);
    apr_uint32_t lowest, cp;
    pv_octets_t ahead = *in;
    int more;

    if (byte < 0x80) {
        return byte;
    }
    more = sequence_of(byte, &lowest);
    cp = (apr_uint32_t)byte & (0x3fu >> more);
    for (int i = 0; i < more; i++) {
        int next = pv_octets_decoded(&ahead);

        if (next < 0 || (next & 0xc0) != 0x80) {
            return byte;
        }
        cp = cp << 6 | ((apr_uint32_t)next & 0x3f);
    }
    if (more == 0 || cp < lowest || cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff)) {
        return byte;
    }
    *in = ahead;
    return (int)cp;
}

/** One part of an IPv4 address: decimal, `0` octal, `0x` hexadecimal. */
static int read_number(pv_span_t part, apr_uint64_t *value)
{
    int radix = 10;

    *value = 0;
    if (part.len >= 2 && part.ptr[0] == '0') {
        int hex = part.ptr[1] == 'x';

        radix = hex ? 16 : 8;
        part = pv_span(part.ptr + 1 + hex, part.len - 1 - (apr_size_t)hex);
    }
    else if (part.len == 0) {
        return 0;
    }
    for (apr_size_t i = 0; i < part.len; i++) {
        int digit = pv_hex_value(part.ptr[i]);

        if (digit < 0 || digit >= radix) {
            return 0;
        }
        /* Far above what any part may be; it only must not wrap. */
        if (*value <= APR_UINT32_MAX) {
            *value = *value * (apr_uint64_t)radix + (apr_uint64_t)digit;
        }
    }
    return 1;
}

/** Ends in a number: what does is an address, or no host at all. */
int pv_host_is_ipv4(pv_span_t host)
{
    apr_size_t begin = host.len;
    apr_size_t digits = 0;
    apr_uint64_t value;

    while (begin > 0 && host.ptr[begin - 1] != '.') {
        begin--;
        digits += (apr_size_t)pv_is_digit(host.ptr[begin]);
    }
    if (begin == host.len) {
        return 0;
    }
    return digits == host.len - begin ||
           read_number(pv_span(host.ptr + begin, host.len - begin), &value);
}

/** The host, which ends in a number, as an address (WHATWG URL, IPv4 parser). */
static pv_status_t read_ipv4(pv_span_t host, apr_uint32_t *address)
{
    apr_uint64_t value = 0, sum = 0;
    unsigned int parts = 0;
    const char *p = host.ptr, *end = host.ptr + host.len;

    for (;;) {
        const char *dot = memchr(p, '.', (apr_size_t)(end - p));

        if (parts == 4 || !read_number(pv_span_between(p, dot ? dot : end), &value)) {
            return PV_BAD;
        }
        parts++;
        if (dot == NULL) {
            break;
        }
        if (value > 255) {
            return PV_BAD;
        }
        sum = sum << 8 | value;
        p = dot + 1;
    }
    if (value >= APR_UINT64_C(1) << 8 * (5 - parts)) {
        return PV_BAD;
    }
    *address = (apr_uint32_t)(sum << 8 * (5 - parts) | value);
    return PV_OK;
}

static apr_size_t write_ipv4(char *room, apr_uint32_t address)
{
    char *p = room;

    for (int shift = 24; shift >= 0; shift -= 8) {
        unsigned int part = address >> shift & 0xff;

        if (part >= 100) {
            *p++ = (char)('0' + part / 100);
        }
        if (part >= 10) {
            *p++ = (char)('0' + part / 10 % 10);
        }
        *p++ = (char)('0' + part % 10);
        if (shift > 0) {
            *p++ = '.';
        }
    }
    return (apr_size_t)(p - room);
}

static pv_status_t read_ipv6(const char *buf, apr_size_t len, char *room, pv_span_t *host)
{
    pv_octets_t in = { buf, buf + len };
    apr_size_t written = 0;
    int byte;

    while ((byte = pv_octets_raw(&in)) >= 0) {
        if (written == PV_HOST_MAX) {
            return PV_LIMIT;
        }
        room[written++] = pv_lower((char)byte);
    }
    *host = pv_span(room, written);
    return room[written - 1] == ']' ? PV_OK : PV_BAD;
}

static pv_status_t finish(writer_t *w, pv_span_t *host)
{
    apr_uint32_t address;

    if (end_label(w) != PV_OK) {
        return PV_LIMIT;
    }
    if (w->len > 0 && w->room[w->len - 1] == '.') {
        w->len--;
    }
    if (w->len > PV_HOST_MAX) {
        return PV_LIMIT;
    }
    *host = pv_span(w->room, w->len);
    if (pv_host_is_ipv4(*host)) {
        if (read_ipv4(*host, &address) != PV_OK) {
            return PV_BAD;
        }
        host->len = write_ipv4(w->room, address);
    }
    return host->len > 0 ? PV_OK : PV_BAD;
}

pv_status_t pv_host_read(const char *buf, apr_size_t len, char *room, pv_span_t *host)
{
    pv_octets_t in = { buf, buf + len };
    writer_t w;
    int cp;

    *host = pv_span(room, 0);
    if (len > 0 && buf[0] == '[') {
        return read_ipv6(buf, len, room, host);
    }
    w.room = room;
    w.len = w.label_len = w.foreign = w.joiners = 0;
    while ((cp = next_code_point(&in)) >= 0) {
        apr_uint32_t mapped[PV_UTS46_MAX];
        unsigned int n = pv_uts46_map((apr_uint32_t)cp, mapped);

        for (unsigned int i = 0; i < n; i++) {
            pv_status_t status = add_mapped(&w, mapped[i]);

            if (status != PV_OK) {
                return status;
            }
        }
    }
    return finish(&w, host);
}
