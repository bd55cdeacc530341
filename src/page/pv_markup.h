/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file pv_markup.h
 * @brief Where in HTML a byte of a template stands: enough of the WHATWG tokenizer
 *        to know what a value has to be written as there.
 */

#ifndef PV_MARKUP_H
#define PV_MARKUP_H

#include "pv.h"

/** Where the next byte stands. */
typedef enum {
    PV_IN_TEXT,
    PV_IN_TAG_NAME,
    PV_IN_TAG, /**< between attributes */
    PV_IN_ATTR_NAME,
    PV_IN_ATTR_EQUALS, /**< behind a name or its `=` */
    PV_IN_VALUE,
    PV_IN_VALUE_UNQUOTED,
    PV_IN_COMMENT,
    PV_IN_DECLARATION, /**< <!doctype, <? */
    PV_IN_RAW,         /**< script, style and their kin */
    PV_IN_OPEN,        /**< behind a `<`, of which it is not known yet what it begins */
    PV_IN_DOUBT        /**< from here on browsers may read differently; it does not end */
} pv_place_t;

/** What has been read of something that begins with `<`. */
typedef enum {
    PV_OPEN_NOT,
    PV_OPEN_LESS,  /**< < */
    PV_OPEN_SLASH, /**< </ */
    PV_OPEN_BANG,  /**< <! */
    PV_OPEN_DASH,  /**< <!- */
    PV_OPEN_NAME   /**< the beginning of a tag's name, in raw text */
} pv_open_t;

/** What an attribute's value is. */
typedef enum { PV_VALUE_TEXT, PV_VALUE_URL, PV_VALUE_CODE } pv_value_kind_t;

#define PV_MARKUP_NAME_MAX 24

/** The reader's state. All zero is the beginning of a document or fragment. */
typedef struct {
    pv_place_t place;
    char quote;                       /**< of a value */
    char element[PV_MARKUP_NAME_MAX]; /**< the tag's name, in lower case, cut where it is longer */
    char attribute[PV_MARKUP_NAME_MAX];
    int closing;                  /**< the tag is an end tag */
    int value_begun;              /**< something of the value has been read */
    int equals;                   /**< the `=` has been read */
    pv_value_kind_t kind;         /**< of a value */
    int dashes;                   /**< of a comment's end that have been read */
    char raw[PV_MARKUP_NAME_MAX]; /**< the element whose end tag ends PV_IN_RAW; of title and
                                       textarea, whose text is PV_IN_TEXT, as well */
    pv_open_t open;
    int escaped;  /**< of a script: behind <!--, and then behind <script: 1, 2 */
    int nested;   /**< in svg, math or select: not all browsers find raw text there */
    int noscript; /**< in a noscript, which is raw text with script and markup without */
    int watched;  /**< bytes of its end tag that have been read */
} pv_markup_t;

/** Read on. */
void pv_markup_read(pv_markup_t *markup, const char *buf, apr_size_t len);

/** Whether two readers stand at places of the same kind. */
int pv_markup_same(const pv_markup_t *a, const pv_markup_t *b);

#endif /* PV_MARKUP_H */
