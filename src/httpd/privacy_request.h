/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file privacy_request.h
 * @brief What is known of one request, from the moment it is read: its policy, its
 *        decision, its cookies. Redirected requests and subrequests share it.
 */

#ifndef PRIVACY_REQUEST_H
#define PRIVACY_REQUEST_H

#include <httpd.h>

#include "enforce/pv_cookies.h"
#include "httpd/privacy_config.h"

struct privacy_query_t;

/** What a message's cookie says: it was shown, or closed; of until=choice, that the
 *  choice was saved just now. */
#define PRIVACY_MARK_SEEN  "seen"
#define PRIVACY_MARK_SAVED "saved"

/** How a message is due. */
enum {
    PRIVACY_NOT_DUE = '0',
    PRIVACY_DUE = '1',
    PRIVACY_CONFIRMING = 'c' /**< of until=choice: that the choice has been saved */
};

/** The request's state; on r->pool of the main request. */
typedef struct {
    const privacy_server_t *server;
    pv_heard_t heard; /**< all that the decision was made from */
    pv_consent_t consent;
    pv_cookies_t cookies; /**< of the bytes that the client sent */

    const char *cookie_sent;          /**< the Cookie header as sent, or NULL */
    const char *cookie_filtered;      /**< without denied cookies; "" if nothing is left */
    struct privacy_names_t *filtered; /**< names of the denied cookies, where noted */
    const char *connection_sent;      /**< the Connection header, where it names headers of ours */
    pv_consent_text_t text;           /**< of consent: Privacy-Consent, and PRIVACY_CONSENT */
    const char *messages_text;        /**< Privacy-Messages, or NULL */
    const struct privacy_query_t *query_sent;  /**< NULL where no parameter is denied */
    const struct privacy_query_t *query_clean; /**< without the denied ones */

    /** The strictest of what the directories in a chain of redirects say. */
    privacy_setting_t setting;
    int language;                       /**< index into the policy's languages */
    const privacy_setting_t *directory; /**< the last one met; NULL: none yet */
    const request_rec *own;             /**< the one that the module answers itself, or NULL */
    const char *due;                    /**< by message index, PRIVACY_DUE and so on; NULL: none */
    unsigned candidate : 1;             /**< HTML rewriting looks at the response */
    unsigned untagged : 1;              /**< our tag was in If-None-Match (rule C3) */
    unsigned tagged : 1;                /**< the response's validator bears our tag */
    unsigned withdrawing : 1;           /**< a choice was made just now (rule M7) */
    unsigned navigation : 1;            /**< the request is for a document (rule M1) */
    unsigned prefetch : 1;              /**< nobody may ever see the response */
    unsigned confirming : 1;            /**< the next document confirms a choice (rule M3) */
    unsigned asked : 1;                 /**< an expression has made the response depend on it */
    unsigned logging : 1;               /**< the log is being written */
} privacy_request_t;

/** The state of the request that r was redirected from, or is a part of; NULL where
 *  there is none. */
privacy_request_t *privacy_request_inherited(const request_rec *r);

/** The state of a request, its own or inherited; NULL where there is none. */
static inline privacy_request_t *privacy_request_get(const request_rec *r)
{
    privacy_request_t *request = ap_get_module_config(r->request_config, &privacy_module);

    if (request != NULL || !privacy_server_config(r->server)->active) {
        return request;
    }
    return privacy_request_inherited(r);
}

/** Make one in which everything is denied. */
privacy_request_t *privacy_request_deny(request_rec *r);

/** The same, but where there is none, one in which everything is denied; NULL only
 *  where the server enforces nothing. */
static inline privacy_request_t *privacy_request_need(request_rec *r)
{
    privacy_request_t *request = privacy_request_get(r);

    if (request != NULL || !privacy_server_config(r->server)->active) {
        return request;
    }
    return privacy_request_deny(r);
}

/** Take into account what r's directory says, which has not been met. */
void privacy_request_meet_directory(privacy_request_t *request, request_rec *r);

/** The same, unless it has; again, where r has become another one (DirectoryIndex,
 *  MultiViews), for which no other hook runs. */
static inline void privacy_request_meet(privacy_request_t *request, request_rec *r)
{
    if (request->directory != privacy_dir_setting(r->per_dir_config)) {
        privacy_request_meet_directory(request, r);
    }
}

/** What holds for the response that r sends. */
static inline privacy_setting_t privacy_request_setting(const privacy_request_t *request,
                                                        const request_rec *r)
{
    const privacy_setting_t *own = privacy_dir_setting(r->per_dir_config);

    if (request->directory == own) {
        return request->setting; /* which has met it */
    }
    return request->directory ? privacy_setting_stricter(request->setting, *own) : *own;
}

/** Decide again, by a record that was made just now. */
void privacy_request_redecide(request_rec *r, privacy_request_t *request,
                              const pv_record_t *record);

/** Hook: decide, and apply the virtual host's setting. Last in post_read_request. */
int privacy_post_read_request(request_rec *r);

/** Hook: apply the directory's setting, a subrequest's own too. First in
 *  post_perdir_config, which comes right before header_parser. */
int privacy_post_perdir_config(request_rec *r);

/** mod_proxy's optional hook: our headers again, after it dropped hop-by-hop ones. */
int privacy_proxy_fixups(request_rec *r);

/** Hook: in report, the environment is filled when the log is about to be written. */
int privacy_log_transaction(request_rec *r);

#endif /* PRIVACY_REQUEST_H */
