/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* URL references as browsers read them: host, path, what stays on the base's host
 * (H2, H4, R6). t/url.t compares many more with another implementation. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "guard.h"
#include "policy/pv_srcset.h"
#include "policy/pv_url.h"

#define BASE          "https://site.test/a/b/c?q=/x"
#define TEXT(literal) literal, sizeof(literal) - 1

typedef struct {
    const char *title;
    const char *base; /**< NULL: none */
    const char *ref;
    apr_size_t len;
    const char *want; /**< `SCHEME HOST PATH`, `other`, `bad` or `limit` */
} read_case_t;

static const read_case_t read_cases[] = {
    /* The usual. */
    { "absolute", NULL, TEXT("https://t.example/x?y#z"), "https t.example /x" },
    { "absolute, nothing after the host", NULL, TEXT("https://t.example"), "https t.example /" },
    { "http", NULL, TEXT("http://t.example/"), "http t.example /" },
    { "ws", NULL, TEXT("ws://t.example/"), "ws t.example /" },
    { "wss", NULL, TEXT("wss://t.example/"), "wss t.example /" },
    { "scheme-relative", BASE, TEXT("//t.example/x"), "https t.example /x" },
    { "path", BASE, TEXT("/x/y"), "https site.test /x/y" },
    { "relative path", BASE, TEXT("x/y"), "https site.test /a/b/x/y" },
    { "relative path with a colon behind a slash", BASE, TEXT("./x:y"),
      "https site.test /a/b/x:y" },
    { "empty reference", BASE, TEXT(""), "https site.test /a/b/c" },
    { "query alone", BASE, TEXT("?x"), "https site.test /a/b/c" },
    { "fragment alone", BASE, TEXT("#x"), "https site.test /a/b/c" },
    { "relative without base", NULL, TEXT("x"), "bad" },
    /* Schemes. */
    { "scheme in capitals", NULL, TEXT("HTTPS://t.example/"), "https t.example /" },
    { "scheme with a tab and newlines inside", NULL, TEXT("ht\ttp\r\ns://t.example/"),
      "https t.example /" },
    { "one slash too few, another scheme than the base's", BASE, TEXT("http:/t.example/"),
      "http t.example /" },
    { "no slash, another scheme than the base's", BASE, TEXT("http:t.example"),
      "http t.example /" },
    { "no slash, the base's scheme", BASE, TEXT("https:t.example"),
      "https site.test /a/b/t.example" },
    { "one slash, the base's scheme", BASE, TEXT("https:/t.example"),
      "https site.test /t.example" },
    { "slashes too many", BASE, TEXT("https:////t.example/"), "https t.example /" },
    { "slashes too many, scheme-relative", BASE, TEXT("////t.example/"), "https t.example /" },
    /* What ends in a number is an IPv4 address, or nothing. */
    { "five numbers", NULL, TEXT("https://1.2.3.4.5/"), "bad" },
    { "no number between two dots", NULL, TEXT("https://1..2/"), "bad" },
    { "a number too great in front of others", NULL, TEXT("https://256.1/"), "bad" },
    { "two numbers", NULL, TEXT("https://1.258/"), "https 1.0.1.2 /" },
    { "data", BASE, TEXT("data:text/html,https://t.example/"), "other" },
    { "javascript", BASE, TEXT("javascript:'//t.example/'"), "other" },
    { "about", BASE, TEXT("about:blank"), "other" },
    { "blob", BASE, TEXT("blob:https://t.example/x"), "other" },
    { "scheme that begins like another", BASE, TEXT("httpsx://t.example/"), "other" },
    { "scheme that is the beginning of another", BASE, TEXT("httpss+://t.example/"), "other" },
    /* Slashes. */
    { "backslashes", BASE, TEXT("\\\\t.example\\x\\y"), "https t.example /x/y" },
    { "a slash and a backslash", BASE, TEXT("/\\t.example"), "https t.example /" },
    { "a tab between the slashes", BASE, TEXT("/\t/t.example"), "https t.example /" },
    { "backslash ends a host", NULL, TEXT("https://t.example\\@site.test/"),
      "https t.example /@site.test/" },
    /* White space. */
    { "white space around", BASE, TEXT(" \t\n //t.example/ \r\n"), "https t.example /" },
    { "control characters around", BASE, TEXT("\0\x1f//t.example/\x01"), "https t.example /" },
    { "newline in the host", NULL, TEXT("https://t.exa\nmple/"), "https t.example /" },
    { "tab in front of the host", NULL, TEXT("https://\tt.example/"), "https t.example /" },
    { "space in the host", NULL, TEXT("https://t. example/"), "bad" },
    /* User info and port. */
    { "user", NULL, TEXT("https://site.test@t.example/"), "https t.example /" },
    { "password", NULL, TEXT("https://u:p@t.example/"), "https t.example /" },
    { "the last @ counts", NULL, TEXT("https://u@site.test@t.example/"), "https t.example /" },
    { "@ behind the path does not count", NULL, TEXT("https://t.example/@site.test"),
      "https t.example /@site.test" },
    { "@ behind a query does not count", NULL, TEXT("https://t.example?@site.test"),
      "https t.example /" },
    { "port", NULL, TEXT("https://t.example:8443/"), "https t.example /" },
    { "empty port", NULL, TEXT("https://t.example:/"), "https t.example /" },
    { "port that is too high", NULL, TEXT("https://t.example:65536/"), "bad" },
    { "port that is no number", NULL, TEXT("https://t.example:x/"), "bad" },
    { "no host", NULL, TEXT("https://"), "bad" },
    { "no host but a port", NULL, TEXT("https://:443/"), "bad" },
    /* Hosts. */
    { "host in capitals", NULL, TEXT("https://T.EXAMPLE/"), "https t.example /" },
    { "trailing dot", NULL, TEXT("https://t.example./"), "https t.example /" },
    { "trailing dot and port", NULL, TEXT("https://t.example.:443/"), "https t.example /" },
    { "two trailing dots", NULL, TEXT("https://t.example../"), "https t.example. /" },
    { "nothing but a dot", NULL, TEXT("https://./"), "bad" },
    { "percent-encoded letter", NULL, TEXT("https://%74.example/"), "https t.example /" },
    { "percent-encoded dot", NULL, TEXT("https://t%2Eexample/"), "https t.example /" },
    { "percent-encoded dot with a tab inside", NULL, TEXT("https://t%2\tEexample/"),
      "https t.example /" },
    { "percent-encoded slash", NULL, TEXT("https://t.example%2Fx/"), "bad" },
    { "percent sign", NULL, TEXT("https://t%.example/"), "bad" },
    { "NUL", NULL, TEXT("https://t\0.example/"), "bad" },
    { "underscore", NULL, TEXT("https://_t.example/"), "https _t.example /" },
    { "soft hyphen", NULL, TEXT("https://t\xc2\xad.example/"), "https t.example /" },
    { "soft hyphen of windows-1252", NULL, TEXT("https://t\xad.example/"), "https t.example /" },
    { "percent-encoded soft hyphen", NULL, TEXT("https://t%C2%AD.example/"), "https t.example /" },
    { "zero width space", NULL, TEXT("https://t\xe2\x80\x8b.example/"), "https t.example /" },
    { "zero width joiner in ASCII", NULL, TEXT("https://t\xe2\x80\x8d.example/"),
      "https t.example /" },
    { "word joiner and variation selector", NULL,
      TEXT("https://t\xe2\x81\xa0\xef\xb8\x8f.example/"), "https t.example /" },
    { "fullwidth letters", NULL, TEXT("https://\xef\xbd\x94.\xef\xbc\xa5xample/"),
      "https t.example /" },
    { "circled letter", NULL, TEXT("https://\xe2\x93\xa3.example/"), "https t.example /" },
    { "mathematical letter", NULL, TEXT("https://\xf0\x9d\x90\xad.example/"), "https t.example /" },
    { "Kelvin sign", NULL, TEXT("https://\xe2\x84\xaa.example/"), "https k.example /" },
    { "long s", NULL, TEXT("https://\xc5\xbf.example/"), "https s.example /" },
    { "ligature", NULL, TEXT("https://\xef\xac\x83.example/"), "https ffi.example /" },
    { "square unit", NULL, TEXT("https://\xe3\x8e\xa1.example/"), "https m2.example /" },
    { "ideographic full stops", NULL,
      TEXT("https://a\xe3\x80\x82t\xef\xbc\x8e"
           "example\xef\xbd\xa1/"),
      "https a.t.example /" },
    { "fullwidth slash is no slash", NULL, TEXT("https://t\xef\xbc\x8f.example/"), "bad" },
    { "lookalike is another host", NULL,
      TEXT("https://f\xd0\xb0"
           "cebook.com/"),
      "https xn--fcebook-2fg.com /" },
    { "U-label", NULL,
      TEXT("https://b\xc3\xbc"
           "cher.example/"),
      "https xn--bcher-kva.example /" },
    { "U-label in capitals", NULL,
      TEXT("https://B\xc3\x9c"
           "CHER.example/"),
      "https xn--bcher-kva.example /" },
    { "U-label of windows-1252", NULL,
      TEXT("https://b\xfc"
           "cher.example/"),
      "https xn--bcher-kva.example /" },
    { "A-label in capitals", NULL, TEXT("https://XN--BCHER-KVA.example/"),
      "https xn--bcher-kva.example /" },
    { "A-label that encodes nothing", NULL, TEXT("https://xn--t-.example/"), "https t.example /" },
    { "U-labels without ASCII", NULL,
      TEXT("https://\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e.\xd1\x80\xd1\x84/"),
      "https xn--wgv71a119e.xn--p1ai /" },
    { "truncated UTF-8 sequence", NULL, TEXT("https://t\xe2\x80"), "https xn--t-ba70a /" },
    { "overlong UTF-8", NULL,
      TEXT("https://t\xc0\xae"
           "example/"),
      "https xn--texample-4la31c /" },
    { "A-label that encodes one that encodes nothing", NULL, TEXT("https://xn--xn--t--.example/"),
      "https t.example /" },
    { "A-label at the end that encodes nothing", NULL, TEXT("https://a.xn--t-/"), "https a.t /" },
    { "overlong UTF-8 of three bytes", NULL,
      TEXT("https://t\xe0\x80\xae"
           "example/"),
      "https xn--texample-ba47bvr /" },
    { "surrogate in UTF-8", NULL, TEXT("https://\xed\xa0\x80/"), "bad" },
    /* Addresses. */
    { "address", NULL, TEXT("https://192.0.2.1/"), "https 192.0.2.1 /" },
    { "address as one number", NULL, TEXT("https://3221225985/"), "https 192.0.2.1 /" },
    { "address in hexadecimal", NULL, TEXT("https://0xC0.0.0x201/"), "https 192.0.2.1 /" },
    { "address in octal", NULL, TEXT("https://0300.0.02.01/"), "https 192.0.2.1 /" },
    { "address with a trailing dot", NULL, TEXT("https://192.0.2.1./"), "https 192.0.2.1 /" },
    { "address in fullwidth digits", NULL, TEXT("https://192.0.2.\xef\xbc\x91/"),
      "https 192.0.2.1 /" },
    { "address with a part too many", NULL, TEXT("https://1.2.3.4.5/"), "bad" },
    { "address with a part too large", NULL, TEXT("https://1.2.3.256/"), "bad" },
    { "address with a bad digit", NULL, TEXT("https://1.2.3.08/"), "bad" },
    { "address of 2^32", NULL, TEXT("https://4294967296/"), "bad" },
    { "address that would wrap", NULL, TEXT("https://36893488147419103233/"), "bad" },
    { "host that ends in a number", NULL, TEXT("https://t.1/"), "bad" },
    { "digits in front only", NULL, TEXT("https://1.t/"), "https 1.t /" },
    { "IPv6", NULL, TEXT("https://[2001:DB8::1]:443/"), "https [2001:db8::1] /" },
    { "IPv6 unfinished", NULL, TEXT("https://[2001:db8::1/"), "bad" },
    /* Paths. */
    { "dot segments", NULL, TEXT("https://h/a/./b/../c"), "https h /a/c" },
    { "dot segments at the end", NULL, TEXT("https://h/a/b/.."), "https h /a/" },
    { "one dot at the end", NULL, TEXT("https://h/a/b/."), "https h /a/b/" },
    { "more of them than there are segments", NULL, TEXT("https://h/../../a"), "https h /a" },
    { "encoded dot segments", NULL, TEXT("https://h/a/%2E%2e/b/.%2e/%2e/c"), "https h /c" },
    { "dot segments with a tab inside", NULL, TEXT("https://h/a/.\t./b"), "https h /b" },
    { "three dots", NULL, TEXT("https://h/a/.../b"), "https h /a/.../b" },
    { "encoded dots at large", NULL, TEXT("https://h/a%2e/%2eb"), "https h /a%2e/%2eb" },
    { "empty segments", NULL, TEXT("https://h//a//"), "https h //a//" },
    { "dot segments take empty ones", NULL, TEXT("https://h/a//../b"), "https h /a/b" },
    { "relative dot segments", BASE, TEXT("../x"), "https site.test /a/x" },
    { "a query has no segments", NULL, TEXT("https://h/a?/../b"), "https h /a" },
    { "what is encoded", NULL, TEXT("https://h/a b\"<>`{}\xc3\xbc'|~"),
      "https h /a%20b%22%3C%3E%60%7B%7D%C3%BC'|~" },
    { "what stays encoded", NULL, TEXT("https://h/%74r%2F"), "https h /%74r%2F" },
};
#define READS (sizeof(read_cases) / sizeof(*read_cases))

