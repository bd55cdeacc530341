/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* The rewriter: what is held and how, where messages stand, and that nothing else changes. */

#include <apr_strings.h>

#include "rewrite_case.h"

/* ------------------------------------------------------------------ H2: elements */

/* A tracker in ATTR, with the rest of the tag in front and behind. */
#define PLAIN(tag, rest, attr, after)                                                              \
    {                                                                                              \
        "H2 " tag " " attr, "<" tag rest " " attr "=\"" T "\"" after ">",                          \
            "<" tag ADS rest " " D attr "=\"" T "\"" after ">"                                     \
    }

static const case_t element_cases[] = {
    { "H2 script src", "<script src=\"" T "\"></script>",
      "<script" OUT " " D "src=\"" T "\"></script>" },
    { "H2 svg script href", "<svg><script href=\"" T "\"/></svg>",
      "<svg><script" OUT " " D "href=\"" T "\"/></svg>" },
    { "H2 svg script xlink:href", "<svg><script xlink:href='" T "'></script></svg>",
      "<svg><script" OUT " " D "xlink:href='" T "'></script></svg>" },
    { "H2 iframe src, hidden", "<iframe hidden src=" T "></iframe>",
      "<iframe" ADS " hidden " D "src=" T "></iframe>" },
    { "H2 frame src", "<frameset><frame src=" T "></frameset>",
      "<frameset><frame" ADS " " D "src=" T "></frameset>" },
    PLAIN("img", "", "src", ""),
    PLAIN("img", " alt=x", "srcset", " class=y"),
    PLAIN("image", "", "src", ""),
    PLAIN("input", " type=image", "src", ""),
    PLAIN("input", "", "src", " TYPE='Image'"),
    PLAIN("link", " rel=preload", "href", ""),
    PLAIN("link", " rel=preload as=image", "imagesrcset", ""),
    PLAIN("link", " rel=modulepreload", "href", ""),
    PLAIN("link", " rel=prefetch", "href", ""),
    PLAIN("link", " rel=next", "href", ""),
    PLAIN("link", " rel=compression-dictionary", "href", ""),
    PLAIN("link", " rel=preconnect", "href", ""),
    PLAIN("link", " rel=dns-prefetch", "href", ""),
    PLAIN("link", " rel='alternate StyleSheet'", "href", ""),
    PLAIN("link", " rel='shortcut icon'", "href", ""),
    PLAIN("source", "", "src", ""),
    PLAIN("source", "", "srcset", ""),
    PLAIN("video", "", "src", ""),
    PLAIN("video", "", "poster", ""),
    PLAIN("audio", "", "src", ""),
    PLAIN("track", "", "src", ""),
    PLAIN("embed", "", "src", ""),
    PLAIN("object", "", "data", ""),
    PLAIN("use", "", "href", ""),
    PLAIN("use", "", "xlink:href", ""),
    PLAIN("a", " href=x", "ping", ""),
    PLAIN("area", " href=x", "ping", ""),
    { "H2 svg image", "<svg><image xlink:href=\"" T "\" href=\"b\"/></svg>",
      "<svg><image" ADS " " D "xlink:href=\"" T "\" href=\"b\"/></svg>" },
    { "H2 svg image href", "<svg><image href=\"" T "\"/></svg>",
      "<svg><image" ADS " " D "href=\"" T "\"/></svg>" },
    { "H2 meta refresh", "<meta http-equiv=Refresh content='5; URL=\"" T "\"'>",
      "<meta" ADS " http-equiv=Refresh " D "content='5; URL=\"" T "\"'>" },
    { "H2 only what points at a tracker", "<img src=a srcset='b 1x, " T " 2x'>",
      "<img" ADS " src=a " D "srcset='b 1x, " T " 2x'>" },
    { "H2 both", "<video src=" T " poster=" T ">",
      "<video" ADS " " D "src=" T " " D "poster=" T ">" },
    { "H2 in a template", "<template><img src=" T "></template>",
      "<template><img" ADS " " D "src=" T "></template>" },
    { "H2 a host that is only connected to", "<link rel=preconnect href=//path.example>",
      "<link" ADS " rel=preconnect " D "href=//path.example>" },
    { "H2 but fetched by another path", "<link rel=preload href=//path.example>", NULL },
    { "H2 in capitals", "<IMG SRC=" T ">", "<IMG" ADS " " D "SRC=" T ">" },
    { "H2 not what does not load", "<link rel=canonical href=" T "><link href=" T ">", NULL },
    { "H2 nor an input that is no image", "<input src=" T "><input type=text src=" T ">", NULL },
    { "H2 nor another meta", "<meta name=x content='0;" T "'>", NULL },
    { "H2 nor a link to follow", "<a href=" T ">x</a><form action=" T ">", NULL },
    { "H2 nor in a comment", "<!-- <img src=" T "> -->", NULL },
    { "H2 nor in text", "&lt;img src=" T "&gt; <textarea><img src=" T "></textarea>", NULL },
    { "H2 nor in a title", "<title><img src=" T "></title>", NULL },
    { "H2 nor in a script's strings", "<script>x('<img src=" T ">')</script>", NULL },
    { "H2 nor in a tag that never ends", "<p><img src=" T, NULL },
};

