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

/** Hook, really first in pre_translate_name and translate_name: nobody else, mod_proxy
 *  above all, is to claim the statement's path. */
int privacy_wellknown_translate(request_rec *r);

/** Hook, really first in map_to_storage: there is no file. */
int privacy_wellknown_map(request_rec *r);

/** Hook, before mod_proxy's handler: what is asked for tells, and not r->handler,
 *  which SetHandler overwrites. */
int privacy_wellknown_handler(request_rec *r);

#endif /* PRIVACY_WELLKNOWN_H */
