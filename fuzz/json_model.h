/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file json_model.h
 * @brief JSON read into a tree by recursive descent (RFC 8259), with or without what
 *        JavaScript's object literals have beyond it.
 */

#ifndef JSON_MODEL_H
#define JSON_MODEL_H

#include "fuzz.h"

#include "consent/pv_json.h"

#define JSON_NODES 4096

typedef struct json_node_t json_node_t;
struct json_node_t {
    char kind;      /**< { [ s (string) n (number) w (word: true, false, null, or another) */
    pv_span_t text; /**< of a string what stands between the quotes */
    pv_span_t name; /**< of a member, likewise */
    json_node_t *first, *next;
};

typedef struct {
    const char *at, *end;
    int literals; /**< single quotes, names without quotes, any word */
    int deepest;  /**< more is PV_LIMIT */
    pv_status_t status;
    json_node_t node[JSON_NODES];
    int used;
} json_model_t;

static inline json_node_t *json_value(json_model_t *m, int depth);

static inline json_node_t *json_fail(json_model_t *m, pv_status_t status)
{
    if (m->status == PV_OK) {
        m->status = status;
    }
    return NULL;
}

static inline int json_is(const json_model_t *m, char c)
{
    return m->at < m->end && *m->at == c;
}

static inline void json_space(json_model_t *m)
{
    while (json_is(m, ' ') || json_is(m, '\t') || json_is(m, '\n') || json_is(m, '\r')) {
        m->at++;
    }
}

static inline int json_is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$';
}

static inline pv_span_t json_word(json_model_t *m)
{
    const char *begin = m->at;

    while (m->at < m->end && json_is_word(*m->at)) {
        m->at++;
    }
    if (m->at == begin) {
        json_fail(m, PV_BAD);
    }
    return pv_span_between(begin, m->at);
}

static inline int json_is_hex(char c)
{
    return c != '\0' && strchr("0123456789abcdefABCDEF", c) != NULL;
}

/** The byte of two hexadecimal digits. */
static inline char json_hex_pair(const char *two)
{
    static const char digits[] = "0123456789abcdef";
    const char *high = strchr(digits, pv_lower(two[0])), *low = strchr(digits, pv_lower(two[1]));

    return (char)((high - digits) * 16 + (low - digits));
}

/* Behind the backslash. */
static inline void json_escape(json_model_t *m)
{
    const char *known = m->literals ? "\"\\/bfnrtu'" : "\"\\/bfnrtu";
    char c = m->at < m->end ? *m->at : '\0';

    if (c == '\0' || strchr(known, c) == NULL) {
        json_fail(m, PV_BAD);
        return;
    }
    m->at++;
    for (int i = 0; c == 'u' && i < 4; i++) {
        if (m->at == m->end || !json_is_hex(*m->at)) {
            json_fail(m, PV_BAD);
            return;
        }
        m->at++;
    }
}

static inline pv_span_t json_string(json_model_t *m)
{
    char quote = *m->at++;
    const char *begin = m->at;

    while (m->status == PV_OK && !json_is(m, quote)) {
        if (m->at == m->end || (unsigned char)*m->at < 0x20) {
            json_fail(m, PV_BAD);
        }
        else if (*m->at++ == '\\') {
            json_escape(m);
        }
    }
    if (m->status == PV_OK) {
        m->at++;
        return pv_span_between(begin, m->at - 1);
    }
    return pv_span(begin, 0);
}

static inline int json_quotes(const json_model_t *m)
{
    return json_is(m, '"') || (m->literals && json_is(m, '\''));
}

static inline pv_span_t json_name(json_model_t *m)
{
    if (json_quotes(m)) {
        return json_string(m);
    }
    if (!m->literals) {
        json_fail(m, PV_BAD);
        return pv_span(m->at, 0);
    }
    return json_word(m);
}

static inline int json_digits(json_model_t *m)
{
    const char *begin = m->at;

    while (m->at < m->end && *m->at >= '0' && *m->at <= '9') {
        m->at++;
    }
    return (int)(m->at - begin);
}

