/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "httpd/privacy_export.h"

#include <apr_strings.h>

#define ENV "PRIVACY_CONSENT"

/** A note that a backend with thousands of cookies cannot make longer. */
#define NAMES_MAX 4000
#define NAMELESS  PV_SPAN("(nameless)")
#define MORE      PV_SPAN("...")

static void grow(privacy_names_t *names, apr_size_t need, apr_pool_t *pool)
{
    apr_size_t size = need < 128 ? 128 : need * 2;
    char *grown = apr_palloc(pool, size);

    if (names->len > 0) {
        memcpy(grown, names->text, names->len);
    }
    names->text = grown;
    names->size = size;
}

void privacy_names_add(privacy_names_t *names, pv_span_t name, int nameless, apr_pool_t *pool)
{
    apr_size_t need;

    if (names->full) {
        return;
    }
    if (nameless) {
        name = NAMELESS;
    }
    if (names->len + name.len > NAMES_MAX) {
        name = PV_SPAN("...");
        names->full = 1;
    }
    need = names->len + name.len + 2;
    if (need > names->size) {
        grow(names, need, pool);
    }
    if (names->len > 0) {
        names->text[names->len++] = ',';
    }
    memcpy(names->text + names->len, name.ptr, name.len);
    names->len += name.len;
    names->text[names->len] = '\0';
}

void privacy_names_note(const privacy_names_t *names, request_rec *r, const char *note)
{
    if (names->text != NULL) {
        apr_table_setn(r->notes, note, names->text);
    }
}

/** Whether somebody, SetEnvIf for one, has set a variable of ours. */
static int is_taken(const apr_table_t *env)
{
    const apr_array_header_t *all = apr_table_elts(env);

    for (int i = 0; i < all->nelts; i++) {
        const char *key = APR_ARRAY_IDX(all, i, apr_table_entry_t).key;

        if (key[0] == 'P' && strncmp(key, ENV, sizeof(ENV) - 1) == 0) {
            return 1;
        }
    }
    return 0;
}

void privacy_export_env(request_rec *r, const privacy_request_t *request)
{
    const pv_policy_t *policy = request->server->policy;
    apr_table_t *env = r->subprocess_env;
    /* The names begin alike, so that a set would compare each with all before. */
    void (*put)(apr_table_t *, const char *, const char *) =
        is_taken(env) ? apr_table_setn : apr_table_addn;

    put(env, ENV, request->categories_text);
    for (int i = 0; i < policy->category_count; i++) {
        put(env, request->server->env_names[i],
            (request->consent.granted & PV_BIT(i)) ? "granted" : "denied");
    }
}

void privacy_export_no_env(request_rec *r, const privacy_request_t *request)
{
    apr_table_unset(r->subprocess_env, ENV);
    for (int i = 0; i < request->server->policy->category_count; i++) {
        apr_table_unset(r->subprocess_env, request->server->env_names[i]);
    }
}
