/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file pv_json.h
 * @brief JSON (RFC 8259) and the object literals of JavaScript that consent
 *        managers write in its place, read without allocation.
 *
 * Beyond JSON are taken: strings in single quotes, member names without quotes
 * (letters, digits, `_`, `$`), and words other than true, false and null as
 * values. Not taken are comments, trailing commas, and anything after the value.
 *
 * Values are told as they are read, before it is known whether the rest is well
 * formed: what was gathered counts only once pv_json_read() says PV_OK.
 */

#ifndef PV_JSON_H
#define PV_JSON_H

#include "pv.h"

/** Objects and arrays inside each other, at most. */
#define PV_JSON_DEPTH 8

typedef enum {
    PV_JSON_OBJECT,
    PV_JSON_OBJECT_END,
    PV_JSON_ARRAY,
    PV_JSON_ARRAY_END,
    PV_JSON_STRING, /**< text is what stands between the quotes, still escaped */
    PV_JSON_NUMBER, /**< text is the number as it is written */
    PV_JSON_TRUE,
    PV_JSON_FALSE,
    PV_JSON_NULL,
    PV_JSON_WORD /**< text is a word without quotes that is none of these */
} pv_json_type_t;

/** One step from a value to one in it. */
typedef struct {
    pv_span_t name;        /**< the member's name as it is written, in an object */
    unsigned index;        /**< the place from 0, in an array */
    unsigned in_array : 1; /**< which of the two counts */
} pv_json_step_t;

/** A value, or the end of one. */
typedef struct {
    pv_json_type_t type;
    pv_span_t text;
    const pv_json_step_t *path; /**< from the whole to this value */
    unsigned depth;             /**< steps in path: 0 for the whole */
    unsigned count;             /**< values it had, where it ends */
} pv_json_event_t;

/** An object or a list begins. */
static inline int pv_json_begins(const pv_json_event_t *event)
{
    return event->type == PV_JSON_OBJECT || event->type == PV_JSON_ARRAY;
}

/** One ends. */
static inline int pv_json_ends(const pv_json_event_t *event)
{
    return event->type == PV_JSON_OBJECT_END || event->type == PV_JSON_ARRAY_END;
}

typedef void pv_json_told_t(void *ctx, const pv_json_event_t *event);

/** @return PV_OK, PV_BAD, or PV_LIMIT if it is deeper than PV_JSON_DEPTH */
pv_status_t pv_json_read(pv_span_t text, pv_json_told_t *told, void *ctx);

/** Is a string or name of the text this one? Escapes are resolved on the way. */
int pv_json_text_eq(pv_span_t text, pv_span_t plain);

/**
 * Resolve the escapes of a string.
 * @param out room bytes
 * @return PV_OK, or PV_LIMIT if it does not fit
 */
pv_status_t pv_json_text(pv_span_t text, char *out, apr_size_t room, pv_span_t *plain);

#endif /* PV_JSON_H */
