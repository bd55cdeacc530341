/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* M4, security: what a template may be, and that no value becomes markup. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include <apr_general.h>

#include "guard.h"
#include "page/pv_template.h"

#define HOSTILE "\"'><script>alert(1)</script>&\xff"
#define SAFE    "&quot;&#39;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;\xef\xbf\xbd"

enum { TEXT, URL, BAD_URL, EMPTY, FLAG, LIST, NONE };

static const pv_slot_t members[] = { { "item", PV_SLOT_TEXT, 0, NULL }, { NULL, 0, 0, NULL } };
static const pv_slot_t slots[] = {
    { "text", PV_SLOT_TEXT, 0, NULL },    { "url", PV_SLOT_URL, 0, NULL },
    { "bad_url", PV_SLOT_URL, 0, NULL },  { "empty", PV_SLOT_TEXT, 0, NULL },
    { "flag", PV_SLOT_FLAG, 0, NULL },    { "list", PV_SLOT_LIST, 0, members },
    { "none", PV_SLOT_LIST, 0, members }, { NULL, 0, 0, NULL },
};
static const pv_slot_t needs[] = {
    { "text", PV_SLOT_TEXT, 1, NULL },
    { "list", PV_SLOT_LIST, 1,
      (const pv_slot_t[]){ { "item", PV_SLOT_TEXT, 1, NULL }, { NULL, 0, 0, NULL } } },
    { NULL, 0, 0, NULL },
};

static const pv_fill_t rows[] = { { .text = { "one", 3 } }, { .text = { "<2>", 3 } } };
static const pv_fill_t fill[] = {
    [TEXT] = { .text = { HOSTILE, sizeof(HOSTILE) - 1 } },
    [URL] = { .text = { "https://x.example/?a=1&b=\"", 26 } },
    [BAD_URL] = { .text = { "javascript:alert(1)", 19 } },
    [FLAG] = { .text = { "1", 1 } },
    [LIST] = { .row = rows, .rows = 2 },
    [NONE] = { .rows = 0 },
};

static const char words_text[] = "# words\n"
                                 "plain = Tom & \"Jerry\" <b>\n"
                                 "slotted = Say {{text}}!\n"
                                 "beyond = Cze\xc5\x9b\xc4\x87 &\n"
                                 "broken = {{nosuch}}\n"
                                 "long = one \\\n    two\n";

typedef struct {
    const char *title;
    const char *template;
    const char *want;  /**< what is written; NULL: an error */
    const char *error; /**< part of what is wrong */
    int line;
} template_case_t;

