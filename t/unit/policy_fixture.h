/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file policy_fixture.h
 * @brief A site's declarations in few words, and sites drawn at random.
 *
 * What is made lives until site_end(). Each declaration stands on a line of its
 * own of site.conf, counted from 1.
 */

#ifndef POLICY_FIXTURE_H
#define POLICY_FIXTURE_H

#include <apr_general.h>
#include <apr_strings.h>

#include "cookie/pv_lifetime.h"
#include "policy/pv_policy.h"
#include "suite.h"

typedef struct {
    pv_declared_t *declared;
    apr_array_header_t *problems; /**< pv_problem_t, of the last site_compile() */
    apr_pool_t *pool;
    int line;
} site_t;

static apr_pool_t *site_root;

/** For suite_run(). */
static inline int site_setup(void **state)
{
    (void)state;
    return apr_initialize() != APR_SUCCESS || apr_pool_create(&site_root, NULL) != APR_SUCCESS;
}

static inline int site_teardown(void **state)
{
    (void)state;
    apr_pool_destroy(site_root);
    apr_terminate();
    return 0;
}

static inline site_t site_begin(void)
{
    site_t site = { NULL, NULL, NULL, 0 };

    if (apr_pool_create(&site.pool, site_root) != APR_SUCCESS) {
        abort();
    }
    site.declared = pv_declared_make(site.pool);
    site.problems = apr_array_make(site.pool, 4, sizeof(pv_problem_t));
    return site;
}

static inline void site_end(site_t *site)
{
    apr_pool_destroy(site->pool);
}

/** Where it stands, and into its list. */
static inline void site_add(site_t *site, pv_list_kind_t kind, pv_decl_t *decl, const char *name)
{
    decl->name = name;
    decl->file = "site.conf";
    decl->line = ++site->line;
    if (pv_declared_add(site->declared, kind, decl) != NULL) {
        abort();
    }
}

static inline pv_category_t *site_category(site_t *site, const char *name, pv_basis_t basis)
{
    pv_category_t *category = apr_pcalloc(site->pool, sizeof(*category));

    category->title = "Title";
    category->description = "Description";
    category->basis = basis;
    site_add(site, PV_LIST_CATEGORY, &category->decl, name);
    return category;
}

static inline pv_provider_t *site_provider(site_t *site, const char *name)
{
    pv_provider_t *provider = apr_pcalloc(site->pool, sizeof(*provider));

    provider->title = "Provider";
    site_add(site, PV_LIST_PROVIDER, &provider->decl, name);
    return provider;
}

static inline pv_cookie_t *site_pattern(site_t *site, pv_list_kind_t kind, const char *pattern,
                                        const char *category)
{
    pv_cookie_t *cookie = apr_pcalloc(site->pool, sizeof(*cookie));

    cookie->pattern = pv_pattern_kind(pattern);
    cookie->regex = (void *)(pattern + 1);
    cookie->category = category;
    cookie->lifetime = PV_LIFETIME_ANY;
    cookie->lifetime_text = "any";
    cookie->purpose = "Purpose";
    site_add(site, kind, &cookie->decl, pattern);
    return cookie;
}

static inline pv_cookie_t *site_cookie(site_t *site, const char *pattern, const char *category)
{
    return site_pattern(site, PV_LIST_COOKIE, pattern, category);
}

static inline pv_cookie_t *site_parameter(site_t *site, const char *pattern, const char *category)
{
    return site_pattern(site, PV_LIST_PARAMETER, pattern, category);
}

static inline pv_source_tracker_t *site_tracker(site_t *site, const char *source,
                                                const char *category)
{
    pv_source_tracker_t *tracker = apr_pcalloc(site->pool, sizeof(*tracker));
    const char *error;

    tracker->category = category;
    if (pv_tracker_parse(source, strlen(source), &tracker->source, &error, site->pool) != PV_OK) {
        abort();
    }
    site_add(site, PV_LIST_TRACKER, &tracker->decl, source);
    return tracker;
}

