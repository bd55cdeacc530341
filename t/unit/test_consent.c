/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* How record, consent managers and signals add up (D1, D6, M3), and the decision
 * written as a dictionary. */

#include "consent/pv_consent_text.h"
#include "policy_fixture.h"

/*
 * One category and all that may be heard about it. The model below follows D1's
 * words, one category at a time; what is proven has them as 64 bits at once.
 */

/** Who said what. */
typedef enum { SILENT, GRANTS, GRANTS_EXPLICITLY, DENIES, CONTRADICTS, SAYS } says_t;

/** What a record says. */
typedef struct {
    int there;
    int current;
    int with_signal; /**< g=1 */
    says_t says;     /**< SILENT, GRANTS or DENIES */
} said_t;

/** What a signal does, and whether it is there. */
typedef struct {
    int present;
    int denies;
    int finally;
} signals_t;

typedef struct {
    pv_basis_t basis;
    said_t record;
    says_t voices[2];
    signals_t signals[PV_SIGNALS];
} heard_t;

static int model_granted(const heard_t *h)
{
    int signal = 0, final = 0, granted = 0;

    for (int i = 0; i < PV_SIGNALS; i++) {
        signal |= h->signals[i].present && h->signals[i].denies;
        final |= h->signals[i].present && h->signals[i].finally;
    }
    if (h->basis == PV_BASIS_NECESSARY) {
        return 1;
    }
    if (final) {
        return 0;
    }
    /* Where one of them denies, it is denied; a record that is not current still does. */
    if (h->record.there && h->record.says == DENIES) {
        return 0;
    }
    for (int i = 0; i < 2; i++) {
        if (h->voices[i] == DENIES || h->voices[i] == CONTRADICTS) {
            return 0;
        }
    }
    /* Else the grant of one is enough, if a signal does not outweigh it. */
    if (h->record.there && h->record.current && h->record.says == GRANTS) {
        granted |= !signal || h->record.with_signal;
    }
    for (int i = 0; i < 2; i++) {
        granted |= h->voices[i] == GRANTS_EXPLICITLY || (h->voices[i] == GRANTS && !signal);
    }
    return granted || (h->basis == PV_BASIS_OPT_OUT && !signal);
}

static int model_settled(const heard_t *h)
{
    int settled = h->voices[0] != SILENT || h->voices[1] != SILENT;

    for (int i = 0; i < PV_SIGNALS; i++) {
        settled |= h->signals[i].present && h->signals[i].finally;
    }
    return settled;
}

static int model_chosen(const heard_t *h)
{
    return h->record.there && h->record.current && h->record.says != SILENT;
}

/* The same, as the core takes it. */

typedef struct {
    pv_policy_t policy;
    pv_record_t record;
    pv_voice_t voices[2];
    pv_heard_t heard;
} scene_t;

/** What is heard of no category. Record and presence of signals are of one request,
 *  and so are taken from one of its categories. */
static void scene_begin(scene_t *scene, const heard_t *request)
{
    memset(scene, 0, sizeof(*scene));
    scene->heard.record = request->record.there ? &scene->record : NULL;
    scene->heard.voices = scene->voices;
    scene->heard.voice_count = 2;
    scene->record.current = request->record.current & 1;
    scene->record.signal = request->record.with_signal & 1;
    for (int i = 0; i < PV_SIGNALS; i++) {
        scene->heard.signals |= request->signals[i].present ? 1U << i : 0;
    }
}

static void put(pv_set_t *set, pv_set_t bit, int on)
{
    *set |= on ? bit : 0;
}

