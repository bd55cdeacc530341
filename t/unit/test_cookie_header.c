/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* One Cookie header: its pairs, the names by which they are judged (D3), and the
 * joints that httpd makes of several Cookie lines (Q1). */

#include "cookie/pv_cookie_header.h"
#include "cookie_model.h"
#include "guard.h"
#include "suite.h"

/*
 * A pair is shown as [name|whole|value], behind `!` if it is nameless and `,` if
 * it stands behind a joint.
 */
typedef struct {
    const char *title;
    const char *text;
    const char *want;
} header_case_t;

static const header_case_t cases[] = {
    { "Q1 nothing", "", "" },
    { "Q1 one pair", "_ga=1", "[_ga|_ga=1|1]" },
    { "Q1 two pairs", "_ga=1; sid=2", "[_ga|_ga=1|1][sid|sid=2|2]" },
    { "Q1 no space between pairs", "_ga=1;sid=2", "[_ga|_ga=1|1][sid|sid=2|2]" },
    { "Q1 empty pairs", ";; ;_ga=1;;\t;sid=2; ;", "[_ga|_ga=1|1][sid|sid=2|2]" },
    { "Q1 nothing but separators", " ;;\t ; ", "" },
    { "Q1 the same name twice", "a=1; a=2", "[a|a=1|1][a|a=2|2]" },
    { "Q1 value with =", "a=b=c==", "[a|a=b=c==|b=c==]" },
    { "Q1 empty value", "a=; b=2", "[a|a=|][b|b=2|2]" },
    { "Q1 quotes do not hide a ;", "a=\"x;y=1\"", "[a|a=\"x|\"x][y|y=1\"|1\"]" },
    { "Q1 8-bit bytes", "\xc3\xa4=\xff", "[\xc3\xa4|\xc3\xa4=\xff|\xff]" },
    { "D3 case is kept", "_GA=1; _ga=2", "[_GA|_GA=1|1][_ga|_ga=2|2]" },
    { "D3 white space around name and value", " \t_ga \v=\f 1 2 \r\n; b=2",
      "[_ga|_ga \v=\f 1 2|1 2][b|b=2|2]" },
    { "D3 a space in the name", "a b=1", "[a b|a b=1|1]" },
    { "D3 nameless _ga", "_ga; a=1", "![_ga|_ga|][a|a=1|1]" },
    { "D3 nameless =_ga=x", "=_ga=x; a=1", "![_ga|=_ga=x|][a|a=1|1]" },
    { "D3 nameless == _ga", " = =\t_ga =x", "![_ga|= =\t_ga =x|]" },
    { "D3 nameless and nothing else", "=; ==", "![|=|]![|==|]" },
    { "D3 flag; id=1 is two pairs", "flag; id=1", "![flag|flag|][id|id=1|1]" },
    { "Q1 a joint", "a=1, _ga=2", "[a|a=1|1, _ga=2],[_ga|_ga=2|2]" },
    { "Q1 three lines joined", "a=1, b=2, c=3", "[a|a=1|1, b=2, c=3],[b|b=2|2, c=3],[c|c=3|3]" },
    { "Q1 lines of several pairs joined", "a=1; b=2, c=3; d=4",
      "[a|a=1|1][b|b=2|2, c=3],[c|c=3|3][d|d=4|4]" },
    { "Q1 a joint behind a nameless pair", "flag, _ga=2", "![flag|flag|],[_ga|_ga=2|2]" },
    { "Q1 a joint behind =x", "=x, _ga=2", "![x|=x|],[_ga|_ga=2|2]" },
    { "Q1 white space before a joint", "a=1 \t, _ga=2", "[a|a=1|1 \t, _ga=2],[_ga|_ga=2|2]" },
    { "Q1 an empty value before a joint", "a=, _ga=2", "[a|a=|, _ga=2],[_ga|_ga=2|2]" },
    { "Q1 nothing before a joint", ", _ga=2", ",[_ga|_ga=2|2]" },
    { "Q1 nothing between ; and a joint", "a=1; , _ga=2, b=3",
      "[a|a=1|1],[_ga|_ga=2|2, b=3],[b|b=3|3]" },
    { "Q1 a comma without a space", "a=1,_ga=2", "[a|a=1,_ga=2|1,_ga=2]" },
    { "Q1 a comma and a tab", "a=1,\t_ga=2", "[a|a=1,\t_ga=2|1,\t_ga=2]" },
    { "Q1 a comma and two spaces", "a=1,  _ga=2", "[a|a=1,  _ga=2|1,  _ga=2]" },
    { "Q1 no = behind the comma", "a=1, _ga; b=2", "[a|a=1, _ga|1, _ga][b|b=2|2]" },
    { "Q1 no token behind the comma", "a=1, =2; b=2, \"c\"=3",
      "[a|a=1, =2|1, =2][b|b=2, \"c\"=3|2, \"c\"=3]" },
    { "Q1 a ; before the =", "a=1, b;c=2", "[a|a=1, b|1, b][c|c=2|2]" },
    { "Q1 a date is a value", "t=Sun, 15 Jun 2025; b=2",
      "[t|t=Sun, 15 Jun 2025|Sun, 15 Jun 2025][b|b=2|2]" },
    { "Q1 every token character", "a=1, !#$%&'*+-.^_`|~09AZaz=2",
      "[a|a=1|1, !#$%&'*+-.^_`|~09AZaz=2],[!#$%&'*+-.^_`|~09AZaz|!#$%&'*+-.^_`|~09AZaz=2|2]" },
    { "Q1 two commas", "a=1,, b=2", "[a|a=1,|1,, b=2],[b|b=2|2]" },
};