static inline pv_span_t json_number(json_model_t *m)
{
    const char *begin = m->at, *whole;
    int bad, n;

    m->at += json_is(m, '-');
    whole = m->at;
    n = json_digits(m);
    bad = n == 0 || (n > 1 && *whole == '0');
    if (json_is(m, '.')) {
        m->at++;
        bad |= json_digits(m) == 0;
    }
    if (json_is(m, 'e') || json_is(m, 'E')) {
        m->at++;
        m->at += json_is(m, '+') || json_is(m, '-');
        bad |= json_digits(m) == 0;
    }
    if (bad) {
        json_fail(m, PV_BAD);
    }
    return pv_span_between(begin, m->at);
}

/* { or [ and all that is in it. */
static inline void json_inside(json_model_t *m, json_node_t *node, int depth)
{
    char close = node->kind == '{' ? '}' : ']';
    json_node_t **link = &node->first;

    m->at++;
    json_space(m);
    if (json_is(m, close)) {
        m->at++;
        return;
    }
    for (;;) {
        pv_span_t name = { NULL, 0 };

        json_space(m);
        if (node->kind == '{') {
            name = json_name(m);
            json_space(m);
            if (m->status != PV_OK || !json_is(m, ':')) {
                json_fail(m, PV_BAD);
                return;
            }
            m->at++;
        }
        if ((*link = json_value(m, depth + 1)) == NULL) {
            return;
        }
        (*link)->name = name;
        link = &(*link)->next;
        json_space(m);
        if (json_is(m, close)) {
            m->at++;
            return;
        }
        if (!json_is(m, ',')) {
            json_fail(m, PV_BAD);
            return;
        }
        m->at++;
    }
}

static inline json_node_t *json_value(json_model_t *m, int depth)
{
    json_node_t *node;

    json_space(m);
    if (m->used == JSON_NODES) {
        return json_fail(m, PV_MORE);
    }
    node = &m->node[m->used++];
    memset(node, 0, sizeof(*node));
    if (json_is(m, '{') || json_is(m, '[')) {
        if (depth == m->deepest) {
            return json_fail(m, PV_LIMIT);
        }
        node->kind = *m->at;
        json_inside(m, node, depth);
    }
    else if (json_quotes(m)) {
        node->kind = 's';
        node->text = json_string(m);
    }
    else if (json_is(m, '-') || (m->at < m->end && *m->at >= '0' && *m->at <= '9')) {
        node->kind = 'n';
        node->text = json_number(m);
    }
    else {
        node->kind = 'w';
        node->text = json_word(m);
        if (!m->literals && !pv_span_eq(node->text, PV_SPAN("true")) &&
            !pv_span_eq(node->text, PV_SPAN("false")) && !pv_span_eq(node->text, PV_SPAN("null"))) {
            json_fail(m, PV_BAD);
        }
    }
    return m->status == PV_OK ? node : NULL;
}

/** @return the tree, in m, or NULL; m->status is PV_MORE if there is no room for it */
static inline json_node_t *json_tree(json_model_t *m, pv_span_t text, int literals, int deepest)
{
    json_node_t *root;

    m->at = text.ptr;
    m->end = text.ptr + text.len;
    m->literals = literals;
    m->deepest = deepest;
    m->status = PV_OK;
    m->used = 0;
    root = json_value(m, 0);
    json_space(m);
    if (root != NULL && m->at != m->end) {
        root = json_fail(m, PV_BAD);
    }
    return root;
}

/** A name or string that has no escapes is this one. What has some is not decided. */
static inline int json_text_is(pv_span_t text, const char *plain)
{
    return pv_span_eq(text, pv_span(plain, strlen(plain)));
}

static inline int json_is_escaped(pv_span_t text)
{
    return text.len > 0 && memchr(text.ptr, '\\', text.len) != NULL;
}

#endif /* JSON_MODEL_H */
