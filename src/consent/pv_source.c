/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* Making sources from the configuration; see pv_source.h. */

#include <stdlib.h>

#include <apr_lib.h>
#include <apr_strings.h>

#include "consent/pv_source_impl.h"
#include "consent/pv_tcf.h"
#include "policy/pv_nearest.h"

const char *pv_source_names(apr_pool_t *pool)
{
    const char *names = "";

    for (const pv_kind_t *kind = pv_source_kinds; kind->name != NULL; kind++) {
        names = apr_pstrcat(pool, names, *names ? ", " : "", kind->name, NULL);
    }
    return names;
}

const char *pv_source_nearest(const char *name, apr_pool_t *pool)
{
    unsigned n = 0;
    const char **names;

    while (pv_source_kinds[n].name != NULL) {
        n++;
    }
    names = apr_pcalloc(pool, (n + 1) * sizeof(*names));
    while (n-- > 0) {
        names[n] = pv_source_kinds[n].name;
    }
    return pv_nearest(name, names);
}

pv_source_t *pv_source_make(const char *name, apr_pool_t *pool)
{
    const pv_kind_t *kind = pv_source_kinds;
    pv_source_t *source;

    while (kind->name != NULL && strcmp(kind->name, name) != 0) {
        kind++;
    }
    if (kind->name == NULL) {
        return NULL;
    }
    source = apr_pcalloc(pool, sizeof(*source));
    source->kind = kind;
    for (; kind->slots[source->nslots].name != NULL; source->nslots++) {
        const char *slot = kind->slots[source->nslots].name;

        source->names[source->nslots] = pv_span(slot, strlen(slot));
    }
    return source;
}

const char *pv_source_name(const pv_source_t *source)
{
    return source->kind->name;
}

static int all_digits(pv_span_t s)
{
    for (apr_size_t i = 0; i < s.len; i++) {
        if (!pv_is_digit(s.ptr[i])) {
            return 0;
        }
    }
    return s.len > 0;
}

int pv_slot_matches(const pv_source_t *source, unsigned slot, pv_span_t name, int read)
{
    const pv_slot_t *how = &source->kind->slots[slot];
    pv_span_t own = source->names[slot];

    if (own.len == 0 || name.len < own.len || (read && how->decode == NULL) ||
        memcmp(name.ptr, own.ptr, own.len) != 0) {
        return 0;
    }
    if (how->flags & PV_SLOT_PREFIX) {
        return 1;
    }
    if (how->flags & PV_SLOT_DIGITS) {
        return !read || all_digits(pv_span(name.ptr + own.len, name.len - own.len));
    }
    return name.len == own.len;
}

/* Is the word in this list of words with spaces between them? */
static int in_list(const char *list, pv_span_t word)
{
    while (list != NULL && *list != '\0') {
        apr_size_t len = strcspn(list, " ");

        if (pv_span_eq(pv_span(list, len), word)) {
            return 1;
        }
        list += len + (list[len] == ' ');
    }
    return 0;
}

static const char *listed(const char *list, apr_pool_t *pool)
{
    char *out = apr_pstrdup(pool, "");

    while (*list != '\0') {
        apr_size_t len = strcspn(list, " ");

        out = apr_pstrcat(pool, out, *out ? ", " : "", apr_pstrmemdup(pool, list, len), NULL);
        list += len + (list[len] == ' ');
    }
    return out;
}

/* Split a JSON pointer (RFC 6901) into its steps. */
static const char *parse_pointer(pv_key_t *key, apr_pool_t *pool)
{
    const char *p = key->text.ptr;
    pv_span_t *steps = apr_pcalloc(pool, PV_JSON_DEPTH * sizeof(*steps));

    while (*p == '/') {
        apr_size_t len = strcspn(++p, "/");
        char *out = apr_palloc(pool, len + 1);

        if (key->nsteps == PV_JSON_DEPTH) {
            return apr_psprintf(pool, "takes JSON pointers of %d steps at most, not \"%s\"",
                                PV_JSON_DEPTH, key->text.ptr);
        }
        steps[key->nsteps].ptr = out;
        for (const char *end = p + len; p < end; p++) {
            char c = *p;

            if (c == '~') {
                c = p[1] == '0' ? '~' : p[1] == '1' ? '/' : '\0';
                p++;
            }
            if (c == '\0') {
                return apr_psprintf(pool, "cannot read the JSON pointer \"%s\": ~ is ~0, / is ~1",
                                    key->text.ptr);
            }
            *out++ = c;
        }
        steps[key->nsteps].len = (apr_size_t)(out - steps[key->nsteps].ptr);
        key->nsteps++;
    }
    key->steps = steps;
    return NULL;
}

