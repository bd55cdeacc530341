/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* The scanner: which tags there are, and where head and body begin. */

#include <apr_pools.h>

#include "guard.h"
#include "scan_check.h"
#include "suite.h"

typedef struct {
    const char *name;
    const char *input;
    const char *words;
} case_t;

typedef enum { WHOLE, SPLIT, BYTES } how_t;

static void run_one(const pv_scan_options_t *options, const case_t *c, unsigned answer, how_t how,
                    size_t split)
{
    size_t len = strlen(c->input);
    char *input = guard_copy(c->input, len);
    scan_told_t *told = calloc(1, sizeof(*told));
    char words[4096];
    apr_pool_t *pool;
    pv_scan_t *scan;

    apr_pool_create(&pool, NULL);
    told->input = input;
    told->answer = answer;
    scan = pv_scan_create(options, scan_note, told, pool);
    for (size_t i = 0; how == BYTES && i < len; i++) {
        pv_scan_feed(scan, input + i, 1);
    }
    if (how == SPLIT) {
        pv_scan_feed(scan, input, split);
        pv_scan_feed(scan, input + split, len - split);
    }
    if (how == WHOLE) {
        pv_scan_feed(scan, input, len);
    }
    pv_scan_end(scan);
    scan_join(told, words, sizeof(words));
    if (strcmp(words, c->words) != 0 || told->passed != len) {
        print_error("%s (%s at %d): %s\n", c->name,
                    how == WHOLE   ? "whole"
                    : how == SPLIT ? "split"
                                   : "bytes",
                    (int)split, c->input);
    }
    assert_string_equal(words, c->words);
    assert_int_equal(told->passed, len);
    apr_pool_destroy(pool);
    free(told);
    guard_free();
}

static void run_cases(const pv_scan_options_t *options, const case_t *cases, size_t count,
                      unsigned answer)
{
    for (size_t i = 0; i < count; i++) {
        run_one(options, &cases[i], answer, WHOLE, 0);
        run_one(options, &cases[i], answer, BYTES, 0);
        for (size_t split = 0; split <= strlen(cases[i].input); split++) {
            run_one(options, &cases[i], answer, SPLIT, split);
        }
    }
}

/* ------------------------------------------------------------------ tokenizing */

static const case_t token_cases[] = {
    { "H4 tags", "<b><A HREF=x></a ></B\n>", "h@0 b@0 b A /a /B" },
    { "H4 a tag that is open at the end is none", "<b><img src=x", "h@0 b@0 b" },
    { "H4 a quoted > does not end a tag", "<b title='>' x=\">\"><i>", "h@0 b@0 b i" },
    { "H4 a quote in an attribute's name is none", "<b a\"=x><i \"><u>", "h@0 b@0 b i u" },
    { "H4 = at the beginning of a name", "<b =\"><i>", "h@0 b@0 b i" },
    { "H4 a solidus between attributes", "<b/a='>'/><i>", "h@0 b@0 b i" },
    { "H4 end tags have attributes", "<b></b x='>'><i>", "h@0 b@0 b /b i" },
    { "H4 no space behind a quoted value", "<b a='x'b=\">\"><i>", "h@0 b@0 b i" },
    { "H4 missing value", "<b a=><i>", "h@0 b@0 b i" },
    { "H4 less-than as text", "<b>1 < 2 <3 <<i>", "h@0 b@0 b i" },
    { "H4 comments", "<!--a--><!--a-- --><!----><!-- - -- --!><b>", "!1 !4 !0 !6 h@40 b@40 b" },
    { "H4 comments that end at once", "<!--><b><!---><i>", "!0 h@5 b@5 b !0 i" },
    { "H4 a comment in a comment", "<!--<!--><b>", "!2 h@9 b@9 b" },
    { "H4 bogus comments", "<!x><?y?></ z></><!><b>", "!1 !3 !2 !0 h@20 b@20 b" },
    { "H4 a comment that is open at the end", "<b><!-- <i>", "h@0 b@0 b !4" },
    { "H4 doctype", "<!DOCTYPE html \"><b>", "? h@17 b@17 b" },
    { "H4 no CDATA in HTML", "<![CDATA[<b>]]><i>", "!9 h@12 b@12 i" },
    { "H4 a long name", "<abcdefghijklmnopqrstuvwxyzabcdefghijklmnop a='>'><i>",
      "h@0 b@0 abcdefghijklmnopqrst i" },
};

