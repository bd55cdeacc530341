/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file pv_tag.h
 * @brief The tag names that mean something: to the tokenizer, to tree
 *        construction as far as the tokenizer depends on it (WHATWG HTML,
 *        section 13.2.6), and to who holds trackers.
 */

#ifndef PV_TAG_H
#define PV_TAG_H

#include "pv.h"

/** A tag name, by itself; all other names are PV_TAG_OTHER. */
typedef enum {
    PV_TAG_OTHER = 0,
    PV_TAG_A,
    PV_TAG_ANNOTATION_XML,
    PV_TAG_AREA,
    PV_TAG_AUDIO,
    PV_TAG_BASE,
    PV_TAG_BODY,
    PV_TAG_BR,
    PV_TAG_COL,
    PV_TAG_DESC,
    PV_TAG_EMBED,
    PV_TAG_FEIMAGE,
    PV_TAG_FONT,
    PV_TAG_FOREIGNOBJECT,
    PV_TAG_FRAME,
    PV_TAG_FRAMESET,
    PV_TAG_HEAD,
    PV_TAG_HTML,
    PV_TAG_IFRAME,
    PV_TAG_IMAGE,
    PV_TAG_IMG,
    PV_TAG_INPUT,
    PV_TAG_KEYGEN,
    PV_TAG_LINK,
    PV_TAG_MALIGNMARK,
    PV_TAG_MATH,
    PV_TAG_META,
    PV_TAG_MGLYPH,
    PV_TAG_NOEMBED,
    PV_TAG_NOFRAMES,
    PV_TAG_NOSCRIPT,
    PV_TAG_OBJECT,
    PV_TAG_P,
    PV_TAG_PLAINTEXT,
    PV_TAG_SCRIPT,
    PV_TAG_SELECT,
    PV_TAG_SOURCE,
    PV_TAG_STYLE,
    PV_TAG_SVG,
    PV_TAG_TABLE,
    PV_TAG_TEMPLATE,
    PV_TAG_TEXTAREA,
    PV_TAG_TITLE,
    PV_TAG_TRACK,
    PV_TAG_USE,
    PV_TAG_VIDEO,
    PV_TAG_XMP,
    PV_TAG_COUNT
} pv_tag_e;

/** What is known of a name, beside what it is. */
enum {
    PV_TAG_VOID = 1 << 0,     /**< never has content */
    PV_TAG_BREAKOUT = 1 << 1, /**< as a start tag ends svg and math (font: by its attributes) */
    PV_TAG_IN_HEAD = 1 << 2,  /**< stands in a head without implying a body */
    PV_TAG_INLINE = 1 << 3,   /**< opening it never closes another element */
    PV_TAG_CLOSABLE = 1 << 4, /**< may be closed by another's start tag */
    PV_TAG_TABLE_PART = 1 << 5,
    PV_TAG_MATHML_TEXT = 1 << 6, /**< mi mo mn ms mtext */
    PV_TAG_RAW = 1 << 7,   /**< in HTML its content is raw text, RCDATA, script or plaintext */
    PV_TAG_INERT = 1 << 8, /**< html, head, body, frame: opens nothing inside a body */
    PV_TAG_UNSURE = 1 << 9 /**< whether it opens, and what it closes, depends on more */
};

/** A name, looked up. */
typedef struct {
    pv_tag_e tag;
    unsigned flags;
} pv_tag_t;

/** The longest name that can be known; a longer one is PV_TAG_OTHER. */
#define PV_TAG_NAME_MAX 14

/** Look a tag name up; the case of ASCII letters does not count. */
pv_tag_t pv_tag_find(pv_span_t name);

/** The name of a tag in lower case, NUL-terminated; "" for PV_TAG_OTHER. */
const char *pv_tag_name(pv_tag_e tag);

/** The lengths of the names that have an identity, by first letter; for pv_tag_may_matter(). */
extern const unsigned short pv_tag_lengths[26];

/**
 * Whether a name of this length (1 or more) that begins with this byte may be known
 * at all: what is neither here nor asked for passes without a look-up. False
 * for most tags of a page.
 */
static inline int pv_tag_may_matter(char first, apr_size_t len)
{
    unsigned letter = (unsigned)((unsigned char)first | 0x20) - 'a';

    return letter < 26 && len <= PV_TAG_NAME_MAX && (pv_tag_lengths[letter] >> len & 1);
}

#endif /* PV_TAG_H */