/* The key that a misspelt one was meant to be, or NULL. */
static const char *nearest_key(const pv_kind_t *kind, pv_span_t key, apr_pool_t *pool)
{
    const char *list = kind->keys != NULL ? kind->keys : "";
    const char **keys = apr_pcalloc(pool, (strlen(list) + 2) * sizeof(*keys));

    if (key.len < 3) {
        return NULL; /* a digit is as near to every other */
    }
    for (unsigned n = 0; *list != '\0'; n++) {
        apr_size_t len = strcspn(list, " ");

        keys[n] = apr_pstrmemdup(pool, list, len);
        list += len + (list[len] == ' ');
    }
    return pv_nearest(apr_pstrmemdup(pool, key.ptr, key.len), keys);
}

static const char *no_such_key(const pv_kind_t *kind, pv_span_t key, apr_pool_t *pool)
{
    const char *has = kind->keys != NULL ? listed(kind->keys, pool) : "";
    const char *nearest = nearest_key(kind, key, pool);

    if (kind->flags & PV_KIND_PURPOSES) {
        has = apr_psprintf(pool, "purposes 1 to %d%s%s", PV_TCF_PURPOSES, *has ? ", " : "", has);
    }
    if (kind->flags & (PV_KIND_STAR | PV_KIND_STAR_ONLY)) {
        has = apr_pstrcat(pool, has, *has ? ", " : "", "*", NULL);
    }
    return apr_psprintf(pool, "%s has no key \"%.*s\"%s%s%s%s%s", kind->name, (int)key.len, key.ptr,
                        *has ? ": it has " : "", has, nearest ? "; did you mean \"" : "",
                        nearest ? nearest : "", nearest ? "\"?" : "");
}

/* Can the manager have this key? */
static const char *check_key(const pv_kind_t *kind, pv_key_t *key, apr_pool_t *pool)
{
    pv_span_t text = key->text;

    if (pv_span_eq(text, PV_SPAN("*"))) {
        return kind->flags & PV_KIND_STAR ? NULL : no_such_key(kind, text, pool);
    }
    if (kind->flags & PV_KIND_POINTERS) {
        if (text.ptr[0] != '/') {
            return apr_psprintf(pool, "%s takes JSON pointers, /NAME, or *, not \"%s\"", kind->name,
                                text.ptr);
        }
        return parse_pointer(key, pool);
    }
    if ((kind->flags & PV_KIND_PURPOSES) && all_digits(text) && text.len <= 2) {
        key->number = (unsigned)atoi(text.ptr);
        if (key->number >= 1 && key->number <= PV_TCF_PURPOSES && text.ptr[0] != '0') {
            return NULL;
        }
    }
    else if ((kind->keys == NULL && !(kind->flags & (PV_KIND_STAR_ONLY | PV_KIND_PURPOSES)) &&
              !in_list(kind->refused, text)) ||
             in_list(kind->keys, text)) {
        return NULL;
    }
    return no_such_key(kind, text, pool);
}

/* The key's bit; it is added where it is new. text is kept. */
static const char *add_key(pv_source_t *source, const char *text, pv_keys_t *bit, apr_pool_t *pool)
{
    pv_key_t key = { .text = pv_span(text, strlen(text)) };
    const char *error;

    *bit = pv_source_key(source, key.text);
    if (*bit != 0) {
        return NULL;
    }
    error = check_key(source->kind, &key, pool);
    if (error != NULL) {
        return error;
    }
    if (source->nkeys == PV_SOURCE_KEYS) {
        return apr_psprintf(pool, "%s: more than %d keys", source->kind->name, PV_SOURCE_KEYS);
    }
    *bit = (pv_keys_t)1 << source->nkeys;
    source->keys[source->nkeys++] = key;
    source->all |= *bit;
    if (strcmp(text, "*") == 0) {
        source->star = *bit;
    }
    return NULL;
}

const char *pv_source_map(pv_source_t *source, unsigned category, const char *keys,
                          apr_pool_t *pool)
{
    apr_uint64_t bit = APR_UINT64_C(1) << category;
    pv_mapped_t mapped = { .bit = bit };

    for (unsigned i = 0; i < source->nmapped; i++) {
        if (source->mapped[i].bit == bit) {
            return apr_psprintf(pool, "%s: the category is mapped twice", source->kind->name);
        }
    }
    if (strchr(keys, '*') != NULL && strcmp(keys, "*") != 0 &&
        !(source->kind->flags & PV_KIND_POINTERS)) {
        return apr_psprintf(pool, "%s: * stands alone, not in \"%s\"", source->kind->name, keys);
    }
    for (;;) {
        apr_size_t len = strcspn(keys, ",");
        pv_keys_t key;
        const char *error;

        if (len == 0) {
            return apr_psprintf(pool, "%s: a key is missing", source->kind->name);
        }
        error = add_key(source, apr_pstrmemdup(pool, keys, len), &key, pool);
        if (error != NULL) {
            return error;
        }
        mapped.keys |= key;
        if (keys[len] == '\0') {
            break;
        }
        keys += len + 1;
    }
    source->mapped[source->nmapped++] = mapped;
    return NULL;
}

