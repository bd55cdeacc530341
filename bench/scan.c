/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/*
 * How fast a page passes the scanner and the rewriter, held in memory, and at which
 * speed memchr alone goes from `<` to `<` on it in the same run.
 *
 *   scan FILE [ROUNDS]
 *
 * Prints MB/s and what it is of. bench/parts.pl makes the page.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <apr_general.h>
#include <apr_pools.h>

#include "html/pv_rewrite.h"
#include "html/pv_scan.h"

#define CHUNK 8192

typedef struct {
    char *buf;
    size_t len;
} page_t;

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
    size_t size = 0;
    size_t n = 1;

    while (file != NULL && n > 0) {
        if (page->len == size) {
            size = size > 0 ? size * 2 : 1 << 20;
            page->buf = realloc(page->buf, size);
        }
        n = fread(page->buf + page->len, 1, size - page->len, file);
        page->len += n;
    }
    return file == NULL || fclose(file) != 0;
}

int main(int argc, char **argv)
{
    page_t page = { NULL, 0 };
    int rounds = argc > 2 ? atoi(argv[2]) : 300;
    subject_t subjects[] = { { "memchr from < to <", run_memchr, 0 },
                             { "scanner, whole", scan_whole, 0 },
                             { "scanner, chunks of 8 KiB", scan_chunks, 0 },
                             { "rewriter, chunks of 8 KiB", rewrite_chunks, 0 } };
    size_t count = sizeof(subjects) / sizeof(subjects[0]);

    if (argc < 2 || read_page(&page, argv[1]) != 0) {
        perror(argc < 2 ? "scan FILE [ROUNDS]" : argv[1]);
        return 2;
    }
    apr_initialize();
    measure(subjects, count, &page, rounds);
    for (size_t i = 0; i < count; i++) {
        printf("%.1f %s\n", (double)page.len / subjects[i].best / 1e6, subjects[i].what);
    }
    apr_terminate();
    free(page.buf);
    return found == 0;
}
