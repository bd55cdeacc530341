/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "httpd/privacy_holder.h"

#include <apr_strings.h>

#include "httpd/privacy_page.h"

/** By what name an element is held that its author labels with no category of ours. */
#define UNKNOWN "unknown"

/** What follows a held frame. */
typedef struct placeholder_t {
    const pv_provider_t *provider; /**< or NULL */
    const char *category;
    pv_span_t text;
    struct placeholder_t *next;
} placeholder_t;

/** Remember who it was, for the note and the placeholder. */
static void remember(privacy_holder_t *holder, const char *source, const char *provider)
{
    const pv_policy_t *policy = holder->request->server->policy;

    holder->source = source;
    holder->provider = NULL;
    for (int i = 0; provider != NULL && i < policy->provider_count; i++) {
        if (strcmp(policy->providers[i]->decl.name, provider) == 0) {
            holder->provider = policy->providers[i];
        }
    }
}

/** What a URL is relative to: the document, or its <base href>. */
static const pv_tracker_base_t *base_of(privacy_holder_t *holder, pv_span_t href)
{
    const pv_tracker_table_t *trackers = holder->request->server->policy->trackers;
    pv_url_t url;

    if (href.ptr == NULL) {
        return &holder->document.base;
    }
    if (holder->base_href != NULL &&
        pv_span_eq(href, pv_span(holder->base_href, holder->base_len))) {
        return &holder->base;
    }
    /* A page has one base that counts; the copy lives as long as what is read from it. */
    holder->base_href = apr_pstrmemdup(holder->r->pool, href.ptr, href.len);
    holder->base_len = href.len;
    if (pv_url_read(holder->base_href, href.len, &holder->document.url, holder->base_room, &url) !=
            PV_OK ||
        url.scheme == PV_URL_OTHER) {
        /* As the standard falls back, for data: and javascript: too; against others of that
         * kind nothing can be read, or nothing that loads. */
        url = holder->document.url;
    }
    pv_tracker_base_set(trackers, &url, &holder->base);
    return &holder->base;
}

/** Whether Google's own tag scripts may load, to be told the denial themselves. */
static int exempts_tags(const pv_policy_t *policy)
{
    return policy->consent_mode != NULL && policy->consent_mode->exempt;
}

/** Whether a source is where Google's tag scripts come from: gtag.js and Tag Manager,
 *  which listen to Consent Mode. */
static int is_google_tag(const pv_tracker_t *tracker)
{
    return pv_span_eq(tracker->host, PV_SPAN("www.googletagmanager.com")) ||
           pv_span_eq(tracker->host, PV_SPAN("googletagmanager.com"));
}

/** Whether an inline script with this text is the one that loads them. */
static int loads_google_tag(const char *text)
{
    return strstr(text, "googletagmanager.com/g") != NULL || strcmp(text, "gtm.start") == 0;
}

static const char *judge_url(void *ctx, const pv_load_t *load)
{
    privacy_holder_t *holder = ctx;
    const pv_tracker_t *tracker =
        pv_tracker_resolve(holder->request->server->policy->trackers, base_of(holder, load->base),
                           load->url.ptr, load->url.len);
    const pv_source_tracker_t *declared;
    const char *category;

    if (tracker == NULL || (load->tag == PV_TAG_SCRIPT && is_google_tag(tracker) &&
                            exempts_tags(holder->request->server->policy))) {
        return NULL;
    }
    declared = tracker->owner;
    category = privacy_url_denied(holder->request, declared->category_index);
    if (category != NULL) {
        remember(holder, declared->decl.name, declared->provider);
    }
    return category;
}

/** Whether a text is in another. */
static int contains(pv_span_t text, const char *part)
{
    apr_size_t len = strlen(part);
    const char *p = text.ptr;
    const char *end = text.ptr + text.len;

    while ((apr_size_t)(end - p) >= len &&
           (p = memchr(p, *part, (apr_size_t)(end - p) - len + 1)) != NULL) {
        if (memcmp(p, part, len) == 0) {
            return 1;
        }
        p++;
    }
    return 0;
}

