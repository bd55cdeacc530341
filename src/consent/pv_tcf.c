/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* The TC string; see pv_tcf.h. */

#include "consent/pv_tcf.h"
#include "consent/pv_bits.h"

/* 1 October 2023, 00:00 UTC, in tenths of a second: from here on TCF 2.2. */
#define POLICY_4_SINCE APR_UINT64_C(16961184000)

/* Purposes that may rest on consent alone from policy 4 on. */
#define CONSENT_ONLY (PV_TCF_PURPOSE(3) | PV_TCF_PURPOSE(4) | PV_TCF_PURPOSE(5) | PV_TCF_PURPOSE(6))

/* What a publisher restriction says (PubRestrictions, RestrictionType). */
enum { NOT_ALLOWED = 0, REQUIRE_CONSENT = 1, REQUIRE_INTEREST = 2 };

/* A list of vendor ids and ranges of them; *found is set if vendor is in it. */
static pv_status_t read_ranges(pv_bits_t *bits, unsigned max, unsigned vendor, int *found)
{
    unsigned entries = (unsigned)pv_bits_take(bits, 12);

    while (entries-- > 0) {
        unsigned range = (unsigned)pv_bits_take(bits, 1);
        unsigned first = (unsigned)pv_bits_take(bits, 16);
        unsigned last = range ? (unsigned)pv_bits_take(bits, 16) : first;

        if (bits->over || first == 0 || last > max || (range && last <= first)) {
            return PV_BAD;
        }
        if (vendor >= first && vendor <= last) {
            *found = 1;
        }
    }
    return bits->over ? PV_BAD : PV_OK;
}

/* MaxVendorId and the vendors, as a bit field or as ranges. */
static pv_status_t read_vendors(pv_bits_t *bits, unsigned vendor, int *found)
{
    unsigned max = (unsigned)pv_bits_take(bits, 16);
    unsigned ranges = (unsigned)pv_bits_take(bits, 1);

    *found = 0;
    if (max > PV_TCF_VENDORS) {
        return PV_LIMIT;
    }
    if (ranges) {
        return read_ranges(bits, max, vendor, found);
    }
    if (vendor > 0 && vendor <= max) {
        pv_bits_t ahead = *bits;

        pv_bits_skip(&ahead, vendor - 1);
        *found = (int)pv_bits_take(&ahead, 1);
    }
    pv_bits_skip(bits, max);
    return bits->over ? PV_BAD : PV_OK;
}

static pv_status_t read_restrictions(pv_bits_t *bits, unsigned vendor, pv_tcf_t *tcf)
{
    unsigned n = (unsigned)pv_bits_take(bits, 12);

    while (n-- > 0) {
        unsigned purpose = (unsigned)pv_bits_take(bits, 6);
        unsigned type = (unsigned)pv_bits_take(bits, 2);
        int found = 0;

        if (bits->over || purpose == 0 || purpose > 24 || type > REQUIRE_INTEREST ||
            read_ranges(bits, 0xffff, vendor, &found) != PV_OK) {
            return PV_BAD;
        }
        if (found && type != REQUIRE_CONSENT) {
            tcf->restricted |= PV_TCF_PURPOSE(purpose);
        }
    }
    return bits->over ? PV_BAD : PV_OK;
}

/* The fields of fixed size before the vendors: 213 bits. */
static pv_status_t read_fixed(pv_bits_t *bits, pv_tcf_t *tcf)
{
    unsigned version, specific;
    apr_uint32_t interests;

    version = (unsigned)pv_bits_take(bits, 6);
    tcf->created = pv_bits_take(bits, 36);
    pv_bits_skip(bits, 36 + 12 + 12 + 6 + 12); /* updated, CMP and its version, screen, language */
    tcf->vendor_list = (unsigned)pv_bits_take(bits, 12);
    tcf->policy = (unsigned)pv_bits_take(bits, 6);
    specific = (unsigned)pv_bits_take(bits, 1);
    pv_bits_skip(bits, 1 + 12); /* non-standard texts, special features */
    tcf->purposes = (apr_uint32_t)pv_bits_take(bits, 24);
    interests = (apr_uint32_t)pv_bits_take(bits, 24);
    tcf->one_treated = (unsigned)pv_bits_take(bits, 1) & 1;
    pv_bits_skip(bits, 12); /* the publisher's country */
    if (bits->over || version != 2 || !specific || tcf->vendor_list == 0) {
        return PV_BAD;
    }
    if (tcf->policy < 4) {
        return tcf->created >= POLICY_4_SINCE ? PV_BAD : PV_OK;
    }
    return (interests & CONSENT_ONLY) != 0 ? PV_BAD : PV_OK;
}

static pv_status_t read_core(pv_span_t digits, unsigned vendor, pv_tcf_t *tcf)
{
    pv_bits_t bits = pv_bits(digits);
    pv_status_t status;
    int found;

    memset(tcf, 0, sizeof(*tcf));
    status = read_fixed(&bits, tcf);
    if (status == PV_OK) {
        status = read_vendors(&bits, vendor, &found);
    }
    if (status == PV_OK) {
        tcf->vendor = found & 1;
        status = read_vendors(&bits, 0, &found);
    }
    if (status == PV_OK) {
        status = read_restrictions(&bits, vendor, tcf);
    }
    return status == PV_OK && !pv_bits_done(&bits) ? PV_BAD : status;
}

/* Disclosed vendors (1), allowed vendors (2) or the publisher's own purposes (3). */
static pv_status_t read_segment(pv_span_t digits, unsigned *seen)
{
    pv_bits_t bits = pv_bits(digits);
    unsigned type = (unsigned)pv_bits_take(&bits, 3);
    pv_status_t status = PV_OK;
    int found;

    if (type < 1 || type > 3 || (*seen & 1u << type) != 0) {
        return PV_BAD;
    }
    *seen |= 1u << type;
    if (type == 3) {
        pv_bits_skip(&bits, 24 + 24);
        pv_bits_skip(&bits, 2 * (unsigned)pv_bits_take(&bits, 6));
    }
    else {
        status = read_vendors(&bits, 0, &found);
    }
    return status == PV_OK && !pv_bits_done(&bits) ? PV_BAD : status;
}

pv_status_t pv_tcf_read(pv_span_t text, unsigned vendor, pv_tcf_t *tcf)
{
    apr_size_t run = pv_base64url_run(text.ptr, text.len);
    pv_status_t status = read_core(pv_span(text.ptr, run), vendor, tcf);
    unsigned seen = 0;

    while (status == PV_OK && run < text.len) {
        if (text.ptr[run] != '.') {
            return PV_BAD;
        }
        text = pv_span(text.ptr + run + 1, text.len - run - 1);
        run = pv_base64url_run(text.ptr, text.len);
        status = read_segment(pv_span(text.ptr, run), &seen);
    }
    return status;
}
