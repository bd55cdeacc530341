/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file pv_scan.h
 * @brief The tags of an HTML or XHTML document, as browsers find them (rule H4).
 *
 * A push parser: fed with chunks of any size, it calls a sink for the start
 * tags that were asked for, and passes everything else by. What is a tag is what
 * the tokenizer of WHATWG HTML, section 13.2.5, says, switched as tree
 * construction (13.2.6) switches it: raw text, script data with its escapes,
 * plaintext, CDATA in svg and math.
 *
 * <b>Readings.</b> Browsers do not all read alike: with scripting a noscript is
 * text, without it is markup; older ones ignore most of what stands in a
 * select. And tree construction may depend on elements that a streaming
 * scanner does not remember. Wherever two readings are possible the scanner
 * follows both, each on a lane of its own, until they agree again; the
 * sink is called for what any of them sees. At most PV_SCAN_LANES are
 * followed; see pv_scan_limited().
 *
 * <b>Memory</b> does not grow with the document. What an event needs in one piece
 * (a tag asked for, a script's text) is kept up to `limit` bytes; the
 * input is copied only where it is split inside such a piece. Unless there are too
 * many readings, results do not depend on how the input is split.
 *
 * Offsets count bytes from the beginning of the document.
 */

#ifndef PV_SCAN_H
#define PV_SCAN_H

#include <apr_pools.h>

#include "html/pv_tag.h"
#include "pv.h"

/** How many readings are followed at once. */
#define PV_SCAN_LANES 12

/** What a tag or script text may have, unless the options say otherwise. */
#define PV_SCAN_LIMIT 65536

/** Who reads, in pv_scan_event_t.readings. */
enum {
    PV_READ_SCRIPT = 1, /**< a browser that runs scripts */
    PV_READ_PLAIN = 2   /**< one that does not */
};

typedef enum {
    /** bytes [begin, end) are done with: no event will ask for an edit in front of
     *  end. In order and without gaps, these are the whole document. */
    PV_SCAN_PASS = 0,
    /** A start tag that was asked for: bytes from `<` to `>`. */
    PV_SCAN_START,
    /** A start tag that was asked for and is longer than the limit: the bytes
     *  from `<` on. If its last attribute is open, it is that one which is too
     *  long; else the tag's other attributes may follow as PV_SCAN_ATTR. */
    PV_SCAN_CUT,
    /** One more attribute with a value of a tag that was cut: bytes from its name
     *  on. Open if it is longer than the limit itself. */
    PV_SCAN_ATTR,
    /** The text of a script, asked for by PV_SCAN_WANT_TEXT: bytes from the `<` of its
     *  start tag on, the text begins at offset `text`. If `open`, the limit came
     *  before the end tag, and nothing more of it will be told. */
    PV_SCAN_TEXT,
    /** The end tag of an element for which PV_SCAN_WANT_END was answered; that begins at
     *  offset `text`. */
    PV_SCAN_END,
    /** At offset end, something may be put first into the head. Once a lane. */
    PV_SCAN_HEAD,
    /** At offset end, something may be put first into the body. Once a lane. */
    PV_SCAN_BODY,
    /** The document is a frameset: it has no body. */
    PV_SCAN_FRAMESET,

    /* Only where options.all is set; begin and end, without bytes. */
    PV_SCAN_END_TAG,
    PV_SCAN_COMMENT, /**< bogus ones too; its text is [text, text_end) */
    PV_SCAN_DOCTYPE,
    PV_SCAN_CDATA,  /**< its text is [text, text_end) */
    PV_SCAN_NOTHING /**< dropped: `</>`, and a tag that is open at the end */
} pv_scan_kind_e;

typedef struct {
    pv_scan_kind_e kind;
    pv_tag_e tag;
    unsigned readings;         /**< PV_READ_…, one or both */
    unsigned self_closing : 1; /**< START: `/>` */
    unsigned open : 1;         /**< TEXT, ATTR: cut at the limit */
    unsigned foreign : 1;      /**< START: inside svg or math, by their rules; never in XML */
    unsigned single : 1;       /**< no other reading is being followed */
    unsigned inert : 1;        /**< inside a template */
    unsigned crowded : 1;      /**< TEXT: cut, since too many scripts stand in it */
    unsigned markup : 1;       /**< TEXT: of svg or XML: references and CDATA count in it */
    /** HEAD, BODY, END: in every reading markup may be inserted at `end`. */
    unsigned clear : 1;
    apr_uint64_t begin;
    apr_uint64_t end;
    apr_uint64_t text;
    apr_uint64_t text_end;
    /** Valid during the call. */
    pv_span_t bytes;
} pv_scan_event_t;

/** What a sink may answer to PV_SCAN_START and PV_SCAN_CUT, added up. */
enum {
    PV_SCAN_WANT_TEXT = 1, /**< START of a script: its text */
    PV_SCAN_WANT_END = 2,  /**< START or CUT of an iframe: where it ends */
    PV_SCAN_WANT_ATTRS = 4 /**< CUT: the attributes that follow */
};

/** @return PV_SCAN_WANT_…, or 0 */
typedef unsigned (*pv_scan_sink_t)(void *ctx, const pv_scan_event_t *event);

/** How pv_scan_options_t.want asks for a start tag. */
enum {
    PV_SCAN_IGNORE = 0,
    PV_SCAN_WANT,
    PV_SCAN_WANT_PING /**< only if it has an attribute with `ping` in its name or value */
};

typedef struct {
    /** One of the values above for each pv_tag_e; NULL for none. */
    const unsigned char *want;
    /** Bytes of a tag or a script's text that are kept; 0 is PV_SCAN_LIMIT. At least 64. */
    apr_size_t limit;
    /** The document is XML: no raw text, one reading, `<?` to `?>`. */
    unsigned xml : 1;
    /** Tell of every tag, comment and so on. */
    unsigned all : 1;
    /** The tokenizer alone: no tag switches it (for its own test suite). */
    unsigned bare : 1;
    /** PV_READ_…: whose readings are followed; 0 is both. */
    unsigned readings;
} pv_scan_options_t;

/** A document being scanned. */
typedef struct pv_scan_t pv_scan_t;

/**
 * Begin a document.
 * @param options copied, but want is used where it is; NULL for a default
 * @param pool for the scan and its buffers, which may live as long as it
 */
pv_scan_t *pv_scan_create(const pv_scan_options_t *options, pv_scan_sink_t sink, void *ctx,
                          apr_pool_t *pool);

/** Where a tokenizer may begin, for its own test suite. */
typedef enum {
    PV_SCAN_AT_DATA = 0,
    PV_SCAN_AT_RCDATA,
    PV_SCAN_AT_RAWTEXT,
    PV_SCAN_AT_SCRIPT,
    PV_SCAN_AT_PLAINTEXT,
    PV_SCAN_AT_CDATA
} pv_scan_at_e;

/** Before the first byte: begin elsewhere, with `last` as the last start tag. */
void pv_scan_begin_at(pv_scan_t *scan, pv_scan_at_e at, pv_tag_e last);

/** The next bytes; the sink is called for all that they decide. */
void pv_scan_feed(pv_scan_t *scan, const char *buf, apr_size_t len);

/** The document is over: what is still kept is passed. A tag that is open is none. */
void pv_scan_end(pv_scan_t *scan);

/**
 * PV_OK, or PV_LIMIT where more readings were possible than are followed, or
 * more elements open in svg and math than are remembered: a tag that only
 * one of the dropped readings sees was not told.
 */
pv_status_t pv_scan_limited(const pv_scan_t *scan);

#endif /* PV_SCAN_H */
