/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "policy/pv_policy.h"

#include <stdarg.h>

#include <apr_lib.h>
#include <apr_strings.h>

#include "cookie/pv_lifetime.h"
#include "cookie/pv_set_cookie.h"
#include "policy/pv_digest.h"
#include "policy/pv_nearest.h"

#define NAME_MAX_LEN 32

/** The consent cookie of a policy that names none. */
static const pv_consent_cookie_t default_consent_cookie = {
    .decl = { .name = "privacy_consent" },
    .lifetime = 6 * PV_SECONDS_MONTH,
    .samesite = "Lax",
};

static const pv_page_place_t default_page = { .decl = { .name = "/privacy-preferences" } };

static const char *const default_languages[] = { "en" };

/** What compiling works with. */
typedef struct {
    const pv_declared_t *declared;
    pv_policy_t *policy;
    apr_array_header_t *problems;
    apr_pool_t *pool;
} compile_t;

static void report(compile_t *c, int fatal, const pv_decl_t *decl, const char *format, ...)
{
    pv_problem_t *problem = apr_array_push(c->problems);
    va_list args;

    problem->file = decl ? decl->file : NULL;
    problem->line = decl ? decl->line : 0;
    problem->fatal = fatal;
    va_start(args, format);
    problem->text = apr_pvsprintf(c->pool, format, args);
    va_end(args);
}

/** "; did you mean 'x'?" or nothing. */
static const char *hint(compile_t *c, pv_list_kind_t kind, const char *name)
{
    const char *nearest = pv_declared_nearest(c->declared, kind, name, c->pool);

    return nearest ? apr_psprintf(c->pool, "; did you mean '%s'?", nearest) : "";
}

const char *pv_policy_name_error(const char *name)
{
    static const char *const reserved[] = {
        "v", "p", "t", "g", "final", "cookie", "vendor", "refresh", "vary", "not-applicable"
    };
    apr_size_t len = strlen(name);

    if (len == 0 || len > NAME_MAX_LEN || name[0] < 'a' || name[0] > 'z' ||
        strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") != len) {
        return "a name is 1 to 32 of a-z, 0-9, _ and -, and begins with a letter";
    }
    for (apr_size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
        if (strcmp(name, reserved[i]) == 0) {
            return "the name is reserved, for the keys of the consent record (v p t g) and "
                   "option names (final cookie vendor refresh vary not-applicable)";
        }
    }
    return NULL;
}

int pv_policy_category(const pv_policy_t *policy, pv_span_t name)
{
    for (int i = 0; i < policy->category_count; i++) {
        const char *known = policy->categories[i]->decl.name;

        if (strlen(known) == name.len && memcmp(known, name.ptr, name.len) == 0) {
            return i;
        }
    }
    return -1;
}

const pv_message_t *pv_policy_message(const pv_policy_t *policy, pv_span_t name)
{
    for (int i = 0; i < policy->message_count; i++) {
        const char *known = policy->messages[i]->decl.name;

        if (strlen(known) == name.len && memcmp(known, name.ptr, name.len) == 0) {
            return policy->messages[i];
        }
    }
    return NULL;
}

/** The index of a category that a declaration names; reports an unknown one. */
static int need_category(compile_t *c, const char *directive, const pv_decl_t *decl,
                         const char *name)
{
    int index = pv_policy_category(c->policy, pv_span(name, strlen(name)));

    if (index < 0) {
        report(c, 1, decl, "%s %s: no PrivacyCategory '%s' is declared%s", directive, decl->name,
               name, hint(c, PV_LIST_CATEGORY, name));
    }
    return index;
}

/** Report a provider that is named but not declared. */
static void check_provider(compile_t *c, const char *directive, const pv_decl_t *decl,
                           const char *name)
{
    if (name != NULL && !pv_declared_find(c->declared, PV_LIST_PROVIDER, name)) {
        report(c, 1, decl, "%s %s: no PrivacyProvider '%s' is declared%s", directive, decl->name,
               name, hint(c, PV_LIST_PROVIDER, name));
    }
}

