/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* Declarations, and what a virtual host makes of those it inherits (directives:
 * replaced in place; own signals and sources replace inherited ones). */

#include "policy_fixture.h"

/*
 * Lists are words of names; what is merged shows `<` before what is inherited and
 * the line behind what stands there: the main server's are 1, 2, …, those of the
 * virtual host 101, 102, ….
 */
typedef struct {
    const char *title;
    const char *base;
    const char *add;
    const char *want;
} merge_case_t;

static const merge_case_t merge_cases[] = {
    { "nothing and nothing", "", "", "" },
    { "inherited alone", "a b", "", "<a1 <b2 " },
    { "own alone", "", "a b", "a101 b102 " },
    { "own stand behind inherited", "a b", "c d", "<a1 <b2 c101 d102 " },
    { "replaced in its place", "a b c", "b", "<a1 b101 <c3 " },
    { "replaced in the order inherited", "a b c", "c x a", "a103 <b2 c101 x102 " },
    { "all replaced", "a b", "b a", "a102 b101 " },
};

static const size_t sizes[PV_LISTS] = {
    [PV_LIST_CATEGORY] = sizeof(pv_category_t),
    [PV_LIST_PROVIDER] = sizeof(pv_provider_t),
    [PV_LIST_COOKIE] = sizeof(pv_cookie_t),
    [PV_LIST_TRACKER] = sizeof(pv_source_tracker_t),
    [PV_LIST_INLINE_TRACKER] = sizeof(pv_inline_tracker_t),
    [PV_LIST_PARAMETER] = sizeof(pv_cookie_t),
    [PV_LIST_MESSAGE] = sizeof(pv_message_t),
    [PV_LIST_SIGNAL] = sizeof(pv_signal_t),
    [PV_LIST_SOURCE] = sizeof(pv_consent_source_t),
};

/** Signals and sources are named after what they are about: all of them are kept. */
static int is_nameless(pv_list_kind_t kind)
{
    return kind == PV_LIST_SIGNAL || kind == PV_LIST_SOURCE;
}

/** One declaration of a kind, its bytes set to what only a whole copy has. */
static pv_decl_t *make_decl(site_t *site, pv_list_kind_t kind)
{
    pv_decl_t *decl = apr_palloc(site->pool, sizes[kind]);

    memset(decl, 0x5a, sizes[kind]);
    decl->inherited = 0;
    return decl;
}

static site_t declare(const char *words, pv_list_kind_t kind, int line)
{
    site_t site = site_begin();
    char *text = apr_pstrdup(site.pool, words), *last;

    site.line = line;
    for (char *word = apr_strtok(text, " ", &last); word; word = apr_strtok(NULL, " ", &last)) {
        site_add(&site, kind, make_decl(&site, kind), word);
    }
    return site;
}

static const char *show(const pv_declared_t *declared, pv_list_kind_t kind, apr_pool_t *pool)
{
    const apr_array_header_t *all = declared->list[kind].all;
    const char *shown = "";

    for (int i = 0; i < all->nelts; i++) {
        const pv_decl_t *decl = APR_ARRAY_IDX(all, i, const pv_decl_t *);

        shown = apr_psprintf(pool, "%s%s%s%d ", shown, decl->inherited ? "<" : "", decl->name,
                             decl->line);
        if (!is_nameless(kind)) {
            assert_ptr_equal(pv_declared_find(declared, kind, decl->name), decl);
        }
        for (size_t at = sizeof(*decl); at < sizes[kind]; at++) {
            assert_int_equal(((const unsigned char *)decl)[at], 0x5a);
        }
    }
    return shown;
}

