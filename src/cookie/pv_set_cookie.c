/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "cookie/pv_set_cookie.h"

#include "cookie/pv_cookie_date.h"

/** Browsers ignore an attribute whose value is longer. */
#define VALUE_MAX 1024

/** Digits of the largest apr_int64_t. */
#define NUMBER_LEN 19

/** Of both names, so that one comparison of two words tells them apart. */
#define NAME_LEN 7

/** 10,000 years: what is longer is so after any now. */
#define LIFETIME_MAX APR_INT64_C(315360000000)

typedef enum {
    ATTRIBUTE_OTHER = 0, /* which concerns no lifetime */
    ATTRIBUTE_MAX_AGE,
    ATTRIBUTE_EXPIRES,
    ATTRIBUTE_KINDS
} attribute_kind_t;

/* A Max-Age or an Expires. */
typedef struct {
    attribute_kind_t kind;
    /* The value, WSP removed; where it would be if there is none. */
    pv_span_t value;
    int has_value; /* there is a `=` */
    int doubtful;  /* some reader does not see it, or not with this value */
} attribute_t;

/* What is known after some attributes; the flags say whether there is one that... */
typedef struct {
    apr_time_t now;
    apr_int64_t longest; /* of every Max-Age; 0 if none is positive */
    apr_time_t latest;   /* of every Expires; now if none is later */
    int max_age;
    int max_age_doubtful; /* is no -?[0-9]+ to every reader */
    int expires;
    int expires_doubtful; /* is not one date to every reader */
    int expires_lives;    /* is not past */
} reading_t;

static inline const char *skip_wsp(const char *p, const char *end)
{
    while (p < end && pv_is_wsp(*p)) {
        p++;
    }
    return p;
}

static inline const char *skip_space(const char *p, const char *end)
{
    while (p < end && pv_is_outer_space(*p)) {
        p++;
    }
    return p;
}

static inline apr_uint32_t lower_word(const char *p)
{
    apr_uint32_t word;

    memcpy(&word, p, sizeof(word));
    return word | 0x20202020;
}

/** Which of the names stands at p, where NAME_LEN bytes are. */
static inline attribute_kind_t name_kind(const char *p)
{
    apr_uint32_t head = lower_word(p);

    if (head == lower_word("max-")) {
        /* The bit that makes letters lower case also makes CR a hyphen. */
        if (p[3] == '-' && lower_word(p + NAME_LEN - 4) == lower_word("-age")) {
            return ATTRIBUTE_MAX_AGE;
        }
    }
    else if (head == lower_word("expi")) {
        if (lower_word(p + NAME_LEN - 4) == lower_word("ires")) {
            return ATTRIBUTE_EXPIRES;
        }
    }
    return ATTRIBUTE_OTHER;
}

/** Read the cookie-av between a `;` and the next. */
static attribute_kind_t read_attribute(const char *begin, const char *end, attribute_t *av)
{
    const char *name = skip_space(begin, end), *p;
    pv_span_t value;

    av->kind = end - name < NAME_LEN ? ATTRIBUTE_OTHER : name_kind(name);
    if (av->kind == ATTRIBUTE_OTHER) {
        return ATTRIBUTE_OTHER;
    }
    p = skip_space(name + NAME_LEN, end);
    if (p < end && *p != '=') {
        return ATTRIBUTE_OTHER;
    }
    av->has_value = p < end;
    value = pv_span_between(name + NAME_LEN, name + NAME_LEN);
    if (av->has_value) {
        value = pv_span_trim(pv_span_between(p + 1, end), pv_is_wsp);
    }
    av->value = value;
    /* What stands beside a form feed, say, is no name and no number to a browser. */
    av->doubtful = skip_wsp(begin, end) != name || skip_wsp(name + NAME_LEN, end) != p ||
                   value.len > VALUE_MAX ||
                   (value.len > 0 && (pv_is_outer_space(value.ptr[0]) ||
                                      pv_is_outer_space(value.ptr[value.len - 1])));
    return av->kind;
}

/** Seconds of [+-]?[0-9]+, held at the largest; 0 if it is not positive or no
 *  number. strict is set for -?[0-9]+. */
static apr_int64_t read_max_age(pv_span_t s, int *strict)
{
    const char *p = s.ptr, *end = p + s.len;
    int sign = p < end && (*p == '-' || *p == '+') ? *p++ : 0;
    const char *digits = p;
    apr_int64_t seconds = 0;

    for (; p < end && pv_is_digit(*p); p++) {
        seconds = seconds < APR_INT64_MAX / 10 ? seconds * 10 + (*p - '0') : APR_INT64_MAX;
    }
    *strict = p > digits && p == end && sign != '+';
    /* Browsers whose number is full do not look at what follows. */
    if (sign == '-' || (p < end && seconds != APR_INT64_MAX)) {
        return 0;
    }
    return seconds;
}

