/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "page/pv_view.h"

#include <apr_strings.h>

#include "page/pv_own.h"

/** Written by hand: the policy's texts may be in any encoding, and what is written
 *  has to be UTF-8 all the same. */
typedef struct {
    pv_text_t text;
    int first; /**< nothing stands in the innermost object or array yet */
} json_t;

static void raw(json_t *json, const char *bytes)
{
    pv_text_add(&json->text, bytes, strlen(bytes));
}

static void quoted(json_t *json, pv_span_t value)
{
    raw(json, "\"");
    pv_text_add_json(&json->text, value);
    raw(json, "\"");
}

/** What stands in front of a value: a comma, and its name in an object. */
static void before(json_t *json, const char *name)
{
    if (!json->first) {
        raw(json, ",");
    }
    json->first = 0;
    if (name != NULL) {
        quoted(json, pv_span(name, strlen(name)));
        raw(json, ":");
    }
}

static void begin(json_t *json, const char *name, const char *bracket)
{
    before(json, name);
    raw(json, bracket);
    json->first = 1;
}

static void end(json_t *json, const char *bracket)
{
    raw(json, bracket);
    json->first = 0;
}

static void put_text(json_t *json, const char *name, const char *value)
{
    before(json, name);
    if (value == NULL) {
        raw(json, "null");
    }
    else {
        quoted(json, pv_span(value, strlen(value)));
    }
}

static void put_flag(json_t *json, const char *name, int on)
{
    before(json, name);
    raw(json, on ? "true" : "false");
}

static void put_number(json_t *json, const char *name, apr_int64_t number)
{
    char text[24];

    apr_snprintf(text, sizeof(text), "%" APR_INT64_T_FMT, number);
    before(json, name);
    raw(json, text);
}

/** Names of categories. */
static void put_set(json_t *json, const char *name, const pv_policy_t *policy, pv_set_t set)
{
    begin(json, name, "[");
    for (int i = 0; i < policy->category_count; i++) {
        if (set & PV_BIT(i)) {
            put_text(json, NULL, policy->categories[i]->decl.name);
        }
    }
    end(json, "]");
}

static void put_signals(json_t *json, const pv_view_t *view)
{
    static const char *const names[PV_SIGNALS] = { "gpc", "dnt" };

    begin(json, "signals", "[");
    for (int i = 0; i < PV_SIGNALS; i++) {
        const pv_signal_effect_t *effect = &view->policy->signals[i];

        if (!(effect->denies | effect->denies_finally)) {
            continue;
        }
        begin(json, NULL, "{");
        put_text(json, "name", names[i]);
        put_flag(json, "present", view->consent->signals >> i & 1);
        put_set(json, "denies", view->policy, effect->denies);
        put_set(json, "final", view->policy, effect->denies_finally);
        end(json, "}");
    }
    end(json, "]");
}

static void put_provider(json_t *json, const pv_view_t *view, const char *name)
{
    const pv_policy_t *policy = view->policy;

    for (int i = 0; name != NULL && i < policy->provider_count; i++) {
        const pv_provider_t *provider = policy->providers[i];

        if (strcmp(provider->decl.name, name) == 0) {
            begin(json, "provider", "{");
            put_text(json, "title", provider->title);
            put_text(json, "notice", provider->notice);
            put_text(json, "optout", provider->optout);
            end(json, "}");
            return;
        }
    }
    put_text(json, "provider", NULL);
}

static void put_held(json_t *json, const pv_view_t *view, const pv_cookie_t *cookie)
{
    begin(json, "held", "[");
    for (int i = 0; i < view->held_count; i++) {
        if (view->held[i].cookie == cookie) {
            before(json, NULL);
            quoted(json, view->held[i].name);
        }
    }
    end(json, "]");
}

static void put_cookie(json_t *json, const pv_view_t *view, const pv_cookie_t *cookie,
                       apr_pool_t *pool)
{
    const pv_words_t *words = view->page->editions[view->language].words;

    begin(json, NULL, "{");
    put_text(json, "name", cookie->decl.name);
    put_text(json, "lifetime", cookie->lifetime_text);
    put_text(json, "lifetime_text", pv_words_lifetime(words, cookie->lifetime, pool));
    put_text(json, "purpose", cookie->purpose);
    put_provider(json, view, cookie->provider);
    put_held(json, view, cookie);
    end(json, "}");
}