static char *show_span(char *at, pv_span_t span)
{
    if (span.len > 0) {
        memcpy(at, span.ptr, span.len);
    }
    return at + span.len;
}

/** out has room for what these tables hold. */
static void show(const char *text, size_t len, char *out)
{
    pv_cookie_header_t header;
    pv_cookie_pair_t pair;

    header = pv_cookie_header_begin(text, len);
    while (pv_cookie_header_next(&header, &pair)) {
        if (pair.nameless) {
            *out++ = '!';
        }
        if (pair.joint) {
            *out++ = ',';
        }
        *out++ = '[';
        out = show_span(out, pair.name);
        *out++ = '|';
        out = show_span(out, pair.whole);
        *out++ = '|';
        out = show_span(out, pv_cookie_pair_value(&pair));
        *out++ = ']';
    }
    *out = '\0';
}

static void test_case(void **state)
{
    const header_case_t *c = *state;
    char shown[512];

    show(guard_copy(c->text, strlen(c->text)), strlen(c->text), shown);
    assert_string_equal(shown, c->want);
    guard_free();
}

/** Every byte sequence reads as the model reads it. */
static void check(const char *text, size_t len, unsigned *joints)
{
    static cookie_model_t model;
    const char *copy = guard_copy(text, len);
    pv_cookie_header_t header;
    pv_cookie_pair_t pair;

    cookie_model_read(&model, text, len);
    header = pv_cookie_header_begin(copy, len);
    for (int i = 0; i < model.count; i++) {
        const cookie_model_pair_t *want = &model.pairs[i];
        pv_span_t value;
        size_t eq, border;

        assert_int_equal(pv_cookie_header_next(&header, &pair), 1);
        assert_ptr_equal(pair.whole.ptr, copy + want->begin);
        assert_int_equal(pair.whole.len, want->end - want->begin);
        assert_int_equal(pair.name.len, want->name_end - want->name_begin);
        assert_true(pair.name.len == 0 || pair.name.ptr == copy + want->name_begin);
        assert_int_equal(pair.nameless, want->nameless);
        assert_int_equal(pair.joint, want->joint);
        value = pv_cookie_pair_value(&pair);
        cookie_model_value(text, want, &eq, &border);
        assert_int_equal(value.len, border - eq);
        assert_true(value.len == 0 || value.ptr == copy + eq);
        *joints += (unsigned)want->joint;
    }
    assert_int_equal(pv_cookie_header_next(&header, &pair), 0);
    assert_int_equal(pv_cookie_header_next(&header, &pair), 0);
    guard_free();
}

static void test_truncated(void **state)
{
    unsigned checked = 0, joints = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        for (size_t len = 0; len <= strlen(cases[i].text); len++, checked++) {
            check(cases[i].text, len, &joints);
        }
    }
    assert_true(checked > 400 && joints > 20);
}

static void test_any_bytes(void **state)
{
    static const char *const pieces[] = { "a",  "=",  ";",   "; ",   ", ",   ",", " ",   "\t",
                                          "_g", "\v", "b=1", ", c=", ";, x", "/", "\xff" };
    unsigned joints = 0;

    (void)state;
    for (int i = 0; i < 20000; i++) {
        char text[128] = "";

        for (unsigned n = draw(20); n > 0; n--) {
            strcat(text, pieces[draw(COUNT(pieces))]);
        }
        /* A NUL is a byte like others. */
        if (*text && draw(4) == 0) {
            size_t len = strlen(text);

            text[draw((unsigned)len)] = '\0';
            check(text, len, &joints);
            continue;
        }
        check(text, strlen(text), &joints);
    }
    assert_true(joints > 2000);
}

static void test_null(void **state)
{
    pv_cookie_header_t header;
    pv_cookie_pair_t pair;

    (void)state;
    header = pv_cookie_header_begin(NULL, 0);
    assert_int_equal(pv_cookie_header_next(&header, &pair), 0);
}

int main(void)
{
    suite_table(cases, test_case);
    suite_add("F1 cut off at every byte", test_truncated, NULL);
    suite_add("D3 and Q1 hold for any bytes", test_any_bytes, NULL);
    suite_add("Q1 no header", test_null, NULL);
    return suite_run("cookie-header", NULL, NULL);
}