static void add_max_age(reading_t *reading, const attribute_t *av)
{
    int strict;
    apr_int64_t seconds = read_max_age(pv_span_trim(av->value, pv_is_outer_space), &strict);

    reading->max_age = 1;
    if (!strict || av->doubtful) {
        reading->max_age_doubtful = 1;
    }
    if (seconds > reading->longest) {
        reading->longest = seconds;
    }
}

/**
 * Read `=`, digits and the end of the attribute, as nearly every Max-Age has them
 * after its name.
 * @return the end of the attribute, or NULL if it is not as simple as that
 */
static inline const char *add_plain_max_age(reading_t *reading, const char *p, const char *end)
{
    const char *digits, *most;
    apr_int64_t seconds = 0;

    if (p == end || *p != '=') {
        return NULL;
    }
    digits = p + 1;
    most = end - p > NUMBER_LEN ? p + NUMBER_LEN : end;
    for (p = digits; p < most && pv_is_digit(*p); p++) {
        seconds = seconds * 10 + (*p - '0');
    }
    if (p == digits || (p < end && *p != ';')) {
        return NULL;
    }
    reading->max_age = 1;
    if (seconds > reading->longest) {
        reading->longest = seconds;
    }
    return p;
}

static void add_expires(reading_t *reading, const attribute_t *av)
{
    pv_cookie_date_t date;

    pv_cookie_date_read(av->value.ptr, av->value.len, &date);
    reading->expires = 1;
    if (!date.certain || av->doubtful) {
        reading->expires_doubtful = 1;
    }
    if (date.readable && date.latest >= reading->now) {
        reading->expires_lives = 1;
        if (date.latest > reading->latest) {
            reading->latest = date.latest;
        }
    }
}

/** Whole seconds from now to the latest Expires, a part of one counted as one. */
static apr_int64_t seconds_left(const reading_t *reading)
{
    /* Of any two times the difference may not be a number. */
    apr_uint64_t left = (apr_uint64_t)reading->latest - (apr_uint64_t)reading->now;

    return (apr_int64_t)(left / APR_USEC_PER_SEC + (left % APR_USEC_PER_SEC != 0));
}

/** What the cookie is if Max-Age is not there, or not to every reader. */
static void conclude_expires(const reading_t *reading, pv_set_cookie_t *cookie)
{
    if (reading->expires_lives) {
        apr_int64_t left = seconds_left(reading);

        if (left > cookie->lifetime) {
            cookie->lifetime = left;
        }
    }
    if (cookie->lifetime == 0 && (!reading->expires || reading->expires_doubtful)) {
        cookie->lifetime = PV_LIFETIME_SESSION;
    }
}

/** Rule D4. */
static inline int is_deletion(const reading_t *reading)
{
    if (reading->max_age) {
        return !reading->max_age_doubtful && reading->longest == 0;
    }
    return reading->expires && !reading->expires_doubtful && !reading->expires_lives;
}

static void conclude(const reading_t *reading, pv_set_cookie_t *cookie)
{
    cookie->lifetime = reading->longest;
    if (!reading->max_age || reading->max_age_doubtful) {
        conclude_expires(reading, cookie);
    }
    cookie->has_lifetime = reading->max_age || reading->expires;
    cookie->deletes = is_deletion(reading);
}

void pv_set_cookie_nameless(const char *buf, const char *stop, pv_set_cookie_t *cookie)
{
    while (buf < stop && (*buf == '=' || pv_is_outer_space(*buf))) {
        buf++;
    }
    cookie->name = pv_span_trim(pv_span_between(buf, pv_find(buf, stop, '=')), pv_is_outer_space);
    cookie->nameless = 1;
}

/** Read an attribute that is not known to be of another kind. */
static void add_attribute(reading_t *reading, const char *begin, const char *end)
{
    attribute_t av;
    attribute_kind_t kind = read_attribute(begin, end, &av);

    if (kind == ATTRIBUTE_MAX_AGE) {
        add_max_age(reading, &av);
    }
    else if (kind == ATTRIBUTE_EXPIRES) {
        add_expires(reading, &av);
    }
}

/** Read what follows a `;`; the end of that attribute, or of what has to be read. */
static inline const char *next_attribute(reading_t *reading, const char *buf, const char *begin,
                                         const char *end)
{
    const char *name = begin + (begin < end && *begin == ' '), *p;
    attribute_kind_t kind;

    if (end - name < NAME_LEN) {
        return end;
    }
    /* Neither name has a `;` in it: this does not look beyond the attribute. */
    kind = name_kind(name);
    if (kind == ATTRIBUTE_MAX_AGE) {
        p = add_plain_max_age(reading, name + NAME_LEN, end);
        if (p != NULL) {
            return p;
        }
    }
    p = pv_find_within(buf, begin, end, ';');
    if (kind != ATTRIBUTE_OTHER || (unsigned char)*name <= ' ') {
        add_attribute(reading, begin, p);
    }
    return p;
}

