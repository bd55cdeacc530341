/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file pv_tcf.h
 * @brief The TC string of IAB Europe's Transparency and Consent Framework,
 *        version 2 (IAB Tech Lab, Consent string and vendor list formats v2).
 *
 * Read are the purposes consented to and, for one vendor, whether it has consent
 * and which purposes the publisher has closed to it. Legitimate interests are
 * not consent and are passed over, but for the check that none is claimed where
 * the policy forbids it.
 */

#ifndef PV_TCF_H
#define PV_TCF_H

#include "pv.h"

/** A purpose, 1 to 24, as a bit of the fields below. */
#define PV_TCF_PURPOSE(n) (1u << (24 - (n)))

/** The purposes that the policy defines. */
#define PV_TCF_PURPOSES 11

/** Vendors that are read at most: the largest MaxVendorId. */
#define PV_TCF_VENDORS 4096

typedef struct {
    apr_uint64_t created;  /**< tenths of a second since 1970 */
    unsigned policy;       /**< version of the TCF policies */
    unsigned vendor_list;  /**< version of the Global Vendor List */
    apr_uint32_t purposes; /**< consented to */
    /** Closed to the vendor asked about: a publisher restriction says "not
     *  allowed", or "legitimate interest only", which is no consent. */
    apr_uint32_t restricted;
    unsigned vendor : 1;      /**< the vendor asked about has consent */
    unsigned one_treated : 1; /**< PurposeOneTreatment: purpose 1 was not asked about */
} pv_tcf_t;

/**
 * Read a TC string whole, its other segments too: they must be well formed, and
 * are not weighed. (A list of disclosed vendors is a segment of its own: were it
 * weighed, the string cut off before it would grant more than the whole.)
 *
 * Refused are: another version than 2; IsServiceSpecific 0; a policy older than
 * 4 in a string created after 30 September 2023; no vendor list; legitimate
 * interest in purposes 3 to 6 under policy 4 and later; a range that is not
 * 1 <= start < end <= MaxVendorId; whatever ends early; anything but zeros
 * behind the last field.
 *
 * @param vendor the vendor asked about, or 0
 * @return PV_OK; PV_BAD; PV_LIMIT for more vendors than PV_TCF_VENDORS.
 *         tcf is to be relied on after PV_OK alone
 */
pv_status_t pv_tcf_read(pv_span_t text, unsigned vendor, pv_tcf_t *tcf);

/** The purposes that may be relied on: all consented to, or with a vendor asked
 *  about those that the vendor may use, none if it has no consent. */
static inline apr_uint32_t pv_tcf_granted(const pv_tcf_t *tcf, unsigned vendor)
{
    if (vendor == 0) {
        return tcf->purposes;
    }
    return tcf->vendor ? tcf->purposes & ~tcf->restricted : 0;
}

#endif /* PV_TCF_H */
