/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/*
 * Asking the sources: finds their cookies, has each value decoded as little as
 * it needs, and adds the readings up to answers about categories.
 */

#include "consent/pv_source_impl.h"
#include "consent/pv_unescape.h"
#include "policy/pv_octet.h"

/* Percent-encoding is taken off so often at most: proxies and frameworks encode
 * what is encoded already, but none does it a third time. */
#define LEVELS 2

/* What all values of one source have said so far. */
typedef struct {
    pv_keys_t granted, denied, doubt, not_applicable;
    pv_keys_t implied; /* of granted: not by choice */
    unsigned answered : 1, unanswered : 1;
} sum_t;

/* A cookie of a source; in its bucket the next one, 0 after the last. */
typedef struct {
    unsigned char source, slot;
    apr_uint16_t next;
} entry_t;

/* By the three bytes that a name begins with; two or fewer go to SHORT. */
#define BUCKETS 1024
#define SHORT   0

struct pv_sources_t {
    const pv_source_t *list[PV_SOURCES];
    unsigned n;
    /* A prefix of two bytes or fewer is configured: every name may be one. */
    unsigned short_prefix : 1;
    apr_uint16_t bucket[BUCKETS]; /* the first entry, 0 if there is none */
    entry_t entry[1 + PV_SOURCES * PV_SLOTS];
    unsigned entries;
};

/* The value with its quotes and some levels of percent-encoding taken off. */
static pv_status_t unwrap(pv_span_t value, unsigned levels, char *scratch, pv_span_t *text)
{
    int quoted = value.len > 0 && *value.ptr == '"';
    pv_status_t status = pv_unquote(value, scratch, text);

    for (; status == PV_OK && levels > 0; levels--) {
        if (text->len == 0 || memchr(text->ptr, '%', text->len) == NULL) {
            return PV_BAD;
        }
        *text = pv_percent_decode(*text, scratch);
        if (!quoted && text->len > 0 && *text->ptr == '"') {
            quoted = 1;
            status = pv_unquote(*text, scratch, text);
        }
    }
    return status;
}

/*
 * A value is read with the least decoding that makes it readable: were an inner
 * string decoded that already stands in readable JSON, what a visitor's URL put
 * into it could become JSON itself.
 */
static pv_status_t decode(const pv_source_t *source, unsigned slot, pv_keys_t keys, pv_span_t value,
                          pv_reading_t *reading)
{
    char scratch[PV_SOURCE_VALUE_MAX];
    pv_decoding_t d = { source, &source->kind->slots[slot], keys, scratch };

    if (value.len > sizeof(scratch)) {
        return PV_LIMIT;
    }
    for (unsigned levels = 0; levels <= LEVELS; levels++) {
        pv_span_t text;

        if (unwrap(value, levels, scratch, &text) != PV_OK) {
            return PV_BAD;
        }
        memset(reading, 0, sizeof(*reading));
        if (d.slot->decode(&d, text, reading) == PV_OK) {
            return PV_OK;
        }
    }
    return PV_BAD;
}

/* Add a reading; spoken are the keys that the slot speaks of. */
static void add(const pv_source_t *source, unsigned flags, pv_keys_t spoken,
                const pv_reading_t *reading, sum_t *sum)
{
    pv_keys_t live = ~reading->silent;
    pv_keys_t granted = reading->granted & spoken & live;
    pv_keys_t denied = reading->denied & live & ((flags & PV_SLOT_DENIES) ? source->all : spoken);
    pv_keys_t elsewhere = reading->not_applicable & spoken & live;

    sum->not_applicable |= elsewhere;
    if (!reading->by_choice) {
        sum->implied |= granted;
    }
    if (source->elsewhere_grants) {
        granted |= elsewhere;
        sum->implied |= elsewhere;
    }
    sum->granted |= granted;
    sum->denied |= denied;
    sum->doubt |= reading->doubt & spoken;
    if (!(flags & PV_SLOT_PARTIAL) || reading->silent) {
        sum->doubt |= spoken & ~(granted | denied);
    }
}

