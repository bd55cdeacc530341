/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file privacy_candidate.h
 * @brief Which responses HTML rewriting looks at (rule H7), and which of them are
 *        documents (rule M1).
 */

#ifndef PRIVACY_CANDIDATE_H
#define PRIVACY_CANDIDATE_H

#include "httpd/privacy_request.h"

/** Why a response is not looked at. */
typedef enum {
    PRIVACY_LOOK = 0,     /**< it is */
    PRIVACY_NOT_HTML,     /**< another type, status or charset */
    PRIVACY_ASKED_NOT,    /**< Privacy-Inspect: off */
    PRIVACY_NO_TRANSFORM, /**< Cache-Control: no-transform */
    PRIVACY_ENCODED       /**< compressed in a way that cannot be read */
} privacy_look_t;

/**
 * Judge a response by its head.
 * @param coded 1: a Content-Encoding makes it unreadable; 0: it is not looked at
 */
privacy_look_t privacy_candidate(const request_rec *r, int coded);

/** Whether the response is XML, and not HTML. */
int privacy_candidate_is_xml(const request_rec *r);

/** Whether messages may be placed in a candidate. */
int privacy_candidate_is_document(const request_rec *r, const privacy_request_t *request);

/** What the first bytes of a body say. */
typedef enum {
    PRIVACY_SNIFF_MORE = 0, /**< nothing yet */
    PRIVACY_SNIFF_MARKUP,
    PRIVACY_SNIFF_OTHER /**< JSON, or UTF-16 by its byte order mark */
} privacy_sniff_t;

privacy_sniff_t privacy_candidate_sniff(const char *buf, apr_size_t len);

#endif /* PRIVACY_CANDIDATE_H */
