/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file pv_head.h
 * @brief The head of an HTTP/1.1 response as bytes, read and edited: of interim
 *        responses, upgrades and nph- scripts, which no header table ever holds
 *        (rule R2; RFC 9112, sections 2.2, 4 and 5).
 *
 * Fed in any pieces until the empty line. A line ends with LF or CRLF. What
 * clients read in several ways is judged in all of them, and in all of them at once
 * (rule D3): a folded line as a part of the one before and as one of its own, a bare
 * CR as a byte and as the end of a line, NUL as nothing. Lines that some client takes
 * for one field stay or go together.
 */

#ifndef PV_HEAD_H
#define PV_HEAD_H

#include <apr_pools.h>

#include "pv.h"

/** A head with more bytes than this is not kept. */
#define PV_HEAD_MAX 65536

/** A head as far as it has been read; made by pv_head_make(). */
typedef struct pv_head_t pv_head_t;

/** What becomes of a field. */
typedef enum { PV_FIELD_KEEP, PV_FIELD_DROP, PV_FIELD_REPLACE } pv_field_t;

/**
 * What decides on a field.
 * @param name as sent, without white space at its end
 * @param value unfolded, without outer white space
 * @param replacement for PV_FIELD_REPLACE: the new value, which lives until the
 *        head is reset
 */
typedef pv_field_t (*pv_head_field_t)(void *ctx, pv_span_t name, pv_span_t value,
                                      pv_span_t *replacement);

/** An empty head; it and all that it keeps are the pool's. */
pv_head_t *pv_head_make(apr_pool_t *pool);

/** Begin with the next head. */
void pv_head_reset(pv_head_t *head);

/**
 * Read on. Empty lines before a status line are a part of the head.
 * @param used how many bytes were taken
 * @return PV_OK at the end of the head: what follows was not taken;
 *         PV_MORE: all was taken;
 *         PV_BAD: it does not begin as an HTTP response does;
 *         PV_LIMIT: it exceeds PV_HEAD_MAX: what was not taken is no longer kept
 */
pv_status_t pv_head_feed(pv_head_t *head, const char *buf, apr_size_t len, apr_size_t *used);

/** After PV_LIMIT: read on, and keep nothing. At PV_OK the head is empty. */
void pv_head_skip(pv_head_t *head);

/** The status code; 0 while it has not been read, or if there is none. */
int pv_head_status(const pv_head_t *head);

/** Whether another head follows this one (1xx but 101). */
int pv_head_interim(const pv_head_t *head);

/** What has been kept so far, byte for byte. */
pv_span_t pv_head_raw(const pv_head_t *head);

/**
 * Ask about every field, and write the head anew: what is kept byte for byte, its
 * folds and line ends included. A head that was cut off is edited as it stands.
 * @return the text; it lives until the head is reset
 */
pv_span_t pv_head_edit(pv_head_t *head, pv_head_field_t field, void *ctx);

/** After pv_head_edit(): one more field at the end of the head, whose new text is
 *  returned. A head that was cut off stays as it is. */
pv_span_t pv_head_add(pv_head_t *head, pv_span_t name, pv_span_t value);

#endif /* PV_HEAD_H */
