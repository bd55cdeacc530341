/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* Sources in JSON: where in it each manager keeps what, is said by a list of rules. */

#include "consent/pv_gpp.h"
#include "consent/pv_source_impl.h"
#include "consent/pv_unescape.h"

/* JSON inside a string of JSON, at most. */
#define PACKED_MAX 2048

typedef struct {
    const pv_decoding_t *d;
    const pv_rules_t *how;
    pv_reading_t *reading;
    pv_keys_t mentioned; /* in the object or list that is being read */
    unsigned marks;
    /* For each rule two bits: the first and the second step of its path have been
     * seen. Seen again they are duplicates, of which JavaScript takes the last. */
    apr_uint32_t seen;
    unsigned elsewhere : 1; /* what is granted is so because the law does not apply */
} gather_t;

static unsigned path_len(const pv_rule_t *rule)
{
    return rule->path[0] == NULL ? 0 : rule->path[1] == NULL ? 1 : 2;
}

static int step_is(const pv_json_step_t *step, const char *name)
{
    return !step->in_array && pv_json_text_eq(step->name, pv_span(name, strlen(name)));
}

/* The key of this text, or of what follows the rule's prefix for it. */
static pv_keys_t find_key(const gather_t *g, const pv_rule_t *rule, pv_span_t text)
{
    apr_size_t skip = rule->prefix != NULL ? strlen(rule->prefix) : 0;

    for (unsigned i = 0; i < g->d->source->nkeys; i++) {
        pv_span_t key = g->d->source->keys[i].text;

        if (key.len >= skip && (skip == 0 || memcmp(key.ptr, rule->prefix, skip) == 0) &&
            pv_json_text_eq(text, pv_span(key.ptr + skip, key.len - skip))) {
            return (pv_keys_t)1 << i;
        }
    }
    return 0;
}

static pv_keys_t named(const gather_t *g)
{
    return g->d->source->all & ~g->d->source->star;
}

static pv_answer_t bool_says(const pv_json_event_t *event)
{
    if (event->type == PV_JSON_TRUE) {
        return PV_ANSWER_GRANTED;
    }
    return event->type == PV_JSON_FALSE ? PV_ANSWER_DENIED : PV_ANSWER_NOTHING;
}

static int word_says(const pv_rule_t *rule, const pv_json_event_t *event, pv_answer_t *answer)
{
    *answer = PV_ANSWER_NOTHING;
    return event->type == PV_JSON_STRING && pv_word_find(rule->words, event->text, answer);
}

static void packed_told(void *ctx, const pv_json_event_t *event)
{
    gather_t *g = ctx;
    static const pv_rule_t rule = { .means = PV_RULE_LISTED };

    if (event->depth == 1 && event->type == PV_JSON_STRING && event->path[0].in_array) {
        g->mentioned |= find_key(g, &rule, event->text);
    }
}

/* A list of names inside a string. */
static void read_packed(gather_t *g, pv_span_t text)
{
    char plain[PACKED_MAX];
    pv_span_t list;

    g->mentioned = 0;
    if (pv_json_text(text, plain, sizeof(plain), &list) == PV_OK && list.len > 0 &&
        *list.ptr == '[' && pv_json_read(list, packed_told, g) == PV_OK) {
        g->reading->granted |= g->mentioned;
        g->reading->denied |= named(g) & ~g->mentioned;
    }
    else {
        g->reading->doubt |= named(g);
    }
}

/* `true` or `false` for everything, or a word that is. */
static void verdict(gather_t *g, pv_keys_t grants, pv_answer_t answer)
{
    if (answer == PV_ANSWER_GRANTED) {
        g->reading->granted |= grants;
    }
    else if (answer == PV_ANSWER_DENIED) {
        g->reading->denied |= g->d->source->all;
    }
    else {
        g->reading->silent = ~(pv_keys_t)0;
    }
}