/* What the slot speaks of, for a cookie of this name. */
static pv_keys_t spoken_of(const pv_source_t *source, unsigned slot, pv_span_t name)
{
    unsigned flags = source->kind->slots[slot].flags;
    pv_span_t prefix = source->names[slot];
    pv_span_t rest;
    pv_keys_t key;

    if (flags & PV_SLOT_GATE) {
        return 0;
    }
    if (flags & PV_SLOT_STAR) {
        return source->star;
    }
    if (!(flags & PV_SLOT_PREFIX)) {
        return source->all;
    }
    rest = pv_span(name.ptr + prefix.len, name.len - prefix.len);
    if (rest.len == 0) {
        return source->star;
    }
    key = pv_source_key(source, rest);
    if (key == 0 && *rest.ptr == '_' && prefix.ptr[prefix.len - 1] != '_') {
        key = pv_source_key(source, pv_span(rest.ptr + 1, rest.len - 1));
    }
    return key;
}

static void hear(const pv_source_t *source, unsigned slot, const pv_source_cookie_t *cookie,
                 sum_t *sum)
{
    unsigned flags = source->kind->slots[slot].flags;
    pv_keys_t spoken = spoken_of(source, slot, cookie->name);
    pv_reading_t reading;
    pv_status_t status;

    if ((flags & PV_SLOT_PREFIX) && spoken == 0) {
        return;
    }
    status = decode(source, slot, (flags & PV_SLOT_PREFIX) ? spoken : ~(pv_keys_t)0, cookie->value,
                    &reading);
    if (flags & PV_SLOT_ANSWERED) {
        if (status == PV_OK && reading.silent == 0) {
            sum->answered = 1;
        }
        else {
            sum->unanswered = 1;
        }
    }
    if (status == PV_OK) {
        add(source, flags, spoken, &reading, sum);
    }
    else {
        sum->doubt |= (flags & PV_SLOT_DENIES) ? source->all : spoken;
    }
}

static void hear_cookie(const pv_source_t *source, const pv_source_cookie_t *cookie, sum_t *sum)
{
    for (unsigned i = 0; i < source->nslots; i++) {
        if (pv_slot_matches(source, i, cookie->name, 1)) {
            hear(source, i, cookie, sum);
        }
    }
}

static void conclude(const pv_source_t *source, const sum_t *sum, pv_source_answers_t *answers)
{
    pv_keys_t granted = sum->granted & ~sum->doubt;

    if ((source->kind->flags & PV_KIND_ANSWER) && (!sum->answered || sum->unanswered)) {
        return;
    }
    for (unsigned i = 0; i < source->nmapped; i++) {
        const pv_mapped_t *m = &source->mapped[i];

        if (m->keys & sum->denied) {
            answers->denied |= m->bit;
        }
        else if ((m->keys & granted) == m->keys && !m->ungrantable) {
            answers->granted |= m->bit;
            if (!(m->keys & sum->implied)) {
                answers->by_choice |= m->bit;
            }
        }
        else if (m->keys & sum->not_applicable) {
            answers->not_applicable |= m->bit;
        }
    }
}

/* Of what several sources say, a refusal outweighs a grant, and either of them
 * that there is nothing to decide. */
static void weigh(pv_source_answers_t *answers)
{
    answers->granted &= ~answers->denied;
    answers->by_choice &= answers->granted;
    answers->not_applicable &= ~(answers->denied | answers->granted);
}

void pv_source_read(const pv_source_t *source, const pv_source_cookie_t *cookies, unsigned n,
                    pv_source_answers_t *answers)
{
    sum_t sum;

    memset(&sum, 0, sizeof(sum));
    memset(answers, 0, sizeof(*answers));
    for (unsigned i = 0; i < n; i++) {
        hear_cookie(source, &cookies[i], &sum);
    }
    conclude(source, &sum, answers);
    weigh(answers);
}

static unsigned bucket_of(pv_span_t name)
{
    const unsigned char *p = (const unsigned char *)name.ptr;

    if (name.len < 3) {
        return SHORT;
    }
    return (unsigned)((p[0] | p[1] << 8 | (apr_uint32_t)p[2] << 16) * 2654435761u) >> 22;
}

/* What all sources have said; only those in heard have a sum. */
typedef struct {
    apr_uint64_t heard;
    sum_t of[PV_SOURCES];
} sums_t;

