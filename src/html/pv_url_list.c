/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "html/pv_attr.h"
#include "html/pv_url_list.h"

static void drop(pv_span_t *s, apr_size_t n)
{
    s->ptr += n;
    s->len -= n;
}

static void skip_space(pv_span_t *s)
{
    while (s->len > 0 && pv_is_html_space(*s->ptr)) {
        drop(s, 1);
    }
}

/* Descriptors end at a comma that is not in parentheses. */
static void skip_descriptors(pv_span_t *rest)
{
    int nested = 0;

    for (; rest->len > 0; drop(rest, 1)) {
        if (*rest->ptr == '(') {
            nested = 1;
        }
        else if (*rest->ptr == ')') {
            nested = 0;
        }
        else if (*rest->ptr == ',' && !nested) {
            return;
        }
    }
}

int pv_url_next_token(pv_span_t *rest, pv_span_t *token)
{
    skip_space(rest);
    token->ptr = rest->ptr;
    token->len = 0;
    while (rest->len > 0 && !pv_is_html_space(*rest->ptr)) {
        token->len++;
        drop(rest, 1);
    }
    return token->len > 0;
}

int pv_url_next_candidate(pv_span_t *rest, pv_span_t *url)
{
    while (rest->len > 0 && (pv_is_html_space(*rest->ptr) || *rest->ptr == ',')) {
        drop(rest, 1);
    }
    if (!pv_url_next_token(rest, url)) {
        return 0;
    }
    if (url->ptr[url->len - 1] != ',') {
        skip_descriptors(rest);
        return 1;
    }
    while (url->len > 0 && url->ptr[url->len - 1] == ',') {
        url->len--;
    }
    return 1;
}

/* Past a word, if it stands there in any case. */
static int take_word(pv_span_t *s, const char *word)
{
    apr_size_t len = strlen(word);

    if (s->len < len || !pv_span_eq_nocase(pv_span(s->ptr, len), pv_span(word, len))) {
        return 0;
    }
    drop(s, len);
    return 1;
}

static void unquote(pv_span_t *url)
{
    const char *closing;
    char quote;

    if (url->len == 0 || (*url->ptr != '"' && *url->ptr != '\'')) {
        return;
    }
    quote = *url->ptr;
    drop(url, 1);
    closing = url->len > 0 ? memchr(url->ptr, quote, url->len) : NULL;
    if (closing != NULL) {
        url->len = (apr_size_t)(closing - url->ptr);
    }
}

/* Behind the time and what separates it: `url=` may stand in front. */
static pv_span_t refresh_target(pv_span_t rest)
{
    pv_span_t whole = rest;

    if (take_word(&rest, "u")) {
        if (!take_word(&rest, "rl")) {
            return whole;
        }
        skip_space(&rest);
        if (!take_word(&rest, "=")) {
            return whole;
        }
        skip_space(&rest);
    }
    unquote(&rest);
    return rest;
}

int pv_url_of_refresh(pv_span_t content, pv_span_t *url)
{
    pv_span_t rest = content;
    int time = 0;

    skip_space(&rest);
    for (; rest.len > 0 && (pv_is_digit(*rest.ptr) || *rest.ptr == '.'); drop(&rest, 1)) {
        time = 1;
    }
    if (!time || rest.len == 0 ||
        (*rest.ptr != ';' && *rest.ptr != ',' && !pv_is_html_space(*rest.ptr))) {
        return 0;
    }
    skip_space(&rest);
    if (rest.len > 0 && (*rest.ptr == ';' || *rest.ptr == ',')) {
        drop(&rest, 1);
        skip_space(&rest);
    }
    if (rest.len == 0) {
        return 0;
    }
    *url = refresh_target(rest);
    return url->len > 0;
}
