/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* The way past what nobody asked for: most of a document passes here. */

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "html/pv_scan_private.h"

/* What a byte ends: a tag's name, an attribute's, an unquoted value. */
enum { ENDS_TAG_NAME = 1, ENDS_NAME = 2, ENDS_VALUE = 4, IS_SPACE = 8, IS_LETTER = 16 };

#define SPACE (ENDS_TAG_NAME | ENDS_NAME | ENDS_VALUE | IS_SPACE)

/* clang-format off */
static const unsigned char classes[256] = {
    ['\t'] = SPACE, ['\n'] = SPACE, ['\f'] = SPACE, ['\r'] = SPACE, [' '] = SPACE,
    ['/'] = ENDS_TAG_NAME | ENDS_NAME,
    ['>'] = ENDS_TAG_NAME | ENDS_NAME | ENDS_VALUE,
    ['='] = ENDS_NAME,
    ['A'] = IS_LETTER, ['B'] = IS_LETTER, ['C'] = IS_LETTER, ['D'] = IS_LETTER, ['E'] = IS_LETTER,
    ['F'] = IS_LETTER, ['G'] = IS_LETTER, ['H'] = IS_LETTER, ['I'] = IS_LETTER, ['J'] = IS_LETTER,
    ['K'] = IS_LETTER, ['L'] = IS_LETTER, ['M'] = IS_LETTER, ['N'] = IS_LETTER, ['O'] = IS_LETTER,
    ['P'] = IS_LETTER, ['Q'] = IS_LETTER, ['R'] = IS_LETTER, ['S'] = IS_LETTER, ['T'] = IS_LETTER,
    ['U'] = IS_LETTER, ['V'] = IS_LETTER, ['W'] = IS_LETTER, ['X'] = IS_LETTER, ['Y'] = IS_LETTER,
    ['Z'] = IS_LETTER,
    ['a'] = IS_LETTER, ['b'] = IS_LETTER, ['c'] = IS_LETTER, ['d'] = IS_LETTER, ['e'] = IS_LETTER,
    ['f'] = IS_LETTER, ['g'] = IS_LETTER, ['h'] = IS_LETTER, ['i'] = IS_LETTER, ['j'] = IS_LETTER,
    ['k'] = IS_LETTER, ['l'] = IS_LETTER, ['m'] = IS_LETTER, ['n'] = IS_LETTER, ['o'] = IS_LETTER,
    ['p'] = IS_LETTER, ['q'] = IS_LETTER, ['r'] = IS_LETTER, ['s'] = IS_LETTER, ['t'] = IS_LETTER,
    ['u'] = IS_LETTER, ['v'] = IS_LETTER, ['w'] = IS_LETTER, ['x'] = IS_LETTER, ['y'] = IS_LETTER,
    ['z'] = IS_LETTER,
};
/* clang-format on */

static inline int is(char c, unsigned which)
{
    return classes[(unsigned char)c] & which;
}

static inline const char *until(const char *p, const char *end, unsigned which)
{
    while (p < end && !is(*p, which)) {
        p++;
    }
    return p;
}

/* memchr, for what is mostly near: a call costs more than the search. */
static inline const char *find(const char *p, const char *end, char c)
{
#ifdef __SSE2__
    const __m128i wanted = _mm_set1_epi8(c);

    for (int i = 0; i < 2 && end - p >= 16; i++, p += 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)p);
        int mask = _mm_movemask_epi8(_mm_cmpeq_epi8(bytes, wanted));
        if (mask != 0) {
            return p + __builtin_ctz((unsigned)mask);
        }
    }
#endif
    return memchr(p, c, (apr_size_t)(end - p));
}

static inline const char *past_space(const char *p, const char *end)
{
    while (p < end && is(*p, IS_SPACE)) {
        p++;
    }
    return p;
}

static inline const char *begin_attr(pv_walk_t *walk, const char *p)
{
    walk->attr = p;
    walk->state = W_NAME;
    return p + 1;
}

