/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/*
 * Templates (M4, F1): whatever a value is, the markup is what it is without it. Option:
 * rows of a list, whether there is a file of words, and whether it is for pages of others
 * (H7: what is written is ASCII). Then, NULs between them, that
 * file, the template, an address, a text.
 */

#include "fuzz.h"

#include <apr_tables.h>
#include <jansson.h>

#include "address_model.h"
#include "html/pv_attr.h"
#include "html/pv_scan.h"
#include "page/pv_template.h"
#include "page/pv_text.h"

#include "scan_check.h"

enum { OPTION_ROWS = 3, OPTION_WORDS = 1 << 2, OPTION_GUEST = 1 << 3 };

enum { TEXT, URL, EMPTY, FLAG, LIST };

static const pv_slot_t members[] = { { "item", PV_SLOT_TEXT, 0, NULL },
                                     { "link", PV_SLOT_URL, 0, NULL },
                                     { NULL, 0, 0, NULL } };
static const pv_slot_t slots[] = {
    { "text", PV_SLOT_TEXT, 0, NULL },    { "url", PV_SLOT_URL, 0, NULL },
    { "empty", PV_SLOT_TEXT, 0, NULL },   { "flag", PV_SLOT_FLAG, 0, NULL },
    { "list", PV_SLOT_LIST, 0, members }, { NULL, 0, 0, NULL },
};

#define PLAIN_URL "https://plain.example/"

static const char default_words[] = "plain = Tom & \"Jerry\" <b>\n"
                                    "slotted = Say {{text}}!\n";

/* What there is of markup: tags with the names of their attributes, comments; and what is in
 * attributes that take an address. */

typedef struct {
    const char *input;
    pv_text_t names;
    apr_array_header_t *addresses; /* pv_span_t */
} shape_t;

static int takes_address(pv_span_t name)
{
    static const char *const names[] = { "href", "src",  "action", "formaction", "poster",
                                         "data", "cite", "ping",   "background", "xlink:href" };

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (pv_span_eq_nocase(name, pv_span(names[i], strlen(names[i])))) {
            return 1;
        }
    }
    return 0;
}

static void add_tag(shape_t *shape, const pv_scan_event_t *event)
{
    pv_span_t tag = pv_span_between(shape->input + event->begin, shape->input + event->end);
    pv_span_t name = pv_attr_tag_name(tag);
    pv_attr_iter_t iter;
    pv_attr_t attr;

    pv_text_add(&shape->names, event->kind == PV_SCAN_START ? " <" : " </",
                event->kind == PV_SCAN_START ? 2 : 3);
    pv_text_add(&shape->names, name.ptr, name.len);
    pv_attr_first(&iter, name.ptr + name.len, tag.ptr + tag.len);
    while (pv_attr_next(&iter, &attr)) {
        pv_text_add(&shape->names, " ", 1);
        pv_text_add(&shape->names, attr.name.ptr, attr.name.len);
        if (takes_address(attr.name)) {
            *(pv_span_t *)apr_array_push(shape->addresses) = attr.value;
        }
    }
}

static unsigned note(void *ctx, const pv_scan_event_t *event)
{
    shape_t *shape = ctx;

    switch (event->kind) {
    case PV_SCAN_START:
    case PV_SCAN_END_TAG:
        add_tag(shape, event);
        break;
    case PV_SCAN_COMMENT:
    case PV_SCAN_DOCTYPE:
    case PV_SCAN_CDATA:
        pv_text_add(&shape->names, " !", 2);
        break;
    default:
        break;
    }
    return 0;
}

static void read_shape(shape_t *shape, pv_span_t html, apr_pool_t *pool)
{
    pv_scan_options_t options = { .want = scan_want_all(), .all = 1 };
    pv_scan_t *scan = pv_scan_create(&options, note, shape, pool);

    memset(shape, 0, sizeof(*shape));
    shape->input = html.ptr;
    shape->names.pool = pool;
    shape->addresses = apr_array_make(pool, 8, sizeof(pv_span_t));
    pv_scan_feed(scan, html.ptr, html.len);
    pv_scan_end(scan);
    pv_text_done(&shape->names);
}

/* Leads to http, https or a path of this host. */
static int leads_well(pv_span_t url)
{
    return (url.len >= 8 && memcmp(url.ptr, "https://", 8) == 0) ||
           (url.len >= 7 && memcmp(url.ptr, "http://", 7) == 0) || address_is_path(url);
}

static int is_safe(pv_span_t url)
{
    for (size_t i = 0; i < url.len; i++) {
        if ((unsigned char)url.ptr[i] <= 0x20 || url.ptr[i] == 0x7f) {
            return 0;
        }
    }
    return leads_well(url);
}

