/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* From a cookie-name to its declaration: exact, then globs (own before inherited,
 * the longest prefix, of equals the first), then regexes (directives, D5). */

#include "guard.h"
#include "policy_fixture.h"

#define X10(x) x x x x x x x x x x
#define A60    X10("aaaaaa")

/* Patterns in order of declaration; one that is inherited begins with `<`. */
typedef struct {
    const char *title;
    const char *patterns[6];
    const char *name;
    const char *want;
} order_case_t;

static const order_case_t order_cases[] = {
    { "exact", { "_ga", "_gid" }, "_gid", "_gid" },
    { "nothing matches", { "_ga", "_gid*" }, "sid", NULL },
    { "exact is whole", { "_ga" }, "_gat", NULL },
    { "exact is not a beginning", { "_gat" }, "_ga", NULL },
    { "D3 case matters", { "_ga", "_g*" }, "_GA", NULL },
    { "D3 case matters behind a wildcard", { "_ga_*x", "?GA" }, "_ga_1X", NULL },
    { "exact before glob", { "_g*", "~_ga", "_ga" }, "_ga", "_ga" },
    { "inherited exact before own glob", { "_g*", "<_ga" }, "_ga", "<_ga" },
    { "glob before regex", { "~_ga", "_g*" }, "_ga", "_g*" },
    { "inherited glob before own regex", { "~_ga", "<_g*" }, "_ga", "<_g*" },
    { "the longest prefix", { "_*", "_ga_*", "_g*" }, "_ga_1", "_ga_*" },
    { "the longest prefix that matches", { "_*", "_ga_*z", "_g*" }, "_ga_1", "_g*" },
    { "prefix before wildcards' number", { "_g????", "_ga*" }, "_ga_12", "_ga*" },
    { "what stands behind the wildcard counts not",
      { "_ga*", "_g*_consent" },
      "_ga_consent",
      "_ga*" },
    { "of equal prefixes the first", { "_ga*", "_ga?*" }, "_gat", "_ga*" },
    { "of equal prefixes the first, turned round", { "_ga?*", "_ga*" }, "_gat", "_ga?*" },
    { "of equal prefixes the first that matches", { "_ga?*", "_ga*" }, "_ga", "_ga*" },
    { "own glob before inherited", { "<_ga*", "_*" }, "_gat", "_*" },
    { "own glob before inherited of equal prefix", { "<_ga?", "_ga*" }, "_gat", "_ga*" },
    { "own glob before inherited, if it matches", { "<_ga*", "_*x" }, "_gat", "<_ga*" },
    { "of inherited globs the longest prefix", { "<_*", "<_g*" }, "_ga", "<_g*" },
    { "a glob without prefix", { "*_ga" }, "x_ga", "*_ga" },
    { "a glob without prefix comes last", { "*", "_*" }, "_ga", "_*" },
    { "own without prefix before inherited with", { "<_ga*", "*" }, "_ga", "*" },
    { "several without prefix, the first", { "?ga", "*" }, "_ga", "?ga" },
    { "several without prefix, the first that matches", { "?gx", "*a", "*" }, "_ga", "*a" },
    { "first regex", { "~g", "~_g", "~_ga" }, "_ga", "~g" },
    { "first regex that matches", { "~x", "~_g", "~_ga" }, "_ga", "~_g" },
    { "own regex before inherited", { "<~g", "~_ga" }, "_ga", "~_ga" },
    { "a glob is whole", { "_ga_?" }, "_ga_12", NULL },
    { "* is nothing, too", { "_ga*" }, "_ga", "_ga*" },
    { "? is one byte", { "_ga?" }, "_ga", NULL },
    { "the name is shorter than the prefix", { "_ga_*" }, "_ga", NULL },
    { "a name longer than what is hashed", { A60 "aaaa*", A60 "aa*" }, A60 "aaaab", A60 "aaaa*" },
    { "63 bytes of prefix and 64", { A60 "aaa*", A60 "aaaa*" }, A60 "aaaab", A60 "aaaa*" },
    { "64 bytes of prefix do not match", { A60 "aaa*", A60 "aaac*" }, A60 "aaab", A60 "aaa*" },
    { "200 bytes of prefix", { A60 "*", A60 A60 A60 "*" }, A60 A60 A60 "b", A60 A60 A60 "*" },
    { "199 of 200", { A60 "*", A60 A60 A60 "*" }, A60 A60 "b", A60 "*" },
};

