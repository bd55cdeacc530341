/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file pv_nearest.h
 * @brief The word that a misspelt one was meant to be.
 */

#ifndef PV_NEAREST_H
#define PV_NEAREST_H

#include "pv.h"

/**
 * The candidate with the smallest edit distance (insertions, deletions,
 * substitutions and transpositions of neighbours), case ignored.
 * @param word what was written
 * @param candidates ends with NULL
 * @return one of the candidates, or NULL if none is within a third of the
 *         word's length (at least one edit)
 */
const char *pv_nearest(const char *word, const char *const *candidates);

#endif /* PV_NEAREST_H */
