/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file url_model.h
 * @brief Scheme and host of a URL reference, on paper (WHATWG URL standard, section
 *        4.4): hosts of ASCII letters, digits, `-` and `_`, whatever encodes them.
 */

#ifndef URL_MODEL_H
#define URL_MODEL_H

#include "fuzz.h"

#include "percent_model.h"
#include "policy/pv_url.h"

typedef enum {
    URL_UNDECIDED, /**< an address, IDNA, or what only a host parser tells */
    URL_BAD,       /**< no browser loads it */
    URL_OTHER,     /**< no host to load from */
    URL_SAME_HOST, /**< the base's */
    URL_HOST
} url_model_kind_t;

#define URL_MODEL_ROOM 16384

typedef struct {
    url_model_kind_t kind;
    pv_url_scheme_t scheme;
    char host[URL_MODEL_ROOM];
    size_t len;
} url_model_t;

static inline int url_model_slash(char c)
{
    return c == '/' || c == '\\';
}

/** What the parser reads: without outer control characters, and tabs and newlines. */
static inline size_t url_model_stripped(pv_span_t ref, char *out)
{
    size_t len = 0;

    while (ref.len > 0 && (unsigned char)ref.ptr[0] <= ' ') {
        ref = pv_span(ref.ptr + 1, ref.len - 1);
    }
    while (ref.len > 0 && (unsigned char)ref.ptr[ref.len - 1] <= ' ') {
        ref.len--;
    }
    for (size_t i = 0; i < ref.len; i++) {
        if (ref.ptr[i] != '\t' && ref.ptr[i] != '\n' && ref.ptr[i] != '\r') {
            out[len++] = ref.ptr[i];
        }
    }
    return len;
}

/** The bytes of a scheme at the beginning, without its colon; 0 if there is none. */
static inline size_t url_model_scheme(pv_span_t text)
{
    static const char begins[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    static const char goes_on[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.";
    size_t n = 0;

    while (n < text.len &&
           memchr(n == 0 ? begins : goes_on, text.ptr[n], strlen(n == 0 ? begins : goes_on))) {
        n++;
    }
    return n < text.len && text.ptr[n] == ':' ? n : 0;
}

static inline pv_url_scheme_t url_model_special(pv_span_t name)
{
    static const char *const names[] = { "http", "https", "ws", "wss" };

    for (int i = 0; i < 4; i++) {
        if (pv_span_eq_nocase(name, pv_span(names[i], strlen(names[i])))) {
            return (pv_url_scheme_t)(PV_URL_HTTP + i);
        }
    }
    return PV_URL_OTHER;
}

/** A host that is no more than its letters, in lower case. */
static inline void url_model_host(url_model_t *model, pv_span_t text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyz0123456789-_.";
    static char decoded[URL_MODEL_ROOM];
    size_t label = 0, digits = 0, len;
    int broken;

    model->kind = URL_UNDECIDED;
    len = percent_model(text, decoded, &broken);
    for (size_t i = 0; i < len; i++) {
        char c = pv_lower(decoded[i]);

        if (memchr(plain, c, sizeof(plain) - 1) == NULL || (c == '.' && label == 0)) {
            return;
        }
        model->host[model->len++] = c;
        label = c == '.' ? 0 : label + 1;
        digits = c >= '0' && c <= '9' ? digits + (label == 1) : c == '.' ? 0 : digits;
        if (label == 4 && memcmp(model->host + model->len - 4, "xn--", 4) == 0) {
            return;
        }
    }
    /* A last label that begins with a digit may be a number, and an address. */
    if (label > 0 && digits == 0 && model->len <= PV_HOST_MAX) {
        model->kind = URL_HOST;
    }
}

/** `user:password@host:port`, up to the path. */
static inline void url_model_authority(url_model_t *model, pv_span_t text)
{
    size_t begin = 0, end = 0, colon, port = 0;

    while (end < text.len && !url_model_slash(text.ptr[end]) && text.ptr[end] != '?' &&
           text.ptr[end] != '#') {
        end++;
    }
    for (size_t i = 0; i < end; i++) {
        begin = text.ptr[i] == '@' ? i + 1 : begin;
    }
    if (end > begin && memchr(text.ptr + begin, '[', end - begin) != NULL) {
        model->kind = URL_UNDECIDED;
        return;
    }
    for (colon = begin; colon < end && text.ptr[colon] != ':'; colon++) {
    }
    model->kind = URL_BAD;
    if (colon == begin) {
        return;
    }
    for (size_t i = colon + 1; i < end; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9') {
            return;
        }
        port = port > 65535 ? port : port * 10 + (size_t)(text.ptr[i] - '0');
    }
    if (port <= 65535) {
        url_model_host(model, pv_span(text.ptr + begin, colon - begin));
    }
}

static inline void url_model_read(url_model_t *model, pv_span_t ref, pv_url_scheme_t base)
{
    static char room[URL_MODEL_ROOM];
    pv_span_t text = pv_span(room, url_model_stripped(ref, room));
    size_t name = url_model_scheme(text), slashes = 0;

    model->len = 0;
    model->scheme = base;
    if (name > 0) {
        model->scheme = url_model_special(pv_span(text.ptr, name));
        text = pv_span(text.ptr + name + 1, text.len - name - 1);
    }
    if (model->scheme == PV_URL_OTHER) {
        model->kind = name > 0 ? URL_OTHER : URL_UNDECIDED;
        return;
    }
    while (slashes < text.len && url_model_slash(text.ptr[slashes])) {
        slashes++;
    }
    /* Of the base's scheme it is relative, unless there are two of them. */
    if (model->scheme == base && slashes < 2) {
        model->kind = URL_SAME_HOST;
        return;
    }
    url_model_authority(model, pv_span(text.ptr + slashes, text.len - slashes));
}

#endif /* URL_MODEL_H */
