/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file pv_scan_private.h
 * @brief What the files of the scanner share; for pv_scan*.c alone.
 *
 *   pv_scan.c        a document: feeding, what is kept, what is passed
 *   pv_scan_lane.c   the readings: fork, merge, whose turn it is, events
 *   pv_scan_skim.c   the way past what nobody asked for
 *   pv_scan_token.c  data state and tags
 *   pv_scan_text.c   raw text, script data, comments, CDATA, doctypes
 *   pv_scan_tree.c   what tree construction does to the tokenizer
 *   pv_scan_foreign.c  the same inside svg and math
 */

#ifndef PV_SCAN_PRIVATE_H
#define PV_SCAN_PRIVATE_H

#include "html/pv_attr.h"
#include "html/pv_scan.h"

/** No offset. */
#define PV_NONE APR_UINT64_MAX

/** Elements that are remembered inside svg and math. */
#define PV_SCAN_DEPTH 64

/** Bytes of a tag's name that are waited for before it is taken for unknown. */
#define PV_SCAN_NAME 32

typedef enum {
    S_DATA = 0,
    S_RCDATA,
    S_RAWTEXT,
    S_SCRIPT,
    S_SCRIPT_ESCAPED, /* run: dashes just seen */
    S_SCRIPT_DOUBLE,  /* the same */
    S_PLAINTEXT,
    S_CDATA, /* run: brackets just seen */
    S_NAME,  /* in a tag's name of more than PV_SCAN_NAME bytes */
    S_TAG,   /* behind a tag's name; walk knows the rest */
    S_COMMENT_START,
    S_COMMENT_START_DASH,
    S_COMMENT, /* run: dashes just seen */
    S_COMMENT_BANG,
    S_BOGUS,
    S_INSTRUCTION, /* XML; run: 1 behind a `?` */
    S_DOCTYPE,
    S_XML_DOCTYPE /* run: depth of brackets; quote: the one that is open */
} pv_state_e;

/* Where in a tag, behind its name: WHATWG HTML, 13.2.5.32 to 13.2.5.40. */
typedef enum {
    W_BEFORE_NAME = 0,
    W_NAME,
    W_AFTER_NAME,
    W_BEFORE_VALUE,
    W_DOUBLE_QUOTED,
    W_SINGLE_QUOTED,
    W_UNQUOTED,
    W_AFTER_QUOTED,
    W_SLASH
} pv_walk_state_e;

typedef struct {
    const char *attr; /* where an attribute began in this call, or NULL */
    pv_walk_state_e state;
    unsigned char self_closing;
    unsigned char stop; /* stop where an attribute begins, and behind each value */
} pv_walk_t;

typedef enum { WALK_MORE, WALK_NAME, WALK_VALUE, WALK_DONE } pv_walk_e;

typedef enum { NS_HTML, NS_SVG, NS_MATHML } pv_ns_e;

/* Integration points, 13.2.6: where HTML begins again inside svg and math. */
typedef enum { POINT_NONE, POINT_HTML, POINT_TEXT } pv_point_e;

/* An element inside svg or math. */
typedef struct {
    apr_uint64_t hash; /* of its name, in lower case */
    unsigned char tag;
    unsigned char ns;
    unsigned char point;
    /* Of a point: which HTML elements are open in it is not certain. Of an HTML
     * element: another's start tag may close it. */
    unsigned char messy;
} pv_node_t;

/* A script whose text was asked for. */
typedef struct {
    apr_uint64_t begin; /* of its start tag */
    apr_uint64_t text;
    apr_uint64_t limit; /* where this becomes too much */
    unsigned depth;     /* in svg: the elements that are open, itself included; in XML: the
                         * scripts in it that nobody asked for */
    unsigned char markup;
} pv_script_t;

#define PV_SCAN_SCRIPTS 3

/* How far into the document, 13.2.6.4.1 to 13.2.6.4.7. */
typedef enum { P_BEFORE_HEAD, P_IN_HEAD, P_AFTER_HEAD, P_BODY, P_FRAMESET } pv_phase_e;

/* Where start tags may be ignored. */
enum {
    DOUBT_SELECT = 1, /* older browsers in a select */
    DOUBT_STICKY = 2, /* a template in it: `</select>` may not end it */
    DOUBT_COLUMN = 4  /* a col in a template */
};