/* ------------------------------------------------------------------- H2: scripts */

static const case_t script_cases[] = {
    { "H2 inline", "<script>track(1)</script>", "<script" OUT ">track(1)</script>" },
    { "H2 inline module", "<script type=Module>track(1)</script>",
      "<script" OUT " " D "type=Module>track(1)</script>" },
    { "H2 inline with an empty type", "<script type>track(1)</script>",
      "<script" OUT " " D "type>track(1)</script>" },
    { "H2 inline with an old type", "<script type=' text/JavaScript1.2 '>track(1)</script>",
      "<script" OUT " " D "type=' text/JavaScript1.2 '>track(1)</script>" },
    { "H2 inline by language", "<script language=JScript>track(1)</script>",
      "<script" OUT " language=JScript>track(1)</script>" },
    { "H2 not by another language", "<script language=vbs>track(1)</script>", NULL },
    { "H2 the type is what counts", "<script type=x language=JScript>track(1)</script>", NULL },
    { "H2 not data", "<script type=application/ld+json>track(1)</script>", NULL },
    { "H2 not data with a source", "<script type=text/html src=" T "></script>", NULL },
    { "H2 not a type with a parameter", "<script type='text/javascript;x'>track(1)</script>",
      NULL },
    { "H3 not what is held already", "<script type=text/plain src=" T ">track(1)</script>", NULL },
    { "H2 not the text beside a source", "<script src=a.js>track(1)</script>", NULL },
    { "H2 not what no tracker's text is in", "<script>x()</script>", NULL },
    { "H2 in svg, decoded", "<svg><script>tr&#97;ck(1)</script></svg>",
      "<svg><script" OUT ">tr&#97;ck(1)</script></svg>" },
    { "H2 in svg, CDATA", "<svg><script><![CDATA[track(1)]]></script></svg>",
      "<svg><script" OUT "><![CDATA[track(1)]]></script></svg>" },
    { "H2 in svg a source is fetched whatever its type",
      "<svg><script type=text/plain href=" T "></script></svg>",
      "<svg><script" OUT " " D "type=text/plain " D "href=" T "></script></svg>" },
    { "H3 in svg what is held already has no source",
      "<svg><script type=text/plain src=" T ">track(1)</script></svg>", NULL },
    { "H2 in svg src is no source", "<svg><script src=a>track(1)</script></svg>",
      "<svg><script" OUT " src=a>track(1)</script></svg>" },
    { "H2 not a script that is open at the end", "<script>track(1)", NULL },
    { "H2 a comment is text", "<script><!-- track(1) --></script>",
      "<script" OUT "><!-- track(1) --></script>" },
};

/* -------------------------------------------------------------- H3: how it is held */