static const template_case_t cases[] = {
    { "M4 no slot", "<p>hello</p>", "<p>hello</p>", NULL, 0 },
    { "M4 empty", "", "", NULL, 0 },
    { "M4 text", "<p>{{text}}</p>", "<p>" SAFE "</p>", NULL, 0 },
    { "M4 white space in braces", "{{ text }}", SAFE, NULL, 0 },
    { "M4 title is text", "<title>{{text}}</title>", "<title>" SAFE "</title>", NULL, 0 },
    { "M4 attribute", "<p title=\"{{text}}\">", "<p title=\"" SAFE "\">", NULL, 0 },
    { "M4 single quotes", "<p title='{{text}}'>", "<p title='" SAFE "'>", NULL, 0 },
    { "M4 an address", "<a href=\"{{url}}\">", "<a href=\"https://x.example/?a=1&amp;b=&quot;\">",
      NULL, 0 },
    { "M4 an address that runs", "<a href=\"{{bad_url}}\">", "<a href=\"#\">", NULL, 0 },
    { "M4 part of an address", "<a href=\"/p?x={{text}}\">",
      "<a href=\"/p?x=%22%27%3E%3Cscript%3Ealert%281%29%3C/script%3E%26%FF\">", NULL, 0 },
    { "M4 part behind an address", "<a href=\"{{url}}?r={{bad_url}}\">",
      "<a href=\"https://x.example/?a=1&amp;b=&quot;?r=javascript%3Aalert%281%29\">", NULL, 0 },
    { "M4 a list", "{{#list}}[{{item}}]{{/list}}", "[one][&lt;2&gt;]", NULL, 0 },
    { "M4 what is around a list", "{{#list}}{{item}}{{empty}}{{#flag}}!{{/flag}}{{/list}}",
      "one!&lt;2&gt;!", NULL, 0 },
    { "M4 no rows", "{{#none}}x{{/none}}{{^none}}y{{/none}}", "y", NULL, 0 },
    { "M4 rows", "{{^list}}x{{/list}}", "", NULL, 0 },
    { "M4 if and unless",
      "{{#flag}}a{{/flag}}{{^flag}}b{{/flag}}{{#empty}}c{{/empty}}{{^empty}}d{{/empty}}", "ad",
      NULL, 0 },
    { "M4 a section between attributes", "<input id=\"x\"{{#flag}} checked=\"\"{{/flag}}>",
      "<input id=\"x\" checked=\"\">", NULL, 0 },
    { "M4 a comment of the template", "a{{! no {slot} }}b", "ab", NULL, 0 },
    { "M4 lines of sections", "a\n{{#flag}}\nb\n{{/flag}}\n{{empty}}\nc", "a\nb\n\nc", NULL, 0 },
    { "M4 words", "{{=plain}}", "Tom &amp; &quot;Jerry&quot; &lt;b&gt;", NULL, 0 },
    { "M4 words in an attribute", "<p title=\"{{=plain}}\">",
      "<p title=\"Tom &amp; &quot;Jerry&quot; &lt;b&gt;\">", NULL, 0 },
    { "M4 words with a slot", "{{=slotted}}", "Say " SAFE "!", NULL, 0 },
    { "M4 a continued text", "{{=long}}", "one two", NULL, 0 },
    { "M4 one brace is text", "{a}", "{a}", NULL, 0 },
    { "M4 behind a script", "<script src=\"/x\"></script>{{text}}",
      "<script src=\"/x\"></script>" SAFE, NULL, 0 },
    { "M4 behind a comment", "<!-- > --x --> {{empty}}", "<!-- > --x --> ", NULL, 0 },

    { "M4 behind an unquoted value", "<p a=b c=d>{{empty}}<p a=b>", "<p a=b c=d><p a=b>", NULL, 0 },
    { "M4 behind attributes without values", "<p a b  c / >{{empty}}", "<p a b  c / >", NULL, 0 },
    { "M4 behind a name and a slash", "<p a/>{{empty}}<p a/b>", "<p a/><p a/b>", NULL, 0 },
    { "M4 behind an empty value", "<p a= >{{empty}}", "<p a= >", NULL, 0 },
    { "M4 behind a declaration", "<!DOCTYPE html>{{empty}}<?x ?>{{empty}}", "<!DOCTYPE html><?x ?>",
      NULL, 0 },
    { "M4 behind what is no tag", "a < b </ >{{empty}}", "a < b </ >", NULL, 0 },
    { "M4 behind an end tag", "</p x>{{empty}}", "</p x>", NULL, 0 },
    { "M4 a section in a value", "<p title=\"a{{#flag}}b{{/flag}}c\">", "<p title=\"abc\">", NULL,
      0 },
    { "F1 in a declaration", "<!DOCTYPE {{text}}>", NULL, "a declaration", 1 },
    { "F1 unknown slot", "<p>\n{{txt}}", NULL, "did you mean 'text'", 2 },
    { "F1 unknown slot, nothing near", "{{something}}", NULL, "text url", 1 },
    { "F1 a member outside its list", "{{item}}", NULL, "no slot 'item'", 1 },
    { "F1 an unknown slot in words", "{{=broken}}", NULL, "nosuch", 1 },
    { "F1 a section of nothing", "{{#nosuch}}x{{/nosuch}}", NULL, "no slot 'nosuch'", 1 },
    { "F1 a section that begins another part of a value",
      "<p title=\"{{#flag}}\"><p class=\"{{/flag}}x\">", NULL, "another place", 1 },
    { "F1 unknown word", "{{=nothing}}", NULL, "words.xx has no text 'nothing'", 1 },
    { "F1 no end", "\n\n{{text", NULL, "without }}", 3 },
    { "F1 no name", "{{ }}", NULL, "names nothing", 1 },
    { "F1 section without an end", "a\n{{#flag}}b", NULL, "of line 2 has no end", 2 },
    { "F1 end without a section", "{{/flag}}", NULL, "ends nothing", 1 },
    { "F1 sections that cross", "{{#flag}}{{#list}}{{/flag}}{{/list}}", NULL, "has to", 1 },
    { "F1 a list has no text", "{{list}}", NULL, "no text of its own", 1 },
    { "F1 in a script", "<script>var x = '{{text}}'</script>", NULL, "stand in script", 1 },
    { "F1 in a style", "<STYLE>{{text}}", NULL, "stand in style", 1 },
    { "F1 in a comment", "<!-- {{text}} -->", NULL, "a comment", 1 },
    { "F1 in a tag", "<p {{text}}>", NULL, "a tag", 1 },
    { "F1 in a name", "<p{{text}}>", NULL, "a tag", 1 },
    { "F1 without quotes", "<p title={{text}}>", NULL, "without quotes", 1 },
    { "F1 without quotes, further on", "<p title=x{{text}}>", NULL, "without quotes", 1 },
    { "F1 an event", "<p onclick=\"{{text}}\">", NULL, "onclick", 1 },
    { "F1 an event in capitals", "<p ONCLICK = '{{text}}'>", NULL, "onclick", 1 },
    { "F1 a style attribute", "<p style=\"{{text}}\">", NULL, "style", 1 },
    { "F1 srcdoc", "<iframe srcdoc=\"{{text}}\">", NULL, "srcdoc", 1 },
    { "F1 no address begins an address", "<a href=\"{{text}}\">", NULL, "is no address", 1 },
    { "F1 words in an address", "<a href=\"{{=plain}}\">", NULL, "cannot stand in href", 1 },
    { "F1 a section that leaves its place", "{{#flag}}<p title=\"{{/flag}}\">", NULL,
      "another place", 1 },
    { "F1 a section in a name", "<s{{#flag}}cript{{/flag}}>", NULL, "cannot begin", 1 },
    { "F1 ends inside a tag", "<p title=\"x", NULL, "ends inside", 1 },
    { "F1 ends inside a title", "<title>x", NULL, "ends inside title", 1 },
    { "F1 ends with the beginning of a tag", "1 <", NULL, "ends inside a tag", 1 },
    { "F1 behind a <", "1 <{{text}}", NULL, "a tag", 1 },
    { "F1 behind a </", "</{{text}}", NULL, "a tag", 1 },
    { "F1 behind a <!", "<!{{text}}", NULL, "a tag", 1 },
    { "F1 behind what may end a title", "<title></ti{{text}}", NULL, "a tag", 1 },
    { "F1 a tag in two pieces", "<{{! }}script>{{text}}</script>", NULL, "stand in script", 1 },
    { "F1 a longer name ends no script", "<script></scripts>{{text}}</script>", NULL, "in script",
      1 },
    { "F1 a script in a script", "<script><!--<script></script>{{text}}--></script>", NULL,
      "in script", 1 },
    { "F1 plaintext has no end", "<plaintext></plaintext>{{text}}", NULL, "alike", 1 },
    { "F1 a title is no markup", "<title><b title=\"</title><b title={{text}}>\"", NULL, "alike",
      1 },
    { "F1 a noscript is text with script", "<noscript><b title=\"</noscript><b title={{text}}>\"",
      NULL, "alike", 1 },
    { "F1 a style in svg is markup", "<svg><style><b title=\"</style><p title=\"{{text}}\">", NULL,
      "alike", 1 },
    { "F1 CDATA in svg", "<svg><![CDATA[>{{text}}]]>", NULL, "alike", 1 },
    { "F1 / behind an attribute's name", "<p a /=\"{{text}}\">", NULL, "a tag", 1 },
    { "F1 not every comment needs --", "<!--><p {{text}}-->", NULL, "a tag", 1 },
    { "F1 a bogus comment", "</ {{text}}>", NULL, "a declaration", 1 },
    { "F1 a section that ends in another element",
      "<script title=\"{{#flag}}\"></script><a title=\"{{/flag}}\">{{text}}", NULL, "another place",
      1 },
    { "F1 a section that ends in the end tag", "<script {{#flag}}></script {{/flag}}>{{text}}",
      NULL, "another place", 1 },
    { "M4 comments that end at once", "<!--><!---><!--x--!>{{text}}", "<!--><!---><!--x--!>" SAFE,
      NULL, 0 },
    { "M4 a script's comment", "<script><!-- a --> </script>{{empty}}<script><!--></script>",
      "<script><!-- a --> </script><script><!--></script>", NULL, 0 },
    { "M4 a textarea", "<textarea> {{text}} </textarea>{{empty}}",
      "<textarea> " SAFE " </textarea>", NULL, 0 },
    { "M4 noscript", "<noscript><p>{{text}}</p></noscript>{{empty}}",
      "<noscript><p>" SAFE "</p></noscript>", NULL, 0 },
    { "M4 svg", "<svg><title>{{text}}</title><path d=\"M1\"/></svg>{{empty}}",
      "<svg><title>" SAFE "</title><path d=\"M1\"/></svg>", NULL, 0 },
    { "M4 less than", "1 < 2 <= {{empty}}", "1 < 2 <= ", NULL, 0 },
};