/* --------------------------------------------------- content that is not markup */

static const case_t raw_cases[] = {
    { "H4 style", "<style><b></styles></style ><i>", "h@0 style /style b@28 i" },
    { "H4 title", "<title><b></title><i>", "h@0 title /title b@18 i" },
    { "H4 textarea, xmp, iframe, noembed, noframes",
      "<textarea><b></textarea><xmp><b></xmp><iframe><b></iframe><noembed><b></noembed>"
      "<noframes><b></noframes>",
      "h@0 b@0 textarea /textarea xmp /xmp iframe /iframe noembed /noembed noframes /noframes" },
    { "H4 plaintext", "<plaintext></plaintext><b>", "h@0 b@0 plaintext" },
    { "H4 script", "<script>a<b></script><i>", "h@0 script /script b@21 i" },
    { "H4 a script's end tag in any case, with attributes", "<script></SCRIPT x='>'><i>",
      "h@0 script /SCRIPT b@23 i" },
    { "H4 escaped script data", "<script><!-- <b> </script><i>", "h@0 script /script b@26 i" },
    { "H4 double escaped", "<script><!-- <script> </script> <b> --></script><i>",
      "h@0 script /script b@48 i" },
    { "H4 double escaped and never ended", "<script><!-- <script> </script> <b>", "h@0 script" },
    { "H4 escape that ends at once", "<script><!--><script></script><i>",
      "h@0 script /script b@30 i" },
    { "H4 no double escape by a longer name", "<script><!--<scripts></script><i>",
      "h@0 script /script b@30 i" },
};

/* --------------------------------------------------------------------- readings */

static const case_t reading_cases[] = {
    { "H4 noscript in both readings", "<p><noscript><img></noscript><b>",
      "h@0 b@0 p noscript img /noscript b" },
    { "H4 a comment that only one of them sees", "<p><noscript><!--</noscript><img>--><b>",
      "h@0 b@0 p noscript !16 /noscript img b" },
    { "H4 a title that only one of them sees", "<p><noscript><title></noscript><img></title>",
      "h@0 b@0 p noscript title /noscript img /title" },
    { "H4 style in svg", "<svg><style><img></style></svg><b>",
      "h@0 b@0 svg style img /style /svg b" },
    { "H4 style in svg's title", "<svg><title><style><img></style></title></svg><b>",
      "h@0 b@0 svg title style /style /title /svg b" },
    { "H4 HTML ends svg", "<svg><p><style><img></style>", "h@0 b@0 svg p style /style" },
    { "H4 font ends svg, or not", "<svg><font size=1><style><img></style>",
      "h@0 b@0 svg font style /style" },
    { "H4 font in svg", "<svg><font x=1><style><img></style>",
      "h@0 b@0 svg font style img /style" },
    { "H4 foreignObject", "<svg><foreignObject><style><b></style></foreignObject><style><u>",
      "h@0 b@0 svg foreignObject style /style /foreignObject style u" },
    { "H4 an end tag that may end svg", "<div><svg></div><style><img></style><b>",
      "h@0 b@0 div svg /div style img /style b" },
    { "H4 what may be open in a foreignObject",
      "<svg><foreignObject><p><div></foreignObject><style><img></style>",
      "h@0 b@0 svg foreignObject p div /foreignObject style img /style" },
    { "H4 CDATA in svg", "<svg><![CDATA[<b>]]></svg><i>", "h@0 b@0 svg [3 /svg i" },
    { "H4 readings in two sections of CDATA",
      "<math></script><![CDATA[<style><math><![CDATA[ x ]]>",
      "h@0 b@0 math /script !13 [25 math [3" },
    { "H4 CDATA in an integration point", "<svg><desc><![CDATA[<b>]]><i>",
      "h@0 b@0 svg desc [3 i" },
    { "H4 script in svg", "<svg><script>a<g></script><title></svg><i>",
      "h@0 b@0 svg script g /script title /svg i" },
    { "H4 math", "<math><mi><style><b></style></mi><style><u></style></math>",
      "h@0 b@0 math mi style /style /mi style u /style /math" },
    { "H4 annotation-xml with HTML",
      "<math><annotation-xml encoding='text&#47;HTML'><style><b></style>",
      "h@0 b@0 math annotation-xml style /style" },
    { "H4 annotation-xml without", "<math><annotation-xml encoding=x><style><b></style>",
      "h@0 b@0 math annotation-xml style b /style" },
    { "H4 svg that closes itself", "<svg/><style><b></style>", "h@0 b@0 svg style /style" },
    { "H4 raw text in select, in older browsers", "<select><style><img></style></select><b>",
      "h@0 b@0 select style img /style /select b" },
    { "H4 script in select", "<select><script><img></script></select>",
      "h@0 b@0 select script /script /select" },
    { "H4 svg in select", "<select><svg><style><img></style></svg></select><title><b></title>",
      "h@0 b@0 select svg style img /style /svg /select title /title" },
    { "H4 a col in a template", "<p><template><col><style></template><img></style>",
      "h@0 b@0 p template col style /template img /style" },
    { "H4 frameset", "<frameset><style><frame></style></frameset>",
      "h@0 frameset frames style frame /style /frameset" },
    { "H4 a frameset in a body", "<p><frameset><style><frame></style>",
      "h@0 b@0 p frameset style frame /style" },
};