/* One reading of the document. */
typedef struct {
    apr_uint64_t pos; /* the next byte */
    pv_state_e state;
    pv_tag_e raw; /* RCDATA, RAWTEXT, script data: whose end tag ends it */
    const char *raw_name;
    unsigned readings;
    unsigned serial;
    unsigned char blocked; /* nothing to do until there is more input */
    unsigned char run;
    char quote;

    /* The tag, or comment and so on, that is being read. */
    apr_uint64_t begin;
    apr_uint64_t text; /* of a comment or CDATA */
    apr_uint64_t hash;
    apr_uint64_t attr;  /* the attribute that is being read */
    apr_uint64_t keep;  /* from where on bytes are kept for it, or PV_NONE */
    apr_uint64_t limit; /* where this becomes too much, or PV_NONE */
    apr_uint64_t told;  /* the attribute that was told though open, or PV_NONE */
    pv_tag_t tag;
    pv_walk_t walk;
    unsigned answer; /* the sink's, to PV_SCAN_CUT */
    unsigned char is_end;
    unsigned char asked;
    unsigned char cut;
    unsigned char prefixed; /* XML: the name has a namespace prefix */

    /* Where markup would be markup, text or nothing: in the text that was read last; in the
     * noscript that is being read; in the noscript or comment that was read last. */
    apr_uint64_t data_begin;
    apr_uint64_t data_end;
    apr_uint64_t raw_begin;
    apr_uint64_t quiet_begin;
    apr_uint64_t quiet_end;

    /* Scripts whose text is kept, one in the other: in svg and XML it is markup. */
    pv_script_t scripts[PV_SCAN_SCRIPTS];
    unsigned script_count;
    pv_tag_e want_end;
    apr_uint64_t want_begin; /* of the element whose end it is */

    /* Tree construction. */
    pv_phase_e phase;
    unsigned doubts;
    unsigned templates;
    unsigned depth;
    pv_node_t nodes[PV_SCAN_DEPTH]; /* last: a copy ends at depth */
} pv_lane_t;

/* A place for markup, until all readings have come to it. */
typedef struct {
    pv_scan_event_t event;
    unsigned serial; /* of the lane that found it */
} pv_spot_t;

#define PV_SCAN_SPOTS 4

struct pv_scan_t {
    pv_scan_options_t options;
    pv_scan_sink_t sink;
    void *ctx;
    apr_pool_t *pool;
    unsigned char stops[PV_TAG_COUNT]; /* start tags that skimming stops for */

    /* What lanes look at: bytes [base, end) of the document. */
    const char *window;
    apr_uint64_t base;
    apr_uint64_t end;
    unsigned char final; /* and nothing follows */
    unsigned char tags;  /* at least one tag was seen */
    unsigned char limited;

    char *kept; /* bytes from kept_base on that an earlier feed brought */
    apr_size_t kept_len;
    apr_size_t kept_size;
    apr_uint64_t kept_base;
    apr_uint64_t passed; /* up to where the sink has been told PV_SCAN_PASS */

    pv_lane_t *lanes[PV_SCAN_LANES]; /* the first lane_count are in use */
    unsigned lane_count;
    unsigned serials;
    pv_spot_t spots[PV_SCAN_SPOTS];
    unsigned spot_count;
    pv_lane_t store[PV_SCAN_LANES]; /* last: most of it is never used */
};

static inline const char *pv_scan_at(const pv_scan_t *scan, apr_uint64_t offset)
{
    return scan->window + (offset - scan->base);
}

static inline apr_uint64_t pv_scan_offset(const pv_scan_t *scan, const char *p)
{
    return scan->base + (apr_uint64_t)(p - scan->window);
}

/** The end of what a lane may read before it must look at its limits. */
const char *pv_lane_bound(const pv_scan_t *scan, const pv_lane_t *lane);

/** A second reading from here on, or NULL (and the scan is limited). */
pv_lane_t *pv_lane_fork(pv_scan_t *scan, const pv_lane_t *lane);

/** Nothing can be decided from offset on until there is more input. */
void pv_lane_wait(pv_lane_t *lane, apr_uint64_t offset);

/** One token, or as much of one as there is. */
void pv_lane_step(pv_scan_t *scan, pv_lane_t *lane);

/** All lanes to the end of the window. */
void pv_scan_run(pv_scan_t *scan);

/** From where on bytes are still needed. */
apr_uint64_t pv_scan_needed(const pv_scan_t *scan);