/** Declares a pattern of these tables. */
static void declare(site_t *site, const char *pattern)
{
    const char *name = pattern + (*pattern == '<');

    site_cookie(site, name, "c")->decl.inherited = *pattern == '<';
}

static void test_order(void **state)
{
    const order_case_t *c = *state;
    site_t site = site_begin();
    const char *name = guard_copy(c->name, strlen(c->name));
    const pv_cookie_t *found;
    const pv_policy_t *policy;

    site_category(&site, "c", PV_BASIS_OPT_IN);
    for (size_t i = 0; i < COUNT(c->patterns) && c->patterns[i] != NULL; i++) {
        declare(&site, c->patterns[i]);
    }
    policy = site_sound(&site);
    found = pv_names_find(policy->names, pv_span(name, strlen(c->name)));
    if (c->want == NULL) {
        assert_null(found);
    }
    else {
        assert_non_null(found);
        assert_string_equal(found->decl.name, c->want + (*c->want == '<'));
        assert_int_equal(found->decl.inherited, *c->want == '<');
    }
    guard_free();
    site_end(&site);
}

/** Whether a glob matches, from its definition. */
static int matches(const char *glob, const char *name, size_t len)
{
    if (*glob == '\0') {
        return len == 0;
    }
    if (*glob == '*') {
        return matches(glob + 1, name, len) || (len > 0 && matches(glob, name + 1, len - 1));
    }
    return len > 0 && (*glob == '?' || *glob == *name) && matches(glob + 1, name + 1, len - 1);
}

/** The number's digits as letters; the first digits count most. */
static void spell(unsigned number, const char *letters, char *word)
{
    unsigned base = (unsigned)strlen(letters);

    for (; number > 0; number = (number - 1) / base) {
        *word++ = letters[(number - 1) % base];
    }
    *word = '\0';
}

static void test_every_glob(void **state)
{
    unsigned yes = 0, no = 0;

    (void)state;
    for (unsigned g = 0; g <= 4 + 16 + 64 + 256 + 1024; g++) {
        char glob[8];

        spell(g, "ab*?", glob);
        for (unsigned n = 0; n <= 2 + 4 + 8 + 16; n++) {
            char name[8], *exact;
            int want;

            spell(n, "ab", name);
            exact = malloc(strlen(name) + 1);
            memcpy(exact, name, strlen(name));
            want = matches(glob, name, strlen(name));
            assert_int_equal(
                pv_glob_match(pv_span(glob, strlen(glob)), pv_span(exact, strlen(name))), want);
            free(exact);
            *(want ? &yes : &no) += 1;
        }
    }
    assert_true(yes > 5000 && no > 5000);
}

/** Which of two declarations is asked first, from the words of the directive. */
static int before(const pv_cookie_t *a, const pv_cookie_t *b)
{
    if (a->pattern != b->pattern) {
        return a->pattern < b->pattern; /* exact, glob, regex */
    }
    if (a->decl.inherited != b->decl.inherited) {
        return b->decl.inherited;
    }
    if (a->pattern == PV_PATTERN_GLOB) {
        size_t a_prefix = strcspn(a->decl.name, "*?"), b_prefix = strcspn(b->decl.name, "*?");

        if (a_prefix != b_prefix) {
            return a_prefix > b_prefix;
        }
    }
    return a->decl.line < b->decl.line;
}

static const pv_cookie_t *find_slowly(const site_t *site, const char *name, size_t len)
{
    const apr_array_header_t *all = site->declared->list[PV_LIST_COOKIE].all;
    const pv_cookie_t *best = NULL;

    for (int i = 0; i < all->nelts; i++) {
        const pv_cookie_t *cookie = APR_ARRAY_IDX(all, i, const pv_cookie_t *);
        const char *pattern = cookie->decl.name;
        int found = *pattern == '~' ? site_match((void *)(pattern + 1), name, len)
                                    : matches(pattern, name, len);

        if (found && (best == NULL || before(cookie, best))) {
            best = cookie;
        }
    }
    return best;
}