static char *show(pv_status_t status, const pv_url_t *url, char *out, size_t size)
{
    static const char *const schemes[] = { "other", "http", "https", "ws", "wss" };
    char room[2048];
    pv_span_t path;

    if (status != PV_OK) {
        snprintf(out, size, "%s", status == PV_LIMIT ? "limit" : "bad");
    }
    else if (url->scheme == PV_URL_OTHER) {
        assert_int_equal(url->host.len, 0);
        assert_int_equal(pv_url_path(url, PV_URL_PATH_SENT, room, sizeof(room), &path), PV_BAD);
        snprintf(out, size, "other");
    }
    else {
        assert_int_equal(pv_url_path(url, PV_URL_PATH_SENT, room, sizeof(room), &path), PV_OK);
        snprintf(out, size, "%s %.*s %.*s", schemes[url->scheme], (int)url->host.len, url->host.ptr,
                 (int)path.len, path.ptr);
    }
    return out;
}

static const pv_url_t *read_base(const char *text, char *room, pv_url_t *base)
{
    if (text == NULL) {
        return NULL;
    }
    assert_int_equal(pv_url_read(text, strlen(text), NULL, room, base), PV_OK);
    return base;
}

static void test_read(void **state)
{
    const read_case_t *c = *state;
    char room[PV_HOST_ROOM], base_room[PV_HOST_ROOM], got[4096];
    pv_url_t url, base_url;
    const pv_url_t *base = read_base(c->base, base_room, &base_url);
    char *ref = guard_copy(c->ref, c->len);

    assert_string_equal(show(pv_url_read(ref, c->len, base, room, &url), &url, got, sizeof(got)),
                        c->want);
    if (base != NULL && url.scheme != PV_URL_OTHER && pv_url_stays(ref, c->len)) {
        assert_true(url.same_host);
    }
    for (apr_size_t len = 0; len < c->len; len++) {
        ref = guard_copy(c->ref, len);
        show(pv_url_read(ref, len, base, room, &url), &url, got, sizeof(got));
        assert_true(!pv_url_stays(ref, len) || base == NULL || url.same_host);
    }
    guard_free();
}

