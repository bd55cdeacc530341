/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/*
 * Consent managers' cookies (D1, D2), and what they are written in: JSON, percent-encoding,
 * quotes, base64. Option: the configuration. Then a Cookie header.
 */

#include "fuzz.h"

#include "consent/pv_unescape.h"
#include "json_model.h"
#include "percent_model.h"
#include "policy/pv_octet.h"
#include "source_case.h"
#include "source_model.h"

/* Every manager, most with keys that repeat in several categories. */
static const char *const confs[] = {
    "cookiebot 0=preferences 1=statistics 2=marketing 3=statistics,marketing",
    "cookiebot 0=statistics not-applicable=grant",
    "onetrust 0=C0002 1=C0004 2=C0002,C0004",
    "cookieyes 0=analytics 1=advertisement 2=analytics,advertisement",
    "cookie-law-info 0=analytics 1=advertisement",
    "complianz 0=statistics 1=marketing",
    "osano 0=*",
    "osano 0=analytics 1=*",
    "cookieconsent 0=analytics 1=ads",
    "klaro 0=a 1=b 2=a,b",
    "tarteaucitron 0=youtube 1=facebookpixel",
    "govuk 0=usage 1=campaigns",
    "nhsuk 0=statistics 1=marketing",
    "django 0=analytics 1=social",
    "didomi 0=cookies 1=vendor:google",
    "iubenda 0=* 1=4 2=5",
    "cookiefirst 0=performance 1=advertising",
    "axeptio 0=google_analytics 1=facebook",
    "borlabs 0=statistics 1=marketing",
    "drupal 0=* 1=analytics",
    "matomo 0=*",
    "hubspot 0=1 1=2 2=3 3=*",
    "wp 0=statistics 1=marketing",
    "cookie-script 0=performance 1=targeting 2=*",
    "cookie-information 0=cookie_cat_statistic 1=cookie_cat_marketing",
    "civic 0=analytics 1=marketing",
    "trustarc 0=2 1=3 2=2,3",
    "shopify 0=a 1=m 2=p",
    "usprivacy 0=sale",
    "usprivacy 0=* opt-in=0",
    "gpp 0=sale 1=sharing,targeted 2=7",
    "gpp 0=sale 1=1 opt-in=0 vendor=25",
    "tcf 0=7,8,9 1=2,3,4 2=1",
    "tcf 0=3 1=4 vendor=25 opt-in=0",
    "json 0=/a 1=/b/c 2=/d/1 3=/a,/b/c cookie=j",
};
#define CONFS (sizeof(confs) / sizeof(*confs))

static pv_source_t *sources[CONFS];

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    apr_pool_t *pool;

    (void)argc;
    (void)argv;
    fuzz_keep();
    case_setup(NULL);
    pool = fuzz_pool();
    for (size_t i = 0; i < CONFS; i++) {
        sources[i] = case_source(confs[i], pool);
    }
    fuzz_kept();
    return 0;
}

typedef struct {
    pv_source_cookie_t list[CASE_COOKIES];
    char *copy[CASE_COOKIES];
    unsigned n;
} cookies_t;

/* Names and values of a header, each value in memory of its own. */
static void split(cookies_t *cookies, pv_span_t header)
{
    const char *p = header.ptr, *end = p + header.len;

    cookies->n = 0;
    while (p < end && cookies->n < CASE_COOKIES) {
        const char *stop = memchr(p, ';', (size_t)(end - p)), *eq;

        stop = stop != NULL ? stop : end;
        eq = memchr(p, '=', (size_t)(stop - p));
        if (eq != NULL) {
            pv_source_cookie_t *one = &cookies->list[cookies->n];
            char *copy = fuzz_copy(eq + 1, (size_t)(stop - eq - 1));

            one->name = pv_span_trim(pv_span_between(p, eq), pv_is_wsp);
            one->value = pv_span(copy, (size_t)(stop - eq - 1));
            cookies->copy[cookies->n++] = copy;
        }
        p = stop + 1;
    }
}