static void test_any_policy(void **state)
{
    unsigned kinds[3] = { 0, 0, 0 }, none = 0;

    (void)state;
    for (int i = 0; i < 300; i++) {
        site_t site = site_draw(3, draw(20));
        const pv_policy_t *policy = site_sound(&site);

        for (unsigned n = 0; n <= 3 + 9 + 27 + 81; n++) {
            char name[8];
            const pv_cookie_t *want;
            pv_span_t span;

            spell(n, "ab_", name);
            span = pv_span(guard_copy(name, strlen(name)), strlen(name));
            want = find_slowly(&site, span.ptr, span.len);
            assert_ptr_equal(pv_names_find(policy->names, span), want);
            *(want ? &kinds[want->pattern] : &none) += 1;
        }
        site_end(&site);
    }
    guard_free();
    assert_true(kinds[0] > 500 && kinds[1] > 500 && kinds[2] > 500 && none > 500);
}

/** Of many, each is found, and nothing else: every length of name and of prefix. */
static void test_many(void **state)
{
    site_t site = site_begin();
    const pv_policy_t *policy;

    (void)state;
    site_category(&site, "c", PV_BASIS_OPT_IN);
    for (int i = 0; i < 3000; i++) {
        site_cookie(&site, apr_psprintf(site.pool, "%0*d", 1 + i % 40, i), "c");
        site_cookie(&site, apr_psprintf(site.pool, "g%0*d_*", 1 + i % 70, i), "c");
    }
    policy = site_sound(&site);
    for (int i = 0; i < 3000; i++) {
        char name[100];
        const pv_cookie_t *found;

        apr_snprintf(name, sizeof(name), "%0*d", 1 + i % 40, i);
        found = pv_names_find(policy->names, pv_span(name, strlen(name)));
        assert_non_null(found);
        assert_string_equal(found->decl.name, name);
        name[0] = 'x';
        assert_null(pv_names_find(policy->names, pv_span(name, strlen(name))));
        apr_snprintf(name, sizeof(name), "g%0*d_12", 1 + i % 70, i);
        found = pv_names_find(policy->names, pv_span(name, strlen(name)));
        assert_non_null(found);
        assert_int_equal(strlen(found->decl.name), strlen(name) - 1);
        assert_memory_equal(found->decl.name, name, strlen(name) - 2);
        assert_null(pv_names_find(policy->names, pv_span(name, strlen(name) - 3)));
    }
    site_end(&site);
}

/** Bytes that no directive can write are bytes of a name. */
static void test_odd_names(void **state)
{
    static const char nul[] = "_ga\0x";
    site_t site = site_begin();
    const pv_policy_t *policy;

    (void)state;
    site_category(&site, "c", PV_BASIS_OPT_IN);
    site_cookie(&site, "_ga", "c");
    site_cookie(&site, "\xff?", "c");
    policy = site_sound(&site);
    assert_null(pv_names_find(policy->names, pv_span(nul, 5)));
    assert_null(pv_names_find(policy->names, pv_span(nul, 4)));
    assert_non_null(pv_names_find(policy->names, pv_span(nul, 3)));
    assert_non_null(pv_names_find(policy->names, PV_SPAN("\xff\xfe")));
    assert_null(pv_names_find(policy->names, pv_span(NULL, 0)));
    assert_null(pv_names_find(policy->names, PV_SPAN("")));
    site_end(&site);
}

/** What a pair of nothing but `=` is judged by. */
static void test_empty_name(void **state)
{
    static const char *const patterns[] = { "*", "**", "~" };

    (void)state;
    for (size_t i = 0; i < COUNT(patterns); i++) {
        site_t site = site_begin();
        const pv_policy_t *policy;

        site_category(&site, "c", PV_BASIS_OPT_IN);
        site_cookie(&site, "?", "c");
        site_cookie(&site, patterns[i], "c");
        policy = site_sound(&site);
        assert_non_null(pv_names_find(policy->names, PV_SPAN("")));
        assert_non_null(pv_names_find(policy->names, pv_span(NULL, 0)));
        assert_string_equal(pv_names_find(policy->names, PV_SPAN(""))->decl.name, patterns[i]);
        site_end(&site);
    }
}

