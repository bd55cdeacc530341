/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/*
 * The scanner, for tests that are not written in C.
 *
 *   driver_scan tokenizer FILE...   run html5lib's tokenizer tests, whole and at every split: TAP
 *   driver_scan tags [xml]          for each line {"html": "…"} of stdin, a line with the start
 * tags that any reading sees: [[begin, end, name, {attributes}], …]
 */

#include <stdio.h>

#include <apr_general.h>
#include <apr_strings.h>
#include <apr_tables.h>
#include <jansson.h>

#include "html/pv_attr.h"
#include "html/pv_charref.h"
#include "html/pv_scan.h"

typedef struct {
    apr_array_header_t *events; /* of pv_scan_event_t */
    apr_uint64_t passed;
} log_t;

static unsigned note(void *ctx, const pv_scan_event_t *event)
{
    log_t *log = ctx;

    if (event->kind == PV_SCAN_PASS) {
        if (event->begin != log->passed) {
            fprintf(stderr, "a gap at %" APR_UINT64_T_FMT "\n", log->passed);
            exit(2);
        }
        log->passed = event->end;
        return 0;
    }
    if (event->kind != PV_SCAN_HEAD && event->kind != PV_SCAN_BODY &&
        event->kind != PV_SCAN_FRAMESET) {
        APR_ARRAY_PUSH(log->events, pv_scan_event_t) = *event;
    }
    return 0;
}

/* Carriage returns, as the preprocessing of the input stream has them. */
static pv_span_t normalise(pv_span_t in, apr_pool_t *pool)
{
    char *out = apr_palloc(pool, in.len + 1);
    apr_size_t n = 0;

    for (apr_size_t i = 0; i < in.len; i++) {
        if (in.ptr[i] == '\r') {
            out[n++] = '\n';
            i += i + 1 < in.len && in.ptr[i + 1] == '\n';
        }
        else {
            out[n++] = in.ptr[i];
        }
    }
    return pv_span(out, n);
}

static pv_span_t replace_nul(pv_span_t in, int lower, apr_pool_t *pool)
{
    char *out = apr_palloc(pool, in.len * 3 + 1);
    apr_size_t n = 0;

    for (apr_size_t i = 0; i < in.len; i++) {
        if (in.ptr[i] == '\0') {
            memcpy(out + n, "\357\277\275", 3);
            n += 3;
        }
        else {
            out[n++] = lower ? pv_lower(in.ptr[i]) : in.ptr[i];
        }
    }
    return pv_span(out, n);
}

static pv_span_t decode(pv_span_t in, pv_charref_e where, apr_pool_t *pool)
{
    char *out = apr_palloc(pool, pv_charref_size(in.len) + 1);
    pv_span_t text = normalise(in, pool);

    return pv_span(out, pv_charref_decode(text.ptr, text.len, where, out));
}

/* Strings may hold surrogates without a partner, which jansson refuses: a token
 * is text, each string with its length in front. */
