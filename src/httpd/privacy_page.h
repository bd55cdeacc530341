/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file privacy_page.h
 * @brief What the module itself has to say: the PrivacyPage with its assets, and
 *        the pieces of markup that are placed in other pages.
 */

#ifndef PRIVACY_PAGE_H
#define PRIVACY_PAGE_H

#include "httpd/privacy_request.h"

/**
 * The markup of all messages that are due in this request and can be placed, in
 * order; empty if none is. On r->pool, NUL-terminated.
 * @param names gets the messages' names, separated by ", " (Privacy-Message), or NULL
 */
pv_span_t privacy_page_messages(request_rec *r, const privacy_request_t *request,
                                const char **names);

/** What stands first in the head of every document: Consent Mode's script, or empty. */
pv_span_t privacy_page_head(request_rec *r, const privacy_request_t *request);

/** What stands behind a held iframe: says what is missing, links to the page. */
pv_span_t privacy_page_placeholder(request_rec *r, const privacy_request_t *request,
                                   const char *category, const pv_provider_t *provider);

#endif /* PRIVACY_PAGE_H */
