/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "policy/pv_digest.h"

#include <apr_sha1.h>
#include <apr_strings.h>

/** One field of the digest; NULL and "" differ, and so do "a","b" and "ab","". */
static void digest_text(apr_sha1_ctx_t *sha, const char *text)
{
    if (text != NULL) {
        apr_sha1_update(sha, "=", 1);
        apr_sha1_update(sha, text, (unsigned)strlen(text));
    }
    apr_sha1_update_binary(sha, (const unsigned char *)"", 1);
}

static void digest_number(apr_sha1_ctx_t *sha, apr_int64_t number)
{
    char text[24];

    apr_snprintf(text, sizeof(text), "%" APR_INT64_T_FMT, number);
    digest_text(sha, text);
}

/** Where a list begins: two of the same fields are not the same list. */
static const apr_array_header_t *digest_list(apr_sha1_ctx_t *sha, const pv_declared_t *declared,
                                             pv_list_kind_t kind)
{
    digest_number(sha, kind);
    digest_number(sha, declared->list[kind].all->nelts);
    return declared->list[kind].all;
}

static void digest_record(apr_sha1_ctx_t *sha, const pv_consent_cookie_t *cookie)
{
    digest_text(sha, cookie->decl.name);
    digest_number(sha, cookie->lifetime);
    digest_text(sha, cookie->domain);
    digest_text(sha, cookie->samesite);
}

static void digest_cookie(apr_sha1_ctx_t *sha, const pv_cookie_t *cookie)
{
    digest_text(sha, cookie->decl.name);
    digest_number(sha, cookie->decl.inherited); /* own patterns are asked first */
    digest_text(sha, cookie->category);
    digest_number(sha, cookie->lifetime);
    digest_text(sha, cookie->lifetime_text);
    digest_text(sha, cookie->purpose);
    digest_text(sha, cookie->provider);
    digest_text(sha, cookie->path);
    digest_text(sha, cookie->domain);
    digest_number(sha, cookie->partitioned);
}

static void digest_trackers(apr_sha1_ctx_t *sha, const pv_declared_t *declared)
{
    const apr_array_header_t *all = digest_list(sha, declared, PV_LIST_TRACKER);

    for (int i = 0; i < all->nelts; i++) {
        const pv_source_tracker_t *tracker = APR_ARRAY_IDX(all, i, const pv_source_tracker_t *);

        digest_text(sha, tracker->decl.name);
        digest_text(sha, tracker->category);
        digest_text(sha, tracker->provider);
    }
    all = digest_list(sha, declared, PV_LIST_INLINE_TRACKER);
    for (int i = 0; i < all->nelts; i++) {
        const pv_inline_tracker_t *tracker = APR_ARRAY_IDX(all, i, const pv_inline_tracker_t *);

        digest_text(sha, tracker->decl.name);
        digest_text(sha, tracker->category);
        digest_text(sha, tracker->provider);
    }
    all = digest_list(sha, declared, PV_LIST_PARAMETER);
    for (int i = 0; i < all->nelts; i++) {
        const pv_cookie_t *parameter = APR_ARRAY_IDX(all, i, const pv_cookie_t *);

        digest_text(sha, parameter->decl.name);
        digest_number(sha, parameter->decl.inherited);
        digest_text(sha, parameter->category);
    }
}

static void digest_categories(apr_sha1_ctx_t *sha, const pv_declared_t *declared)
{
    const apr_array_header_t *all = digest_list(sha, declared, PV_LIST_CATEGORY);

    for (int i = 0; i < all->nelts; i++) {
        const pv_category_t *category = APR_ARRAY_IDX(all, i, const pv_category_t *);

        digest_text(sha, category->decl.name);
        digest_number(sha, category->basis);
        digest_number(sha, category->denied_session);
        digest_text(sha, category->title);
        digest_text(sha, category->description);
    }
}

static void digest_providers(apr_sha1_ctx_t *sha, const pv_declared_t *declared)
{
    const apr_array_header_t *all = digest_list(sha, declared, PV_LIST_PROVIDER);

    for (int i = 0; i < all->nelts; i++) {
        const pv_provider_t *provider = APR_ARRAY_IDX(all, i, const pv_provider_t *);

        digest_text(sha, provider->decl.name);
        digest_text(sha, provider->title);
        digest_text(sha, provider->notice);
        digest_text(sha, provider->optout);
    }
}