static void scene_add(scene_t *scene, const heard_t *h, int index)
{
    pv_set_t bit = PV_BIT(index);
    pv_policy_t *policy = &scene->policy;

    put(&policy->necessary, bit, h->basis == PV_BASIS_NECESSARY);
    put(&policy->opt_in, bit, h->basis == PV_BASIS_OPT_IN);
    put(&policy->opt_out, bit, h->basis == PV_BASIS_OPT_OUT);
    put(&scene->record.granted, bit, h->record.says == GRANTS);
    put(&scene->record.denied, bit, h->record.says == DENIES);
    for (int i = 0; i < 2; i++) {
        says_t says = h->voices[i];

        put(&scene->voices[i].granted, bit,
            says == GRANTS || says == GRANTS_EXPLICITLY || says == CONTRADICTS);
        put(&scene->voices[i].explicit_grants, bit,
            says == GRANTS_EXPLICITLY || says == CONTRADICTS);
        put(&scene->voices[i].denied, bit, says == DENIES || says == CONTRADICTS);
    }
    for (int i = 0; i < PV_SIGNALS; i++) {
        put(&policy->signals[i].denies, bit, h->signals[i].denies);
        put(&policy->signals[i].denies_finally, bit, h->signals[i].finally);
    }
}

/** The words that decide on one category, for a failure. */
static void describe(const heard_t *h)
{
    print_message("basis %d, record %d (current %d, g %d, says %d), voices %d %d, "
                  "gpc %d (denies %d, finally %d), dnt %d (denies %d, finally %d)\n",
                  h->basis, h->record.there, h->record.current, h->record.with_signal,
                  h->record.says, h->voices[0], h->voices[1], h->signals[0].present,
                  h->signals[0].denies, h->signals[0].finally, h->signals[1].present,
                  h->signals[1].denies, h->signals[1].finally);
}

static void check(const scene_t *scene, const pv_consent_t *consent, const heard_t *h, int index)
{
    int granted = (consent->granted & PV_BIT(index)) != 0;
    int settled = (consent->settled & PV_BIT(index)) != 0;
    int chosen = (consent->chosen & PV_BIT(index)) != 0;

    if (granted != model_granted(h) || settled != model_settled(h) || chosen != model_chosen(h)) {
        describe(h);
        fail_msg("granted %d, settled %d, chosen %d", granted, settled, chosen);
    }
    assert_int_equal(consent->signals, scene->heard.signals);
}

/* All that may be heard is a number, whose digits are drawn off one by one. */

static unsigned digit(unsigned *number, unsigned base)
{
    unsigned d = *number % base;

    *number /= base;
    return d;
}

static const says_t record_says[] = { SILENT, GRANTS, DENIES };

#define RECORDS  (1 + 2 * 2 * 3)
#define HEARABLE (3U * RECORDS * SAYS * SAYS * 8 * 8)

static heard_t hear(unsigned number)
{
    heard_t h = { PV_BASIS_NECESSARY, { 0, 0, 0, SILENT }, { SILENT, SILENT }, { { 0, 0, 0 } } };
    unsigned record;

    h.basis = (pv_basis_t)digit(&number, 3);
    record = digit(&number, RECORDS);
    if (record-- > 0) {
        h.record.there = 1;
        h.record.current = (int)digit(&record, 2);
        h.record.with_signal = (int)digit(&record, 2);
        h.record.says = record_says[record];
    }
    h.voices[0] = (says_t)digit(&number, SAYS);
    h.voices[1] = (says_t)digit(&number, SAYS);
    for (int i = 0; i < PV_SIGNALS; i++) {
        h.signals[i].present = (int)digit(&number, 2);
        h.signals[i].denies = (int)digit(&number, 2);
        h.signals[i].finally = (int)digit(&number, 2);
    }
    return h;
}

static void test_everything(void **state)
{
    unsigned granted = 0;

    (void)state;
    for (unsigned i = 0; i < HEARABLE; i++) {
        heard_t h = hear(i);
        int index = (int)(i % 64);
        pv_consent_t consent;
        scene_t scene;

        scene_begin(&scene, &h);
        scene_add(&scene, &h, index);
        memset(&consent, 0xff, sizeof(consent));
        pv_consent_resolve(&scene.policy, &scene.heard, &consent);
        check(&scene, &consent, &h, index);
        /* And nothing is decided for a category that is none. */
        assert_true(((consent.granted | consent.settled | consent.chosen) & ~PV_BIT(index)) == 0);
        granted += (unsigned)model_granted(&h);
    }
    assert_int_equal(HEARABLE, 62400);
    assert_in_range(granted, HEARABLE / 3 + 1000, HEARABLE - 20000);
}

