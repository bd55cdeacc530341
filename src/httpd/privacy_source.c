/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "httpd/privacy_source.h"

#include <apr_strings.h>
#include <http_protocol.h>

#include "cookie/pv_set_cookie.h"
#include "httpd/privacy_headers.h"
#include "httpd/privacy_log.h"

#define EXPR "expr"

/** All managers speak with one voice, and all expressions with another. */
#define VOICES_MAX 2

static void report(apr_array_header_t *problems, const pv_decl_t *decl, const char *text,
                   apr_pool_t *pool)
{
    pv_problem_t *problem = apr_array_push(problems);

    problem->file = decl->file;
    problem->line = decl->line;
    problem->fatal = 1;
    problem->text = apr_pstrcat(pool, "PrivacyConsentSource ", text, NULL);
}

static int category_index(const pv_policy_t *policy, const pv_consent_map_t *map)
{
    return pv_policy_category(policy, pv_span(map->category, strlen(map->category)));
}

/** Make a manager as it is declared. The setter has tried all of it but what depends
 *  on the categories. @return NULL, or what is wrong */
static const char *make_manager(const pv_policy_t *policy, const pv_consent_source_t *declared,
                                pv_source_t *source, apr_pool_t *pool)
{
    pv_refresh_t refresh = { declared->refresh, declared->refresh_domain };
    const char *failure = NULL;

    for (int i = 0; i < declared->options->nelts && failure == NULL; i++) {
        const pv_consent_option_t *option =
            &APR_ARRAY_IDX(declared->options, i, pv_consent_option_t);

        failure = pv_source_option(source, option->name, option->value, pool);
    }
    for (int i = 0; i < declared->maps->nelts && failure == NULL; i++) {
        const pv_consent_map_t *map = &APR_ARRAY_IDX(declared->maps, i, pv_consent_map_t);

        failure = pv_source_map(source, (unsigned)category_index(policy, map), map->keys, pool);
    }
    pv_source_refresh(source, &refresh);
    return failure != NULL ? failure : pv_source_finish(source, policy->opt_in, pool);
}

static void add_exprs(const pv_policy_t *policy, const pv_consent_source_t *declared,
                      apr_array_header_t *exprs, apr_array_header_t *vary)
{
    for (int i = 0; i < declared->maps->nelts; i++) {
        const pv_consent_map_t *map = &APR_ARRAY_IDX(declared->maps, i, pv_consent_map_t);
        privacy_source_expr_t *expr = apr_array_push(exprs);

        expr->expr = map->expr;
        expr->category = PV_BIT(category_index(policy, map));
    }
    apr_array_cat(vary, declared->vary);
}

/** Compile the managers into list. @return how many there are, expr not counted */
static unsigned make_managers(const pv_policy_t *policy, const pv_source_t **list,
                              privacy_sources_t *sources, apr_array_header_t *problems,
                              apr_pool_t *pool)
{
    unsigned n = 0;

    for (int i = 0; i < policy->source_count; i++) {
        const pv_consent_source_t *declared = policy->sources[i];
        pv_source_t *source = pv_source_make(declared->decl.name, pool);
        const char *failure;

        if (source == NULL) {
            continue;
        }
        failure = make_manager(policy, declared, source, pool);
        if (failure == NULL && n == PV_SOURCES) {
            failure = apr_psprintf(pool, "%s: a policy has at most %d sources", declared->decl.name,
                                   PV_SOURCES);
        }
        if (failure != NULL) {
            report(problems, &declared->decl, failure, pool);
            continue;
        }
        list[n++] = source;
        sources->refreshes |= declared->refresh > 0;
    }
    return n;
}