/* ----------------------------------------------------------------- head and body */

static const case_t phase_cases[] = {
    { "M1 body", "<html><head></head><body a='>'><b>", "html head h@12 /head body b@31 b" },
    { "M1 body implied by an element", "<title>x</title> \n<p>", "h@0 title /title b@18 p" },
    { "M1 body implied by text", " <!--x--> text<p>", "!1 h@10 b@10 p" },
    { "M1 body implied by a less-than", "<title></title>< p>", "h@0 title /title b@15" },
    { "M1 nothing is implied in a template", "<head><template><div>x</div></template><body>",
      "head h@6 template div /div /template body b@45" },
    { "M1 a byte order mark is no text", "\357\273\277<body>", "h@3 body b@9" },
    { "M1 half a byte order mark is", "\357\273<body>", "h@0 b@0 body" },
    { "M1 a doctype implies nothing", "<!DOCTYPE html><body>", "? h@15 body b@21" },
    { "M1 an end tag may imply", "<title></title></p></body>", "h@0 title /title /p b@19 /body" },
    { "M1 a noscript behind the head does", "<head></head><noscript></noscript>",
      "head h@6 /head b@13 noscript /noscript" },
    { "M1 with script a noscript in the head does not", "<head><noscript><img></noscript><body>",
      "head h@6 noscript nb@16 img /noscript body b@38" },
    { "M1 a comment that only one reading sees",
      "<head><noscript><!--</noscript></head><body>--><p>",
      "head h@6 noscript !24 /noscript /head body b@44 nb@47 p" },
    { "M1 not where another reading has a value",
      "<head><noscript><a b='</noscript></head><body>'><p>",
      "head h@6 noscript nb@16 a /noscript /head body b@46! p" },
    { "M1 nor where both then read on alike", "<head><noscript><a b='</noscript></head>'><p>",
      "head h@6 noscript nb@16 a /noscript /head b@40! p" },
    { "M1 after all", "<title>x</title>", "h@0 title /title b@16" },
};

/* ------------------------------------------------------------------------- XML */

static const case_t xml_cases[] = {
    { "XML has no raw text", "<html><head><script>a<b/></script></head><body>x</body></html>",
      "html head h@12 script b /script /head body b@47 /body /html" },
    { "XML instructions end at ?>", "<?x a='>'?><b/><?y><b?><i/>", "!9 b !6 i" },
    { "XML comments", "<!--><b/>--><!----!><u/>--><i/>", "!5 !8 i" },
    { "XML CDATA", "<p><![CDATA[<b/>]]></p>", "p [4 /p" },
    { "XML doctype with a subset",
      "<!DOCTYPE html [ <!ENTITY a \"]><b>\"> <!-- ' ]> --> <?p ' ]> ?> ]><i/>", "? i" },
    { "XML a prefixed body is none", "<h:body><b/>", "h:body b" },
    { "XML no implied body", "<p>text</p>", "p /p" },
};

static void test_tokens(void **state)
{
    pv_scan_options_t options = { .all = 1 };
    (void)state;
    run_cases(&options, token_cases, COUNT(token_cases), 0);
}

static void test_raw(void **state)
{
    pv_scan_options_t options = { .all = 1 };
    (void)state;
    run_cases(&options, raw_cases, COUNT(raw_cases), 0);
}

static void test_readings(void **state)
{
    pv_scan_options_t options = { .all = 1 };
    (void)state;
    run_cases(&options, reading_cases, COUNT(reading_cases), 0);
}

