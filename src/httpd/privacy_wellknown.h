/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file privacy_wellknown.h
 * @brief /.well-known/gpc.json, the site's statement that it honours Global Privacy
 *        Control (section 4 of its specification; PrivacyGPCStatement).
 */

#ifndef PRIVACY_WELLKNOWN_H
#define PRIVACY_WELLKNOWN_H

#include <httpd.h>

#define PRIVACY_WELLKNOWN_GPC "/.well-known/gpc.json"

/** Whether a text is a full-date or a date-time of RFC 3339, and a day that exists. */
int privacy_wellknown_is_date(const char *text);

/** Claim the statement's path, so that nobody else does, mod_proxy above all.
 *  @return whether the request is for it, and there is one */
int privacy_wellknown_claim(request_rec *r);

/** Whether the request is for the statement. */
int privacy_wellknown_claimed(request_rec *r);

/** Answer a request for the statement. @return a handler's status */
int privacy_wellknown_answer(request_rec *r);

#endif /* PRIVACY_WELLKNOWN_H */
