/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/*
 * What a visitor sends to PrivacyPage (M3, M6, D2). Options: form, JSON or a query; what is
 * settled; what was recorded. Then the body.
 */

#include "fuzz.h"

#include "address_model.h"
#include "json_model.h"
#include "page/pv_choice.h"
#include "percent_model.h"
#include "policy_fixture.h"

enum { AS_FORM, AS_JSON, AS_QUERY, FORMS };

static pv_policy_t *policy;
static site_t site;

static const char *const names[] = { "essential", "analytics", "ads", "media" };

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    fuzz_keep();
    site_setup(NULL);
    site = site_begin();
    site_category(&site, names[0], PV_BASIS_NECESSARY);
    site_category(&site, names[1], PV_BASIS_OPT_IN);
    site_category(&site, names[2], PV_BASIS_OPT_OUT);
    site_category(&site, names[3], PV_BASIS_OPT_IN);
    site_message(&site, "news", "news")->until = PV_UNTIL_DISMISSED;
    site_message(&site, "hello", "hello")->until = PV_UNTIL_SEEN;
    policy = site_sound(&site);
    fuzz_kept();
    return 0;
}

/* What a body says, by a model of it. */
typedef struct {
    int bad;
    const char *kind; /* a choice, as text, or NULL */
    const char *message, *back;
    pv_set_t yes, no; /* categories */
    int kinds, messages, backs;
} model_t;

static int index_of(const char *name)
{
    for (int i = 0; i < (int)COUNT(names); i++) {
        if (strcmp(names[i], name) == 0) {
            return i;
        }
    }
    return -1;
}

/* A form: fields between &, + a space, %XX a byte. */

static char *decoded(pv_span_t text, model_t *model, apr_pool_t *pool)
{
    char *plain = apr_pcalloc(pool, text.len + 1);
    int broken;
    size_t len = percent_model_form(text, apr_palloc(pool, text.len + 1), plain, &broken);

    model->bad |= broken > 0 || memchr(plain, '\0', len) != NULL;
    return plain;
}

static void add_field(model_t *model, const char *name, const char *value)
{
    int index = index_of(value);

    if (strcmp(name, "choice") == 0) {
        model->kind = value;
        model->bad |= model->kinds++ > 0;
    }
    else if (strcmp(name, "message") == 0) {
        model->message = value;
        model->bad |= model->messages++ > 0;
    }
    else if (strcmp(name, "return") == 0) {
        model->back = value;
        model->bad |= model->backs++ > 0;
    }
    else if (strcmp(name, "category") == 0 && index > 0) {
        model->bad |= (model->yes >> index & 1) != 0;
        model->yes |= PV_BIT(index);
    }
    else {
        model->bad = 1;
    }
}

static void model_form(model_t *model, pv_span_t body, apr_pool_t *pool)
{
    for (size_t begin = 0, end; begin < body.len; begin = end + 1) {
        size_t eq;

        for (end = begin; end < body.len && body.ptr[end] != '&'; end++) {
        }
        if (end == begin) {
            continue;
        }
        for (eq = begin; eq < end && body.ptr[eq] != '='; eq++) {
        }
        const char *name = decoded(pv_span(body.ptr + begin, eq - begin), model, pool);
        const char *value =
            eq < end ? decoded(pv_span(body.ptr + eq + 1, end - eq - 1), model, pool) : "";

        if (!model->bad) {
            add_field(model, name, value);
        }
    }
    model->bad |= model->kinds + model->messages != 1;
    model->bad |= model->messages > 0 && model->yes != 0;
    model->bad |= model->kind != NULL && strcmp(model->kind, "accept") != 0 &&
                  strcmp(model->kind, "reject") != 0 && strcmp(model->kind, "save") != 0;
}

/* JSON: one member. A name or text with escapes is not decided here: 0. */

static const char *text_of(pv_span_t text, apr_pool_t *pool)
{
    /* An object has none. */
    return text.len > 0 ? apr_pstrmemdup(pool, text.ptr, text.len) : "";
}

