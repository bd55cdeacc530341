/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file privacy_field.h
 * @brief What becomes of one field of a response, whether it stands in a header
 *        table or in the bytes of an interim response, and what is noted of it.
 */

#ifndef PRIVACY_FIELD_H
#define PRIVACY_FIELD_H

#include "enforce/pv_head.h"
#include "httpd/privacy_export.h"

/** What was found in one head. */
typedef struct {
    request_rec *r; /**< its pool, and its notes */
    const privacy_request_t *request;
    apr_time_t now;
    int enforce; /**< on, rather than report */
    int varies;  /**< what was decided depends on the visitor (rule C2) */
    privacy_names_t stripped;
    privacy_names_t capped;
    privacy_names_t undeclared;
    privacy_names_t held; /**< trackers that a Link would have loaded */
} privacy_findings_t;

/**
 * Judge one Set-Cookie.
 * @return its value itself if it stays; NULL if it goes; else a new value, the
 *         pool's and NUL-terminated
 */
const char *privacy_field_set_cookie(privacy_findings_t *findings, const char *value,
                                     apr_size_t len);

/** Take the members of a Link that point at denied trackers out (rule R6); returns as
 *  privacy_field_set_cookie(). */
const char *privacy_field_link(privacy_findings_t *findings, const char *value, apr_size_t len);

/** Both, and any other field, for pv_head_edit(). @param ctx privacy_findings_t */
pv_field_t privacy_field_judge(void *ctx, pv_span_t name, pv_span_t value, pv_span_t *replacement);

/** Add what was found to the request's notes. */
void privacy_field_note(const privacy_findings_t *findings);

#endif /* PRIVACY_FIELD_H */