static void test_phases(void **state)
{
    pv_scan_options_t options = { .all = 1 };
    (void)state;
    run_cases(&options, phase_cases, COUNT(phase_cases), 0);
}

static void test_xml(void **state)
{
    pv_scan_options_t options = { .all = 1, .xml = 1 };
    (void)state;
    run_cases(&options, xml_cases, COUNT(xml_cases), 0);
}

/* ------------------------------------------------------------ what was asked for */

static const case_t asked_cases[] = {
    { "H5 only what is asked for", "<body><p><img src=x><b></b><a href=y>", "h@0 b@6 img" },
    { "H5 the shortest tags",
      "<body><img><img/><IMG ><p b><a b></p></a b></a b=\">\"><img></p/><p/><p>",
      "h@0 b@6 img img IMG img" },
    { "H5 what is not quoted behind = in front of a name",
      "<body><b x=\"y\" =\"><img>\"><b =\"><img>", "h@0 b@6 img img" },
    { "H5 what stands quoted behind the shortest",
      "<body><b c=\"><img>\"></b c='><img>'><i d=><img>x", "h@0 b@6 img" },
    { "H2 a link with a ping", "<body><a href=y><a PING=z>", "h@0 b@6 a" },
    { "H5 the text of a script", "<body><script x=1>abc</script><p>", "h@0 b@6 script text3" },
    { "H5 of a script in svg", "<body><svg><script>a<g/>c</script></svg>", "h@0 b@6 script text6" },
    { "H5 of a script that is open at the end", "<body><script>abc", "h@0 b@6 script" },
    { "H3 the end of an iframe", "<body><iframe><p></iframe x><p>", "h@0 b@6 iframe end@28" },
    { "H3 in a noscript", "<body><noscript><iframe></iframe></noscript>", "h@0 b@6 iframe end@33" },
    { "H3 not where another reading has something else",
      "<body><noscript><iframe></noscript><b a='</iframe>'>", "h@0 b@6 iframe end@50!" },
    { "H4 in a frameset what a browser looks ahead for", "<frameset><img><frame>",
      "h@0 frames img frame" },
    { "H5 a text over the limit",
      "<body><script>012345678901234567890123456789012345678901234567890123456789012345</script>"
      "<img>",
      "h@0 b@6 script text64+ img" },
    { "H5 a text at the limit",
      "<body><script>012345678901234567890123456789012345678901234567890123456789012</script>",
      "h@0 b@6 script text63" },
    { "H5 a tag over the limit",
      "<body><img a=1 b='012345678901234567890123456789012345678901234567890123456789' c=x "
      "d='y'e=\"z\" f g=h><img>",
      "h@0 b@6 cut64 attr:c=x attr:d='y' attr:e=\"z\" attr:g=h img" },
    { "H5 the attribute at the limit is not the one to blame",
      "<body><img a='0123456789012345678901234567890123456789' b='012345678901234567890' c=d>",
      "h@0 b@6 cut50 attr:b='01234567890123456 attr:c=d" },
    { "H5 an attribute over the limit behind it",
      "<body><img a='012345678901234567890123456789012345678901234567890123456789' "
      "b='012345678901234567890123456789012345678901234567890123456789012' c=d>",
      "h@0 b@6 cut64 attr:b='01234567890123456+ attr:c=d" },
};

static void test_asked(void **state)
{
    unsigned char want[PV_TAG_COUNT] = { 0 };
    pv_scan_options_t options = { .want = want, .limit = 64 };
    (void)state;

    want[PV_TAG_IMG] = PV_SCAN_WANT;
    want[PV_TAG_SCRIPT] = PV_SCAN_WANT;
    want[PV_TAG_IFRAME] = PV_SCAN_WANT;
    want[PV_TAG_FRAME] = PV_SCAN_WANT;
    want[PV_TAG_A] = PV_SCAN_WANT_PING;
    run_cases(&options, asked_cases, COUNT(asked_cases),
              PV_SCAN_WANT_TEXT | PV_SCAN_WANT_END | PV_SCAN_WANT_ATTRS);
}

/* ------------------------------------------------------------------- vocabulary */

