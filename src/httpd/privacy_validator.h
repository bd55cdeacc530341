/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file privacy_validator.h
 * @brief Validators of what is rewritten: an ETag bears a tag that stands for all the
 *        body depends on, so that a conditional request never brings back the wrong
 *        page (rule C3), and Vary says what it depends on (rule C2).
 */

#ifndef PRIVACY_VALIDATOR_H
#define PRIVACY_VALIDATOR_H

#include "httpd/privacy_request.h"

/** Take our tag out of the conditions of a request, just before handlers run, where its
 *  response may be rewritten. */
void privacy_validator_untag(request_rec *r, privacy_request_t *request);

/** Tag a candidate's ETag; Last-Modified goes. */
void privacy_validator_tag(request_rec *r, privacy_request_t *request);

/** What a candidate varies by toward mod_cache, into the Vary that is there. */
void privacy_validator_vary(request_rec *r);

/**
 * What a Vary says to the world: our names become those of the headers that decide.
 * @param vary a Vary's value
 * @return the value itself if none of our names is in it
 */
const char *privacy_validator_world(const privacy_request_t *request, const char *vary,
                                    apr_pool_t *pool);

#endif /* PRIVACY_VALIDATOR_H */
