/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/*
 * mod_privacy: the cookie policy that a site has published, enforced.
 *
 * Every directive and every hook in one view. What they mean is in
 * docs/directives.md, where they sit in a request's way in docs/internals.md.
 */

#include <httpd.h>
#include <http_config.h>
#include <http_connection.h>
#include <http_protocol.h>
#include <http_request.h>
#include <mod_proxy.h>

#include "httpd/privacy_config.h"
#include "httpd/privacy_connection.h"
#include "httpd/privacy_expr.h"
#include "httpd/privacy_html.h"
#include "httpd/privacy_own.h"
#include "httpd/privacy_request.h"
#include "httpd/privacy_response.h"

#define SERVER    RSRC_CONF
#define DIRECTORY (RSRC_CONF | ACCESS_CONF)

static const command_rec directives[] = {
    /* the policy */
    AP_INIT_TAKE_ARGV("PrivacyCategory", privacy_cmd_category, NULL, SERVER,
                      "NAME necessary|opt-in|opt-out \"TITLE\" \"DESCRIPTION\" "
                      "[denied=strip|session]"),
    AP_INIT_TAKE_ARGV("PrivacyProvider", privacy_cmd_provider, NULL, SERVER,
                      "NAME \"TITLE\" [notice=URL] [optout=URL]"),
    AP_INIT_TAKE_ARGV("PrivacyCookie", privacy_cmd_cookie, NULL, SERVER,
                      "PATTERN CATEGORY LIFETIME \"PURPOSE\" [provider=NAME] [path=PATH] "
                      "[domain=DOMAIN] [partitioned]"),
    AP_INIT_TAKE_ARGV("PrivacyTracker", privacy_cmd_tracker, NULL, SERVER,
                      "HOST[/PATH-PREFIX] CATEGORY [provider=NAME]"),
    AP_INIT_TAKE_ARGV("PrivacyInlineTracker", privacy_cmd_inline_tracker, NULL, SERVER,
                      "\"TEXT\" CATEGORY [provider=NAME]"),
    AP_INIT_TAKE2("PrivacyParameter", privacy_cmd_parameter, NULL, SERVER, "NAME CATEGORY"),
    AP_INIT_TAKE1("PrivacyUndeclared", privacy_cmd_undeclared, NULL, SERVER,
                  "pass|strip: what becomes of a Set-Cookie that no PrivacyCookie matches"),
    AP_INIT_TAKE1(
        "PrivacyLifetime", privacy_cmd_lifetime, NULL, SERVER,
        "cap|strip|pass: what becomes of a cookie that asks for longer than its LIFETIME"),
    AP_INIT_TAKE12("PrivacyPolicyVersion", privacy_cmd_policy_version, NULL, SERVER,
                   "TEXT [DATE]: version of the published policy"),
    AP_INIT_TAKE1("PrivacyNotice", privacy_cmd_notice, NULL, SERVER,
                  "URL of the site's privacy notice"),
    AP_INIT_TAKE_ARGV("PrivacyLanguage", privacy_cmd_language, NULL, SERVER, "TAG..."),
    AP_INIT_TAKE_ARGV("PrivacyMessage", privacy_cmd_message, NULL, SERVER,
                      "NAME [until=seen|dismissed|choice] [cookie=COOKIE] [lifetime=LIFETIME] "
                      "[template=FILE] [expr=EXPR]"),
    AP_INIT_TAKE_ARGV("PrivacyPage", privacy_cmd_page, NULL, SERVER, "PATH [clear-site-data]"),
    AP_INIT_TAKE1("PrivacyTemplates", privacy_cmd_templates, NULL, SERVER,
                  "directory of the templates that replace shipped ones"),
    AP_INIT_TAKE_ARGV("PrivacyConsentCookie", privacy_cmd_consent_cookie, NULL, SERVER,
                      "NAME [lifetime=LIFETIME] [domain=DOMAIN] [samesite=Lax|Strict|None]"),
    AP_INIT_RAW_ARGS("PrivacyConsentSource", privacy_cmd_consent_source, NULL, SERVER,
                     "SOURCE CATEGORY=KEY[,KEY...]... [option=value...]"),
    AP_INIT_TAKE_ARGV("PrivacySignal", privacy_cmd_signal, NULL, SERVER,
                      "gpc|dnt CATEGORY... [final]"),
    AP_INIT_TAKE1("PrivacyGPCStatement", privacy_cmd_gpc_statement, NULL, SERVER,
                  "date since which the site honours Global Privacy Control"),
    AP_INIT_TAKE_ARGV("PrivacyConsentMode", privacy_cmd_consent_mode, NULL, SERVER,
                      "CATEGORY=KEY[,KEY...]... [exempt]"),

    /* its enforcement */
    AP_INIT_TAKE1("PrivacyEngine", privacy_cmd_engine, NULL, DIRECTORY, "on|off|report"),
    AP_INIT_FLAG("PrivacyFilterRequest", privacy_cmd_filter_request, NULL, DIRECTORY,
                 "On or Off: take denied cookies out of requests"),
    AP_INIT_FLAG("PrivacyExpire", privacy_cmd_expire, NULL, DIRECTORY,
                 "On or Off: expire denied cookies that a browser still sends"),
    AP_INIT_FLAG("PrivacyRewriteHTML", privacy_cmd_rewrite_html, NULL, DIRECTORY,
                 "On or Off: hold trackers without consent in HTML, and place messages"),
    { .name = NULL }
};

