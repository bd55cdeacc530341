/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* R6: members of a Link header that load a tracker go, the others keep their bytes. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "enforce/pv_link.h"
#include "guard.h"
#include "link_held.h"

#define TEXT(literal) literal, sizeof(literal) - 1
#define T             "<https://t.example/x>"

typedef struct {
    const char *title;
    const char *text;
    apr_size_t len;
    const char *want; /**< NULL: unchanged; "": nothing left */
} link_case_t;

static const link_case_t cases[] = {
    /* Relations. */
    { "R6 preload", TEXT(T "; rel=preload; as=script"), "" },
    { "R6 modulepreload", TEXT(T "; rel=modulepreload"), "" },
    { "R6 prefetch", TEXT(T "; rel=prefetch"), "" },
    { "R6 preconnect", TEXT("<https://t.example>; rel=preconnect"), "" },
    { "R6 dns-prefetch", TEXT("<//t.example>; rel=dns-prefetch"), "" },
    { "R6 stylesheet", TEXT(T "; rel=stylesheet"), "" },
    { "R6 alternate stylesheet", TEXT(T "; rel=\"alternate stylesheet\"; title=x"), "" },
    { "R6 next", TEXT(T "; rel=next"), "" },
    { "R6 prerender", TEXT(T "; rel=prerender"), "" },
    { "R6 compression-dictionary", TEXT(T "; rel=compression-dictionary"), "" },
    { "R6 a relation that loads nothing", TEXT(T "; rel=canonical"), NULL },
    { "R6 no relation", TEXT(T), NULL },
    { "R6 a relation that only begins so", TEXT(T "; rel=preloaded"), NULL },
    { "R6 capitals", TEXT(T "; REL=PreLoad"), "" },
    { "R6 quoted", TEXT(T "; rel=\"preload\""), "" },
    { "R6 quoted by apostrophes", TEXT(T "; rel='preload'"), "" },
    { "R6 imagesrcset quoted by apostrophes",
      TEXT("</a>; rel=preload; imagesrcset='//t.example/b 2x'"), "" },
    { "R6 several tokens", TEXT(T "; rel=\"canonical \t preload\""), "" },
    { "R6 several tokens unquoted", TEXT(T "; rel=canonical preload"), "" },
    { "R6 the first rel counts", TEXT(T "; rel=canonical; rel=preload"), NULL },
    { "R6 the first rel counts, and loads", TEXT(T "; rel=preload; rel=canonical"), "" },
    { "R6 a rel without token does not count", TEXT(T "; rel; rel=\"\"; rel=preload"), "" },
    { "R6 rel among others", TEXT(T ";as=script;nopush;rel=preload;crossorigin"), "" },
    { "R6 white space", TEXT(" " T " \t; rel \t= preload\t "), "" },
    { "R6 rel* is another parameter", TEXT(T "; rel*=preload"), NULL },
    { "R6 rel in a value", TEXT(T "; title=\"; rel=preload\""), NULL },
    { "R6 anchor does not exempt", TEXT(T "; rel=preload; anchor=\"#x\""), "" },
    { "R6 empty parameters", TEXT(T ";; rel=preload;"), "" },
    { "R6 another host", TEXT("<https://o.example/>; rel=preload"), NULL },
    { "R6 white space in the target", TEXT("< https://t.example/ >; rel=preload"), "" },
    { "R6 empty target", TEXT("<>; rel=preload"), NULL },
    /* Members. */
    { "R6 first of two", TEXT(T "; rel=preload, </a>; rel=preload"), "</a>; rel=preload" },
    { "R6 last of two", TEXT("</a>; rel=preload , " T "; rel=preload"), "</a>; rel=preload" },
    { "R6 middle of three", TEXT("</a>; rel=a,\t" T "; rel=preload ,  </b>;rel=b"),
      "</a>; rel=a ,  </b>;rel=b" },
    { "R6 first and last", TEXT(T ";rel=preload, </a>, " T ";rel=next"), "</a>" },
    { "R6 all of them", TEXT(T ";rel=preload, " T ";rel=preload"), "" },
    { "R6 empty members are kept with what they stand by", TEXT(" , </a>,, " T ";rel=next, ,"),
      " , </a>" },
    { "R6 what ends the field stays with the last", TEXT(T ";rel=next,,</a> , "), "</a> , " },
    { "R6 comma in a target", TEXT("</a,b>; rel=a, " T ";rel=next"), "</a,b>; rel=a" },
    { "R6 semicolon in a target", TEXT("</a;b>; rel=a, " T ";rel=next"), "</a;b>; rel=a" },
    { "R6 comma in a quoted parameter", TEXT("</a>; title=\"x, y\"; rel=a, " T ";rel=next"),
      "</a>; title=\"x, y\"; rel=a" },
    { "R6 comma in a parameter of what goes", TEXT(T "; title=\"x, y\"; rel=preload, </a>"),
      "</a>" },
    { "R6 > in a quoted parameter", TEXT(T "; title=\"x>y\"; rel=preload, </a>"), "</a>" },
    { "R6 encoded title", TEXT("</a>; title*=UTF-8''x; rel=a, " T ";rel=next, </b>"),
      "</a>; title*=UTF-8''x; rel=a, </b>" },
    { "R6 empty field", TEXT(""), NULL },
    { "R6 nothing but separators", TEXT(" ,, "), NULL },
    /* imagesrcset. */
    { "R6 imagesrcset",
      TEXT("</a>; rel=preload; as=image; imagesrcset=\"/a 1x, //t.example/b 2x\""), "" },
    { "R6 imagesrcset of an empty target", TEXT("<>; rel=preload; imagesrcset=\"//t.example/b\""),
      "" },
    { "R6 imagesrcset of others", TEXT("</a>; rel=preload; imagesrcset=\"/a 1x, /b 2x\""), NULL },
    { "R6 imagesrcset of what loads nothing", TEXT("</a>; rel=x; imagesrcset=\"//t.example/b\""),
      NULL },
    { "R6 the second imagesrcset",
      TEXT("</a>; rel=preload; imagesrcset=x; IMAGESRCSET=\"//t.example/b\""), "" },
    /* Where readers differ. */
    { "R6 no ; behind the target", TEXT(T " rel=preload"), "" },
    { "R6 no closing >", TEXT("<https://t.example; rel=preload"), NULL },
    { "R6 no closing > but another member's", TEXT("<https://t.example; rel=preload, </a>"), "" },
    { "R6 text in front", TEXT("x " T "; rel=preload"), "" },
    { "R6 unfinished quotes", TEXT(T "; rel=\"preload"), "" },
    { "R6 unfinished quotes in front", TEXT("</a>; title=\"x, " T "; rel=preload"), "" },
    { "R6 text behind quotes", TEXT(T "; rel=\"preload\"x"), "" },
    { "R6 quotes inside of a value", TEXT("</a>; title=x\"y, " T "; rel=preload"), "" },
    { "R6 apostrophe that quotes", TEXT(T "; x='y, </a>; rel=preload'"), "" },
    { "R6 text behind apostrophes", TEXT(T "; rel='preload'x"), "" },
    { "R6 more apostrophes behind those", TEXT(T "; rel='preload''x'"), "" },
    { "R6 apostrophe that is none", TEXT("</a>; title=it's, " T "; rel=preload; x=y's"), "" },
    { "R6 escaped quote", TEXT("</a>; title=\"x\\\", " T "; rel=preload; y=\""), "" },
    { "R6 target in quotes", TEXT("</a>; anchor=x; title=\"y, " T "; rel=preload; z=\""), "" },
    { "R6 target in a target", TEXT("<x" T "; rel=preload"), "" },
    { "R6 control character", TEXT(T "; x=\x01; rel=preload"), "" },
    { "R6 NUL in a name", TEXT(T "; \0; rel=preload"), "" },
    { "R6 imagesrcset that is not well-formed",
      TEXT("</a> rel=preload; imagesrcset=\"/a 1x,//t.example/b 2x\""), "" },
    { "R6 not well-formed without a relation", TEXT("</a>; title=\"x, " T "; rel=canonical"),
      NULL },
    { "R6 not well-formed without a tracker", TEXT("</a> rel=preload, </b>; rel=preload"), NULL },
    { "R6 what stands in front stays", TEXT("</a>; rel=preload, " T " rel=preload, </b>"),
      "</a>; rel=preload" },
    { "R6 what is removed in front leaves the rest", TEXT(T "; rel=preload, </a> x"), "</a> x" },
};
#define CASES (sizeof(cases) / sizeof(*cases))

