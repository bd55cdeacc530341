/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "page/pv_words.h"

#include <stdlib.h>

#include <apr_strings.h>

#include "cookie/pv_lifetime.h"
#include "page/pv_text.h"

/** One logical line: continued lines joined. @return its first line's number */
typedef struct {
    const char *at;
    const char *end;
    int line; /**< of at, from 1 */
} reader_t;

static pv_span_t physical_line(reader_t *in)
{
    const char *begin = in->at;
    const char *newline = pv_find(begin, in->end, '\n');

    in->at = newline < in->end ? newline + 1 : newline;
    in->line++;
    return pv_span_trim(pv_span_between(begin, newline), pv_is_outer_space);
}

static pv_span_t logical_line(reader_t *in, apr_pool_t *pool)
{
    pv_span_t line = physical_line(in);
    pv_text_t joined = { .pool = pool };

    if (line.len == 0 || line.ptr[line.len - 1] != '\\') {
        return line;
    }
    while (line.len > 0 && line.ptr[line.len - 1] == '\\') {
        pv_text_add(&joined, line.ptr, line.len - 1);
        line = in->at < in->end ? physical_line(in) : pv_span(NULL, 0);
    }
    pv_text_add(&joined, line.ptr, line.len);
    return pv_text_done(&joined);
}

static int is_key(pv_span_t key)
{
    for (apr_size_t i = 0; i < key.len; i++) {
        char c = key.ptr[i];

        if (!(c >= 'a' && c <= 'z') && !pv_is_digit(c) && c != '.' && c != '_' && c != '-') {
            return 0;
        }
    }
    return key.len > 0;
}

static const char *read_pair(pv_words_t *words, pv_span_t line, apr_pool_t *pool)
{
    const char *end = line.ptr + line.len;
    const char *eq = pv_find(line.ptr, end, '=');
    pv_span_t key = pv_span_trim(pv_span_between(line.ptr, eq), pv_is_outer_space);
    pv_span_t value;
    const char *name;

    if (eq == end || !is_key(key)) {
        return "a line must be KEY = TEXT, where KEY is of a-z, 0-9, . _ and -";
    }
    value = pv_span_trim(pv_span_between(eq + 1, end), pv_is_outer_space);
    name = apr_pstrmemdup(pool, key.ptr, key.len);
    if (apr_hash_get(words->text, name, APR_HASH_KEY_STRING) != NULL) {
        return apr_psprintf(pool, "'%s' is there twice", name);
    }
    apr_hash_set(words->text, name, APR_HASH_KEY_STRING,
                 apr_pstrmemdup(pool, value.ptr, value.len));
    return NULL;
}

pv_words_t *pv_words_read(const char *tag, const char *buf, apr_size_t len, int *line,
                          const char **error, apr_pool_t *pool)
{
    pv_words_t *words = apr_pcalloc(pool, sizeof(*words));
    reader_t in = { buf, buf + len, 0 };

    words->tag = tag;
    words->text = apr_hash_make(pool);
    *error = NULL;
    while (in.at < in.end) {
        pv_span_t text;

        *line = in.line + 1;
        text = logical_line(&in, pool);
        if (text.len > 0 && text.ptr[0] != '#' && (*error = read_pair(words, text, pool)) != NULL) {
            return NULL;
        }
    }
    return words;
}

const char *pv_words_get(const pv_words_t *words, const char *key)
{
    return apr_hash_get(words->text, key, APR_HASH_KEY_STRING);
}

/** Plural categories of whole numbers (CLDR 46, plurals.xml) where they are not
 *  those of English. */
static const char *plural(const char *tag, apr_int64_t n)
{
    if (strncmp(tag, "fr", 2) == 0) {
        return n == 0 || n == 1 ? "one" : "other";
    }
    if (strncmp(tag, "pl", 2) == 0) {
        int few = n % 10 >= 2 && n % 10 <= 4 && !(n % 100 >= 12 && n % 100 <= 14);

        return n == 1 ? "one" : few ? "few" : "many";
    }
    if (strncmp(tag, "cy", 2) == 0) {
        static const char *const small[] = {
            "zero", "one", "two", "few", "other", "other", "many"
        };

        return n >= 0 && n <= 6 ? small[n] : "other";
    }
    return n == 1 ? "one" : "other";
}

const char *pv_words_count(const pv_words_t *words, const char *noun, apr_int64_t n,
                           apr_pool_t *pool)
{
    const char *form = apr_pstrcat(pool, noun, ".", plural(words->tag, n), NULL);
    const char *text = pv_words_get(words, form);
    const char *slot;

    if (text == NULL) {
        text = pv_words_get(words, apr_pstrcat(pool, noun, ".other", NULL));
    }
    slot = text ? strstr(text, "{{n}}") : NULL;
    if (slot == NULL) {
        return text;
    }
    return apr_psprintf(pool, "%.*s%" APR_INT64_T_FMT "%s", (int)(slot - text), text, n,
                        slot + strlen("{{n}}"));
}

