/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "policy/pv_nearest.h"

/** Longer words are not looked at: names are shorter. */
#define WORD_MAX 64

static unsigned smaller(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/** Optimal string alignment distance, three rows at a time. */
static unsigned distance(const char *a, apr_size_t a_len, const char *b, apr_size_t b_len)
{
    unsigned row[3][WORD_MAX + 1];
    unsigned *before = row[0], *above = row[1], *here = row[2];

    for (apr_size_t j = 0; j <= b_len; j++) {
        above[j] = (unsigned)j;
    }
    for (apr_size_t i = 1; i <= a_len; i++) {
        unsigned *spare = before;

        here[0] = (unsigned)i;
        for (apr_size_t j = 1; j <= b_len; j++) {
            unsigned differs = pv_lower(a[i - 1]) != pv_lower(b[j - 1]);

            here[j] = smaller(smaller(above[j], here[j - 1]) + 1, above[j - 1] + differs);
            if (i > 1 && j > 1 && pv_lower(a[i - 1]) == pv_lower(b[j - 2]) &&
                pv_lower(a[i - 2]) == pv_lower(b[j - 1])) {
                here[j] = smaller(here[j], before[j - 2] + 1);
            }
        }
        before = above;
        above = here;
        here = spare;
    }
    return above[b_len];
}

const char *pv_nearest(const char *word, const char *const *candidates)
{
    apr_size_t word_len = strlen(word);
    unsigned best_distance = (unsigned)(word_len / 3 > 1 ? word_len / 3 : 1) + 1;
    const char *best = NULL;

    if (word_len > WORD_MAX) {
        return NULL;
    }
    for (; *candidates != NULL; candidates++) {
        apr_size_t len = strlen(*candidates);

        if (len <= WORD_MAX) {
            unsigned d = distance(word, word_len, *candidates, len);

            if (d < best_distance) {
                best_distance = d;
                best = *candidates;
            }
        }
    }
    return best;
}
