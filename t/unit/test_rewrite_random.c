/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/*
 * Properties of the rewriter over random documents, policies and chunks. The seed of a document
 * is printed where one fails; PV_RANDOM_COUNT says how many there are.
 */

#include "guard.h"
#include "rewrite_check.h"
#include "suite.h"

#define INPUT_MAX 4096

static unsigned long seed_state;

static unsigned below(unsigned n)
{
    return check_below(&seed_state, n);
}

static const char *const names[] = {
    "script",
    "script",
    "img",
    "img",
    "iframe",
    "iframe",
    "p",
    "div",
    "style",
    "title",
    "textarea",
    "noscript",
    "noscript",
    "svg",
    "svg",
    "math",
    "mtext",
    "desc",
    "foreignObject",
    "select",
    "template",
    "table",
    "td",
    "base",
    "link",
    "meta",
    "a",
    "image",
    "use",
    "body",
    "head",
    "frameset",
    "frame",
    "xmp",
    "plaintext",
    "noembed",
    "font",
    "annotation-xml",
    "col",
    "input",
    "video",
    "source",
    "object",
    "b",
    "g",
    "noframes",
    "html",
};

static const char *const attrs[] = {
    "src",
    "src",
    "href",
    "srcset",
    "srcdoc",
    "type",
    "rel",
    "http-equiv",
    "content",
    "data",
    "ping",
    "poster",
    "xlink:href",
    "class",
    "style",
    "encoding",
    "data-privacy-category",
    "SRC",
    "a\"b",
    "language",
    "imagesrcset",
    "hidden",
    "x<y",
    "=",
};

static const char *const values[] = {
    "https://t.example/x",
    "//t.example",
    "//u.example/y 2x, a",
    "a.png",
    "stylesheet",
    "text/javascript",
    "text/plain",
    "image",
    "refresh",
    "0;url=//t.example",
    "<img src=//t.example>",
    "<script>track()</script>",
    "preload",
    "needed",
    "stats",
    "granted",
    "x>y",
    "&#47;&sol;t.example",
    "text/html",
    "-->",
    "a 1x, //t.example 2x",
    "https://own.example/",
    "",
    "module",
    "it's",
    "//u.example&quot;",
    "data:,track(1)",
    "data:;base64,dHJhY2soMSk=",
    "data:text/html,<img src=//t.example>",
    "javascript:track(1)",
    "data:image/png;base64,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
};

static const char *const texts[] = {
    "text",
    " ",
    "\n",
    "<!-- ",
    " -->",
    "<!-->",
    "<![CDATA[",
    "]]>",
    "<!DOCTYPE html>",
    "<?x?>",
    "</",
    "<",
    "\"",
    "'",
    ">",
    "track(1)",
    "--!>",
    "<!--<script>",
    "=",
    "/",
    "&lt;",
    "\r\n",
    "\xEF\xBB\xBF",
    "a<b",
    "</script>",
    "</noscript>",
    "<b x='",
};

static const char *const trackers[] = {
    "<img src=//t.example>",
    "<script src='https://t.example/a.js'></script>",
    "<script>track(1)</script>",
    "<iframe src=\"//u.example\"></iframe>",
    "<svg><image xlink:href='//t.example'/></svg>",
    "<noscript><img src=//u.example></noscript>",
    "<img src=a srcset='a 1x, //t.example 2x' src=//t.example>",
    "<link rel=preload href=//t.example>",
    "<a href=x ping=//t.example>",
    "<select><style><img src=//t.example>",
    "<svg><style><img src=//t.example></style>",
    "<frame src=//t.example>",
};

#define PICK(array) ((array)[below(sizeof(array) / sizeof((array)[0]))])

typedef struct {
    char buf[INPUT_MAX];
    size_t len;
} input_t;

static void add(input_t *in, const char *s)
{
    size_t n = strlen(s);
    if (in->len + n < INPUT_MAX) {
        memcpy(in->buf + in->len, s, n);
        in->len += n;
    }
}

