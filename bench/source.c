/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/*
 * What reading consent sources costs, in instructions: each case is read CALLS
 * times, and bench/parts.pl counts with callgrind.
 *
 *   source CASE CALLS
 *
 *   tcf     pv_tcf_read() of a string of 1,060 vendors, disclosed ones included
 *   source  the same as a source, among 20 other cookies
 *   none    all sources configured, 20 cookies, none of them theirs
 */

#include <stdio.h>
#include <stdlib.h>

#include <apr_general.h>

#include "consent/pv_source.h"
#include "consent/pv_tcf.h"

#define MAX 32

/* About what a large manager writes after "accept all": bit fields of 1,060 vendors. */
static char typical[2048];

static const char usual[] =
    "_ga=GA1.2.1234567890.1700000000; _gid=GA1.2.987654321.1700000000; "
    "_gat_UA-12345-1=1; _fbp=fb.1.1700000000000.1234567890; _gcl_au=1.1.123456789.1700000000; "
    "PHPSESSID=abcdef0123456789; csrftoken=abcdef; lang=en; theme=dark; _hjid=abc; "
    "_hjSessionUser_123=abc; __utma=1; __utmb=2; __cf_bm=abc; JSESSIONID=abc; wp-settings-1=a; "
    "cart=abc; currency=EUR; _clck=abc; _uetsid=abc";

static unsigned split(const char *header, pv_source_cookie_t *cookies)
{
    unsigned n = 0;

    while (*header != '\0') {
        size_t len = strcspn(header, ";"), eq = strcspn(header, "=");

        cookies[n].name = pv_span(header, eq);
        cookies[n++].value = pv_span(header + eq + 1, len - eq - 1);
        header += len;
        header += strspn(header, "; ");
    }
    return n;
}

static void put(char *text, unsigned *at, unsigned n, unsigned long value)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    static unsigned held;

    while (n-- > 0) {
        held = held << 1 | (unsigned)(value >> n & 1);
        if (++*at % 6 == 0) {
            text[*at / 6 - 1] = digits[held & 63];
        }
    }
}

static void put_vendors(char *text, unsigned *at, unsigned max)
{
    put(text, at, 16, max);
    put(text, at, 1, 0);
    for (unsigned v = 1; v <= max; v++) {
        put(text, at, 1, v % 7 != 0);
    }
}

static void make_typical(void)
{
    char *text = typical;
    unsigned at = 0;

    put(text, &at, 6, 2);
    put(text, &at, 36, 17672256000);
    put(text, &at, 36, 17672256000);
    put(text, &at, 42, 0);
    put(text, &at, 12, 141);
    put(text, &at, 6, 5);
    put(text, &at, 14, 0x2000);
    put(text, &at, 24, 0xffe000);
    put(text, &at, 24, 0x43e000);
    put(text, &at, 13, 0);
    put_vendors(text, &at, 1060);
    put_vendors(text, &at, 1060);
    put(text, &at, 12, 0);
    while (at % 6 != 0) {
        put(text, &at, 1, 0);
    }
    text[at / 6] = '.';
    text += at / 6 + 1;
    at = 0;
    put(text, &at, 3, 1);
    put_vendors(text, &at, 1060);
    while (at % 6 != 0) {
        put(text, &at, 1, 0);
    }
}

static pv_sources_t *all_sources(apr_pool_t *pool)
{
    static const char *const conf[][2] = {
        { "cookiebot", "statistics" },
        { "onetrust", "C0002" },
        { "cookieyes", "analytics" },
        { "complianz", "statistics" },
        { "osano", "*" },
        { "cookieconsent", "analytics" },
        { "klaro", "ga" },
        { "tarteaucitron", "gtag" },
        { "govuk", "usage" },
        { "nhsuk", "statistics" },
        { "django", "optional" },
        { "didomi", "cookies" },
        { "iubenda", "4" },
        { "cookiefirst", "performance" },
        { "axeptio", "ga" },
        { "borlabs", "statistics" },
        { "drupal", "*" },
        { "matomo", "*" },
        { "hubspot", "1" },
        { "wp", "statistics" },
        { "cookie-script", "performance" },
        { "cookie-information", "cookie_cat_statistic" },
        { "civic", "analytics" },
        { "trustarc", "2" },
        { "shopify", "a" },
        { "usprivacy", "*" },
        { "gpp", "sale" },
        { "tcf", "7,8,9" },
        { "cookie-law-info", "analytics" },
    };
    const pv_source_t *list[sizeof(conf) / sizeof(conf[0])];
    unsigned n = sizeof(conf) / sizeof(conf[0]);

    for (unsigned i = 0; i < n; i++) {
        pv_source_t *source = pv_source_make(conf[i][0], pool);

        if (pv_source_map(source, 0, conf[i][1], pool) != NULL ||
            pv_source_finish(source, 1, pool) != NULL) {
            abort();
        }
        list[i] = source;
    }
    return pv_sources_make(list, n, pool);
}

/* With vendor=755, as the only source. */
static pv_sources_t *tcf_source(apr_pool_t *pool)
{
    pv_source_t *source = pv_source_make("tcf", pool);
    const pv_source_t *list = source;

    if (pv_source_map(source, 0, "7,8,9", pool) != NULL ||
        pv_source_map(source, 1, "2,3,4", pool) != NULL ||
        pv_source_option(source, "vendor", "755", pool) != NULL ||
        pv_source_finish(source, 3, pool) != NULL) {
        abort();
    }
    return pv_sources_make(&list, 1, pool);
}

int main(int argc, char **argv)
{
    pv_source_cookie_t cookies[MAX];
    pv_source_answers_t answers = { 0 };
    apr_pool_t *pool;
    const char *name = argc > 1 ? argv[1] : "";
    long calls = argc > 2 ? atol(argv[2]) : 1;
    unsigned n = split(usual, cookies);
    pv_span_t text;
    pv_sources_t *sources;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    make_typical();
    text = pv_span(typical, strlen(typical));
    sources = strcmp(name, "none") == 0 ? all_sources(pool) : tcf_source(pool);
    if (strcmp(name, "source") == 0) {
        cookies[n].name = PV_SPAN("euconsent-v2");
        cookies[n++].value = text;
    }
    while (calls-- > 0) {
        if (strcmp(name, "tcf") == 0) {
            pv_tcf_t tcf;

            if (pv_tcf_read(text, 755, &tcf) != PV_OK) {
                abort();
            }
            answers.granted = pv_tcf_granted(&tcf, 755);
        }
        else {
            pv_sources_read(sources, cookies, n, &answers);
        }
    }
    printf("%d bytes; granted %x\n", (int)text.len, (unsigned)answers.granted);
    return 0;
}
