/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* What the module has to say, made from shipped files and the site's: which file is
 * taken, and that whatever is wrong with one is told when the configuration is read. */

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy_fixture.h"
#include "page/pv_page.h"
#include "page/pv_shipped.h"

/** What the site's file has, beside a text as it is. */
enum { SHIPPED_LESS_A_LINE = 1, TOO_LONG, A_DIRECTORY };

typedef struct {
    const char *title;
    const char *file;     /**< in the site's directory; NULL: there is no directory */
    const char *text;     /**< what it has, or of which shipped one it is made */
    int how;              /**< 0: text is the content */
    const char *language; /**< beside en */
    const char *template; /**< of a message */
    const char *want;     /**< part of the error, or NULL */
    const char *where;    /**< end of the file that it names, or NULL */
} page_case_t;

static const page_case_t cases[] = {
    { "nothing of the site's", NULL, NULL, 0, NULL, NULL, NULL, NULL },
    { "two languages", NULL, NULL, 0, "fr", NULL, NULL, NULL },
    { "a banner without a slot that it needs", "banner.html", "<p><a href=\"{{action}}\">x</a></p>",
      0, NULL, NULL, "lacks the slot 'return'", "banner.html" },
    { "words of its own", "words.fr", "words.en", 0, "fr", NULL, "", "words.fr" },
    { "no such language", NULL, NULL, 0, "xx", NULL,
      "PrivacyLanguage xx: there are no texts of this language: no file words.xx, and shipped are",
      NULL },
    { "no such language in its directory", "x", "", 0, "xx", NULL, "no file words.xx in /", NULL },
    { "words that are none", "words.en", "no sign\n", 0, NULL, NULL, "", "words.en" },
    { "words with one missing", "words.en", "words.en", SHIPPED_LESS_A_LINE, NULL, NULL,
      "there is no text '", "words.en" },
    { "an empty file of words", "words.en", "", 0, NULL, NULL, "there is no text '", "words.en" },
    { "a page without a slot that it needs", "page.html", "<p>{{lang}}</p>", 0, NULL, NULL, "",
      "page.html" },
    { "a file that is too long", "page.html", NULL, TOO_LONG, NULL, NULL,
      "page.html cannot be read: ", NULL },
    { "a directory", "banner.html", NULL, A_DIRECTORY, NULL, NULL,
      "banner.html cannot be read: ", NULL },
    { "a style sheet", "style.css", "p { color: red }", 0, NULL, NULL, NULL, NULL },
    { "a message's template", "news.html", "<p>{{name}}</p>", 0, NULL, "news.html", NULL, NULL },
    { "a message's template, in a language", "news.html.fr", "<p>{{name}}</p>", 0, "fr",
      "news.html", "news.html: there is no such file in /", "site.conf" },
    { "a message's template that is not there", "other.html", "", 0, NULL, "news.html",
      "PrivacyMessage hello: template=news.html: there is no such file in /", "site.conf" },
    { "a message's template without a directory", NULL, NULL, 0, NULL, "news.html",
      "template=news.html: there is no such file, and no PrivacyTemplates", "site.conf" },
    { "a message's template that cannot be read", "news.html", NULL, A_DIRECTORY, NULL, "news.html",
      "news.html cannot be read: ", NULL },
    { "a message's template with a slot of another's", "news.html", "<p>{{cookies}}</p>", 0, NULL,
      "news.html", "cookies", "news.html" },
};

static const pv_shipped_t *shipped(const char *name)
{
    const pv_shipped_t *one = pv_shipped;

    while (one->name != NULL && strcmp(one->name, name) != 0) {
        one++;
    }
    assert_non_null(one->name);
    return one;
}

static void put(const char *path, const char *text, size_t len)
{
    int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, len), len);
    close(fd);
}

/** The site's file, below a directory that is there. */
static void put_case(const page_case_t *c, const char *path, apr_pool_t *pool)
{
    static const size_t too_long = 1024 * 1024 + 1;
    const pv_shipped_t *from;
    const char *first_line;

    switch (c->how) {
    case SHIPPED_LESS_A_LINE:
        from = shipped(c->text);
        first_line = strstr(from->text, "\ndir =");
        assert_non_null(first_line);
        put(path,
            apr_psprintf(pool, "%.*s%s", (int)(first_line - from->text), from->text,
                         strchr(first_line + 1, '\n')),
            from->len - strcspn(first_line + 1, "\n") - 1);
        break;
    case TOO_LONG:
        put(path, apr_pcalloc(pool, too_long), too_long);
        break;
    case A_DIRECTORY:
        assert_int_equal(mkdir(path, 0700), 0);
        break;
    default:
        put(path, c->text, strlen(c->text));
    }
}

static site_t begin(const page_case_t *c)
{
    site_t site = site_begin();
    apr_array_header_t *languages = apr_array_make(site.pool, 2, sizeof(const char *));

    site_category(&site, "essential", PV_BASIS_NECESSARY);
    site_message(&site, "hello", "hello")->template_file = c->template;
    site_message(&site, "cookies", "cookies")->until = PV_UNTIL_CHOICE;
    site_message(&site, "quiet", "quiet");
    APR_ARRAY_PUSH(languages, const char *) = "en";
    if (c->language != NULL) {
        APR_ARRAY_PUSH(languages, const char *) = c->language;
        site.declared->languages = languages;
    }
    return site;
}