/** Whether two names differ in - and _ alone, and so give one environment variable. */
static int same_variable(const char *a, const char *b)
{
    for (; *a && *b; a++, b++) {
        if ((*a == '-' ? '_' : *a) != (*b == '-' ? '_' : *b)) {
            return 0;
        }
    }
    return *a == *b;
}

static void compile_categories(compile_t *c)
{
    const apr_array_header_t *all = c->declared->list[PV_LIST_CATEGORY].all;
    pv_policy_t *policy = c->policy;

    policy->categories = (const pv_category_t **)all->elts;
    policy->category_count = all->nelts;
    if (all->nelts > PV_CATEGORIES_MAX) {
        report(c, 1, &policy->categories[PV_CATEGORIES_MAX]->decl,
               "PrivacyCategory %s: at most %d categories can be declared",
               policy->categories[PV_CATEGORIES_MAX]->decl.name, PV_CATEGORIES_MAX);
        policy->category_count = PV_CATEGORIES_MAX;
    }
    for (int i = 0; i < policy->category_count; i++) {
        const pv_category_t *category = policy->categories[i];
        pv_set_t *by_basis[] = { &policy->necessary, &policy->opt_in, &policy->opt_out };

        *by_basis[category->basis] |= PV_BIT(i);
        if (category->denied_session) {
            policy->denied_session |= PV_BIT(i);
        }
        if (category->denied_session && category->basis == PV_BASIS_OPT_IN) {
            report(c, 0, &category->decl,
                   "PrivacyCategory %s: denied=session keeps denied cookies until the browser "
                   "closes, and a session cookie needs consent too",
                   category->decl.name);
        }
        for (int j = 0; j < i; j++) {
            if (same_variable(policy->categories[j]->decl.name, category->decl.name)) {
                report(c, 1, &category->decl,
                       "PrivacyCategory %s: differs from '%s' in - and _ alone",
                       category->decl.name, policy->categories[j]->decl.name);
            }
        }
    }
}

/** A record that is not read again would ask the visitor for ever. */
static void check_record_size(compile_t *c)
{
    const pv_policy_t *policy = c->policy;
    apr_size_t size = sizeof("v=1&p=&t=999999999999&g=1") - 1 + strlen(policy->version);

    for (int i = 0; i < policy->category_count; i++) {
        const pv_decl_t *decl = &policy->categories[i]->decl;

        size += (pv_policy_on_offer(policy) & PV_BIT(i)) ? strlen(decl->name) + 3 : 0;
        if (size > PV_RECORD_MAX) {
            report(c, 1, decl,
                   "PrivacyCategory %s: the names of the categories on offer up to this one make "
                   "the consent cookie longer than %d bytes",
                   decl->name, PV_RECORD_MAX);
            return;
        }
    }
}

static void compile_signals(compile_t *c)
{
    const apr_array_header_t *all = c->declared->list[PV_LIST_SIGNAL].all;

    for (int i = 0; i < all->nelts; i++) {
        const pv_signal_t *signal = APR_ARRAY_IDX(all, i, const pv_signal_t *);
        pv_signal_effect_t *effect = &c->policy->signals[signal->kind];

        for (int j = 0; j < signal->categories->nelts; j++) {
            const char *name = APR_ARRAY_IDX(signal->categories, j, const char *);
            int index = need_category(c, "PrivacySignal", &signal->decl, name);

            if (index < 0) {
                continue;
            }
            if (c->policy->necessary & PV_BIT(index)) {
                report(c, 1, &signal->decl,
                       "PrivacySignal %s: '%s' is necessary and cannot be denied",
                       signal->decl.name, name);
            }
            *(signal->final ? &effect->denies_finally : &effect->denies) |= PV_BIT(index);
        }
    }
}

/** A source's mapping of something that is no category. */
static void report_no_category(compile_t *c, const pv_decl_t *decl, const char *name)
{
    static const char *const options[] = { "cookie", "vendor",         "refresh",
                                           "vary",   "not-applicable", NULL };
    const char *text = hint(c, PV_LIST_CATEGORY, name);
    const char *option = pv_nearest(name, options);

    if (*text == '\0' && option != NULL) {
        text = apr_psprintf(c->pool, "; did you mean the option '%s='?", option);
    }
    report(c, 1, decl, "PrivacyConsentSource %s: no PrivacyCategory '%s' is declared%s", decl->name,
           name, text);
}