/** A cookie of the module's own is necessary whatever patterns match its name. */
static void test_own(void **state)
{
    site_t site = site_begin();
    const pv_policy_t *policy;

    (void)state;
    site_category(&site, "c", PV_BASIS_OPT_IN);
    site_cookie(&site, "*", "c");
    site_cookie(&site, "privacy_*", "c");
    site_cookie(&site, "~privacy_consent", "c");
    site_message(&site, "banner", "shown*");
    policy = site_sound(&site);
    assert_int_equal(pv_names_find(policy->names, PV_SPAN("privacy_consent"))->owner,
                     PV_OWNER_RECORD);
    assert_int_equal(pv_names_find(policy->names, PV_SPAN("privacy_consent2"))->owner,
                     PV_OWNER_SITE);
    assert_int_equal(pv_names_find(policy->names, PV_SPAN("Privacy_consent"))->owner,
                     PV_OWNER_SITE);
    assert_int_equal(pv_names_find(policy->names, PV_SPAN("shown*"))->owner, PV_OWNER_MESSAGE);
    assert_int_equal(pv_names_find(policy->names, PV_SPAN("shown1"))->owner, PV_OWNER_SITE);
    site_end(&site);
}

/** A source's cookies are found before any pattern, however long its prefix is. */
static void test_source(void **state)
{
    static const struct {
        const char *name;
        pv_owner_t owner;
    } cases[] = {
        { "klaro", PV_OWNER_SOURCE },
        { "klaro2", PV_OWNER_SITE },
        { "Klaro", PV_OWNER_SITE },
        { "cmplz_", PV_OWNER_SOURCE },
        { "cmplz_statistics", PV_OWNER_SOURCE },
        { "cmplz", PV_OWNER_SITE },
        { "cmplz_statistics_x", PV_OWNER_SOURCE },
    };
    site_t site = site_begin();
    const pv_policy_t *policy;

    (void)state;
    site_category(&site, "c", PV_BASIS_OPT_IN);
    site_source(&site, "klaro", "c", "matomo", "klaro");
    site_source(&site, "complianz", "c", "statistics", "cmplz_*");
    site_cookie(&site, "*", "c");
    site_cookie(&site, "klaro*", "c");
    site_cookie(&site, "cmplz_*", "c");
    site_cookie(&site, "cmplz_statistics*", "c");
    site_cookie(&site, "~cmplz", "c");
    policy = site_sound(&site);
    for (size_t i = 0; i < COUNT(cases); i++) {
        pv_span_t name = pv_span(cases[i].name, strlen(cases[i].name));

        if (pv_names_find(policy->names, name)->owner != cases[i].owner) {
            fail_msg("%s", cases[i].name);
        }
    }
    site_end(&site);
}

static void test_kind(void **state)
{
    (void)state;
    assert_int_equal(pv_pattern_kind("_ga"), PV_PATTERN_EXACT);
    assert_int_equal(pv_pattern_kind("_ga~"), PV_PATTERN_EXACT);
    assert_int_equal(pv_pattern_kind("_ga_*"), PV_PATTERN_GLOB);
    assert_int_equal(pv_pattern_kind("?ga"), PV_PATTERN_GLOB);
    assert_int_equal(pv_pattern_kind("~^_ga$"), PV_PATTERN_REGEX);
    assert_int_equal(pv_pattern_kind("~*"), PV_PATTERN_REGEX);
}

int main(void)
{
    suite_table(order_cases, test_order);
    suite_add("every glob and every name of few letters", test_every_glob, NULL);
    suite_add("any policy, against the order in words", test_any_policy, NULL);
    suite_add("of thousands each is found and nothing else", test_many, NULL);
    suite_add("D3 bytes that no directive can write", test_odd_names, NULL);
    suite_add("D3 the empty name", test_empty_name, NULL);
    suite_add("D5 the module's own are found by their exact name", test_own, NULL);
    suite_add("D5 a source's are found before any pattern", test_source, NULL);
    suite_add("kinds of pattern", test_kind, NULL);
    return suite_run("names", site_setup, site_teardown);
}