/* In pages of others, whatever their encoding. */
static const template_case_t guests[] = {
    { "H7 text", "<p>\xc3\xa9 {{text}} \xe2\x82\xac</p>",
      "<p>&#xE9; &quot;&#39;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;&#xFFFD; &#x20AC;</p>",
      NULL, 0 },
    { "H7 an attribute", "<p title='\xf0\x9f\x8d\xaa' class=\xc3\xa9>",
      "<p title='&#x1F36A;' class=&#xE9;>", NULL, 0 },
    { "H7 not UTF-8", "\xe9\xc3", "&#xFFFD;&#xFFFD;", NULL, 0 },
    { "H7 words", "{{=beyond}}", "Cze&#x15B;&#x107; &amp;", NULL, 0 },
    { "H7 an address", "<a href=\"{{url}}\">", "<a href=\"https://x.example/?a=1&amp;b=&quot;\">",
      NULL, 0 },
    { "H7 an address in a text", "<a href=\"/\xc3\xa9\">", "<a href=\"/&#xE9;\">", NULL, 0 },
    { "H7 no references in a script", "<script>a('\xc3\xa9')</script>\xc3\xa9",
      "<script>a('\xc3\xa9')</script>&#xE9;", NULL, 0 },
    { "H7 nor in a comment", "<!-- \xc3\xa9 -->\xc3\xa9", "<!-- \xc3\xa9 -->&#xE9;", NULL, 0 },
};

