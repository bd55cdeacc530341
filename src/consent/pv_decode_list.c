/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* Words, lists and query strings, as consent managers keep them in cookies. */

#include "consent/pv_source_impl.h"
#include "consent/pv_unescape.h"
#include "policy/pv_octet.h"

/* OneTrust's list of groups, encoded inside its value, is read up to this. */
#define GROUPS_MAX 4096

/* What has been seen of a gate. */
enum { GATE_YES = 1, GATE_OTHER = 2 };

int pv_word_find(const pv_word_t *words, pv_span_t text, pv_answer_t *answer)
{
    for (; words->text != NULL; words++) {
        if (strlen(words->text) == text.len && memcmp(words->text, text.ptr, text.len) == 0) {
            *answer = words->answer;
            return 1;
        }
    }
    return 0;
}

pv_status_t pv_decode_word(const pv_decoding_t *d, pv_span_t value, pv_reading_t *reading)
{
    pv_answer_t answer;

    if (!pv_word_find(d->slot->how, value, &answer)) {
        return PV_BAD;
    }
    if (answer == PV_ANSWER_NOTHING) {
        reading->silent = ~(pv_keys_t)0;
    }
    else {
        pv_reading_add(reading, d->keys, answer);
    }
    return PV_OK;
}

pv_status_t pv_decode_digits(const pv_decoding_t *d, pv_span_t value, pv_reading_t *reading)
{
    for (apr_size_t i = 0; i < value.len; i++) {
        if (!pv_is_digit(value.ptr[i])) {
            return PV_BAD;
        }
    }
    if (value.len == 0) {
        return PV_BAD;
    }
    pv_reading_add(reading, d->keys, PV_ANSWER_GRANTED);
    return PV_OK;
}

pv_status_t pv_decode_refusal(const pv_decoding_t *d, pv_span_t value, pv_reading_t *reading)
{
    (void)value;
    pv_reading_add(reading, d->keys, PV_ANSWER_DENIED);
    return PV_OK;
}

/* `2013-06-04` in front, and behind it what a time is made of. */
static int is_time(pv_span_t s)
{
    static const char form[] = "dddd-dd-dd";
    apr_size_t i;

    if (s.len < sizeof(form) - 1) {
        return 0;
    }
    for (i = 0; i < sizeof(form) - 1; i++) {
        if (form[i] == 'd' ? !pv_is_digit(s.ptr[i]) : s.ptr[i] != '-') {
            return 0;
        }
    }
    for (; i < s.len; i++) {
        if (!pv_is_digit(s.ptr[i]) && (s.ptr[i] == '\0' || strchr("T:.+-Z ", s.ptr[i]) == NULL)) {
            return 0;
        }
    }
    return 1;
}

pv_status_t pv_decode_date(const pv_decoding_t *d, pv_span_t value, pv_reading_t *reading)
{
    if (!is_time(value)) {
        return PV_BAD;
    }
    pv_reading_add(reading, d->keys, PV_ANSWER_GRANTED);
    return PV_OK;
}

/* May stand in a key or a value: not what another level of encoding is made of. */
static int is_item(pv_span_t s, char equals, int value)
{
    for (apr_size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];

        if (c <= ' ' || c >= 0x7f || strchr("%\"'{}[]\\", c) != NULL) {
            return 0;
        }
        if (value && c == (unsigned char)equals && equals != '=') {
            return 0;
        }
    }
    return 1;
}

static pv_answer_t pair_says(const pv_word_t *words, pv_span_t value)
{
    pv_answer_t answer = PV_ANSWER_NOTHING;

    if (words != NULL) {
        pv_word_find(words, value, &answer);
        return answer;
    }
    if (pv_span_eq(value, PV_SPAN("-1"))) {
        return PV_ANSWER_DENIED;
    }
    return is_time(value) ? PV_ANSWER_GRANTED : PV_ANSWER_NOTHING;
}

