/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file pv_rewrite_private.h
 * @brief What pv_rewrite.c (a document, its events), pv_hold.c (an element) and pv_value.c (what
 *        it loads by an attribute) share.
 */

#ifndef PV_REWRITE_PRIVATE_H
#define PV_REWRITE_PRIVATE_H

#include "html/pv_element.h"
#include "html/pv_rewrite.h"
#include "html/pv_scan.h"

/** A document in an attribute of one in an attribute …; what is deeper is doubt. */
#define PV_REWRITE_DEPTH 4

/** Bytes of documents in one tag, and in these, in all their readings; a probe counts for
 *  some. What is more is doubt. */
#define PV_REWRITE_PROBED (1 << 20)

/** Bases that different readings may have. */
#define PV_REWRITE_BASES 4

/** What is kept of a base's href. */
#define PV_REWRITE_BASE_MAX 4096

/** A base that may be the one. */
typedef struct {
    pv_span_t href;
    apr_uint64_t end; /* of its tag: what begins before is not relative to it in any reading */
} pv_rewrite_base_t;

/** A placeholder, until the end of its iframe has come. */
typedef struct {
    pv_scratch_t text;
    apr_size_t len; /* 0: there is none */
    apr_uint64_t begin;
} pv_waiting_t;

struct pv_rewrite_t {
    pv_rewrite_options_t options;
    const pv_rewrite_calls_t *calls;
    void *ctx;
    apr_pool_t *pool;
    pv_scan_t *scan;
    pv_edits_t edits;
    pv_scratch_t scratch; /* for the values of one tag */
    pv_scratch_t decoded; /* for a script's text, and what a URL has in itself */
    apr_uint64_t passed;
    pv_message_e message;
    unsigned char head_done;

    /* What URLs may be relative to: the document itself until a base surely counts. */
    unsigned char base_is_sure;
    unsigned base_count;
    pv_rewrite_base_t bases[PV_REWRITE_BASES];
    apr_uint64_t at; /* where what is being judged begins */

    /* Of the iframes that are open in a reading each. */
    pv_waiting_t waiting[PV_SCAN_LANES];

    /* A document in an attribute is only searched for what would be held. */
    unsigned depth;
    unsigned char probing;
    const char *found;
    pv_held_e found_why;
    pv_held_e why;      /* of the value that was judged last: PV_HELD_URL or PV_HELD_DOUBT */
    apr_size_t probed;  /* of one tag's documents, by the outermost: bytes */
    pv_rewrite_t *root; /* that is the outermost */
};

/** The category of what cannot be judged, or NULL; rewrite->why says that it is doubt. */
const char *pv_rewrite_doubt(pv_rewrite_t *rewrite);

/** Have markup wait for the end of the iframe that begins there. */
void pv_rewrite_wait(pv_rewrite_t *rewrite, apr_uint64_t begin, pv_span_t markup);

/** The category of the first tracker that an element would load by a value, or NULL; says why
 *  in rewrite->why. */
const char *pv_value_judge(pv_rewrite_t *rewrite, const pv_element_t *element, pv_value_e kind,
                           pv_span_t value);

/** Whether one that is cut may still turn out to be a tracker's. */
int pv_value_doubtful(pv_tag_e tag, pv_value_e kind, pv_span_t value);

/** A start tag, whole or cut: judge and hold it. @return PV_SCAN_WANT_… */
unsigned pv_hold_tag(pv_rewrite_t *rewrite, const pv_scan_event_t *event);

/** An attribute of a tag that was cut. */
void pv_hold_attr(pv_rewrite_t *rewrite, const pv_scan_event_t *event);

/** An inline script, with its text. */
void pv_hold_text(pv_rewrite_t *rewrite, const pv_scan_event_t *event);

enum {
    PV_PROBE_SRCDOC = 0,
    PV_PROBE_DATA = 1 << 0, /**< of a `data:`, to which nothing is relative */
    PV_PROBE_XML = 1 << 1
};

/**
 * Look into the document that an attribute has in itself.
 * @param how PV_PROBE_…
 * @return the category of the first thing in it that would be held, or NULL
 */
const char *pv_rewrite_probe(pv_rewrite_t *rewrite, pv_span_t document, unsigned how);

#endif /* PV_REWRITE_PRIVATE_H */
