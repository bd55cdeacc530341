/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "policy/pv_names.h"

#include <stdint.h>

/** Prefixes are hashed up to here; a longer one is told apart by matching. */
#define PREFIX_MAX 63

/* FNV-1a, 32 bits: cheap a byte, and its running value is the hash of every
 * prefix on the way. */
#define FNV_BASIS 2166136261u
#define FNV_PRIME 16777619u

typedef struct glob_t {
    const pv_cookie_t *cookie;
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
    apr_uint64_t prefix_lengths; /**< bit n: some glob's hashed prefix has n bytes */
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

static apr_uint32_t hash_of(const char *key, apr_size_t len)
{
    apr_uint32_t h = FNV_BASIS;

    for (apr_size_t i = 0; i < len; i++) {
        h = (h ^ (unsigned char)key[i]) * FNV_PRIME;
    }
    return h;
}

static void table_init(table_t *table, int count, apr_pool_t *pool)
{
    apr_uint32_t size = 4;

    while (size < (apr_uint32_t)count * 2) {
        size *= 2;
    }
    table->slots = apr_pcalloc(pool, size * sizeof(slot_t));
    table->mask = size - 1;
}

/** The key's slot, or the empty one where it belongs. */
static slot_t *table_slot(const table_t *table, apr_uint32_t hash, const char *key, apr_size_t len)
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
    names->prefix_lengths |= APR_UINT64_C(1) << hashed;
    slot = table_claim(&names->prefixes, pattern, hashed);
    glob->cookie = cookie;
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

/** The best of best and what the globs of one prefix offer. */
static const pv_cookie_t *ask_globs(const pv_names_t *names, apr_uint32_t hash, apr_size_t len,
                                    pv_span_t name, const pv_cookie_t *best)
{
    const slot_t *slot = table_slot(&names->prefixes, hash, name.ptr, len);

    for (const glob_t *glob = slot->value; glob != NULL; glob = glob->next) {
        const char *pattern = glob->cookie->decl.name;

        if (best != NULL && !better(glob->cookie, best)) {
            break;
        }
        if (pv_glob_match(pv_span(pattern, strlen(pattern)), name)) {
            return glob->cookie;
        }
    }
    return best;
}

const pv_cookie_t *pv_names_find(const pv_names_t *names, pv_span_t name)
{
    const pv_cookie_t *best = NULL;
    const slot_t *slot;
    apr_uint32_t h = FNV_BASIS;

    if (names->prefix_lengths & 1) {
        best = ask_globs(names, h, 0, name, NULL);
    }
    for (apr_size_t i = 0; i < name.len;) {
        h = (h ^ (unsigned char)name.ptr[i]) * FNV_PRIME;
        if (++i <= PREFIX_MAX && (names->prefix_lengths >> i & 1)) {
            best = ask_globs(names, h, i, name, best);
        }
    }
    slot = table_slot(&names->exact, h, name.ptr, name.len);
    if (slot->value != NULL) {
        return slot->value;
    }
    if (best != NULL) {
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
