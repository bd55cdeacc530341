/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file privacy_source.h
 * @brief Consent sources of a server: managers' cookies and expressions, asked once
 *        a request.
 */

#ifndef PRIVACY_SOURCE_H
#define PRIVACY_SOURCE_H

#include <ap_expr.h>
#include <httpd.h>

#include "enforce/pv_manager.h"
#include "httpd/privacy_request.h"

/** An expression that decides on a category: denied unless it is true. */
typedef struct {
    const ap_expr_info_t *expr;
    pv_set_t category;
} privacy_source_expr_t;

/** All sources of one policy. */
typedef struct privacy_sources_t {
    const pv_sources_t *managers;
    int refreshes;                   /**< some manager's cookies are sent again */
    const apr_array_header_t *exprs; /**< privacy_source_expr_t */
    const char *const *vary;         /**< headers that expressions read; ends with NULL */
} privacy_sources_t;

/**
 * Compile a sound policy's sources.
 * @param problems pv_problem_t, gets one for each thing that is wrong
 * @return NULL if there are none
 */
const privacy_sources_t *privacy_source_compile(const pv_policy_t *policy,
                                                apr_array_header_t *problems, apr_pool_t *pool);

/** Hear all of them, where any is declared. @param voices r->pool's
 *  @return how many there are */
int privacy_source_hear(request_rec *r, const privacy_request_t *request,
                        const pv_voice_t **voices);

/** Send managers' cookies again that the response does not set itself.
 *  @return whether any was added */
int privacy_source_refresh(request_rec *r, const privacy_request_t *request);

#endif /* PRIVACY_SOURCE_H */
