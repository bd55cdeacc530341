/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "httpd/privacy_config.h"

#include <apr_strings.h>

#include "httpd/privacy_log.h"

void *privacy_create_server_config(apr_pool_t *pool, server_rec *s)
{
    privacy_server_t *server = apr_pcalloc(pool, sizeof(*server));

    (void)s;
    server->declared = pv_declared_make(pool);
    server->section_engine = PRIVACY_OFF;
    return server;
}

void *privacy_merge_server_config(apr_pool_t *pool, void *base_, void *add_)
{
    const privacy_server_t *base = base_;
    const privacy_server_t *add = add_;
    privacy_server_t *merged = apr_pcalloc(pool, sizeof(*merged));

    /* What declares nothing shares what it inherits, and its compiled form. */
    merged->declared =
        add->declares ? pv_declared_merge(base->declared, add->declared, pool) : base->declared;
    merged->declares = add->declares;
    merged->gpc_statement = add->gpc_statement ? add->gpc_statement : base->gpc_statement;
    merged->section_engine =
        base->section_engine > add->section_engine ? base->section_engine : add->section_engine;
    return merged;
}

void *privacy_create_dir_config(apr_pool_t *pool, char *dir_)
{
    privacy_dir_t *dir = apr_pcalloc(pool, sizeof(*dir));

    (void)dir_;
#define MEMBER(member, preset) dir->setting.member = (preset);
    PRIVACY_SETTINGS(MEMBER)
#undef MEMBER
    return dir;
}

void *privacy_merge_dir_config(apr_pool_t *pool, void *base_, void *add_)
{
    const privacy_dir_t *base = base_;
    const privacy_dir_t *add = add_;
    privacy_dir_t *merged = apr_palloc(pool, sizeof(*merged));

#define MEMBER(member, preset)                                                                     \
    merged->setting.member = (add->set.member ? add : base)->setting.member;                       \
    merged->set.member = add->set.member || base->set.member;
    PRIVACY_SETTINGS(MEMBER)
#undef MEMBER
    return merged;
}
