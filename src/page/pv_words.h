/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file pv_words.h
 * @brief The texts of one language, and which language a visitor gets.
 *
 * A file of words is UTF-8, a line each: `KEY = TEXT`. A line that begins with `#`
 * and an empty line say nothing; a backslash at the end of a line continues the text
 * with the next, white space at its beginning left out. A text may have slots,
 * `{{name}}`, of the place where it is used.
 */

#ifndef PV_WORDS_H
#define PV_WORDS_H

#include <apr_hash.h>

#include "pv.h"

/** The texts of one language. */
typedef struct {
    const char *tag;  /**< BCP 47 */
    apr_hash_t *text; /**< key -> const char * */
} pv_words_t;

/**
 * Read a file of words.
 * @param tag the language; kept
 * @param line gets the line of what is wrong
 * @param error gets what is wrong, or NULL
 * @return the words, or NULL
 */
pv_words_t *pv_words_read(const char *tag, const char *buf, apr_size_t len, int *line,
                          const char **error, apr_pool_t *pool);

/** A text by its key, or NULL. */
const char *pv_words_get(const pv_words_t *words, const char *key);

/**
 * A number of something, `NOUN.FORM` with `{{n}}` replaced, where FORM is the plural
 * category of the number in the language (Unicode CLDR, cardinal), or `other` where
 * there is no such text; NULL if there is none at all.
 */
const char *pv_words_count(const pv_words_t *words, const char *noun, apr_int64_t n,
                           apr_pool_t *pool);

/** A lifetime in words: PV_LIFETIME_SESSION, PV_LIFETIME_ANY, or seconds in the
 *  largest unit that they are a whole number of. */
const char *pv_words_lifetime(const pv_words_t *words, apr_int64_t seconds, apr_pool_t *pool);

/** NULL, or the key of a text that is needed and missing, and that no template names. */
const char *pv_words_missing(const pv_words_t *words);

/**
 * The offered language that suits best (RFC 9110, section 12.5.4; look-up of RFC
 * 4647, section 3.4): by quality, of equals the first named; of the ranges that are
 * equal the first offered.
 * @param accept the value of Accept-Language, or NULL
 * @param tags the offered ones, the first the default
 * @return an index into tags
 */
int pv_language_choose(const char *accept, const char *const *tags, int count);

/** Whether it is a language tag, as far as its form goes (RFC 5646, section 2.1). */
int pv_language_is_tag(const char *tag);

#endif /* PV_WORDS_H */
