/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* Texts: files of words, numbers and lifetimes, the choice of a language; and that
 * all shipped languages are whole. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "cookie/pv_lifetime.h"
#include "guard.h"
#include "page/pv_shipped.h"
#include "page/pv_text.h"
#include "page/pv_words.h"

static pv_words_t *shipped(const char *tag, apr_pool_t *pool)
{
    const char *error = "is not shipped";
    int line = 0;

    for (const pv_shipped_t *s = pv_shipped; s->name != NULL; s++) {
        if (strncmp(s->name, "words.", 6) == 0 && strcmp(s->name + 6, tag) == 0) {
            pv_words_t *words =
                pv_words_read(tag, guard_copy(s->text, s->len), s->len, &line, &error, pool);

            if (words != NULL) {
                return words;
            }
        }
    }
    fail_msg("words.%s, line %d: %s", tag, line, error);
    return NULL;
}

static void files(void **state)
{
    static const struct {
        const char *title, *text, *error;
        int line;
    } cases[] = {
        { "comments and empty lines", "# x\n\n  \na = b", NULL, 0 },
        { "CRLF", "a = b\r\nc = d\r\n", NULL, 0 },
        { "an empty text", "a =", NULL, 0 },
        { "an equals sign in the text", "a = b = c", NULL, 0 },
        { "continued at the end", "a = b\\", NULL, 0 },
        { "no equals sign", "a = b\nwhat", "KEY = TEXT", 2 },
        { "no key", "= b", "KEY = TEXT", 1 },
        { "a key in capitals", "A = b", "KEY = TEXT", 1 },
        { "twice", "a = b\nc = \\\nd\na = e", "'a' is there twice", 4 },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t len = strlen(cases[i].text);
        const char *error;
        int line = 0;
        pv_words_t *words =
            pv_words_read("xx", guard_copy(cases[i].text, len), len, &line, &error, *state);

        if (cases[i].error
                ? words != NULL || strstr(error, cases[i].error) == NULL || line != cases[i].line
                : words == NULL) {
            fail_msg("%s: line %d: %s", cases[i].title, line, error ? error : "no error");
        }
    }
}

static void lifetimes(void **state)
{
    static const struct {
        const char *tag;
        apr_int64_t seconds;
        const char *want;
    } cases[] = {
        { "en", PV_LIFETIME_SESSION, "Until you close the browser" },
        { "en", PV_LIFETIME_ANY, "No limit" },
        { "en", 2 * PV_SECONDS_YEAR, "2 years" },
        { "en", PV_SECONDS_YEAR, "1 year" },
        { "en", 6 * PV_SECONDS_MONTH, "6 months" },
        { "en", 90 * 86400, "90 days" },
        { "en", 14 * 86400, "2 weeks" },
        { "en", 86400, "1 day" },
        { "en", 1800, "30 minutes" },
        { "en", 61, "61 seconds" },
        { "en", 0, "0 seconds" },
        { "fr", 0, "0 seconde" },
        { "fr", 2 * PV_SECONDS_YEAR, "2 ans" },
        { "de", 2 * PV_SECONDS_YEAR, "2 Jahre" },
        { "es", PV_SECONDS_MONTH, "1 mes" },
        { "pl", PV_SECONDS_YEAR, "1 rok" },
        { "pl", 2 * PV_SECONDS_YEAR, "2 lata" },
        { "pl", 5 * PV_SECONDS_YEAR, "5 lat" },
        { "pl", 12, "12 sekund" },
        { "pl", 23, "23 sekundy" },
        { "cy", PV_SECONDS_YEAR, "1 flwyddyn" },
        { "cy", 2 * PV_SECONDS_YEAR, "2 flynedd" },
        { "cy", 3 * PV_SECONDS_YEAR, "3 blynedd" },
        { "cy", 5 * PV_SECONDS_YEAR, "5 mlynedd" },
        { "cy", 2 * 86400, "2 ddiwrnod" },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const pv_words_t *words = shipped(cases[i].tag, *state);

        assert_string_equal(pv_words_lifetime(words, cases[i].seconds, *state), cases[i].want);
    }
}

/* Every language says all that English says, and nothing else: a typing error in a
 * key would else show as a missing text only to the visitors of one language. */