static int same(const pv_source_answers_t *a, const pv_source_answers_t *b)
{
    return a->granted == b->granted && a->denied == b->denied &&
           a->not_applicable == b->not_applicable && a->by_choice == b->by_choice;
}

/* What wraps a value, undone byte by byte. */

/* @return 0 for quotes without their other half, or an escape cut short */
static int model_unquote(pv_span_t in, char *out, size_t *len)
{
    *len = 0;
    if (in.len == 0 || in.ptr[0] != '"') {
        memcpy(out, in.ptr, in.len);
        *len = in.len;
        return 1;
    }
    if (in.len == 1 || in.ptr[in.len - 1] != '"') {
        return 0;
    }
    for (size_t i = 1; i + 1 < in.len; i++) {
        unsigned octal;
        char three[4] = "";

        if (in.ptr[i] != '\\') {
            out[(*len)++] = in.ptr[i];
            continue;
        }
        if (i + 2 >= in.len) {
            return 0;
        }
        memcpy(three, in.ptr + i + 1, in.len - 1 - (i + 1) < 3 ? in.len - 1 - (i + 1) : 3);
        if (strspn(three, "01234567") == 3 && three[0] <= '3' &&
            sscanf(three, "%3o", &octal) == 1) {
            out[(*len)++] = (char)octal;
            i += 3;
        }
        else {
            out[(*len)++] = in.ptr[++i];
        }
    }
    return 1;
}

/** The value with so many levels of percent-encoding taken off. @return 0 if there are not
 *  so many, or the quotes are broken */
static int model_unwrap(pv_span_t value, unsigned levels, char *out, size_t *len)
{
    static char room[2][PV_SOURCE_VALUE_MAX];
    int quoted = value.len > 0 && value.ptr[0] == '"', broken;

    if (!model_unquote(value, out, len)) {
        return 0;
    }
    for (unsigned i = 0; i < levels; i++) {
        size_t n;

        if (*len == 0 || memchr(out, '%', *len) == NULL) {
            return 0;
        }
        n = percent_model(pv_span(out, *len), room[0], &broken);
        memcpy(out, room[0], n);
        *len = n;
        if (!quoted && n > 0 && out[0] == '"') {
            quoted = 1;
            memcpy(room[1], out, n);
            if (!model_unquote(pv_span(room[1], n), out, len)) {
                return 0;
            }
        }
    }
    return 1;
}

/* Base64 of whole groups, decoded by four; a last one of two or three. */
static int model_base64(pv_span_t in, char *out, size_t *len)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t n = in.len, pad = 0;

    *len = 0;
    while (n > 0 && pad < 2 && in.ptr[n - 1] == '=') {
        n--;
        pad++;
    }
    if ((pad > 0 && in.len % 4 != 0) || n % 4 == 1) {
        return 0;
    }
    for (size_t i = 0; i < n; i += 4) {
        size_t group = n - i < 4 ? n - i : 4;
        uint32_t bits = 0;

        for (size_t k = 0; k < 4; k++) {
            char c = k < group ? in.ptr[i + k] : 'A';
            const char *digit;

            c = c == '-' ? '+' : c == '_' ? '/' : c;
            digit = memchr(digits, c, 64);
            if (digit == NULL) {
                return 0;
            }
            bits = bits << 6 | (uint32_t)(digit - digits);
        }
        for (size_t k = 0; k + 1 < group; k++) {
            out[(*len)++] = (char)(bits >> (16 - 8 * k));
        }
    }
    return 1;
}

