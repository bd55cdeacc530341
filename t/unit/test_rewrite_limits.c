/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* The rewriter where there is more than it looks at (H5): long tags and scripts, and what is
 * nested deep. */

#include "rewrite_case.h"

/* -------------------------------------------------------------------- H5: limits */

static const case_t limit_cases[] = {
    { "H5 behind padding", "<img alt='" PAD "' src=" T ">",
      "<img alt='" PAD "' data-privacy-category=ads " D "src=" T ">" },
    { "H5 in front of padding", "<img src=" T " alt='" PAD "'>",
      "<img" ADS " " D "src=" T " alt='" PAD "'>" },
    { "H5 in front and behind", "<img src=" T " alt='" PAD "' src=" T ">",
      "<img" ADS " " D "src=" T " alt='" PAD "' data-privacy-category=ads " D "src=" T ">" },
    { "H5 white space in front of a URL", "<img src='" PAD " " T "' alt=x>",
      "<img" ADS " " D "src='" PAD " " T "' alt=x>" },
    { "H5 a link whose rel is not known yet", "<link href=" T " x='" PAD "' rel=canonical>",
      "<link" ADS " " D "href=" T " x='" PAD "' rel=canonical>" },
    { "H5 a link whose rel is known, but may be followed by another",
      "<link rel=canonical x='" PAD "' href=" T " rel=preload>",
      "<link rel=canonical x='" PAD "' data-privacy-category=ads " D "href=" T " rel=preload>" },
    { "H5 a script without a source so far", "<script x='" PAD "' src=a></script>",
      "<script" OUT " x='" PAD "' src=a></script>" },
    { "H5 a script with one", "<script src=a x='" PAD "'>track(1)</script>", NULL },
    { "H5 a script whose type is known, but may be followed by another",
      "<script type=x src=" T " x='" PAD "' type=module></script>",
      "<script" OUT " " D "type=x " D "src=" T " x='" PAD "' type=module></script>" },
    { "H5 the text of a script of another type", "<script type=x x='" PAD "'>track(1)</script>",
      NULL },
    { "H5 the label of a script of another type",
      "<script type=x data-privacy-category=stats x='" PAD "' src=a></script>", NULL },
    { "H5 a tag that nobody asks for", "<p x='" PAD "' y=\"" PAD "\"><img src=" T ">",
      "<p x='" PAD "' y=\"" PAD "\"><img" ADS " " D "src=" T ">" },
    { "H5 script text that is decided", "<script>track(1);" PAD "</script>",
      "<script" OUT ">track(1);" PAD "</script>" },
    { "H5 script text that is not", "<script>" PAD "track(1)</script>", NULL },
    { "H5 annotation-xml with an encoding behind padding",
      "<math><annotation-xml x='" PAD "' encoding=text/html><style><img src=" T
      "></style></annotation-xml>",
      "<math><annotation-xml x='" PAD "' encoding=text/html><style><img" ADS " " D "src=" T
      "></style></annotation-xml>" },
    { "H5 a base behind padding", "<base x='" PAD "' href=//t.example><img src=a>",
      "<base x='" PAD "' href=//t.example><img" ADS " " D "src=a>" },
};

static void test_limits(void **state)
{
    pv_rewrite_options_t options = { .limit = 64 };
    (void)state;
    run_cases(&options, limit_cases, COUNT(limit_cases));
}