static const case_t hold_cases[] = {
    { "H3 a solidus behind the name", "<img/src=" T ">", "<img" ADS " /" D "src=" T ">" },
    { "H3 a tag that closes itself", "<img src=\"" T "\"/>", "<img" ADS " " D "src=\"" T "\"/>" },
    { "H3 no space in front", "<img alt=\"x\"src=\"" T "\">",
      "<img" ADS " alt=\"x\"" D "src=\"" T "\">" },
    { "H3 all of a name, since the next would count", "<img src=" T " SRC=b>",
      "<img" ADS " " D "src=" T " " D "SRC=b>" },
    { "H4 the first of a name counts", "<img src=b src=" T ">", NULL },
    { "H4 of a URL's the first that is not blank, as Chromium looks ahead",
      "<script src src=' ' src=" T " src=b></script><link rel=stylesheet href='' href=" T ">",
      "<script" OUT " " D "src " D "src=' ' " D "src=" T " " D "src=b></script><link" ADS
      " rel=stylesheet " D "href='' " D "href=" T ">" },
    { "H4 of types and rels any, as Chromium looks ahead",
      "<script type=x type=module src=" T "></script><script language=x language=y src=" T
      "></script><link rel=x rel=stylesheet href=" T "><input type=text type=image src=" T ">",
      "<script" OUT " " D "type=x " D "type=module " D "src=" T "></script><script" OUT
      " language=x language=y " D "src=" T "></script><link" ADS " rel=x rel=stylesheet " D
      "href=" T "><input" ADS " type=text type=image " D "src=" T ">" },
    { "H4 but of labels the first",
      "<img src=a data-privacy-category='' data-privacy-category=needed>",
      "<img " D "src=a data-privacy-category='' data-privacy-category=needed>" },
    { "H3 a script's type", "<script type='text/javascript' src=" T " type=module></script>",
      "<script" OUT " " D "type='text/javascript' " D "src=" T " " D "type=module></script>" },
    { "H3 the type of others is kept", "<source type='image/webp' srcset=" T ">",
      "<source" ADS " type='image/webp' " D "srcset=" T ">" },
    { "H3 srcdoc that loads a tracker",
      "<iframe srcdoc=\"&lt;p&gt;<script src='" T "'></script>\"></iframe>",
      "<iframe" ADS " " D "srcdoc=\"&lt;p&gt;<script src='" T
      "'></script>\"></iframe><i>gone</i>" },
    { "H3 srcdoc, decoded once and once more",
      "<iframe srcdoc='<iframe srcdoc=\"&amp;lt;img src=//t.example&amp;gt;\">'></iframe>",
      "<iframe" ADS " " D
      "srcdoc='<iframe srcdoc=\"&amp;lt;img src=//t.example&amp;gt;\">'></iframe><i>gone</i>" },
    { "H3 srcdoc with an inline tracker", "<iframe srcdoc='<script>track(1)</script>'></iframe>",
      "<iframe" ADS " " D "srcdoc='<script>track(1)</script>'></iframe><i>gone</i>" },
    { "H3 srcdoc that loads none", "<iframe srcdoc='<!-- " T " --><img src=a>'></iframe>", NULL },
    { "H3 a label in a srcdoc", "<iframe srcdoc='<img src=a data-privacy-category=x>'></iframe>",
      "<iframe data-privacy-category=unknown " D
      "srcdoc='<img src=a data-privacy-category=x>'></iframe><i>gone</i>" },
    { "H3 a placeholder behind the iframe", "<iframe src=" T ">x</iframe >y",
      "<iframe" ADS " " D "src=" T ">x</iframe ><i>gone</i>y" },
    { "H3 none for one that is open", "<iframe src=" T ">x", "<iframe" ADS " " D "src=" T ">x" },
    { "H3 none for one of no size", "<iframe width=0 height=0 src=" T "></iframe>",
      "<iframe" ADS " width=0 height=0 " D "src=" T "></iframe>" },
    { "H3 none for one without display", "<iframe style='Display : None' src=" T "></iframe>",
      "<iframe" ADS " style='Display : None' " D "src=" T "></iframe>" },
    { "H3 in a noscript", "<p><noscript><iframe src=" T "></iframe></noscript>",
      "<p><noscript><iframe" ADS " " D "src=" T "></iframe><i>gone</i></noscript>" },
    { "H3 none where it would end the svg of one reading",
      "<svg><g></e><iframe src=" T "></iframe>",
      "<svg><g></e><iframe" ADS " " D "src=" T "></iframe>" },
    { "H3 where one reading has another end",
      "<select><iframe src=" T "><iframe src=\"" T "</iframe>\"></iframe>",
      "<select><iframe" ADS " " D "src=" T "><iframe" ADS " " D "src=\"" T
      "</iframe>\"></iframe><i>gone</i>" },
    { "H3 not where a script would see it",
      "<p><noscript><iframe src=" T "></noscript><script>'</iframe>'</script>",
      "<p><noscript><iframe" ADS " " D "src=" T "></noscript><script>'</iframe>'</script>" },
};

