/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* The policy's digest, which keeps a cache from mixing two policies (C2): it
 * changes with every member of the policy, and begins with a letter. */

#include "policy_fixture.h"

/** How a member is changed. */
typedef enum {
    TEXT,   /**< const char * */
    INT,    /**< int or enum */
    LONG,   /**< apr_int64_t */
    DERIVED /**< follows from others, or says where it stands: not looked at */
} member_kind_t;

typedef struct {
    const char *title;
    pv_list_kind_t list;
    size_t offset;
    size_t size;
    member_kind_t kind;
} member_t;

#define MEMBER(list, type, member, kind)                                                           \
    {                                                                                              \
#type " " #member, list, offsetof(type, member), sizeof(((type *)0)->member), kind         \
    }
#define DECL(list, type, kind_of_inherited)                                                        \
    MEMBER(list, type, decl.name, TEXT), MEMBER(list, type, decl.file, DERIVED),                   \
        MEMBER(list, type, decl.line, DERIVED),                                                    \
        MEMBER(list, type, decl.inherited, kind_of_inherited)

static const member_t members[] = {
    DECL(PV_LIST_CATEGORY, pv_category_t, DERIVED),
    MEMBER(PV_LIST_CATEGORY, pv_category_t, title, TEXT),
    MEMBER(PV_LIST_CATEGORY, pv_category_t, description, TEXT),
    MEMBER(PV_LIST_CATEGORY, pv_category_t, basis, INT),
    MEMBER(PV_LIST_CATEGORY, pv_category_t, denied_session, INT),
    DECL(PV_LIST_PROVIDER, pv_provider_t, DERIVED),
    MEMBER(PV_LIST_PROVIDER, pv_provider_t, title, TEXT),
    MEMBER(PV_LIST_PROVIDER, pv_provider_t, notice, TEXT),
    MEMBER(PV_LIST_PROVIDER, pv_provider_t, optout, TEXT),
    DECL(PV_LIST_COOKIE, pv_cookie_t, INT), /* own patterns are asked first */
    MEMBER(PV_LIST_COOKIE, pv_cookie_t, owner, DERIVED),
    MEMBER(PV_LIST_COOKIE, pv_cookie_t, pattern, DERIVED),
    MEMBER(PV_LIST_COOKIE, pv_cookie_t, regex, DERIVED),
    MEMBER(PV_LIST_COOKIE, pv_cookie_t, category, TEXT),
    MEMBER(PV_LIST_COOKIE, pv_cookie_t, lifetime, LONG),
    MEMBER(PV_LIST_COOKIE, pv_cookie_t, lifetime_text, TEXT),
    MEMBER(PV_LIST_COOKIE, pv_cookie_t, purpose, TEXT),
    MEMBER(PV_LIST_COOKIE, pv_cookie_t, provider, TEXT),
    MEMBER(PV_LIST_COOKIE, pv_cookie_t, path, TEXT),
    MEMBER(PV_LIST_COOKIE, pv_cookie_t, domain, TEXT),
    MEMBER(PV_LIST_COOKIE, pv_cookie_t, partitioned, INT),
    MEMBER(PV_LIST_COOKIE, pv_cookie_t, category_index, DERIVED),
    MEMBER(PV_LIST_COOKIE, pv_cookie_t, plain, DERIVED),
    MEMBER(PV_LIST_COOKIE, pv_cookie_t, plain_name, DERIVED),
    MEMBER(PV_LIST_COOKIE, pv_cookie_t, prefix_len, DERIVED),
    DECL(PV_LIST_TRACKER, pv_source_tracker_t, DERIVED),
    MEMBER(PV_LIST_TRACKER, pv_source_tracker_t, source, DERIVED),
    MEMBER(PV_LIST_TRACKER, pv_source_tracker_t, category, TEXT),
    MEMBER(PV_LIST_TRACKER, pv_source_tracker_t, provider, TEXT),
    MEMBER(PV_LIST_TRACKER, pv_source_tracker_t, category_index, DERIVED),
    DECL(PV_LIST_INLINE_TRACKER, pv_inline_tracker_t, DERIVED),
    MEMBER(PV_LIST_INLINE_TRACKER, pv_inline_tracker_t, category, TEXT),
    MEMBER(PV_LIST_INLINE_TRACKER, pv_inline_tracker_t, provider, TEXT),
    MEMBER(PV_LIST_INLINE_TRACKER, pv_inline_tracker_t, category_index, DERIVED),
    DECL(PV_LIST_MESSAGE, pv_message_t, DERIVED),
    MEMBER(PV_LIST_MESSAGE, pv_message_t, until, INT),
    MEMBER(PV_LIST_MESSAGE, pv_message_t, cookie, TEXT),
    MEMBER(PV_LIST_MESSAGE, pv_message_t, lifetime, LONG),
    MEMBER(PV_LIST_MESSAGE, pv_message_t, template_file, TEXT),
    MEMBER(PV_LIST_MESSAGE, pv_message_t, expr_text, TEXT),
    MEMBER(PV_LIST_MESSAGE, pv_message_t, expr, DERIVED),
    MEMBER(PV_LIST_MESSAGE, pv_message_t, index, DERIVED),
};