/** Tell the sink; [begin, end) are given as bytes if `bytes`. */
unsigned pv_lane_tell(pv_scan_t *scan, const pv_lane_t *lane, pv_scan_kind_e kind,
                      apr_uint64_t begin, apr_uint64_t end, int bytes);

/** Tell the sink, with `all`, of what has a text of its own. */
void pv_lane_tell_text(pv_scan_t *scan, const pv_lane_t *lane, pv_scan_kind_e kind,
                       apr_uint64_t text_end);

/** Tell the sink of a place for markup, as soon as it is known to be clear. */
void pv_lane_spot(pv_scan_t *scan, const pv_lane_t *lane, pv_scan_kind_e kind, apr_uint64_t begin,
                  apr_uint64_t end);

/** Resolve the places that all lanes have come to. */
void pv_scan_spots(pv_scan_t *scan);

/** The first `<` from p on that begins anything but text or a tag that nobody asked
 *  for; or end. */
const char *pv_scan_skim(const pv_scan_t *scan, const char *p, const char *end);

/** Whether `ping` stands in these bytes. */
int pv_scan_has_ping(const char *p, const char *end);

/** Read on behind a tag's name. */
pv_walk_e pv_walk(pv_walk_t *walk, const char **p, const char *end);

/* pv_scan_token.c */
void pv_step_data(pv_scan_t *scan, pv_lane_t *lane);
void pv_step_name(pv_scan_t *scan, pv_lane_t *lane);
void pv_step_tag(pv_scan_t *scan, pv_lane_t *lane);
/** The tag is longer than the limit. */
void pv_lane_cut_tag(pv_scan_t *scan, pv_lane_t *lane);
/** An end tag whose name ends at p. */
void pv_lane_end_tag(pv_scan_t *scan, pv_lane_t *lane, apr_uint64_t begin, const char *p);

/* pv_scan_text.c */
void pv_step_raw(pv_scan_t *scan, pv_lane_t *lane);
void pv_step_script(pv_scan_t *scan, pv_lane_t *lane);
void pv_step_comment(pv_scan_t *scan, pv_lane_t *lane);
/** The bytes in front of pos that may turn out to belong to a comment's end. */
unsigned pv_lane_comment_tail(const pv_lane_t *lane);
void pv_step_until_gt(pv_scan_t *scan, pv_lane_t *lane);
void pv_step_cdata(pv_scan_t *scan, pv_lane_t *lane);
void pv_step_xml(pv_scan_t *scan, pv_lane_t *lane);
/** Tell the text of a script that is kept, up to offset end. */
void pv_lane_script_text(pv_scan_t *scan, pv_lane_t *lane, unsigned which, apr_uint64_t end);
/** The document ends inside a comment and the like. */
void pv_lane_finish(pv_scan_t *scan, pv_lane_t *lane);

/* pv_scan_tree.c */
/** A tag whose name is known is about to be read. */
void pv_tree_open(pv_scan_t *scan, pv_lane_t *lane);
/** Text other than white space, at offset. */
void pv_tree_text(pv_scan_t *scan, pv_lane_t *lane, apr_uint64_t offset);
/** A start tag has been read; bytes are its own, or empty if they were not kept. */
void pv_tree_start(pv_scan_t *scan, pv_lane_t *lane, pv_span_t bytes);
void pv_tree_end(pv_scan_t *scan, pv_lane_t *lane);
/** The rules for HTML content, whatever is open. */
void pv_tree_html_start(pv_scan_t *scan, pv_lane_t *lane);
void pv_tree_html_end(pv_scan_t *scan, pv_lane_t *lane);

/* pv_scan_foreign.c */
/** Whether the tag is read by the rules for foreign content. */
int pv_foreign_applies(const pv_lane_t *lane);
/** Whether the lane stands in svg or math, which markup of HTML's would end. */
int pv_foreign_is_around(const pv_lane_t *lane);
/** Whether `<![CDATA[` begins a CDATA section. */
int pv_foreign_has_cdata(const pv_lane_t *lane);
void pv_foreign_root(pv_scan_t *scan, pv_lane_t *lane);
void pv_foreign_start(pv_scan_t *scan, pv_lane_t *lane, pv_span_t bytes);
void pv_foreign_end(pv_scan_t *scan, pv_lane_t *lane);
/** HTML inside an integration point. */
void pv_foreign_html_start(pv_scan_t *scan, pv_lane_t *lane);
void pv_foreign_html_end(pv_scan_t *scan, pv_lane_t *lane);

#endif /* PV_SCAN_PRIVATE_H */