static void whole(void **state)
{
    const pv_words_t *english = shipped("en", *state);
    int languages = 0;

    for (const pv_shipped_t *s = pv_shipped; s->name != NULL; s++) {
        const pv_words_t *words;

        if (strncmp(s->name, "words.", 6) != 0) {
            continue;
        }
        words = shipped(s->name + 6, *state);
        languages++;
        assert_null(pv_words_missing(words));
        for (apr_hash_index_t *i = apr_hash_first(*state, english->text); i; i = apr_hash_next(i)) {
            const char *key = apr_hash_this_key(i);
            size_t len = strlen(key);

            if (!(len > 4 && strcmp(key + len - 4, ".one") == 0) && !pv_words_get(words, key)) {
                fail_msg("%s has no '%s'", s->name, key);
            }
        }
        for (apr_hash_index_t *i = apr_hash_first(*state, words->text); i; i = apr_hash_next(i)) {
            const char *key = apr_hash_this_key(i);
            const char *dot = strrchr(key, '.');
            const char *other =
                dot ? apr_psprintf(*state, "%.*s.other", (int)(dot - key), key) : key;

            if (!pv_words_get(english, key) && !pv_words_get(english, other)) {
                fail_msg("%s has '%s', which English has not", s->name, key);
            }
        }
    }
    assert_true(languages >= 6);
}

static void languages(void **state)
{
    static const char *const tags[] = { "en", "cy", "de", "pt-BR", "zh-Hant" };
    static const struct {
        const char *accept;
        int want;
    } cases[] = {
        { NULL, 0 },
        { "", 0 },
        { "cy", 1 },
        { "CY", 1 },
        { "cy-GB", 1 },
        { "de-AT-1996", 2 },
        { "pt", 3 },
        { "pt-PT", 0 },
        { "zh-Hant-TW", 4 },
        { "fr", 0 },
        { "fr, de;q=0.5, cy;q=0.8", 1 },
        { "fr, de;q=0.5 , cy;q=0.8\t", 1 },
        { "de;q=0.5, cy;q=0.5", 2 },
        { "cy;q=0, de;q=0.1", 2 },
        { "de ; q=0.3 , cy;q=0.2", 2 },
        { "fr, *;q=0.5", 0 },
        { "*;q=0.5, cy;q=0.1", 0 },
        { "cy;q=1.5, de;q=0.001", 2 },
        { "cy;q=x, de", 2 },
        { "den", 0 },
        { "<script>, de", 2 },
        { ",,,de,", 2 },
        { "d", 0 },
        { "-", 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int got = pv_language_choose(cases[i].accept, tags, 5);

        if (got != cases[i].want) {
            fail_msg("'%s': %s", cases[i].accept ? cases[i].accept : "(none)", tags[got]);
        }
    }
}

static void tags(void **state)
{
    static const char *const good[] = { "en", "cy", "pt-BR", "zh-Hant-TW", "de-1996" };
    static const char *const no[] = {
        "",    "-",    "en-", "-en",       "en--x",
        "e n", "../x", "1",   "abcdefghi", "en-aaaaaaaa-aaaaaaaa-aaaaaaaa-aaaaaaa"
    };

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_true(pv_language_is_tag(good[i]));
    }
    for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
        assert_false(pv_language_is_tag(no[i]));
    }
}

static void returns(void **state)
{
    static const char *const good[] = { "/", "/a", "/a?b=c&d#e", "/a//b", "/%2F%5C" };
    static const char *const no[] = { "",     "a",     "//x",   "/\\x",  "http://x/",    "/a b",
                                      "/\tx", "/a\nb", "/\x7f", "/\xc3", "javascript:x", "\\/x" };

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_true(pv_return_is_safe(pv_span(good[i], strlen(good[i]))));
    }
    for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
        assert_false(pv_return_is_safe(pv_span(no[i], strlen(no[i]))));
    }
}

