/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file privacy_holder.h
 * @brief What the rewriter asks about a page: policy and consent answer (rule H2).
 */

#ifndef PRIVACY_HOLDER_H
#define PRIVACY_HOLDER_H

#include "html/pv_rewrite.h"
#include "httpd/privacy_export.h"
#include "httpd/privacy_url.h"

/** The answers for one response. */
typedef struct privacy_holder_t {
    void *owner; /**< the caller's */
    request_rec *r;
    privacy_request_t *request;
    pv_rewrite_calls_t calls;

    privacy_document_t document;
    char base_room[PV_HOST_ROOM];
    pv_tracker_base_t base; /**< of the <base href> below */
    char *base_href;        /**< a copy; NULL while there is none */
    apr_size_t base_len;

    /** Who was last found to be held, for the one who is told of it. */
    const pv_provider_t *provider;
    const char *source;
    privacy_names_t *names;             /**< for the note privacy-held */
    struct placeholder_t *placeholders; /**< those made so far */
} privacy_holder_t;

/** For one response. Its calls want the holder itself as their ctx; emit is the
 *  caller's to set. */
privacy_holder_t *privacy_holder_make(request_rec *r, privacy_request_t *request);

#endif /* PRIVACY_HOLDER_H */