static inline pv_inline_tracker_t *site_inline(site_t *site, const char *text, const char *category)
{
    pv_inline_tracker_t *tracker = apr_pcalloc(site->pool, sizeof(*tracker));

    tracker->category = category;
    site_add(site, PV_LIST_INLINE_TRACKER, &tracker->decl, text);
    return tracker;
}

static inline pv_message_t *site_message(site_t *site, const char *name, const char *cookie)
{
    pv_message_t *message = apr_pcalloc(site->pool, sizeof(*message));

    message->cookie = cookie;
    message->lifetime = PV_SECONDS_YEAR;
    site_add(site, PV_LIST_MESSAGE, &message->decl, name);
    return message;
}

/** One that denies a single category. */
static inline pv_signal_t *site_signal(site_t *site, pv_signal_kind_t kind, const char *category,
                                       int final)
{
    pv_signal_t *signal = apr_pcalloc(site->pool, sizeof(*signal));
    apr_array_header_t *categories = apr_array_make(site->pool, 1, sizeof(const char *));

    APR_ARRAY_PUSH(categories, const char *) = category;
    signal->kind = kind;
    signal->categories = categories;
    signal->final = final;
    site_add(site, PV_LIST_SIGNAL, &signal->decl, kind == PV_SIGNAL_GPC ? "gpc" : "dnt");
    return signal;
}

/** One that maps a single category, and has a single cookie: a name or a glob. */
static inline pv_consent_source_t *site_source(site_t *site, const char *name, const char *category,
                                               const char *keys, const char *cookie)
{
    pv_consent_source_t *source = apr_pcalloc(site->pool, sizeof(*source));
    pv_consent_map_t map = { category, keys, NULL };
    apr_array_header_t *maps = apr_array_make(site->pool, 1, sizeof(map));
    apr_array_header_t *cookies = apr_array_make(site->pool, 1, sizeof(pv_cookie_t *));
    pv_cookie_t *own = apr_pcalloc(site->pool, sizeof(*own));

    APR_ARRAY_PUSH(maps, pv_consent_map_t) = map;
    own->decl.name = cookie;
    own->owner = PV_OWNER_SOURCE;
    own->pattern = pv_pattern_kind(cookie);
    own->lifetime = PV_LIFETIME_ANY;
    own->provider = name;
    APR_ARRAY_PUSH(cookies, pv_cookie_t *) = own;
    source->maps = maps;
    source->cookies = cookies;
    source->options = apr_array_make(site->pool, 1, sizeof(pv_consent_option_t));
    source->vary = apr_array_make(site->pool, 1, sizeof(const char *));
    site_add(site, PV_LIST_SOURCE, &source->decl, name);
    return source;
}

static inline pv_consent_cookie_t *site_consent_cookie(site_t *site, const char *name)
{
    pv_consent_cookie_t *cookie = apr_pcalloc(site->pool, sizeof(*cookie));

    cookie->decl.name = name;
    cookie->decl.file = "site.conf";
    cookie->decl.line = ++site->line;
    cookie->lifetime = 6 * PV_SECONDS_MONTH;
    cookie->samesite = "Lax";
    site->declared->consent_cookie = cookie;
    return cookie;
}

/** A "regex" here is a text that the name contains. */
static inline int site_match(void *regex, const char *name, apr_size_t len)
{
    apr_size_t text = strlen(regex);

    for (apr_size_t i = 0; i + text <= len; i++) {
        if (memcmp(name + i, regex, text) == 0) {
            return 1;
        }
    }
    return 0;
}

static inline pv_policy_t *site_compile(site_t *site)
{
    apr_array_clear(site->problems);
    return pv_policy_compile(site->declared, site_match, site->problems, site->pool);
}

/** Compile what must be sound. */
static inline pv_policy_t *site_sound(site_t *site)
{
    pv_policy_t *policy = site_compile(site);

    for (int i = 0; i < site->problems->nelts; i++) {
        const pv_problem_t *problem = &APR_ARRAY_IDX(site->problems, i, pv_problem_t);

        if (problem->fatal) {
            fail_msg("%s", problem->text);
        }
    }
    return policy;
}

