/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file head_model.h
 * @brief The head of a response as clients read it: each of the ways in which they
 *        differ, with each of the others (R2, D3; RFC 9112, sections 2.2 and 5).
 */

#ifndef HEAD_MODEL_H
#define HEAD_MODEL_H

#include "fuzz.h"

#include "head_judge.h"

#define HEAD_TEXT 4096

/** How a client reads. */
typedef struct {
    int cr_ends;     /**< a CR alone ends a line */
    int skips_empty; /**< an empty line is nothing, nor are CRs in front of a fold */
    int nul_first;   /**< NUL is dropped before lines are looked at, not in values alone */
    int joins;       /**< 0: it knows no folds; 1: of fields; 2: of any line */
} head_reader_t;

#define HEAD_READERS 24

static inline head_reader_t head_reader(int n)
{
    head_reader_t reader = { n & 1, n >> 1 & 1, n >> 2 & 1, n >> 3 };
    return reader;
}

/** What a reader found. */
typedef struct {
    int fields;
    pv_field_t first; /**< what the judge says of the first field */
    int more;         /**< and how many others are not to stay */
} head_found_t;

/** A field as the reader has it: kept, or not. A bare CR in it is a space (RFC 9112, 2.2). */
static inline void head_field(head_found_t *found, const char *line, size_t len)
{
    static char text[HEAD_TEXT];
    pv_span_t replacement = { NULL, 0 }, value;
    pv_field_t verdict = PV_FIELD_KEEP;
    size_t n = 0, colon;

    for (size_t i = 0; i < len; i++) {
        if (line[i] != '\0') {
            text[n++] = (char)(line[i] == '\r' ? ' ' : line[i]);
        }
    }
    for (colon = 0; colon < n && text[colon] != ':'; colon++) {
    }
    if (colon < n) {
        value = pv_span_trim(pv_span(text + colon + 1, n - colon - 1), pv_is_outer_space);
        verdict = head_judge(NULL, pv_span_trim(pv_span(text, colon), pv_is_outer_space), value,
                             &replacement);
    }
    if (found->fields++ == 0) {
        found->first = verdict;
    }
    else {
        found->more += verdict != PV_FIELD_KEEP;
    }
}

/** The length of the line at p; *next is where another begins. */
static inline size_t head_line(const head_reader_t *reader, pv_span_t text, size_t at, size_t *next)
{
    size_t end = at, len;

    while (end < text.len && text.ptr[end] != '\n' && !(reader->cr_ends && text.ptr[end] == '\r')) {
        end++;
    }
    *next = end;
    if (end + 1 < text.len && text.ptr[end] == '\r' && text.ptr[end + 1] == '\n') {
        ++*next;
    }
    *next += *next < text.len;
    for (len = end - at; len > 0 && text.ptr[at + len - 1] == '\r'; len--) {
    }
    return len;
}

/** A line behind what has been read of a field. @return the bytes of it now */
static inline size_t head_join(char *field, size_t n, pv_span_t line)
{
    while (n > 0 && pv_is_wsp(field[n - 1])) {
        n--;
    }
    field[n++] = ' ';
    while (line.len > 0 && pv_is_wsp(*line.ptr)) {
        line = pv_span(line.ptr + 1, line.len - 1);
    }
    memcpy(field + n, line.ptr, line.len);
    return n + line.len;
}

static inline pv_span_t head_behind_cr(pv_span_t line)
{
    while (line.len > 0 && *line.ptr == '\r') {
        line = pv_span(line.ptr + 1, line.len - 1);
    }
    return line;
}

static inline size_t head_without_nul(pv_span_t text, char *out)
{
    size_t n = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] != '\0') {
            out[n++] = text.ptr[i];
        }
    }
    return n;
}

/** Read fields. @param status the first line that is not empty is a status line */
static inline head_found_t head_read(const head_reader_t *reader, pv_span_t text, int status)
{
    static char plain[HEAD_TEXT], field[HEAD_TEXT];
    head_found_t found = { .fields = 0 };
    size_t n = 0, next;
    int begun = 0;

    if (reader->nul_first) {
        text = pv_span(plain, head_without_nul(text, plain));
    }
    for (size_t at = 0; at < text.len; at = next) {
        pv_span_t line = pv_span(text.ptr + at, head_line(reader, text, at, &next));
        pv_span_t fold = reader->skips_empty ? head_behind_cr(line) : line;
        int folds = begun && fold.len > 0 && pv_is_wsp(*fold.ptr);

        if (line.len == 0 && (reader->skips_empty || status)) {
            continue;
        }
        if (status) {
            status = 0;
        }
        else if (folds &&
                 (reader->joins == 2 || (reader->joins == 1 && memchr(field, ':', n) != NULL))) {
            n = head_join(field, n, fold);
        }
        else {
            if (begun) {
                head_field(&found, field, n);
            }
            memcpy(field, line.ptr, line.len);
            n = line.len;
            begun = 1;
        }
    }
    if (begun) {
        head_field(&found, field, n);
    }
    return found;
}

/** Who is asked. */
enum { HEAD_EVERYBODY = 1, HEAD_CR_READERS = 2 };

/** Whether anybody finds a field that is not to stay. */
static inline int head_any_denied(pv_span_t text, int status, int step)
{
    for (int i = step - 1; i < HEAD_READERS; i += step) {
        head_reader_t reader = head_reader(i);
        head_found_t found = head_read(&reader, text, status);

        if (found.first != PV_FIELD_KEEP || found.more > 0) {
            return 1;
        }
    }
    return 0;
}

/** Whether what stands in front of a name is nothing to some, and white space to others. */
static inline int head_unclear_front(pv_span_t lines)
{
    size_t nuls = 0;

    while (nuls < lines.len && lines.ptr[nuls] == '\0') {
        nuls++;
    }
    return nuls < lines.len && (lines.ptr[nuls] == '\r' || lines.ptr[nuls] == '\n' ||
                                (nuls > 0 && pv_is_wsp(lines.ptr[nuls])));
}

/** What becomes of the lines that somebody takes for one field: they stay, they go, or
 *  they get another value, which only a single field does whose front is clear. */
static inline pv_field_t head_verdict(pv_span_t lines)
{
    head_reader_t whole = { 0, 1, 1, 2 };
    pv_field_t verdict = head_read(&whole, lines, 0).first;

    for (int i = 0; i < HEAD_READERS; i++) {
        head_reader_t reader = head_reader(i);
        head_found_t found = head_read(&reader, lines, 0);

        if (found.more > 0) {
            return PV_FIELD_DROP;
        }
    }
    if (verdict == PV_FIELD_REPLACE) {
        return head_unclear_front(lines) ? PV_FIELD_DROP : PV_FIELD_REPLACE;
    }
    return head_any_denied(lines, 0, HEAD_EVERYBODY) ? PV_FIELD_DROP : PV_FIELD_KEEP;
}

#endif /* HEAD_MODEL_H */
