/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file scan_check.h
 * @brief A sink for the scanner that writes down what it is told, in words, and sees to it
 *        that the document passes in order and whole.
 */

#ifndef SCAN_CHECK_H
#define SCAN_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "html/pv_attr.h"
#include "html/pv_scan.h"
#include "html/pv_tag.h"

/* What the sink was told, in words, sorted: `b@12` a body at 12 (`nb` without script, `!` not
 * clear), `img` a start tag, `/p` an end tag, `!3` a comment with a text of 3 bytes, `?` a doctype,
 * `[3` a CDATA section of 3. Of lanes that come to the same tag one after the other, each tells it:
 * it is written once. */
#define SCAN_WORDS 1024

typedef struct {
    char words[SCAN_WORDS][48];
    apr_uint64_t at[SCAN_WORDS];
    int count; /**< of words */
    apr_uint64_t passed;
    const char *input;
    unsigned answer;
} scan_told_t;

static inline void scan_add_word(scan_told_t *told, apr_uint64_t at, const char *word)
{
    int i;

    for (i = 0; i < told->count; i++) {
        if (told->at[i] == at && strcmp(told->words[i], word) == 0) {
            return;
        }
    }
    assert_true(told->count < SCAN_WORDS);
    for (i = told->count++; i > 0 && told->at[i - 1] > at; i--) {
        told->at[i] = told->at[i - 1];
        memcpy(told->words[i], told->words[i - 1], sizeof(told->words[i]));
    }
    told->at[i] = at;
    (void)snprintf(told->words[i], sizeof(told->words[i]), "%s", word);
}

static inline void scan_name_word(char *word, size_t size, const char *mark,
                                  const pv_scan_event_t *e, const char *input)
{
    pv_span_t name = pv_attr_tag_name(pv_span_between(input + e->begin, input + e->end));
    (void)snprintf(word, size, "%s%.*s", mark, (int)(name.len > 20 ? 20 : name.len), name.ptr);
}

static inline void scan_other_word(char *word, size_t size, const pv_scan_event_t *e)
{
    unsigned long len = (unsigned long)(e->text_end - e->text);

    switch (e->kind) {
    case PV_SCAN_COMMENT:
        (void)snprintf(word, size, "!%lu", len);
        break;
    case PV_SCAN_CDATA:
        (void)snprintf(word, size, "[%lu", len);
        break;
    case PV_SCAN_DOCTYPE:
        (void)snprintf(word, size, "?");
        break;
    case PV_SCAN_HEAD:
    case PV_SCAN_BODY:
        (void)snprintf(word, size, "%s%s@%lu%s", e->readings & PV_READ_SCRIPT ? "" : "n",
                       e->kind == PV_SCAN_HEAD ? "h" : "b", (unsigned long)e->end,
                       e->clear ? "" : "!");
        break;
    case PV_SCAN_FRAMESET:
        (void)snprintf(word, size, "frames");
        break;
    case PV_SCAN_TEXT:
        (void)snprintf(word, size, "text%lu%s", len, e->open ? "+" : "");
        break;
    case PV_SCAN_CUT:
        (void)snprintf(word, size, "cut%lu", (unsigned long)e->bytes.len);
        break;
    case PV_SCAN_ATTR:
        (void)snprintf(word, size, "attr:%.*s%s", (int)(e->bytes.len > 20 ? 20 : e->bytes.len),
                       e->bytes.ptr, e->open ? "+" : "");
        break;
    case PV_SCAN_END:
        (void)snprintf(word, size, "end@%lu%s", (unsigned long)e->end, e->clear ? "" : "!");
        break;
    default:
        word[0] = '\0';
        break;
    }
}

/* Of what it would like to know, what may be asked for here. */
static inline unsigned scan_answer(const scan_told_t *told, const pv_scan_event_t *e)
{
    unsigned may = e->kind == PV_SCAN_CUT ? PV_SCAN_WANT_ATTRS : 0;

    if (e->kind == PV_SCAN_START && e->tag == PV_TAG_SCRIPT) {
        may |= PV_SCAN_WANT_TEXT;
    }
    if ((e->kind == PV_SCAN_START || e->kind == PV_SCAN_CUT) && e->tag == PV_TAG_IFRAME) {
        may |= PV_SCAN_WANT_END;
    }
    return told->answer & may;
}

static inline unsigned scan_note(void *ctx, const pv_scan_event_t *e)
{
    scan_told_t *told = ctx;
    char word[48];

    if (e->kind == PV_SCAN_PASS) {
        assert_int_equal(e->begin, told->passed);
        assert_int_equal(e->bytes.len, e->end - e->begin);
        assert_memory_equal(e->bytes.ptr, told->input + e->begin, e->bytes.len);
        told->passed = e->end;
        return 0;
    }
    /* Nothing may be asked for in front of what has been passed. */
    assert_true(e->end >= told->passed);
    if (e->bytes.len > 0) {
        assert_memory_equal(e->bytes.ptr, told->input + e->begin, e->bytes.len);
        assert_true(e->begin >= told->passed);
    }
    if (e->kind == PV_SCAN_START || e->kind == PV_SCAN_END_TAG) {
        scan_name_word(word, sizeof(word), e->kind == PV_SCAN_START ? "" : "/", e, told->input);
    }
    else {
        scan_other_word(word, sizeof(word), e);
    }
    if (word[0] != '\0') {
        scan_add_word(told, e->kind == PV_SCAN_HEAD || e->kind == PV_SCAN_BODY ? e->end : e->begin,
                      word);
    }
    return scan_answer(told, e);
}

static inline void scan_join(const scan_told_t *told, char *out, size_t size)
{
    size_t n = 0;

    out[0] = '\0';
    for (int i = 0; i < told->count; i++) {
        n += (size_t)snprintf(out + n, size - n, "%s%s", i > 0 ? " " : "", told->words[i]);
        assert_true(n < size);
    }
}

/** For pv_scan_options_t.want: every tag. */
static inline const unsigned char *scan_want_all(void)
{
    static unsigned char want[PV_TAG_COUNT];

    memset(want, PV_SCAN_WANT, sizeof(want));
    return want;
}

#endif /* SCAN_CHECK_H */
