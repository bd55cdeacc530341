/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/*
 * The check_config hook: the last moment at which a mistake is the sysadmin's to
 * mend and not the visitor's to suffer. configtest runs it, after virtual hosts
 * have been merged, so that declarations may stand in any order.
 */

#include "httpd/privacy_config.h"

#include <apr_lib.h>
#include <apr_strings.h>

#include "consent/pv_consent.h"
#include "httpd/privacy_connection.h"
#include "httpd/privacy_expr.h"
#include "httpd/privacy_log.h"
#include "httpd/privacy_source.h"
#include "httpd/privacy_wellknown.h"

static int match_regex(void *regex, const char *name, apr_size_t len)
{
    return ap_regexec_len(regex, name, len, 0, NULL, 0) == 0;
}

/** What is said of all servers' policies: one undeclared category may be named by
 *  every file of the catalogue, and by every virtual host that inherits them. */
#define PROBLEMS_SHOWN 20

typedef struct {
    apr_hash_t *said; /**< texts with their place */
    int hidden;
    apr_pool_t *pool;
} telling_t;

static void log_problem(telling_t *telling, const pv_problem_t *problem, const server_rec *s)
{
    int level = problem->fatal ? APLOG_ERR : APLOG_WARNING;
    const char *what = apr_psprintf(telling->pool, "%s:%d:%s", problem->file ? problem->file : "",
                                    problem->line, problem->text);

    if (apr_hash_get(telling->said, what, APR_HASH_KEY_STRING)) {
        return;
    }
    apr_hash_set(telling->said, what, APR_HASH_KEY_STRING, what);
    if (apr_hash_count(telling->said) > PROBLEMS_SHOWN) {
        telling->hidden++;
    }
    else if (problem->file != NULL) {
        ap_log_error(APLOG_MARK, APLOG_STARTUP | level, 0, s,
                     PRIVLOGNO(0001) "Policy %s on line %d of %s: %s",
                     problem->fatal ? "error" : "warning", problem->line, problem->file,
                     problem->text);
    }
    else {
        ap_log_error(APLOG_MARK, APLOG_STARTUP | level, 0, s, PRIVLOGNO(0002) "%s", problem->text);
    }
}

/** Log what compiling found. @return whether any of it forbids to start */
static int log_problems(telling_t *telling, const apr_array_header_t *problems, const server_rec *s)
{
    int fatal = 0;

    for (int i = 0; i < problems->nelts; i++) {
        const pv_problem_t *problem = &APR_ARRAY_IDX(problems, i, pv_problem_t);

        fatal |= problem->fatal;
        log_problem(telling, problem, s);
    }
    return fatal;
}

/** The names of environment variables: of the decision, and of each category's. */
static const char *const *env_names(const pv_policy_t *policy, apr_pool_t *pool)
{
    const char **names =
        apr_palloc(pool, ((apr_size_t)policy->category_count + 1) * sizeof(*names));

    names[0] = "PRIVACY_CONSENT";
    for (int i = 0; i < policy->category_count; i++) {
        char *name = apr_pstrcat(pool, names[0], "_", policy->categories[i]->decl.name, NULL);

        names[1 + i] = name;
        for (char *p = name; *p; p++) {
            *p = (*p == '-') ? '_' : apr_toupper(*p);
        }
    }
    return names;
}

/** Add the name of a header, once. */
static void add_name(apr_array_header_t *names, const char *name)
{
    for (int i = 0; i < names->nelts; i++) {
        if (ap_cstr_casecmp(APR_ARRAY_IDX(names, i, const char *), name) == 0) {
            return;
        }
    }
    APR_ARRAY_PUSH(names, const char *) = name;
}

/** What the decision, and so a page, depends on in a browser's request (rule C2). */
static const char *const *world_vary(const pv_policy_t *policy, const privacy_sources_t *sources,
                                     apr_pool_t *pool)
{
    apr_array_header_t *names = apr_array_make(pool, 6, sizeof(const char *));

    add_name(names, "Cookie");
    add_name(names, "Sec-Fetch-Dest");
    for (int i = 0; i < PV_SIGNALS; i++) {
        static const char *const header[PV_SIGNALS] = { "Sec-GPC", "DNT" };

        if (policy->signals[i].denies | policy->signals[i].denies_finally) {
            add_name(names, header[i]);
        }
    }
    if (policy->language_count > 1) {
        add_name(names, "Accept-Language");
    }
    for (const char *const *name = sources ? sources->vary : NULL; name && *name; name++) {
        add_name(names, *name);
    }
    APR_ARRAY_PUSH(names, const char *) = NULL;
    return (const char *const *)names->elts;
}

/** Compile one server's policy, unless another server with the same declarations
 *  has. @return 0 if it cannot be used */
static int compile_server(privacy_server_t *server, const server_rec *s, apr_hash_t *compiled,
                          telling_t *telling, apr_pool_t *pconf)
{
    const privacy_server_t *same =
        apr_hash_get(compiled, &server->declared, sizeof(server->declared));
    apr_array_header_t *problems = apr_array_make(telling->pool, 4, sizeof(pv_problem_t));
    pv_policy_t *policy;

    if (same != NULL) {
        server->policy = same->policy;
        server->sources = same->sources;
        server->page = same->page;
        server->texts = same->texts;
        server->env_names = same->env_names;
        server->world_vary = same->world_vary;
        return 1;
    }
    apr_hash_set(compiled, &server->declared, sizeof(server->declared), server);
    if (server->declared->list[PV_LIST_CATEGORY].all->nelts > 0) {
        server->page = pv_page_make(server->declared, problems, pconf);
        server->declared->texts_digest = server->page ? server->page->digest : NULL;
    }
    policy = pv_policy_compile(server->declared, match_regex, problems, pconf);
    if (log_problems(telling, problems, s)) {
        return 0;
    }
    if (policy->category_count == 0) {
        return 1;
    }
    apr_array_clear(problems);
    server->sources = privacy_source_compile(policy, problems, pconf);
    if (log_problems(telling, problems, s)) {
        return 0;
    }
    server->policy = policy;
    server->env_names = env_names(policy, pconf);
    server->texts = pv_consent_texts_make(policy, server->env_names, pconf);
    server->world_vary = world_vary(policy, server->sources, pconf);
    return 1;
}