static void add_attr(input_t *in)
{
    static const char *const gaps[] = { " ", "\n", "/", "", " \t", " / " };
    const char *quote = below(3) == 0 ? "" : below(2) == 0 ? "\"" : "'";

    add(in, PICK(gaps));
    add(in, PICK(attrs));
    if (below(8) > 0) {
        add(in, below(6) == 0 ? " = " : "=");
        add(in, quote);
        add(in, PICK(values));
        add(in, below(40) == 0 ? "" : quote);
    }
}

static void add_tag(input_t *in)
{
    add(in, "<");
    add(in, PICK(names));
    add(in, below(10) == 0 ? "/" : " ");
    for (unsigned n = below(5); n > 0; n--) {
        add_attr(in);
    }
    add(in, below(8) == 0 ? "/>" : ">");
}

static void make_input(input_t *in, unsigned long seed)
{
    seed_state = seed * 2654435761UL + 1;
    in->len = 0;
    for (unsigned n = below(40); n > 0; n--) {
        unsigned kind = below(20);
        if (kind < 3) {
            add(in, PICK(trackers));
        }
        else if (kind < 9) {
            add_tag(in);
        }
        else if (kind < 14) {
            add(in, "</");
            add(in, PICK(names));
            add(in, ">");
        }
        else if (kind < 19) {
            add(in, PICK(texts));
        }
        else if (in->len < INPUT_MAX) {
            in->buf[in->len++] = (char)below(256);
        }
    }
}

static check_policy_t make_policy(void)
{
    unsigned xml = below(8) == 0;
    unsigned small = below(4) == 0;
    unsigned grant = below(8) == 0;

    return check_policy(xml, small, grant, below(3) == 0);
}

/* What is not printable as a dot. */
static void show(const char *what, const char *buf, size_t len)
{
    fprintf(stderr, "# %s ", what);
    for (size_t i = 0; i < len; i++) {
        fputc((unsigned char)buf[i] < ' ' || (unsigned char)buf[i] > '~' ? '.' : buf[i], stderr);
    }
    fputc('\n', stderr);
}

static void fail_at(unsigned long seed, const char *what, const input_t *in, const check_t *check)
{
    print_error("seed %lu: %s\n", seed, what);
    show("in ", in->buf, in->len);
    show("out", check->out, check->out_len);
    fail();
}

static void check_document(unsigned long seed, check_t *check, input_t *in)
{
    check_policy_t policy;
    const char *wrong;
    char *input;
    check_t other;

    make_input(in, seed);
    policy = make_policy();
    input = guard_copy(in->buf, in->len);
    check_rewrite(check, &policy, input, in->len, 0, &seed_state);
    wrong = check_wrong(check, &policy, in->buf, in->len);
    if (wrong != NULL) {
        fail_at(seed, wrong, in, check);
    }
    for (unsigned max = 1; max <= 16; max *= 4) {
        check_rewrite(&other, &policy, input, in->len, max, &seed_state);
        wrong = check_wrong_in_chunks(&other, check);
        if (wrong != NULL) {
            show("whole", check->out, check->out_len);
            fail_at(seed, wrong, in, &other);
        }
        check_free(&other);
    }
    guard_free();
}

static void test_properties(void **state)
{
    const char *count_text = getenv("PV_RANDOM_COUNT");
    unsigned long count = count_text != NULL ? strtoul(count_text, NULL, 10) : 4000;
    unsigned long held = 0;
    unsigned long limited = 0;
    input_t *in = malloc(sizeof(*in));
    (void)state;

    for (unsigned long seed = 1; seed <= count; seed++) {
        check_t check;
        check_document(seed, &check, in);
        held += (unsigned long)check.held;
        limited += (unsigned long)check.limited;
        check_free(&check);
    }
    /* A generator that makes nothing to hold proves nothing. */
    print_message("# %lu held, %lu limited of %lu\n", held, limited, count);
    assert_true(held > count / 4);
    assert_true(limited < count / 50 + 1);
    free(in);
}

int main(void)
{
    suite_test(test_properties);
    return suite_run_pools("rewrite, random");
}
