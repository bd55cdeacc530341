/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/*
 * TC strings (D2), compared with a reader that has each bit as a character. Options: how
 * the input is meant; the vendor asked about, in two bytes; where the string is cut off. An
 * input is the string as it stands, or bytes that become its digits, the fixed fields
 * supplied or not: a fuzzer finds the third field of a bit string more easily so.
 */

#include "fuzz.h"

#include "bits_model.h"
#include "consent/pv_tcf.h"

enum { AS_TEXT, AS_BITS, AS_BITS_BEHIND_HEAD, FORMS };

/* The specification's core string and segments. */

typedef struct {
    pv_status_t status;
    pv_tcf_t tcf;
} tcf_model_t;

/* RangeEntry[]: whether vendor is in one; *bad where one is not well-formed. */
static int tcf_model_ranges(bits_t *bits, unsigned max, unsigned vendor, int *bad)
{
    unsigned entries = (unsigned)bits_next(bits, 12);
    int found = 0;

    for (unsigned i = 0; i < entries && !bits->over; i++) {
        int is_range = (int)bits_next(bits, 1);
        unsigned first = (unsigned)bits_next(bits, 16);
        unsigned last = is_range ? (unsigned)bits_next(bits, 16) : first;

        *bad |= first < 1 || last > max || (is_range && first >= last);
        found |= first <= vendor && vendor <= last;
    }
    *bad |= bits->over;
    return found;
}

static int tcf_model_vendors(bits_t *bits, unsigned vendor, pv_status_t *status)
{
    unsigned max = (unsigned)bits_next(bits, 16);
    int is_ranges = (int)bits_next(bits, 1), found = 0, bad = 0;

    if (*status != PV_OK) {
        return 0;
    }
    if (max > PV_TCF_VENDORS) {
        *status = PV_LIMIT;
        return 0;
    }
    if (is_ranges) {
        found = tcf_model_ranges(bits, max, vendor, &bad);
    }
    for (unsigned id = 1; !is_ranges && id <= max; id++) {
        int set = (int)bits_next(bits, 1);

        found |= set && id == vendor;
    }
    if (bad || bits->over) {
        *status = PV_BAD;
    }
    return found;
}

static void tcf_model_restrictions(bits_t *bits, unsigned vendor, tcf_model_t *model)
{
    unsigned n = (unsigned)bits_next(bits, 12);
    int bad = 0;

    for (unsigned i = 0; i < n && !bad; i++) {
        unsigned purpose = (unsigned)bits_next(bits, 6);
        unsigned type = (unsigned)bits_next(bits, 2);
        int found = tcf_model_ranges(bits, 65535, vendor, &bad);

        bad |= purpose < 1 || purpose > 24 || type == 3;
        if (found && type != 1 && !bad) {
            model->tcf.restricted |= 1u << (24 - purpose);
        }
    }
    if (bad || bits->over) {
        model->status = PV_BAD;
    }
}

/* Version to PublisherCC. */
static void tcf_model_fixed(bits_t *bits, tcf_model_t *model)
{
    unsigned version = (unsigned)bits_next(bits, 6), specific;
    uint64_t interests;
    int consent_only = 0;

    model->tcf.created = bits_next(bits, 36);
    bits_next(bits, 36); /* LastUpdated */
    bits_next(bits, 12); /* CmpId */
    bits_next(bits, 12); /* CmpVersion */
    bits_next(bits, 6);  /* ConsentScreen */
    bits_next(bits, 12); /* ConsentLanguage */
    model->tcf.vendor_list = (unsigned)bits_next(bits, 12);
    model->tcf.policy = (unsigned)bits_next(bits, 6);
    specific = (unsigned)bits_next(bits, 1);
    bits_next(bits, 1);  /* UseNonStandardTexts */
    bits_next(bits, 12); /* SpecialFeatureOptIns */
    model->tcf.purposes = (apr_uint32_t)bits_next(bits, 24);
    interests = bits_next(bits, 24);
    model->tcf.one_treated = bits_next(bits, 1) & 1;
    bits_next(bits, 12); /* PublisherCC */
    for (unsigned purpose = 3; purpose <= 6; purpose++) {
        consent_only |= (int)(interests >> (24 - purpose) & 1);
    }
    /* From October 2023 in tenths of a second. */
    if (bits->over || version != 2 || !specific || model->tcf.vendor_list == 0 ||
        (model->tcf.policy < 4 ? model->tcf.created >= UINT64_C(16961184000) : consent_only)) {
        model->status = PV_BAD;
    }
}

/* @return the bytes of it */
static size_t tcf_model_core(const char *text, size_t len, unsigned vendor, tcf_model_t *model)
{
    static bits_t bits;
    size_t n = bits_read(&bits, text, len);

    tcf_model_fixed(&bits, model);
    model->tcf.vendor = tcf_model_vendors(&bits, vendor, &model->status) & (vendor > 0);
    tcf_model_vendors(&bits, 0, &model->status);
    if (model->status == PV_OK) {
        tcf_model_restrictions(&bits, vendor, model);
    }
    if (model->status == PV_OK && !bits_rest_is_zero(&bits)) {
        model->status = PV_BAD;
    }
    return n;
}