/** 64 categories do not mind each other. */
static void test_side_by_side(void **state)
{
    (void)state;
    for (int i = 0; i < 500; i++) {
        heard_t request = hear(draw(HEARABLE)), h[PV_CATEGORIES_MAX];
        pv_consent_t consent;
        scene_t scene;

        scene_begin(&scene, &request);
        for (int j = 0; j < PV_CATEGORIES_MAX; j++) {
            h[j] = hear(draw(HEARABLE));
            h[j].record.there = request.record.there;
            h[j].record.current = request.record.current;
            h[j].record.with_signal = request.record.with_signal;
            for (int k = 0; k < PV_SIGNALS; k++) {
                h[j].signals[k].present = request.signals[k].present;
            }
            scene_add(&scene, &h[j], j);
        }
        pv_consent_resolve(&scene.policy, &scene.heard, &consent);
        for (int j = 0; j < PV_CATEGORIES_MAX; j++) {
            check(&scene, &consent, &h[j], j);
        }
    }
}

/* The clauses of D1 one by one, in words that need no model. */

typedef struct {
    const char *title;
    heard_t heard;
    int granted;
} clause_t;

#define IN  PV_BASIS_OPT_IN
#define OUT PV_BASIS_OPT_OUT
#define NO_RECORD                                                                                  \
    {                                                                                              \
        0, 0, 0, SILENT                                                                            \
    }
#define NOBODY                                                                                     \
    {                                                                                              \
        SILENT, SILENT                                                                             \
    }
#define NO_SIGNAL                                                                                  \
    {                                                                                              \
        { 0, 0, 0 },                                                                               \
        {                                                                                          \
            0, 0, 0                                                                                \
        }                                                                                          \
    }
#define GPC                                                                                        \
    {                                                                                              \
        { 1, 1, 0 },                                                                               \
        {                                                                                          \
            0, 0, 0                                                                                \
        }                                                                                          \
    }
#define FINAL_GPC                                                                                  \
    {                                                                                              \
        { 1, 0, 1 },                                                                               \
        {                                                                                          \
            0, 0, 0                                                                                \
        }                                                                                          \
    }

