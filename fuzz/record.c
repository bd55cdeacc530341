/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/*
 * The module's own cookie, and what it comes to with what else is heard (D1, D2, D6, M3, Q2).
 * Options: which policy; how late it is. Then two records, a line feed behind each, which
 * cannot be in either; then what sources say, three bytes each.
 */

#include "fuzz.h"

#include "consent/pv_consent.h"
#include "policy_fixture.h"
#include "record_model.h"

#define NOW APR_INT64_C(1750000000)

static const struct {
    apr_int64_t lifetime;
    const char *version;
    int categories;
    int final; /* the category that one of the signals denies finally */
} shapes[] = {
    { 1000, "2", 3, 2 },
    { PV_LIFETIME_SESSION, "1", 2, 1 },
    { 6 * PV_SECONDS_MONTH, "2026-01.a", 8, 4 },
    { PV_LIFETIME_ANY, "x=y", 40, 38 },
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
        if (shapes[s].categories > 2) {
            site_signal(&sites[s], PV_SIGNAL_GPC, "ads", 0);
        }
        site_signal(&sites[s], PV_SIGNAL_DNT, category_name(&sites[s], shapes[s].final), 1);
        site_consent_cookie(&sites[s], "privacy_consent")->lifetime = shapes[s].lifetime;
        sites[s].declared->version = shapes[s].version;
        policies[s] = site_sound(&sites[s]);
    }
    fuzz_kept();
    return 0;
}

/* What sources say. */

#define VOICES 3

typedef struct {
    pv_voice_t list[VOICES];
    int count;
} voices_t;

/* A byte says the same of every eighth category. */
static pv_set_t take_set(fuzz_in_t *in, const pv_policy_t *policy)
{
    pv_set_t all = ((pv_set_t)1 << policy->category_count) - 1;

    return (fuzz_take(in) * APR_UINT64_C(0x0101010101010101)) & all;
}

static void take_voices(fuzz_in_t *in, const pv_policy_t *policy, voices_t *voices)
{
    for (voices->count = 0; in->len > 0 && voices->count < VOICES; voices->count++) {
        pv_voice_t *voice = &voices->list[voices->count];

        voice->granted = take_set(in, policy);
        voice->denied = take_set(in, policy);
        voice->explicit_grants = take_set(in, policy);
    }
}

/* A decision, word by word. */

static int is_signalled(const site_t *site, unsigned signals, const char *category, int final)
{
    const apr_array_header_t *all = site->declared->list[PV_LIST_SIGNAL].all;

    for (int i = 0; i < all->nelts; i++) {
        const pv_signal_t *signal = APR_ARRAY_IDX(all, i, const pv_signal_t *);

        for (int j = 0; j < signal->categories->nelts; j++) {
            if ((signals >> signal->kind & 1) && signal->final == final &&
                strcmp(APR_ARRAY_IDX(signal->categories, j, const char *), category) == 0) {
                return 1;
            }
        }
    }
    return 0;
}

/* Whether D1 grants one category. */
static int model_grants(const site_t *site, const pv_heard_t *heard, const pv_category_t *category,
                        pv_set_t bit)
{
    const pv_record_t *record = heard->record;
    int signal = is_signalled(site, heard->signals, category->decl.name, 0);
    int granted = 0, denied = 0;

    if (category->basis == PV_BASIS_NECESSARY) {
        return 1;
    }
    if (is_signalled(site, heard->signals, category->decl.name, 1)) {
        return 0;
    }
    if (record != NULL) {
        denied = (record->denied & bit) != 0;
        granted = record->current && (record->granted & bit) && (!signal || record->signal);
    }
    for (int i = 0; i < heard->voice_count; i++) {
        const pv_voice_t *voice = &heard->voices[i];

        denied |= (voice->denied & bit) != 0;
        granted |= (voice->granted & bit) && (!signal || (voice->explicit_grants & bit));
    }
    if (granted || denied) {
        return !denied;
    }
    return category->basis == PV_BASIS_OPT_OUT && !signal;
}

/* Whether somebody else than the visitor has decided on it (M3). */
static int model_settles(const site_t *site, const pv_heard_t *heard, const char *category,
                         pv_set_t bit)
{
    int settled = is_signalled(site, heard->signals, category, 1);

    for (int i = 0; i < heard->voice_count; i++) {
        settled |= ((heard->voices[i].granted | heard->voices[i].denied) & bit) != 0;
    }
    return settled;
}

static void check_decision(const site_t *site, const pv_policy_t *policy, const pv_heard_t *heard)
{
    const pv_record_t *record = heard->record;
    pv_set_t granted = 0, settled = 0, chosen = 0;
    pv_consent_t consent;

    for (int i = 0; i < policy->category_count; i++) {
        const pv_category_t *category = policy->categories[i];

        granted |= model_grants(site, heard, category, PV_BIT(i)) ? PV_BIT(i) : 0;
        settled |= model_settles(site, heard, category->decl.name, PV_BIT(i)) ? PV_BIT(i) : 0;
    }
    if (record != NULL && record->current) {
        chosen = record->granted | record->denied;
    }
    pv_consent_resolve(policy, heard, &consent);
    FUZZ_CLAIM(consent.granted == granted, "D1 what is granted");
    FUZZ_CLAIM(consent.settled == settled, "M3 what is not on offer");
    FUZZ_CLAIM(consent.chosen == chosen, "M3 what the visitor has decided");
    FUZZ_CLAIM(consent.signals == heard->signals, "D1 the signals that were heard");
}

