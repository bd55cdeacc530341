/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/*
 * How fast a page of 1.0 MB passes the scanner and the rewriter, held in memory, as a part of
 * the speed at which memchr alone goes from `<` to `<` on it in the same run.
 *
 *   scan [ROUNDS]      on a page of its own making
 *   scan -f FILE       on another
 *
 * Fails if the scanner is slower than 0.4 of memchr.
 */

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <apr_general.h>
#include <apr_pools.h>

#include "html/pv_rewrite.h"
#include "html/pv_scan.h"

#define PAGE  1000000
#define CHUNK 8192
#define FLOOR 0.4

typedef struct {
    char *buf;
    size_t len;
    size_t size;
} page_t;

static const char *const vocabulary[] = { "the",       "careers", "police",  "officer",
                                          "staff",     "apply",   "role",    "vacancy",
                                          "community", "service", "recruit", "team",
                                          "join",      "support", "force",   "county" };

static unsigned state = 1;

static unsigned below(unsigned n)
{
    state = state * 1103515245u + 12345u;
    return (state >> 16) % n;
}

static void put(page_t *page, const char *s)
{
    size_t len = strlen(s);

    if (page->len + len > page->size) {
        page->size = (page->len + len) * 2;
        page->buf = realloc(page->buf, page->size);
    }
    memcpy(page->buf + page->len, s, len);
    page->len += len;
}

static void put_number(page_t *page, unsigned n)
{
    char digits[16];
    snprintf(digits, sizeof(digits), "%u", n);
    put(page, digits);
}

static void put_words(page_t *page, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        put(page, i > 0 ? " " : "");
        put(page, vocabulary[below(16)]);
    }
}

/* A paragraph with a link, as on any page of text. */
static void put_paragraph(page_t *page)
{
    put(page, "<p class=\"body-text\" id=\"p");
    put_number(page, below(10000) * 100 + below(100));
    put(page, "\">");
    put_words(page, 60);
    put(page, " <a href=\"/jobs/");
    put_number(page, below(30000));
    put(page, "?x=1&amp;y=2\">");
    put_words(page, 4);
    put(page, "</a></p>\n");
}

static void put_row(page_t *page, unsigned number)
{
    put(page, "<div class=\"row\">");
    for (int i = 0; i < 4; i++) {
        put_paragraph(page);
    }
    put(page, "<img src=\"/img/");
    put_number(page, number);
    put(page, ".jpg\" alt=\"\"><ul>");
    for (int i = 0; i < 12; i++) {
        put(page, "<li>");
        put_words(page, 1);
        put(page, "</li>");
    }
    put(page, "</ul></div>\n");
    if (number % 50 == 0) {
        put(page, "<script>(function(){var a=1;if(a<3){document.title=\"x\";}})();</script>\n");
    }
}