static void hear_bucket(const pv_sources_t *sources, unsigned bucket,
                        const pv_source_cookie_t *cookie, sums_t *sums)
{
    for (unsigned i = sources->bucket[bucket]; i != 0; i = sources->entry[i].next) {
        const entry_t *entry = &sources->entry[i];
        const pv_source_t *source = sources->list[entry->source];
        apr_uint64_t bit = APR_UINT64_C(1) << entry->source;

        if (!pv_slot_matches(source, entry->slot, cookie->name, 1)) {
            continue;
        }
        if (!(sums->heard & bit)) {
            memset(&sums->of[entry->source], 0, sizeof(sum_t));
            sums->heard |= bit;
        }
        hear(source, entry->slot, cookie, &sums->of[entry->source]);
    }
}

void pv_sources_read(const pv_sources_t *sources, const pv_source_cookie_t *cookies, unsigned n,
                     pv_source_answers_t *answers)
{
    sums_t sums;

    sums.heard = 0;
    memset(answers, 0, sizeof(*answers));
    for (unsigned i = 0; i < n; i++) {
        unsigned bucket = bucket_of(cookies[i].name);

        if (sources->bucket[bucket] != 0) {
            hear_bucket(sources, bucket, &cookies[i], &sums);
        }
        if (sources->short_prefix && bucket != SHORT) {
            hear_bucket(sources, SHORT, &cookies[i], &sums);
        }
    }
    for (unsigned k = 0; k < sources->n && sums.heard >> k != 0; k++) {
        if (sums.heard >> k & 1) {
            conclude(sources->list[k], &sums.of[k], answers);
        }
    }
    weigh(answers);
}

int pv_source_owns(const pv_source_t *source, pv_span_t name)
{
    for (unsigned i = 0; i < source->nslots; i++) {
        if (pv_slot_matches(source, i, name, 0)) {
            return 1;
        }
    }
    return 0;
}

/* The first source, or the first that refreshes, that owns a cookie of this name. */
static const pv_source_t *find_owner(const pv_sources_t *sources, pv_span_t name, int refreshing)
{
    unsigned bucket = bucket_of(name);
    unsigned i = sources->bucket[bucket];

    for (;;) {
        if (i == 0) {
            if (!sources->short_prefix || bucket == SHORT) {
                return NULL;
            }
            bucket = SHORT;
            i = sources->bucket[SHORT];
            continue;
        }
        if (pv_slot_matches(sources->list[sources->entry[i].source], sources->entry[i].slot, name,
                            0) &&
            (!refreshing || sources->list[sources->entry[i].source]->refresh.seconds > 0)) {
            return sources->list[sources->entry[i].source];
        }
        i = sources->entry[i].next;
    }
}

int pv_sources_own(const pv_sources_t *sources, pv_span_t name)
{
    return find_owner(sources, name, 0) != NULL;
}

const pv_refresh_t *pv_sources_refresh(const pv_sources_t *sources, pv_span_t name)
{
    const pv_source_t *owner = find_owner(sources, name, 1);

    return owner != NULL ? &owner->refresh : NULL;
}

static void add_entry(pv_sources_t *sources, unsigned source, unsigned slot)
{
    pv_span_t name = sources->list[source]->names[slot];
    unsigned flags = sources->list[source]->kind->slots[slot].flags;
    unsigned bucket = bucket_of(name);
    entry_t *entry = &sources->entry[++sources->entries];

    entry->source = (unsigned char)source;
    entry->slot = (unsigned char)slot;
    entry->next = sources->bucket[bucket];
    sources->bucket[bucket] = (apr_uint16_t)sources->entries;
    if (bucket == SHORT && name.len < 3 && (flags & (PV_SLOT_PREFIX | PV_SLOT_DIGITS))) {
        sources->short_prefix = 1;
    }
}

pv_sources_t *pv_sources_make(const pv_source_t *const *list, unsigned n, apr_pool_t *pool)
{
    pv_sources_t *sources;

    if (n > PV_SOURCES) {
        return NULL;
    }
    sources = apr_pcalloc(pool, sizeof(*sources));
    sources->n = n;
    for (unsigned k = 0; k < n; k++) {
        sources->list[k] = list[k];
        for (unsigned i = 0; i < list[k]->nslots; i++) {
            if (list[k]->names[i].len > 0) {
                add_entry(sources, k, i);
            }
        }
    }
    return sources;
}