/** Those of a parameter that count. */
static const member_t parameter_members[] = {
    MEMBER(PV_LIST_PARAMETER, pv_cookie_t, decl.name, TEXT),
    MEMBER(PV_LIST_PARAMETER, pv_cookie_t, decl.inherited, INT),
    MEMBER(PV_LIST_PARAMETER, pv_cookie_t, category, TEXT),
};

/** Two of everything, no member empty. */
static site_t full_site(void)
{
    site_t site = site_begin();
    pv_provider_t *provider;
    pv_cookie_t *cookie;

    site_category(&site, "one", PV_BASIS_OPT_IN);
    site_category(&site, "two", PV_BASIS_OPT_OUT);
    provider = site_provider(&site, "p1");
    provider->notice = "https://p1.example/notice";
    provider->optout = "https://p1.example/optout";
    site_provider(&site, "p2");
    cookie = site_cookie(&site, "_ga*", "one");
    cookie->lifetime = 3600;
    cookie->lifetime_text = "1h";
    cookie->provider = "p1";
    cookie->path = "/";
    cookie->domain = "site.test";
    site_cookie(&site, "_fbp", "two");
    site_tracker(&site, "t.example", "one")->provider = "p1";
    site_tracker(&site, "u.example", "one");
    site_inline(&site, "fbq(", "one")->provider = "p1";
    site_inline(&site, "gtag(", "one");
    site_parameter(&site, "gclid", "one");
    site_parameter(&site, "fbclid", "one");
    site_message(&site, "m1", "seen_m1");
    site_message(&site, "m2", "seen_m2");
    site_signal(&site, PV_SIGNAL_GPC, "one", 1);
    site_source(&site, "klaro", "one", "matomo", "klaro");
    site_consent_cookie(&site, "consent")->domain = "site.test";
    return site;
}

/* Every digest met, and what made it; no two may be equal. */

typedef struct {
    char digest[PV_DIGEST_LEN + 1];
    char title[80];
} met_t;

static met_t met[200];
static size_t met_count;

static void meet(site_t *site, const char *title, const char *how)
{
    const char *digest = site_compile(site)->digest;

    assert_true(met_count < COUNT(met));
    assert_int_equal(strlen(digest), PV_DIGEST_LEN);
    assert_int_equal(strspn(digest, "0123456789abcdef"), PV_DIGEST_LEN);
    assert_true(digest[0] >= 'a');
    apr_snprintf(met[met_count].title, sizeof(met[0].title), "%s %s", title, how);
    for (size_t i = 0; i < met_count; i++) {
        if (strcmp(met[i].digest, digest) == 0) {
            fail_msg("\"%s\" and \"%s\" have one digest", met[met_count].title, met[i].title);
        }
    }
    memcpy(met[met_count++].digest, digest, PV_DIGEST_LEN + 1);
    site_end(site);
}

