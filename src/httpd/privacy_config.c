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

void *privacy_create_dir_config(apr_pool_t *pool, char *dir)
{
    privacy_setting_t *setting = apr_palloc(pool, sizeof(*setting));

    (void)dir;
#define MEMBER(member, preset) setting->member = PRIVACY_UNSET;
    PRIVACY_SETTINGS(MEMBER)
#undef MEMBER
    return setting;
}

void *privacy_merge_dir_config(apr_pool_t *pool, void *base_, void *add_)
{
    const privacy_setting_t *base = base_;
    const privacy_setting_t *add = add_;
    privacy_setting_t *merged = apr_palloc(pool, sizeof(*merged));

#define MEMBER(member, preset)                                                                     \
    merged->member = (add->member == PRIVACY_UNSET) ? base->member : add->member;
    PRIVACY_SETTINGS(MEMBER)
#undef MEMBER
    return merged;
}

privacy_server_t *privacy_server_config(const server_rec *s)
{
    return ap_get_module_config(s->module_config, &privacy_module);
}

const privacy_setting_t *privacy_dir_config(const ap_conf_vector_t *per_dir_config)
{
    return ap_get_module_config(per_dir_config, &privacy_module);
}

privacy_setting_t privacy_setting_resolve(const privacy_setting_t *configured)
{
    privacy_setting_t setting;

#define MEMBER(member, preset)                                                                     \
    setting.member = (configured->member == PRIVACY_UNSET) ? (preset) : configured->member;
    PRIVACY_SETTINGS(MEMBER)
#undef MEMBER
    return setting;
}

privacy_setting_t privacy_setting_stricter(privacy_setting_t a, privacy_setting_t b)
{
    privacy_setting_t setting;

#define MEMBER(member, preset) setting.member = (a.member > b.member) ? a.member : b.member;
    PRIVACY_SETTINGS(MEMBER)
#undef MEMBER
    return setting;
}

int privacy_setting_equal(privacy_setting_t a, privacy_setting_t b)
{
    int equal = 1;

#define MEMBER(member, preset) equal &= (a.member == b.member);
    PRIVACY_SETTINGS(MEMBER)
#undef MEMBER
    return equal;
}
