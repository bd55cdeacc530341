/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file pv_rewrite.h
 * @brief Trackers held back and messages placed in a document that streams by
 *        (rules H1 to H5, M1's place).
 *
 * The document is fed in chunks of any size; what comes out is emitted piece by piece,
 * the bytes of the document in order and whole, and between them insertions:
 * without these it is the document again (H1). The output does not depend on how
 * the input is split, unless there are more readings than are followed.
 *
 * What is a tag is pv_scan.h's business, what an element loads pv_element.h's; who is a
 * tracker is asked of the caller.
 *
 * <b>What is inserted.</b> ` data-privacy-category=NAME` behind the name of each tag that is held,
 * for a script ` type=text/plain` in front of it; `data-privacy-` in front of each attribute that
 * is held, of a script's own type, and of an author's label that says otherwise; and of all that
 * repeat their names, since the next of them would count. Unquoted: where readings differ, an
 * insertion may stand inside what another reading takes for a quoted value. In XML, where there is
 * one reading and unquoted values are fatal, they are quoted, and the prefix goes behind an
 * attribute's namespace prefix (`xlink:data-privacy-href`): an undeclared one would be fatal too.
 *
 * <b>Limits</b> (H5). Of a tag, and of the text of an inline script, `limit` bytes are kept.
 * - A longer script text is judged by its first `limit` bytes.
 * - A longer tag is judged by what is there; from then on each further attribute is judged
 *   as it comes, for itself, and held by the prefix in front of it: padding lets no
 *   tracker slip by. What an attribute that has not come yet would have said (rel, type, a
 *   label; of rel and type also a second one) counts as if it said the worst.
 * - Of an attribute value that is longer, the beginning is judged. A URL's beginning says whose
 *   it is, and the script in a `data:` or `javascript:` counts as an inline one does. Where it does
 *   not say it (nothing but white space, the rest of a srcset, of a srcdoc or another document, a
 *   script without src in a tag that does not end), the caller's judge_doubt() decides.
 * - Documents in attributes, and those in them, are searched up to a depth, and up to a number of
 *   bytes in each tag, PV_REWRITE_DEPTH and PV_REWRITE_PROBED; then judge_doubt() decides.
 *
 * <b>Memory</b>: bounded by these limits and the chunk; nothing that stays is allocated per
 * element.
 */

#ifndef PV_REWRITE_H
#define PV_REWRITE_H

#include <apr_pools.h>

#include "html/pv_edit.h"
#include "html/pv_tag.h"
#include "pv.h"

/** The longest name of a category. */
#define PV_CATEGORY_MAX 64

/** A URL to be judged. */
typedef struct {
    /** As the author wrote it, character references decoded (to UTF-8); not trimmed or resolved.
     *  Of a value over the limit the beginning. */
    pv_span_t url;
    /** The href of a base element that counts, decoded, at most its first 4096 bytes; relative to
     *  the document itself. ptr is NULL where the document's own URL is the base. */
    pv_span_t base;
    /** The element that would load it. */
    pv_tag_e tag;
    /** It is only connected to (dns-prefetch, preconnect): the host counts, not the path. */
    unsigned connect : 1;
} pv_load_t;

/** What an author's data-privacy-category means. */
typedef enum {
    PV_LABEL_NONE = 0, /**< the category is granted: the element is judged like any other */
    PV_LABEL_EXEMPT,   /**< necessary: the element is left alone */
    PV_LABEL_HELD      /**< denied, or unknown: the element is held */
} pv_label_e;

/** Why an element is held. */
typedef enum { PV_HELD_URL, PV_HELD_TEXT, PV_HELD_LABEL, PV_HELD_DOUBT } pv_held_e;

/** An element that is held. */
typedef struct {
    pv_tag_e tag;
    pv_held_e why;
    const char *category;
    pv_span_t url; /**< HELD_URL: the attribute's value, decoded; valid during the call */
} pv_held_t;

/**
 * The caller's side. ctx is given to each. A category is returned as a NUL-terminated name that
 * lives as long as the rewriter, of bytes `[A-Za-z0-9_-]` alone and at most
 * PV_CATEGORY_MAX of them; NULL lets pass. All but emit may be
 * NULL, for "never".
 */
typedef struct {
    /** The denied category of the tracker at a URL, or NULL. */
    const char *(*judge_url)(void *ctx, const pv_load_t *load);
    /** The denied category of an inline script, or NULL. Of svg and XML, the text is given as it
     *  stands, and once more with its references decoded; of a `data:` or `javascript:` URL with
     *  its encoding undone. */
    const char *(*judge_inline)(void *ctx, pv_span_t text);
    /** The category by which to hold what cannot be judged; NULL if nothing is denied. */
    const char *(*judge_doubt)(void *ctx);
    /** What a label means.
     *  @param category to be set for PV_LABEL_HELD: by what name a srcdoc is held that has such
     *         an element in it */
    pv_label_e (*judge_label)(void *ctx, pv_span_t name, const char **category);
    /** Markup to stand behind a held iframe that can be seen; empty for none. Copied. */
    pv_span_t (*placeholder)(void *ctx, const pv_held_t *held);
    /** Told of each element that is held; readings may tell of one twice. */
    void (*held)(void *ctx, const pv_held_t *held);
    /** The output. Bytes of the document lie in the chunk being fed, or in memory of the
     *  rewriter if they were kept from an earlier one; valid during the call. */
    pv_emit_t emit;
} pv_rewrite_calls_t;

typedef struct {
    /** Put first into the head, once; not into what has none. In XML it has to be well-formed. */
    pv_span_t head;
    /** Put first into the body, once; not into a frameset. The same. */
    pv_span_t message;
    /** The document is XML (application/xhtml+xml). */
    unsigned xml : 1;
    /** As pv_scan_options_t.limit; 0 for the default. */
    apr_size_t limit;
} pv_rewrite_options_t;

/** Where the message is. */
typedef enum {
    PV_MESSAGE_PENDING = 0, /**< the body has not begun */
    PV_MESSAGE_PLACED,      /**< emitted, or about to be with the next bytes */
    PV_MESSAGE_NOWHERE /**< there is no message, no body, or no place that all readings share */
} pv_message_e;

/** A document being rewritten. */
typedef struct pv_rewrite_t pv_rewrite_t;

/**
 * Begin a document.
 * @param options copied, but the spans are used where they are
 * @param calls used where it is
 * @param pool for the rewriter and its buffers
 */
pv_rewrite_t *pv_rewrite_create(const pv_rewrite_options_t *options,
                                const pv_rewrite_calls_t *calls, void *ctx, apr_pool_t *pool);

/** The next bytes. On return all has been emitted but what may still need an edit: the beginning
 *  of a tag, an inline script that is not yet decided. */
void pv_rewrite_feed(pv_rewrite_t *rewrite, const char *buf, apr_size_t len);

/** The document is over: the rest is emitted. */
void pv_rewrite_end(pv_rewrite_t *rewrite);

/** Where the message is. */
pv_message_e pv_rewrite_message(const pv_rewrite_t *rewrite);

/** PV_OK, or PV_LIMIT as pv_scan_limited() says it. */
pv_status_t pv_rewrite_limited(const pv_rewrite_t *rewrite);

#endif /* PV_REWRITE_H */
