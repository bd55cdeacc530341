/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/*
 * The module's own cookie (D1, D2). Options: which policy; how late it is. Then two
 * records, a line feed between them, which cannot be in either.
 */

#include "fuzz.h"

#include "consent/pv_consent.h"
#include "policy_fixture.h"

#define NOW APR_INT64_C(1750000000)
#define DAY 86400

static const struct {
    apr_int64_t lifetime;
    const char *version;
    int categories;
} shapes[] = {
    { 1000, "2", 3 },
    { PV_LIFETIME_SESSION, "1", 2 },
    { 6 * PV_SECONDS_MONTH, "2026-01.a", 8 },
    { PV_LIFETIME_ANY, "x=y", 40 },
};
#define SHAPES COUNT(shapes)

static pv_policy_t *policies[SHAPES];
static site_t sites[SHAPES];

/* Some are the beginnings of others. */
static const char *category_name(const site_t *site, int i)
{
    static const char *const names[] = { "essential", "analytics", "ads", "a", "ad", "vv" };

    return i < (int)COUNT(names) ? names[i] : apr_psprintf(site->pool, "c%d", i);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    fuzz_keep();
    site_setup(NULL);
    for (size_t s = 0; s < SHAPES; s++) {
        sites[s] = site_begin();
        for (int i = 0; i < shapes[s].categories; i++) {
            site_category(&sites[s], category_name(&sites[s], i), (pv_basis_t)(i % 3));
        }
        site_signal(&sites[s], PV_SIGNAL_GPC, "analytics", 0);
        site_consent_cookie(&sites[s], "privacy_consent")->lifetime = shapes[s].lifetime;
        sites[s].declared->version = shapes[s].version;
        policies[s] = site_sound(&sites[s]);
    }
    fuzz_kept();
    return 0;
}

/* A record as docs/directives.md and D1 have it, key by key and with no regard to cost. */

typedef struct {
    int bad;
    int count[128]; /* of v, p, t and g */
    pv_record_t record;
} model_t;

static int model_index(const pv_policy_t *policy, pv_span_t key)
{
    for (int i = 0; i < policy->category_count; i++) {
        const char *name = policy->categories[i]->decl.name;

        if (pv_span_eq(key, pv_span(name, strlen(name)))) {
            return i;
        }
    }
    return -1;
}

static int is_number(pv_span_t value)
{
    for (size_t i = 0; i < value.len; i++) {
        if (memchr("0123456789", value.ptr[i], 10) == NULL) {
            return 0;
        }
    }
    return value.len >= 1 && value.len <= 12;
}

static void model_own(model_t *model, const pv_policy_t *policy, char key, pv_span_t value)
{
    const char *version = policy->version;

    model->count[(int)key]++;
    if (key == 'v' || key == 'g') {
        model->bad |= !pv_span_eq(value, PV_SPAN("1"));
        model->record.signal |= key == 'g';
    }
    else if (key == 'p') {
        model->bad |= value.len == 0;
        model->record.current = pv_span_eq(value, pv_span(version, strlen(version)));
    }
    else if (model->count['t'] > 1 || !is_number(value)) {
        model->bad = 1;
    }
    else {
        for (size_t i = 0; i < value.len; i++) {
            model->record.time = model->record.time * 10 + (value.ptr[i] - '0');
        }
    }
}

static void model_category(model_t *model, int index, pv_span_t value)
{
    pv_set_t bit = PV_BIT(index);

    if ((model->record.granted | model->record.denied) & bit) {
        model->bad = 1;
    }
    else if (pv_span_eq(value, PV_SPAN("1"))) {
        model->record.granted |= bit;
    }
    else if (pv_span_eq(value, PV_SPAN("0"))) {
        model->record.denied |= bit;
    }
    else {
        model->bad = 1;
    }
}

static void model_pair(model_t *model, const pv_policy_t *policy, pv_span_t pair)
{
    size_t eq = 0;
    pv_span_t key, value;
    int index;

    while (eq < pair.len && pair.ptr[eq] != '=') {
        eq++;
    }
    if (eq == 0 || eq == pair.len) {
        model->bad = 1;
        return;
    }
    key = pv_span(pair.ptr, eq);
    value = pv_span(pair.ptr + eq + 1, pair.len - eq - 1);
    index = model_index(policy, key);
    if (eq == 1 && memchr("vptg", *key.ptr, 4) != NULL) {
        model_own(model, policy, *key.ptr, value);
    }
    else if (index >= 0) {
        model_category(model, index, value);
    }
}

static void model_read(model_t *model, const pv_policy_t *policy, pv_span_t text, apr_int64_t now)
{
    memset(model, 0, sizeof(*model));
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        model->bad |= c < 0x21 || c > 0x7e || memchr("\",;\\", c, 4) != NULL;
    }
    for (size_t begin = 0, end; begin <= text.len; begin = end + 1) {
        for (end = begin; end < text.len && text.ptr[end] != '&'; end++) {
        }
        model_pair(model, policy, pv_span(text.ptr + begin, end - begin));
    }
    model->bad |= model->count['v'] != 1 || model->count['p'] != 1 || model->count['t'] != 1 ||
                  model->count['g'] > 1 || text.len > PV_RECORD_MAX ||
                  model->record.time > now + DAY;
    if (policy->consent_cookie->lifetime >= 0 &&
        now - model->record.time > policy->consent_cookie->lifetime) {
        model->record.current = 0;
    }
    if (model->bad) {
        memset(&model->record, 0, sizeof(model->record));
    }
}

