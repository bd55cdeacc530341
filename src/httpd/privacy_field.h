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
    apr_time_t now; /**< 0 until it is asked for */
    int enforce;    /**< on, rather than report */
    int varies;     /**< what was decided depends on the visitor (rule C2) */
    int any;        /**< there are names */
    privacy_names_t *names[PRIVACY_NOTES];
} privacy_findings_t;

/** Remember a name for a note. @param nameless it must not be told (rule F2) */
static inline void privacy_field_remember(privacy_findings_t *findings, privacy_note_t note,
                                          pv_span_t name, int nameless)
{
    findings->names[note] =
        privacy_names_add(findings->names[note], name, nameless, findings->r->pool);
    findings->any = 1;
}

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

/** Add what was found, and something was, to the request's notes. */
void privacy_field_note(const privacy_findings_t *findings);

#endif /* PRIVACY_FIELD_H */