static pv_status_t read_pair(const pv_decoding_t *d, const pv_pairs_t *how, pv_span_t pair,
                             pv_reading_t *reading, unsigned *gate)
{
    const char *eq = pair.len > 0 ? memchr(pair.ptr, how->equals, pair.len) : NULL;
    pv_span_t key, value;

    if (eq == NULL || eq == pair.ptr) {
        return PV_BAD;
    }
    key = pv_span_between(pair.ptr, eq);
    value = pv_span_between(eq + 1, pair.ptr + pair.len);
    if (!is_item(key, how->equals, 0) || !is_item(value, how->equals, 1)) {
        return PV_BAD;
    }
    if (how->gate != NULL && pv_span_eq(key, pv_span(how->gate, strlen(how->gate)))) {
        *gate |= pv_span_eq(value, PV_SPAN("yes")) ? GATE_YES : GATE_OTHER;
    }
    pv_reading_add(reading, pv_source_key(d->source, key), pair_says(how->words, value));
    return PV_OK;
}

/* Where the pair at the front ends. */
static apr_size_t pair_len(pv_span_t text, const char *between)
{
    apr_size_t len = 0;

    while (len < text.len && (text.ptr[len] == '\0' || strchr(between, text.ptr[len]) == NULL)) {
        len++;
    }
    return len;
}

static pv_status_t read_pairs(const pv_decoding_t *d, const pv_pairs_t *how, pv_span_t text,
                              pv_reading_t *reading)
{
    unsigned gate = how->gate != NULL ? 0 : GATE_YES;

    if (how->lead != '\0') {
        if (text.len == 0 || *text.ptr != how->lead) {
            return PV_BAD;
        }
        text = pv_span(text.ptr + 1, text.len - 1);
    }
    for (;;) {
        apr_size_t len = pair_len(text, how->between);

        if (read_pair(d, how, pv_span(text.ptr, len), reading, &gate) != PV_OK) {
            return PV_BAD;
        }
        if (len == text.len) {
            break;
        }
        text = pv_span(text.ptr + len + 1, text.len - len - 1);
    }
    if (gate != GATE_YES) {
        reading->silent = ~(pv_keys_t)0;
    }
    reading->by_choice = how->by_choice;
    return PV_OK;
}

pv_status_t pv_decode_pairs(const pv_decoding_t *d, pv_span_t value, pv_reading_t *reading)
{
    return read_pairs(d, d->slot->how, value, reading);
}

/* Enter a list: what is not on it is denied. */
static void add_listed(const pv_decoding_t *d, pv_keys_t listed, pv_reading_t *reading)
{
    pv_keys_t named = d->source->all & ~d->source->star;

    pv_reading_add(reading, listed & named, PV_ANSWER_GRANTED);
    pv_reading_add(reading, named & ~listed, PV_ANSWER_DENIED);
}

pv_status_t pv_decode_commas(const pv_decoding_t *d, pv_span_t value, pv_reading_t *reading)
{
    pv_keys_t listed = 0;
    apr_size_t len;

    if (value.len < 2 || *value.ptr != ',' || value.ptr[value.len - 1] != ',') {
        return PV_BAD;
    }
    for (value = pv_span(value.ptr + 1, value.len - 1); value.len > 0;
         value = pv_span(value.ptr + len + 1, value.len - len - 1)) {
        len = pair_len(value, ",");
        if (!is_item(pv_span(value.ptr, len), ',', 0)) {
            return PV_BAD;
        }
        listed |= len > 0 ? pv_source_key(d->source, pv_span(value.ptr, len)) : 0;
    }
    /* Axeptio's, which counts only once its visitor has completed the choice. */
    reading->by_choice = 1;
    add_listed(d, listed, reading);
    return PV_OK;
}

pv_status_t pv_decode_permit(const pv_decoding_t *d, pv_span_t value, pv_reading_t *reading)
{
    static const pv_span_t lead = { "permit ", 7 };
    pv_keys_t listed = 0;

    if (value.len <= lead.len || memcmp(value.ptr, lead.ptr, lead.len) != 0) {
        return PV_BAD;
    }
    for (apr_size_t i = lead.len; i < value.len; i++) {
        const char *p = value.ptr + i;

        if ((i - lead.len) % 2 == 0 ? *p < '1' || *p > '9' : *p != ',' || i + 1 == value.len) {
            return PV_BAD;
        }
        listed |= pv_source_key(d->source, pv_span(p, 1));
    }
    add_listed(d, listed, reading);
    return PV_OK;
}