static int same(const pv_record_t *a, const pv_record_t *b)
{
    return a->time == b->time && a->granted == b->granted && a->denied == b->denied &&
           a->signal == b->signal && a->current == b->current;
}

/* What a record decides (D1). */
static void check_decision(const pv_policy_t *policy, const pv_record_t *record)
{
    for (unsigned signals = 0; signals < 2; signals++) {
        pv_heard_t heard = { .record = record, .signals = signals };
        pv_heard_t nothing = { .signals = signals };
        pv_consent_t consent, without;

        pv_consent_resolve(policy, &heard, &consent);
        pv_consent_resolve(policy, &nothing, &without);
        FUZZ_CLAIM(fuzz_within(policy->necessary, consent.granted), "D1 necessary is granted");
        FUZZ_CLAIM((consent.granted & record->denied & ~policy->necessary) == 0,
                   "D1 what a record denied stays denied");
        FUZZ_CLAIM(fuzz_within(consent.granted, record->granted | without.granted),
                   "D1 no more is granted than was");
        if (!record->current) {
            FUZZ_CLAIM(fuzz_within(consent.granted, without.granted),
                       "D1 what is not current grants nothing");
        }
    }
}

/* read(write(x)) is x, and write(read(write(x))) is write(x). */
static void check_written(const pv_policy_t *policy, const pv_record_t *record, apr_int64_t now)
{
    pv_set_t offer = pv_policy_on_offer(policy);
    char *out = fuzz_room(pv_record_size(policy)), *again = fuzz_room(pv_record_size(policy));
    apr_size_t len = pv_record_write(policy, record, out), again_len;
    pv_record_t back;
    pv_status_t status = pv_record_read(policy, out, len, now, &back);

    FUZZ_CLAIM(len <= pv_record_size(policy), "F1 its promised size");
    FUZZ_CLAIM(status == PV_OK, "what is written can be read");
    FUZZ_CLAIM(back.time == record->time && back.signal == record->signal, "read(write(x)) is x");
    FUZZ_CLAIM(back.granted == (record->granted & offer), "read(write(x)) is x");
    FUZZ_CLAIM(back.denied == (record->denied & offer), "read(write(x)) is x");
    FUZZ_CLAIM(fuzz_within(record->current, back.current), "written under this version");
    again_len = pv_record_write(policy, &back, again);
    FUZZ_CLAIM(pv_span_eq(pv_span(out, len), pv_span(again, again_len)), "write is stable");
    free(out);
    free(again);
}

static pv_status_t read_checked(const pv_policy_t *policy, pv_span_t text, apr_int64_t now,
                                pv_record_t *record)
{
    char *exact = fuzz_copy(text.ptr, text.len);
    pv_status_t status;
    model_t model;

    memset(record, 0xff, sizeof(*record));
    status = pv_record_read(policy, exact, text.len, now, record);
    model_read(&model, policy, text, now);
    FUZZ_CLAIM((status != PV_OK) == (model.bad != 0), "D2 read whole or not at all");
    FUZZ_CLAIM(same(record, &model.record), "D1 says what its keys say");
    FUZZ_CLAIM((status == PV_LIMIT) == (text.len > PV_RECORD_MAX), "at most 1,024 bytes");
    check_decision(policy, record);
    if (status == PV_OK) {
        check_written(policy, record, now);
    }
    free(exact);
    return status;
}

/* Two records of one request, in either order. */
static void check_sum(const pv_record_t *a, const pv_record_t *b)
{
    pv_record_t ab = *a, ba = *b, aa = *a;

    pv_record_add(&ab, b);
    pv_record_add(&ba, a);
    pv_record_add(&aa, a);
    FUZZ_CLAIM(same(&ab, &ba), "the order does not count");
    FUZZ_CLAIM(same(&aa, a), "twice is once");
    FUZZ_CLAIM(ab.time == (a->time > b->time ? a->time : b->time), "the newer one counts");
    if (a->time == b->time) {
        FUZZ_CLAIM(fuzz_within(ab.granted, a->granted & b->granted), "D2 both have to grant");
        FUZZ_CLAIM(fuzz_within(a->denied | b->denied, ab.denied), "one is enough to deny");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_in_t in = fuzz_in(data, size);
    const pv_policy_t *policy = policies[fuzz_take(&in) % SHAPES];
    /* From two days before to some after its lifetime, in steps around them. */
    apr_int64_t now = NOW + ((apr_int64_t)fuzz_take(&in) - 8) * (DAY / 4);
    const char *line = in.len > 0 ? memchr(in.ptr, '\n', in.len) : NULL;
    size_t first = line != NULL ? (size_t)(line - in.ptr) : in.len;
    pv_record_t a, b;

    if (read_checked(policy, pv_span(in.ptr, first), now, &a) == PV_OK && line != NULL &&
        read_checked(policy, pv_span(line + 1, in.len - first - 1), now, &b) == PV_OK) {
        check_sum(&a, &b);
    }
    return 0;
}
