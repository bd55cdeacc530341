/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* The text that a URL has in itself (H2): of a script, and of a frame's document. */

#include "rewrite_case.h"

static const case_t cases[] = {
    { "H2 in a URL", "<script src='data:text/javascript,track(1)'></script>",
      "<script" OUT " " D "src='data:text/javascript,track(1)'></script>" },
    { "H2 in a URL, of no type", "<script src=data:,track(1)></script>",
      "<script" OUT " " D "src=data:,track(1)></script>" },
    { "H2 in a URL, encoded", "<script src='data:,t%72%61ck%28&#x25;31)'></script>",
      "<script" OUT " " D "src='data:,t%72%61ck%28&#x25;31)'></script>" },
    { "H2 in a URL, its query", "<script src='data:,x?y;track(1)'></script>",
      "<script" OUT " " D "src='data:,x?y;track(1)'></script>" },
    { "H2 not in a URL's fragment", "<script src='data:,x#track(1)'></script>", NULL },
    { "H2 nor in its type", "<script src='data:track(1),x'></script>", NULL },
    { "H2 nor without a comma", "<script src='data:track(1)#,track(1)'></script>", NULL },
    { "H2 in a URL, by the second comma too", "<script src='data:,a,track(1)'></script>",
      "<script" OUT " " D "src='data:,a,track(1)'></script>" },
    { "H2 in a URL, base64",
      "<script src='data:text/javascript;base64,eCgpO3RyYWNrKDEp' defer></script>",
      "<script" OUT " " D "src='data:text/javascript;base64,eCgpO3RyYWNrKDEp' defer></script>" },
    { "H2 in a URL, base64 as browsers take it",
      "<script src=' \tDA\nTA: a/b ; charset=x;\n  BASE64 ,dHJ%20h%0aY2\tso%4d%53%6B%3d'></script>",
      "<script" OUT " " D
      "src=' \tDA\nTA: a/b ; charset=x;\n  BASE64 ,dHJ%20h%0aY2\tso%4d%53%6B%3d'></script>" },
    { "H2 in a URL, where base64 may be meant or not",
      "<script src='data:;base64\f,track(1)'></script>",
      "<script" OUT " " D "src='data:;base64\f,track(1)'></script>" },
    { "H2 in a URL, UTF-16",
      "<script src='data:;charset=utf-16le;base64,dAByAGEAYwBrACgAMQApAA=='></script>"
      "<script src='data:,t%00r%00a%00c%00k%00('></script>",
      "<script" OUT " " D "src='data:;charset=utf-16le;base64,dAByAGEAYwBrACgAMQApAA=='></script>"
      "<script" OUT " " D "src='data:,t%00r%00a%00c%00k%00('></script>" },
    { "H2 in a URL, its tabs and newlines kept or dropped",
      "<script src='data:,tr\nac\tk(1)'></script>"
      "<iframe src='data:text/html,<img\nsrc=//t.example>'></iframe>",
      "<script" OUT " " D "src='data:,tr\nac\tk(1)'></script>"
      "<iframe" ADS " " D "src='data:text/html,<img\nsrc=//t.example>'></iframe><i>gone</i>" },
    { "H2 base64 without its semicolon is none",
      "<script src='data:base64,track(1)'></script><script src='data:x;base6,track(1)'></script>"
      "<script src='data:;abase64,track(1)'></script><script "
      "src='data:;base64;,track(1)'></script>",
      "<script" OUT " " D "src='data:base64,track(1)'></script><script" OUT " " D
      "src='data:x;base6,track(1)'></script><script" OUT " " D
      "src='data:;abase64,track(1)'></script><script" OUT " " D
      "src='data:;base64;,track(1)'></script>" },
    { "H2 in an svg script's URL", "<svg><script href='data:,track(1)'/></svg>",
      "<svg><script" OUT " " D "href='data:,track(1)'/></svg>" },
    { "H2 not in one of a scheme alike",
      "<script src='dat:,track(1)'></script><script src='data;,track(1)'></script>"
      "<script src='javascript:track(1)'></script><script src='x:data:,track(1)'></script>",
      NULL },
    { "H2 not in a URL that is not run",
      "<img src='data:,track(1)'>"
      "<script type=x src='data:,track(1)'></script>",
      NULL },
    { "H2 a frame's document in its URL",
      "<iframe src='data:text/html,<img src=//t.example>'></iframe>"
      "<embed src='data:text/html;base64,PGltZyBzcmM9Ly90LmV4YW1wbGU+'>"
      "<object data='data:text/html,%3Cscript>track(1)%3c/script>'></object>",
      "<iframe" ADS " " D "src='data:text/html,<img src=//t.example>'></iframe><i>gone</i>"
      "<embed" ADS " " D "src='data:text/html;base64,PGltZyBzcmM9Ly90LmV4YW1wbGU+'>"
      "<object" ADS " " D "data='data:text/html,%3Cscript>track(1)%3c/script>'></object>" },
    { "H2 in a srcdoc's frame's URL",
      "<iframe srcdoc='<iframe src=\"data:text/html,<script "
      "src=data:,track(1)></script>\">'></iframe>",
      "<iframe" ADS " " D "srcdoc='<iframe src=\"data:text/html,<script "
      "src=data:,track(1)></script>\">'></iframe><i>gone</i>" },
    { "H2 not in a document's text", "<iframe src='data:text/html,track(1)'></iframe>", NULL },
    { "H2 nor in one that is no markup",
      "<iframe src='data:,<script>track(1)</script>'></iframe>"
      "<object data='data:image/png,<script>track(1)</script>'></object>",
      NULL },
    { "H2 nor what is relative to it",
      "<base href=//t.example/><iframe src='data:text/html,<img src=a>'></iframe>", NULL },
    { "H2 a frame's document of XML in its URL",
      "<iframe src='data:image/svg+xml,<s:svg xmlns:s=\"http://www.w3.org/2000/svg\">"
      "<s:script>track(1)</s:script></s:svg>'></iframe>"
      "<embed src='data:text/xml,<title xmlns=\"http://www.w3.org/1999/xhtml\"/>"
      "<img xmlns=\"http://www.w3.org/1999/xhtml\" src=\"//t.example\"/>'>",
      "<iframe" ADS " " D "src='data:image/svg+xml,<s:svg xmlns:s=\"http://www.w3.org/2000/svg\">"
      "<s:script>track(1)</s:script></s:svg>'></iframe><i>gone</i>"
      "<embed" ADS " " D "src='data:text/xml,<title xmlns=\"http://www.w3.org/1999/xhtml\"/>"
      "<img xmlns=\"http://www.w3.org/1999/xhtml\" src=\"//t.example\"/>'>" },
    { "H2 where a refresh leads to a document in its URL, which frames follow",
      "<iframe srcdoc='<meta http-equiv=refresh content=\"0;url=data:text/html,"
      "<script>track(1)</script>\">'></iframe>"
      "<meta http-equiv=refresh content='0;url=data:text/html,<script>track(1)</script>'>",
      "<iframe" ADS " " D "srcdoc='<meta http-equiv=refresh content=\"0;url=data:text/html,"
      "<script>track(1)</script>\">'></iframe><i>gone</i>"
      "<meta" ADS " http-equiv=refresh " D
      "content='0;url=data:text/html,<script>track(1)</script>'>" },
    { "H2 a frame's javascript", "<iframe src=' JAVA\nscript:void%20%74rack(1)#'></iframe>",
      "<iframe" ADS " " D "src=' JAVA\nscript:void%20%74rack(1)#'></iframe><i>gone</i>" },
    { "H2 to its end", "<iframe src='javascript:x#track(1)'></iframe>",
      "<iframe" ADS " " D "src='javascript:x#track(1)'></iframe><i>gone</i>" },
    { "H2 not of a link to follow", "<a href='javascript:track(1)'>x</a>", NULL },
};

static void test_cases(void **state)
{
    (void)state;
    run_cases(&plain, cases, COUNT(cases));
}

int main(void)
{
    suite_test(test_cases);
    return suite_run_pools("carried");
}