static void choice(gather_t *g, pv_answer_t answer)
{
    g->reading->by_choice |= answer == PV_ANSWER_GRANTED;
    g->elsewhere |= answer == PV_ANSWER_NOT_APPLICABLE;
}

static void usp(gather_t *g, const pv_json_event_t *event)
{
    pv_optout_t sale;

    if (event->type == PV_JSON_STRING && pv_usprivacy_read(event->text, &sale) == PV_OK) {
        pv_reading_add_optout(g->reading, g->d->source->all, sale);
    }
    else {
        g->reading->doubt |= g->d->source->all;
    }
}

/* A member that stands for no key. @return whether the rule has been met */
static int apply_member(gather_t *g, const pv_rule_t *rule, const pv_json_event_t *event)
{
    pv_answer_t answer;

    switch (rule->means) {
    case PV_RULE_TRUE:
        if (event->type != PV_JSON_TRUE) {
            g->reading->silent = ~(pv_keys_t)0;
        }
        return event->type == PV_JSON_TRUE;
    case PV_RULE_TEXT:
        return event->type == PV_JSON_STRING && event->text.len > 0;
    case PV_RULE_ALL:
        verdict(g, g->d->source->all, bool_says(event));
        return 1;
    case PV_RULE_VERDICT:
        word_says(rule, event, &answer);
        verdict(g, g->d->source->star, answer);
        return 1;
    case PV_RULE_CHOICE:
        word_says(rule, event, &answer);
        choice(g, answer);
        return 1;
    case PV_RULE_PACKED:
        read_packed(g, event->type == PV_JSON_STRING ? event->text : pv_span("", 0));
        return 1;
    case PV_RULE_USP:
        usp(g, event);
        return 1;
    default:
        return 0;
    }
}

/* A member whose name is a key. */
static void apply_key(gather_t *g, const pv_rule_t *rule, const pv_json_event_t *event)
{
    pv_keys_t key = find_key(g, rule, event->path[event->depth - 1].name);
    pv_answer_t answer = bool_says(event);

    g->mentioned |= key;
    if (rule->means == PV_RULE_WORD && word_says(rule, event, &answer) &&
        answer == PV_ANSWER_NOTHING) {
        g->reading->silent |= key;
        return;
    }
    if (rule->means == PV_RULE_FILLED) {
        answer = event->type != PV_JSON_ARRAY_END ? PV_ANSWER_NOTHING
                 : event->count > 0               ? PV_ANSWER_GRANTED
                                                  : PV_ANSWER_DENIED;
    }
    pv_reading_add(g->reading, key, answer);
}

/* An element of a list of keys. */
static void apply_element(gather_t *g, const pv_rule_t *rule, const pv_json_event_t *event)
{
    pv_keys_t key = event->type == PV_JSON_STRING ? find_key(g, rule, event->text) : 0;

    g->mentioned |= key;
    if (rule->means == PV_RULE_GRANTED) {
        g->reading->granted |= key;
    }
    else if (rule->means == PV_RULE_DENIED) {
        g->reading->denied |= key;
    }
}

static int is_list_rule(const pv_rule_t *rule)
{
    return rule->means == PV_RULE_LISTED || rule->means == PV_RULE_GRANTED ||
           rule->means == PV_RULE_DENIED;
}

/* The event is inside what the rule is about. */
static void apply_inside(gather_t *g, const pv_rule_t *rule, const pv_json_event_t *event)
{
    const pv_json_step_t *step = &event->path[event->depth - 1];

    if (rule->member != NULL) {
        if (!pv_json_ends(event) && step_is(step, rule->member) && apply_member(g, rule, event)) {
            g->marks |= rule->marks;
        }
    }
    else if (is_list_rule(rule)) {
        if (step->in_array) {
            apply_element(g, rule, event);
        }
    }
    else if (!step->in_array && (rule->means == PV_RULE_FILLED ? event->type != PV_JSON_ARRAY
                                                               : !pv_json_ends(event))) {
        apply_key(g, rule, event);
    }
}