static char *first_of(const site_t *site, const member_t *member)
{
    return (char *)APR_ARRAY_IDX(site->declared->list[member->list].all, 0, pv_decl_t *) +
           member->offset;
}

static void change(const member_t *member)
{
    site_t site = full_site();
    int is_name = member->kind == TEXT && member->offset == offsetof(pv_decl_t, name);

    if (member->kind == INT) {
        ++*(int *)first_of(&site, member);
        meet(&site, member->title, "one more");
    }
    else if (member->kind == LONG) {
        ++*(apr_int64_t *)first_of(&site, member);
        meet(&site, member->title, "one more");
        site = full_site();
        *(apr_int64_t *)first_of(&site, member) += APR_INT64_C(1) << 32;
        meet(&site, member->title, "2^32 more");
    }
    else {
        *(const char **)first_of(&site, member) = "changed";
        meet(&site, member->title, "another");
        if (!is_name) {
            site = full_site();
            *(const char **)first_of(&site, member) = "";
            meet(&site, member->title, "empty");
        }
    }
}

static void test_members(void **state)
{
    site_t site = full_site();

    (void)state;
    meet(&site, "as it is", "");
    for (size_t i = 0; i < COUNT(members); i++) {
        if (members[i].kind != DERIVED) {
            change(&members[i]);
        }
    }
    for (size_t i = 0; i < COUNT(parameter_members); i++) {
        change(&parameter_members[i]);
    }
    assert_true(met_count > 40);
}

/** A member that a struct gets has to be named above: no byte is left but padding. */
static void test_complete(void **state)
{
    static const struct {
        pv_list_kind_t list;
        size_t size;
    } structs[] = {
        { PV_LIST_CATEGORY, sizeof(pv_category_t) },
        { PV_LIST_PROVIDER, sizeof(pv_provider_t) },
        { PV_LIST_COOKIE, sizeof(pv_cookie_t) },
        { PV_LIST_TRACKER, sizeof(pv_source_tracker_t) },
        { PV_LIST_INLINE_TRACKER, sizeof(pv_inline_tracker_t) },
        { PV_LIST_MESSAGE, sizeof(pv_message_t) },
    };

    (void)state;
    for (size_t s = 0; s < COUNT(structs); s++) {
        size_t at = 0;

        for (size_t i = 0; i < COUNT(members); i++) {
            if (members[i].list == structs[s].list) {
                assert_in_range(members[i].offset, at, at + sizeof(int));
                at = members[i].offset + members[i].size;
            }
        }
        assert_in_range(structs[s].size, at, at + sizeof(int));
    }
}

/* What is no member of a declaration. */

static void version_date(site_t *site)
{
    site->declared->version_date = "2026-11-23";
}

static void version(site_t *site)
{
    site->declared->version = "2";
}

static void undeclared(site_t *site)
{
    site->declared->undeclared = PV_UNDECLARED_STRIP;
}

static void excess(site_t *site)
{
    site->declared->excess = PV_EXCESS_PASS;
}

static void record_name(site_t *site)
{
    site_consent_cookie(site, "choice")->domain = "site.test";
}

static void record_lifetime(site_t *site)
{
    pv_consent_cookie_t *cookie = site_consent_cookie(site, "consent");

    cookie->domain = "site.test";
    cookie->lifetime++;
}

static void record_domain(site_t *site)
{
    site_consent_cookie(site, "consent");
}

static void record_samesite(site_t *site)
{
    pv_consent_cookie_t *cookie = site_consent_cookie(site, "consent");

    cookie->domain = "site.test";
    cookie->samesite = "Strict";
}

static void signal_more(site_t *site)
{
    site_signal(site, PV_SIGNAL_GPC, "one", 0);
}

static void signal_other(site_t *site)
{
    site_signal(site, PV_SIGNAL_DNT, "one", 1);
}

static void signal_category(site_t *site)
{
    site_signal(site, PV_SIGNAL_GPC, "two", 1);
}

static pv_consent_source_t *source_of(site_t *site)
{
    return APR_ARRAY_IDX(site->declared->list[PV_LIST_SOURCE].all, 0, pv_consent_source_t *);
}