static const clause_t clauses[] = {
    { "D1 opt-in is denied", { IN, NO_RECORD, NOBODY, NO_SIGNAL }, 0 },
    { "D1 opt-out is granted", { OUT, NO_RECORD, NOBODY, NO_SIGNAL }, 1 },
    { "D1 necessary is granted whatever is heard",
      { PV_BASIS_NECESSARY, { 1, 1, 0, DENIES }, { DENIES, DENIES }, FINAL_GPC },
      1 },
    { "D1 the record grants", { IN, { 1, 1, 0, GRANTS }, NOBODY, NO_SIGNAL }, 1 },
    { "D1 the record denies", { OUT, { 1, 1, 0, DENIES }, NOBODY, NO_SIGNAL }, 0 },
    { "D1 a source grants", { IN, NO_RECORD, { GRANTS, SILENT }, NO_SIGNAL }, 1 },
    { "D1 a source denies", { OUT, NO_RECORD, { SILENT, DENIES }, NO_SIGNAL }, 0 },
    { "D1 one denies, one grants", { IN, NO_RECORD, { GRANTS, DENIES }, NO_SIGNAL }, 0 },
    { "D1 a source denies what the record grants",
      { IN, { 1, 1, 0, GRANTS }, { DENIES, SILENT }, NO_SIGNAL },
      0 },
    { "D1 the record denies what a source grants explicitly",
      { IN, { 1, 1, 0, DENIES }, { GRANTS_EXPLICITLY, SILENT }, NO_SIGNAL },
      0 },
    { "D1 a record that is not current grants nothing",
      { IN, { 1, 0, 0, GRANTS }, NOBODY, NO_SIGNAL },
      0 },
    { "D1 a record that is not current still denies",
      { OUT, { 1, 0, 0, DENIES }, NOBODY, NO_SIGNAL },
      0 },
    { "D1 a signal denies opt-out", { OUT, NO_RECORD, NOBODY, GPC }, 0 },
    { "D1 a signal outweighs a grant recorded without it",
      { OUT, { 1, 1, 0, GRANTS }, NOBODY, GPC },
      0 },
    { "D1 a grant recorded with it outweighs a signal",
      { IN, { 1, 1, 1, GRANTS }, NOBODY, GPC },
      1 },
    { "D1 a grant recorded with it, but not current", { IN, { 1, 0, 1, GRANTS }, NOBODY, GPC }, 0 },
    { "D1 a signal outweighs a source's grant", { IN, NO_RECORD, { GRANTS, SILENT }, GPC }, 0 },
    { "D1 an explicit grant outweighs a signal",
      { IN, NO_RECORD, { GRANTS_EXPLICITLY, SILENT }, GPC },
      1 },
    { "D1 a final signal outweighs every grant",
      { IN, { 1, 1, 1, GRANTS }, { GRANTS_EXPLICITLY, GRANTS }, FINAL_GPC },
      0 },
    { "D1 a signal that is absent does nothing",
      { OUT, NO_RECORD, NOBODY, { { 0, 1, 1 }, { 0, 1, 1 } } },
      1 },
    { "D1 a signal that is not listened to does nothing",
      { OUT, NO_RECORD, NOBODY, { { 1, 0, 0 }, { 1, 0, 0 } } },
      1 },
};

static void test_clause(void **state)
{
    const clause_t *c = *state;
    pv_consent_t consent;
    scene_t scene;

    scene_begin(&scene, &c->heard);
    scene_add(&scene, &c->heard, 63);
    pv_consent_resolve(&scene.policy, &scene.heard, &consent);
    assert_int_equal((consent.granted & PV_BIT(63)) != 0, c->granted);
    assert_int_equal(model_granted(&c->heard), c->granted);
}

/** No voices is NULL, and is nothing heard. */
static void test_no_voices(void **state)
{
    pv_policy_t policy = { .necessary = 1, .opt_in = 2, .opt_out = 4 };
    pv_heard_t heard = { 0 };
    pv_consent_t consent;

    (void)state;
    pv_consent_resolve(&policy, &heard, &consent);
    assert_true(consent.granted == (1 | 4) && consent.chosen == 0 && consent.settled == 0);
}

static void test_deny(void **state)
{
    pv_policy_t policy = { .necessary = 1 | 8, .opt_in = 2, .opt_out = 4 };
    pv_consent_t consent;

    (void)state;
    memset(&consent, 0xff, sizeof(consent));
    pv_consent_deny(&policy, &consent);
    assert_true(consent.granted == (1 | 8) && consent.chosen == 0 && consent.settled == 0);
    assert_int_equal(consent.signals, 0);
}

/* Written. */

typedef struct {
    const char *title;
    const char *categories; /**< words; one that begins with ! is necessary */
    pv_set_t granted;
    const char *want; /**< without p */
} write_case_t;

static const write_case_t writes[] = {
    { "on offer in order of declaration", "b a c", 2, "b=?0, a=?1, c=?0" },
    { "what is necessary is left out", "!e a !f b !g", 31, "a=?1, b=?1" },
    { "nothing on offer", "!e", 1, "" },
    { "no category", "", 0, "" },
};