/* ------------------------------------------------------------------- H2: labels */

static const case_t label_cases[] = {
    { "H2 a necessary label exempts", "<script src=" T " data-privacy-category=needed></script>",
      NULL },
    { "H2 a denied label holds", "<img src=a srcset=b data-privacy-category='stats'>",
      "<img " D "src=a " D "srcset=b data-privacy-category='stats'>" },
    { "H2 an unknown label holds", "<link rel=stylesheet data-privacy-category=oops href=a>",
      "<link rel=stylesheet data-privacy-category=oops " D "href=a>" },
    { "H2 a granted label does not exempt", "<img src=" T " data-privacy-category=granted>",
      "<img" ADS " " D "src=" T " " D "data-privacy-category=granted>" },
    { "H2 a granted label holds nothing", "<img src=a data-privacy-category=granted>", NULL },
    { "H2 a labelled inline script", "<script data-privacy-category=stats>x()</script>",
      "<script type=text/plain data-privacy-category=stats>x()</script>" },
    { "H2 a labelled iframe", "<iframe src=a data-privacy-category=stats></iframe>",
      "<iframe " D "src=a data-privacy-category=stats></iframe><i>label</i>" },
    { "H2 a label on what does not load", "<p data-privacy-category=stats>", NULL },
    { "H2 a label, decoded", "<img src=" T " data-privacy-category='n&#101;eded'>", NULL },
};

/* ------------------------------------------------------------------ H4: what is read */

#define LONG_64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define LONG    LONG_64 LONG_64 LONG_64 LONG_64 "x"

