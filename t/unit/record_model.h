/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file record_model.h
 * @brief The module's own cookie, read as docs/directives.md and rules D1 and D2 have it: key by
 *        key, with no regard to cost, and independent of what it is compared with.
 */

#ifndef RECORD_MODEL_H
#define RECORD_MODEL_H

#include <string.h>

#include "consent/pv_record.h"

#define RECORD_MODEL_DAY 86400

typedef struct {
    int bad;            /**< counts as absent; record is empty then */
    int count[128];     /**< of v, p, t and g */
    pv_record_t record; /**< what it says */
} record_model_t;

static inline int record_model_index(const pv_policy_t *policy, pv_span_t key)
{
    for (int i = 0; i < policy->category_count; i++) {
        const char *name = policy->categories[i]->decl.name;

        if (pv_span_eq(key, pv_span(name, strlen(name)))) {
            return i;
        }
    }
    return -1;
}

static inline int record_model_is_number(pv_span_t value)
{
    for (size_t i = 0; i < value.len; i++) {
        if (memchr("0123456789", value.ptr[i], 10) == NULL) {
            return 0;
        }
    }
    return value.len >= 1 && value.len <= 12;
}

/** One of the record's own keys. */
static inline void record_model_own(record_model_t *model, const pv_policy_t *policy, char key,
                                    pv_span_t value)
{
    const char *version = policy->version;

    model->count[(int)key]++;
    if (key == 'v' || key == 'g') {
        model->bad |= !pv_span_eq(value, PV_SPAN("1"));
        model->record.signal |= key == 'g';
    }
    else if (key == 'p') {
        model->bad |= value.len == 0;
        model->record.current = pv_span_eq(value, pv_span(version, strlen(version)));
    }
    else if (model->count['t'] > 1 || !record_model_is_number(value)) {
        model->bad = 1;
    }
    else {
        for (size_t i = 0; i < value.len; i++) {
            model->record.time = model->record.time * 10 + (value.ptr[i] - '0');
        }
    }
}

static inline void record_model_category(record_model_t *model, int index, pv_span_t value)
{
    pv_set_t bit = PV_BIT(index);

    if ((model->record.granted | model->record.denied) & bit) {
        model->bad = 1;
    }
    else if (pv_span_eq(value, PV_SPAN("1"))) {
        model->record.granted |= bit;
    }
    else if (pv_span_eq(value, PV_SPAN("0"))) {
        model->record.denied |= bit;
    }
    else {
        model->bad = 1;
    }
}

static inline void record_model_pair(record_model_t *model, const pv_policy_t *policy,
                                     pv_span_t pair)
{
    size_t eq = 0;
    pv_span_t key, value;
    int index;

    while (eq < pair.len && pair.ptr[eq] != '=') {
        eq++;
    }
    if (eq == 0 || eq == pair.len) {
        model->bad = 1;
        return;
    }
    key = pv_span(pair.ptr, eq);
    value = pv_span(pair.ptr + eq + 1, pair.len - eq - 1);
    index = record_model_index(policy, key);
    if (eq == 1 && memchr("vptg", *key.ptr, 4) != NULL) {
        record_model_own(model, policy, *key.ptr, value);
    }
    else if (index >= 0) {
        record_model_category(model, index, value);
    }
}

/** @param now seconds since 1970 */
static inline void record_model_read(record_model_t *model, const pv_policy_t *policy,
                                     pv_span_t text, apr_int64_t now)
{
    memset(model, 0, sizeof(*model));
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        model->bad |= c < 0x21 || c > 0x7e || memchr("\",;\\", c, 4) != NULL;
    }
    for (size_t begin = 0, end; begin <= text.len; begin = end + 1) {
        for (end = begin; end < text.len && text.ptr[end] != '&'; end++) {
        }
        record_model_pair(model, policy, pv_span(text.ptr + begin, end - begin));
    }
    model->bad |= model->count['v'] != 1 || model->count['p'] != 1 || model->count['t'] != 1 ||
                  model->count['g'] > 1 || text.len > PV_RECORD_MAX ||
                  model->record.time > now + RECORD_MODEL_DAY;
    if (policy->consent_cookie->lifetime >= 0 &&
        now - model->record.time > policy->consent_cookie->lifetime) {
        model->record.current = 0;
    }
    if (model->bad) {
        memset(&model->record, 0, sizeof(model->record));
    }
}

/** What two records of one request come to. */
static inline pv_record_t record_model_sum(const pv_record_t *a, const pv_record_t *b)
{
    pv_record_t sum = a->time > b->time ? *a : *b;

    if (a->time == b->time) {
        sum.granted = a->granted & b->granted;
        sum.denied = a->denied | b->denied;
        sum.signal = a->signal && b->signal;
        sum.current = a->current && b->current;
    }
    return sum;
}

static inline int record_model_same(const pv_record_t *a, const pv_record_t *b)
{
    return a->time == b->time && a->granted == b->granted && a->denied == b->denied &&
           a->signal == b->signal && a->current == b->current;
}

#endif /* RECORD_MODEL_H */
