/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file privacy_export.h
 * @brief What others can read of a decision: environment variables and notes.
 */

#ifndef PRIVACY_EXPORT_H
#define PRIVACY_EXPORT_H

#include "httpd/privacy_request.h"

/** The notes that are lists of names. */
typedef enum {
    PRIVACY_NOTE_FILTERED = 0,
    PRIVACY_NOTE_STRIPPED,
    PRIVACY_NOTE_CAPPED,
    PRIVACY_NOTE_EXPIRED,
    PRIVACY_NOTE_UNDECLARED,
    PRIVACY_NOTE_HELD, /**< of trackers */
    PRIVACY_NOTES
} privacy_note_t;

/** A growing list of names, as a note keeps it: separated by commas. */
typedef struct privacy_names_t {
    unsigned len;
    unsigned size; /**< of text; 0 once it is full: thousands of cookies make no longer list */
    char text[];   /**< NUL-terminated */
} privacy_names_t;

/** What privacy_names_add() does where there is no room yet, or no name. */
privacy_names_t *privacy_names_add_any(privacy_names_t *names, pv_span_t name, int nameless,
                                       apr_pool_t *pool);

/** Add a name. A nameless cookie's is a value, and is not written (rule F2).
 *  @param names the list, or NULL for a new one @return the list, which may have moved */
static inline privacy_names_t *privacy_names_add(privacy_names_t *names, pv_span_t name,
                                                 int nameless, apr_pool_t *pool)
{
    char *at;

    if (names == NULL || nameless || names->len + name.len + 2 > names->size) {
        return privacy_names_add_any(names, name, nameless, pool);
    }
    at = names->text + names->len;
    *at++ = ',';
    memcpy(at, name.ptr, name.len);
    at[name.len] = '\0';
    names->len += 1 + (unsigned)name.len;
    return names;
}

/** Set the note to the names; where there are none (NULL), nothing is done. */
void privacy_names_note(privacy_names_t *names, request_rec *r, privacy_note_t note);

/** Add the names to the note: a request may have several heads, interim ones, and one
 *  more. */
void privacy_names_note_more(privacy_names_t *names, request_rec *r, privacy_note_t note);

/** Take the note away. */
void privacy_note_unset(request_rec *r, privacy_note_t note);

/** PRIVACY_CONSENT and PRIVACY_CONSENT_<CATEGORY>. */
void privacy_export_env(request_rec *r, const privacy_request_t *request);

/** Take them out again. */
void privacy_export_no_env(request_rec *r, const privacy_request_t *request);

#endif /* PRIVACY_EXPORT_H */