/** A usual site: what it sets itself, what counts and advertises, what lasts only so long as it
 *  is granted; and a glob that has the name of the record in it. */
static inline site_t site_usual(void)
{
    site_t site = site_begin();

    site_category(&site, "essential", PV_BASIS_NECESSARY);
    site_category(&site, "analytics", PV_BASIS_OPT_IN);
    site_category(&site, "ads", PV_BASIS_OPT_IN);
    site_category(&site, "prefs", PV_BASIS_OPT_OUT)->denied_session = 1;
    site_cookie(&site, "sid", "essential")->lifetime = PV_LIFETIME_SESSION;
    site_cookie(&site, "cart", "essential");
    site_cookie(&site, "_ga", "analytics")->lifetime = 3600;
    site_cookie(&site, "_ga_*", "analytics");
    site_cookie(&site, "_fbp", "ads")->lifetime = 3600;
    site_cookie(&site, "~trk", "ads");
    site_cookie(&site, "theme", "prefs")->lifetime = 3600;
    site_cookie(&site, "privacy_*", "ads");
    site_message(&site, "news", "seen_news");
    return site;
}

/** A site whose cookies are set on any path and domain, with any prefix: all are advertising's
 *  but `sid` and `theme`. */
static inline site_t site_places(void)
{
    site_t site = site_begin();
    pv_cookie_t *cookie;

    site_category(&site, "essential", PV_BASIS_NECESSARY);
    site_category(&site, "ads", PV_BASIS_OPT_IN);
    site_category(&site, "prefs", PV_BASIS_OPT_OUT)->denied_session = 1;
    site_cookie(&site, "sid", "essential");
    site_cookie(&site, "theme", "prefs");
    site_cookie(&site, "_ga", "ads");
    site_cookie(&site, "n*", "ads");
    site_cookie(&site, "__Host-*", "ads")->path = "/shop";
    site_cookie(&site, "__host-*", "ads");
    site_cookie(&site, "__SECURE-*", "ads");
    site_cookie(&site, "_path", "ads")->path = "/shop";
    site_cookie(&site, "_root", "ads")->path = "/";
    site_cookie(&site, "_part", "ads")->partitioned = 1;
    site_cookie(&site, "_in", "ads")->domain = "a.test";
    site_cookie(&site, "_tld", "ads")->domain = "test";
    site_cookie(&site, "_out", "ads")->domain = "b.test";
    site_cookie(&site, "_tail", "ads")->domain = ".test";
    cookie = site_cookie(&site, "_all", "ads");
    cookie->path = "/x";
    cookie->domain = "test";
    cookie->partitioned = 1;
    return site;
}

/** A pattern over few letters, so that many match one name; regexes begin with ~. */
static inline const char *site_draw_pattern(site_t *site)
{
    static const char letters[] = "ab_*?";
    char *pattern = apr_pcalloc(site->pool, 8);
    unsigned len = 1 + draw(4), kind = draw(3);

    if (kind == 0) {
        *pattern = '~';
    }
    for (unsigned i = kind == 0; i <= len; i++) {
        pattern[i] = letters[draw(kind == 2 ? 5 : 3)];
    }
    return pattern;
}

/** Categories c0, c1, … of any basis, and patterns that overlap, some inherited. */
static inline site_t site_draw(unsigned categories, unsigned cookies)
{
    site_t site = site_begin();

    for (unsigned i = 0; i < categories; i++) {
        pv_category_t *category =
            site_category(&site, apr_psprintf(site.pool, "c%u", i), (pv_basis_t)draw(3));

        category->denied_session = draw(4) == 0;
    }
    for (unsigned i = 0; i < cookies; i++) {
        const char *pattern = site_draw_pattern(&site);

        if (pv_declared_find(site.declared, PV_LIST_COOKIE, pattern) == NULL) {
            const char *category = apr_psprintf(site.pool, "c%u", draw(categories));

            site_cookie(&site, pattern, category)->decl.inherited = (int)draw(2);
        }
    }
    return site;
}

#endif /* POLICY_FIXTURE_H */
