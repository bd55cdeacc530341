/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file pv_attr.h
 * @brief The attributes of a tag (WHATWG HTML, sections 13.2.5.32 to 13.2.5.40).
 */

#ifndef PV_ATTR_H
#define PV_ATTR_H

#include "pv.h"

/** One attribute, as it stands in the tag: not decoded, no case changed. */
typedef struct {
    pv_span_t name;
    pv_span_t value;     /**< without its quotes; empty where there is none */
    char quote;          /**< `"`, `'`, or 0 for an unquoted value and for none */
    unsigned valued : 1; /**< `=` stands behind the name */
    unsigned open : 1;   /**< the input ends before the attribute does */
} pv_attr_t;

/** Where reading the attributes of a tag stands; for pv_attr_next() alone. */
typedef struct {
    const char *at;
    const char *end;
} pv_attr_iter_t;

/** White space inside tags: a CR is a line feed by then. */
static inline int pv_is_html_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

/** What ends a tag name. */
static inline int pv_ends_tag_name(char c)
{
    return pv_is_html_space(c) || c == '/' || c == '>';
}

/** The name of a tag that begins with `<` or `</`. */
pv_span_t pv_attr_tag_name(pv_span_t tag);

/** Begin to read attributes: input begins behind the tag's name and may end
 *  with its `>` or anywhere before. */
void pv_attr_first(pv_attr_iter_t *iter, const char *begin, const char *end);

/**
 * The next attribute. Repeated names are all given; the first one counts.
 * @return 0 where there is none
 */
int pv_attr_next(pv_attr_iter_t *iter, pv_attr_t *attr);

#endif /* PV_ATTR_H */
