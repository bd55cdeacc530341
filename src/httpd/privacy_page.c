/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "httpd/privacy_page.h"

#include <apr_strings.h>

static pv_span_t span_of(const char *text)
{
    return pv_span(text, strlen(text));
}

/** A message has markup only if it has a template, which no directive gives it yet:
 *  applications show them, and say so by Privacy-Message. */
pv_span_t privacy_page_messages(request_rec *r, const privacy_request_t *request,
                                const char **names)
{
    (void)r;
    (void)request;
    *names = NULL;
    return span_of("");
}

pv_span_t privacy_page_head(request_rec *r, const privacy_request_t *request)
{
    (void)r;
    (void)request;
    return span_of("");
}

pv_span_t privacy_page_placeholder(request_rec *r, const privacy_request_t *request,
                                   const char *category, const pv_provider_t *provider)
{
    const pv_policy_t *policy = request->server->policy;
    int index = pv_policy_category(policy, span_of(category));
    const char *title = index < 0 ? category : policy->categories[index]->title;

    return span_of(apr_pstrcat(r->pool, "<p class=privacy-placeholder>",
                               provider ? ap_escape_html(r->pool, provider->title) : "",
                               provider ? ": " : "", ap_escape_html(r->pool, title), "</p>", NULL));
}
