/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file pv_gpp.h
 * @brief The strings of IAB Tech Lab's Global Privacy Platform (Consent String
 *        Specification, Section Information) and US Privacy (U.S. Privacy String).
 */

#ifndef PV_GPP_H
#define PV_GPP_H

#include "pv.h"

/** Sections of one string at most. */
#define PV_GPP_SECTIONS 32

/** Sections by their id; US states' are 8 to 27. */
enum { PV_GPP_TCF_EU = 2, PV_GPP_USP = 6, PV_GPP_US_FIRST = 7, PV_GPP_US_LAST = 27 };

/** What was opted out of: the values that the US sections' fields have. */
typedef enum {
    PV_OPTOUT_NOT_APPLICABLE = 0,
    PV_OPTOUT_YES = 1, /**< the visitor opted out */
    PV_OPTOUT_NO = 2   /**< the visitor was asked and did not */
} pv_optout_t;

/** A section of one of the United States, or of all of them. */
typedef struct {
    pv_optout_t sale;     /**< of personal data */
    pv_optout_t sharing;  /**< of it; NOT_APPLICABLE where the section has no such field */
    pv_optout_t targeted; /**< advertising, likewise */
} pv_gpp_us_t;

typedef struct {
    unsigned n;
    struct {
        unsigned id;
        pv_span_t text;
    } section[PV_GPP_SECTIONS];
} pv_gpp_t;

/**
 * Read the header and split the sections, which need not be known, but must be
 * as many as the header says, and made of characters that sections are made of.
 * @return PV_OK; PV_BAD; PV_LIMIT for more than PV_GPP_SECTIONS
 */
pv_status_t pv_gpp_read(pv_span_t text, pv_gpp_t *gpp);

/** Is this the id of a US section that pv_gpp_us_read() reads? */
static inline int pv_gpp_is_us(unsigned id)
{
    return id >= PV_GPP_US_FIRST && id <= PV_GPP_US_LAST;
}

/**
 * Read the opt-outs of a US section. Its other fields, and the GPC flag of a
 * sub-section, are not weighed: the request has a Sec-GPC of its own.
 * @param id one for which pv_gpp_is_us() is true
 * @return PV_OK, or PV_BAD for an unknown version of the section, a value that
 *         is none, or one that ends before its opt-outs
 */
pv_status_t pv_gpp_us_read(unsigned id, pv_span_t text, pv_gpp_us_t *us);

/**
 * Read a US Privacy string: `1`, then notice, opt-out and LSPA, each `Y`, `N` or
 * `-`, in either case.
 * @return PV_OK or PV_BAD
 */
pv_status_t pv_usprivacy_read(pv_span_t text, pv_optout_t *sale);

#endif /* PV_GPP_H */
