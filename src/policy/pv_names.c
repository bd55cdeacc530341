/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "policy/pv_names.h"

#include <stdint.h>

/** Prefixes are hashed up to here; a longer one is told apart by matching. */
#define PREFIX_MAX 63

typedef struct glob_t {
    const pv_cookie_t *cookie;
    pv_span_t rest;      /**< of the pattern, behind the hashed prefix */
    struct glob_t *next; /**< the next best of the same hashed prefix */
} glob_t;

/** A slot of an open addressing table; empty if value is NULL. */
typedef struct {
    apr_uint32_t hash;
    apr_uint32_t len;
    const char *key;
    void *value; /**< pv_cookie_t or glob_t */
} slot_t;

typedef struct {
    slot_t *slots;
    apr_uint32_t mask;
} table_t;

struct pv_names_t {
    table_t exact;
    table_t prefixes;
    /** By a name's first byte: bit n is set if some glob that begins with it has a
     *  hashed prefix of n bytes. A name that no glob begins like asks none. */
    apr_uint64_t prefix_lengths[256];
    int prefixless;              /**< some glob has no literal prefix at all */
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

/** Eight bytes at a time, the last of them overlapping: names are short, and most
 *  are hashed by two multiplications. Not for what a client could choose to make
 *  collide: only declared names are stored. */
static inline apr_uint32_t hash_of(const char *key, apr_size_t len)
{
    const apr_uint64_t prime = APR_UINT64_C(0x9e3779b97f4a7c15);
    apr_uint64_t h = len * prime;

    if (len >= 8) {
        for (apr_size_t i = 0; i + 8 < len; i += 8) {
            h = (h ^ load(key + i, 8)) * prime;
            h ^= h >> 29;
        }
        h ^= load(key + len - 8, 8);
    }
    else if (len >= 4) {
        h ^= load(key, 4) << 32 | load(key + len - 4, 4);
    }
    else if (len > 0) {
        h ^= load(key, 1) << 16 | load(key + len / 2, 1) << 8 | load(key + len - 1, 1);
    }
    h *= prime;
    return (apr_uint32_t)(h >> 32);
}

static void table_init(table_t *table, int count, apr_pool_t *pool)
{
    apr_uint32_t size = 4;

    while (size < (apr_uint32_t)count * 4) {
        size *= 2;
    }
    table->slots = apr_pcalloc(pool, size * sizeof(slot_t));
    table->mask = size - 1;
}

/** The key's slot, or the empty one where it belongs. */
static inline slot_t *table_slot(const table_t *table, apr_uint32_t hash, const char *key,
                                 apr_size_t len)
{
    slot_t *slot;

    for (apr_uint32_t i = hash & table->mask;; i = (i + 1) & table->mask) {
        slot = &table->slots[i];
        if (slot->value == NULL ||
            (slot->hash == hash && slot->len == len && memcmp(slot->key, key, len) == 0)) {
            return slot;
        }
    }
}

/** The key's slot, filled but for the value, which stays what it was. */
static slot_t *table_claim(table_t *table, const char *key, apr_size_t len)
{
    apr_uint32_t hash = hash_of(key, len);
    slot_t *slot = table_slot(table, hash, key, len);

    slot->hash = hash;
    slot->len = (apr_uint32_t)len;
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

static void add_glob(pv_names_t *names, pv_cookie_t *cookie, apr_pool_t *pool)
{
    const char *pattern = cookie->decl.name;
    glob_t *glob = apr_palloc(pool, sizeof(*glob));
    apr_size_t hashed;
    slot_t *slot;
    glob_t *before = NULL;

    cookie->prefix_len = strcspn(pattern, "*?");
    hashed = cookie->prefix_len < PREFIX_MAX ? cookie->prefix_len : PREFIX_MAX;
    if (hashed > 0) {
        names->prefix_lengths[(unsigned char)pattern[0]] |= APR_UINT64_C(1) << hashed;
    }
    else {
        names->prefixless = 1;
    }
    slot = table_claim(&names->prefixes, pattern, hashed);
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

pv_names_t *pv_names_make(const apr_array_header_t *cookies, pv_regex_match_t match,
                          apr_pool_t *pool)
{
    pv_names_t *names = apr_pcalloc(pool, sizeof(*names));
    int counts[3] = { 0, 0, 0 };

    for (int i = 0; i < cookies->nelts; i++) {
        counts[APR_ARRAY_IDX(cookies, i, pv_cookie_t *)->pattern]++;
    }
    table_init(&names->exact, counts[PV_PATTERN_EXACT], pool);
    table_init(&names->prefixes, counts[PV_PATTERN_GLOB], pool);
    names->regexes = apr_palloc(pool, ((apr_size_t)counts[PV_PATTERN_REGEX] + 1) * sizeof(void *));
    names->match = match;
    for (int inherited = 0; inherited <= 1; inherited++) {
        for (int i = 0; i < cookies->nelts; i++) {
            pv_cookie_t *cookie = APR_ARRAY_IDX(cookies, i, pv_cookie_t *);

            if (cookie->decl.inherited != inherited) {
                continue;
            }
            if (cookie->pattern == PV_PATTERN_EXACT) {
                table_claim(&names->exact, cookie->decl.name, strlen(cookie->decl.name))->value =
                    cookie;
            }
            else if (cookie->pattern == PV_PATTERN_GLOB) {
                add_glob(names, cookie, pool);
            }
            else {
                names->regexes[names->regex_count++] = cookie;
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
static const pv_cookie_t *ask_globs(const pv_names_t *names, apr_size_t len, pv_span_t name,
                                    const pv_cookie_t *best)
{
    const slot_t *slot = table_slot(&names->prefixes, hash_of(name.ptr, len), name.ptr, len);
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

/** The best glob that matches, or NULL. */
static const pv_cookie_t *find_glob(const pv_names_t *names, pv_span_t name)
{
    apr_uint64_t lengths = name.len > 0 ? names->prefix_lengths[(unsigned char)name.ptr[0]] : 0;
    const pv_cookie_t *best = names->prefixless ? ask_globs(names, 0, name, NULL) : NULL;

    while (lengths != 0) {
        apr_size_t len = (apr_size_t)__builtin_ctzll(lengths);

        if (len > name.len) {
            break;
        }
        best = ask_globs(names, len, name, best);
        lengths &= lengths - 1;
    }
    return best;
}

const pv_cookie_t *pv_names_find(const pv_names_t *names, pv_span_t name)
{
    const slot_t *slot;
    const pv_cookie_t *best;

    if (name.len == 0) {
        name = PV_SPAN(""); /* memcmp() and regexes want an address */
    }
    slot = table_slot(&names->exact, hash_of(name.ptr, name.len), name.ptr, name.len);
    if (slot->value != NULL) {
        return slot->value;
    }
    if ((best = find_glob(names, name)) != NULL) {
        return best;
    }
    for (int i = 0; i < names->regex_count; i++) {
        const pv_cookie_t *cookie = names->regexes[i];

        if (names->match(cookie->regex, name.ptr, name.len)) {
            return cookie;
        }
    }
    return NULL;
}
