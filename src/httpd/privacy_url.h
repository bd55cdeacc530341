/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file privacy_url.h
 * @brief Which declared tracker a reference in a response loads, and whether it may.
 */

#ifndef PRIVACY_URL_H
#define PRIVACY_URL_H

#include "httpd/privacy_request.h"
#include "policy/pv_tracker.h"

/** What references are relative to: the URL of a request. Not to be copied: it
 *  points into itself. */
typedef struct {
    char room[PV_HOST_ROOM];
    pv_url_t url;
    pv_tracker_base_t base;
} privacy_document_t;

void privacy_url_document(const request_rec *r, const privacy_request_t *request,
                          privacy_document_t *document);

/** The name of a category if it is denied to this request, else NULL. */
const char *privacy_url_denied(const privacy_request_t *request, int category);

#endif /* PRIVACY_URL_H */
