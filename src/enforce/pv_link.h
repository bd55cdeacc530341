/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file pv_link.h
 * @brief The Link header field (RFC 8288, section 3): its members, and their
 *        removal (rule R6).
 *
 * Browsers act on preload, modulepreload, prefetch, preconnect and dns-prefetch
 * (all of them), stylesheet and next (Firefox), compression-dictionary (Chromium).
 * They read what is not well-formed each in their own way: where a field stops to
 * be well-formed, all that follows is one doubtful member.
 */

#ifndef PV_LINK_H
#define PV_LINK_H

#include "pv.h"

/** One member, read. */
typedef struct {
    /** Without the separators around it. */
    pv_span_t whole;
    /** The URL reference between `<` and `>`; empty if doubtful. */
    pv_span_t target;
    /** From the first `;`; empty if doubtful. */
    pv_span_t params;
    /** A relation makes browsers load something, or look for where to load it. */
    int loads;
    /** Not well-formed, or well-formed but known to be read differently: an odd
     *  number of `'` outside quotes, `\` or `<` in a parameter. Ends the field. */
    int doubtful;
} pv_link_t;

/**
 * The next member of a field value.
 * @param rest what is left of the value, at first all of it
 * @return 0 if there is none
 */
int pv_link_next(pv_span_t *rest, pv_link_t *link);

/** Whether a URL reference (bytes as they stand) is that of a held tracker. */
typedef int (*pv_link_held_fn)(void *data, const char *ref, apr_size_t len);

/** What is left of a field. */
typedef enum {
    PV_LINK_SAME = 0, /**< every byte; out holds nothing of use */
    PV_LINK_CHANGED,  /**< what out holds */
    PV_LINK_EMPTY     /**< nothing: the field should go */
} pv_link_result_t;

/**
 * Whether the member would load what is held: its target, or a candidate of its
 * imagesrcset. Of a doubtful one anything that could be either counts.
 */
int pv_link_is_held(const pv_link_t *link, pv_link_held_fn held, void *data);

/**
 * Write a value again without the members that are held; the others keep their
 * bytes, and the separator in front of them.
 * @param out len bytes; not buf
 * @param out_len gets the bytes written
 */
pv_link_result_t pv_link_filter(const char *buf, apr_size_t len, pv_link_held_fn held, void *data,
                                char *out, apr_size_t *out_len);

#endif /* PV_LINK_H */
