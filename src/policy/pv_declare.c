/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "policy/pv_declare.h"

#include <stdint.h>

#include <apr_strings.h>

#include "policy/pv_nearest.h"

const char *const pv_mode_key_names[PV_MODE_KEYS + 1] = {
    "ad_storage",
    "ad_user_data",
    "ad_personalization",
    "analytics_storage",
    "functionality_storage",
    "personalization_storage",
    "security_storage",
    NULL,
};

pv_declared_t *pv_declared_make(apr_pool_t *pool)
{
    pv_declared_t *declared = apr_pcalloc(pool, sizeof(*declared));

    for (int kind = 0; kind < PV_LISTS; kind++) {
        declared->list[kind].all = apr_array_make(pool, 4, sizeof(pv_decl_t *));
        declared->list[kind].by_name = apr_hash_make(pool);
    }
    return declared;
}

/** Where a name stands in its list, counted from 1; 0 if nowhere. */
static intptr_t place_of(const pv_list_t *list, const char *name)
{
    return (intptr_t)apr_hash_get(list->by_name, name, APR_HASH_KEY_STRING);
}

static void append(pv_list_t *list, pv_decl_t *decl)
{
    APR_ARRAY_PUSH(list->all, pv_decl_t *) = decl;
    apr_hash_set(list->by_name, decl->name, APR_HASH_KEY_STRING,
                 (void *)(intptr_t)list->all->nelts);
}

const pv_decl_t *pv_declared_find(const pv_declared_t *declared, pv_list_kind_t kind,
                                  const char *name)
{
    const pv_list_t *list = &declared->list[kind];
    intptr_t place = place_of(list, name);

    return place ? APR_ARRAY_IDX(list->all, place - 1, pv_decl_t *) : NULL;
}

/** Whether the name is that of what is declared about, and may stand again. */
static int is_nameless(pv_list_kind_t kind)
{
    return kind == PV_LIST_SIGNAL || kind == PV_LIST_SOURCE;
}

const pv_decl_t *pv_declared_add(pv_declared_t *declared, pv_list_kind_t kind, pv_decl_t *decl)
{
    const pv_decl_t *before = pv_declared_find(declared, kind, decl->name);

    if (before == NULL || is_nameless(kind)) {
        append(&declared->list[kind], decl);
        return NULL;
    }
    return before;
}

const char *pv_declared_nearest(const pv_declared_t *declared, pv_list_kind_t kind,
                                const char *name, apr_pool_t *pool)
{
    const apr_array_header_t *all = declared->list[kind].all;
    const char **names = apr_palloc(pool, ((apr_size_t)all->nelts + 1) * sizeof(*names));

    for (int i = 0; i < all->nelts; i++) {
        names[i] = APR_ARRAY_IDX(all, i, pv_decl_t *)->name;
    }
    names[all->nelts] = NULL;
    return pv_nearest(name, names);
}

/** A declaration as a virtual host sees its main server's. The kinds differ in
 *  size, and nothing but the mark differs: a list of marks would do, but each
 *  reader would have to know it. */
static pv_decl_t *inherit(const pv_decl_t *decl, pv_list_kind_t kind, apr_pool_t *pool)
{
    static const apr_size_t size[PV_LISTS] = {
        [PV_LIST_CATEGORY] = sizeof(pv_category_t),
        [PV_LIST_PROVIDER] = sizeof(pv_provider_t),
        [PV_LIST_COOKIE] = sizeof(pv_cookie_t),
        [PV_LIST_TRACKER] = sizeof(pv_source_tracker_t),
        [PV_LIST_INLINE_TRACKER] = sizeof(pv_inline_tracker_t),
        [PV_LIST_PARAMETER] = sizeof(pv_cookie_t),
        [PV_LIST_MESSAGE] = sizeof(pv_message_t),
        [PV_LIST_SIGNAL] = sizeof(pv_signal_t),
        [PV_LIST_SOURCE] = sizeof(pv_consent_source_t),
    };
    pv_decl_t *copy = apr_pmemdup(pool, decl, size[kind]);

    copy->inherited = 1;
    return copy;
}

static void merge_list(pv_list_t *merged, const pv_list_t *base, const pv_list_t *add,
                       pv_list_kind_t kind, apr_pool_t *pool)
{
    for (int i = 0; i < base->all->nelts; i++) {
        const pv_decl_t *decl = APR_ARRAY_IDX(base->all, i, pv_decl_t *);
        intptr_t place = place_of(add, decl->name);

        append(merged,
               place ? APR_ARRAY_IDX(add->all, place - 1, pv_decl_t *) : inherit(decl, kind, pool));
    }
    for (int i = 0; i < add->all->nelts; i++) {
        pv_decl_t *decl = APR_ARRAY_IDX(add->all, i, pv_decl_t *);

        if (!place_of(merged, decl->name)) {
            append(merged, decl);
        }
    }
}

pv_declared_t *pv_declared_merge(const pv_declared_t *base, const pv_declared_t *add,
                                 apr_pool_t *pool)
{
    pv_declared_t *merged = pv_declared_make(pool);

    for (int kind = 0; kind < PV_LISTS; kind++) {
        if (is_nameless((pv_list_kind_t)kind) && add->list[kind].all->nelts > 0) {
            merged->list[kind] = add->list[kind];
            continue;
        }
        merge_list(&merged->list[kind], &base->list[kind], &add->list[kind], (pv_list_kind_t)kind,
                   pool);
    }
    merged->undeclared = add->undeclared ? add->undeclared : base->undeclared;
    merged->excess = add->excess ? add->excess : base->excess;
    merged->version = add->version ? add->version : base->version;
    merged->version_date = add->version ? add->version_date : base->version_date;
    merged->consent_cookie = add->consent_cookie ? add->consent_cookie : base->consent_cookie;
    merged->page = add->page ? add->page : base->page;
    merged->notice = add->notice ? add->notice : base->notice;
    merged->languages = add->languages ? add->languages : base->languages;
    merged->templates = add->templates ? add->templates : base->templates;
    merged->consent_mode = add->consent_mode ? add->consent_mode : base->consent_mode;
    return merged;
}
