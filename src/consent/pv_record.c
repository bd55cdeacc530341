/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "consent/pv_record.h"

#include <apr_strings.h>

#define DAY             86400
#define TIME_DIGITS_MAX 12

/** What the keys of a record that is being read have said. */
typedef struct {
    const pv_policy_t *policy;
    pv_record_t *record;
    pv_set_t seen; /**< categories */
    pv_span_t version;
    unsigned has_v : 1;
    unsigned has_p : 1;
    unsigned has_t : 1;
    unsigned has_g : 1;
} reading_t;

static pv_status_t read_time(pv_span_t value, apr_int64_t *time)
{
    *time = 0;
    if (value.len == 0 || value.len > TIME_DIGITS_MAX) {
        return PV_BAD;
    }
    for (apr_size_t i = 0; i < value.len; i++) {
        if (!pv_is_digit(value.ptr[i])) {
            return PV_BAD;
        }
        *time = *time * 10 + (value.ptr[i] - '0');
    }
    return PV_OK;
}

/** One of the record's own keys. */
static pv_status_t read_key(reading_t *reading, char key, pv_span_t value)
{
    switch (key) {
    case 'v':
        if (reading->has_v || !pv_span_eq(value, PV_SPAN("1"))) {
            return PV_BAD;
        }
        reading->has_v = 1;
        return PV_OK;
    case 'p':
        if (reading->has_p || value.len == 0) {
            return PV_BAD;
        }
        reading->has_p = 1;
        reading->version = value;
        return PV_OK;
    case 't':
        if (reading->has_t) {
            return PV_BAD;
        }
        reading->has_t = 1;
        return read_time(value, &reading->record->time);
    default: /* g */
        if (reading->has_g || !pv_span_eq(value, PV_SPAN("1"))) {
            return PV_BAD;
        }
        reading->has_g = reading->record->signal = 1;
        return PV_OK;
    }
}

static pv_status_t read_category(reading_t *reading, pv_span_t key, pv_span_t value)
{
    int index = pv_policy_category(reading->policy, key);
    pv_set_t bit;

    if (index < 0) {
        return PV_OK; /* a category that the policy had once */
    }
    bit = PV_BIT(index);
    if ((reading->seen & bit) || value.len != 1 || (*value.ptr != '0' && *value.ptr != '1')) {
        return PV_BAD;
    }
    reading->seen |= bit;
    *(*value.ptr == '1' ? &reading->record->granted : &reading->record->denied) |= bit;
    return PV_OK;
}

static pv_status_t read_pair(reading_t *reading, const char *begin, const char *end)
{
    const char *eq = memchr(begin, '=', (apr_size_t)(end - begin));
    pv_span_t key, value;

    if (eq == NULL || eq == begin) {
        return PV_BAD;
    }
    key = pv_span_between(begin, eq);
    value = pv_span_between(eq + 1, end);
    if (key.len == 1 && strchr("vptg", *key.ptr) != NULL && *key.ptr != '\0') {
        return read_key(reading, *key.ptr, value);
    }
    return read_category(reading, key, value);
}

/** cookie-octet of RFC 6265bis, section 4.1.1. */
static int is_cookie_octet(char c)
{
    return c > ' ' && c < 0x7f && c != '"' && c != ',' && c != ';' && c != '\\';
}

/** Whether it may still grant: same policy version, and not older than it may be. */
static int is_current(const reading_t *reading, apr_int64_t now)
{
    const pv_policy_t *policy = reading->policy;
    apr_int64_t lifetime = policy->consent_cookie->lifetime;

    if (!pv_span_eq(reading->version, pv_span(policy->version, strlen(policy->version)))) {
        return 0;
    }
    return lifetime < 0 || now - reading->record->time <= lifetime;
}

static pv_status_t read_text(reading_t *reading, const char *buf, apr_size_t len, apr_int64_t now)
{
    const char *end = buf + len;

    for (apr_size_t i = 0; i < len; i++) {
        if (!is_cookie_octet(buf[i])) {
            return PV_BAD;
        }
    }
    for (const char *p = buf;; p++) {
        const char *amp = memchr(p, '&', (apr_size_t)(end - p));

        if (read_pair(reading, p, amp ? amp : end) != PV_OK) {
            return PV_BAD;
        }
        if (amp == NULL) {
            break;
        }
        p = amp;
    }
    if (!reading->has_v || !reading->has_p || !reading->has_t ||
        reading->record->time > now + DAY) {
        return PV_BAD;
    }
    reading->record->current = is_current(reading, now);
    return PV_OK;
}

pv_status_t pv_record_read(const pv_policy_t *policy, const char *buf, apr_size_t len,
                           apr_int64_t now, pv_record_t *record)
{
    reading_t reading = { .policy = policy, .record = record };
    pv_status_t status;

    memset(record, 0, sizeof(*record));
    if (len == 0) {
        return PV_BAD;
    }
    if (len > PV_RECORD_MAX) {
        return PV_LIMIT;
    }
    status = read_text(&reading, buf, len, now);
    if (status != PV_OK) {
        memset(record, 0, sizeof(*record)); /* half a record grants nothing (rule D2) */
    }
    return status;
}

void pv_record_add(pv_record_t *sum, const pv_record_t *record)
{
    if (record->time > sum->time) {
        *sum = *record;
    }
    else if (record->time == sum->time) {
        sum->granted &= record->granted;
        sum->denied |= record->denied;
        sum->signal &= record->signal;
        sum->current &= record->current;
    }
}

apr_size_t pv_record_size(const pv_policy_t *policy)
{
    apr_size_t size = sizeof("v=1&p=&t=&g=1") + strlen(policy->version) + 20;

    for (int i = 0; i < policy->category_count; i++) {
        size += strlen(policy->categories[i]->decl.name) + 3;
    }
    return size;
}

/** Append text; the room was counted by pv_record_size(). */
static char *put(char *out, const char *text)
{
    apr_size_t len = strlen(text);

    memcpy(out, text, len);
    return out + len;
}

apr_size_t pv_record_write(const pv_policy_t *policy, const pv_record_t *record, char *out)
{
    pv_set_t on_offer = pv_policy_on_offer(policy);
    char time[24];
    char *at = out;

    apr_snprintf(time, sizeof(time), "%" APR_INT64_T_FMT, record->time);
    at = put(put(at, "v=1&p="), policy->version);
    at = put(put(at, "&t="), time);
    if (record->signal) {
        at = put(at, "&g=1");
    }
    for (int i = 0; i < policy->category_count; i++) {
        if (PV_BIT(i) & on_offer & (record->granted | record->denied)) {
            *at++ = '&';
            at = put(at, policy->categories[i]->decl.name);
            at = put(at, (record->granted & PV_BIT(i)) ? "=1" : "=0");
        }
    }
    return (apr_size_t)(at - out);
}
