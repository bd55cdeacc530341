/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file pv_carried.h
 * @brief The text that a URL has in itself: of `data:` (WHATWG Fetch, section 6, data: URL
 *        processor) and of `javascript:` (WHATWG HTML, section 7.4.2.3.2).
 *
 * It is given in each way in which it may be read. Tabs and newlines, which the URL standard
 * drops, Chromium keeps in a `data:`. Where the type names base64 at all, the text is given
 * as it stands and decoded, up to what is none. Where it has NULs, it is given without them as
 * well: it may be UTF-16.
 */

#ifndef PV_CARRIED_H
#define PV_CARRIED_H

#include "html/pv_element.h"

typedef enum { PV_CARRIED_NOTHING = 0, PV_CARRIED_DATA, PV_CARRIED_JAVASCRIPT } pv_carried_e;

/** A URL, and how far its text has been given. */
typedef struct {
    pv_carried_e scheme;
    unsigned open : 1; /**< a `data:` whose comma has not come */
    unsigned html : 1; /**< the type of a `data:` may be one of HTML */
    unsigned xml : 1;  /**< or of XML */

    unsigned left; /* readings */
    pv_span_t body;
    char *with_nuls; /* the text that was given, if it is to be given without them */
    apr_size_t with_nuls_len;
} pv_carried_t;

/**
 * Begin.
 * @param url as it stands in an attribute, character references decoded; or its beginning
 */
void pv_carried_read(pv_carried_t *carried, pv_span_t url);

/**
 * The next reading of the text.
 * @param scratch holds it until the next call
 * @return 0 where there is none
 */
int pv_carried_next(pv_carried_t *carried, pv_scratch_t *scratch, pv_span_t *text);

#endif /* PV_CARRIED_H */
