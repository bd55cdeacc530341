/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "httpd/privacy_export.h"

#include <apr_strings.h>

#include "httpd/privacy_headers.h"

/** A note that a backend with thousands of cookies cannot make longer. */
#define NAMES_MAX 4000

#define NAMES_FIRST 128 /* most are shorter */
#define NAMELESS    PV_SPAN("(nameless)")
#define MORE        PV_SPAN("...")

static const char *const note_names[] = { "privacy-filtered",   "privacy-stripped",
                                          "privacy-capped",     "privacy-expired",
                                          "privacy-undeclared", "privacy-held" };

/** The list with room for so many bytes of text. */
static privacy_names_t *grow(const privacy_names_t *names, unsigned need, apr_pool_t *pool)
{
    unsigned size = need < NAMES_FIRST ? NAMES_FIRST : need * 2;
    privacy_names_t *grown;

    if (size > NAMES_MAX) {
        size = need > NAMES_MAX ? need : NAMES_MAX;
    }
    grown = apr_palloc(pool, sizeof(*grown) + size);
    grown->len = 0;
    grown->size = size;
    if (names != NULL) {
        grown->len = names->len;
        memcpy(grown->text, names->text, names->len);
    }
    return grown;
}

privacy_names_t *privacy_names_add_any(privacy_names_t *names, pv_span_t name, int nameless,
                                       apr_pool_t *pool)
{
    apr_size_t len = names ? names->len : 0;
    int full = 0;

    if (names != NULL && names->size == 0) {
        return names;
    }
    if (nameless) {
        name = NAMELESS;
    }
    if (len + name.len > NAMES_MAX) {
        name = MORE;
        full = 1;
    }
    if (names == NULL || len + name.len + 2 > names->size) {
        names = grow(names, (unsigned)(len + name.len + 2), pool);
    }
    if (len > 0) {
        names->text[names->len++] = ',';
    }
    memcpy(names->text + names->len, name.ptr, name.len);
    names->len += (unsigned)name.len;
    names->text[names->len] = '\0';
    if (full) {
        names->size = 0;
    }
    return names;
}

/** A note that is there, or NULL. No one else sets it, so that its name is known by its
 *  address: they all begin alike, and the table would compare each with all. */
static apr_table_entry_t *find_note(const request_rec *r, privacy_note_t note)
{
    const apr_array_header_t *all = apr_table_elts(r->notes);

    for (int i = 0; i < all->nelts; i++) {
        apr_table_entry_t *entry = &APR_ARRAY_IDX(all, i, apr_table_entry_t);

        if (entry->key == note_names[note]) {
            return entry;
        }
    }
    return NULL;
}

void privacy_names_note(privacy_names_t *names, request_rec *r, privacy_note_t note)
{
    apr_table_entry_t *entry;

    if (names == NULL) {
        return;
    }
    entry = find_note(r, note);
    if (entry != NULL) {
        entry->val = names->text;
    }
    else {
        apr_table_addn(r->notes, note_names[note], names->text);
    }
}

void privacy_names_note_more(privacy_names_t *names, request_rec *r, privacy_note_t note)
{
    apr_table_entry_t *entry;

    if (names == NULL) {
        return;
    }
    entry = find_note(r, note);
    if (entry != NULL) {
        entry->val = apr_pstrcat(r->pool, entry->val, ",", names->text, NULL);
    }
    else {
        apr_table_addn(r->notes, note_names[note], names->text);
    }
}

void privacy_note_unset(request_rec *r, privacy_note_t note)
{
    apr_table_unset(r->notes, note_names[note]);
}

/** Whether somebody, SetEnvIf for one, has set a variable of ours, in any
 *  case: a table asked for it would answer with that one. */
static int is_taken(const apr_table_t *env, const char *ours)
{
    const apr_array_header_t *all = apr_table_elts(env);

    for (int i = 0; i < all->nelts; i++) {
        const char *key = APR_ARRAY_IDX(all, i, apr_table_entry_t).key;

        if (privacy_header_letter_is(key[0], ours[0]) &&
            ap_cstr_casecmpn(key, ours, strlen(ours)) == 0) {
            return 1;
        }
    }
    return 0;
}

void privacy_export_env(request_rec *r, const privacy_request_t *request)
{
    const apr_array_header_t *all = apr_table_elts(request->text.variables);
    void (*put)(apr_table_t *, const char *, const char *);

    /* A request comes with none, and then one copy does. */
    if (apr_is_empty_table(r->subprocess_env)) {
        r->subprocess_env = apr_table_copy(r->pool, request->text.variables);
        return;
    }
    /* The names begin alike, so that a set would compare each with all before. */
    put = is_taken(r->subprocess_env, request->server->env_names[0]) ? apr_table_setn
                                                                     : apr_table_addn;
    for (int i = 0; i < all->nelts; i++) {
        const apr_table_entry_t *entry = &APR_ARRAY_IDX(all, i, apr_table_entry_t);

        put(r->subprocess_env, entry->key, entry->val);
    }
}

void privacy_export_no_env(request_rec *r, const privacy_request_t *request)
{
    for (int i = 0; i <= request->server->policy->category_count; i++) {
        apr_table_unset(r->subprocess_env, request->server->env_names[i]);
    }
}
