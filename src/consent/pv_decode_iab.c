/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* The strings of the IAB as sources: tcf, gpp, usprivacy. */

#include "consent/pv_gpp.h"
#include "consent/pv_source_impl.h"
#include "consent/pv_tcf.h"

/* Enter the purposes of a TC string for every key that is one. */
static pv_status_t add_purposes(const pv_source_t *source, pv_span_t text, pv_reading_t *reading)
{
    pv_tcf_t tcf;
    apr_uint32_t granted;
    pv_status_t status = pv_tcf_read(text, source->vendor, &tcf);

    if (status != PV_OK) {
        return status;
    }
    granted = pv_tcf_granted(&tcf, source->vendor);
    for (unsigned i = 0; i < source->nkeys; i++) {
        unsigned purpose = source->keys[i].number;

        if (purpose > 0) {
            pv_reading_add(reading, (pv_keys_t)1 << i,
                           granted & PV_TCF_PURPOSE(purpose) ? PV_ANSWER_GRANTED
                                                             : PV_ANSWER_DENIED);
        }
    }
    return PV_OK;
}

pv_status_t pv_decode_tcf(const pv_decoding_t *d, pv_span_t value, pv_reading_t *reading)
{
    /* The framework's policies let a purpose's bit be set by an act of the
     * visitor alone. */
    reading->by_choice = 1;
    return add_purposes(d->source, value, reading);
}

void pv_reading_add_optout(pv_reading_t *reading, pv_keys_t keys, unsigned optout)
{
    switch (optout) {
    case PV_OPTOUT_YES:
        pv_reading_add(reading, keys, PV_ANSWER_DENIED);
        break;
    case PV_OPTOUT_NO:
        pv_reading_add(reading, keys, PV_ANSWER_GRANTED);
        break;
    default:
        pv_reading_add(reading, keys, PV_ANSWER_NOT_APPLICABLE);
        break;
    }
}

static pv_status_t add_us(const pv_source_t *source, unsigned id, pv_span_t text,
                          pv_reading_t *reading)
{
    pv_gpp_us_t us;
    pv_status_t status = pv_gpp_us_read(id, text, &us);

    if (status == PV_OK) {
        pv_reading_add_optout(reading, pv_source_key(source, PV_SPAN("sale")), us.sale);
        pv_reading_add_optout(reading, pv_source_key(source, PV_SPAN("sharing")), us.sharing);
        pv_reading_add_optout(reading, pv_source_key(source, PV_SPAN("targeted")), us.targeted);
    }
    return status;
}

static pv_status_t add_usp(const pv_source_t *source, pv_span_t text, pv_reading_t *reading)
{
    pv_optout_t sale;
    pv_status_t status = pv_usprivacy_read(text, &sale);

    if (status == PV_OK) {
        pv_reading_add_optout(reading, pv_source_key(source, PV_SPAN("sale")), sale);
    }
    return status;
}

/* Of several sections (a state's and the nation's) one opt-out is enough. */
pv_status_t pv_decode_gpp(const pv_decoding_t *d, pv_span_t value, pv_reading_t *reading)
{
    pv_gpp_t gpp;
    pv_status_t status = pv_gpp_read(value, &gpp);
    pv_keys_t us = 0;

    for (unsigned i = 0; status == PV_OK && i < gpp.n; i++) {
        unsigned id = gpp.section[i].id;
        pv_span_t text = gpp.section[i].text;

        if (id == PV_GPP_TCF_EU) {
            status = add_purposes(d->source, text, reading);
        }
        else if (id == PV_GPP_USP) {
            status = add_usp(d->source, text, reading);
        }
        else if (pv_gpp_is_us(id)) {
            status = add_us(d->source, id, text, reading);
        }
    }
    for (unsigned i = 0; i < d->source->nkeys; i++) {
        us |= d->source->keys[i].number == 0 ? (pv_keys_t)1 << i : 0;
    }
    /* By choice are the purposes alone: who did not opt out did not choose. */
    reading->by_choice = (reading->granted & us) == 0;
    return status;
}

pv_status_t pv_decode_usprivacy(const pv_decoding_t *d, pv_span_t value, pv_reading_t *reading)
{
    pv_optout_t sale;

    if (pv_usprivacy_read(value, &sale) == PV_OK) {
        pv_reading_add_optout(reading, d->keys, sale);
        return PV_OK;
    }
    return pv_decode_rules(d, value, reading);
}