static void register_request_hooks(void)
{
    static const char *const after_cache[] = { "mod_cache.c", NULL };

    ap_hook_pre_connection(privacy_pre_connection, NULL, NULL, APR_HOOK_MIDDLE);
    /* Before mod_proxy and mod_rewrite claim it. */
    if (ap_find_linked_module("mod_proxy.c") != NULL) { /* whose mapping=encoded comes first */
        ap_hook_pre_translate_name(privacy_translate, NULL, NULL, APR_HOOK_REALLY_FIRST);
    }
    ap_hook_translate_name(privacy_translate, NULL, NULL, APR_HOOK_REALLY_FIRST);
    ap_hook_map_to_storage(privacy_map_to_storage, NULL, NULL, APR_HOOK_REALLY_FIRST);
    ap_hook_post_perdir_config(privacy_post_perdir_config, NULL, NULL, APR_HOOK_FIRST);
    /* Behind mod_cache's, which compares with what it has stored, and in front of all
     * that answer: mod_proxy's handler is first, too. */
    ap_hook_handler(privacy_handler, after_cache, NULL, APR_HOOK_REALLY_FIRST);
    /* After mod_headers and DEFLATE, so that the inner filter stands behind them. */
    ap_hook_insert_filter(privacy_insert_filter, NULL, NULL, APR_HOOK_REALLY_LAST);
    ap_hook_insert_error_filter(privacy_insert_error_filter, NULL, NULL, APR_HOOK_REALLY_LAST);
}

static void register_report_hooks(void)
{
    /* Before mod_log_config writes. */
    ap_hook_log_transaction(privacy_log_transaction, NULL, NULL, APR_HOOK_FIRST);
}

/** Which of privacy_hooks_t are registered, in this configuration. */
static unsigned registered;

static apr_status_t forget_registered(void *unused)
{
    (void)unused;
    registered = 0;
    return APR_SUCCESS;
}

/* Setters run after all modules have registered theirs; httpd sorts hooks once more when
 * all directives have been read. */
void privacy_hooks_need(privacy_hooks_t hooks, apr_pool_t *pconf)
{
    const char *last_module = apr_hook_debug_current;

    if (registered & hooks) {
        return;
    }
    registered |= hooks;
    apr_pool_cleanup_register(pconf, NULL, forget_registered, apr_pool_cleanup_null);
    apr_hook_debug_current = "mod_privacy.c";
    (hooks == PRIVACY_HOOKS_REPORT ? register_report_hooks : register_request_hooks)();
    apr_hook_debug_current = last_module;
}

static void register_hooks(apr_pool_t *pool)
{
    (void)pool;
    privacy_connection_register();
    privacy_response_register();
    privacy_html_register();
    privacy_expr_register();
    ap_hook_pre_config(privacy_expr_pre_config, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_check_config(privacy_check_config, NULL, NULL, APR_HOOK_MIDDLE);
    /* After mod_remoteip and SetEnvIf, before mod_cache's quick handler. */
    ap_hook_post_read_request(privacy_post_read_request, NULL, NULL, APR_HOOK_LAST);
    APR_OPTIONAL_HOOK(proxy, fixups, privacy_proxy_fixups, NULL, NULL, APR_HOOK_LAST);
}

AP_DECLARE_MODULE(privacy) = { STANDARD20_MODULE_STUFF,
                               privacy_create_dir_config,
                               privacy_merge_dir_config,
                               privacy_create_server_config,
                               privacy_merge_server_config,
                               directives,
                               register_hooks,
#if defined(AP_MODULE_FLAG_NONE)
                               AP_MODULE_FLAG_NONE
#endif
};