/* A host in canonical form is not copied; one that is not lies in the room. */
static void test_no_copy(void **state)
{
    static const char clean[] = "https://www.t.example/x", other[] = "https://WWW.t.example/x";
    char room[PV_HOST_ROOM];
    pv_url_t url;

    (void)state;
    assert_int_equal(pv_url_read(TEXT(clean), NULL, room, &url), PV_OK);
    assert_ptr_equal(url.host.ptr, clean + 8);
    assert_int_equal(pv_url_read(TEXT(other), NULL, room, &url), PV_OK);
    assert_ptr_equal(url.host.ptr, room);
}

/* A host of 253 bytes is one, of 254 is none, in either form. */
/* An address or a name in other letters is no longer than a host may be. */
static void test_long_hosts(void **state)
{
    static const struct {
        const char *begin, *unit, *end;
    } cases[] = {
        { "https://[", "1:", "]/" },
        { "https://\xc3\xbc", "a", "/" },
        { "https://a", "\xc3\xbc", ".b/" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (unsigned units = 0; units < 300; units++) {
            char text[4096], room[PV_HOST_ROOM];
            size_t len = (size_t)sprintf(text, "%s", cases[i].begin);
            pv_url_t url;

            for (unsigned unit = 0; unit < units; unit++) {
                len += (size_t)sprintf(text + len, "%s", cases[i].unit);
            }
            len += (size_t)sprintf(text + len, "%s", cases[i].end);
            if (pv_url_read(guard_copy(text, len), len, NULL, room, &url) == PV_OK) {
                assert_true(url.host.len <= PV_HOST_MAX);
            }
            else {
                assert_int_equal(url.host.len, 0);
            }
        }
    }
    guard_free();
}

static void test_host_limit(void **state)
{
    static const char *const units[] = { "a.", "A.", "%61.", "\xef\xbd\x81." };
    char ref[4096], room[PV_HOST_ROOM];
    pv_url_t url;

    (void)state;
    for (size_t u = 0; u < sizeof(units) / sizeof(*units); u++) {
        for (int extra = 0; extra <= 1; extra++) {
            strcpy(ref, "https://");
            for (int i = 0; i < 126; i++) {
                strcat(ref, units[u]);
            }
            strcat(ref, extra ? "bb" : "b");
            assert_int_equal(
                pv_url_read(guard_copy(ref, strlen(ref)), strlen(ref), NULL, room, &url),
                extra ? PV_LIMIT : PV_OK);
            assert_int_equal(url.host.len, extra ? 0 : 253);
        }
    }
    guard_free();
}

/* Ignored characters do not count, however many; a label may grow by its encoding. */
static void test_host_length_counts_when_written(void **state)
{
    char ref[8192] = "https://t", room[PV_HOST_ROOM];
    pv_url_t url;

    (void)state;
    for (int i = 0; i < 2000; i++) {
        strcat(ref, "\xc2\xad");
    }
    strcat(ref, ".example/");
    assert_int_equal(pv_url_read(ref, strlen(ref), NULL, room, &url), PV_OK);
    assert_true(pv_span_eq(url.host, PV_SPAN("t.example")));

    for (int n = 1; n < 400; n++) {
        strcpy(ref, "https://");
        for (int i = 0; i < n; i++) {
            sprintf(ref + strlen(ref), "\xf0\xa0%c%c", 0x80 + i % 7, 0x80 + i % 61);
        }
        pv_url_read(guard_copy(ref, strlen(ref)), strlen(ref), NULL, room, &url);
        assert_true(url.host.len <= PV_HOST_MAX);
    }
    guard_free();
}

/* The beginning of a path is right however small the room, and however far `..`
 * goes back from outside of it. */
static void test_path_room(void **state)
{
    static const struct {
        const char *ref;
        const char *path;
    } cases[] = {
        { "https://h/aaaaaaaaaaaaaaaaaaaa/bbbbbbbbbbbbbbbbbbbbbbbbbbbb/../../tr/x", "/tr/x" },
        { "https://h/a/b/c/d/e/f/g/h/i/j/k/../../../../../../../../../../../tr", "/tr" },
        { "https://h/a/bbbbbbbbbbbbbbb/cc/dd/../../../tr/1/2/3/4/5/6", "/a/tr/1/2/3/4/5/6" },
        { "https://h/\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc", "/%C3%BC%C3%BC%C3%BC%C3%BC" },
    };
    char room[PV_HOST_ROOM];
    pv_url_t url;
    pv_span_t path;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        size_t want = strlen(cases[i].path);

        assert_int_equal(pv_url_read(cases[i].ref, strlen(cases[i].ref), NULL, room, &url), PV_OK);
        for (size_t size = 8; size < 128; size++) {
            char *out = guard_copy("", 0) - size;
            pv_status_t status = pv_url_path(&url, PV_URL_PATH_SENT, out, size, &path);

            assert_true(path.len <= want && memcmp(path.ptr, cases[i].path, path.len) == 0);
            assert_true(status == PV_OK ? path.len == want : path.len >= size - 4);
            assert_true(status == PV_OK || size < want + 8);
        }
    }
    guard_free();
}