/** Whether a host domain-matches (RFC 6265bis, section 5.1.3); what a browser makes of a
 *  public suffix is not known here. */
static int is_of_domain(const char *host, const char *domain)
{
    apr_size_t host_len = strlen(host);
    apr_size_t len = strlen(domain);

    return host_len >= len && ap_cstr_casecmp(host + host_len - len, domain) == 0 &&
           (host_len == len || host[host_len - len - 1] == '.');
}

/** Whether a ServerName is declared for the server: where none is, httpd has found one in its
 *  place, which visitors need not know. */
static int is_named(const server_rec *s)
{
    const ap_directive_t *at = ap_conftree;

    while (s->is_virtual && at != NULL &&
           (at->line_num != (int)s->defn_line_number || strcmp(at->filename, s->defn_name) != 0)) {
        at = at->next;
    }
    at = s->is_virtual && at != NULL ? at->first_child : at;
    while (at != NULL && ap_cstr_casecmp(at->directive, "ServerName") != 0) {
        at = at->next;
    }
    return at != NULL;
}

/** Whether the server has a name in the domain, or may have: by a ServerAlias with wildcards,
 *  or because it is not named. A main server that stands for its virtual hosts need not have
 *  one. */
static int is_server_of(const server_rec *s, const char *domain)
{
    if (s->server_hostname == NULL || !is_named(s) || (!s->is_virtual && s->next != NULL) ||
        (s->wild_names != NULL && s->wild_names->nelts > 0)) {
        return 1;
    }
    for (int i = 0; s->names != NULL && i < s->names->nelts; i++) {
        if (is_of_domain(APR_ARRAY_IDX(s->names, i, const char *), domain)) {
            return 1;
        }
    }
    return is_of_domain(s->server_hostname, domain);
}

/** What is sound, and yet does not do what it says. */
static void warn(const privacy_server_t *server, int engine, const server_rec *s)
{
    const char *name = s->server_hostname ? s->server_hostname : "(unnamed)";

    if (server->policy == NULL && engine != PRIVACY_OFF) {
        ap_log_error(APLOG_MARK, APLOG_STARTUP | APLOG_WARNING, 0, s,
                     PRIVLOGNO(0003) "PrivacyEngine is not off for server %s, but no "
                                     "PrivacyCategory is declared: nothing is enforced",
                     name);
    }
    if (server->active) {
        const pv_consent_cookie_t *record = server->policy->consent_cookie;

        if (record->domain != NULL && !is_server_of(s, record->domain)) {
            ap_log_error(APLOG_MARK, APLOG_STARTUP | APLOG_WARNING, 0, s,
                         PRIVLOGNO(0033) "PrivacyConsentCookie %s: no name of server %s is in "
                                         "domain=%s: browsers will not keep the visitor's choice",
                         record->decl.name, name, record->domain);
        }
    }
    if (server->active && server->gpc_statement != NULL) {
        const pv_signal_effect_t *gpc = &server->policy->signals[PV_SIGNAL_GPC];

        if ((gpc->denies | gpc->denies_finally) == 0) {
            ap_log_error(APLOG_MARK, APLOG_STARTUP | APLOG_WARNING, 0, s,
                         PRIVLOGNO(0032) "PrivacyGPCStatement says that server %s honours Global "
                                         "Privacy Control, but no PrivacySignal gpc is declared",
                         name);
        }
    }
}

int privacy_check_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s)
{
    const server_rec *main_server = s;
    apr_hash_t *compiled = apr_hash_make(ptemp);
    telling_t telling = { .said = apr_hash_make(ptemp), .pool = ptemp };
    int sound = privacy_expr_check(s, ptemp);
    int any = 0;

    (void)plog;
    for (; s != NULL; s = s->next) {
        privacy_server_t *server = privacy_server_config(s);
        int own = privacy_dir_setting(s->lookup_defaults)->engine;
        int engine = own > server->section_engine ? own : server->section_engine;

        if (!compile_server(server, s, compiled, &telling, pconf)) {
            sound = 0;
            continue;
        }
        server->cached = ap_find_linked_module("mod_cache.c") != NULL;
        server->active = server->policy != NULL && engine != PRIVACY_OFF;
        if (server->active && pv_policy_on_offer(server->policy) != 0) {
            server->page_path = server->page->path;
            server->own_first[0] = server->page_path[1];
        }
        if (server->gpc_statement != NULL) {
            server->own_first[server->page_path != NULL] = PRIVACY_WELLKNOWN_GPC[1];
        }
        any |= server->active;
        warn(server, engine, s);
    }
    if (telling.hidden > 0) {
        ap_log_error(APLOG_MARK, APLOG_STARTUP | APLOG_ERR, 0, main_server,
                     PRIVLOGNO(0040) "%d more are not shown: mend these first", telling.hidden);
    }
    privacy_connection_enable(any);
    return sound ? OK : HTTP_INTERNAL_SERVER_ERROR;
}
