/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* H4: character references as the WHATWG tokenizer reads them, whole and cut short. */

#include "guard.h"
#include "suite.h"
#include "html/pv_charref.h"

#define TEXT      PV_CHARREF_TEXT
#define ATTRIBUTE PV_CHARREF_ATTRIBUTE

typedef struct {
    const char *title;
    const char *in;
    const char *want;
    pv_charref_e where;
} charref_case_t;

static const charref_case_t cases[] = {
    { "nothing to decode", "abc", "abc", TEXT },
    { "a name", "a&amp;b", "a&b", TEXT },
    { "a name at the end", "&amp;", "&", TEXT },
    { "a name without its semicolon", "&ampb", "&b", TEXT },
    { "the longest name", "&notin;&notit;", "\xe2\x88\x89\xc2\xacit;", TEXT },
    { "a name that needs its semicolon", "&alpha &alpha;", "&alpha \xce\xb1", TEXT },
    { "in an attribute before =", "&copy=1", "&copy=1", ATTRIBUTE },
    { "in an attribute before a letter", "&copyx", "&copyx", ATTRIBUTE },
    { "in an attribute before a digit", "&copy1", "&copy1", ATTRIBUTE },
    { "in an attribute at its end", "&copy", "\xc2\xa9", ATTRIBUTE },
    { "in an attribute with its semicolon", "&copy;=", "\xc2\xa9=", ATTRIBUTE },
    { "in text before =", "&copy=1", "\xc2\xa9=1", TEXT },
    { "no such name", "&nonesuch;", "&nonesuch;", TEXT },
    { "two characters of one name", "&nGt;", "\xe2\x89\xab\xe2\x83\x92", TEXT },
    { "an ampersand alone", "a & b", "a & b", TEXT },
    { "an ampersand at the end", "a&", "a&", TEXT },
    { "decimal", "&#65;&#97", "Aa", TEXT },
    { "hexadecimal", "&#x41;&#X61", "Aa", TEXT },
    { "two bytes", "&#xFC;", "\xc3\xbc", TEXT },
    { "three bytes", "&#x20AC;", "\xe2\x82\xac", TEXT },
    { "four bytes", "&#128512;", "\xf0\x9f\x98\x80", TEXT },
    { "a code of Windows", "&#128;&#x99;", "\xe2\x82\xac\xe2\x84\xa2", TEXT },
    { "one that Windows has not", "&#x81;", "\xc2\x81", TEXT },
    { "zero", "&#0;", "\xef\xbf\xbd", TEXT },
    { "a surrogate", "&#xD800;&#xDFFF;", "\xef\xbf\xbd\xef\xbf\xbd", TEXT },
    { "too great", "&#x110000;", "\xef\xbf\xbd", TEXT },
    { "greater than 32 bits", "&#99999999999999;&#x100000041;", "\xef\xbf\xbd\xef\xbf\xbd", TEXT },
    { "no digit", "&#;&#x;&#xg;&#", "&#;&#x;&#xg;&#", TEXT },
    { "decimal digits end at a letter", "&#65A;", "AA;", TEXT },
};

/** What in comes to, from memory that ends where it does. */
static size_t decode(const char *in, size_t len, pv_charref_e where, char *out, size_t room)
{
    assert_true(pv_charref_size(len) <= room);
    return pv_charref_decode(guard_copy(in, len), len, where, out);
}

static void test_case(void **state)
{
    const charref_case_t *c = *state;
    size_t len = strlen(c->in);
    char out[300];

    assert_int_equal(decode(c->in, len, c->where, out, sizeof(out)), strlen(c->want));
    assert_memory_equal(out, c->want, strlen(c->want));
    assert_int_equal(pv_charref_needed(c->in, len, c->where), strchr(c->in, '&') != NULL);
}

/* Cut anywhere, it neither reads on nor writes more than it says. */
static void test_cut(void **state)
{
    const charref_case_t *c = *state;
    char out[300];

    for (size_t len = 0; len <= strlen(c->in); len++) {
        assert_true(decode(c->in, len, c->where, out, sizeof(out)) <= pv_charref_size(len));
    }
}

/* Every name there is: to what its table has for it, and within the bounds. */
static void test_names(void **state)
{
    unsigned count = 0;

    (void)state;
    for (int first = 0; first < 52; first++) {
        for (const char *entry = pv_charref_names[first]; *entry != '\0';) {
            const char *mark = entry + strcspn(entry, "\1\2");
            char in[64], out[192];
            size_t len = (size_t)snprintf(in, sizeof(in), "&%c%.*s;",
                                          first < 26 ? 'A' + first : 'a' + first - 26,
                                          (int)(mark - entry), entry);
            size_t got = decode(in, len, ATTRIBUTE, out, sizeof(out));

            assert_int_equal(got, strlen(mark + 1));
            assert_memory_equal(out, mark + 1, got);
            assert_true(got <= pv_charref_size(len));
            entry = mark + 1 + strlen(mark + 1) + 1;
            count++;
        }
    }
    /* The standard's names that end in a semicolon. */
    assert_int_equal(count, 2125);
}

static void test_nul(void **state)
{
    char out[16];

    (void)state;
    assert_true(pv_charref_needed("a\0b", 3, ATTRIBUTE));
    assert_false(pv_charref_needed("a\0b", 3, TEXT));
    assert_false(pv_charref_needed("", 0, ATTRIBUTE));
    assert_int_equal(decode("a\0b", 3, ATTRIBUTE, out, sizeof(out)), 5);
    assert_memory_equal(out,
                        "a\xef\xbf\xbd"
                        "b",
                        5);
    assert_int_equal(decode("a\0b", 3, TEXT, out, sizeof(out)), 3);
    assert_memory_equal(out, "a\0b", 3);
}

static int teardown(void **state)
{
    (void)state;
    guard_free();
    return 0;
}

int main(void)
{
    suite_table(cases, test_case);
    suite_table(cases, test_cut);
    suite_add("every name", test_names, NULL);
    suite_add("a NUL", test_nul, NULL);
    return suite_run("charref", NULL, teardown);
}