static void check_unescape(pv_span_t value)
{
    static char want[PV_SOURCE_VALUE_MAX];
    char *out = fuzz_room(value.len), *own = fuzz_copy(value.ptr, value.len);
    pv_span_t text, in_place;
    size_t len;
    int good = model_unquote(value, want, &len), broken;

    FUZZ_CLAIM((pv_unquote(value, out, &text) == PV_OK) == good, "quotes are whole or refused");
    if (good) {
        FUZZ_CLAIM(pv_span_eq(text, pv_span(want, len)), "what stands between quotes");
        pv_unquote(pv_span(own, value.len), own, &in_place);
        FUZZ_CLAIM(pv_span_eq(in_place, pv_span(want, len)), "quotes off in place");
    }
    memcpy(own, value.ptr, value.len);
    len = percent_model(value, want, &broken);
    text = pv_percent_decode(value, out);
    FUZZ_CLAIM(pv_span_eq(text, pv_span(want, len)), "percent-encoding");
    in_place = pv_percent_decode(pv_span(own, value.len), own);
    FUZZ_CLAIM(pv_span_eq(in_place, pv_span(want, len)), "percent-encoding in place");
    memcpy(own, value.ptr, value.len);
    good = model_base64(value, want, &len);
    FUZZ_CLAIM((pv_base64_decode(value, out, &text) == PV_OK) == good, "D2 base64, whole or not");
    if (good) {
        FUZZ_CLAIM(pv_span_eq(text, pv_span(want, len)), "base64");
        pv_base64_decode(pv_span(own, value.len), own, &in_place);
        FUZZ_CLAIM(pv_span_eq(in_place, pv_span(want, len)), "base64 in place");
    }
    free(out);
    free(own);
}

/* JSON: well-formed or not, and what is told of it. */

typedef struct {
    unsigned values, ends;
    unsigned depth; /* of the deepest */
    const char *begin, *end;
} told_t;

static void told(void *ctx, const pv_json_event_t *event)
{
    told_t *t = ctx;

    t->values += !pv_json_ends(event);
    t->ends += pv_json_ends(event);
    t->depth = event->depth > t->depth ? event->depth : t->depth;
    FUZZ_CLAIM(event->text.ptr >= t->begin && event->text.ptr + event->text.len <= t->end,
               "JSON a span into the text");
    FUZZ_CLAIM(event->depth <= PV_JSON_DEPTH, "JSON not deeper than it says");
}

static unsigned count_nodes(const json_node_t *node, unsigned *containers)
{
    unsigned n = 0;

    for (; node != NULL; node = node->next) {
        n += 1 + count_nodes(node->first, containers);
        *containers += node->kind == '{' || node->kind == '[';
    }
    return n;
}

static json_model_t json;

static void check_json(pv_span_t text)
{
    char *exact = fuzz_copy(text.ptr, text.len);
    told_t t = { .begin = exact, .end = exact + text.len };
    pv_status_t status = pv_json_read(pv_span(exact, text.len), told, &t);
    json_node_t *root = json_tree(&json, text, 1, PV_JSON_DEPTH);
    unsigned containers = 0;

    if (json.status != PV_MORE) {
        FUZZ_CLAIM(status == json.status, "D2 JSON is read whole or refused");
    }
    if (root != NULL) {
        unsigned nodes = count_nodes(root, &containers);

        FUZZ_CLAIM(t.values == nodes && t.ends == containers, "JSON each value is told once");
    }
    free(exact);
}

/* Two managers whole: what is said where by a model of their JSON. */

enum { M_GRANTED = 1, M_DENIED = 2, M_DOUBT = 4 };

static int model_word(pv_span_t text)
{
    static const char *const yes[] = { "true",  "1",       "yes",    "on",      "granted",
                                       "allow", "allowed", "accept", "accepted" };
    static const char *const no[] = { "false", "0",      "no",       "off",     "denied",
                                      "deny",  "reject", "rejected", "revoked", "refused" };

    for (size_t i = 0; i < sizeof(yes) / sizeof(*yes); i++) {
        if (pv_span_eq_nocase(text, pv_span(yes[i], strlen(yes[i])))) {
            return M_GRANTED;
        }
    }
    for (size_t i = 0; i < sizeof(no) / sizeof(*no); i++) {
        if (pv_span_eq_nocase(text, pv_span(no[i], strlen(no[i])))) {
            return M_DENIED;
        }
    }
    return M_DOUBT;
}