static void compile_sources(compile_t *c)
{
    const apr_array_header_t *all = c->declared->list[PV_LIST_SOURCE].all;

    c->policy->sources = (const pv_consent_source_t **)all->elts;
    c->policy->source_count = all->nelts;
    for (int i = 0; i < all->nelts; i++) {
        const pv_consent_source_t *source = c->policy->sources[i];

        for (int j = 0; j < source->maps->nelts; j++) {
            const char *name = APR_ARRAY_IDX(source->maps, j, pv_consent_map_t).category;
            int index = pv_policy_category(c->policy, pv_span(name, strlen(name)));

            if (index < 0) {
                report_no_category(c, &source->decl, name);
            }
            else if (c->policy->necessary & PV_BIT(index)) {
                report(c, 1, &source->decl,
                       "PrivacyConsentSource %s: '%s' is necessary, and nobody is asked about it",
                       source->decl.name, name);
            }
        }
    }
}

static void compile_consent_mode(compile_t *c)
{
    const pv_consent_mode_t *mode = c->declared->consent_mode;

    c->policy->consent_mode = mode;
    for (int i = 0; mode != NULL && i < mode->mappings->nelts; i++) {
        const pv_mode_mapping_t *mapping = &APR_ARRAY_IDX(mode->mappings, i, pv_mode_mapping_t);
        int index = need_category(c, "PrivacyConsentMode", &mode->decl, mapping->category);

        for (int key = 0; index >= 0 && key < PV_MODE_KEYS; key++) {
            if (mapping->keys >> key & 1) {
                c->policy->mode_needs[key] |= PV_BIT(index);
            }
        }
    }
}

unsigned pv_policy_mode(const pv_policy_t *policy, pv_set_t granted)
{
    unsigned keys = 1u << PV_MODE_SECURITY_STORAGE;

    for (int key = 0; key < PV_MODE_KEYS; key++) {
        pv_set_t needs = policy->mode_needs[key];

        if (needs != 0 && (needs & ~granted) == 0) {
            keys |= 1u << key;
        }
    }
    return keys;
}

apr_int64_t pv_policy_record_lifetime(const pv_policy_t *policy, pv_set_t denied)
{
    apr_int64_t lifetime = policy->consent_cookie->lifetime;

    return (denied & policy->opt_out) && lifetime < PV_SECONDS_YEAR ? PV_SECONDS_YEAR : lifetime;
}

static void compile_page(compile_t *c)
{
    const pv_declared_t *declared = c->declared;
    pv_policy_t *policy = c->policy;

    policy->page = declared->page ? declared->page : &default_page;
    policy->notice = declared->notice;
    policy->languages = default_languages;
    policy->language_count = 1;
    if (declared->languages != NULL) {
        policy->languages = (const char *const *)declared->languages->elts;
        policy->language_count = declared->languages->nelts;
    }
}

/** Add a cookie of the module's own to those that are looked up. */
static void own_cookie(compile_t *c, apr_array_header_t *cookies, pv_owner_t owner,
                       const char *name, const pv_decl_t *decl)
{
    const pv_cookie_t *site =
        (const pv_cookie_t *)pv_declared_find(c->declared, PV_LIST_COOKIE, name);
    pv_cookie_t *own = apr_pcalloc(c->pool, sizeof(*own));

    if (site != NULL && site->pattern == PV_PATTERN_EXACT) {
        report(c, 1, &site->decl,
               "PrivacyCookie %s: this is the module's own cookie (of %s), which is always "
               "necessary and not declared",
               name, owner == PV_OWNER_RECORD ? "PrivacyConsentCookie" : "a PrivacyMessage");
    }
    for (int i = 0; i < cookies->nelts; i++) {
        const pv_cookie_t *other = APR_ARRAY_IDX(cookies, i, pv_cookie_t *);

        if (other->owner != PV_OWNER_SITE && strcmp(other->decl.name, name) == 0) {
            report(c, 1, decl,
                   "PrivacyMessage %s: its cookie '%s' is already used by another message or the "
                   "consent cookie",
                   decl->name, name);
        }
    }
    own->decl = *decl;
    own->decl.name = name;
    own->owner = owner;
    own->lifetime = PV_LIFETIME_ANY;
    own->category_index = -1;
    APR_ARRAY_PUSH(cookies, pv_cookie_t *) = own;
}