static const char *set_cookie(pv_source_t *source, const char *value, apr_pool_t *pool)
{
    const pv_slot_t *slots = source->kind->slots;
    apr_size_t base = strlen(slots[0].name);

    if (*value == '\0') {
        return "cookie= names no cookie";
    }
    for (const char *p = value; *p != '\0'; p++) {
        if ((unsigned char)*p <= ' ' || *p == 0x7f || strchr("=;,\"", *p) != NULL) {
            return apr_psprintf(pool, "cookie=%s is not the name of a cookie", value);
        }
    }
    source->cookie = apr_pstrdup(pool, value);
    for (unsigned i = 0; i < source->nslots; i++) {
        const char *name = slots[i].name;

        if (i == 0) {
            name = source->cookie;
        }
        else if (slots[i].flags & PV_SLOT_DERIVED) {
            name = apr_pstrcat(pool, source->cookie, name + base, NULL);
        }
        else if (slots[i].flags & PV_SLOT_OTHER) {
            name = "";
        }
        source->names[i] = pv_span(name, strlen(name));
    }
    return NULL;
}

static const char *set_vendor(pv_source_t *source, const char *value, apr_pool_t *pool)
{
    apr_size_t len = strlen(value);

    if (!(source->kind->flags & PV_KIND_PURPOSES)) {
        return apr_psprintf(pool, "%s takes no vendor=", source->kind->name);
    }
    if (all_digits(pv_span(value, len)) && len <= 4 && *value != '0') {
        source->vendor = (unsigned)atoi(value);
    }
    if (source->vendor == 0 || source->vendor > PV_TCF_VENDORS) {
        return apr_psprintf(pool, "vendor=%s is not a number from 1 to %d", value, PV_TCF_VENDORS);
    }
    return NULL;
}

const char *pv_source_option(pv_source_t *source, const char *name, const char *value,
                             apr_pool_t *pool)
{
    if (strcmp(name, "cookie") == 0) {
        return set_cookie(source, value, pool);
    }
    if (strcmp(name, "vendor") == 0) {
        return set_vendor(source, value, pool);
    }
    if (strcmp(name, "not-applicable") == 0) {
        if (!(source->kind->flags & PV_KIND_ELSEWHERE)) {
            return apr_psprintf(pool,
                                "%s never answers that the law does not apply: it takes no "
                                "not-applicable=",
                                source->kind->name);
        }
        if (strcmp(value, "grant") != 0) {
            return apr_psprintf(pool, "not-applicable=%s: only grant can be said", value);
        }
        source->elsewhere_grants = 1;
        return NULL;
    }
    return apr_psprintf(pool, "%s has no option \"%s\": it has cookie, refresh%s%s",
                        source->kind->name, name,
                        source->kind->flags & PV_KIND_PURPOSES ? ", vendor" : "",
                        source->kind->flags & PV_KIND_ELSEWHERE ? ", not-applicable" : "");
}

void pv_source_refresh(pv_source_t *source, const pv_refresh_t *refresh)
{
    source->refresh = *refresh;
}

int pv_source_cookie(const pv_source_t *source, unsigned i, pv_span_t *name, int *prefix)
{
    for (unsigned slot = 0; slot < source->nslots; slot++) {
        if (source->names[slot].len == 0 || i-- > 0) {
            continue;
        }
        *name = source->names[slot];
        *prefix = (source->kind->slots[slot].flags & (PV_SLOT_PREFIX | PV_SLOT_DIGITS)) != 0;
        return 1;
    }
    return 0;
}

/* What opt-in asks of TCF, and what US opt-outs cannot give it. */
static const char *finish_opt_in(pv_source_t *source, pv_mapped_t *mapped, apr_pool_t *pool)
{
    pv_keys_t one = 0;

    for (unsigned i = 0; i < source->nkeys; i++) {
        if (!(mapped->keys >> i & 1)) {
            continue;
        }
        if (source->keys[i].number > 0 && one == 0) {
            const char *error = add_key(source, "1", &one, pool);

            if (error != NULL) {
                return error;
            }
            mapped->keys |= one;
        }
        if (source->keys[i].number == 0 && (source->kind->flags & PV_KIND_OPTOUTS)) {
            mapped->ungrantable = 1;
        }
    }
    return NULL;
}

const char *pv_source_finish(pv_source_t *source, apr_uint64_t opt_in, apr_pool_t *pool)
{
    if (source->nmapped == 0) {
        return apr_psprintf(pool, "%s: no category is mapped (CATEGORY=KEY)", source->kind->name);
    }
    if ((source->kind->flags & PV_KIND_COOKIE) && source->cookie == NULL) {
        return apr_psprintf(pool, "%s: which cookie? (cookie=NAME)", source->kind->name);
    }
    for (unsigned i = 0; i < source->nmapped; i++) {
        if (opt_in & source->mapped[i].bit) {
            const char *error = finish_opt_in(source, &source->mapped[i], pool);

            if (error != NULL) {
                return error;
            }
        }
    }
    return NULL;
}
