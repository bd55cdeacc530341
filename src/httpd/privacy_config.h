/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file privacy_config.h
 * @brief What the directives say: per server the policy, per directory how it is
 *        enforced.
 */

#ifndef PRIVACY_CONFIG_H
#define PRIVACY_CONFIG_H

#include <httpd.h>
#include <http_config.h>

#include "consent/pv_consent_text.h"
#include "page/pv_page.h"
#include "policy/pv_policy.h"

/** PrivacyEngine; a larger value is stricter. */
typedef enum { PRIVACY_OFF = 0, PRIVACY_REPORT = 1, PRIVACY_ON = 2 } privacy_engine_t;

/**
 * The directory settings: member, default. In each a larger value is stricter, so
 * that the stricter of two is their maximum. Struct, creation and merging follow
 * from this list.
 */
#define PRIVACY_SETTINGS(MEMBER)                                                                   \
    MEMBER(engine, PRIVACY_OFF)                                                                    \
    MEMBER(filter_request, 1)                                                                      \
    MEMBER(expire, 1)                                                                              \
    MEMBER(rewrite_html, 0)

/** What holds for a directory. Small enough to travel in a register: each request asks
 *  for it several times. */
typedef struct {
#define MEMBER(member, preset) unsigned char member;
    PRIVACY_SETTINGS(MEMBER)
#undef MEMBER
} privacy_setting_t;

/** A directory's configuration. */
typedef struct {
    privacy_setting_t setting; /**< complete: what no directive has set is inherited or default */
    privacy_setting_t set;     /**< of each member: whether a directive has set it */
} privacy_dir_t;

struct privacy_sources_t;

/** One server's policy. */
typedef struct {
    /** Own declarations; after merging, the inherited ones too. */
    pv_declared_t *declared;
    /** A server directive of ours stands here: there is something to merge. */
    int declares;
    /** The strictest PrivacyEngine that any section of this server sets. */
    int section_engine;
    /** PrivacyGPCStatement's date, or NULL. */
    const char *gpc_statement;

    /* Set by the check_config hook; all stays as it is then. */
    const pv_policy_t *policy; /**< NULL where no category is declared */
    const pv_page_t *page;     /**< never NULL where there is a policy */
    const char *page_path;     /**< PrivacyPage where it exists, else NULL */
    char own_first[2];         /**< what paths that the module answers begin with, behind
                                    the slash; NUL: it answers none */
    int active;                /**< the engine is not off everywhere */
    int cached;                /**< mod_cache is loaded, and may store what it sees */
    /** What a candidate varies by to the world; ends with NULL. */
    const char *const *world_vary;
    /** Consent sources (privacy_source.h); NULL where none is declared. */
    const struct privacy_sources_t *sources;
    const pv_consent_texts_t *texts; /**< of decisions */
    /** PRIVACY_CONSENT, and PRIVACY_CONSENT_<CATEGORY> for each category. */
    const char *const *env_names;
} privacy_server_t;

void *privacy_create_server_config(apr_pool_t *pool, server_rec *s);
void *privacy_merge_server_config(apr_pool_t *pool, void *base, void *add);
void *privacy_create_dir_config(apr_pool_t *pool, char *dir);
void *privacy_merge_dir_config(apr_pool_t *pool, void *base, void *add);

extern module AP_MODULE_DECLARE_DATA privacy_module;

static inline privacy_server_t *privacy_server_config(const server_rec *s)
{
    return ap_get_module_config(s->module_config, &privacy_module);
}

/** The settings of a directory (r->per_dir_config) or a whole server
 *  (s->lookup_defaults). */
static inline const privacy_setting_t *privacy_dir_setting(const ap_conf_vector_t *per_dir_config)
{
    const privacy_dir_t *dir = ap_get_module_config(per_dir_config, &privacy_module);

    return &dir->setting;
}

/** Of each member the stricter. */
static inline privacy_setting_t privacy_setting_stricter(privacy_setting_t a, privacy_setting_t b)
{
#define MEMBER(member, preset) a.member = (a.member > b.member) ? a.member : b.member;
    PRIVACY_SETTINGS(MEMBER)
#undef MEMBER
    return a;
}

static inline int privacy_setting_equal(privacy_setting_t a, privacy_setting_t b)
{
    return memcmp(&a, &b, sizeof(a)) == 0; /* bytes without holes */
}

/** Hooks that a configuration may do without; they are in mod_privacy.c, with all
 *  others. */
typedef enum {
    PRIVACY_HOOKS_REQUEST = 1, /**< what requests go through */
    PRIVACY_HOOKS_REPORT = 2   /**< what a report takes beside */
} privacy_hooks_t;

/** Register hooks, unless they are: where nothing is enforced, none of them costs
 *  anything. For a directive's setter. @param pconf the configuration's, until whose end
 *  they stay */
void privacy_hooks_need(privacy_hooks_t hooks, apr_pool_t *pconf);

/** The check_config hook: checks and compiles every server's policy. */
int privacy_check_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s);

/* The directives' setters, one for each in order of directives.md. */
const char *privacy_cmd_category(cmd_parms *cmd, void *dir, int argc, char *const argv[]);
const char *privacy_cmd_provider(cmd_parms *cmd, void *dir, int argc, char *const argv[]);
const char *privacy_cmd_cookie(cmd_parms *cmd, void *dir, int argc, char *const argv[]);
const char *privacy_cmd_tracker(cmd_parms *cmd, void *dir, int argc, char *const argv[]);
const char *privacy_cmd_inline_tracker(cmd_parms *cmd, void *dir, int argc, char *const argv[]);
const char *privacy_cmd_parameter(cmd_parms *cmd, void *dir, const char *name,
                                  const char *category);
const char *privacy_cmd_undeclared(cmd_parms *cmd, void *dir, const char *arg);
const char *privacy_cmd_lifetime(cmd_parms *cmd, void *dir, const char *arg);
const char *privacy_cmd_policy_version(cmd_parms *cmd, void *dir, const char *arg,
                                       const char *date);
const char *privacy_cmd_notice(cmd_parms *cmd, void *dir, const char *url);
const char *privacy_cmd_language(cmd_parms *cmd, void *dir, int argc, char *const argv[]);
const char *privacy_cmd_message(cmd_parms *cmd, void *dir, int argc, char *const argv[]);
const char *privacy_cmd_page(cmd_parms *cmd, void *dir, int argc, char *const argv[]);
const char *privacy_cmd_templates(cmd_parms *cmd, void *dir, const char *arg);
const char *privacy_cmd_consent_cookie(cmd_parms *cmd, void *dir, int argc, char *const argv[]);
const char *privacy_cmd_consent_source(cmd_parms *cmd, void *dir, const char *args);
const char *privacy_cmd_signal(cmd_parms *cmd, void *dir, int argc, char *const argv[]);
const char *privacy_cmd_gpc_statement(cmd_parms *cmd, void *dir, const char *date);
const char *privacy_cmd_consent_mode(cmd_parms *cmd, void *dir, int argc, char *const argv[]);
const char *privacy_cmd_engine(cmd_parms *cmd, void *dir, const char *arg);
const char *privacy_cmd_filter_request(cmd_parms *cmd, void *dir, int on);
const char *privacy_cmd_expire(cmd_parms *cmd, void *dir, int on);
const char *privacy_cmd_rewrite_html(cmd_parms *cmd, void *dir, int on);

#endif /* PRIVACY_CONFIG_H */
