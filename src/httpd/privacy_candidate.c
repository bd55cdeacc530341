/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "httpd/privacy_candidate.h"

#include <apr_lib.h>
#include <apr_strings.h>

#include "httpd/privacy_headers.h"

/** A response's header, whichever table has it. */
static const char *header(const request_rec *r, const char *name)
{
    const char *value = apr_table_get(r->headers_out, name);

    return value ? value : apr_table_get(r->err_headers_out, name);
}

/** Whether the media type before any parameter is this one. */
static int is_type(const char *type, const char *wanted)
{
    apr_size_t len = strlen(wanted);

    return strncasecmp(type, wanted, len) == 0 &&
           (type[len] == '\0' || type[len] == ';' || apr_isspace(type[len]));
}

/** The value of a media type's first charset parameter, as far as a semicolon or its
 *  closing quote; NULL if there is none. */
static const char *charset_of(const char *type)
{
    const char *p = type + strcspn(type, ";");

    while (*p == ';') {
        const char *name = p + 1 + strspn(p + 1, " \t");

        p = name + strcspn(name, ";=");
        if (*p == '=' && p - name == 7 && strncasecmp(name, "charset", 7) == 0) {
            return p + 1 + strspn(p + 1, " \t\"'");
        }
        if (*p == '=' && p[1] == '"') {
            for (p += 2; *p && *p != '"'; p++) {
                p += *p == '\\' && p[1];
            }
        }
        p += strcspn(p, ";");
    }
    return NULL;
}

/** Whether markup can be found in the charset byte by byte: not where two bytes make
 *  a character, or where escapes switch. These are all such labels of the WHATWG
 *  Encoding standard; browsers read a page with one that they do not know (UTF-7,
 *  UTF-32, EBCDIC) as if it had none. */
static int is_ascii_compatible(const char *type)
{
    static const char *const others[] = { "utf-16",      "utf-16le",    "utf-16be",
                                          "unicode",     "unicodefeff", "unicodefffe",
                                          "csunicode",   "ucs-2",       "iso-10646-ucs-2",
                                          "iso-2022-jp", "csiso2022jp", "iso-2022-kr",
                                          "csiso2022kr", "iso-2022-cn", "iso-2022-cn-ext",
                                          "hz-gb-2312",  "replacement" };
    const char *charset = charset_of(type);
    apr_size_t len = charset ? strcspn(charset, "\"'; \t") : 0;

    for (apr_size_t i = 0; len > 0 && i < sizeof(others) / sizeof(others[0]); i++) {
        if (strlen(others[i]) == len && strncasecmp(charset, others[i], len) == 0) {
            return 0;
        }
    }
    return 1;
}

int privacy_candidate_is_xml(const request_rec *r)
{
    return r->content_type != NULL && is_type(r->content_type, "application/xhtml+xml");
}

static int is_html(const request_rec *r)
{
    const char *type = r->content_type;

    return type != NULL && (is_type(type, "text/html") || is_type(type, "application/xhtml+xml")) &&
           is_ascii_compatible(type);
}

privacy_look_t privacy_candidate(const request_rec *r, int coded)
{
    const char *value;

    if ((r->status != HTTP_OK && r->status < HTTP_BAD_REQUEST) || !is_html(r)) {
        return PRIVACY_NOT_HTML;
    }
    value = header(r, PRIVACY_HEADER_INSPECT);
    if (value != NULL && privacy_header_is(value, "off")) {
        return PRIVACY_ASKED_NOT;
    }
    value = header(r, "Cache-Control");
    if (value != NULL && ap_find_token(r->pool, value, "no-transform")) {
        return PRIVACY_NO_TRANSFORM;
    }
    value = header(r, "Content-Encoding");
    if (coded && value != NULL && !privacy_header_is(value, "identity")) {
        return PRIVACY_ENCODED;
    }
    return PRIVACY_LOOK;
}

int privacy_candidate_is_document(const request_rec *r, const privacy_request_t *request)
{
    const char *disposition = header(r, "Content-Disposition");

    return request->navigation &&
           (disposition == NULL || strncasecmp(disposition, "attachment", 10) != 0);
}

privacy_sniff_t privacy_candidate_sniff(const char *buf, apr_size_t len)
{
    const unsigned char *p = (const unsigned char *)buf;
    const unsigned char *end = p + len;

    if (len < 2) {
        return (len == 1 && (p[0] == '{' || p[0] == '[')) ? PRIVACY_SNIFF_OTHER
                                                          : PRIVACY_SNIFF_MORE;
    }
    if ((p[0] == 0xfe && p[1] == 0xff) || (p[0] == 0xff && p[1] == 0xfe)) {
        return PRIVACY_SNIFF_OTHER;
    }
    if (p[0] == 0xef && p[1] == 0xbb) {
        if (len < 3) {
            return PRIVACY_SNIFF_MORE;
        }
        p += 3;
    }
    while (p < end && apr_isspace(*p)) {
        p++;
    }
    if (p == end) {
        return PRIVACY_SNIFF_MORE;
    }
    return (*p == '{' || *p == '[') ? PRIVACY_SNIFF_OTHER : PRIVACY_SNIFF_MARKUP;
}
