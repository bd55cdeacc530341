/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file set_cookie_model.h
 * @brief A Set-Cookie read from the words of rules D3 and D4 and of RFC 6265bis: slow, and
 *        independent of what it is compared with.
 */

#ifndef SET_COOKIE_MODEL_H
#define SET_COOKIE_MODEL_H

#include <apr_time.h>

#include "cookie_model.h"
#include "fuzz.h"

typedef struct {
    pv_span_t name;
    unsigned nameless;
    /** RFC 6265bis has a Max-Age or an Expires, whatever stands in it. */
    unsigned has_lifetime;
    /** D4 to the letter, in a form that no reader doubts. */
    unsigned deletes;
    /** D4 to the letter, as RFC 6265bis reads numbers and dates. */
    unsigned may_delete;
    /** The longest lifetime that RFC 6265bis gives it, or a reader to whom `+N` is a number or
     *  any of several Max-Age counts (R4); 0 if it has none or deletes. */
    apr_int64_t at_least;
    /** No reader gives it another than that. */
    unsigned certain;
} set_model_t;

static inline pv_span_t set_model_trim(pv_span_t s)
{
    size_t begin = 0, end = s.len;

    cookie_model_trim(s.ptr, &begin, &end);
    return pv_span(s.ptr + begin, end - begin);
}

static inline size_t set_model_find(pv_span_t s, char c)
{
    size_t i = 0;

    while (i < s.len && s.ptr[i] != c) {
        i++;
    }
    return i;
}

static inline void set_model_name(set_model_t *model, pv_span_t pair)
{
    size_t eq = set_model_find(pair, '=');

    model->name = set_model_trim(pv_span(pair.ptr, eq));
    if (eq < pair.len && model->name.len > 0) {
        return;
    }
    model->nameless = 1;
    while (pair.len > 0 && (*pair.ptr == '=' || cookie_model_space(*pair.ptr))) {
        pair = pv_span(pair.ptr + 1, pair.len - 1);
    }
    model->name = set_model_trim(pv_span(pair.ptr, set_model_find(pair, '=')));
}

/** One attribute: 'm' for Max-Age, 'e' for Expires, else 0. */
static inline char set_model_attribute(pv_span_t av, pv_span_t *value)
{
    size_t eq = set_model_find(av, '=');
    pv_span_t name = set_model_trim(pv_span(av.ptr, eq));

    *value = eq < av.len ? pv_span(av.ptr + eq + 1, av.len - eq - 1) : pv_span(av.ptr + av.len, 0);
    if (pv_span_eq_nocase(name, PV_SPAN("max-age"))) {
        return 'm';
    }
    return pv_span_eq_nocase(name, PV_SPAN("expires")) ? 'e' : 0;
}

/** What stands between two `;`; *rest is what follows. */
static inline pv_span_t set_model_piece(pv_span_t *rest)
{
    size_t len = set_model_find(*rest, ';');
    pv_span_t piece = pv_span(rest->ptr, len);

    *rest = len < rest->len ? pv_span(rest->ptr + len + 1, rest->len - len - 1)
                            : pv_span(rest->ptr + len, 0);
    return piece;
}

/* RFC 6265bis, section 5.6.1: a token is what stands between delimiters. */

static inline int set_model_is_delimiter(char byte)
{
    unsigned c = (unsigned char)byte;

    return c == 0x09 || (c >= 0x20 && c <= 0x2f) || (c >= 0x3b && c <= 0x40) ||
           (c >= 0x5b && c <= 0x60) || (c >= 0x7b && c <= 0x7e);
}

/** From 1 to most digits at p, and no digit behind them. @return the number, or -1 */
static inline int set_model_number(const char *p, const char *end, int most, const char **after)
{
    int n = 0, value = 0;

    for (; p < end && *p >= '0' && *p <= '9'; p++, n++) {
        value = n < most ? value * 10 + (*p - '0') : value;
    }
    *after = p;
    return n >= 1 && n <= most ? value : -1;
}

