/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file pv_charref.h
 * @brief Character references (WHATWG HTML, sections 13.2.5.72 to 13.2.5.80).
 */

#ifndef PV_CHARREF_H
#define PV_CHARREF_H

#include "pv.h"

/** Where the text stands: `&copy=` is a reference in text, not in an attribute. */
typedef enum { PV_CHARREF_TEXT, PV_CHARREF_ATTRIBUTE } pv_charref_e;

/** What pv_charref_decode() writes at most for len bytes. */
apr_size_t pv_charref_size(apr_size_t len);

/** Whether there is anything to decode: a `&`, or in an attribute a NUL. */
int pv_charref_needed(const char *buf, apr_size_t len, pv_charref_e where);

/**
 * Replace the character references of a text by what they stand for, in UTF-8;
 * a NUL in an attribute becomes U+FFFD, as the tokenizer has it. All other
 * bytes are kept, whatever their encoding.
 * @param out pv_charref_size(len) bytes that do not overlap buf
 * @return bytes written (no NUL is appended)
 */
apr_size_t pv_charref_decode(const char *buf, apr_size_t len, pv_charref_e where, char *out);

/** The names, by first letter, A to Z then a to z; see pv_charref_names.c. */
extern const char *const pv_charref_names[52];

#endif /* PV_CHARREF_H */
