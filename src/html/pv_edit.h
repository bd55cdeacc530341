/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file pv_edit.h
 * @brief Insertions that wait for their place in a document to pass (rule H1).
 */

#ifndef PV_EDIT_H
#define PV_EDIT_H

#include <apr_pools.h>

#include "pv.h"

/** One insertion. */
typedef struct {
    apr_uint64_t offset;
    apr_size_t text; /**< where in pv_edits_t.text */
    apr_size_t len;
    unsigned char in_tag; /**< inside a tag: two readings may ask for it */
} pv_edit_t;

/** The insertions of a document, by offset. Zeroed but for the pool at first. */
typedef struct {
    apr_pool_t *pool;
    pv_edit_t *list;
    apr_size_t count;
    apr_size_t size;
    char *text;
    apr_size_t text_len;
    apr_size_t text_size;
} pv_edits_t;

/** Where bytes of the document and insertions go, in order. */
typedef void (*pv_emit_t)(void *ctx, const char *buf, apr_size_t len, int inserted);

/**
 * Insert at offset, behind what is already inserted there.
 * @param in_tag 1 for an insertion inside a tag: where there is one already, it stands
 */
void pv_edit_add(pv_edits_t *edits, apr_uint64_t offset, const char *text, apr_size_t len,
                 int in_tag);

/**
 * Emit a piece of the document with its insertions, those at its end included.
 * @param buf bytes [begin, end) of the document, all of them not yet emitted
 */
void pv_edit_pass(pv_edits_t *edits, const char *buf, apr_uint64_t begin, apr_uint64_t end,
                  pv_emit_t emit, void *ctx);

#endif /* PV_EDIT_H */
