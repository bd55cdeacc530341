/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file pv_view.h
 * @brief Page, banner and state for one visitor: the policy and what is decided,
 *        written into the templates, or as JSON.
 */

#ifndef PV_VIEW_H
#define PV_VIEW_H

#include "consent/pv_consent.h"
#include "page/pv_page.h"

/** A cookie that the browser holds. */
typedef struct {
    const pv_cookie_t *cookie;
    pv_span_t name;
} pv_kept_t;

/** What is known of the visitor. */
typedef struct {
    const pv_policy_t *policy;
    const pv_page_t *page;
    int language; /**< index into page->languages */
    const pv_consent_t *consent;
    const pv_record_t *record; /**< what the browser presented, or NULL */
    const pv_kept_t *held;
    int held_count;
    pv_span_t back;     /**< where a choice leads back to; empty: nowhere */
    pv_set_t withdrawn; /**< what was granted until just now */
    int report;         /**< nothing is enforced */
    int saved;          /**< a choice was sent just now */
} pv_view_t;

/** The preferences page. NUL-terminated, on pool, as all of these are. */
pv_span_t pv_view_page(const pv_view_t *view, apr_pool_t *pool);

/** The same as JSON, documented in docs/page.md. */
pv_span_t pv_view_json(const pv_view_t *view, apr_pool_t *pool);

/** A message that pv_page_shows(): add its markup. */
void pv_view_message(const pv_view_t *view, const pv_message_t *message, pv_text_t *out);

/** What is said in the banner's place when the choice has been saved: add its markup. */
void pv_view_confirmation(const pv_view_t *view, const pv_message_t *message, pv_text_t *out);

/**
 * What stands for content that is held back.
 * @param provider NULL if none is declared for it
 */
pv_span_t pv_view_placeholder(const pv_view_t *view, const pv_category_t *category,
                              const pv_provider_t *provider, apr_pool_t *pool);

/** The script that tells Google's tags the decision, its name below PrivacyPage and
 *  its text: `consent-KEYS-DIGEST.js`, KEYS being pv_policy_mode() in hexadecimal. */
void pv_view_mode_script(unsigned keys, pv_asset_t *asset, apr_pool_t *pool);

#endif /* PV_VIEW_H */
