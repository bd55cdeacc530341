/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file pv_rewrite_private.h
 * @brief What pv_rewrite.c (a document, its events) and pv_hold.c (an element) share.
 */

#ifndef PV_REWRITE_PRIVATE_H
#define PV_REWRITE_PRIVATE_H

#include "html/pv_element.h"
#include "html/pv_rewrite.h"
#include "html/pv_scan.h"

/** A document in a srcdoc in a srcdoc …; what is deeper is doubt. */
#define PV_REWRITE_DEPTH 4

/** Bases that different readings may have. */
#define PV_REWRITE_BASES 4

/** What is kept of a base's href. */
#define PV_REWRITE_BASE_MAX 4096

struct pv_rewrite_t {
    pv_rewrite_options_t options;
    const pv_rewrite_calls_t *calls;
    void *ctx;
    apr_pool_t *pool;
    pv_scan_t *scan;
    pv_edits_t edits;
    pv_scratch_t scratch; /* for the values of one tag */
    pv_scratch_t decoded; /* for a script's text */
    apr_uint64_t passed;
    pv_message_e message;
    unsigned char head_done;

    /* What URLs may be relative to: the document itself until a base surely counts. */
    unsigned char base_is_sure;
    unsigned base_count;
    pv_span_t bases[PV_REWRITE_BASES];

    /* The placeholder of the iframe that is open. */
    pv_scratch_t waiting;
    apr_size_t waiting_len;

    /* A srcdoc is only searched for what would be held. */
    unsigned depth;
    unsigned char probing;
    const char *found;
};

/** A start tag, whole or cut: judge and hold it. @return PV_SCAN_WANT_… */
unsigned pv_hold_tag(pv_rewrite_t *rewrite, const pv_scan_event_t *event);

/** An attribute of a tag that was cut. */
void pv_hold_attr(pv_rewrite_t *rewrite, const pv_scan_event_t *event);

/** An inline script, with its text. */
void pv_hold_text(pv_rewrite_t *rewrite, const pv_scan_event_t *event);

/** The category of the first thing in a srcdoc that would be held, or NULL. */
const char *pv_rewrite_probe(pv_rewrite_t *rewrite, pv_span_t html);

#endif /* PV_REWRITE_PRIVATE_H */