static const pv_word_t group_words[] = { { "1", PV_ANSWER_GRANTED },
                                         { "0", PV_ANSWER_DENIED },
                                         { NULL, PV_ANSWER_NOTHING } };

static const pv_pairs_t groups = { .between = ",", .equals = ':', .words = group_words };

/* The list of groups, decoded as little as it needs. */
static pv_status_t read_groups(const pv_decoding_t *d, pv_span_t list, pv_reading_t *reading)
{
    char decoded[GROUPS_MAX];
    pv_reading_t said;

    if (list.len > sizeof(decoded)) {
        return PV_LIMIT;
    }
    for (unsigned levels = 0; levels <= 2; levels++) {
        if (levels > 0) {
            list = pv_percent_decode(list, decoded);
        }
        memset(&said, 0, sizeof(said));
        if (read_pairs(d, &groups, list, &said) == PV_OK) {
            reading->granted |= said.granted;
            reading->denied |= said.denied;
            reading->doubt |= said.doubt;
            return PV_OK;
        }
    }
    return PV_BAD;
}

/* What has been seen of OneTrust's parameters. */
typedef struct {
    unsigned groups : 1;     /* the list of groups */
    unsigned open : 1;       /* the banner has not been answered */
    unsigned asked_anew : 1; /* consent is asked for once more */
} onetrust_t;

static pv_status_t read_parameter(const pv_decoding_t *d, pv_span_t name, pv_span_t value,
                                  pv_reading_t *reading, onetrust_t *seen)
{
    if (pv_span_eq(name, PV_SPAN("groups"))) {
        if (seen->groups) {
            return PV_BAD;
        }
        seen->groups = 1;
        return read_groups(d, value, reading);
    }
    if (pv_span_eq(name, PV_SPAN("interactionCount"))) {
        seen->open |= value.len == 0 || *value.ptr == '0' || !pv_is_digit(*value.ptr);
    }
    else if (pv_span_eq(name, PV_SPAN("landingPath"))) {
        seen->open |= !pv_span_eq(value, PV_SPAN("NotLandingPage"));
    }
    else if (pv_span_eq(name, PV_SPAN("AwaitingReconsent"))) {
        seen->asked_anew |= !pv_span_eq(value, PV_SPAN("false"));
    }
    return PV_OK;
}

/*
 * Split first, then decoded: the landing page's URL is among the parameters, and
 * a visitor can be sent to one that contains `&groups=C0002:1`. For the same
 * reason a value with a bare `=` in it is never decoded as a whole.
 */
pv_status_t pv_decode_onetrust(const pv_decoding_t *d, pv_span_t value, pv_reading_t *reading)
{
    onetrust_t seen = { 0, 0, 0 };
    pv_status_t status = PV_OK;

    if (value.len == 0 || memchr(value.ptr, '=', value.len) == NULL) {
        return PV_BAD;
    }
    while (status == PV_OK && value.len > 0) {
        apr_size_t len = pair_len(value, "&");
        apr_size_t eq = pair_len(pv_span(value.ptr, len), "=");
        apr_size_t skip = len + (len < value.len);

        if (eq < len) {
            status = read_parameter(d, pv_span(value.ptr, eq),
                                    pv_span(value.ptr + eq + 1, len - eq - 1), reading, &seen);
        }
        value = pv_span(value.ptr + skip, value.len - skip);
    }
    if (status != PV_OK || !seen.groups) {
        memset(reading, 0, sizeof(*reading));
        reading->doubt = ~(pv_keys_t)0;
    }
    if (seen.open) {
        reading->silent = ~(pv_keys_t)0;
    }
    if (seen.asked_anew) {
        /* What was granted lapses until it is granted anew, what was refused stays. */
        reading->doubt |= reading->granted;
    }
    return PV_OK;
}