static const struct {
    const char *noun;
    apr_int64_t seconds;
} units[] = {
    { "years", PV_SECONDS_YEAR },
    { "months", PV_SECONDS_MONTH },
    { "weeks", 604800 },
    { "days", 86400 },
    { "hours", 3600 },
    { "minutes", 60 },
    { "seconds", 1 },
};

#define UNITS ((int)(sizeof(units) / sizeof(units[0])))

const char *pv_words_lifetime(const pv_words_t *words, apr_int64_t seconds, apr_pool_t *pool)
{
    int i = 0;

    if (seconds == PV_LIFETIME_SESSION) {
        return pv_words_get(words, "lifetime.session");
    }
    if (seconds == PV_LIFETIME_ANY) {
        return pv_words_get(words, "lifetime.any");
    }
    while (i < UNITS - 1 && (seconds < units[i].seconds || seconds % units[i].seconds != 0)) {
        i++;
    }
    return pv_words_count(words, units[i].noun, seconds / units[i].seconds, pool);
}

const char *pv_words_missing(const pv_words_t *words)
{
    static const char *const needed[] = {
        "dir",         "lifetime.session", "lifetime.any",  "years.other",   "months.other",
        "weeks.other", "days.other",       "hours.other",   "minutes.other", "seconds.other",
        "own.record",  "own.seen",         "own.dismissed", "own.choice",    "own.source",
        "own.site",    "own.lifetime",
    };

    for (apr_size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
        if (pv_words_get(words, needed[i]) == NULL) {
            return needed[i];
        }
    }
    return NULL;
}

/** Thousandths of a quality value, or 0 for what is none. */
static int quality(const char *p, const char *end)
{
    int value, scale = 100;

    while (p < end && (pv_is_wsp(*p) || *p == ';')) {
        p++;
    }
    if (p == end) {
        return 1000;
    }
    if (end - p < 3 || pv_lower(p[0]) != 'q' || p[1] != '=' || (p[2] != '0' && p[2] != '1')) {
        return 0;
    }
    value = (p[2] - '0') * 1000;
    p += 3;
    if (p < end && *p == '.') {
        for (p++; p < end && pv_is_digit(*p) && scale > 0; p++, scale /= 10) {
            value += (*p - '0') * scale;
        }
    }
    while (p < end && pv_is_wsp(*p)) {
        p++;
    }
    return p == end && value <= 1000 ? value : 0;
}

/** Whether a tag is, or begins with, the whole subtags of a prefix. */
static int is_within(pv_span_t tag, pv_span_t prefix)
{
    return tag.len >= prefix.len && pv_span_eq_nocase(pv_span(tag.ptr, prefix.len), prefix) &&
           (tag.len == prefix.len || tag.ptr[prefix.len] == '-');
}

/** The offered tag for one range: the range, shortened subtag by subtag (`de-AT`
 *  finds `de`); then what the range is the beginning of (`en` finds `en-GB`). */
static int look_up(pv_span_t range, const char *const *tags, int count)
{
    pv_span_t rest = range;

    while (rest.len > 0) {
        for (int i = 0; i < count; i++) {
            if (pv_span_eq_nocase(pv_span(tags[i], strlen(tags[i])), rest)) {
                return i;
            }
        }
        while (rest.len > 0 && rest.ptr[rest.len - 1] != '-') {
            rest.len--;
        }
        rest.len -= rest.len > 0;
    }
    for (int i = 0; i < count; i++) {
        if (is_within(pv_span(tags[i], strlen(tags[i])), range)) {
            return i;
        }
    }
    return -1;
}

int pv_language_choose(const char *accept, const char *const *tags, int count)
{
    int best = 0, best_quality = 0;

    for (const char *p = accept; p != NULL && *p;) {
        const char *end = p + strcspn(p, ",");
        pv_span_t item = pv_span_trim(pv_span_between(p, end), pv_is_outer_space);
        const char *item_end = item.ptr + item.len;
        const char *range_end = pv_find_either(item.ptr, item_end, ';', ' ');
        int q = quality(range_end, item_end);
        int found =
            q > best_quality ? look_up(pv_span_between(item.ptr, range_end), tags, count) : -1;

        if (found < 0 && q > best_quality && range_end == item.ptr + 1 && *item.ptr == '*') {
            found = 0;
        }
        if (found >= 0) {
            best = found;
            best_quality = q;
        }
        p = *end ? end + 1 : end;
    }
    return best;
}

int pv_language_is_tag(const char *tag)
{
    apr_size_t subtag = 0;

    if (strlen(tag) > 35) {
        return 0;
    }
    for (const char *p = tag;; p++) {
        char c = pv_lower(*p);

        if (*p == '\0' || *p == '-') {
            if (subtag == 0 || subtag > 8) {
                return 0;
            }
            if (*p == '\0') {
                return 1;
            }
            subtag = 0;
            continue;
        }
        if (!(c >= 'a' && c <= 'z') && !(pv_is_digit(c) && p > tag)) {
            return 0;
        }
        subtag++;
    }
}