static void test_merge(void **state)
{
    const merge_case_t *c = *state;

    for (int kind = 0; kind < PV_LISTS; kind++) {
        pv_list_kind_t k = (pv_list_kind_t)kind;
        site_t base = declare(c->base, k, 0), add = declare(c->add, k, 100);
        const char *base_shown = show(base.declared, k, base.pool);
        const char *add_shown = show(add.declared, k, add.pool);
        pv_declared_t *merged = pv_declared_merge(base.declared, add.declared, add.pool);

        if (!is_nameless(k)) {
            assert_string_equal(show(merged, k, add.pool), c->want);
        }
        else if (*c->add) {
            assert_string_equal(show(merged, k, add.pool), add_shown);
        }
        else {
            assert_string_equal(show(merged, k, add.pool), c->want);
        }
        /* Neither server's own policy is touched. */
        assert_string_equal(show(base.declared, k, base.pool), base_shown);
        assert_string_equal(show(add.declared, k, add.pool), add_shown);
        site_end(&add);
        site_end(&base);
    }
}

/** What is unset is inherited, each on its own. */
static void test_settings(void **state)
{
    (void)state;
    for (unsigned own = 0; own < 16; own++) {
        site_t base = site_begin(), add = site_begin();
        pv_declared_t *merged;

        base.declared->undeclared = PV_UNDECLARED_STRIP;
        base.declared->excess = PV_EXCESS_STRIP;
        base.declared->version = "base";
        base.declared->version_date = "2026-11-23";
        site_consent_cookie(&base, "base");
        if (own & 1) {
            add.declared->undeclared = PV_UNDECLARED_PASS;
        }
        if (own & 2) {
            add.declared->excess = PV_EXCESS_PASS;
        }
        if (own & 4) {
            add.declared->version = "add";
        }
        if (own & 8) {
            site_consent_cookie(&add, "add");
        }
        merged = pv_declared_merge(base.declared, add.declared, add.pool);
        assert_int_equal(merged->undeclared, own & 1 ? PV_UNDECLARED_PASS : PV_UNDECLARED_STRIP);
        assert_int_equal(merged->excess, own & 2 ? PV_EXCESS_PASS : PV_EXCESS_STRIP);
        assert_string_equal(merged->version, own & 4 ? "add" : "base");
        /* A date belongs to its version. */
        assert_true((merged->version_date == NULL) == ((own & 4) != 0));
        assert_string_equal(merged->consent_cookie->decl.name, own & 8 ? "add" : "base");
        site_end(&add);
        site_end(&base);
    }
}

static void test_add(void **state)
{
    (void)state;
    for (int kind = 0; kind < PV_LISTS; kind++) {
        pv_list_kind_t k = (pv_list_kind_t)kind;
        site_t site = declare("a b", k, 0);
        pv_decl_t *again = make_decl(&site, k);
        const pv_decl_t *first = pv_declared_find(site.declared, k, "a");

        again->name = "a";
        assert_int_equal(first->line, 1);
        if (is_nameless(k)) {
            assert_null(pv_declared_add(site.declared, k, again));
            assert_int_equal(site.declared->list[k].all->nelts, 3);
        }
        else {
            assert_ptr_equal(pv_declared_add(site.declared, k, again), first);
            assert_int_equal(site.declared->list[k].all->nelts, 2);
            assert_ptr_equal(pv_declared_find(site.declared, k, "a"), first);
        }
        assert_null(pv_declared_find(site.declared, k, "c"));
        assert_null(pv_declared_find(site.declared, (pv_list_kind_t)((kind + 1) % PV_LISTS), "a"));
        site_end(&site);
    }
}

static void test_nearest(void **state)
{
    site_t site = declare("analytics essential", PV_LIST_CATEGORY, 0);
    const pv_declared_t *declared = site.declared;

    (void)state;
    assert_string_equal(pv_declared_nearest(declared, PV_LIST_CATEGORY, "analitycs", site.pool),
                        "analytics");
    assert_string_equal(pv_declared_nearest(declared, PV_LIST_CATEGORY, "esential", site.pool),
                        "essential");
    assert_null(pv_declared_nearest(declared, PV_LIST_CATEGORY, "marketing", site.pool));
    assert_null(pv_declared_nearest(declared, PV_LIST_PROVIDER, "analytics", site.pool));
    site_end(&site);
}

int main(void)
{
    suite_table(merge_cases, test_merge);
    suite_add("what is unset is inherited", test_settings, NULL);
    suite_add("the same name again", test_add, NULL);
    suite_add("the nearest name of its kind", test_nearest, NULL);
    return suite_run("declare", site_setup, site_teardown);
}