static void test_filter(void **state)
{
    const link_case_t *c = *state;
    char *room = malloc(c->len + 1), *again = malloc(c->len + 1);
    pv_link_result_t result;
    apr_size_t len, again_len;

    for (apr_size_t n = 0; n < c->len; n++) {
        char *out = malloc(n > 0 ? n : 1);

        pv_link_filter(guard_copy(c->text, n), n, link_is_held, NULL, out, &len);
        assert_true(len <= n);
        free(out);
    }
    result = pv_link_filter(guard_copy(c->text, c->len), c->len, link_is_held, NULL, room, &len);
    if (c->want == NULL) {
        assert_int_equal(result, PV_LINK_SAME);
    }
    else {
        room[len] = '\0';
        assert_string_equal(room, c->want);
        assert_int_equal(result, len > 0 ? PV_LINK_CHANGED : PV_LINK_EMPTY);
        /* Nothing is left to do. */
        assert_int_equal(pv_link_filter(room, len, link_is_held, NULL, again, &again_len),
                         PV_LINK_SAME);
    }
    guard_free();
    free(room);
    free(again);
}

/* The members that are given, with separators, make up the field. */
static void test_members(void **state)
{
    static const char text[] = " </a>; rel=preload , <b>;title=\"x,y\",,</c> d, e";
    static const struct {
        const char *whole;
        const char *target;
        int loads;
        int doubtful;
    } want[] = {
        { "</a>; rel=preload", "/a", 1, 0 },
        { "<b>;title=\"x,y\"", "b", 0, 0 },
        { "</c> d, e", "", 0, 1 },
    };
    pv_span_t rest = pv_span(guard_copy(text, sizeof(text) - 1), sizeof(text) - 1);
    pv_link_t link;

    (void)state;
    for (size_t i = 0; i < sizeof(want) / sizeof(*want); i++) {
        assert_true(pv_link_next(&rest, &link));
        assert_true(pv_span_eq(link.whole, pv_span(want[i].whole, strlen(want[i].whole))));
        assert_true(pv_span_eq(link.target, pv_span(want[i].target, strlen(want[i].target))));
        assert_int_equal(link.loads, want[i].loads);
        assert_int_equal(link.doubtful, want[i].doubtful);
    }
    assert_false(pv_link_next(&rest, &link));
    assert_false(pv_link_next(&rest, &link));
    guard_free();
}

int main(void)
{
    static struct CMUnitTest tests[CASES + 1];

    for (size_t i = 0; i < CASES; i++) {
        tests[i].name = cases[i].title;
        tests[i].test_func = test_filter;
        tests[i].initial_state = (void *)&cases[i];
    }
    tests[CASES].name = "R6 members";
    tests[CASES].test_func = test_members;
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return _cmocka_run_group_tests("link", tests, CASES + 1, NULL, NULL);
}