/** Whether a source's pattern matches the name. */
static int is_of_source(const pv_cookie_t *source, const char *name)
{
    if (source->pattern == PV_PATTERN_GLOB) {
        return pv_glob_match(pv_span(source->decl.name, strlen(source->decl.name)),
                             pv_span(name, strlen(name)));
    }
    return strcmp(source->decl.name, name) == 0;
}

/** Add a cookie of a consent source to those that are looked up (rule D5). No
 *  declaration and no cookie of the module's own may have its name. */
static void source_cookie(compile_t *c, apr_array_header_t *cookies, pv_cookie_t *cookie)
{
    for (int i = 0; i < cookies->nelts; i++) {
        const pv_cookie_t *other = APR_ARRAY_IDX(cookies, i, pv_cookie_t *);

        if (other->owner == PV_OWNER_SOURCE || other->pattern != PV_PATTERN_EXACT ||
            !is_of_source(cookie, other->decl.name)) {
            continue;
        }
        report(c, 1, &other->decl,
               "%s%s: this is a consent manager's cookie (of PrivacyConsentSource %s), which is "
               "always necessary and not declared",
               other->owner == PV_OWNER_SITE ? "PrivacyCookie " : "The module's own cookie ",
               other->decl.name, cookie->provider);
    }
    cookie->category_index = -1;
    APR_ARRAY_PUSH(cookies, pv_cookie_t *) = cookie;
}

/** Find what need not be asked again for each cookie that is expired. */
static void find_plain(pv_cookie_t *cookie)
{
    pv_span_t name = pv_span(cookie->decl.name, strlen(cookie->decl.name));

    cookie->plain = cookie->path == NULL && cookie->domain == NULL && !cookie->partitioned;
    cookie->plain_name = cookie->pattern == PV_PATTERN_EXACT && pv_set_cookie_can_name(name) &&
                         !pv_set_cookie_has_prefix(name, "__Host-") &&
                         !pv_set_cookie_has_prefix(name, "__Secure-");
}

static void compile_cookies(compile_t *c, pv_regex_match_t match)
{
    const apr_array_header_t *all = c->declared->list[PV_LIST_COOKIE].all;
    apr_array_header_t *cookies = apr_array_copy(c->pool, all);

    c->policy->cookies = (const pv_cookie_t **)all->elts;
    c->policy->cookie_count = all->nelts;
    for (int i = 0; i < all->nelts; i++) {
        pv_cookie_t *cookie = APR_ARRAY_IDX(all, i, pv_cookie_t *);

        cookie->category_index = need_category(c, "PrivacyCookie", &cookie->decl, cookie->category);
        find_plain(cookie);
        check_provider(c, "PrivacyCookie", &cookie->decl, cookie->provider);
    }
    own_cookie(c, cookies, PV_OWNER_RECORD, c->policy->consent_cookie->decl.name,
               &c->policy->consent_cookie->decl);
    for (int i = 0; i < c->policy->message_count; i++) {
        const pv_message_t *message = c->policy->messages[i];

        own_cookie(c, cookies, PV_OWNER_MESSAGE, message->cookie, &message->decl);
    }
    for (int i = 0; i < c->policy->source_count; i++) {
        const apr_array_header_t *own = c->policy->sources[i]->cookies;

        for (int j = 0; j < own->nelts; j++) {
            source_cookie(c, cookies, APR_ARRAY_IDX(own, j, pv_cookie_t *));
        }
    }
    c->policy->own = (const pv_cookie_t **)cookies->elts + all->nelts;
    c->policy->own_count = cookies->nelts - all->nelts;
    c->policy->names = pv_names_make(cookies, match, c->pool);
}