const privacy_sources_t *privacy_source_compile(const pv_policy_t *policy,
                                                apr_array_header_t *problems, apr_pool_t *pool)
{
    privacy_sources_t *sources;
    apr_array_header_t *exprs, *vary;
    const pv_source_t *list[PV_SOURCES];

    if (policy->source_count == 0) {
        return NULL;
    }
    sources = apr_pcalloc(pool, sizeof(*sources));
    exprs = apr_array_make(pool, 4, sizeof(privacy_source_expr_t));
    vary = apr_array_make(pool, 4, sizeof(const char *));
    sources->managers =
        pv_sources_make(list, make_managers(policy, list, sources, problems, pool), pool);
    for (int i = 0; i < policy->source_count; i++) {
        if (strcmp(policy->sources[i]->decl.name, EXPR) == 0) {
            add_exprs(policy, policy->sources[i], exprs, vary);
        }
    }
    sources->exprs = exprs;
    APR_ARRAY_PUSH(vary, const char *) = NULL;
    sources->vary = (const char *const *)vary->elts;
    return sources;
}

/** What the expressions say. */
static void ask(request_rec *r, const apr_array_header_t *exprs, pv_voice_t *voice)
{
    memset(voice, 0, sizeof(*voice));
    for (int i = 0; i < exprs->nelts; i++) {
        const privacy_source_expr_t *one = &APR_ARRAY_IDX(exprs, i, privacy_source_expr_t);
        const char *error = NULL;
        int answer = ap_expr_exec(r, one->expr, &error);

        if (error != NULL || answer < 0) {
            ap_log_rerror(APLOG_MARK, APLOG_DEBUG, 0, r,
                          PRIVLOGNO(0030) "PrivacyConsentSource expr, line %u of %s: cannot be "
                                          "evaluated, and so denies",
                          one->expr->line_number, one->expr->filename);
            answer = 0;
        }
        *(answer > 0 ? &voice->granted : &voice->denied) |= one->category;
    }
}

int privacy_source_hear(request_rec *r, const privacy_request_t *request, const pv_voice_t **voices)
{
    const privacy_sources_t *sources = request->server->sources;
    pv_voice_t *heard = apr_palloc(r->pool, VOICES_MAX * sizeof(*heard));
    int n = pv_manager_hear(sources->managers, &request->cookies, heard, r->pool);

    if (sources->exprs->nelts > 0) {
        ask(r, sources->exprs, &heard[n++]);
    }
    *voices = heard;
    return n;
}

/** Whether a table sets a cookie of this name. */
static int sets(const apr_table_t *table, pv_span_t name)
{
    const apr_array_header_t *all = apr_table_elts(table);

    for (int i = 0; i < all->nelts; i++) {
        const apr_table_entry_t *entry = &APR_ARRAY_IDX(all, i, apr_table_entry_t);
        pv_set_cookie_t set;

        if ((entry->key[0] | 0x20) != 's' || !privacy_header_is(entry->key, "Set-Cookie")) {
            continue;
        }
        pv_set_cookie_name(entry->val, strlen(entry->val), &set);
        if (pv_span_eq(set.name, name)) {
            return 1;
        }
    }
    return 0;
}

typedef struct {
    request_rec *r;
    int added;
} refresh_t;

static void add(void *ctx, const char *value, const pv_request_cookie_t *cookie)
{
    refresh_t *refresh = ctx;
    request_rec *r = refresh->r;

    if (!sets(r->headers_out, cookie->pair.name) && !sets(r->err_headers_out, cookie->pair.name)) {
        apr_table_addn(r->headers_out, "Set-Cookie", value);
        refresh->added = 1;
    }
}

int privacy_source_refresh(request_rec *r, const privacy_request_t *request)
{
    const privacy_sources_t *sources = request->server->sources;
    refresh_t refresh = { r, 0 };

    if (sources != NULL && sources->refreshes && request->cookies.sources > 0) {
        pv_manager_refresh(sources->managers, &request->cookies,
                           strcmp(ap_http_scheme(r), "https") == 0, add, &refresh, r->pool);
    }
    return refresh.added;
}