static const case_t read_cases[] = {
    { "H4 references in URLs", "<img src='https&colon;&sol;&#x2f;t&period;example'>",
      "<img" ADS " " D "src='https&colon;&sol;&#x2f;t&period;example'>" },
    { "H4 newlines in URLs", "<img src='\n //t.exa&NewLine;mple'>",
      "<img" ADS " " D "src='\n //t.exa&NewLine;mple'>" },
    { "H4 references in rel", "<link rel='&#112;reload' href=" T ">",
      "<link" ADS " rel='&#112;reload' " D "href=" T ">" },
    { "H4 noscript", "<head><noscript><img src=" T "></noscript>",
      "<head><noscript><img" ADS " " D "src=" T "></noscript>" },
    { "H4 with script the comment ends the noscript",
      "<p><noscript><!-- </noscript><script src=" T "></script> -->",
      "<p><noscript><!-- </noscript><script" OUT " " D "src=" T "></script> -->" },
    { "H4 what one reading finds behind what the other is still in",
      "<noscript><title></noscript><script>x('</title><img src=" T ">');track(1)</script>",
      "<noscript><title></noscript><script" OUT ">x('</title><img" ADS " " D "src=" T
      ">');track(1)</script>" },
    { "H4 what two readings find is marked once",
      "<select><svg><style><img src=" T "></style></svg></select>",
      "<select><svg><style><img" ADS " " D "src=" T "></style></svg></select>" },
    { "H4 svg's style is markup", "<svg><style><img src=" T "></style></svg>",
      "<svg><style><img" ADS " " D "src=" T "></style></svg>" },
    { "H4 select's style may be", "<select><style><img src=" T "></style></select>",
      "<select><style><img" ADS " " D "src=" T "></style></select>" },
    { "H4 base", "<base href=//t.example/><img src=a><img src=//own.example/>",
      "<base href=//t.example/><img" ADS " " D "src=a><img src=//own.example/>" },
    { "H4 a second base where the first one is sure", "<base href=/><base href=//t.example/>",
      NULL },
    { "H4 the first base counts", "<base target=x><base href=/><base href=//t.example/><img src=a>",
      NULL },
    { "H4 what stands in front of it does not mind", "<img src=a><base href=//t.example/>", NULL },
    { "H4 a base in a noscript may count",
      "<noscript><base href=//t.example/></noscript><base href=/><img src=a>",
      "<noscript><base href=//t.example/></noscript><base href=/><img" ADS " " D "src=a>" },
    { "H4 a srcdoc's base is that of the document it stands in",
      "<base href=//t.example/><iframe srcdoc='<img src=a>'></iframe>",
      "<base href=//t.example/><iframe" ADS " " D "srcdoc='<img src=a>'></iframe><i>gone</i>" },
    { "H4 a base that one reading sees in a tag of the other's",
      "<noscript><iframe src=\"a</noscript><base href=//t.example/>\">", NULL },
    { "H4 srcset", "<img srcset=' , a 1x,b\t(,) 2x,, " T ",' src=a>",
      "<img" ADS " " D "srcset=' , a 1x,b\t(,) 2x,, " T ",' src=a>" },
    { "H4 a comma in a URL of a srcset", "<img srcset='a,//t.example 1x'>", NULL },
    { "H4 a comma in parentheses of a srcset", "<img srcset='a (,//t.example 1x) 1x'>", NULL },
    { "H4 refresh without url=", "<meta http-equiv=refresh content='0 //t.example'>",
      "<meta" ADS " http-equiv=refresh " D "content='0 //t.example'>" },
    { "H4 refresh with odd spaces",
      "<meta http-equiv=refresh content=' .5, uRl = \"//t.example\" x'>",
      "<meta" ADS " http-equiv=refresh " D "content=' .5, uRl = \"//t.example\" x'>" },
    { "H4 refresh without a time", "<meta http-equiv=refresh content='url=//t.example'>", NULL },
    { "H4 refresh with a u that begins no url=",
      "<meta http-equiv=refresh content='0;u//t.example'>"
      "<meta http-equiv=refresh content='0;url //t.example'>",
      NULL },
    { "H4 refresh with a time that is none", "<meta http-equiv=refresh content='5x//t.example'>",
      NULL },
    { "H4 refresh with nothing behind its time", "<meta http-equiv=refresh content='5 ; '>", NULL },
    { "H4 refresh with a quote that stays open",
      "<meta http-equiv=refresh content='0;url=\"//t.example'>",
      "<meta" ADS " http-equiv=refresh " D "content='0;url=\"//t.example'>" },
    { "H4 annotation-xml with an encoding that is too long to read",
      "<math><annotation-xml encoding='" LONG "'><style><img src=" T "></style></annotation-xml>",
      "<math><annotation-xml encoding='" LONG "'><style><img" ADS " " D "src=" T
      "></style></annotation-xml>" },
    { "H4 an end tag that does not reach out of svg's HTML",
      "<p><svg><desc><b></p><style><img src=" T "></style></svg>", NULL },
    { "H4 a table in svg's HTML", "<svg><desc><table><svg></table><style><img src=" T "></style>",
      "<svg><desc><table><svg></table><style><img" ADS " " D "src=" T "></style>" },
    { "H4 an end tag that may reach out of svg in svg's HTML",
      "<svg><desc><b><svg></table><style><img src=" T "></style>",
      "<svg><desc><b><svg></table><style><img" ADS " " D "src=" T "></style>" },
    { "H4 cut in a doctype", "<!doctype html", NULL },
    { "H4 refresh of the page itself", "<meta http-equiv=refresh content='5'>", NULL },
    { "H4 ping", "<a ping='a  //t.example'>", "<a" ADS " " D "ping='a  //t.example'>" },
};

/* ------------------------------------------------------------------- M1: messages */

static const case_t message_cases[] = {
    { "M1 behind body", "<html><head><title>x</title></head><body class=a><p>",
      "<html><head>{H}<title>x</title></head><body class=a>{M}<p>" },
    { "M1 where it is implied", "<!DOCTYPE html><title>x</title>\n<p>",
      "<!DOCTYPE html>{H}<title>x</title>\n{M}<p>" },
    { "M1 text alone", "hello", "{H}{M}hello" },
    { "M1 not in a frameset", "<head></head><frameset><frame src=a></frameset>",
      "<head>{H}</head><frameset><frame src=a></frameset>" },
    { "M1 the body may come with the end", "<title>x</title>", "{H}<title>x</title>{M}" },
    { "M1 a tracker in front of the body implies it", "<head></head><img src=" T ">",
      "<head>{H}</head>{M}<img" ADS " " D "src=" T ">" },
    { "M1 nothing in nothing", "", "" },
    { "M1 not where one reading has its second body",
      "<head><template><col><style></template><body></style></template><body><p>",
      "<head>{H}<template><col><style></template><body></style></template><body><p>" },
    { "M1 once", "<body><body><p><body>", "{H}<body>{M}<body><p><body>" },
};