/* How a server may understand a path. */
static void test_path_served(void **state)
{
    static const struct {
        const char *ref;
        const char *path;
    } cases[] = {
        { "https://h/tr", "/tr" },
        { "https://h/%74%72", "/tr" },
        { "https://h//tr//x", "/tr/x" },
        { "https://h/x%2F..%2ftr", "/tr" },
        { "https://h/x/%252e%252e/tr", "/x/%2e%2e/tr" },
        { "https://h/x%3Fy?z", "/x?y" },
        { "https://h/%5ctr", "/tr" },
        { "https://h/tr/", "/tr/" },
        { "https://h/tr%", "/tr%" },
    };
    char room[PV_HOST_ROOM], out[PV_URL_PATH_ROOM];
    pv_url_t url;
    pv_span_t path;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        assert_int_equal(pv_url_read(cases[i].ref, strlen(cases[i].ref), NULL, room, &url), PV_OK);
        assert_int_equal(pv_url_path(&url, PV_URL_PATH_SERVED, out, sizeof(out), &path), PV_OK);
        out[path.len] = '\0';
        assert_string_equal(out, cases[i].path);
    }
}

/* H4: <base href> is read against the document, references against both. */
static void test_base_href(void **state)
{
    char rooms[3][PV_HOST_ROOM], got[256];
    pv_url_t document, base, url;

    (void)state;
    assert_int_equal(pv_url_document(PV_URL_HTTPS, PV_SPAN("Site.TEST.:8443"), PV_SPAN("/a/b?c"),
                                     rooms[0], &document),
                     PV_OK);
    assert_int_equal(pv_url_read(TEXT("x/y/z"), &document, rooms[1], &base), PV_OK);
    assert_string_equal(
        show(pv_url_read(TEXT("../t"), &base, rooms[2], &url), &url, got, sizeof(got)),
        "https site.test /a/x/t");
    assert_int_equal(pv_url_read(TEXT("//t.example/d/"), &document, rooms[1], &base), PV_OK);
    assert_string_equal(
        show(pv_url_read(TEXT("x.js"), &base, rooms[2], &url), &url, got, sizeof(got)),
        "https t.example /d/x.js");
    assert_int_equal(pv_url_read(TEXT("data:,x"), &document, rooms[1], &base), PV_OK);
    assert_string_equal(
        show(pv_url_read(TEXT("x.js"), &base, rooms[2], &url), &url, got, sizeof(got)), "other");
}

