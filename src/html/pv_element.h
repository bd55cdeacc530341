/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file pv_element.h
 * @brief What an element loads, by its start tag (rule H2).
 */

#ifndef PV_ELEMENT_H
#define PV_ELEMENT_H

#include <apr_pools.h>

#include "html/pv_attr.h"
#include "html/pv_tag.h"
#include "pv.h"

/** The attributes that matter; all others are PV_ATTR_OTHER. */
typedef enum {
    PV_ATTR_OTHER = 0,
    PV_ATTR_CONTENT,
    PV_ATTR_DATA,
    PV_ATTR_HEIGHT,
    PV_ATTR_HIDDEN,
    PV_ATTR_HREF,
    PV_ATTR_HTTP_EQUIV,
    PV_ATTR_IMAGESRCSET,
    PV_ATTR_LABEL, /**< data-privacy-category */
    PV_ATTR_LANGUAGE,
    PV_ATTR_PING,
    PV_ATTR_POSTER,
    PV_ATTR_REL,
    PV_ATTR_SRC,
    PV_ATTR_SRCDOC,
    PV_ATTR_SRCSET,
    PV_ATTR_STYLE,
    PV_ATTR_TYPE,
    PV_ATTR_WIDTH,
    PV_ATTR_XLINK_HREF, /**< in XML, href with any prefix */
    PV_ATTR_COUNT
} pv_attr_e;

/** What the value of an attribute is. */
typedef enum {
    PV_VALUE_NONE = 0, /**< loads nothing */
    PV_VALUE_URL,
    PV_VALUE_SRCSET,
    PV_VALUE_URLS,    /**< separated by white space */
    PV_VALUE_REFRESH, /**< `5; url=…` */
    PV_VALUE_DOCUMENT /**< HTML */
} pv_value_e;

/** Whether something holds for an element of which not all attributes may be known. */
typedef enum { PV_NO = 0, PV_YES, PV_UNKNOWN } pv_answer_e;

/** A start tag, read. */
typedef struct {
    pv_tag_e tag;
    unsigned xml : 1;
    unsigned cut : 1; /**< attributes may follow that are not known */
    pv_span_t bytes;
    pv_span_t name;
    /** The last attribute, if the bytes end inside it; else PV_ATTR_OTHER. */
    pv_attr_e open;
    /** Which attributes are there: bit 1 << PV_ATTR_…. */
    unsigned has;
    unsigned repeated; /**< which are there more than once: the same */
    /** The first of each, decoded; of a URL the first that is not blank. */
    pv_span_t values[PV_ATTR_COUNT];
} pv_element_t;

/** Memory for decoded values that is used again for each tag; zeroed at first. */
typedef struct {
    char *buf;
    apr_size_t size;
    apr_pool_t *pool;
} pv_scratch_t;

/** At least size bytes, valid until the next call. */
char *pv_scratch_get(pv_scratch_t *scratch, apr_size_t size);

/**
 * Read a start tag.
 * @param element tag, xml and cut are set by the caller, the rest is filled; it points
 *        into bytes and into scratch
 * @param bytes from `<` on
 */
void pv_element_read(pv_element_t *element, pv_span_t bytes, pv_scratch_t *scratch);

/** Which attribute a name is. */
pv_attr_e pv_element_attr(pv_span_t name, int xml);

/** What an element loads by an attribute. */
pv_value_e pv_element_value(pv_tag_e tag, pv_attr_e attr);

static inline int pv_element_has(const pv_element_t *element, pv_attr_e attr)
{
    return (element->has >> attr & 1) != 0;
}

/**
 * Whether the element loads anything at all: a script if its type is one that browsers
 * run, a link by its rel, an input by its type, a meta by its http-equiv.
 */
pv_answer_e pv_element_loads(const pv_element_t *element);

/** Of a link that loads: it only connects (dns-prefetch, preconnect), to a host whatever
 *  the path. */
int pv_element_connects(const pv_element_t *element);

/** Nobody sees it: hidden, next to no size, or a style that says so. */
int pv_element_hidden(const pv_element_t *element);

#endif /* PV_ELEMENT_H */
