/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file privacy_query.h
 * @brief Query parameters that identify a visitor to a tracker leave a request,
 *        wherever httpd keeps its query (rule Q5).
 */

#ifndef PRIVACY_QUERY_H
#define PRIVACY_QUERY_H

#include "httpd/privacy_request.h"

/** Where a request says its query; NULL where it has none. */
struct privacy_query_t {
    char *args;
    char *parsed_query;
    char *unparsed_uri;
    const char *the_request;
    const char *referer;
};

/**
 * Find what has to go from a request as it was read; only where the policy declares
 * parameters. Afterwards
 * request->query_sent and query_clean are both NULL where nothing has.
 */
void privacy_query_decide(const request_rec *r, privacy_request_t *request);

/** Put the clean query into a request (on), or what was sent. A redirected request,
 *  or what another module has changed since, has a query of its own and keeps it. */
void privacy_query_apply(request_rec *r, const privacy_request_t *request, int on);

#endif /* PRIVACY_QUERY_H */
