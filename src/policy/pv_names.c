/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "policy/pv_names.h"

#include <stdint.h>

/** Prefixes are hashed up to here; a longer one is told apart by matching. */
#define PREFIX_MAX 63

/** Bytes of a key that a slot has by itself. */
#define HEAD 8

/** A pv_names_first_t's patterns are the lengths of globs' hashed prefixes, by
 *  PV_NAMES_LENGTH. That of a prefix without bytes stands for regexes, too. */
#define ASKS_ALL PV_NAMES_LENGTH(0)

typedef struct glob_t {
    const pv_cookie_t *cookie;
    pv_span_t rest;      /**< of the pattern, behind the hashed prefix */
    struct glob_t *next; /**< the next best of the same hashed prefix */
} glob_t;

/** A slot of an open addressing table; empty if value is NULL. */
typedef struct {
    apr_uint64_t head; /**< head_of() the key */
    apr_size_t len;
    const char *key;
    void *value; /**< pv_cookie_t or glob_t */
} slot_t;

typedef struct {
    slot_t *slots;
    apr_size_t mask;
} table_t;

struct pv_names_tables_t {
    table_t exact;
    table_t prefixes;
    int ranked;                  /**< some glob outweighs a longer prefix, see better() */
    const pv_cookie_t **regexes; /**< in the order in which they are asked */
    int regex_count;
    pv_regex_match_t match;
};

pv_pattern_t pv_pattern_kind(const char *pattern)
{
    if (pattern[0] == '~') {
        return PV_PATTERN_REGEX;
    }
    return strpbrk(pattern, "*?") != NULL ? PV_PATTERN_GLOB : PV_PATTERN_EXACT;
}

int pv_glob_match(pv_span_t glob, pv_span_t name)
{
    apr_size_t g = 0, n = 0;
    apr_size_t star = glob.len, star_name = 0; /* where to go on after a mismatch */

    while (n < name.len) {
        if (g < glob.len && glob.ptr[g] == '*') {
            star = g++;
            star_name = n;
        }
        else if (g < glob.len && (glob.ptr[g] == '?' || glob.ptr[g] == name.ptr[n])) {
            g++;
            n++;
        }
        else if (star < glob.len) {
            g = star + 1;
            n = ++star_name;
        }
        else {
            return 0;
        }
    }
    while (g < glob.len && glob.ptr[g] == '*') {
        g++;
    }
    return g == glob.len;
}

static inline apr_uint64_t load(const char *p, apr_size_t size)
{
    apr_uint64_t word = 0;

    memcpy(&word, p, size);
    return word;
}

/** The first eight bytes of a key; of a shorter one all of them, so that two keys of one
 *  length have the same if they are equal. */
static inline apr_uint64_t head_of(const char *key, apr_size_t len)
{
    if (len >= HEAD) {
        return load(key, HEAD);
    }
    if (len >= 4) {
        return load(key, 4) << 32 | load(key + len - 4, 4);
    }
    if (len > 0) {
        return load(key, 1) << 16 | load(key + len / 2, 1) << 8 | load(key + len - 1, 1);
    }
    return 0;
}

/** Eight bytes at a time, the last of them overlapping: names are short, and most
 *  are hashed by one multiplication or two. Not for what a client could choose to make
 *  collide: only declared names are stored. */
static inline apr_size_t hash_of(apr_uint64_t head, const char *key, apr_size_t len)
{
    const apr_uint64_t prime = APR_UINT64_C(0x9e3779b97f4a7c15);
    apr_uint64_t h = (head ^ len) * prime;

    if (len > HEAD) {
        for (apr_size_t i = HEAD; i + 8 < len; i += 8) {
            h = (h ^ h >> 29 ^ load(key + i, 8)) * prime;
        }
        h = (h ^ h >> 29 ^ load(key + len - 8, 8)) * prime;
    }
    return (apr_size_t)(h >> 32);
}

/** Whether two keys of more than HEAD bytes are equal behind these. */
static inline int is_tail_equal(const char *a, const char *b, apr_size_t len)
{
    for (apr_size_t i = HEAD; i + 8 < len; i += 8) {
        if (load(a + i, 8) != load(b + i, 8)) {
            return 0;
        }
    }
    return load(a + len - 8, 8) == load(b + len - 8, 8);
}