static size_t tcf_model_segment(const char *text, size_t len, int seen[8], tcf_model_t *model)
{
    static bits_t bits;
    size_t n = bits_read(&bits, text, len);
    unsigned type = (unsigned)bits_next(&bits, 3);

    if (type < 1 || type > 3 || seen[type]++ > 0) {
        model->status = PV_BAD;
        return n;
    }
    if (type == 3) {
        unsigned custom;

        bits_next(&bits, 24); /* PubPurposesConsent */
        bits_next(&bits, 24); /* PubPurposesLITransparency */
        custom = (unsigned)bits_next(&bits, 6);
        bits_next(&bits, custom); /* CustomPurposesConsent */
        bits_next(&bits, custom);
    }
    else {
        tcf_model_vendors(&bits, 0, &model->status);
    }
    if (model->status == PV_OK && !bits_rest_is_zero(&bits)) {
        model->status = PV_BAD;
    }
    return n;
}

static void tcf_model_read(const char *text, size_t len, unsigned vendor, tcf_model_t *model)
{
    int seen[8] = { 0 };
    size_t at;

    memset(model, 0, sizeof(*model));
    at = tcf_model_core(text, len, vendor, model);
    while (model->status == PV_OK && at < len) {
        if (text[at] != '.') {
            model->status = PV_BAD;
            return;
        }
        at++;
        at += tcf_model_segment(text + at, len - at, seen, model);
    }
}

/* What may be relied on: each purpose by itself. */
static apr_uint32_t tcf_model_granted(const tcf_model_t *model, unsigned vendor)
{
    apr_uint32_t granted = 0;

    for (unsigned purpose = 1; purpose <= 24; purpose++) {
        apr_uint32_t bit = 1u << (24 - purpose);
        int consented = (model->tcf.purposes & bit) != 0;
        int open = (model->tcf.restricted & bit) == 0;

        if (consented && (vendor == 0 || (model->tcf.vendor && open))) {
            granted |= bit;
        }
    }
    return granted;
}

static void check_same(const pv_tcf_t *a, const pv_tcf_t *b)
{
    FUZZ_CLAIM(a->created == b->created && a->policy == b->policy, "TCF its fields");
    FUZZ_CLAIM(a->vendor_list == b->vendor_list, "TCF its vendor list");
    FUZZ_CLAIM(a->purposes == b->purposes && a->one_treated == b->one_treated, "TCF its purposes");
    FUZZ_CLAIM(a->restricted == b->restricted, "TCF what is closed to the vendor");
    FUZZ_CLAIM(a->vendor == b->vendor, "TCF whether the vendor has consent");
}

/** What it grants; 0 where it is refused. */
static apr_uint32_t check_read(const char *text, size_t len, unsigned vendor)
{
    char *exact = fuzz_copy(text, len);
    tcf_model_t model;
    pv_tcf_t tcf;
    pv_status_t status = pv_tcf_read(pv_span(exact, len), vendor, &tcf);

    free(exact);
    tcf_model_read(text, len, vendor, &model);
    FUZZ_CLAIM(status == model.status, "D2 read whole or refused");
    if (status != PV_OK) {
        return 0;
    }
    check_same(&tcf, &model.tcf);
    FUZZ_CLAIM(pv_tcf_granted(&tcf, vendor) == tcf_model_granted(&model, vendor),
               "D2 consent alone, and to a vendor what it has and the publisher leaves it");
    return pv_tcf_granted(&tcf, vendor);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bits_writer_t w;
    fuzz_in_t in = fuzz_in(data, size);
    unsigned form = fuzz_take(&in) % FORMS;
    unsigned high = fuzz_take(&in);
    unsigned vendor = high << 8 | fuzz_take(&in);
    size_t cut = fuzz_take(&in);
    const char *text = in.ptr;
    size_t len = in.len;
    apr_uint32_t granted;

    if (len > BITS_MAX / 8 - 64) {
        return 0;
    }
    if (form != AS_TEXT) {
        memset(&w, 0, sizeof(w));
        if (form == AS_BITS_BEHIND_HEAD) {
            bits_put_tcf(&w, 0);
        }
        for (size_t i = 0; i < in.len; i++) {
            bits_put(&w, 8, (unsigned char)in.ptr[i]);
        }
        text = w.text;
        len = bits_text_len(&w);
    }
    granted = check_read(text, len, vendor);
    if (granted != 0) {
        cut = cut < len ? len - cut : 0;
        FUZZ_CLAIM(fuzz_within(check_read(text, cut, vendor), granted),
                   "D2 cut off it grants no more than whole");
    }
    return 0;
}
