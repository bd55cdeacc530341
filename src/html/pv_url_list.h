/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file pv_url_list.h
 * @brief The URLs in attribute values that are more than one URL.
 *
 * Values are decoded (pv_charref.h). What is found is as it stands there: not yet
 * trimmed, resolved or otherwise read as a URL.
 */

#ifndef PV_URL_LIST_H
#define PV_URL_LIST_H

#include "pv.h"

/**
 * The next image candidate of a srcset (WHATWG HTML, section 4.8.4.2.2). Candidates
 * that browsers drop for their descriptors are given too.
 * @param rest what is left of the value; moved behind the candidate
 * @return 0 where there is none
 */
int pv_url_next_candidate(pv_span_t *rest, pv_span_t *url);

/**
 * The next token of a list that is separated by white space: ping, rel.
 * @return 0 where there is none
 */
int pv_url_next_token(pv_span_t *rest, pv_span_t *token);

/**
 * Where a refresh leads (WHATWG HTML, section 4.2.5.3, shared declarative refresh steps).
 * @param content the value of a meta's content attribute
 * @return 0 where browsers refresh not at all, or the page itself
 */
int pv_url_of_refresh(pv_span_t content, pv_span_t *url);

#endif /* PV_URL_LIST_H */