static void check_sound(const page_case_t *c, site_t *site, const pv_page_t *page)
{
    int count = c->language ? 2 : 1;

    for (int i = 0; i < site->problems->nelts; i++) {
        fail_msg("%s", APR_ARRAY_IDX(site->problems, i, pv_problem_t).text);
    }
    assert_non_null(page);
    assert_int_equal(page->language_count, count);
    assert_int_equal(strlen(page->digest), 40);
    assert_int_equal(strncmp(page->style.name, "style-", 6), 0);
    assert_string_equal(page->style.name + 22, ".css");
    assert_int_equal(pv_page_shows(page, 0), c->template != NULL);
    assert_true(pv_page_shows(page, 1));
    assert_false(pv_page_shows(page, 2));
    for (int i = 0; i < count; i++) {
        assert_string_equal(page->editions[i].words->tag, page->languages[i]);
        assert_ptr_equal(page->editions[i].messages[1], page->editions[i].banner);
    }
    if (c->file != NULL && strcmp(c->file, "style.css") == 0) {
        assert_int_equal(page->style.len, strlen(c->text));
        assert_memory_equal(page->style.text, c->text, page->style.len);
    }
}

static void check_problem(const page_case_t *c, site_t *site, const pv_page_t *page)
{
    const pv_problem_t *problem;

    assert_null(page);
    assert_true(site->problems->nelts >= 1);
    problem = &APR_ARRAY_IDX(site->problems, 0, pv_problem_t);
    assert_true(problem->fatal);
    if (strstr(problem->text, c->want) == NULL) {
        fail_msg("said '%s', not '%s'", problem->text, c->want);
    }
    if (c->where == NULL) {
        assert_null(problem->file);
    }
    else {
        size_t len = strlen(problem->file), end = strlen(c->where);

        assert_true(len >= end);
        assert_string_equal(problem->file + len - end, c->where);
    }
}

static void test_page(void **state)
{
    const page_case_t *c = *state;
    site_t site = begin(c);
    char directory[] = "/tmp/privacy-page-XXXXXX";
    const char *path = NULL;
    const pv_page_t *page;

    if (c->file != NULL) {
        assert_non_null(mkdtemp(directory));
        path = apr_pstrcat(site.pool, directory, "/", c->file, NULL);
        put_case(c, path, site.pool);
        site.declared->templates = directory;
    }
    page = pv_page_make(site.declared, site.problems, site.pool);
    if (path != NULL) {
        remove(path);
        rmdir(directory);
    }
    if (c->want == NULL) {
        check_sound(c, &site, page);
    }
    else {
        check_problem(c, &site, page);
    }
    site_end(&site);
}

/* A template may stand outside of the directory, by its whole path. */
static void test_absolute(void **state)
{
    char path[] = "/tmp/privacy-page-XXXXXX";
    const page_case_t c = { "", NULL, NULL, 0, NULL, path, NULL, NULL };
    site_t site;
    int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    close(fd);
    put(path, "<p>{{name}}</p>", 15);
    site = begin(&c);
    check_sound(&c, &site, pv_page_make(site.declared, site.problems, site.pool));
    remove(path);
    site_end(&site);
}

/* The policy's digest changes with any text of these. */
static void test_digest(void **state)
{
    static const page_case_t shipped_only = { .title = "" };
    site_t one = begin(&shipped_only), other = begin(&shipped_only);
    char directory[] = "/tmp/privacy-page-XXXXXX";
    const pv_page_t *before, *again, *after;
    const char *path;

    (void)state;
    assert_non_null(mkdtemp(directory));
    before = pv_page_make(one.declared, one.problems, one.pool);
    again = pv_page_make(other.declared, other.problems, other.pool);
    assert_string_equal(before->digest, again->digest);
    path = apr_pstrcat(one.pool, directory, "/script.js", NULL);
    put(path, "//", 2);
    other.declared->templates = directory;
    after = pv_page_make(other.declared, other.problems, other.pool);
    remove(path);
    rmdir(directory);
    assert_string_not_equal(before->digest, after->digest);
    assert_string_not_equal(before->script.name, after->script.name);
    assert_string_equal(before->style.name, after->style.name);
    site_end(&one);
    site_end(&other);
}

/* PrivacyPage gives another path. */
static void test_place(void **state)
{
    static const page_case_t shipped_only = { .title = "" };
    site_t site = begin(&shipped_only);
    pv_page_place_t place = { .decl = { .name = "/cookies" } };

    (void)state;
    assert_string_equal(pv_page_make(site.declared, site.problems, site.pool)->path,
                        "/privacy-preferences");
    site.declared->page = &place;
    assert_string_equal(pv_page_make(site.declared, site.problems, site.pool)->path, "/cookies");
    site_end(&site);
}

int main(void)
{
    suite_table(cases, test_page);
    suite_add("a template by its whole path", test_absolute, NULL);
    suite_add("the digest", test_digest, NULL);
    suite_add("the path", test_place, NULL);
    return suite_run("page", site_setup, site_teardown);
}
