/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file privacy_response.h
 * @brief The filters at the head of a response: the outermost, where headers are
 *        headers for the last time, and the inner one before mod_cache stores.
 */

#ifndef PRIVACY_RESPONSE_H
#define PRIVACY_RESPONSE_H

#include "enforce/pv_expire.h"
#include "httpd/privacy_request.h"

/** Register both filters. */
void privacy_response_register(void);

/** Add the outermost filter to a main request's chain, where it cannot be. */
void privacy_response_add(request_rec *r, privacy_request_t *request);

/** The same, if it is not there. */
void privacy_response_insert(request_rec *r, privacy_request_t *request);

/** Answer with an error instead, if no byte of the response has been sent.
 *  @return whether that was so */
int privacy_response_fail(request_rec *r, int status);

/** The Set-Cookie value that remembers a message; of until=choice, the one with which
 *  the next document confirms the choice (rule M3). */
const char *privacy_response_message_cookie(request_rec *r, const pv_message_t *message);

/** The one that ends the confirmation of a message until=choice. */
const char *privacy_response_confirmed_cookie(request_rec *r, const pv_message_t *message);

/** What expiries depend on in this request; without a limit. */
void privacy_response_expire_options(const request_rec *r, pv_expire_options_t *options);

/** Hook: insert_filter, really last, and insert_error_filter. */
void privacy_insert_filter(request_rec *r);
void privacy_insert_error_filter(request_rec *r);

#endif /* PRIVACY_RESPONSE_H */
