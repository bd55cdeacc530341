/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file pv_srcset.h
 * @brief The URLs of a srcset or imagesrcset (HTML standard, section 4.8.4.2.2).
 */

#ifndef PV_SRCSET_H
#define PV_SRCSET_H

#include "pv.h"

/** Where in an attribute value the reading is. */
typedef struct {
    const char *at;
    const char *end;
    int in_descriptors; /**< of the last URL */
    int in_doubt;       /**< a parenthesis was seen */
} pv_srcset_t;

static inline void pv_srcset_begin(pv_srcset_t *srcset, const char *buf, apr_size_t len)
{
    srcset->at = buf;
    srcset->end = buf + len;
    srcset->in_descriptors = srcset->in_doubt = 0;
}

/**
 * The next URL. What has descriptors that are not valid is given as well. After a
 * parenthesis, inside of which a comma may or may not count, whatever follows a
 * comma is given, up to the next comma or white space.
 * @return 0 if there is none
 */
int pv_srcset_next(pv_srcset_t *srcset, pv_span_t *url);

#endif /* PV_SRCSET_H */