static void test_write(void **state)
{
    const write_case_t *c = *state;
    site_t site = site_begin();
    char *words = apr_pstrdup(site.pool, c->categories), *last, *out;
    const char *want;
    const pv_policy_t *policy;
    pv_consent_t consent = { .granted = c->granted };

    for (char *word = apr_strtok(words, " ", &last); word; word = apr_strtok(NULL, " ", &last)) {
        site_category(&site, word + (*word == '!'),
                      *word == '!' ? PV_BASIS_NECESSARY : PV_BASIS_OPT_IN);
    }
    policy = site_sound(&site);
    want = apr_pstrcat(site.pool, c->want, *c->want ? ", p=" : "p=", policy->digest, NULL);
    out = malloc(pv_consent_size(policy));
    assert_int_equal(pv_consent_write(policy, &consent, out), strlen(c->want));
    assert_string_equal(out, want);
    free(out);
    site_end(&site);
}

/** Any decision fits into memory of exactly the promised size. */
static void test_size(void **state)
{
    (void)state;
    for (int i = 0; i < 300; i++) {
        site_t site = site_draw(1 + draw(64), 0);
        const pv_policy_t *policy = site_sound(&site);
        pv_consent_t consent = { .granted = ((pv_set_t)draw(1 << 16) << 32) | draw(1 << 16) };
        apr_size_t size = pv_consent_size(policy);
        char *out = malloc(size);

        assert_true(pv_consent_write(policy, &consent, out) < size);
        assert_true(strlen(out) < size);
        for (int j = 0; j < policy->category_count; j++) {
            const char *name = policy->categories[j]->decl.name;
            const char *key =
                apr_psprintf(site.pool, "%s=?%d, ", name, (consent.granted & PV_BIT(j)) != 0);
            int offered = policy->categories[j]->basis != PV_BASIS_NECESSARY;

            assert_int_equal(strstr(out, key) != NULL, offered);
        }
        free(out);
        site_end(&site);
    }
}

/** What is made ready says what is written; the names of variables are the caller's. */
static void test_text(void **state)
{
    unsigned ready = 0;

    (void)state;
    for (int i = 0; i < 300; i++) {
        site_t site = site_draw(1 + draw(12), 0);
        const pv_policy_t *policy = site_sound(&site);
        const char **names =
            apr_palloc(site.pool, ((apr_size_t)policy->category_count + 1) * sizeof(*names));
        pv_consent_t consent = { .granted = draw(1 << 12) | policy->necessary };
        const pv_consent_texts_t *texts;
        pv_consent_text_t text, again;
        char *out = malloc(pv_consent_size(policy));
        apr_size_t categories = pv_consent_write(policy, &consent, out);

        for (int j = 0; j <= policy->category_count; j++) {
            names[j] = apr_psprintf(site.pool, "V%d", j);
        }
        texts = pv_consent_texts_make(policy, names, site.pool);
        text = pv_consent_text(texts, &consent, site.pool);
        again = pv_consent_text(texts, &consent, site.pool);
        ready += text.whole == again.whole;
        assert_string_equal(text.whole, out);
        assert_int_equal(strlen(text.categories), categories);
        assert_memory_equal(text.categories, out, categories);
        assert_int_equal(apr_table_elts(text.variables)->nelts, policy->category_count + 1);
        assert_string_equal(apr_table_get(text.variables, "V0"), text.categories);
        for (int j = 0; j < policy->category_count; j++) {
            assert_string_equal(apr_table_get(text.variables, names[1 + j]),
                                (consent.granted & PV_BIT(j)) ? "granted" : "denied");
        }
        free(out);
        site_end(&site);
    }
    assert_in_range(ready, 50, 250); /* both ways were taken */
}

int main(void)
{
    suite_table(clauses, test_clause);
    suite_add("D1 all that may be heard of a category", test_everything, NULL);
    suite_add("D1 64 categories side by side", test_side_by_side, NULL);
    suite_add("D1 no consent manager at all", test_no_voices, NULL);
    suite_add("D6 what was not heard is denied", test_deny, NULL);
    suite_table(writes, test_write);
    suite_add("written into the promised size", test_size, NULL);
    suite_add("made ready as written", test_text, NULL);
    return suite_run("consent", site_setup, site_teardown);
}