static int add_members(model_t *model, const json_node_t *object, apr_pool_t *pool)
{
    if (object->kind != '{') {
        model->bad = 1;
        return 1;
    }
    for (const json_node_t *one = object->first; one != NULL; one = one->next) {
        int index = index_of(text_of(one->name, pool));
        pv_set_t bit = index > 0 ? PV_BIT(index) : 0;

        if (json_is_escaped(one->name)) {
            return 0;
        }
        model->bad |= bit == 0 || ((model->yes | model->no) & bit) != 0 || one->kind != 'w' ||
                      json_text_is(one->text, "null");
        *(json_text_is(one->text, "true") ? &model->yes : &model->no) |= bit;
    }
    return 1;
}

static int model_json(model_t *model, pv_span_t body, apr_pool_t *pool)
{
    static json_model_t json;
    const json_node_t *root = json_tree(&json, body, 0, 100), *one;

    if (root == NULL || root->kind != '{' || root->first == NULL || root->first->next != NULL) {
        model->bad = 1;
        return json.status != PV_MORE;
    }
    one = root->first;
    if (json_is_escaped(one->name) || json_is_escaped(one->text)) {
        return 0;
    }
    if (json_text_is(one->name, "categories")) {
        return add_members(model, one, pool);
    }
    if (json_text_is(one->name, "choice")) {
        model->kind = text_of(one->text, pool);
        model->bad |= strcmp(model->kind, "accept") != 0 && strcmp(model->kind, "reject") != 0;
    }
    else if (json_text_is(one->name, "message")) {
        model->message = text_of(one->text, pool);
    }
    else {
        model->bad = 1;
    }
    model->bad |= one->kind != 's';
    return 1;
}

/* What follows from it. */
static void conclude(const model_t *model, pv_set_t settled, const pv_record_t *record,
                     pv_choice_t *want)
{
    pv_set_t all = pv_policy_on_offer(policy), offer = all & ~settled;

    memset(want, 0, sizeof(*want));
    if (model->message != NULL) {
        return;
    }
    if (model->kind == NULL) {
        want->denied = record != NULL ? record->denied & all : 0;
        want->granted = record != NULL && record->current ? record->granted & offer : 0;
        want->granted = (want->granted & ~model->no) | (model->yes & offer);
        want->denied = (want->denied & ~model->yes) | model->no;
    }
    else if (strcmp(model->kind, "accept") == 0) {
        want->granted = offer;
    }
    else if (strcmp(model->kind, "reject") == 0) {
        want->denied = all;
    }
    else {
        want->granted = model->yes & offer;
        want->denied = offer & ~model->yes;
    }
}

/* It is recorded, and read, as it was chosen. */
static void check_recorded(const pv_choice_t *choice)
{
    pv_record_t record = { .time = 1750000000,
                           .granted = choice->granted,
                           .denied = choice->denied },
                back;
    char *out = fuzz_room(pv_record_size(policy));
    apr_size_t len = pv_record_write(policy, &record, out);

    FUZZ_CLAIM(pv_record_read(policy, out, len, record.time, &back) == PV_OK, "it is recorded");
    FUZZ_CLAIM(back.granted == choice->granted && back.denied == choice->denied,
               "as it was chosen");
    free(out);
}

static void check_choice(const pv_choice_t *choice, pv_set_t settled)
{
    FUZZ_CLAIM((choice->granted & choice->denied) == 0, "granted or denied");
    FUZZ_CLAIM(fuzz_within(choice->granted, pv_policy_on_offer(policy) & ~settled),
               "M3 what is not on offer is not granted");
    FUZZ_CLAIM(fuzz_within(choice->denied, pv_policy_on_offer(policy)),
               "what is necessary is not denied");
    FUZZ_CLAIM(choice->message == NULL || (choice->granted | choice->denied) == 0,
               "M3 a message decides nothing");
    FUZZ_CLAIM(choice->back.len == 0 || address_is_way_back(choice->back),
               "M6 a path of this site");
}