/* Behind `=` and white space, on the first byte of a value. */
static inline const char *begin_value(pv_walk_t *walk, const char *p)
{
    if (*p == '"') {
        walk->state = W_DOUBLE_QUOTED;
        return p + 1;
    }
    if (*p == '\'') {
        walk->state = W_SINGLE_QUOTED;
        return p + 1;
    }
    walk->state = *p == '>' ? W_BEFORE_NAME : W_UNQUOTED;
    return p;
}

/* Where no attribute has begun, on the first byte that is not white space. */
static inline const char *between(pv_walk_t *walk, const char *p)
{
    if (*p == '/') {
        walk->state = W_SLASH;
        return p + 1;
    }
    return begin_attr(walk, p);
}

/* One state's worth: p is before end. A `>` that ends the tag is left to the caller,
 * in W_BEFORE_NAME. */
static inline const char *walk_on(pv_walk_t *walk, const char *p, const char *end)
{
    switch (walk->state) {
    case W_NAME:
        p = until(p, end, ENDS_NAME);
        if (p < end) {
            walk->state = *p == '=' ? W_BEFORE_VALUE : W_AFTER_NAME;
            p += *p == '=';
        }
        return p;
    case W_AFTER_NAME:
        p = past_space(p, end);
        if (p < end && *p == '=') {
            walk->state = W_BEFORE_VALUE;
            return p + 1;
        }
        if (p < end) {
            walk->state = W_BEFORE_NAME;
        }
        return p;
    case W_BEFORE_VALUE:
        p = past_space(p, end);
        return p < end ? begin_value(walk, p) : end;
    case W_DOUBLE_QUOTED:
    case W_SINGLE_QUOTED:
        p = find(p, end, walk->state == W_DOUBLE_QUOTED ? '"' : '\'');
        if (p == NULL) {
            return end;
        }
        walk->state = W_AFTER_QUOTED;
        return p + 1;
    case W_UNQUOTED:
        p = until(p, end, ENDS_VALUE);
        if (p < end) {
            walk->state = W_BEFORE_NAME;
        }
        return p;
    default:
        /* Behind a quoted value and behind `/`, anything but white space, `/` and `>`
         * begins an attribute. */
        p = past_space(p, end);
        return p < end && *p != '>' ? between(walk, p) : p;
    }
}

pv_walk_e pv_walk(pv_walk_t *walk, const char **at, const char *end)
{
    const char *p = *at;

    walk->attr = NULL;
    while (p < end) {
        pv_walk_state_e was = walk->state;
        if (*p == '>' && (was == W_BEFORE_NAME || was == W_AFTER_QUOTED || was == W_SLASH)) {
            walk->self_closing = was == W_SLASH;
            *at = p + 1;
            return WALK_DONE;
        }
        if (was == W_SLASH || was == W_AFTER_QUOTED) {
            walk->state = W_BEFORE_NAME;
        }
        p = walk_on(walk, p, end);
        if (walk->stop && walk->state == W_NAME && was != W_NAME) {
            *at = p;
            return WALK_NAME;
        }
        if (walk->stop && was >= W_DOUBLE_QUOTED && was <= W_UNQUOTED && walk->state != was) {
            *at = p;
            return WALK_VALUE;
        }
    }
    *at = end;
    return WALK_MORE;
}

/* Which letter of `ping` a byte may be, from its first; `n` lets one byte be skipped, and
 * what is none of them four. */
static const unsigned char ping_letter[256] = {
    ['p'] = 1, ['P'] = 1, ['i'] = 2, ['I'] = 2, ['n'] = 3, ['N'] = 3, ['g'] = 4, ['G'] = 4,
};

int pv_scan_has_ping(const char *p, const char *end)
{
    /* By the last letter: most bytes let four be skipped. */
    for (p += 3; p < end; p += 4 - (ping_letter[(unsigned char)*p] & 3)) {
        if (ping_letter[(unsigned char)*p] == 4 && (p[-1] | 0x20) == 'n' && (p[-2] | 0x20) == 'i' &&
            (p[-3] | 0x20) == 'p') {
            return 1;
        }
    }
    return 0;
}

/* Whether a start tag must be looked at, by its name; for PV_SCAN_WANT_PING by its
 * attributes. */