static void source_name(site_t *site)
{
    source_of(site)->decl.name = "govuk";
}

static void source_category(site_t *site)
{
    APR_ARRAY_IDX(source_of(site)->maps, 0, pv_consent_map_t).category = "two";
}

static void source_keys(site_t *site)
{
    APR_ARRAY_IDX(source_of(site)->maps, 0, pv_consent_map_t).keys = "youtube";
}

static void source_map(site_t *site)
{
    pv_consent_map_t map = { "two", "matomo", NULL };

    APR_ARRAY_PUSH((apr_array_header_t *)source_of(site)->maps, pv_consent_map_t) = map;
}

static void source_option(site_t *site)
{
    pv_consent_option_t option = { "cookie", "ours" };

    APR_ARRAY_PUSH((apr_array_header_t *)source_of(site)->options, pv_consent_option_t) = option;
}

static void source_refresh(site_t *site)
{
    source_of(site)->refresh = 86400;
}

static void source_domain(site_t *site)
{
    source_of(site)->refresh_domain = "site.test";
}

static void source_vary(site_t *site)
{
    APR_ARRAY_PUSH((apr_array_header_t *)source_of(site)->vary, const char *) = "X-Stats";
}

static void one_source_more(site_t *site)
{
    site_source(site, "klaro", "one", "matomo", "klaro");
}

static void one_category_more(site_t *site)
{
    site_category(site, "three", PV_BASIS_OPT_IN);
}

static void one_provider_more(site_t *site)
{
    site_provider(site, "p3");
}

static void one_cookie_more(site_t *site)
{
    site_cookie(site, "zzz", "one");
}

static void one_tracker_more(site_t *site)
{
    site_tracker(site, "zzz", "one");
}

static void one_inline_more(site_t *site)
{
    site_inline(site, "zzz", "one");
}

static void one_parameter_more(site_t *site)
{
    site_parameter(site, "zzz", "one");
}

static void one_message_more(site_t *site)
{
    site_message(site, "zzz", "one");
}

static void swap_categories(site_t *site)
{
    pv_decl_t **all = (pv_decl_t **)site->declared->list[PV_LIST_CATEGORY].all->elts;
    pv_decl_t *first = all[0];

    all[0] = all[1];
    all[1] = first;
}

static void move_text(site_t *site)
{
    pv_category_t *category =
        APR_ARRAY_IDX(site->declared->list[PV_LIST_CATEGORY].all, 0, pv_category_t *);

    category->title = "TitleDescription";
    category->description = "";
}

static void absent_text(site_t *site)
{
    APR_ARRAY_IDX(site->declared->list[PV_LIST_PROVIDER].all, 0, pv_provider_t *)->notice = NULL;
}

static void texts(site_t *site)
{
    site->declared->texts_digest = "0123456789abcdef";
}

static pv_page_place_t *page(site_t *site)
{
    pv_page_place_t *page = apr_pcalloc(site->pool, sizeof(*page));

    page->decl.name = "/privacy-preferences"; /* which is the default */
    site->declared->page = page;
    return page;
}

static void page_path(site_t *site)
{
    page(site)->decl.name = "/cookies";
}

static void page_clears(site_t *site)
{
    page(site)->clear_site_data = 1;
}

static void notice(site_t *site)
{
    site->declared->notice = "/notice";
}

static void languages(site_t *site)
{
    apr_array_header_t *all = apr_array_make(site->pool, 2, sizeof(const char *));

    APR_ARRAY_PUSH(all, const char *) = "en";
    APR_ARRAY_PUSH(all, const char *) = "fr";
    site->declared->languages = all;
}

static void mode(site_t *site, unsigned keys, int exempt)
{
    pv_consent_mode_t *mode = apr_pcalloc(site->pool, sizeof(*mode));
    apr_array_header_t *mappings = apr_array_make(site->pool, 1, sizeof(pv_mode_mapping_t));

    APR_ARRAY_PUSH(mappings, pv_mode_mapping_t) = (pv_mode_mapping_t){ "one", keys };
    mode->mappings = mappings;
    mode->exempt = exempt;
    site->declared->consent_mode = mode;
}