/* H5: a tag of 200 KB and a script of 200 KB, with the limits as they are. */
static void test_large(void **state)
{
    size_t len = 200000;
    char *pad = malloc(len + 1);
    apr_pool_t *pool;
    case_t c = { "H5 large", NULL, NULL };
    pv_rewrite_t *rewrite;
    check_t check;
    char *want;
    (void)state;

    memset(pad, 'x', len);
    pad[len] = '\0';
    apr_pool_create(&pool, NULL);
    c.input = apr_psprintf(
        pool,
        "<img src='data:%s' alt=\"%s\" srcset=%s ><script src='data:,%s'></script>"
        "<img alt='%s' src=" T "><script>%s</script>"
        "<script src='data:,track(1)%s'></script><script src='data:,%strack(1)'></script>"
        "<script src='data:%s,'></script><object data='data:image/png,%s'></object>"
        "<object data='data:text/html,%s'></object>",
        pad, pad, "a", pad, pad, pad, pad, pad, pad, pad, pad);
    want = apr_psprintf(pool,
                        "<img src='data:%s' alt=\"%s\" srcset=%s ><script src='data:,%s'></script>"
                        "<img alt='%s' data-privacy-category=ads " D "src=" T "><script>%s</script>"
                        "<script" OUT " " D
                        "src='data:,track(1)%s'></script><script src='data:,%strack(1)'></script>"
                        "<script" OUT " " D
                        "src='data:%s,'></script><object data='data:image/png,%s'></object>"
                        "<object" ADS " " D "data='data:text/html,%s'></object>",
                        pad, pad, "a", pad, pad, pad, pad, pad, pad, pad, pad);
    check_init(&check, strlen(want) + 1);
    rewrite = pv_rewrite_create(&plain, &check_calls, &check, pool);
    for (size_t i = 0; i < strlen(c.input); i += 1000) {
        size_t left = strlen(c.input + i);
        pv_rewrite_feed(rewrite, c.input + i, left < 1000 ? left : 1000);
        /* No more is kept than a limit and a chunk. */
        assert_in_range(i + 1000 - check.original_len, 0, 65536 + 1000 + 1000);
    }
    pv_rewrite_end(rewrite);
    assert_int_equal(check.out_len, strlen(want));
    assert_memory_equal(check.out, want, check.out_len);
    check_free(&check);
    apr_pool_destroy(pool);
    free(pad);
}

static const char *in_srcdoc(const char *html, apr_pool_t *pool)
{
    char *out = apr_palloc(pool, strlen(html) * 6 + 64);
    char *at = apr_cpystrn(out, "<iframe srcdoc=\"", 32);

    for (; *html != '\0'; html++) {
        at = apr_cpystrn(at, *html == '&' ? "&amp;" : *html == '"' ? "&quot;" : "", 8);
        if (*html != '&' && *html != '"') {
            *at++ = *html;
        }
    }
    apr_cpystrn(at, "\">", 8);
    return out;
}

/* More than it keeps of svg and math that is open: all that may load is held from there
 * on, in whatever it stands. */
static void test_foreign_depth(void **state)
{
    apr_pool_t *pool;
    (void)state;

    apr_pool_create(&pool, NULL);
    for (int depth = 60; depth <= 70; depth += 5) {
        const char *html = "";

        for (int i = 0; i < depth; i++) {
            html = apr_pstrcat(pool, html, i % 2 ? "<desc>" : "<svg>", NULL);
        }
        html = apr_pstrcat(pool, html, "<style><img src=" T "></style><img src=" T ">", NULL);
        assert_true(held_in(html, BYTES) >= 1);
    }
    apr_pool_destroy(pool);
}

/* H3: as deep as documents in documents are searched; deeper is doubt. */
static void test_depth(void **state)
{
    const char *html = "<img src=a>";
    apr_pool_t *pool;
    (void)state;

    apr_pool_create(&pool, NULL);
    for (int depth = 1; depth <= 5; depth++) {
        html = in_srcdoc(html, pool);
        assert_int_equal(held_in(html, WHOLE), depth == 5);
    }
    html = in_srcdoc(in_srcdoc("<p><img src=" T ">", pool), pool);
    assert_int_equal(held_in(html, WHOLE), 1);
    apr_pool_destroy(pool);
}

/* H3: and so many of them in a tag. */
static void test_probes(void **state)
{
    apr_pool_t *pool;
    (void)state;

    apr_pool_create(&pool, NULL);
    for (int count = 200; count <= 300; count += 100) {
        const char *html = "";

        for (int i = 0; i < count; i++) {
            html = apr_pstrcat(pool, html, "<iframe srcdoc=a></iframe>", NULL);
        }
        html = apr_pstrcat(pool, in_srcdoc(html, pool), in_srcdoc("<img src=a>", pool), NULL);
        assert_int_equal(held_in(html, WHOLE), count == 300);
    }
    apr_pool_destroy(pool);
}

int main(void)
{
    suite_test(test_limits);
    suite_test(test_large);
    suite_test(test_foreign_depth);
    suite_test(test_depth);
    suite_test(test_probes);
    return suite_run_pools("rewrite, limits");
}