/* The decision as the request header Privacy-Consent has it. */
static void check_consent(const pv_policy_t *policy, const pv_consent_t *consent)
{
    char *out = fuzz_room(pv_consent_size(policy)), *at = out;
    apr_size_t len = pv_consent_write(policy, consent, out);
    char piece[64];

    for (int i = 0; i < policy->category_count; i++) {
        const pv_category_t *category = policy->categories[i];

        if (category->basis != PV_BASIS_NECESSARY) {
            apr_snprintf(piece, sizeof(piece), "%s%s=?%d", at != out ? ", " : "",
                         category->decl.name, (int)(consent->granted >> i & 1));
            FUZZ_CLAIM(strncmp(at, piece, strlen(piece)) == 0, "Q2 the decision, in order");
            at += strlen(piece);
        }
    }
    FUZZ_CLAIM(len == (apr_size_t)(at - out), "where the policy's digest follows");
    apr_snprintf(piece, sizeof(piece), ", p=%s", policy->digest);
    FUZZ_CLAIM(strcmp(at, piece) == 0, "C2 with a digest of the policy");
    free(out);
}

/* What is heard with a record, or with none, and any signals (D1, D6). */
static void check_heard(const site_t *site, const pv_policy_t *policy, const pv_record_t *record,
                        const voices_t *voices)
{
    pv_heard_t heard = { .record = record, .voices = voices->list, .voice_count = voices->count };
    pv_consent_t consent;

    for (heard.signals = 0; heard.signals < 1 << PV_SIGNALS; heard.signals++) {
        check_decision(site, policy, &heard);
    }
    heard.signals = 0;
    pv_consent_resolve(policy, &heard, &consent);
    check_consent(policy, &consent);
    pv_consent_deny(policy, &consent);
    FUZZ_CLAIM(consent.granted == policy->necessary, "D6 without a decision all is denied");
    FUZZ_CLAIM(consent.chosen == 0 && consent.settled == 0, "D6 and nobody has made it");
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
    record_model_t model;

    memset(record, 0xff, sizeof(*record));
    status = pv_record_read(policy, exact, text.len, now, record);
    record_model_read(&model, policy, text, now);
    FUZZ_CLAIM((status != PV_OK) == (model.bad != 0), "D2 read whole or not at all");
    FUZZ_CLAIM(record_model_same(record, &model.record), "D1 says what its keys say");
    FUZZ_CLAIM((status == PV_LIMIT) == (text.len > PV_RECORD_MAX), "at most 1,024 bytes");
    if (status == PV_OK) {
        check_written(policy, record, now);
    }
    free(exact);
    return status;
}

/* Two records of one request, in either order. */
static void add_checked(pv_record_t *a, const pv_record_t *b)
{
    pv_record_t want = record_model_sum(a, b), ba = *b, aa = *a;

    pv_record_add(&ba, a);
    pv_record_add(&aa, a);
    FUZZ_CLAIM(record_model_same(&aa, a), "twice is once");
    pv_record_add(a, b);
    FUZZ_CLAIM(record_model_same(a, &want), "D2 the newer one counts, of equals what both grant");
    FUZZ_CLAIM(record_model_same(&ba, &want), "the order does not count");
}

/* As far as a line feed, which is taken, too, or all. */
static pv_span_t take_line(fuzz_in_t *in)
{
    const char *line = in->len > 0 ? memchr(in->ptr, '\n', in->len) : NULL;
    pv_span_t all = pv_span(in->ptr, line != NULL ? (size_t)(line - in->ptr) : in->len);
    size_t taken = all.len + (line != NULL);

    in->ptr += taken;
    in->len -= taken;
    return all;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_in_t in = fuzz_in(data, size);
    unsigned shape = fuzz_take(&in) % SHAPES;
    const pv_policy_t *policy = policies[shape];
    /* From two days before to some after its lifetime, in steps around them. */
    apr_int64_t now = NOW + ((apr_int64_t)fuzz_take(&in) - 8) * (RECORD_MODEL_DAY / 4);
    pv_span_t first = take_line(&in), second = take_line(&in);
    voices_t voices;
    pv_record_t a, b;
    int has_a, has_b;

    take_voices(&in, policy, &voices);
    has_a = read_checked(policy, first, now, &a) == PV_OK;
    has_b = read_checked(policy, second, now, &b) == PV_OK;
    if (has_a && has_b) {
        check_heard(&sites[shape], policy, &a, &voices);
        check_heard(&sites[shape], policy, &b, &voices);
        add_checked(&a, &b);
    }
    check_heard(&sites[shape], policy, has_a ? &a : has_b ? &b : NULL, &voices);
    return 0;
}
