/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file pv_template.h
 * @brief Templates: markup with named slots, compiled for one language, in which a
 *        value cannot become markup.
 *
 *     {{name}}                     a slot's value
 *     {{#name}} ... {{/name}}      for each row of a list; or if a value is not empty
 *     {{^name}} ... {{/name}}      if there is no row, or a value is empty
 *     {{=key}}                     a text of the language, which may have slots
 *     {{! ... }}                   says nothing
 *
 * How a value is written follows from where its slot stands in the markup: in text
 * and in quoted attribute values as character references; in an attribute that takes
 * a URL (href, src, action and so on) an address can only be a slot at the value's
 * beginning, and one that leads neither to http, https nor a path of this host
 * becomes `#`; other values further on are percent-encoded. Where no way of writing
 * is safe, a slot is an error: behind a `<`, in tags and attribute names, unquoted values,
 * comments, script and style, in the attributes style, srcdoc and on*, and behind
 * anything in which browsers may find other markup than is found here.
 *
 * A section ends in the context in which it began. Inside a list its members are
 * known, and so is what is known around it.
 */

#ifndef PV_TEMPLATE_H
#define PV_TEMPLATE_H

#include "page/pv_text.h"
#include "page/pv_words.h"

typedef enum {
    PV_SLOT_TEXT,
    PV_SLOT_URL,  /**< an address */
    PV_SLOT_FLAG, /**< only for sections: empty or not */
    PV_SLOT_LIST  /**< only for sections: rows of members */
} pv_slot_type_t;

/** A slot that a template may have. Lists of them end with a NULL name. */
typedef struct pv_slot_t {
    const char *name;
    pv_slot_type_t type;
    int required;                    /**< a template without it is an error */
    const struct pv_slot_t *members; /**< of a list */
} pv_slot_t;

/** What goes into a slot. A template is filled by an array of these, in the order of
 *  its slots. */
typedef struct pv_fill_t {
    pv_span_t text;
    const struct pv_fill_t *row; /**< of a list: rows arrays of its members, one after the other */
    int rows;
} pv_fill_t;

/** A compiled template; immutable. */
typedef struct pv_template_t pv_template_t;

/** Sections inside each other, at most. */
#define PV_TEMPLATE_DEPTH 12

/**
 * Compile.
 * @param buf,len the template; it must live as long as what is compiled
 * @param slots what may stand in it; must live as long
 * @param words the texts
 * @param guest it is for pages of others, whose encoding may be any that has ASCII in it:
 *        nothing else is written, but for what its author has in a script or style
 * @param line,error get the line and what is wrong, unless PV_OK
 * @return the template, or NULL
 */
pv_template_t *pv_template_compile(const char *buf, apr_size_t len, const pv_slot_t *slots,
                                   const pv_words_t *words, int guest, int *line,
                                   const char **error, apr_pool_t *pool);

/** Write it with its slots filled. */
void pv_template_write(const pv_template_t *template, const pv_fill_t *fill, pv_text_t *out);

#endif /* PV_TEMPLATE_H */
