/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "httpd/privacy_expr.h"

#include <ap_expr.h>
#include <apr_strings.h>
#include <http_core.h>

#include "httpd/privacy_log.h"
#include "httpd/privacy_request.h"

#define FUNCTION "privacy"

/** Categories that the configuration's expressions name: const char *. Written only
 *  while it is read. */
static apr_array_header_t *named;

/** The function. What it gives is what the environment has, but as early as there is
 *  a decision: in report that is nothing, until the log is written. */
static const char *decision(ap_expr_eval_ctx_t *ctx, const void *data, const char *arg)
{
    const request_rec *r = ctx->r;
    privacy_request_t *request = r ? privacy_request_get(r) : NULL;
    const char *name = data;
    int engine, index;

    (void)arg;
    if (request == NULL) {
        return "";
    }
    engine = privacy_request_setting(request, r).engine;
    index = pv_policy_category(request->server->policy, pv_span(name, strlen(name)));
    if (index < 0 || engine == PRIVACY_OFF || (engine == PRIVACY_REPORT && !request->logging)) {
        return "";
    }
    /* What httpd itself would add to Vary here is lost when mod_proxy takes over the
     * backend's headers. */
    request->asked |= ctx->vary_this != NULL;
    return (request->consent.granted & PV_BIT(index)) ? "granted" : "denied";
}

static int is_starting(void)
{
    return ap_state_query(AP_SQ_MAIN_STATE) != AP_SQ_MS_RUN_MPM;
}

static int lookup(ap_expr_lookup_parms *parms)
{
    if (parms->type != AP_EXPR_FUNC_STRING || ap_cstr_casecmp(parms->name, FUNCTION) != 0) {
        return DECLINED;
    }
    if (parms->arg == NULL) {
        *parms->err = FUNCTION "() requires the name of a category as constant argument";
        return !OK;
    }
    if (named != NULL && is_starting()) { /* else it stands in an .htaccess */
        APR_ARRAY_PUSH(named, const char *) = apr_pstrdup(named->pool, parms->arg);
    }
    *parms->func = decision;
    *parms->data = apr_pstrdup(parms->pool, parms->arg);
    return OK;
}

int privacy_expr_pre_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp)
{
    (void)plog;
    (void)ptemp;
    named = apr_array_make(pconf, 4, sizeof(const char *));
    return OK;
}

/** Whether some server has a category of this name; else the nearest, if any. */
static int is_known(server_rec *s, const char *name, const char **nearest, apr_pool_t *ptemp)
{
    *nearest = NULL;
    for (; s != NULL; s = s->next) {
        const pv_declared_t *declared = privacy_server_config(s)->declared;

        if (pv_declared_find(declared, PV_LIST_CATEGORY, name) != NULL) {
            return 1;
        }
        if (*nearest == NULL) {
            *nearest = pv_declared_nearest(declared, PV_LIST_CATEGORY, name, ptemp);
        }
    }
    return 0;
}

int privacy_expr_check(server_rec *s, apr_pool_t *ptemp)
{
    int sound = 1;

    for (int i = 0; named != NULL && i < named->nelts; i++) {
        const char *name = APR_ARRAY_IDX(named, i, const char *);
        const char *nearest;

        if (is_known(s, name, &nearest, ptemp)) {
            continue;
        }
        sound = 0;
        ap_log_error(APLOG_MARK, APLOG_STARTUP | APLOG_ERR, 0, s,
                     PRIVLOGNO(0031) "an expression asks for " FUNCTION "(\"%s\"), but no "
                                     "PrivacyCategory '%s' is declared%s%s%s",
                     name, name, nearest ? "; did you mean '" : "", nearest ? nearest : "",
                     nearest ? "'?" : "");
    }
    return sound;
}

void privacy_expr_register(void)
{
    ap_hook_expr_lookup(lookup, NULL, NULL, APR_HOOK_FIRST);
}