static const char *judge_inline(void *ctx, pv_span_t text)
{
    privacy_holder_t *holder = ctx;
    const pv_policy_t *policy = holder->request->server->policy;

    for (int i = 0; i < policy->inline_tracker_count; i++) {
        const pv_inline_tracker_t *tracker = policy->inline_trackers[i];
        const char *category = privacy_url_denied(holder->request, tracker->category_index);

        if (category != NULL && contains(text, tracker->decl.name) &&
            !(exempts_tags(policy) && loads_google_tag(tracker->decl.name))) {
            remember(holder, tracker->decl.name, tracker->provider);
            return category;
        }
    }
    return NULL;
}

/** The first category that is denied: what cannot be read is held for it. */
static const char *judge_doubt(void *ctx)
{
    privacy_holder_t *holder = ctx;
    const pv_policy_t *policy = holder->request->server->policy;

    for (int i = 0; i < policy->category_count; i++) {
        const char *category = privacy_url_denied(holder->request, i);

        if (category != NULL) {
            return category;
        }
    }
    return NULL;
}

static pv_label_e judge_label(void *ctx, pv_span_t name, const char **category)
{
    privacy_holder_t *holder = ctx;
    const pv_policy_t *policy = holder->request->server->policy;
    int index = pv_policy_category(policy, name);

    if (index < 0) {
        *category = UNKNOWN;
        return PV_LABEL_HELD;
    }
    if (policy->necessary & PV_BIT(index)) {
        return PV_LABEL_EXEMPT;
    }
    *category = privacy_url_denied(holder->request, index);
    return *category ? PV_LABEL_HELD : PV_LABEL_NONE;
}

static pv_span_t placeholder(void *ctx, const pv_held_t *held)
{
    privacy_holder_t *holder = ctx;

    const pv_provider_t *provider = held->why == PV_HELD_URL ? holder->provider : NULL;
    placeholder_t *made;

    /* A page may have any number of frames, and their texts are few (rule H5). */
    for (made = holder->placeholders; made != NULL; made = made->next) {
        if (made->provider == provider && strcmp(made->category, held->category) == 0) {
            return made->text;
        }
    }
    made = apr_palloc(holder->r->pool, sizeof(*made));
    made->provider = provider;
    made->category = apr_pstrdup(holder->r->pool, held->category);
    made->text = privacy_page_placeholder(holder->r, holder->request, held->category, provider);
    made->next = holder->placeholders;
    holder->placeholders = made;
    return made->text;
}

static void held(void *ctx, const pv_held_t *what)
{
    privacy_holder_t *holder = ctx;
    int known = what->why == PV_HELD_URL || what->why == PV_HELD_TEXT;
    const char *name = known && holder->source != NULL ? holder->source : what->category;
    pv_span_t span = pv_span(name, strlen(name));

    if (holder->names != NULL && strstr(holder->names->text, name) != NULL) {
        return; /* the same again, as pages do */
    }
    holder->names = privacy_names_add(holder->names, span, 0, holder->r->pool);
    privacy_names_note(holder->names, holder->r, PRIVACY_NOTE_HELD);
}

privacy_holder_t *privacy_holder_make(request_rec *r, privacy_request_t *request)
{
    privacy_holder_t *holder = apr_pcalloc(r->pool, sizeof(*holder));

    holder->r = r;
    holder->request = request;
    holder->calls.judge_url = judge_url;
    holder->calls.judge_inline = judge_inline;
    holder->calls.judge_doubt = judge_doubt;
    holder->calls.judge_label = judge_label;
    holder->calls.placeholder = placeholder;
    holder->calls.held = held;
    privacy_url_document(r, request, &holder->document);
    return holder;
}
