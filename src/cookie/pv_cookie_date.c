/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "cookie/pv_cookie_date.h"

/** 1601-01-01T00:00:00Z and 9999-12-31T23:59:59Z, in seconds since 1970. */
#define FIRST_SECOND APR_INT64_C(-11644473600)
#define LAST_SECOND  APR_INT64_C(253402300799)

enum { FOUND_TIME = 1, FOUND_DAY = 2, FOUND_MONTH = 4, FOUND_YEAR = 8, FOUND_ALL = 15 };

typedef struct {
    unsigned found;
    int hour, minute, second;
    int day;
    int month; /* 1 to 12 */
    int year;
} fields_t;

/* What a token was to the algorithm. */
typedef enum {
    TOKEN_PLAIN, /* every reader agrees about it */
    TOKEN_ODD    /* one reader may use what another passes over */
} token_t;

/* A table, for every byte of every Expires passes here. */
static const unsigned char delimiters[256] = {
    [0x09] = 1, [0x20 ... 0x2F] = 1, [0x3B ... 0x40] = 1, [0x5B ... 0x60] = 1, [0x7B ... 0x7E] = 1
};

static inline int is_delimiter(char c)
{
    return delimiters[(unsigned char)c];
}

/** Take the next date-token from the front of rest; 0 if there is none. */
static int next_token(pv_span_t *rest, pv_span_t *token)
{
    const char *p = rest->ptr, *end = p + rest->len;

    while (p < end && is_delimiter(*p)) {
        p++;
    }
    token->ptr = p;
    while (p < end && !is_delimiter(*p)) {
        p++;
    }
    token->len = (apr_size_t)(p - token->ptr);
    *rest = pv_span_between(p, end);
    return token->len > 0;
}

/** Read up to most digits from *at; how many there were. */
static apr_size_t read_digits(pv_span_t t, apr_size_t *at, apr_size_t most, int *value)
{
    apr_size_t n = 0;

    *value = 0;
    while (n < most && *at < t.len && pv_is_digit(t.ptr[*at])) {
        *value = *value * 10 + (t.ptr[*at] - '0');
        (*at)++;
        n++;
    }
    return n;
}

/** least to most digits at the beginning, and no digit after them; used is how
 *  many bytes they took. */
static int read_number(pv_span_t t, apr_size_t least, apr_size_t most, int *value, apr_size_t *used)
{
    *used = 0;
    return read_digits(t, used, most, value) >= least &&
           (*used == t.len || !pv_is_digit(t.ptr[*used]));
}

/** hms-time at the beginning of a token. */
static int read_hms(pv_span_t t, fields_t *f, apr_size_t *used)
{
    int *const parts[] = { &f->hour, &f->minute, &f->second };

    *used = 0;
    for (int i = 0; i < 3; i++) {
        if (i > 0 && (*used == t.len || t.ptr[(*used)++] != ':')) {
            return 0;
        }
        if (read_digits(t, used, 2, parts[i]) == 0) {
            return 0;
        }
    }
    return 1;
}

#define LETTERS(a, b, c) (((apr_uint32_t)(a) << 16) | ((apr_uint32_t)(b) << 8) | (apr_uint32_t)(c))

/** The month that three bytes name: 1 to 12, or 0. */
static int month_of(const char *p)
{
    const unsigned char *u = (const unsigned char *)p;

    switch (LETTERS(u[0], u[1], u[2]) | 0x202020) {
    case LETTERS('j', 'a', 'n'):
        return 1;
    case LETTERS('f', 'e', 'b'):
        return 2;
    case LETTERS('m', 'a', 'r'):
        return 3;
    case LETTERS('a', 'p', 'r'):
        return 4;
    case LETTERS('m', 'a', 'y'):
        return 5;
    case LETTERS('j', 'u', 'n'):
        return 6;
    case LETTERS('j', 'u', 'l'):
        return 7;
    case LETTERS('a', 'u', 'g'):
        return 8;
    case LETTERS('s', 'e', 'p'):
        return 9;
    case LETTERS('o', 'c', 't'):
        return 10;
    case LETTERS('n', 'o', 'v'):
        return 11;
    case LETTERS('d', 'e', 'c'):
        return 12;
    default:
        return 0;
    }
}