/* ------------------------------------------------------------------------- XML */

#define XADS " " D "category=\"ads\""
#define XOUT " type=\"text/plain\"" XADS

static const case_t xml_cases[] = {
    { "H3 quoted in XML", "<img src=\"" T "\"/>", "<img" XADS " " D "src=\"" T "\"/>" },
    { "H3 a script in XML", "<script type='text/javascript' src='" T "'/>",
      "<script" XOUT " " D "type='text/javascript' " D "src='" T "'/>" },
    { "H3 a namespace prefix in XML", "<image xlink:href='" T "'/>",
      "<image" XADS " xlink:" D "href='" T "'/>" },
    { "H3 two of them, which is no XML", "<image a:b:href='" T "'/>",
      "<image" XADS " a:b:" D "href='" T "'/>" },
    { "H3 any prefix in XML", "<svg:image x:href='" T "'/>",
      "<svg:image" XADS " x:" D "href='" T "'/>" },
    { "H4 names have a case in XML", "<IMG src='" T "'/>", NULL },
    { "H4 no raw text in XML", "<title><img src='" T "'/></title>",
      "<title><img" XADS " " D "src='" T "'/></title>" },
    { "H4 CDATA in XML", "<p><![CDATA[<img src='" T "'/>]]></p>", NULL },
    { "H2 inline in XML", "<script>if (a &lt; b) tr&#97;ck(1)</script>",
      "<script" XOUT ">if (a &lt; b) tr&#97;ck(1)</script>" },
    { "H2 inline CDATA in XML", "<script>//<![CDATA[\ntrack(1)//]]></script>",
      "<script" XOUT ">//<![CDATA[\ntrack(1)//]]></script>" },
    { "H2 inline in XML, around another", "<script>a<script type='x'>b</script>track(1)</script>",
      "<script" XOUT ">a<script type='x'>b</script>track(1)</script>" },
    { "H3 a label and a tracker in XML", "<img data-privacy-category='granted' src='" T "'/>",
      "<img" XADS " " D "data-privacy-category='granted' " D "src='" T "'/>" },
    { "H3 an iframe in XML", "<iframe src='" T "'/><p/><iframe src='" T "'>x</iframe>",
      "<iframe" XADS " " D "src='" T "'/><i>gone</i><p/><iframe" XADS " " D "src='" T
      "'>x</iframe><i>gone</i>" },
    { "M1 in XML", "<?xml version='1.0'?><html><head/><body><p/></body></html>",
      "<?xml version='1.0'?><html><head/><body>{M}<p/></body></html>" },
    { "M1 the head in XML", "<html><head><title/></head><body/></html>",
      "<html><head>{H}<title/></head><body/></html>" },
    { "H4 feImage in XML, with a prefix and its capital", "<s:feImage href='" T "'/>",
      "<s:feImage data-privacy-category=\"ads\" " D "href='" T "'/>" },
    { "H4 cut in XML's doctype", "<!DOCTYPE html", NULL },
    { "H5 over the limit in XML", "<img alt='" PAD "' src='" T "'/>",
      "<img alt='" PAD "' " D "src='" T "'/>" },
};

static void test_elements(void **state)
{
    (void)state;
    run_cases(&plain, element_cases, COUNT(element_cases));
}

static void test_scripts(void **state)
{
    (void)state;
    run_cases(&plain, script_cases, COUNT(script_cases));
}

static void test_hold(void **state)
{
    (void)state;
    run_cases(&plain, hold_cases, COUNT(hold_cases));
}

static void test_labels(void **state)
{
    (void)state;
    run_cases(&plain, label_cases, COUNT(label_cases));
}

static void test_reading(void **state)
{
    (void)state;
    run_cases(&plain, read_cases, COUNT(read_cases));
}

