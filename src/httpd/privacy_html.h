/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file privacy_html.h
 * @brief The filters that rewrite HTML: a gate that has compressed pages inflated
 *        (rule H6), and the one that holds trackers and places messages (H1 to H5).
 */

#ifndef PRIVACY_HTML_H
#define PRIVACY_HTML_H

#include "httpd/privacy_request.h"

/** Register both filters. */
void privacy_html_register(void);

/** Add both to a main request, where its directory has them. */
void privacy_html_insert(request_rec *r, privacy_request_t *request, privacy_setting_t setting);

/** Ask a backend for nothing that could not be read: in mod_proxy's fixups, where
 *  headers_in is a copy for the backend (rule H6). */
void privacy_html_trim_encodings(request_rec *r);

#endif /* PRIVACY_HTML_H */
