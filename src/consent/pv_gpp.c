/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* GPP strings and US Privacy; see pv_gpp.h. */

#include "consent/pv_gpp.h"
#include "consent/pv_bits.h"

#define HEADER_TYPE    3
#define HEADER_VERSION 1

/* Ids are small: nothing longer than this is one. */
#define ID_MAX 1000

/* A number in Fibonacci coding, which ends in two ones; 0 if it is none. */
static unsigned take_fibonacci(pv_bits_t *bits)
{
    unsigned a = 1, b = 2, sum = 0, last = 0;

    while (a <= ID_MAX) {
        unsigned bit = (unsigned)pv_bits_take(bits, 1), c;

        if (bits->over) {
            return 0;
        }
        if (bit && last) {
            return sum;
        }
        if (bit) {
            sum += a;
        }
        last = bit;
        c = a + b;
        a = b;
        b = c;
    }
    return 0;
}

static pv_status_t add_ids(pv_gpp_t *gpp, unsigned first, unsigned last)
{
    for (unsigned id = first; id <= last; id++) {
        if (gpp->n == PV_GPP_SECTIONS) {
            return PV_LIMIT;
        }
        gpp->section[gpp->n].id = id;
        gpp->section[gpp->n++].text = pv_span(NULL, 0);
    }
    return PV_OK;
}

static pv_status_t read_header(pv_span_t digits, pv_gpp_t *gpp)
{
    pv_bits_t bits = pv_bits(digits);
    unsigned type = (unsigned)pv_bits_take(&bits, 6);
    unsigned version = (unsigned)pv_bits_take(&bits, 6);
    unsigned items = (unsigned)pv_bits_take(&bits, 12);
    unsigned last = 0;

    gpp->n = 0;
    if (bits.over || type != HEADER_TYPE || version != HEADER_VERSION) {
        return PV_BAD;
    }
    while (items-- > 0) {
        unsigned group = (unsigned)pv_bits_take(&bits, 1);
        unsigned offset = take_fibonacci(&bits);
        unsigned length = group ? take_fibonacci(&bits) : 0;
        pv_status_t status;

        if (bits.over || offset == 0 || (group && length == 0)) {
            return PV_BAD;
        }
        status = add_ids(gpp, last + offset, last + offset + length);
        if (status != PV_OK) {
            return status;
        }
        last += offset + length;
    }
    return pv_bits_done(&bits) ? PV_OK : PV_BAD;
}

/* A section: digits, in segments between dots. */
static apr_size_t section_run(pv_span_t text)
{
    apr_size_t run = pv_base64url_run(text.ptr, text.len);

    while (run < text.len && text.ptr[run] == '.') {
        run++;
        run += pv_base64url_run(text.ptr + run, text.len - run);
    }
    return run;
}

pv_status_t pv_gpp_read(pv_span_t text, pv_gpp_t *gpp)
{
    apr_size_t run = pv_base64url_run(text.ptr, text.len);
    pv_status_t status = read_header(pv_span(text.ptr, run), gpp);

    for (unsigned i = 0; status == PV_OK && i < gpp->n; i++) {
        if (run == text.len || text.ptr[run] != '~') {
            return PV_BAD;
        }
        text = pv_span(text.ptr + run + 1, text.len - run - 1);
        run = section_run(text);
        if (run == 0) {
            return PV_BAD;
        }
        gpp->section[i].text = pv_span(text.ptr, run);
    }
    return status == PV_OK && run != text.len ? PV_BAD : status;
}

/* Where in its section an opt-out stands, in bits; 0 if the section has none. */
typedef struct {
    unsigned char versions; /* known, from 1 on */
    unsigned char sale, sharing, targeted;
} layout_t;

static const layout_t layout_nation = { 2, 18, 20, 22 };
static const layout_t layout_california = { 1, 12, 14, 0 };
static const layout_t layout_utah_iowa = { 1, 14, 0, 16 };
static const layout_t layout_recent = { 1, 16, 0, 18 }; /* Maryland and later */
static const layout_t layout_other = { 1, 12, 0, 14 };

static const layout_t *layout_of(unsigned id)
{
    switch (id) {
    case 7:
        return &layout_nation;
    case 8:
        return &layout_california;
    case 11:
    case 18:
        return &layout_utah_iowa;
    case 24:
    case 25:
    case 26:
    case 27:
        return &layout_recent;
    default:
        return &layout_other;
    }
}

static pv_status_t take_optout(apr_uint32_t head, unsigned at, pv_optout_t *optout)
{
    unsigned value = at == 0 ? PV_OPTOUT_NOT_APPLICABLE : (head >> (24 - 2 - at) & 3);

    if (value > PV_OPTOUT_NO) {
        return PV_BAD;
    }
    *optout = (pv_optout_t)value;
    return PV_OK;
}

pv_status_t pv_gpp_us_read(unsigned id, pv_span_t text, pv_gpp_us_t *us)
{
    const layout_t *layout = layout_of(id);
    pv_bits_t bits = pv_bits(pv_span(text.ptr, pv_base64url_run(text.ptr, text.len)));
    apr_uint32_t head = (apr_uint32_t)pv_bits_take(&bits, 24);
    unsigned version = head >> 18;

    if (bits.over || version == 0 || version > layout->versions) {
        return PV_BAD;
    }
    if (take_optout(head, layout->sale, &us->sale) != PV_OK ||
        take_optout(head, layout->sharing, &us->sharing) != PV_OK) {
        return PV_BAD;
    }
    return take_optout(head, layout->targeted, &us->targeted);
}

pv_status_t pv_usprivacy_read(pv_span_t text, pv_optout_t *sale)
{
    if (text.len != 4 || text.ptr[0] != '1') {
        return PV_BAD;
    }
    for (int i = 1; i < 4; i++) {
        char c = pv_lower(text.ptr[i]);

        if (c != 'y' && c != 'n' && c != '-') {
            return PV_BAD;
        }
    }
    switch (pv_lower(text.ptr[2])) {
    case 'y':
        *sale = PV_OPTOUT_YES;
        break;
    case 'n':
        *sale = PV_OPTOUT_NO;
        break;
    default:
        *sale = PV_OPTOUT_NOT_APPLICABLE;
        break;
    }
    return PV_OK;
}