static void put(apr_array_header_t *out, pv_span_t s)
{
    const char *head = apr_psprintf(out->pool, "%" APR_SIZE_T_FMT ":", s.len);

    for (; *head != '\0'; head++) {
        APR_ARRAY_PUSH(out, char) = *head;
    }
    for (apr_size_t i = 0; i < s.len; i++) {
        APR_ARRAY_PUSH(out, char) = s.ptr[i];
    }
    APR_ARRAY_PUSH(out, char) = ' ';
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void put_attrs(apr_array_header_t *out, apr_array_header_t *attrs)
{
    qsort(attrs->elts, (size_t)attrs->nelts, sizeof(char *), by_name);
    for (int i = 0; i < attrs->nelts; i++) {
        put(out, pv_span(APR_ARRAY_IDX(attrs, i, char *), strlen(APR_ARRAY_IDX(attrs, i, char *))));
    }
}

/* name=value in one string: NUL has become U+FFFD on both sides. */
static apr_array_header_t *attrs_of(pv_span_t tag, apr_pool_t *pool)
{
    apr_array_header_t *list = apr_array_make(pool, 4, sizeof(char *));
    apr_table_t *seen = apr_table_make(pool, 4);
    pv_span_t name = pv_attr_tag_name(tag);
    pv_attr_iter_t iter;
    pv_attr_t attr;

    pv_attr_first(&iter, name.ptr + name.len, tag.ptr + tag.len);
    while (pv_attr_next(&iter, &attr)) {
        pv_span_t n = replace_nul(attr.name, 1, pool);
        pv_span_t v = decode(attr.value, PV_CHARREF_ATTRIBUTE, pool);
        const char *key = apr_pstrmemdup(pool, n.ptr, n.len);
        if (apr_table_get(seen, key) == NULL) {
            apr_table_setn(seen, key, "");
            APR_ARRAY_PUSH(list, char *) =
                apr_psprintf(pool, "%s=%s", key, apr_pstrmemdup(pool, v.ptr, v.len));
        }
    }
    return list;
}

/* ------------------------------------------------------------ tokenizer tests */

typedef struct {
    const char *name;
    pv_scan_at_e at;
} at_t;

static const at_t starts[] = {
    { "Data state", PV_SCAN_AT_DATA },          { "PLAINTEXT state", PV_SCAN_AT_PLAINTEXT },
    { "RCDATA state", PV_SCAN_AT_RCDATA },      { "RAWTEXT state", PV_SCAN_AT_RAWTEXT },
    { "Script data state", PV_SCAN_AT_SCRIPT }, { "CDATA section state", PV_SCAN_AT_CDATA },
};

static void put_utf8(apr_array_header_t *out, unsigned long c)
{
    char buf[4];
    int n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char heads[] = { 0, 0, 0xC0, 0xE0, 0xF0 };

    for (int i = n - 1; i > 0; i--) {
        buf[i] = (char)(0x80 | (c & 0x3F));
        c >>= 6;
    }
    buf[0] = (char)(heads[n == 1 ? 0 : n] | c);
    for (int i = 0; i < n; i++) {
        APR_ARRAY_PUSH(out, char) = buf[i];
    }
}

static unsigned long hex4(const char *p)
{
    char digits[5] = { p[0], p[1], p[2], p[3], '\0' };
    return strtoul(digits, NULL, 16);
}

/* A string of a test; `\uXXXX` in it counts if the test says doubleEscaped. */
static pv_span_t string_of(json_t *json, int escaped, apr_pool_t *pool)
{
    pv_span_t in = pv_span(json_string_value(json), json_string_length(json));
    apr_array_header_t *out = apr_array_make(pool, (int)in.len + 1, sizeof(char));

    for (apr_size_t i = 0; i < in.len; i++) {
        if (escaped && i + 5 < in.len && in.ptr[i] == '\\' && in.ptr[i + 1] == 'u') {
            unsigned long c = hex4(in.ptr + i + 2);
            i += 5;
            if (c >= 0xD800 && c < 0xDC00 && i + 6 < in.len && in.ptr[i + 1] == '\\') {
                c = 0x10000 + ((c - 0xD800) << 10) + (hex4(in.ptr + i + 3) - 0xDC00);
                i += 6;
            }
            put_utf8(out, c);
        }
        else {
            APR_ARRAY_PUSH(out, char) = in.ptr[i];
        }
    }
    return pv_span(out->elts, (apr_size_t)out->nelts);
}

static void put_word(apr_array_header_t *out, const char *word)
{
    put(out, pv_span(word, strlen(word)));
}

/* Adjacent character tokens are one. */
typedef struct {
    apr_array_header_t *tokens;
    apr_array_header_t *text;
} writer_t;

static void flush_text(writer_t *w)
{
    if (w->text->nelts > 0) {
        put_word(w->tokens, "Character");
        put(w->tokens, pv_span(w->text->elts, (apr_size_t)w->text->nelts));
        w->text->nelts = 0;
    }
}

static void add_text(writer_t *w, pv_span_t s)
{
    for (apr_size_t i = 0; i < s.len; i++) {
        APR_ARRAY_PUSH(w->text, char) = s.ptr[i];
    }
}

static apr_array_header_t *expected_attrs(json_t *json, int escaped, apr_pool_t *pool)
{
    apr_array_header_t *list = apr_array_make(pool, 4, sizeof(char *));
    const char *key;
    json_t *value;

    json_object_foreach(json, key, value)
    {
        json_t *name = json_string(key);
        pv_span_t n = string_of(name, escaped, pool);
        pv_span_t v = string_of(value, escaped, pool);
        APR_ARRAY_PUSH(list, char *) = apr_psprintf(
            pool, "%s=%s", apr_pstrmemdup(pool, n.ptr, n.len), apr_pstrmemdup(pool, v.ptr, v.len));
        json_decref(name);
    }
    return list;
}

static pv_span_t expected(json_t *output, int escaped, apr_pool_t *pool)
{
    writer_t w = { apr_array_make(pool, 64, 1), apr_array_make(pool, 64, 1) };
    size_t i;
    json_t *token;

    json_array_foreach(output, i, token)
    {
        const char *kind = json_string_value(json_array_get(token, 0));
        if (kind == NULL) {
            continue;
        }
        if (strcmp(kind, "Character") == 0) {
            add_text(&w, string_of(json_array_get(token, 1), escaped, pool));
            continue;
        }
        flush_text(&w);
        put_word(w.tokens, kind);
        if (strcmp(kind, "DOCTYPE") != 0) {
            put(w.tokens, string_of(json_array_get(token, 1), escaped, pool));
        }
        if (strcmp(kind, "StartTag") == 0) {
            put_attrs(w.tokens, expected_attrs(json_array_get(token, 2), escaped, pool));
            put_word(w.tokens, json_is_true(json_array_get(token, 3)) ? "/" : "");
        }
    }
    flush_text(&w);
    return pv_span(w.tokens->elts, (apr_size_t)w.tokens->nelts);
}

static void write_text(writer_t *w, pv_span_t raw, pv_scan_at_e at)
{
    apr_pool_t *pool = w->tokens->pool;

    if (at == PV_SCAN_AT_DATA) {
        add_text(w, decode(raw, PV_CHARREF_TEXT, pool));
    }
    else if (at == PV_SCAN_AT_RCDATA) {
        add_text(w, replace_nul(decode(raw, PV_CHARREF_TEXT, pool), 0, pool));
    }
    else if (at == PV_SCAN_AT_CDATA) {
        add_text(w, normalise(raw, pool));
    }
    else {
        add_text(w, replace_nul(normalise(raw, pool), 0, pool));
    }
}

static void write_event(writer_t *w, const pv_scan_event_t *e, const char *input)
{
    apr_pool_t *pool = w->tokens->pool;
    pv_span_t whole = pv_span_between(input + e->begin, input + e->end);
    pv_span_t text = pv_span_between(input + e->text, input + e->text_end);

    switch (e->kind) {
    case PV_SCAN_START:
    case PV_SCAN_END_TAG:
        flush_text(w);
        put_word(w->tokens, e->kind == PV_SCAN_START ? "StartTag" : "EndTag");
        put(w->tokens, replace_nul(pv_attr_tag_name(whole), 1, pool));
        if (e->kind == PV_SCAN_START) {
            put_attrs(w->tokens, attrs_of(whole, pool));
            put_word(w->tokens, e->self_closing ? "/" : "");
        }
        break;
    case PV_SCAN_COMMENT:
        flush_text(w);
        put_word(w->tokens, "Comment");
        put(w->tokens, replace_nul(normalise(text, pool), 0, pool));
        break;
    case PV_SCAN_DOCTYPE:
        flush_text(w);
        put_word(w->tokens, "DOCTYPE");
        break;
    case PV_SCAN_CDATA:
        write_text(w, text, PV_SCAN_AT_CDATA);
        break;
    default:
        break;
    }
}

static pv_span_t written(const log_t *log, pv_span_t input, pv_scan_at_e at, apr_pool_t *pool)
{
    writer_t w = { apr_array_make(pool, 64, 1), apr_array_make(pool, 64, 1) };
    apr_uint64_t last = 0;

    for (int i = 0; i < log->events->nelts; i++) {
        const pv_scan_event_t *e = &APR_ARRAY_IDX(log->events, i, pv_scan_event_t);
        write_text(&w, pv_span_between(input.ptr + last, input.ptr + e->begin), at);
        write_event(&w, e, input.ptr);
        last = e->end;
        if (e->kind == PV_SCAN_END_TAG || e->kind == PV_SCAN_CDATA) {
            at = PV_SCAN_AT_DATA;
        }
    }
    write_text(&w, pv_span_between(input.ptr + last, input.ptr + input.len), at);
    flush_text(&w);
    return pv_span(w.tokens->elts, (apr_size_t)w.tokens->nelts);
}

typedef struct {
    pv_span_t input;
    pv_scan_at_e at;
    pv_tag_e last;
} case_t;

/* Fed in two pieces; split 0 is whole. Byte by byte beyond the end. */
static pv_span_t run_split(const case_t *c, apr_size_t split, apr_pool_t *pool)
{
    pv_scan_options_t options = { .all = 1, .bare = 1 };
    log_t log = { apr_array_make(pool, 16, sizeof(pv_scan_event_t)), 0 };
    pv_scan_t *scan = pv_scan_create(&options, note, &log, pool);

    pv_scan_begin_at(scan, c->at, c->last);
    if (split > c->input.len) {
        for (apr_size_t i = 0; i < c->input.len; i++) {
            pv_scan_feed(scan, c->input.ptr + i, 1);
        }
    }
    else {
        pv_scan_feed(scan, c->input.ptr, split);
        pv_scan_feed(scan, c->input.ptr + split, c->input.len - split);
    }
    pv_scan_end(scan);
    if (log.passed != c->input.len) {
        return pv_span("not all passed", 14);
    }
    return written(&log, c->input, c->at, pool);
}

static int run_case(const case_t *c, pv_span_t want, const char *what, apr_pool_t *parent)
{
    apr_pool_t *pool;

    for (apr_size_t split = 0; split <= c->input.len + 1; split++) {
        pv_span_t got;
        apr_pool_create(&pool, parent);
        got = run_split(c, split, pool);
        if (!pv_span_eq(got, want)) {
            printf("# %s, state %d, split %d\n# want %.*s\n# got  %.*s\n", what, (int)c->at,
                   (int)split, (int)want.len, want.ptr, (int)got.len, got.ptr);
            apr_pool_destroy(pool);
            return 0;
        }
        apr_pool_destroy(pool);
    }
    return 1;
}

static pv_scan_at_e start_named(const char *name)
{
    for (size_t i = 0; name != NULL && i < sizeof(starts) / sizeof(starts[0]); i++) {
        if (strcmp(starts[i].name, name) == 0) {
            return starts[i].at;
        }
    }
    return PV_SCAN_AT_DATA;
}

static int run_test(json_t *test, int *cases, apr_pool_t *pool)
{
    const char *what = json_string_value(json_object_get(test, "description"));
    const char *last = json_string_value(json_object_get(test, "lastStartTag"));
    int escaped = json_is_true(json_object_get(test, "doubleEscaped"));
    json_t *states = json_object_get(test, "initialStates");
    pv_span_t want = expected(json_object_get(test, "output"), escaped, pool);
    size_t count = states != NULL ? json_array_size(states) : 1;
    int ok = 1;
    case_t c;

    c.input = string_of(json_object_get(test, "input"), escaped, pool);
    c.last = last != NULL ? pv_tag_find(pv_span(last, strlen(last))).tag : PV_TAG_OTHER;
    for (size_t i = 0; i < count; i++) {
        c.at = start_named(json_string_value(json_array_get(states, i)));
        ok &= run_case(&c, want, what, pool);
        ++*cases;
    }
    return ok;
}

static int run_file(const char *path, int number, apr_pool_t *parent)
{
    json_error_t error;
    json_t *file = json_load_file(path, JSON_ALLOW_NUL, &error);
    json_t *tests = json_object_get(file, "tests");
    json_t *test;
    size_t i;
    int cases = 0;
    int failed = 0;

    if (json_object_get(file, "xmlViolationTests") != NULL) {
        printf("ok %d - # SKIP %s: what becomes of tokens in an infoset\n", number, path);
        json_decref(file);
        return 0;
    }
    if (tests == NULL) {
        printf("not ok %d - %s: %s\n", number, path, file == NULL ? error.text : "no tests");
        return 1;
    }
    json_array_foreach(tests, i, test)
    {
        apr_pool_t *pool;
        apr_pool_create(&pool, parent);
        failed += !run_test(test, &cases, pool);
        apr_pool_destroy(pool);
    }
    printf("%sok %d - H4 %s: %d cases, each at every split\n",
           failed > 0 || cases == 0 ? "not " : "", number,
           strrchr(path, '/') != NULL ? strrchr(path, '/') + 1 : path, cases);
    fflush(stdout);
    json_decref(file);
    return failed;
}

static int run_tokenizer(char **paths, int count, apr_pool_t *pool)
{
    int failed = 0;

    printf("1..%d\n", count);
    for (int i = 0; i < count; i++) {
        failed += run_file(paths[i], i + 1, pool);
    }
    return failed > 0;
}

/* ----------------------------------------------------------------------- tags */

static json_t *tag_json(const pv_scan_event_t *e, pv_span_t input, apr_pool_t *pool)
{
    pv_span_t whole = pv_span_between(input.ptr + e->begin, input.ptr + e->end);
    apr_array_header_t *attrs = attrs_of(whole, pool);
    pv_span_t name = replace_nul(pv_attr_tag_name(whole), 1, pool);
    json_t *object = json_object();

    for (int i = 0; i < attrs->nelts; i++) {
        char *equals = strchr(APR_ARRAY_IDX(attrs, i, char *) + 1, '=');
        *equals = '\0';
        json_object_set_new(object, APR_ARRAY_IDX(attrs, i, char *), json_string(equals + 1));
    }
    return json_pack("[I,I,s%,o]", (json_int_t)e->begin, (json_int_t)e->end, name.ptr, name.len,
                     object);
}

static void answer_line(const char *line, int xml, apr_pool_t *pool)
{
    pv_scan_options_t options = { .all = 1, .xml = xml != 0 };
    json_t *request = json_loads(line, JSON_ALLOW_NUL, NULL);
    json_t *html = json_object_get(request, "html");
    pv_span_t input = pv_span(json_string_value(html), json_string_length(html));
    log_t log = { apr_array_make(pool, 16, sizeof(pv_scan_event_t)), 0 };
    pv_scan_t *scan = pv_scan_create(&options, note, &log, pool);
    json_t *answer = json_array();

    pv_scan_feed(scan, input.ptr, input.len);
    pv_scan_end(scan);
    for (int i = 0; i < log.events->nelts; i++) {
        const pv_scan_event_t *e = &APR_ARRAY_IDX(log.events, i, pv_scan_event_t);
        if (e->kind == PV_SCAN_START) {
            json_array_append_new(answer, tag_json(e, input, pool));
        }
    }
    answer = json_pack("{s:o,s:b}", "tags", answer, "limited", pv_scan_limited(scan) != PV_OK);
    json_dumpf(answer, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(answer);
    json_decref(request);
}

static int run_tags(int xml, apr_pool_t *parent)
{
    char *line = NULL;
    size_t size = 0;

    while (getline(&line, &size, stdin) > 0) {
        apr_pool_t *pool;
        apr_pool_create(&pool, parent);
        answer_line(line, xml, pool);
        apr_pool_destroy(pool);
    }
    free(line);
    return 0;
}

int main(int argc, char **argv)
{
    apr_pool_t *pool;
    int status = 2;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    if (argc > 2 && strcmp(argv[1], "tokenizer") == 0) {
        status = run_tokenizer(argv + 2, argc - 2, pool);
    }
    else if (argc > 1 && strcmp(argv[1], "tags") == 0) {
        status = run_tags(argc > 2 && strcmp(argv[2], "xml") == 0, pool);
    }
    else {
        fprintf(stderr, "usage: driver_scan tokenizer FILE... | tags [xml]\n");
    }
    apr_pool_destroy(pool);
    apr_terminate();
    return status;
}
