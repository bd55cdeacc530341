/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file privacy_export.h
 * @brief What others can read of a decision: environment variables and notes.
 */

#ifndef PRIVACY_EXPORT_H
#define PRIVACY_EXPORT_H

#include "httpd/privacy_request.h"

/** A growing list of cookie names, as a note keeps it: separated by commas. */
typedef struct {
    char *text; /**< NUL-terminated; NULL while empty */
    apr_size_t len;
    apr_size_t size;
    int full; /**< a response with thousands of cookies makes no longer list */
} privacy_names_t;

/** Add a name. A nameless cookie's is a value, and is not written (rule F2). */
void privacy_names_add(privacy_names_t *names, pv_span_t name, int nameless, apr_pool_t *pool);

/** Set the note to the names; where there are none, nothing is done. */
void privacy_names_note(const privacy_names_t *names, request_rec *r, const char *note);

/** PRIVACY_CONSENT and PRIVACY_CONSENT_<CATEGORY>. */
void privacy_export_env(request_rec *r, const privacy_request_t *request);

/** Take them out again. */
void privacy_export_no_env(request_rec *r, const privacy_request_t *request);

#endif /* PRIVACY_EXPORT_H */