static void digest_messages(apr_sha1_ctx_t *sha, const pv_declared_t *declared)
{
    const apr_array_header_t *all = digest_list(sha, declared, PV_LIST_MESSAGE);

    for (int i = 0; i < all->nelts; i++) {
        const pv_message_t *message = APR_ARRAY_IDX(all, i, const pv_message_t *);

        digest_text(sha, message->decl.name);
        digest_number(sha, message->until);
        digest_text(sha, message->cookie);
        digest_number(sha, message->lifetime);
        digest_text(sha, message->template_file);
        digest_text(sha, message->expr_text);
    }
}

static void digest_sources(apr_sha1_ctx_t *sha, const pv_declared_t *declared)
{
    const apr_array_header_t *all = digest_list(sha, declared, PV_LIST_SOURCE);

    for (int i = 0; i < all->nelts; i++) {
        const pv_consent_source_t *source = APR_ARRAY_IDX(all, i, const pv_consent_source_t *);

        digest_text(sha, source->decl.name);
        digest_number(sha, source->maps->nelts);
        for (int j = 0; j < source->maps->nelts; j++) {
            digest_text(sha, APR_ARRAY_IDX(source->maps, j, pv_consent_map_t).category);
            digest_text(sha, APR_ARRAY_IDX(source->maps, j, pv_consent_map_t).keys);
        }
        digest_number(sha, source->options->nelts);
        for (int j = 0; j < source->options->nelts; j++) {
            digest_text(sha, APR_ARRAY_IDX(source->options, j, pv_consent_option_t).name);
            digest_text(sha, APR_ARRAY_IDX(source->options, j, pv_consent_option_t).value);
        }
        digest_number(sha, source->refresh);
        digest_text(sha, source->refresh_domain);
        digest_number(sha, source->vary->nelts);
        for (int j = 0; j < source->vary->nelts; j++) {
            digest_text(sha, APR_ARRAY_IDX(source->vary, j, const char *));
        }
    }
}

static void digest_page(apr_sha1_ctx_t *sha, const pv_policy_t *policy,
                        const pv_declared_t *declared)
{
    digest_text(sha, policy->page->decl.name);
    digest_number(sha, policy->page->clear_site_data);
    digest_text(sha, policy->notice);
    digest_number(sha, policy->language_count);
    for (int i = 0; i < policy->language_count; i++) {
        digest_text(sha, policy->languages[i]);
    }
    digest_text(sha, declared->texts_digest);
    digest_number(sha, policy->consent_mode != NULL);
    for (int key = 0; policy->consent_mode != NULL && key < PV_MODE_KEYS; key++) {
        digest_number(sha, (apr_int64_t)policy->mode_needs[key]);
    }
    digest_number(sha, policy->consent_mode != NULL && policy->consent_mode->exempt);
}

/** All that what is sent may depend on, so that no cache mixes two policies. */
static void digest_policy(apr_sha1_ctx_t *sha, const pv_policy_t *policy,
                          const pv_declared_t *declared)
{
    const apr_array_header_t *cookies;

    digest_text(sha, policy->version);
    digest_text(sha, policy->version_date);
    digest_number(sha, policy->undeclared);
    digest_number(sha, policy->excess);
    digest_record(sha, policy->consent_cookie);
    digest_categories(sha, declared);
    digest_providers(sha, declared);
    cookies = digest_list(sha, declared, PV_LIST_COOKIE);
    for (int i = 0; i < cookies->nelts; i++) {
        digest_cookie(sha, APR_ARRAY_IDX(cookies, i, const pv_cookie_t *));
    }
    digest_trackers(sha, declared);
    digest_messages(sha, declared);
    digest_sources(sha, declared);
    for (int i = 0; i < PV_SIGNALS; i++) {
        digest_number(sha, (apr_int64_t)policy->signals[i].denies);
        digest_number(sha, (apr_int64_t)policy->signals[i].denies_finally);
    }
    digest_page(sha, policy, declared);
}

void pv_digest_make(const pv_policy_t *policy, const pv_declared_t *declared, char *digest)
{
    static const char hex[] = "0123456789abcdef";
    unsigned char sum[APR_SHA1_DIGESTSIZE];
    apr_sha1_ctx_t sha;

    apr_sha1_init(&sha);
    digest_policy(&sha, policy, declared);
    apr_sha1_final(sum, &sha);
    /* A bare item of RFC 8941 that begins with a digit is a number. */
    digest[0] = hex[10 + sum[PV_DIGEST_LEN] % 6];
    for (int i = 1; i < PV_DIGEST_LEN; i++) {
        digest[i] = hex[sum[i] & 15];
    }
    digest[PV_DIGEST_LEN] = '\0';
}
