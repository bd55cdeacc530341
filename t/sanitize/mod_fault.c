/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* A module with faults, one a URL, built as ours is: t/sanitize/fault.t asks for
 * them, and sees that each is reported and makes a test fail. */

#include <httpd.h>
#include <http_config.h>
#include <http_protocol.h>
#include <apr_strings.h>

static int requests;

/* Reads the byte behind what it has from a pool. */
static int overflow(request_rec *r)
{
    const char *text = apr_pstrmemdup(r->pool, r->uri, strlen(r->uri));

    return text[strlen(r->uri) + 1];
}

/* Reads what it had from a pool that is no more. */
static int outlived(request_rec *r)
{
    apr_pool_t *pool;
    const char *text;

    apr_pool_create(&pool, r->pool);
    text = apr_pstrdup(pool, r->uri);
    apr_pool_destroy(pool);
    return text[0];
}

/* Adds one to what is the greatest int for every request but this module's tests'. */
static int undefined(request_rec *r)
{
    int greatest = 0x7fffffff;

    return greatest + (int)strlen(r->uri);
}

/* Counts without a lock. */
static int race(request_rec *r)
{
    (void)r;
    return ++requests;
}

/* Allocates from a pool that all threads have. */
static int pool(request_rec *r)
{
    return *apr_psprintf(r->server->process->pool, "%d", 1);
}

static const struct {
    const char *uri;
    int (*commit)(request_rec *r);
} faults[] = { { "/overflow", overflow },
               { "/outlived", outlived },
               { "/undefined", undefined },
               { "/race", race },
               { "/pool", pool } };

static int fault_handler(request_rec *r)
{
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        if (strcmp(r->uri, faults[i].uri) == 0) {
            ap_set_content_type(r, "text/plain");
            ap_rprintf(r, "%d\n", faults[i].commit(r));
            return OK;
        }
    }
    return DECLINED;
}

static void fault_hooks(apr_pool_t *p)
{
    (void)p;
    ap_hook_handler(fault_handler, NULL, NULL, APR_HOOK_FIRST);
}

AP_DECLARE_MODULE(fault) = { STANDARD20_MODULE_STUFF, NULL, NULL, NULL, NULL, NULL, fault_hooks,
                             AP_MODULE_FLAG_NONE };