static void mode_key(site_t *site)
{
    mode(site, 1u << PV_MODE_ANALYTICS_STORAGE, 0);
}

static void mode_other_key(site_t *site)
{
    mode(site, 1u << PV_MODE_FUNCTIONALITY_STORAGE, 0);
}

static void mode_exempt(site_t *site)
{
    mode(site, 1u << PV_MODE_ANALYTICS_STORAGE, 1);
}

static const struct {
    const char *title;
    void (*change)(site_t *site);
} changes[] = {
    { "texts and templates", texts },
    { "the page's path", page_path },
    { "what the page clears", page_clears },
    { "the notice", notice },
    { "a second language", languages },
    { "a key of Consent Mode", mode_key },
    { "another key of Consent Mode", mode_other_key },
    { "Consent Mode's exemption", mode_exempt },
    { "version", version },
    { "version's date", version_date },
    { "undeclared", undeclared },
    { "excess", excess },
    { "consent cookie's name", record_name },
    { "consent cookie's lifetime", record_lifetime },
    { "consent cookie's domain", record_domain },
    { "consent cookie's samesite", record_samesite },
    { "a signal that is not final", signal_more },
    { "another signal", signal_other },
    { "a signal's category", signal_category },
    { "a source's name", source_name },
    { "a source's category", source_category },
    { "a source's keys", source_keys },
    { "a source's second category", source_map },
    { "a source's option", source_option },
    { "a source's refresh", source_refresh },
    { "a source's domain", source_domain },
    { "a source's vary", source_vary },
    { "one source more", one_source_more },
    { "one category more", one_category_more },
    { "one provider more", one_provider_more },
    { "one cookie more", one_cookie_more },
    { "one tracker more", one_tracker_more },
    { "one inline tracker more", one_inline_more },
    { "one parameter more", one_parameter_more },
    { "one message more", one_message_more },
    { "two categories swapped", swap_categories },
    { "text moved from one member to the next", move_text },
    { "a text that is absent, not empty", absent_text },
};

static void test_changes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(changes); i++) {
        site_t site = full_site();

        changes[i].change(&site);
        meet(&site, changes[i].title, "");
    }
}

/** Lists that look alike are different lists. */
static void test_lists(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        site_t site = site_begin();

        site_category(&site, "one", PV_BASIS_OPT_IN);
        if (i == 1) {
            site_tracker(&site, "t.example", "one");
        }
        else if (i == 2) {
            site_inline(&site, "t.example", "one");
        }
        else if (i == 3) {
            site_parameter(&site, "t.example", "one");
        }
        meet(&site, "one list", apr_itoa(site.pool, i));
    }
}

/** Where declarations stand, and when they are compiled, is no matter. */
static void test_same(void **state)
{
    site_t site = full_site(), moved = full_site();
    char digest[PV_DIGEST_LEN + 1];

    (void)state;
    for (int kind = 0; kind < PV_LISTS; kind++) {
        const apr_array_header_t *all = moved.declared->list[kind].all;

        for (int i = 0; i < all->nelts; i++) {
            APR_ARRAY_IDX(all, i, pv_decl_t *)->file = "other.conf";
            APR_ARRAY_IDX(all, i, pv_decl_t *)->line += 100;
        }
    }
    memcpy(digest, site_sound(&site)->digest, sizeof(digest));
    assert_string_equal(site_sound(&site)->digest, digest);
    assert_string_equal(site_sound(&moved)->digest, digest);
    site_end(&moved);
    site_end(&site);
}

int main(void)
{
    suite_add("C2 the digest changes with every member", test_members, NULL);
    suite_add("C2 and no member has been forgotten here", test_complete, NULL);
    suite_add("C2 the digest changes with the policy", test_changes, NULL);
    suite_add("C2 the digest tells lists apart", test_lists, NULL);
    suite_add("C2 the same policy has the same digest", test_same, NULL);
    return suite_run("digest", site_setup, site_teardown);
}