static void make_page(page_t *page)
{
    put(page,
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Careers</title>\n"
        "<script async src=\"https://www.googletagmanager.com/gtag/js?id=G-X\"></script>\n"
        "<script>window.dataLayer=window.dataLayer||[];function gtag(){dataLayer.push(arguments)}"
        "gtag(\"js\",new Date());</script>\n<link rel=\"stylesheet\" "
        "href=\"/a.css\"></head><body>\n");
    for (unsigned n = 0; page->len < PAGE; n++) {
        put_row(page, n);
    }
    put(page,
        "<script src=\"https://connect.facebook.net/en_US/fbevents.js\"></script><noscript>"
        "<img src=\"https://www.facebook.com/tr?id=1&ev=PageView\"></noscript></body></html>");
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static size_t found;

static void run_memchr(const page_t *page)
{
    const char *p = page->buf;
    const char *end = page->buf + page->len;

    while ((p = memchr(p, '<', (size_t)(end - p))) != NULL) {
        found++;
        p++;
    }
}

static const unsigned char want[PV_TAG_COUNT] = {
    [PV_TAG_SCRIPT] = PV_SCAN_WANT, [PV_TAG_IFRAME] = PV_SCAN_WANT, [PV_TAG_IMG] = PV_SCAN_WANT,
    [PV_TAG_LINK] = PV_SCAN_WANT,   [PV_TAG_META] = PV_SCAN_WANT,   [PV_TAG_A] = PV_SCAN_WANT_PING,
};

static unsigned count_event(void *ctx, const pv_scan_event_t *event)
{
    (void)ctx;
    found += event->kind == PV_SCAN_START;
    return 0;
}

static void run_scan(const page_t *page, size_t chunk)
{
    pv_scan_options_t options = { .want = want };
    apr_pool_t *pool;
    pv_scan_t *scan;

    apr_pool_create(&pool, NULL);
    scan = pv_scan_create(&options, count_event, NULL, pool);
    for (size_t at = 0; at < page->len; at += chunk) {
        pv_scan_feed(scan, page->buf + at, page->len - at < chunk ? page->len - at : chunk);
    }
    pv_scan_end(scan);
    apr_pool_destroy(pool);
}

static void scan_whole(const page_t *page)
{
    run_scan(page, page->len);
}

static void scan_chunks(const page_t *page)
{
    run_scan(page, CHUNK);
}

static const char *judge(void *ctx, const pv_load_t *load)
{
    (void)ctx;
    return load->url.len > 12 && memcmp(load->url.ptr, "https://www.", 12) == 0 ? "analytics"
                                                                                : NULL;
}

static void count_bytes(void *ctx, const char *buf, apr_size_t len, int inserted)
{
    (void)ctx;
    (void)buf;
    found += inserted ? 0 : len;
}

static void rewrite_chunks(const page_t *page)
{
    static const pv_rewrite_calls_t calls = { .judge_url = judge, .emit = count_bytes };
    pv_rewrite_options_t options = { .message = PV_SPAN("<div>message</div>") };
    apr_pool_t *pool;
    pv_rewrite_t *rewrite;

    apr_pool_create(&pool, NULL);
    rewrite = pv_rewrite_create(&options, &calls, NULL, pool);
    for (size_t at = 0; at < page->len; at += CHUNK) {
        pv_rewrite_feed(rewrite, page->buf + at, page->len - at < CHUNK ? page->len - at : CHUNK);
    }
    pv_rewrite_end(rewrite);
    apr_pool_destroy(pool);
}

typedef struct {
    const char *what;
    void (*run)(const page_t *);
    double best;
} subject_t;

/* The best of many short rounds, all subjects in turn: what else runs on the machine only
 * ever adds, and adds to all. */
static void measure(subject_t *subjects, size_t count, const page_t *page, int rounds)
{
    for (int round = 0; round < rounds; round++) {
        for (size_t i = 0; i < count; i++) {
            double begin = now();
            double took;
            subjects[i].run(page);
            subjects[i].run(page);
            took = (now() - begin) / 2;
            if (round == 0 || took < subjects[i].best) {
                subjects[i].best = took;
            }
        }
    }
}

static int read_page(page_t *page, const char *path)
{
    FILE *file = fopen(path, "r");
    char buf[4096];
    size_t n;

    while (file != NULL && (n = fread(buf, 1, sizeof(buf) - 1, file)) > 0) {
        buf[n] = '\0';
        put(page, buf);
    }
    return file == NULL || fclose(file) != 0;
}

int main(int argc, char **argv)
{
    page_t page = { NULL, 0, 0 };
    int rounds = argc > 1 ? atoi(argv[1]) : 300;
    subject_t subjects[] = { { "memchr from < to <", run_memchr, 0 },
                             { "scanner, whole", scan_whole, 0 },
                             { "scanner, chunks of 8 KiB", scan_chunks, 0 },
                             { "rewriter, chunks of 8 KiB", rewrite_chunks, 0 } };
    double ratio;

    if (argc > 2 && strcmp(argv[1], "-f") == 0) {
        rounds = 300;
        if (read_page(&page, argv[2]) != 0) {
            perror(argv[2]);
            return 2;
        }
    }
    else {
        make_page(&page);
    }
    apr_initialize();
    measure(subjects, 4, &page, rounds);
    for (int i = 0; i < 4; i++) {
        printf("%-28s %7.0f MB/s  %.2f\n", subjects[i].what,
               (double)page.len / subjects[i].best / 1e6, subjects[0].best / subjects[i].best);
    }
    ratio = subjects[0].best / subjects[1].best;
    apr_terminate();
    free(page.buf);
    if (found == 0 || ratio < FLOOR) {
        printf("the scanner is slower than %.1f of memchr\n", FLOOR);
        return 1;
    }
    return 0;
}
