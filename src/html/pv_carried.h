/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file pv_carried.h
 * @brief The text that a URL carries in itself: of `data:` (WHATWG Fetch, section 6, data: URL
 *        processor) and of `javascript:` (WHATWG HTML, section 7.4.2.3.2).
 *
 * It is given as bytes, whatever charset the URL names. Base64 is decoded up to what is none;
 * browsers load nothing then.
 */

#ifndef PV_CARRIED_H
#define PV_CARRIED_H

#include "html/pv_element.h"

typedef enum { PV_CARRIED_NOTHING = 0, PV_CARRIED_DATA, PV_CARRIED_JAVASCRIPT } pv_carried_e;

/**
 * Read a URL.
 * @param url as it stands in an attribute, character references decoded; or its beginning
 * @param scratch holds the text
 * @param text gets it, unless nothing is carried
 */
pv_carried_e pv_carried_read(pv_span_t url, pv_scratch_t *scratch, pv_span_t *text);

#endif /* PV_CARRIED_H */