/* The steps of a pointer, NULL behind the last; what is there twice is in doubt. */
static int model_point(const json_node_t *node, const char *const *steps)
{
    int says = 0, index = 0, met = 0;

    if (*steps == NULL) {
        return node->kind == 's' || node->kind == 'n' || node->kind == 'w' ? model_word(node->text)
                                                                           : M_DOUBT;
    }
    for (const json_node_t *one = node->first; one != NULL; one = one->next, index++) {
        char number[16];

        (void)snprintf(number, sizeof(number), "%d", index);
        if (node->kind == '{' ? json_text_is(one->name, *steps) : strcmp(number, *steps) == 0) {
            says |= model_point(one, steps + 1) | (met++ > 0 ? M_DOUBT : 0);
        }
    }
    return says;
}

static int model_member(const json_node_t *node, const char *name)
{
    int says = 0;

    if (node->kind != '{') {
        return M_DOUBT;
    }
    for (const json_node_t *one = node->first; one != NULL; one = one->next) {
        if (json_text_is(one->name, name)) {
            int is_word = one->kind == 'w';

            says |= is_word && json_text_is(one->text, "true")    ? M_GRANTED
                    : is_word && json_text_is(one->text, "false") ? M_DENIED
                                                                  : M_DOUBT;
        }
    }
    return says;
}

static const char *const paths[][3] = { { "a", NULL }, { "b", "c", NULL }, { "d", "1", NULL } };
static const char *const members[] = { "a", "b" };

/* What the cookies of this name say about n keys; 0 where that is not decided here: a name
 * with escapes, or too large a value. */
static int model_says(const cookies_t *cookies, const char *name, int pointers, int *says, int n)
{
    static char text[PV_SOURCE_VALUE_MAX];

    for (unsigned i = 0; i < cookies->n; i++) {
        const json_node_t *root = NULL;
        size_t len = 0;

        if (!json_text_is(cookies->list[i].name, name)) {
            continue;
        }
        for (unsigned level = 0; root == NULL && level <= 2; level++) {
            if (!model_unwrap(cookies->list[i].value, level, text, &len)) {
                break;
            }
            root = json_tree(&json, pv_span(text, len), 1, PV_JSON_DEPTH);
        }
        if (json.status == PV_MORE || (root != NULL && memchr(text, '\\', len) != NULL)) {
            return 0;
        }
        for (int k = 0; k < n; k++) {
            int one = root == NULL ? M_DOUBT
                      : pointers   ? model_point(root, paths[k])
                                   : model_member(root, members[k]);

            says[k] |= one != 0 ? one : M_DOUBT;
        }
    }
    return 1;
}

static void check_key(const pv_source_answers_t *answers, unsigned category, int says)
{
    pv_answer_t want = says & M_DENIED     ? PV_ANSWER_DENIED
                       : says == M_GRANTED ? PV_ANSWER_GRANTED
                                           : PV_ANSWER_NOTHING;

    FUZZ_CLAIM(pv_source_answer(answers, category) == want, "D1 D2 what its JSON says");
}

static void check_by_model(const char *conf, const cookies_t *cookies,
                           const pv_source_answers_t *answers)
{
    int pointers = strncmp(conf, "json ", 5) == 0, n = pointers ? 3 : 2, says[3] = { 0 };

    if (!pointers && strncmp(conf, "klaro ", 6) != 0) {
        return;
    }
    if (model_says(cookies, pointers ? "j" : "klaro", pointers, says, n)) {
        for (int k = 0; k < n; k++) {
            check_key(answers, (unsigned)k, says[k]);
        }
    }
}

/* Whoever grants has read the word for it. */
static void check_needs(const char *conf, const cookies_t *cookies,
                        const pv_source_answers_t *answers)
{
    if (strstr(conf, "not-applicable=grant") != NULL) {
        return;
    }
    for (const char *p = conf; (p = strchr(p, '=')) != NULL; p++) {
        if (p[-2] == ' ' && pv_is_digit(p[-1]) && answers->granted >> (p[-1] - '0') & 1) {
            FUZZ_CLAIM(source_may_grant(conf, strcspn(conf, " "), p + 1, cookies->list, cookies->n),
                       "D2 no grant without its word, and an answer");
        }
    }
}