/** The cookies that are not the site's to declare. */
static void put_own(json_t *json, const pv_view_t *view, apr_pool_t *pool)
{
    const pv_words_t *words = view->page->editions[view->language].words;

    begin(json, "own", "[");
    for (int i = 0; i < view->policy->own_count; i++) {
        pv_own_t own = pv_own_describe(view->policy, words, view->policy->own[i], pool);

        begin(json, NULL, "{");
        put_text(json, "name", own.cookie->decl.name);
        put_text(json, "lifetime_text", own.lifetime);
        put_text(json, "purpose", own.purpose);
        put_text(json, "provider", own.provider);
        put_held(json, view, own.cookie);
        end(json, "}");
    }
    end(json, "]");
}

/** Who or what has decided on a category. */
static const char *decided_by(const pv_view_t *view, int index)
{
    const pv_consent_t *consent = view->consent;
    pv_set_t bit = PV_BIT(index);
    pv_set_t denies = 0, finally = 0;

    for (int i = 0; i < PV_SIGNALS; i++) {
        if (consent->signals >> i & 1) {
            denies |= view->policy->signals[i].denies;
            finally |= view->policy->signals[i].denies_finally;
        }
    }
    if (view->policy->necessary & bit) {
        return "necessary";
    }
    if (finally & bit) {
        return "signal";
    }
    if (consent->settled & bit) {
        return "source";
    }
    if (consent->chosen & bit) {
        return "visitor";
    }
    return (denies & bit) && !(consent->granted & bit) ? "signal" : "default";
}

static void put_category(json_t *json, const pv_view_t *view, int index, apr_pool_t *pool)
{
    static const char *const bases[] = { "necessary", "opt-in", "opt-out" };
    const pv_policy_t *policy = view->policy;
    const pv_category_t *category = policy->categories[index];
    pv_set_t bit = PV_BIT(index);

    begin(json, NULL, "{");
    put_text(json, "name", category->decl.name);
    put_text(json, "title", category->title);
    put_text(json, "description", category->description);
    put_text(json, "basis", bases[category->basis]);
    put_flag(json, "granted", (view->consent->granted & bit) != 0);
    put_flag(json, "withdrawn", (view->withdrawn & bit) != 0);
    put_text(json, "decided_by", decided_by(view, index));
    begin(json, "cookies", "[");
    for (int i = 0; i < policy->cookie_count; i++) {
        if (policy->cookies[i]->category_index == index) {
            put_cookie(json, view, policy->cookies[i], pool);
        }
    }
    end(json, "]");
    end(json, "}");
}

static void put_mode(json_t *json, const pv_view_t *view)
{
    unsigned keys = pv_policy_mode(view->policy, view->consent->granted);

    if (view->policy->consent_mode == NULL) {
        put_text(json, "consent_mode", NULL);
        return;
    }
    begin(json, "consent_mode", "{");
    for (int key = 0; key < PV_MODE_KEYS; key++) {
        put_text(json, pv_mode_key_names[key], (keys >> key & 1) ? "granted" : "denied");
    }
    end(json, "}");
}

pv_span_t pv_view_json(const pv_view_t *view, apr_pool_t *pool)
{
    const pv_policy_t *policy = view->policy;
    json_t json = { .text = { .pool = pool }, .first = 1 };
    int current = view->record != NULL && view->record->current;

    begin(&json, NULL, "{");
    put_text(&json, "version", policy->version);
    put_text(&json, "date", policy->version_date);
    put_text(&json, "policy", policy->digest);
    put_text(&json, "language", view->page->languages[view->language]);
    put_flag(&json, "enforced", !view->report);
    put_text(&json, "notice", policy->notice);
    if (current) {
        put_number(&json, "decided", view->record->time);
    }
    else {
        put_text(&json, "decided", NULL);
    }
    put_signals(&json, view);
    begin(&json, "categories", "[");
    for (int i = 0; i < policy->category_count; i++) {
        put_category(&json, view, i, pool);
    }
    end(&json, "]");
    put_own(&json, view, pool);
    put_mode(&json, view);
    end(&json, "}");
    raw(&json, "\n");
    return pv_text_done(&json.text);
}