static void test_document(void **state)
{
    char room[PV_HOST_ROOM], got[256];
    pv_url_t url;

    (void)state;
    assert_int_equal(pv_url_document(PV_URL_OTHER, PV_SPAN("h"), PV_SPAN("/"), room, &url), PV_OK);
    assert_int_equal(url.scheme, PV_URL_OTHER);
    assert_string_equal(show(pv_url_document(PV_URL_HTTP, PV_SPAN("h"), PV_SPAN("*"), room, &url),
                             &url, got, sizeof(got)),
                        "http h /");
    assert_string_equal(show(pv_url_document(PV_URL_HTTP, PV_SPAN(""), PV_SPAN("/"), room, &url),
                             &url, got, sizeof(got)),
                        "bad");
    assert_string_equal(show(pv_url_document(PV_URL_HTTP, PV_SPAN("h/x"), PV_SPAN("/"), room, &url),
                             &url, got, sizeof(got)),
                        "bad");
}

/* H2: the URLs of srcset. */
static void test_srcset(void **state)
{
    static const struct {
        const char *text;
        const char *urls; /**< each followed by `;` */
    } cases[] = {
        { "", "" },
        { " , ,", "" },
        { "a", "a;" },
        { "a 1x, b 2x", "a;b;" },
        { "a 1x,b 2x", "a;b;" },
        { "a, b", "a;b;" },
        { "a,b 1x", "a,b;" },
        { "a,,, b", "a;b;" },
        { "\n a\t1x\f,\r b", "a;b;" },
        { "data:,x 1x, b", "data:,x;b;" },
        { "a 1x 100w 5h, b", "a;b;" },
        { "a (b, c), d", "a;c);d;" },
        { "a (b,c),d 1x, e", "a;c);d;e;" },
        { "a ( 1x,b", "a;b;" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        size_t len = strlen(cases[i].text);
        char got[64] = "";
        pv_srcset_t srcset;
        pv_span_t url;

        pv_srcset_begin(&srcset, guard_copy(cases[i].text, len), len);
        while (pv_srcset_next(&srcset, &url)) {
            strncat(got, url.ptr, url.len);
            strcat(got, ";");
        }
        assert_string_equal(got, cases[i].urls);
    }
    guard_free();
}

static const struct CMUnitTest others[] = {
    cmocka_unit_test(test_no_copy),    cmocka_unit_test(test_long_hosts),
    cmocka_unit_test(test_host_limit), cmocka_unit_test(test_host_length_counts_when_written),
    cmocka_unit_test(test_path_room),  cmocka_unit_test(test_path_served),
    cmocka_unit_test(test_base_href),  cmocka_unit_test(test_document),
    cmocka_unit_test(test_srcset),
};
#define OTHERS (sizeof(others) / sizeof(*others))

int main(void)
{
    static struct CMUnitTest tests[READS + OTHERS];

    for (size_t i = 0; i < READS; i++) {
        tests[i].name = read_cases[i].title;
        tests[i].test_func = test_read;
        tests[i].initial_state = (void *)&read_cases[i];
    }
    memcpy(tests + READS, others, sizeof(others));
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return _cmocka_run_group_tests("url", tests, READS + OTHERS, NULL, NULL);
}