static void table_init(table_t *table, int count, apr_pool_t *pool)
{
    apr_size_t size = 4;

    while (size < (apr_size_t)count * 4) {
        size *= 2;
    }
    table->slots = apr_pcalloc(pool, size * sizeof(slot_t));
    table->mask = size - 1;
}

/** The key's slot, or the empty one where it belongs. */
static inline __attribute__((always_inline)) slot_t *table_slot(const table_t *table,
                                                                const char *key, apr_size_t len)
{
    apr_uint64_t head = head_of(key, len);
    slot_t *slot;

    for (apr_size_t i = hash_of(head, key, len) & table->mask;; i = (i + 1) & table->mask) {
        slot = &table->slots[i];
        if (slot->value == NULL || (slot->head == head && slot->len == len &&
                                    (len <= HEAD || is_tail_equal(slot->key, key, len)))) {
            return slot;
        }
    }
}

/** The key's slot, filled but for the value, which stays what it was. */
static slot_t *table_claim(table_t *table, const char *key, apr_size_t len)
{
    slot_t *slot = table_slot(table, key, len);

    slot->head = head_of(key, len);
    slot->len = len;
    slot->key = key;
    return slot;
}

/** Whether a is asked before b; of equals the one declared first is. */
static int better(const pv_cookie_t *a, const pv_cookie_t *b)
{
    int source = a->owner == PV_OWNER_SOURCE;

    if (source != (b->owner == PV_OWNER_SOURCE)) {
        return source; /* no declaration governs what is a consent source's (rule D5) */
    }
    if (a->decl.inherited != b->decl.inherited) {
        return !a->decl.inherited;
    }
    return a->prefix_len > b->prefix_len;
}

/** Have patterns asked about every name. */
static void ask_always(pv_names_t *names)
{
    for (int i = 0; i < 256; i++) {
        names->first[i].patterns |= ASKS_ALL;
    }
}

static void add_glob(pv_names_t *names, pv_cookie_t *cookie, apr_pool_t *pool)
{
    struct pv_names_tables_t *tables = names->tables;
    const char *pattern = cookie->decl.name;
    glob_t *glob = apr_palloc(pool, sizeof(*glob));
    apr_size_t hashed;
    slot_t *slot;
    glob_t *before = NULL;

    cookie->prefix_len = strcspn(pattern, "*?");
    hashed = cookie->prefix_len < PREFIX_MAX ? cookie->prefix_len : PREFIX_MAX;
    if (hashed > 0) {
        names->first[(unsigned char)pattern[0]].patterns |= PV_NAMES_LENGTH(hashed);
    }
    else {
        ask_always(names);
    }
    tables->ranked |= cookie->owner == PV_OWNER_SOURCE || cookie->decl.inherited;
    slot = table_claim(&tables->prefixes, pattern, hashed);
    glob->cookie = cookie;
    glob->rest = pv_span(pattern + hashed, strlen(pattern) - hashed);
    glob->next = slot->value;
    while (glob->next != NULL && !better(cookie, glob->next->cookie)) {
        before = glob->next;
        glob->next = before->next;
    }
    if (before != NULL) {
        before->next = glob;
    }
    else {
        slot->value = glob;
    }
}

static void add_exact(pv_names_t *names, pv_cookie_t *cookie)
{
    const char *name = cookie->decl.name;
    apr_size_t len = strlen(name);

    names->first[(unsigned char)name[0]].exact |= PV_NAMES_LENGTH(len);
    table_claim(&names->tables->exact, name, len)->value = cookie;
}

static void add(pv_names_t *names, pv_cookie_t *cookie, apr_pool_t *pool)
{
    switch (cookie->pattern) {
    case PV_PATTERN_EXACT:
        add_exact(names, cookie);
        break;
    case PV_PATTERN_GLOB:
        add_glob(names, cookie, pool);
        break;
    default:
        names->tables->regexes[names->tables->regex_count++] = cookie;
        ask_always(names);
        break;
    }
}