/* Where a value of `/` leads with something behind it, as in `{{url}}/x`, the template says. */
static void check_addresses(const shape_t *plain, const shape_t *hostile, pv_span_t url)
{
    int is_root = pv_span_eq(url, PV_SPAN("/"));

    FUZZ_CLAIM(plain->addresses->nelts == hostile->addresses->nelts, "M4 the same attributes");
    for (int i = 0; i < plain->addresses->nelts; i++) {
        pv_span_t was = APR_ARRAY_IDX(plain->addresses, i, pv_span_t);
        pv_span_t is = APR_ARRAY_IDX(hostile->addresses, i, pv_span_t);
        size_t len = sizeof(PLAIN_URL) - 1;

        /* Its slot stands at the beginning. */
        if (was.len >= len && memcmp(was.ptr, PLAIN_URL, len) == 0) {
            FUZZ_CLAIM(leads_well(is) || (is.len > 0 && is.ptr[0] == '#') ||
                           (is_root && was.len > len),
                       "M4 an address leads where a page may lead");
        }
    }
}

static pv_span_t write_with(const pv_template_t *template, pv_span_t url, pv_span_t text,
                            unsigned rows, apr_pool_t *pool)
{
    pv_fill_t row[4] = { { .text = text }, { .text = url }, { .text = url }, { .text = text } };
    pv_fill_t fill[] = { [TEXT] = { .text = text },
                         [URL] = { .text = url },
                         [EMPTY] = { .rows = 0 },
                         [FLAG] = { .text = { "1", 1 } },
                         [LIST] = { .row = row, .rows = (int)rows } };
    pv_text_t out = { .pool = pool };

    pv_template_write(template, fill, &out);
    return pv_text_done(&out);
}

/* Sections depend on whether there is a value; and where nothing but white space stands in
 * front of a noscript, it is the head's. */
static pv_span_t plain_of(pv_span_t value, pv_span_t plain)
{
    return pv_span_trim(value, pv_is_outer_space).len > 0 ? plain : value;
}

static void check_written(const pv_template_t *template, pv_span_t url, pv_span_t text,
                          unsigned rows, apr_pool_t *pool)
{
    pv_span_t plain_url = plain_of(url, PV_SPAN(PLAIN_URL));
    pv_span_t plain_text = plain_of(text, PV_SPAN("x"));
    shape_t plain, hostile;

    read_shape(&plain, write_with(template, plain_url, plain_text, rows, pool), pool);
    read_shape(&hostile, write_with(template, url, text, rows, pool), pool);
    FUZZ_CLAIM(pv_span_eq(pv_span(plain.names.ptr, plain.names.len),
                          pv_span(hostile.names.ptr, hostile.names.len)),
               "M4 a value does not become markup");
    check_addresses(&plain, &hostile, url);
}

static int count_lines(pv_span_t text)
{
    int lines = 1;

    for (size_t i = 0; i < text.len; i++) {
        lines += text.ptr[i] == '\n';
    }
    return lines;
}

static const pv_words_t *read_words(pv_span_t text, apr_pool_t *pool)
{
    char *exact = apr_pmemdup(pool, text.ptr, text.len);
    const char *error = NULL;
    int line = -1;
    pv_words_t *words = pv_words_read("xx", exact, text.len, &line, &error, pool);

    FUZZ_CLAIM((words == NULL) == (error != NULL), "F1 words, or what is wrong with them");
    FUZZ_CLAIM(words != NULL || (line >= 1 && line <= count_lines(text)), "F1 and where");
    return words;
}

static void check_template(const pv_words_t *words, pv_span_t text, pv_span_t url, pv_span_t value,
                           unsigned rows, int guest, apr_pool_t *pool)
{
    char *exact = fuzz_copy(text.ptr, text.len);
    const char *error = NULL;
    int line = -1;
    pv_template_t *template =
        pv_template_compile(exact, text.len, slots, words, guest, &line, &error, pool);

    if (template == NULL) {
        FUZZ_CLAIM(error != NULL, "F1 what is wrong");
        FUZZ_CLAIM(line >= 1 && line <= count_lines(text), "F1 and where");
    }
    else {
        check_written(template, url, value, rows, pool);
    }
    free(exact);
}

/* Ways of writing a value, each undone again. */

/* The value as UTF-8: what jansson, which takes nothing else, makes of its JSON. */
static const json_t *check_json(pv_span_t value, apr_pool_t *pool)
{
    pv_text_t out = { .pool = pool };
    json_error_t error;
    json_t *root;

    pv_text_add(&out, "\"", 1);
    pv_text_add_json(&out, value);
    pv_text_add(&out, "\"", 1);
    for (size_t i = 1; i + 1 < out.len; i++) {
        FUZZ_CLAIM((unsigned char)out.ptr[i] >= ' ' && strchr("<>&\x7f", out.ptr[i]) == NULL,
                   "M4 JSON that is safe in HTML");
    }
    root = json_loadb(out.ptr, out.len, JSON_DECODE_ANY, &error);
    FUZZ_CLAIM(json_is_string(root), "M4 JSON is well-formed, and UTF-8");
    return root;
}

