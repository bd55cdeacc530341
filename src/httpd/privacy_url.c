/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "httpd/privacy_url.h"

#include <http_protocol.h>

void privacy_url_document(const request_rec *r, const privacy_request_t *request,
                          privacy_document_t *document)
{
    int secure = strcmp(ap_http_scheme(r), "https") == 0;
    const char *host, *path;

    while (r->prev != NULL) {
        r = r->prev; /* the browser knows of no internal redirect */
    }
    host = r->hostname ? r->hostname : "";
    path = (r->unparsed_uri && *r->unparsed_uri == '/') ? r->unparsed_uri : "/";
    pv_url_document(secure ? PV_URL_HTTPS : PV_URL_HTTP, pv_span(host, strlen(host)),
                    pv_span(path, strlen(path)), document->room, &document->url);
    pv_tracker_base_set(request->server->policy->trackers, &document->url, &document->base);
}

const char *privacy_url_denied(const privacy_request_t *request, int category)
{
    if (request->consent.granted & PV_BIT(category)) {
        return NULL;
    }
    return request->server->policy->categories[category]->decl.name;
}
