/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file privacy_post.h
 * @brief A choice is made, or a message closed: the POST to PrivacyPage.
 */

#ifndef PRIVACY_POST_H
#define PRIVACY_POST_H

#include "httpd/privacy_request.h"

/**
 * Check where it comes from (rule M6), read it, record it and have what is now denied
 * expired (rule M7). What is refused changes nothing.
 * @return OK or an error's status
 */
int privacy_post(request_rec *r, privacy_request_t *request);

#endif /* PRIVACY_POST_H */