static void take_month(pv_span_t t, fields_t *f)
{
    int month = (f->found & FOUND_MONTH) || t.len < 3 ? 0 : month_of(t.ptr);

    if (month != 0) {
        f->month = month;
        f->found |= FOUND_MONTH;
    }
}

/** One token, by step 2 of the algorithm. */
static token_t take_token(pv_span_t t, fields_t *f)
{
    apr_size_t used = 0;

    if (!pv_is_digit(t.ptr[0])) {
        take_month(t, f);
        return TOKEN_PLAIN;
    }
    if (!(f->found & FOUND_TIME) && read_hms(t, f, &used) &&
        (used == t.len || !pv_is_digit(t.ptr[used]))) {
        f->found |= FOUND_TIME;
    }
    else if (!(f->found & FOUND_DAY) && read_number(t, 1, 2, &f->day, &used)) {
        f->found |= FOUND_DAY;
    }
    else if (!(f->found & FOUND_YEAR) && read_number(t, 2, 4, &f->year, &used)) {
        f->found |= FOUND_YEAR;
    }
    else {
        used = 0;
    }
    return used == t.len ? TOKEN_PLAIN : TOKEN_ODD;
}

/** One token as Chromium takes it (net/cookies/cookie_util.cc). */
static void take_token_loosely(pv_span_t t, fields_t *f)
{
    apr_size_t used = 0;

    if (!pv_is_digit(t.ptr[0])) {
        take_month(t, f);
    }
    else if (memchr(t.ptr, ':', t.len) != NULL) {
        if (!(f->found & FOUND_TIME) && read_hms(t, f, &used)) {
            f->found |= FOUND_TIME;
        }
    }
    else if (!(f->found & FOUND_DAY) && t.len <= 2) {
        read_digits(t, &used, 2, &f->day);
        f->found |= FOUND_DAY;
    }
    else if (!(f->found & FOUND_YEAR) && t.len <= 5) {
        read_digits(t, &used, 5, &f->year);
        f->found |= FOUND_YEAR;
    }
}

static int days_of_month(int month, int year)
{
    static const char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    int leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && leap);
}

/** Days from 1970-01-01, in the proleptic Gregorian calendar. */
static apr_int64_t days_since_1970(const fields_t *f)
{
    /* Counted in years that begin with March, so that a leap day comes last. */
    apr_int64_t years = f->year - (f->month <= 2);
    int months = (f->month + 9) % 12;

    return years * 365 + years / 4 - years / 100 + years / 400 + (153 * months + 2) / 5 + f->day -
           1 - 719468;
}

/** Steps 3 to 7 of the algorithm. */
static pv_status_t fields_to_time(fields_t *f, apr_time_t *when)
{
    apr_int64_t seconds;

    if (f->found != FOUND_ALL) {
        return PV_BAD;
    }
    if (f->year <= 99) {
        f->year += f->year >= 70 ? 1900 : 2000;
    }
    if (f->year < 1601 || f->hour > 23 || f->minute > 59 || f->second > 59 || f->day < 1 ||
        f->day > days_of_month(f->month, f->year)) {
        return PV_BAD;
    }
    seconds = ((days_since_1970(f) * 24 + f->hour) * 60 + f->minute) * 60 + f->second;
    *when = apr_time_from_sec(seconds);
    return PV_OK;
}

static inline int two_digits(const char *p, int *value)
{
    unsigned tens = (unsigned char)p[0] - (unsigned)'0', ones = (unsigned char)p[1] - (unsigned)'0';

    *value = (int)(tens * 10 + ones);
    return tens <= 9 && ones <= 9;
}

