/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file cookie_model.h
 * @brief A Cookie header, read from the words of rules D3 and Q1: slow, and
 *        independent of what it is compared with.
 */

#ifndef COOKIE_MODEL_H
#define COOKIE_MODEL_H

#include <stddef.h>
#include <string.h>

#define COOKIE_MODEL_PAIRS 600

typedef struct {
    size_t begin, end;           /**< of the pair, white space around it removed */
    size_t name_begin, name_end; /**< of the name by which it is judged */
    int nameless;
    int joint;     /**< stands behind a joint */
    size_t border; /**< where the next `;` stands, or the end */
} cookie_model_pair_t;

typedef struct {
    cookie_model_pair_t pairs[COOKIE_MODEL_PAIRS];
    int count;
} cookie_model_t;

static inline int cookie_model_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\v' || c == '\f' || c == '\r';
}

static inline int cookie_model_token(char c)
{
    static const char token[] = "!#$%&'*+-.^_`|~0123456789"
                                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

    return memchr(token, c, sizeof(token) - 1) != NULL;
}

/** Whether `, `, a token and `=` stand at i, all before end. */
static inline int cookie_model_joint(const char *text, size_t i, size_t end)
{
    size_t p = i + 2;

    if (i + 2 >= end || text[i] != ',' || text[i + 1] != ' ') {
        return 0;
    }
    while (p < end && cookie_model_token(text[p])) {
        p++;
    }
    return p > i + 2 && p < end && text[p] == '=';
}

static inline void cookie_model_trim(const char *text, size_t *begin, size_t *end)
{
    while (*begin < *end && cookie_model_space(text[*begin])) {
        ++*begin;
    }
    while (*end > *begin && cookie_model_space(text[*end - 1])) {
        --*end;
    }
}

/** One pair between two separators; one of white space alone is none. */
static inline void cookie_model_pair(cookie_model_t *model, const char *text, size_t begin,
                                     size_t end, size_t border, int joint)
{
    cookie_model_pair_t *pair = &model->pairs[model->count];
    size_t eq;

    cookie_model_trim(text, &begin, &end);
    if (begin == end || model->count == COOKIE_MODEL_PAIRS) {
        return;
    }
    pair->begin = begin;
    pair->end = end;
    pair->border = border;
    pair->joint = joint;
    pair->nameless = text[begin] == '=' || memchr(text + begin, '=', end - begin) == NULL;
    if (pair->nameless) {
        while (begin < end && (text[begin] == '=' || cookie_model_space(text[begin]))) {
            begin++;
        }
    }
    for (eq = begin; eq < end && text[eq] != '='; eq++) {
    }
    cookie_model_trim(text, &begin, &eq);
    pair->name_begin = begin;
    pair->name_end = eq;
    model->count++;
}

static inline void cookie_model_read(cookie_model_t *model, const char *text, size_t len)
{
    model->count = 0;
    for (size_t begin = 0; begin < len;) {
        size_t end = begin, from = begin;
        int joint = 0;

        while (end < len && text[end] != ';') {
            end++;
        }
        for (size_t i = begin; i < end; i++) {
            if (cookie_model_joint(text, i, end)) {
                cookie_model_pair(model, text, from, i, end, joint);
                from = i + 1;
                joint = 1;
            }
        }
        cookie_model_pair(model, text, from, end, end, joint);
        begin = end + 1;
    }
}

/** Where a pair's value stands: to the next `;`, past any joint; a nameless one has none. */
static inline void cookie_model_value(const char *text, const cookie_model_pair_t *pair,
                                      size_t *begin, size_t *end)
{
    *begin = *end = pair->border;
    if (!pair->nameless) {
        *begin = pair->name_end;
        while (text[(*begin)++] != '=') {
        }
    }
    cookie_model_trim(text, begin, end);
}

#endif /* COOKIE_MODEL_H */
