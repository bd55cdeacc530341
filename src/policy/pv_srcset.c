/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "policy/pv_srcset.h"

/* ASCII white space of the HTML standard. */
static int is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

static void skip_descriptors(pv_srcset_t *srcset)
{
    while (srcset->at < srcset->end && *srcset->at != ',') {
        srcset->in_doubt |= *srcset->at == '(';
        srcset->at++;
    }
    srcset->in_descriptors = 0;
}

int pv_srcset_next(pv_srcset_t *srcset, pv_span_t *url)
{
    const char *begin;

    if (srcset->in_descriptors) {
        skip_descriptors(srcset);
    }
    while (srcset->at < srcset->end && (is_space(*srcset->at) || *srcset->at == ',')) {
        srcset->at++;
    }
    begin = srcset->at;
    while (srcset->at < srcset->end && !is_space(*srcset->at) &&
           !(srcset->in_doubt && *srcset->at == ',')) {
        srcset->at++;
    }
    *url = pv_span_between(begin, srcset->at);
    srcset->in_descriptors = url->len > 0 && srcset->at[-1] != ',';
    while (url->len > 0 && url->ptr[url->len - 1] == ',') {
        url->len--;
    }
    return url->len > 0;
}