/* The event is what the rule is about: its beginning, its end, or no object or
 * list at all. */
static void apply_whole(gather_t *g, const pv_rule_t *rule, const pv_json_event_t *event)
{
    pv_keys_t left = named(g) & ~g->mentioned;

    if (pv_json_begins(event)) {
        g->mentioned = 0;
    }
    if (!pv_json_ends(event)) {
        if (event->type != (is_list_rule(rule) ? PV_JSON_ARRAY : PV_JSON_OBJECT)) {
            g->reading->doubt |= named(g);
        }
        return;
    }
    g->marks |= rule->marks;
    if (rule->means == PV_RULE_LISTED) {
        g->reading->granted |= g->mentioned;
    }
    if (rule->means == PV_RULE_LISTED || rule->means == PV_RULE_FILLED) {
        g->reading->denied |= left;
    }
}

/* How many steps of the rule's path lead to the event; more than there are if
 * they lead elsewhere. */
static unsigned steps_along(const pv_rule_t *rule, const pv_json_event_t *event)
{
    unsigned len = path_len(rule), n = event->depth < len ? event->depth : len;

    for (unsigned i = 0; i < n; i++) {
        if (!step_is(&event->path[i], rule->path[i])) {
            return len + 1;
        }
    }
    return n;
}

static void told(void *ctx, const pv_json_event_t *event)
{
    gather_t *g = ctx;
    unsigned i = 0;

    for (const pv_rule_t *rule = g->how->rules; rule->marks != PV_RULES_END; rule++, i++) {
        unsigned len = path_len(rule), along = steps_along(rule, event);

        if (along > len || event->depth > len + 1) {
            continue;
        }
        if (event->depth > 0 && event->depth <= len && !pv_json_ends(event)) {
            apr_uint32_t bit = 1u << (2 * i + event->depth - 1);

            if (g->seen & bit) {
                g->reading->doubt |= ~(pv_keys_t)0;
            }
            g->seen |= bit;
        }
        if (event->depth == len + 1) {
            apply_inside(g, rule, event);
        }
        else if (event->depth == len && rule->member == NULL) {
            apply_whole(g, rule, event);
        }
    }
}

pv_status_t pv_decode_rules(const pv_decoding_t *d, pv_span_t value, pv_reading_t *reading)
{
    const pv_rules_t *how = d->slot->how;
    gather_t g = { .d = d, .how = how, .reading = reading };
    pv_status_t status = pv_json_read(value, told, &g);

    if (status != PV_OK) {
        return status;
    }
    if ((g.marks & how->need[0]) != how->need[0] &&
        (how->need[1] == 0 || (g.marks & how->need[1]) != how->need[1])) {
        reading->silent = ~(pv_keys_t)0;
    }
    if (how->by_choice) {
        reading->by_choice = 1;
    }
    if (g.elsewhere) {
        reading->not_applicable |= reading->granted;
        reading->granted = 0;
    }
    return PV_OK;
}

pv_status_t pv_decode_base64(const pv_decoding_t *d, pv_span_t value, pv_reading_t *reading)
{
    pv_span_t text;

    if (pv_base64_decode(value, d->scratch, &text) != PV_OK) {
        return PV_BAD;
    }
    return pv_decode_rules(d, text, reading);
}

pv_status_t pv_decode_cookiebot(const pv_decoding_t *d, pv_span_t value, pv_reading_t *reading)
{
    if (pv_span_eq(value, PV_SPAN("0"))) {
        pv_reading_add(reading, d->source->all, PV_ANSWER_DENIED);
        return PV_OK;
    }
    if (pv_span_eq(value, PV_SPAN("-1"))) {
        pv_reading_add(reading, d->source->all, PV_ANSWER_NOT_APPLICABLE);
        return PV_OK;
    }
    return pv_decode_rules(d, value, reading);
}