static void check_html(pv_span_t value, const json_t *same, apr_pool_t *pool)
{
    static const char *const references[] = { "&amp;", "&lt;", "&gt;", "&quot;", "&#39;" };
    pv_text_t out = { .pool = pool };
    char *plain = apr_palloc(pool, 3 * value.len + 1);
    size_t len = 0;

    pv_text_add_html(&out, value);
    for (size_t i = 0; i < out.len; i++) {
        char c = out.ptr[i];

        FUZZ_CLAIM(c != '\0' && strchr("<>\"'", c) == NULL, "M4 no byte that is markup");
        for (int k = 0; c == '&' && k < 5; k++) {
            size_t n = strlen(references[k]);

            if (out.len - i >= n && memcmp(out.ptr + i, references[k], n) == 0) {
                c = "&<>\"'"[k];
                i += n - 1;
                break;
            }
            FUZZ_CLAIM(k < 4, "M4 & begins a reference");
        }
        plain[len++] = c;
    }
    FUZZ_CLAIM(len == json_string_length(same) && memcmp(plain, json_string_value(same), len) == 0,
               "M4 HTML and JSON say the same");
}

static void add_utf8(pv_text_t *out, unsigned code)
{
    static const unsigned char lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
    int len = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    char bytes[4];

    for (int i = len - 1; i > 0; i--, code >>= 6) {
        bytes[i] = (char)(0x80 | (code & 0x3f));
    }
    bytes[0] = (char)(lead[len] | code);
    pv_text_add(out, bytes, (size_t)len);
}

/* The same, with references for what is not ASCII. */
static void check_ascii(pv_span_t value, apr_pool_t *pool)
{
    pv_text_t out = { .pool = pool }, html = { .pool = pool }, back = { .pool = pool };

    pv_text_add_ascii(&out, value);
    pv_text_done(&out);
    for (const char *p = out.ptr; *p; p++) {
        unsigned code;
        int used = 0;

        FUZZ_CLAIM((unsigned char)*p < 0x80, "H7 ASCII");
        if (sscanf(p, "&#x%X;%n", &code, &used) != 1 || used == 0) {
            pv_text_add(&back, p, 1);
            continue;
        }
        FUZZ_CLAIM(code >= 0x80 && code <= 0x10ffff, "H7 a reference beyond ASCII");
        add_utf8(&back, code);
        p += used - 1;
    }
    pv_text_add_html(&html, value);
    FUZZ_CLAIM(pv_span_eq(pv_text_done(&back), pv_text_done(&html)),
               "H7 references say what UTF-8 says");
}

static void check_url_part(pv_span_t value, apr_pool_t *pool)
{
    pv_text_t out = { .pool = pool };
    size_t at = 0;

    pv_text_add_url_part(&out, value);
    for (size_t i = 0; i < out.len; i++, at++) {
        unsigned byte = (unsigned char)out.ptr[i];

        if (byte == '%') {
            FUZZ_CLAIM(sscanf(apr_pstrmemdup(pool, out.ptr + i + 1, 2), "%2X", &byte) == 1,
                       "M4 percent-encoding");
            i += 2;
        }
        FUZZ_CLAIM(at < value.len && byte == (unsigned char)value.ptr[at],
                   "M4 a part of a URL, decoded, is the value");
        FUZZ_CLAIM(strchr("&<>\"' ?#:\\", out.ptr[i]) == NULL, "M4 no byte that ends it");
    }
    FUZZ_CLAIM(at == value.len, "M4 all of it");
}

static void check_values(pv_span_t url, pv_span_t value, apr_pool_t *pool)
{
    json_t *same = (json_t *)check_json(value, pool);

    check_html(value, same, pool);
    check_ascii(value, pool);
    json_decref(same);
    check_url_part(value, pool);
    FUZZ_CLAIM((pv_url_is_safe(url) != 0) == is_safe(url), "M4 a safe address");
    if (pv_return_is_safe(url)) {
        FUZZ_CLAIM(is_safe(url) && url.ptr[0] == '/', "M6 a return address is a path");
        for (size_t i = 0; i < url.len; i++) {
            FUZZ_CLAIM(url.ptr[i] > ' ' && url.ptr[i] < 0x7f, "M6 of visible ASCII");
        }
    }
}

/* Up to the next NUL, or all. */
static pv_span_t take_part(fuzz_in_t *in)
{
    const char *begin = in->ptr;
    size_t len = 0;

    while (len < in->len && begin[len] != '\0') {
        len++;
    }
    in->ptr += len;
    in->len -= len;
    fuzz_take(in);
    return pv_span(begin, len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_in_t in = fuzz_in(data, size);
    unsigned options = fuzz_take(&in);
    apr_pool_t *pool = fuzz_pool();
    pv_span_t words_text = PV_SPAN(default_words), template, url;
    const pv_words_t *words;

    if (options & OPTION_WORDS) {
        words_text = take_part(&in);
    }
    template = take_part(&in);
    url = take_part(&in);
    words = read_words(words_text, pool);
    if (words != NULL) {
        check_template(words, template, url, pv_span(in.ptr, in.len), (options & OPTION_ROWS) % 3,
                       (options & OPTION_GUEST) != 0, pool);
    }
    check_values(url, pv_span(in.ptr, in.len), pool);
    apr_pool_destroy(pool);
    return 0;
}