static void test_messages(void **state)
{
    pv_rewrite_options_t options = { .head = PV_SPAN("{H}"), .message = PV_SPAN("{M}") };
    (void)state;
    run_cases(&options, message_cases, COUNT(message_cases));
}

static void test_xml(void **state)
{
    pv_rewrite_options_t options = {
        .head = PV_SPAN("{H}"), .message = PV_SPAN("{M}"), .xml = 1, .limit = 96
    };
    (void)state;
    run_cases(&options, xml_cases, COUNT(xml_cases));
}

/* A document in which nothing is denied comes out as it went in. */
static void test_granted(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(element_cases); i++) {
        const case_t *c = &element_cases[i];
        apr_pool_t *pool;
        check_t check;

        apr_pool_create(&pool, NULL);
        check_init(&check, 4096);
        check.grant = 1;
        feed(pv_rewrite_create(&plain, &check_calls, &check, pool), c->input, strlen(c->input),
             WHOLE, 0);
        assert_int_equal(check.held, 0);
        assert_int_equal(check.out_len, strlen(c->input));
        assert_memory_equal(check.out, c->input, check.out_len);
        check_free(&check);
        apr_pool_destroy(pool);
    }
}

static pv_span_t no_placeholder(void *ctx, const pv_held_t *held)
{
    (void)ctx;
    (void)held;
    return pv_span("", 0);
}

/* Who has nothing to say in an iframe's place, and who judges no URL. */
static void test_calls(void **state)
{
    static const char html[] = "<iframe src=" T "></iframe><img src=" T ">"
                               "<script>track(1)</script>";
    pv_rewrite_calls_t calls = check_calls;

    (void)state;
    for (int round = 0; round < 2; round++) {
        apr_pool_t *pool;
        check_t check;

        if (round == 1) {
            calls.judge_url = NULL;
        }
        calls.placeholder = no_placeholder;
        apr_pool_create(&pool, NULL);
        check_init(&check, 4096);
        feed(pv_rewrite_create(&plain, &calls, &check, pool), html, strlen(html), WHOLE, 0);
        assert_int_equal(check.held, round == 0 ? 3 : 1);
        check.out[check.out_len] = '\0';
        assert_int_equal(strstr(check.out, "<iframe" ADS) != NULL, round == 0);
        assert_non_null(strstr(check.out, "</iframe><img"));
        assert_memory_equal(check.original, html, strlen(html));
        check_free(&check);
        apr_pool_destroy(pool);
    }
}

static void test_state(void **state)
{
    pv_rewrite_options_t options = { .message = PV_SPAN("{M}") };
    pv_rewrite_t *rewrite;
    apr_pool_t *pool;
    check_t check;
    (void)state;

    apr_pool_create(&pool, NULL);
    check_init(&check, 4096);
    rewrite = pv_rewrite_create(&options, &check_calls, &check, pool);
    assert_int_equal(pv_rewrite_message(rewrite), PV_MESSAGE_PENDING);
    pv_rewrite_feed(rewrite, "<html><head></head><bo", 22);
    assert_int_equal(pv_rewrite_message(rewrite), PV_MESSAGE_PENDING);
    assert_int_equal(check.out_len, 19);
    pv_rewrite_feed(rewrite, "dy>", 3);
    assert_int_equal(pv_rewrite_message(rewrite), PV_MESSAGE_PLACED);
    assert_int_equal(check.out_len, 28);
    rewrite = pv_rewrite_create(&options, &check_calls, &check, pool);
    pv_rewrite_feed(rewrite, "<frameset>", 10);
    assert_int_equal(pv_rewrite_message(rewrite), PV_MESSAGE_NOWHERE);
    rewrite = pv_rewrite_create(&plain, &check_calls, &check, pool);
    assert_int_equal(pv_rewrite_message(rewrite), PV_MESSAGE_NOWHERE);
    assert_int_equal(pv_rewrite_limited(rewrite), PV_OK);
    check_free(&check);
    apr_pool_destroy(pool);
}

int main(void)
{
    suite_test(test_elements);
    suite_test(test_scripts);
    suite_test(test_hold);
    suite_test(test_labels);
    suite_test(test_reading);
    suite_test(test_messages);
    suite_test(test_xml);
    suite_test(test_granted);
    suite_test(test_calls);
    suite_test(test_state);
    return suite_run_pools("rewrite");
}