static int back_is_bad(const model_t *model)
{
    return model->back != NULL && !address_is_way_back(pv_span(model->back, strlen(model->back)));
}

static void check_body(pv_span_t body, int json, pv_set_t settled, const pv_record_t *record,
                       apr_pool_t *pool)
{
    char *exact = fuzz_copy(body.ptr, body.len);
    pv_consent_t consent = { .settled = settled };
    model_t model = { .bad = 0 };
    const char *error = NULL;
    pv_choice_t choice, want;
    pv_status_t status =
        json ? pv_choice_json(policy, &consent, record, exact, body.len, &choice, &error, pool)
             : pv_choice_form(policy, &consent, exact, body.len, &choice, &error, pool);
    int decided = 1;

    free(exact);
    FUZZ_CLAIM(status == PV_OK || (status == PV_BAD && error != NULL), "F1 what is wrong");
    if (json) {
        decided = model_json(&model, body, pool);
    }
    else {
        model_form(&model, body, pool);
    }
    model.bad |= back_is_bad(&model);
    model.bad |= model.message != NULL && strcmp(model.message, "news") != 0;
    if (status == PV_OK) {
        check_choice(&choice, settled);
        check_recorded(&choice);
    }
    if (!decided) {
        return;
    }
    /* jansson refuses more: bytes that are no UTF-8, numbers that are too large. */
    FUZZ_CLAIM(status == PV_OK ? !model.bad : (json || model.bad), "D2 read whole or refused");
    if (status == PV_OK) {
        conclude(&model, settled, record, &want);
        FUZZ_CLAIM(choice.granted == want.granted, "D2 no more is granted than is said");
        FUZZ_CLAIM(choice.denied == want.denied, "nothing else is denied");
        FUZZ_CLAIM((choice.message != NULL) == (model.message != NULL), "a message, or none");
        FUZZ_CLAIM(pv_span_eq(choice.back, model.back ? pv_span(model.back, strlen(model.back))
                                                      : pv_span(NULL, 0)),
                   "M6 the way back");
    }
}

/* The first parameter of the name, written as it is, and none behind it. */
static pv_span_t model_query(pv_span_t query, apr_pool_t *pool)
{
    static const char name[] = "return=";
    size_t skip = sizeof(name) - 1;

    for (size_t begin = 0, end; begin < query.len; begin = end + 1) {
        for (end = begin; end < query.len && query.ptr[end] != '&'; end++) {
        }
        if (end - begin >= skip && memcmp(query.ptr + begin, name, skip) == 0) {
            model_t model = { .bad = 0 };
            const char *text =
                decoded(pv_span(query.ptr + begin + skip, end - begin - skip), &model, pool);
            pv_span_t back = pv_span(text, strlen(text));

            return !model.bad && address_is_way_back(back) ? back : pv_span(NULL, 0);
        }
    }
    return pv_span(NULL, 0);
}

static void check_query(pv_span_t query, apr_pool_t *pool)
{
    const char *text = apr_pstrmemdup(pool, query.ptr, query.len);
    pv_span_t want = model_query(pv_span(text, strlen(text)), pool);

    FUZZ_CLAIM(pv_span_eq(pv_choice_back(text, pool), want), "M6 the way back");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_in_t in = fuzz_in(data, size);
    unsigned form = fuzz_take(&in) % FORMS;
    pv_set_t settled = fuzz_take(&in) & pv_policy_on_offer(policy);
    unsigned recorded = fuzz_take(&in);
    pv_record_t record = { .granted = recorded & 14,
                           .denied = ~recorded & 14 & (recorded >> 4),
                           .current = recorded & 1 };
    pv_span_t body = pv_span(in.ptr, in.len);
    apr_pool_t *pool = fuzz_pool();

    if (form == AS_QUERY) {
        check_query(body, pool);
    }
    else {
        check_body(body, form == AS_JSON, settled, recorded == 0 ? NULL : &record, pool);
    }
    apr_pool_destroy(pool);
    return 0;
}