pv_names_t *pv_names_make(const apr_array_header_t *cookies, pv_regex_match_t match,
                          apr_pool_t *pool)
{
    pv_names_t *names = apr_pcalloc(pool, sizeof(*names));
    struct pv_names_tables_t *tables = apr_pcalloc(pool, sizeof(*tables));
    int counts[3] = { 0, 0, 0 };

    for (int i = 0; i < cookies->nelts; i++) {
        counts[APR_ARRAY_IDX(cookies, i, pv_cookie_t *)->pattern]++;
    }
    names->tables = tables;
    table_init(&tables->exact, counts[PV_PATTERN_EXACT], pool);
    table_init(&tables->prefixes, counts[PV_PATTERN_GLOB], pool);
    tables->regexes = apr_palloc(pool, ((apr_size_t)counts[PV_PATTERN_REGEX] + 1) * sizeof(void *));
    tables->match = match;
    for (int inherited = 0; inherited <= 1; inherited++) {
        for (int i = 0; i < cookies->nelts; i++) {
            pv_cookie_t *cookie = APR_ARRAY_IDX(cookies, i, pv_cookie_t *);

            if (cookie->decl.inherited == inherited) {
                add(names, cookie, pool);
            }
        }
    }
    return names;
}

/** What most globs are behind their prefix. */
static inline int is_star(pv_span_t rest)
{
    return rest.len == 1 && *rest.ptr == '*';
}

/** The best of best and what the globs of one prefix offer. */
static const pv_cookie_t *ask_globs(const struct pv_names_tables_t *tables, apr_size_t len,
                                    pv_span_t name, const pv_cookie_t *best)
{
    const slot_t *slot = table_slot(&tables->prefixes, name.ptr, len);
    pv_span_t rest = pv_span(name.ptr + len, name.len - len);

    for (const glob_t *glob = slot->value; glob != NULL; glob = glob->next) {
        if (best != NULL && !better(glob->cookie, best)) {
            break;
        }
        if (is_star(glob->rest) || pv_glob_match(glob->rest, rest)) {
            return glob->cookie;
        }
    }
    return best;
}

const pv_cookie_t *pv_names_find_pattern(const pv_names_t *names, pv_span_t name)
{
    const struct pv_names_tables_t *tables = names->tables;
    const pv_cookie_t *best = NULL;
    apr_uint64_t lengths;

    if (name.len == 0) {
        name = PV_SPAN(""); /* regexes want an address */
    }
    lengths = names->first[(unsigned char)name.ptr[0]].patterns;
    if (name.len < PREFIX_MAX) {
        lengths &= PV_NAMES_LENGTH(name.len + 1) - 1;
    }
    /* The longest prefix comes first, and one without bytes last. What comes behind may be
     * better only if it is the virtual host's own, or a source's. */
    while (lengths != 0 && (best == NULL || tables->ranked)) {
        apr_size_t len = PREFIX_MAX - (apr_size_t)__builtin_clzll(lengths);

        best = ask_globs(tables, len, name, best);
        lengths ^= PV_NAMES_LENGTH(len);
    }
    for (int i = 0; i < tables->regex_count && best == NULL; i++) {
        const pv_cookie_t *cookie = tables->regexes[i];

        if (tables->match(cookie->regex, name.ptr, name.len)) {
            best = cookie;
        }
    }
    return best;
}

PV_SELDOM static const pv_cookie_t *find_long(const pv_names_t *names, pv_span_t name)
{
    const slot_t *slot = table_slot(&names->tables->exact, name.ptr, name.len);

    return slot->value ? slot->value : pv_names_find_pattern(names, name);
}

/** Most names are short, and then their head is all of them. */
const pv_cookie_t *pv_names_find_exact(const pv_names_t *names, pv_span_t name)
{
    const slot_t *slot;

    if (name.len > HEAD) {
        return find_long(names, name);
    }
    slot = table_slot(&names->tables->exact, name.ptr, name.len);
    return slot->value ? slot->value : pv_names_find_pattern(names, name);
}