void pv_set_cookie_lifetime(apr_time_t now, pv_set_cookie_t *cookie)
{
    const char *p = cookie->attributes.ptr, *end = p + cookie->attributes.len;
    reading_t reading = { .now = now, .latest = now };

    while (p < end) {
        p = next_attribute(&reading, cookie->attributes.ptr, p + 1, end);
    }
    conclude(&reading, cookie);
}

/** Whether an attribute is a Max-Age that begins with a digit other than 0: be it a
 *  positive number or none, the cookie is no deletion, whatever follows (rule D4). */
static inline int is_kept(const char *begin, const char *end)
{
    const char *name = begin + (begin < end && *begin == ' ');

    return end - name > NAME_LEN + 1 && name_kind(name) == ATTRIBUTE_MAX_AGE &&
           name[NAME_LEN] == '=' && name[NAME_LEN + 1] >= '1' && name[NAME_LEN + 1] <= '9';
}

int pv_set_cookie_deletes(apr_time_t now, const pv_set_cookie_t *cookie)
{
    const char *p = cookie->attributes.ptr, *end = p + cookie->attributes.len;
    reading_t reading = { .now = now, .latest = now };

    while (p < end) {
        if (is_kept(p + 1, end)) {
            return 0;
        }
        p = next_attribute(&reading, cookie->attributes.ptr, p + 1, end);
    }
    return is_deletion(&reading);
}

void pv_set_cookie_read(const char *buf, apr_size_t len, apr_time_t now, pv_set_cookie_t *cookie)
{
    pv_set_cookie_name(buf, len, cookie);
    pv_set_cookie_lifetime(now, cookie);
}

int pv_set_cookie_can_name(pv_span_t name)
{
    static const char never[256] = { [0 ... 8] = 1, [10 ... 31] = 1, [';'] = 1, [0x7f] = 1 };
    const unsigned char *p = (const unsigned char *)name.ptr;
    const unsigned char *end = p + name.len;

    if (p == end) {
        return 0;
    }
    while (p < end && !never[*p]) {
        p++;
    }
    return p == end;
}

int pv_set_cookie_has_prefix(pv_span_t name, const char *prefix)
{
    apr_size_t len = strlen(prefix);

    return name.len >= len && pv_span_eq_nocase(pv_span(name.ptr, len), pv_span(prefix, len));
}

static char *put(char *out, const char *begin, const char *end)
{
    apr_size_t len = (apr_size_t)(end - begin);

    if (len > 0) {
        memcpy(out, begin, len);
    }
    return out + len;
}

static char *put_number(char *out, apr_int64_t number)
{
    char digits[NUMBER_LEN], *p = digits + sizeof(digits);

    do {
        *--p = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    return put(out, p, digits + sizeof(digits));
}

static char *put_date(char *out, const pv_set_cookie_limit_t *limit)
{
    apr_int64_t seconds = limit->lifetime < LIFETIME_MAX ? limit->lifetime : LIFETIME_MAX;

    pv_cookie_date_write(limit->now + apr_time_from_sec(seconds), out);
    return out + PV_COOKIE_DATE_LEN;
}

/** Write the attribute that stands between begin (its `;`) and end anew. */
static char *put_attribute(char *out, const char *begin, const char *end, const attribute_t *av,
                           const pv_set_cookie_limit_t *limit)
{
    out = put(out, begin, av->value.ptr);
    if (!av->has_value) {
        *out++ = '=';
    }
    out = av->kind == ATTRIBUTE_MAX_AGE ? put_number(out, limit->lifetime) : put_date(out, limit);
    return put(out, av->value.ptr + av->value.len, end);
}

apr_size_t pv_set_cookie_limit(const char *buf, apr_size_t len, const pv_set_cookie_limit_t *limit,
                               char *out)
{
    const char *end = buf + len, *p = len > 0 ? pv_find(buf, end, ';') : end;
    char *w = put(out, buf, p);
    int written[ATTRIBUTE_KINDS] = { 0 };

    while (p < end) {
        const char *begin = p;
        attribute_t av;
        attribute_kind_t kind;

        p = pv_find(begin + 1, end, ';');
        kind = read_attribute(begin + 1, p, &av);
        if (kind == ATTRIBUTE_OTHER) {
            w = put(w, begin, p);
        }
        else if (limit->lifetime > 0 && !written[kind]) {
            written[kind] = 1;
            w = put_attribute(w, begin, p, &av, limit);
        }
    }
    return (apr_size_t)(w - out);
}

apr_size_t pv_set_cookie_limit_size(apr_size_t len)
{
    /* Both attributes may have had neither a value nor a `=`. */
    return len + 1 + NUMBER_LEN + 1 + PV_COOKIE_DATE_LEN;
}