static pv_template_t *compile(const template_case_t *one, const pv_slot_t *known, int guest,
                              int *line, const char **error, apr_pool_t *pool)
{
    size_t len = strlen(words_text);
    pv_words_t *words = pv_words_read("xx", guard_copy(words_text, len), len, line, error, pool);

    assert_non_null(words);
    *line = 0;
    *error = NULL;
    len = strlen(one->template);
    return pv_template_compile(guard_copy(one->template, len), len, known, words, guest, line,
                               error, pool);
}

static void check(const template_case_t *one, int guest, apr_pool_t *pool)
{
    const char *error;
    int line;
    pv_template_t *template = compile(one, slots, guest, &line, &error, pool);
    pv_text_t out = { .pool = pool };

    if (one->want != NULL) {
        if (template == NULL) {
            fail_msg("%s: %s", one->title, error);
        }
        pv_template_write(template, fill, &out);
        if (strcmp(pv_text_done(&out).ptr, one->want) != 0) {
            fail_msg("%s: '%s'", one->title, out.ptr);
        }
        return;
    }
    if (template != NULL || strstr(error, one->error) == NULL || line != one->line) {
        fail_msg("%s: line %d: %s", one->title, line, template ? "no error" : error);
    }
}

static void templates(void **state)
{
    apr_pool_t *pool = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        check(&cases[i], 0, pool);
    }
    for (size_t i = 0; i < sizeof(guests) / sizeof(guests[0]); i++) {
        check(&guests[i], 1, pool);
    }
}

static void required(void **state)
{
    static const template_case_t lacking[] = {
        { "F1 lacks a slot", "{{#list}}{{item}}{{/list}}", NULL, "lacks the slot 'text'", 1 },
        { "F1 lacks a list", "{{text}}", NULL, "lacks the slot 'list'", 1 },
        { "F1 lacks a member", "{{text}}\n{{#list}}{{/list}}\n", NULL, "lacks the slot 'item'", 3 },
        { "M4 has them", "{{text}}{{#list}}{{item}}{{/list}}", "", NULL, 0 },
    };

    for (size_t i = 0; i < sizeof(lacking) / sizeof(lacking[0]); i++) {
        const char *error;
        int line;
        pv_template_t *template = compile(&lacking[i], needs, 0, &line, &error, *state);

        if (lacking[i].want ? template == NULL
                            : template != NULL || line != lacking[i].line ||
                                  strstr(error, lacking[i].error) == NULL) {
            fail_msg("%s: line %d: %s", lacking[i].title, line, error ? error : "no error");
        }
    }
}

static void deep(void **state)
{
    template_case_t one = { "F1 too deep", NULL, NULL, "inside each other", 1 };
    char text[64 * 9 + 1] = "";

    for (int i = 0; i < 64; i++) {
        strcat(text, "{{#flag}}");
    }
    one.template = text;
    check(&one, 0, *state);
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
        cmocka_unit_test(templates),
        cmocka_unit_test(required),
        cmocka_unit_test(deep),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
