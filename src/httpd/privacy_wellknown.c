/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "httpd/privacy_wellknown.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <http_config.h>
#include <http_protocol.h>
#include <http_request.h>
#include <http_vhost.h>
#include <mod_core.h>

#include "httpd/privacy_config.h"

/** The digits of a number between two bounds at a place. */
static int is_number(const char *text, int digits, int low, int high, int *number)
{
    *number = 0;
    for (int i = 0; i < digits; i++) {
        if (!apr_isdigit(text[i])) {
            return 0;
        }
        *number = *number * 10 + (text[i] - '0');
    }
    return *number >= low && *number <= high;
}

/** `T12:00:00`, a fraction of a second, and `Z` or an offset. */
static int is_time(const char *text)
{
    int n;

    if ((*text | 0x20) != 't' || !is_number(text + 1, 2, 0, 23, &n) || text[3] != ':' ||
        !is_number(text + 4, 2, 0, 59, &n) || text[6] != ':' ||
        !is_number(text + 7, 2, 0, 60, &n)) {
        return 0;
    }
    text += 9;
    if (*text == '.') {
        apr_size_t digits = strspn(++text, "0123456789");

        if (digits == 0) {
            return 0;
        }
        text += digits;
    }
    if ((*text | 0x20) == 'z') {
        return text[1] == '\0';
    }
    return (*text == '+' || *text == '-') && is_number(text + 1, 2, 0, 23, &n) && text[3] == ':' &&
           is_number(text + 4, 2, 0, 59, &n) && text[6] == '\0';
}

int privacy_wellknown_is_date(const char *text)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    int year, month, day, leap;

    if (!is_number(text, 4, 0, 9999, &year) || text[4] != '-' ||
        !is_number(text + 5, 2, 1, 12, &month) || text[7] != '-' ||
        !is_number(text + 8, 2, 1, 31, &day)) {
        return 0;
    }
    leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (day > days[month - 1] + (month == 2 && leap)) {
        return 0;
    }
    return text[10] == '\0' || is_time(text + 10);
}

/** Whether a request line in absolute form names another host: a forward proxy's. */
static int is_elsewhere(request_rec *r)
{
    const char *host = r->parsed_uri.hostname;

    /* With its own port, whatever the URI's is: where that matters, with ProxyRequests
     * on, mod_proxy has looked at it and said so in r->proxyreq. */
    return host != NULL && !ap_matches_request_vhost(r, host, r->server->port);
}

int privacy_wellknown_claimed(request_rec *r)
{
    const privacy_server_t *server = privacy_server_config(r->server);

    return server->gpc_statement != NULL && r->uri != NULL &&
           strcmp(r->uri, PRIVACY_WELLKNOWN_GPC) == 0 && !r->proxyreq && !is_elsewhere(r);
}

int privacy_wellknown_claim(request_rec *r)
{
    if (!privacy_wellknown_claimed(r)) {
        return 0;
    }
    r->filename = apr_pstrdup(r->pool, PRIVACY_WELLKNOWN_GPC);
    return 1;
}

int privacy_wellknown_answer(request_rec *r)
{
    const privacy_server_t *server = privacy_server_config(r->server);
    const char *body;
    int status;

    ap_allow_methods(r, REPLACE_ALLOW, "GET", "HEAD", "OPTIONS", NULL);
    if (r->method_number != M_GET) {
        return r->method_number == M_OPTIONS ? ap_send_http_options(r) : HTTP_METHOD_NOT_ALLOWED;
    }
    ap_discard_request_body(r);
    body = apr_pstrcat(r->pool, "{\"gpc\": true, \"lastUpdate\": \"", server->gpc_statement,
                       "\"}\n", NULL);
    ap_set_content_type(r, "application/json");
    ap_set_content_length(r, (apr_off_t)strlen(body));
    apr_table_setn(r->headers_out, "Cache-Control", "max-age=86400");
    apr_table_setn(r->headers_out, "ETag",
                   apr_pstrcat(r->pool, "\"gpc-", server->gpc_statement, "\"", NULL));
    status = ap_meets_conditions(r);
    if (status != OK) {
        return status;
    }
    if (!r->header_only) {
        ap_rputs(body, r);
    }
    return OK;
}