static inline int start_stops(const pv_scan_t *scan, const char *name, const char *end)
{
    if (!pv_tag_may_matter(*name, (apr_size_t)(end - name))) {
        return PV_SCAN_IGNORE;
    }
    if (end - name == 1) {
        return scan->stops[PV_TAG_A];
    }
    return scan->stops[pv_tag_find(pv_span_between(name, end)).tag];
}

static inline int end_stops(const char *name, const char *end)
{
    pv_tag_e tag;

    if ((*name | 0x20) != 's' && (*name | 0x20) != 't') {
        return PV_SCAN_IGNORE;
    }
    tag = pv_tag_find(pv_span_between(name, end)).tag;
    return tag == PV_TAG_SELECT || tag == PV_TAG_TEMPLATE ? PV_SCAN_WANT : PV_SCAN_IGNORE;
}

/*
 * The way that most tags are written: ` name="value"`, again and again, and `>`. Returns NULL
 * where it is not, or where it does not end.
 */
static inline const char *walk_plain(const char *p, const char *end)
{
    while (p < end) {
        p = past_space(p, end);
        if (p < end && *p == '>') {
            return p + 1;
        }
        p = until(p, end, ENDS_NAME);
        if (end - p < 3 || p[0] != '=' || is(p[-1], IS_SPACE) || p[1] != '"') {
            return NULL;
        }
        p = find(p + 2, end, '"');
        if (p == NULL || ++p == end) {
            return NULL;
        }
        if (*p == '>') {
            return p + 1;
        }
        if (!is(*p, IS_SPACE)) {
            return NULL;
        }
    }
    return NULL;
}

/* What skim_short() may look at. */
#define SHORT 8

/*
 * Past an end tag, or a start tag without attributes, whose `>` is so near that no quote can
 * stand in front of it; `<a b="` has six bytes. NULL for all others.
 */
static inline const char *skim_short(const pv_scan_t *scan, const char *lt)
{
    int at;

    if (lt[1] == '/') {
        if (!is(lt[2], IS_LETTER) || (lt[2] | 0x20) == 's' || (lt[2] | 0x20) == 't') {
            return NULL;
        }
        at = lt[3] == '>' ? 3 : lt[4] == '>' ? 4 : lt[5] == '>' ? 5 : 6;
        return lt[at] == '>' ? lt + at + 1 : NULL;
    }
    at = lt[2] == '>' ? 2 : lt[3] == '>' ? 3 : lt[4] == '>' ? 4 : 5;
    if (lt[at] != '>' || !is(lt[1], IS_LETTER) || is(lt[at - 1], ENDS_TAG_NAME) ||
        start_stops(scan, lt + 1, lt + at) != PV_SCAN_IGNORE) {
        return NULL;
    }
    return lt + at + 1;
}

/* Past the tag that begins at lt, or NULL if it must be looked at or is not whole. */
static const char *skim_tag(const pv_scan_t *scan, const char *lt, const char *end)
{
    pv_walk_t walk = { NULL, W_BEFORE_NAME, 0, 0 };
    const char *name = lt + 1;
    const char *past;
    const char *p;
    int is_end = name < end && *name == '/';
    int stop;

    name += is_end;
    if (name >= end || !is(*name, IS_LETTER)) {
        return NULL;
    }
    p = until(name, end, ENDS_TAG_NAME);
    if (p == end) {
        return NULL;
    }
    stop = is_end ? end_stops(name, p) : start_stops(scan, name, p);
    if (stop == PV_SCAN_WANT) {
        return NULL;
    }
    if (*p == '>') {
        return p + 1;
    }
    past = walk_plain(p, end);
    if (past == NULL && pv_walk(&walk, &p, end) != WALK_DONE) {
        return NULL;
    }
    p = past != NULL ? past : p;
    return stop == PV_SCAN_WANT_PING && pv_scan_has_ping(name, p) ? NULL : p;
}

const char *pv_scan_skim(const pv_scan_t *scan, const char *p, const char *end)
{
    while (p < end) {
        const char *lt = find(p, end, '<');
        if (lt == NULL) {
            return end;
        }
        p = end - lt >= SHORT ? skim_short(scan, lt) : NULL;
        if (p != NULL) {
            continue;
        }
        p = skim_tag(scan, lt, end);
        if (p == NULL) {
            return lt;
        }
    }
    return end;
}