typedef struct {
    int hour, minute, second, day, month, year;
    int has_time;
} set_date_t;

static inline int set_model_time(const char *p, const char *end, set_date_t *date)
{
    date->hour = set_model_number(p, end, 2, &p);
    if (date->hour < 0 || p == end || *p != ':') {
        return 0;
    }
    date->minute = set_model_number(p + 1, end, 2, &p);
    if (date->minute < 0 || p == end || *p != ':') {
        return 0;
    }
    date->second = set_model_number(p + 1, end, 2, &p);
    return date->second >= 0;
}

static inline int set_model_month(const char *p, const char *end)
{
    static const char months[] = "janfebmaraprmayjunjulaugsepoctnovdec";

    for (int i = 0; end - p >= 3 && i < 12; i++) {
        if (pv_span_eq_nocase(pv_span(p, 3), pv_span(months + 3 * i, 3))) {
            return i + 1;
        }
    }
    return 0;
}

static inline void set_model_token(const char *p, const char *end, set_date_t *date)
{
    set_date_t time = *date;
    const char *after;
    int number;

    if (!date->has_time && set_model_time(p, end, &time)) {
        *date = time;
        date->has_time = 1;
        return;
    }
    number = set_model_number(p, end, 2, &after);
    if (date->day < 0 && number >= 0) {
        date->day = number;
        return;
    }
    if (date->month == 0 && set_model_month(p, end) > 0) {
        date->month = set_model_month(p, end);
        return;
    }
    number = set_model_number(p, end, 4, &after);
    if (date->year < 0 && number >= 0 && after - p >= 2) {
        date->year = number;
    }
}

/** Seconds since 1970. @return 0 if it fails */
static inline int set_model_date(pv_span_t text, apr_int64_t *seconds)
{
    static const int before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365 };
    set_date_t d = { .day = -1, .year = -1 };
    const char *p = text.ptr, *end = p + text.len;
    apr_int64_t days;
    int leap;

    while (p < end) {
        const char *begin;

        while (p < end && set_model_is_delimiter(*p)) {
            p++;
        }
        begin = p;
        while (p < end && !set_model_is_delimiter(*p)) {
            p++;
        }
        if (p > begin) {
            set_model_token(begin, p, &d);
        }
    }
    d.year += d.year >= 70 && d.year <= 99 ? 1900 : d.year >= 0 && d.year <= 69 ? 2000 : 0;
    leap = (d.year % 4 == 0 && d.year % 100 != 0) || d.year % 400 == 0;
    if (!d.has_time || d.day < 1 || d.month == 0 || d.year < 1601 || d.hour > 23 || d.minute > 59 ||
        d.second > 59 || d.day > before[d.month] - before[d.month - 1] + (leap && d.month == 2)) {
        return 0;
    }
    days = (apr_int64_t)(d.year - 1) * 365 + (d.year - 1) / 4 - (d.year - 1) / 100 +
           (d.year - 1) / 400 + before[d.month - 1] + (leap && d.month > 2) + d.day - 1 - 719162;
    *seconds = days * 86400 + d.hour * 3600 + d.minute * 60 + d.second;
    return 1;
}

/* What RFC 6265bis does with its attributes: the last of a kind that can be read counts, and a
 * Max-Age before an Expires. */
typedef struct {
    int ages, expiries;
    int odd_age;         /**< one that is no -?[0-9]+, or is positive */
    int odd_expires;     /**< one that is no past date */
    int unusual;         /**< one that is not written as everybody writes it */
    int unreadable;      /**< one that is neither number nor date, or a number beyond reason */
    apr_int64_t longest; /**< of every Max-Age, `+N` among them */
    int has_age;         /**< one that is -?[0-9]+ */
    int has_date;
    apr_int64_t date;
} set_lives_t;