/* What holds of every manager. */

static void check_shape(const char *conf, const pv_source_answers_t *answers)
{
    apr_uint64_t mapped = 0;

    for (const char *p = conf; (p = strchr(p, '=')) != NULL; p++) {
        if (p[-2] == ' ' && pv_is_digit(p[-1])) {
            mapped |= APR_UINT64_C(1) << (p[-1] - '0');
        }
    }
    FUZZ_CLAIM(fuzz_within(answers->granted | answers->denied | answers->not_applicable, mapped),
               "only of what is mapped anything is said");
    FUZZ_CLAIM((answers->granted & answers->denied) == 0, "one answer a category");
    FUZZ_CLAIM((answers->not_applicable & (answers->granted | answers->denied)) == 0,
               "one answer a category");
    FUZZ_CLAIM(fuzz_within(answers->by_choice, answers->granted), "chosen is granted");
}

/* Neither order nor repetition counts, and sources asked together say the same. */
static void check_again(const pv_source_t *source, const cookies_t *cookies,
                        const pv_source_answers_t *answers, apr_pool_t *pool)
{
    pv_source_cookie_t other[2 * CASE_COOKIES];
    pv_source_answers_t again;
    unsigned n = cookies->n;

    for (unsigned i = 0; i < n; i++) {
        other[i] = other[2 * n - 1 - i] = cookies->list[n - 1 - i];
    }
    pv_source_read(source, other, n, &again);
    FUZZ_CLAIM(same(&again, answers), "D1 the order does not count");
    pv_source_read(source, other, 2 * n, &again);
    FUZZ_CLAIM(same(&again, answers), "D1 twice is once");
    pv_sources_read(pv_sources_make(&source, 1, pool), cookies->list, n, &again);
    FUZZ_CLAIM(same(&again, answers), "D1 asked together");
}

/* A value that no format has never grants, and takes nothing that was refused away. */
static void check_doubt(const pv_source_t *source, const cookies_t *cookies)
{
    pv_source_cookie_t list[CASE_COOKIES];

    for (unsigned i = 0; i < cookies->n; i++) {
        pv_source_answers_t without, broken;
        unsigned n = 0;

        for (unsigned k = 0; k < cookies->n; k++) {
            if (k != i) {
                list[n++] = cookies->list[k];
            }
        }
        pv_source_read(source, list, n, &without);
        list[n].name = cookies->list[i].name;
        list[n].value = PV_SPAN("\x01{\"");
        pv_source_read(source, list, n + 1, &broken);
        FUZZ_CLAIM(fuzz_within(broken.granted, without.granted),
                   "D2 what cannot be read whole grants nothing");
        FUZZ_CLAIM(fuzz_within(broken.by_choice, without.by_choice), "D2 nor by choice");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_in_t in = fuzz_in(data, size);
    unsigned which = fuzz_take(&in) % CONFS;
    pv_source_answers_t answers;
    apr_pool_t *pool;
    cookies_t cookies;

    if (in.len > PV_SOURCE_VALUE_MAX) {
        return 0;
    }
    pool = fuzz_pool();
    split(&cookies, pv_span(in.ptr, in.len));
    pv_source_read(sources[which], cookies.list, cookies.n, &answers);
    check_shape(confs[which], &answers);
    check_needs(confs[which], &cookies, &answers);
    check_again(sources[which], &cookies, &answers, pool);
    check_doubt(sources[which], &cookies);
    check_by_model(confs[which], &cookies, &answers);
    for (unsigned i = 0; i < cookies.n; i++) {
        check_unescape(cookies.list[i].value);
        check_json(cookies.list[i].value);
        free(cookies.copy[i]);
    }
    apr_pool_destroy(pool);
    return 0;
}