static void compile_trackers(compile_t *c)
{
    const apr_array_header_t *all = c->declared->list[PV_LIST_TRACKER].all;
    pv_tracker_t *sources = apr_palloc(c->pool, ((apr_size_t)all->nelts + 1) * sizeof(*sources));

    for (int i = 0; i < all->nelts; i++) {
        pv_source_tracker_t *tracker = APR_ARRAY_IDX(all, i, pv_source_tracker_t *);

        tracker->category_index =
            need_category(c, "PrivacyTracker", &tracker->decl, tracker->category);
        check_provider(c, "PrivacyTracker", &tracker->decl, tracker->provider);
        sources[i] = tracker->source;
        sources[i].owner = tracker;
    }
    c->policy->tracker_count = all->nelts;
    c->policy->trackers = pv_tracker_table_make(sources, (apr_size_t)all->nelts, c->pool);
    for (int i = 0; i < all->nelts; i++) {
        if (sources[i].twin != NULL) {
            const pv_source_tracker_t *tracker = sources[i].owner;
            const pv_source_tracker_t *twin = sources[i].twin->owner;

            report(c, 1, &tracker->decl,
                   "PrivacyTracker %s: is the same source as %s on line %d of %s",
                   tracker->decl.name, twin->decl.name, twin->decl.line, twin->decl.file);
        }
    }
}

static void compile_inline_trackers(compile_t *c)
{
    const apr_array_header_t *all = c->declared->list[PV_LIST_INLINE_TRACKER].all;

    for (int i = 0; i < all->nelts; i++) {
        pv_inline_tracker_t *tracker = APR_ARRAY_IDX(all, i, pv_inline_tracker_t *);

        tracker->category_index =
            need_category(c, "PrivacyInlineTracker", &tracker->decl, tracker->category);
        check_provider(c, "PrivacyInlineTracker", &tracker->decl, tracker->provider);
    }
    c->policy->inline_trackers = (const pv_inline_tracker_t **)all->elts;
    c->policy->inline_tracker_count = all->nelts;
}

static void compile_parameters(compile_t *c)
{
    const apr_array_header_t *all = c->declared->list[PV_LIST_PARAMETER].all;

    for (int i = 0; i < all->nelts; i++) {
        pv_cookie_t *parameter = APR_ARRAY_IDX(all, i, pv_cookie_t *);

        parameter->category_index =
            need_category(c, "PrivacyParameter", &parameter->decl, parameter->category);
    }
    if (all->nelts > 0) {
        c->policy->parameters = pv_names_make(all, NULL, c->pool);
    }
}

pv_policy_t *pv_policy_compile(const pv_declared_t *declared, pv_regex_match_t match,
                               apr_array_header_t *problems, apr_pool_t *pool)
{
    pv_policy_t *policy = apr_pcalloc(pool, sizeof(*policy));
    compile_t c = { declared, policy, problems, pool };

    policy->undeclared = declared->undeclared ? declared->undeclared : PV_UNDECLARED_PASS;
    policy->excess = declared->excess ? declared->excess : PV_EXCESS_CAP;
    policy->version = declared->version ? declared->version : "1";
    policy->version_date = declared->version_date;
    policy->consent_cookie =
        declared->consent_cookie ? declared->consent_cookie : &default_consent_cookie;
    policy->providers = (const pv_provider_t **)declared->list[PV_LIST_PROVIDER].all->elts;
    policy->provider_count = declared->list[PV_LIST_PROVIDER].all->nelts;
    policy->messages = (const pv_message_t **)declared->list[PV_LIST_MESSAGE].all->elts;
    policy->message_count = declared->list[PV_LIST_MESSAGE].all->nelts;
    for (int i = 0; i < policy->message_count; i++) {
        APR_ARRAY_IDX(declared->list[PV_LIST_MESSAGE].all, i, pv_message_t *)->index = i;
    }
    compile_categories(&c);
    check_record_size(&c);
    compile_signals(&c);
    compile_sources(&c);
    compile_cookies(&c, match);
    compile_trackers(&c);
    compile_inline_trackers(&c);
    compile_parameters(&c);
    compile_consent_mode(&c);
    compile_page(&c);
    pv_digest_make(policy, declared, policy->digest);
    return policy;
}