static void test_tags(void **state)
{
    static const char *const flagged[] = {
        "b",  "button",  "caption", "colgroup", "dd", "dt",     "em",    "h1",  "hr", "i",
        "li", "listing", "mtext",   "nobr",     "ol", "option", "param", "pre", "rb", "ruby",
        "s",  "sup",     "tbody",   "tt",       "u",  "ul",     "var",   "wbr",
    };

    (void)state;
    for (int tag = 1; tag < PV_TAG_COUNT; tag++) {
        const char *name = pv_tag_name((pv_tag_e)tag);
        size_t len = strlen(name);
        char upper[PV_TAG_NAME_MAX + 1];

        assert_in_range(len, 1, PV_TAG_NAME_MAX);
        for (size_t i = 0; i <= len; i++) {
            upper[i] = (char)(name[i] >= 'a' && name[i] <= 'z' ? name[i] - 32 : name[i]);
        }
        assert_int_equal(pv_tag_find(pv_span(guard_copy(name, len), len)).tag, tag);
        assert_int_equal(pv_tag_find(pv_span(upper, len)).tag, tag);
        assert_int_equal(pv_tag_find(pv_span(name, len - 1)).tag == (pv_tag_e)tag, 0);
        if (tag != PV_TAG_BR && tag != PV_TAG_P) {
            assert_true(pv_tag_may_matter(upper[0], len));
        }
        guard_free();
    }
    /* Names without an identity, the first and the last of a letter among them. */
    for (size_t i = 0; i < sizeof(flagged) / sizeof(flagged[0]); i++) {
        assert_int_not_equal(pv_tag_find(pv_span(flagged[i], strlen(flagged[i]))).flags, 0);
    }
    assert_int_equal(pv_tag_find(PV_SPAN("a\0")).tag, PV_TAG_OTHER);
    assert_int_equal(pv_tag_find(PV_SPAN("{")).tag, PV_TAG_OTHER);
    assert_int_equal(pv_tag_find(PV_SPAN("@")).tag, PV_TAG_OTHER);
    assert_false(pv_tag_may_matter('p', 1));
    assert_false(pv_tag_may_matter('d', 3));
}

/* ------------------------------------------------------------------- what is kept */

/* A chunk in which nothing is asked for passes from where it lies. */
static unsigned in_place(void *ctx, const pv_scan_event_t *e)
{
    const pv_span_t *chunk = ctx;

    if (e->kind == PV_SCAN_PASS) {
        assert_true(e->bytes.ptr >= chunk->ptr &&
                    e->bytes.ptr + e->bytes.len <= chunk->ptr + chunk->len);
    }
    return 0;
}

static void test_in_place(void **state)
{
    static const char text[] = "<body><p class=\"x\">text</p><!-- comment --><style>a</style> ";
    pv_span_t chunk = PV_SPAN(text);
    apr_pool_t *pool;
    pv_scan_t *scan;
    (void)state;

    apr_pool_create(&pool, NULL);
    scan = pv_scan_create(NULL, in_place, &chunk, pool);
    for (int i = 0; i < 3; i++) {
        pv_scan_feed(scan, chunk.ptr, chunk.len);
    }
    pv_scan_end(scan);
    apr_pool_destroy(pool);
}

/* More readings than are followed: said, and nothing else happens. */
static void test_lanes(void **state)
{
    scan_told_t *told = calloc(1, sizeof(*told));
    static const char text[] =
        "<select><style><title><xmp><iframe><noembed><noframes><noscript><plaintext>"
        "<svg><style><title><xmp><iframe><noembed><noframes><noscript><math><plaintext><b>";
    pv_scan_options_t options = { .all = 1 };
    apr_pool_t *pool;
    pv_scan_t *scan;
    (void)state;

    apr_pool_create(&pool, NULL);
    told->input = text;
    scan = pv_scan_create(&options, scan_note, told, pool);
    pv_scan_feed(scan, text, 8);
    assert_int_equal(pv_scan_limited(scan), PV_OK);
    pv_scan_feed(scan, text + 8, sizeof(text) - 9);
    pv_scan_end(scan);
    assert_int_equal(pv_scan_limited(scan), PV_LIMIT);
    assert_int_equal(told->passed, sizeof(text) - 1);
    apr_pool_destroy(pool);
    free(told);
}

int main(void)
{
    suite_test(test_tokens);
    suite_test(test_raw);
    suite_test(test_readings);
    suite_test(test_phases);
    suite_test(test_xml);
    suite_test(test_asked);
    suite_test(test_tags);
    suite_test(test_in_place);
    suite_test(test_lanes);
    return suite_run_pools("scan");
}