static inline void set_model_age(set_lives_t *lives, pv_span_t value)
{
    pv_span_t s = pv_span_trim(value, pv_is_wsp);
    int minus = s.len > 0 && *s.ptr == '-', plus = s.len > 0 && *s.ptr == '+';
    size_t sign = (size_t)(minus || plus);
    int good = s.len > sign && s.len <= 1024;
    apr_int64_t number = 0;

    for (size_t i = sign; i < s.len; i++) {
        good &= s.ptr[i] >= '0' && s.ptr[i] <= '9';
        if (good) {
            number = number < 100000000000 ? number * 10 + (s.ptr[i] - '0') : number;
        }
    }
    lives->ages++;
    lives->odd_age |= !good || plus || (!minus && number > 0);
    lives->unreadable |= !good || plus || number >= 100000000000;
    lives->has_age |= good && !plus;
    if (good && !minus && number > lives->longest) {
        lives->longest = number;
    }
}

/* `Thu, 01 Jan 1970 00:00:00 GMT`, as every server writes it. */
static inline int set_model_is_usual(pv_span_t s)
{
    static const char form[] = "Aaa, dd Aaa dddd dd:dd:dd GMT";

    for (size_t i = 0; s.len == sizeof(form) - 1 && i < s.len; i++) {
        char c = s.ptr[i];

        if (form[i] == 'd'   ? c < '0' || c > '9'
            : form[i] == 'A' ? c < 'A' || c > 'Z'
            : form[i] == 'a' ? c < 'a' || c > 'z'
                             : c != form[i]) {
            return 0;
        }
    }
    return s.len == sizeof(form) - 1;
}

static inline void set_model_expires(set_lives_t *lives, pv_span_t value, apr_time_t now)
{
    pv_span_t s = pv_span_trim(value, pv_is_wsp);
    apr_int64_t seconds;
    int good = s.len <= 1024 && set_model_date(s, &seconds);

    lives->expiries++;
    lives->odd_expires |= !good || apr_time_from_sec(seconds) >= now;
    lives->unusual |= !set_model_is_usual(s);
    lives->unreadable |= !good;
    if (good) {
        lives->has_date = 1;
        lives->date = seconds;
    }
}

/** Whole seconds to a date, a part of one counted as one; before 1970, too. */
static inline apr_int64_t set_model_until(apr_int64_t date, apr_time_t now)
{
    return date - apr_time_sec(now) + (now < 0 && now % APR_USEC_PER_SEC != 0);
}

static inline void set_model_conclude(set_model_t *model, const set_lives_t *lives, apr_time_t now)
{
    model->has_lifetime = lives->ages + lives->expiries > 0;
    model->may_delete =
        lives->ages > 0 ? !lives->odd_age : lives->expiries > 0 && !lives->odd_expires;
    model->deletes = model->may_delete && !lives->unusual;
    model->certain = model->has_lifetime && !lives->unusual && !lives->unreadable &&
                     (lives->ages > 0 || lives->expiries == 1);
    model->at_least = lives->longest;
    if (!lives->has_age && lives->has_date && set_model_until(lives->date, now) > model->at_least) {
        model->at_least = set_model_until(lives->date, now);
    }
}

static inline void set_model_read(set_model_t *model, pv_span_t value, apr_time_t now)
{
    set_lives_t lives = { .ages = 0 };
    pv_span_t rest = value;

    memset(model, 0, sizeof(*model));
    set_model_name(model, set_model_piece(&rest));
    while (rest.len > 0) {
        pv_span_t av = set_model_piece(&rest), text;
        char kind = set_model_attribute(av, &text);
        pv_span_t name = pv_span(av.ptr, set_model_find(av, '='));

        if (kind == 0) {
            continue;
        }
        /* White space that only some take off: the attribute is one to them alone. */
        lives.unusual |= !pv_span_eq(set_model_trim(name), pv_span_trim(name, pv_is_wsp)) ||
                         !pv_span_eq(set_model_trim(text), pv_span_trim(text, pv_is_wsp));
        if (kind == 'm') {
            set_model_age(&lives, text);
        }
        else {
            set_model_expires(&lives, text, now);
        }
    }
    set_model_conclude(model, &lives, now);
}

#endif /* SET_COOKIE_MODEL_H */
