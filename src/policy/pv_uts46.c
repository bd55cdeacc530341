/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "policy/pv_uts46.h"

/** The last run that does not begin after cp, or NULL. */
static const pv_uts46_run_t *find_run(apr_uint32_t cp)
{
    apr_size_t low = 0, high = pv_uts46_run_count;

    while (low < high) {
        apr_size_t middle = low + (high - low) / 2;

        if (pv_uts46_runs[middle].first <= cp) {
            low = middle + 1;
        }
        else {
            high = middle;
        }
    }
    return low > 0 ? &pv_uts46_runs[low - 1] : NULL;
}

static const pv_uts46_text_t *find_text(apr_uint32_t cp)
{
    apr_size_t low = 0, high = pv_uts46_text_count;

    while (low < high) {
        apr_size_t middle = low + (high - low) / 2;

        if (pv_uts46_texts[middle].cp == cp) {
            return &pv_uts46_texts[middle];
        }
        if (pv_uts46_texts[middle].cp < cp) {
            low = middle + 1;
        }
        else {
            high = middle;
        }
    }
    return NULL;
}

unsigned int pv_uts46_map(apr_uint32_t cp, apr_uint32_t *out)
{
    const pv_uts46_run_t *run;
    const pv_uts46_text_t *text;

    if (cp < 0x80) {
        out[0] = (apr_uint32_t)(unsigned char)pv_lower((char)cp);
        return 1;
    }
    run = find_run(cp);
    if (run != NULL && cp <= run->last && (cp - run->first) % run->step == 0) {
        if (run->delta == PV_UTS46_IGNORED) {
            return 0;
        }
        out[0] = (apr_uint32_t)((apr_int32_t)cp + run->delta);
        return 1;
    }
    text = find_text(cp);
    if (text != NULL) {
        for (unsigned int i = 0; i < text->len; i++) {
            out[i] = (unsigned char)pv_uts46_pool[text->at + i];
        }
        return text->len;
    }
    out[0] = cp;
    return 1;
}
