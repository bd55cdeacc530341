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
#include "page/pv_view.h"

/**
 * The markup of all messages that are due in this request and can be placed, in
 * order; empty if none is. On r->pool, NUL-terminated.
 * @param names gets the names of those that are remembered as shown, separated by ", "
 *        (Privacy-Message), or NULL: a confirmation is not
 */
pv_span_t privacy_page_messages(request_rec *r, const privacy_request_t *request,
                                const char **names);

/** What stands first in the head of every document: Consent Mode's script, or empty. */
pv_span_t privacy_page_head(request_rec *r, const privacy_request_t *request);

/** What stands behind a held iframe: says what is missing, links to the page. */
pv_span_t privacy_page_placeholder(request_rec *r, const privacy_request_t *request,
                                   const char *category, const pv_provider_t *provider);

/** What is known of this visitor, for the templates. */
void privacy_page_view(request_rec *r, const privacy_request_t *request, pv_view_t *view);

/** The headers of all that is the visitor's own. */
void privacy_page_set_personal(request_rec *r, const char *type);

/** Send what is known, and what the browser holds, as JSON, with the headers of what is
 *  personal. */
int privacy_page_send_json(request_rec *r, const privacy_request_t *request, pv_view_t *view);

/** Whether the client would rather have JSON than HTML. */
int privacy_page_wants_json(const request_rec *r);

/** Refuse: note the reason for httpd's error page, and log it. @return status */
int privacy_page_refuse(request_rec *r, int status, const char *reason);

/** Claim a request below PrivacyPage. @return whether it is one */
int privacy_page_claim(request_rec *r);

/** Whether the request has been claimed. */
int privacy_page_claimed(const request_rec *r);

/** Answer a request that has been claimed. @return a handler's status */
int privacy_page_answer(request_rec *r);

#endif /* PRIVACY_PAGE_H */
