/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* The source `json`: any JSON, its keys pointers into it (RFC 6901). */

#include "consent/pv_source_impl.h"

/* What has been seen on the way to each key: a bit a step. */
typedef struct {
    const pv_decoding_t *d;
    pv_reading_t *reading;
    apr_uint16_t seen[PV_SOURCE_KEYS];
} point_t;

/* A site's own words; strings are compared without regard to case. */
static const pv_word_t words_any[] = {
    { "true", PV_ANSWER_GRANTED },     { "1", PV_ANSWER_GRANTED },
    { "yes", PV_ANSWER_GRANTED },      { "on", PV_ANSWER_GRANTED },
    { "granted", PV_ANSWER_GRANTED },  { "allow", PV_ANSWER_GRANTED },
    { "allowed", PV_ANSWER_GRANTED },  { "accept", PV_ANSWER_GRANTED },
    { "accepted", PV_ANSWER_GRANTED }, { "false", PV_ANSWER_DENIED },
    { "0", PV_ANSWER_DENIED },         { "no", PV_ANSWER_DENIED },
    { "off", PV_ANSWER_DENIED },       { "denied", PV_ANSWER_DENIED },
    { "deny", PV_ANSWER_DENIED },      { "reject", PV_ANSWER_DENIED },
    { "rejected", PV_ANSWER_DENIED },  { "revoked", PV_ANSWER_DENIED },
    { "refused", PV_ANSWER_DENIED },   { NULL, PV_ANSWER_NOTHING }
};

static pv_answer_t any_says(const pv_json_event_t *event)
{
    if (event->type == PV_JSON_NULL || pv_json_begins(event)) {
        return PV_ANSWER_NOTHING;
    }
    for (const pv_word_t *word = words_any; word->text != NULL; word++) {
        if (pv_span_eq_nocase(event->text, pv_span(word->text, strlen(word->text)))) {
            return word->answer;
        }
    }
    return PV_ANSWER_NOTHING;
}

/* Is this the step that a pointer names? An index has no leading zero. */
static int is_step(const pv_json_step_t *step, pv_span_t name)
{
    unsigned index = 0;

    if (!step->in_array) {
        return pv_json_text_eq(step->name, name);
    }
    if (name.len == 0 || name.len > 5 || (*name.ptr == '0' && name.len > 1)) {
        return 0;
    }
    for (apr_size_t i = 0; i < name.len; i++) {
        if (!pv_is_digit(name.ptr[i])) {
            return 0;
        }
        index = index * 10 + (unsigned)(name.ptr[i] - '0');
    }
    return index == step->index;
}

static int leads_to(const pv_key_t *key, const pv_json_event_t *event)
{
    for (unsigned i = 0; i < event->depth; i++) {
        if (!is_step(&event->path[i], key->steps[i])) {
            return 0;
        }
    }
    return 1;
}

static void pointed(void *ctx, const pv_json_event_t *event)
{
    point_t *p = ctx;
    const pv_source_t *source = p->d->source;

    for (unsigned i = 0; i < source->nkeys && !pv_json_ends(event); i++) {
        const pv_key_t *key = &source->keys[i];
        pv_keys_t bit = (pv_keys_t)1 << i;

        if (event->depth > key->nsteps || !leads_to(key, event)) {
            continue;
        }
        if (p->seen[i] >> event->depth & 1) {
            p->reading->doubt |= bit;
        }
        p->seen[i] = (apr_uint16_t)(p->seen[i] | 1u << event->depth);
        if (event->depth == key->nsteps) {
            pv_reading_add(p->reading, bit, any_says(event));
        }
    }
}

pv_status_t pv_decode_pointers(const pv_decoding_t *d, pv_span_t value, pv_reading_t *reading)
{
    point_t p = { .d = d, .reading = reading };

    return pv_json_read(value, pointed, &p);
}