static inline int is_letter(char c)
{
    return pv_lower(c) >= 'a' && pv_lower(c) <= 'z';
}

/** An IMF-fixdate, or one with `-` around the month: nearly every Expires. What
 *  this reads, the algorithm reads the same. */
static int read_usual(pv_span_t s, fields_t *f)
{
    const char *p = s.ptr;
    int century, year;

    if (s.len != PV_COOKIE_DATE_LEN || memcmp(p + 3, ", ", 2) != 0 || p[7] != p[11] ||
        (p[7] != ' ' && p[7] != '-') || p[16] != ' ' || p[19] != ':' || p[22] != ':' ||
        memcmp(p + 25, " GMT", 4) != 0) {
        return 0;
    }
    /* A month where the day of the week should be would be the month. */
    if (!is_letter(p[0]) || !is_letter(p[1]) || !is_letter(p[2]) || month_of(p) != 0) {
        return 0;
    }
    if (!two_digits(p + 5, &f->day) || !two_digits(p + 12, &century) ||
        !two_digits(p + 14, &year) || !two_digits(p + 17, &f->hour) ||
        !two_digits(p + 20, &f->minute) || !two_digits(p + 23, &f->second)) {
        return 0;
    }
    f->month = month_of(p + 8);
    f->year = century * 100 + year;
    if (f->month == 0) {
        return 0;
    }
    f->found = FOUND_ALL;
    return 1;
}

/** The algorithm whole; odd is set if another reader may differ. */
static pv_status_t parse(pv_span_t rest, apr_time_t *when, int *odd)
{
    fields_t f = { 0, 0, 0, 0, 0, 0, 0 };
    pv_span_t token;

    *odd = 0;
    if (read_usual(rest, &f)) {
        return fields_to_time(&f, when);
    }
    while (f.found != FOUND_ALL && next_token(&rest, &token)) {
        if (take_token(token, &f) == TOKEN_ODD) {
            *odd = 1;
        }
    }
    return fields_to_time(&f, when);
}

static pv_status_t parse_loosely(pv_span_t rest, apr_time_t *when)
{
    fields_t f = { 0, 0, 0, 0, 0, 0, 0 };
    pv_span_t token;

    while (f.found != FOUND_ALL && next_token(&rest, &token)) {
        take_token_loosely(token, &f);
    }
    return fields_to_time(&f, when);
}

pv_status_t pv_cookie_date_parse(const char *buf, apr_size_t len, apr_time_t *when)
{
    int odd;

    return parse(pv_span(buf, len), when, &odd);
}

void pv_cookie_date_read(const char *buf, apr_size_t len, pv_cookie_date_t *date)
{
    apr_time_t exact = 0, loose = 0;
    int odd;
    pv_status_t exact_status = parse(pv_span(buf, len), &exact, &odd);
    pv_status_t loose_status = odd ? parse_loosely(pv_span(buf, len), &loose) : exact_status;

    if (!odd) {
        loose = exact;
    }
    date->readable = exact_status == PV_OK || loose_status == PV_OK;
    date->certain = exact_status == PV_OK && loose_status == PV_OK && exact == loose;
    date->latest = exact;
    if (loose_status == PV_OK && (exact_status != PV_OK || loose > exact)) {
        date->latest = loose;
    }
}

void pv_cookie_date_write(apr_time_t when, char *out)
{
    /* Division rounds towards zero, which is up before 1970. */
    apr_int64_t seconds = apr_time_sec(when) - (when < 0 && when % APR_USEC_PER_SEC != 0);
    char date[APR_RFC822_DATE_LEN];

    if (seconds < FIRST_SECOND) {
        seconds = FIRST_SECOND;
    }
    if (seconds > LAST_SECOND) {
        seconds = LAST_SECOND;
    }
    apr_rfc822_date(date, apr_time_from_sec(seconds));
    memcpy(out, date, PV_COOKIE_DATE_LEN);
}