/* A language whose file lacks a plural form, and a text without the number. */
static void counts(void **state)
{
    static const char text[] = "day.other = {{n}} days\nweek.other = weeks\n";
    const char *error;
    int line;
    pv_words_t *words = pv_words_read("pl", text, strlen(text), &line, &error, *state);

    assert_non_null(words);
    assert_string_equal(pv_words_count(words, "day", 1, *state), "1 days");
    assert_string_equal(pv_words_count(words, "day", 22, *state), "22 days");
    assert_string_equal(pv_words_count(words, "week", 2, *state), "weeks");
    assert_null(pv_words_count(words, "year", 2, *state));
}

static void urls(void **state)
{
    static const char *const no[] = { "/a b", "/a\tb", "/a\x7f", "javascript:x" };

    (void)state;
    assert_true(pv_url_is_safe(PV_SPAN("/a?b=1")));
    for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
        assert_false(pv_url_is_safe(pv_span(no[i], strlen(no[i]))));
    }
}

/* A text of any length in one piece, behind what is there already. */
static void long_text(void **state)
{
    apr_pool_t *pool;
    pv_text_t text = { .pool = NULL };
    char *piece;
    pv_span_t done;

    (void)state;
    apr_pool_create(&pool, NULL);
    text.pool = pool;
    piece = apr_pcalloc(pool, 100000);
    memset(piece, 'x', 100000);
    pv_text_add(&text, "ab", 2);
    pv_text_add(&text, piece, 100000);
    pv_text_add(&text, "cd", 2);
    done = pv_text_done(&text);
    assert_int_equal(done.len, 100004);
    assert_memory_equal(done.ptr, "abx", 3);
    assert_string_equal(done.ptr + 100001, "xcd");
    apr_pool_destroy(pool);
}

static void escapes(void **state)
{
    static const struct {
        const char *title, *text, *want;
    } cases[] = {
        { "ASCII", "abc", "abc" },
        { "well-formed", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x8d\xaa",
          "\xc3\xa9\xe2\x82\xac\xf0\x9f\x8d\xaa" },
        { "a lone byte", "\x80", "\xef\xbf\xbd" },
        { "overlong", "\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd" },
        { "a surrogate", "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
        { "cut", "\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd" },
        { "beyond Unicode", "\xf4\x90\x80\x80",
          "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
        { "cut in its third byte", "\xe2\x82x", "\xef\xbf\xbd\xef\xbf\xbdx" },
        { "a cut one hides no quote", "\xe2\"", "\xef\xbf\xbd&quot;" },
    };
    pv_text_t json = { .pool = *state };
    pv_text_t ascii = { .pool = *state };
    pv_text_t url = { .pool = *state };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t len = strlen(cases[i].text);
        pv_text_t out = { .pool = *state };

        pv_text_add_html(&out, pv_span(guard_copy(cases[i].text, len), len));
        if (strcmp(pv_text_done(&out).ptr, cases[i].want) != 0) {
            fail_msg("%s: '%s'", cases[i].title, out.ptr);
        }
    }
    pv_text_add_json(&json, PV_SPAN("\"\\</\n\x7f\xff\xc3\xa9"));
    assert_string_equal(pv_text_done(&json).ptr,
                        "\\\"\\\\\\u003c/\\u000a\\u007f\xef\xbf\xbd\xc3\xa9");
    pv_text_add_ascii(&ascii, PV_SPAN("\"\x80\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf"
                                      "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\xc0\xaf"));
    assert_string_equal(pv_text_done(&ascii).ptr, "&quot;&#xFFFD;&#x80;&#x7FF;&#x800;&#xFFFF;"
                                                  "&#x10000;&#x10FFFF;&#xFFFD;&#xFFFD;");
    pv_text_add_ascii_url(&url, PV_SPAN("/\xc3\xa9?\"&\xff"));
    assert_string_equal(pv_text_done(&url).ptr, "/%C3%A9?&quot;&amp;%FF");
}

static int setup(void **state)
{
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    *state = pool;
    return 0;
}

static int teardown(void **state)
{
    apr_pool_destroy(*state);
    guard_free();
    apr_terminate();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files),     cmocka_unit_test(lifetimes), cmocka_unit_test(whole),
        cmocka_unit_test(languages), cmocka_unit_test(tags),      cmocka_unit_test(returns),
        cmocka_unit_test(long_text), cmocka_unit_test(counts),    cmocka_unit_test(urls),
        cmocka_unit_test(escapes),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
