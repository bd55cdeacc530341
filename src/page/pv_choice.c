/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "page/pv_choice.h"

#include <apr_strings.h>
#include <jansson.h>

#include "page/pv_text.h"
#include "policy/pv_octet.h"

/** What has been read so far. */
typedef struct {
    const pv_policy_t *policy;
    const pv_consent_t *consent;
    pv_choice_t *choice;
    pv_span_t kind;  /**< accept, reject or save */
    pv_set_t listed; /**< by category= */
    int has_kind;
    int has_back;
    const char *error;
} reading_t;

static pv_status_t bad(reading_t *reading, const char *error)
{
    reading->error = error;
    return PV_BAD;
}

/** What the visitor can be asked about: the rest is decided elsewhere. */
static pv_set_t on_offer(const reading_t *reading)
{
    return pv_policy_on_offer(reading->policy) & ~reading->consent->settled;
}

/** Everything refused; that counts beside whatever else has decided. */
static pv_set_t all(const reading_t *reading)
{
    return pv_policy_on_offer(reading->policy);
}

static pv_status_t read_message(reading_t *reading, pv_span_t name)
{
    const pv_message_t *message = pv_policy_message(reading->policy, name);

    if (message == NULL) {
        return bad(reading, "no such message is declared");
    }
    if (message->until == PV_UNTIL_SEEN) {
        return bad(reading, "the message is not one that is dismissed");
    }
    if (reading->choice->message != NULL) {
        return bad(reading, "one message at a time");
    }
    reading->choice->message = message;
    return PV_OK;
}

static pv_status_t read_kind(reading_t *reading, pv_span_t kind)
{
    if (reading->has_kind) {
        return bad(reading, "choice is there twice");
    }
    reading->has_kind = 1;
    reading->kind = kind;
    return PV_OK;
}

/** Settle what the kind of a choice means. */
static pv_status_t finish(reading_t *reading)
{
    pv_choice_t *choice = reading->choice;

    if ((choice->message != NULL) + reading->has_kind != 1) {
        return bad(reading, choice->message ? "a message and a choice at once"
                                            : "neither a choice nor a message");
    }
    if (choice->message != NULL) {
        return reading->listed ? bad(reading, "a message and categories at once") : PV_OK;
    }
    if (reading->listed && !pv_span_eq(reading->kind, PV_SPAN("save"))) {
        /* The page's form sends its check boxes with every button. */
        reading->listed = 0;
    }
    if (pv_span_eq(reading->kind, PV_SPAN("accept"))) {
        choice->granted = on_offer(reading);
    }
    else if (pv_span_eq(reading->kind, PV_SPAN("reject"))) {
        choice->denied = all(reading);
    }
    else if (pv_span_eq(reading->kind, PV_SPAN("save"))) {
        choice->granted = reading->listed & on_offer(reading);
        choice->denied = on_offer(reading) & ~reading->listed;
    }
    else {
        return bad(reading, "choice must be accept, reject or save");
    }
    return PV_OK;
}

/** A form's name or value, decoded. @return PV_BAD for a broken encoding or a NUL */
static pv_status_t decode(pv_span_t text, pv_span_t *plain, apr_pool_t *pool)
{
    char *out = apr_palloc(pool, text.len + 1);
    char *at = out;

    for (apr_size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (c == '%') {
            int high = text.len - i > 2 ? pv_hex_value(text.ptr[i + 1]) : -1;
            int low = text.len - i > 2 ? pv_hex_value(text.ptr[i + 2]) : -1;

            if (high < 0 || low < 0) {
                return PV_BAD;
            }
            c = (char)(high * 16 + low);
            i += 2;
        }
        else if (c == '+') {
            c = ' ';
        }
        if (c == '\0') {
            return PV_BAD;
        }
        *at++ = c;
    }
    *at = '\0';
    *plain = pv_span_between(out, at);
    return PV_OK;
}

static pv_status_t read_back(reading_t *reading, pv_span_t path)
{
    if (reading->has_back) {
        return bad(reading, "return is there twice");
    }
    if (!pv_return_is_safe(path)) {
        return bad(reading, "return must be a path of this site: one /, then visible ASCII");
    }
    reading->has_back = 1;
    reading->choice->back = path;
    return PV_OK;
}

static pv_status_t read_category(reading_t *reading, pv_span_t name)
{
    int index = pv_policy_category(reading->policy, name);

    if (index < 0 || !(all(reading) & PV_BIT(index))) {
        return bad(reading, "no such category is on offer");
    }
    if (reading->listed & PV_BIT(index)) {
        return bad(reading, "a category is there twice");
    }
    reading->listed |= PV_BIT(index);
    return PV_OK;
}

static pv_status_t read_field(reading_t *reading, pv_span_t field, apr_pool_t *pool)
{
    const char *end = field.ptr + field.len;
    const char *eq = pv_find(field.ptr, end, '=');
    pv_span_t name, value = { NULL, 0 };

    if (decode(pv_span_between(field.ptr, eq), &name, pool) != PV_OK ||
        (eq < end && decode(pv_span_between(eq + 1, end), &value, pool) != PV_OK)) {
        return bad(reading, "the form's encoding is broken");
    }
    if (pv_span_eq(name, PV_SPAN("choice"))) {
        return read_kind(reading, value);
    }
    if (pv_span_eq(name, PV_SPAN("category"))) {
        return read_category(reading, value);
    }
    if (pv_span_eq(name, PV_SPAN("message"))) {
        return read_message(reading, value);
    }
    if (pv_span_eq(name, PV_SPAN("return"))) {
        return read_back(reading, value);
    }
    return bad(reading, "a field must be choice, category, message or return");
}

pv_status_t pv_choice_form(const pv_policy_t *policy, const pv_consent_t *consent, const char *buf,
                           apr_size_t len, pv_choice_t *choice, const char **error,
                           apr_pool_t *pool)
{
    reading_t reading = { .policy = policy, .consent = consent, .choice = choice };
    pv_status_t status = PV_OK;

    memset(choice, 0, sizeof(*choice));
    for (const char *p = buf, *end = buf + len; p < end && status == PV_OK;) {
        const char *amp = pv_find(p, end, '&');

        if (amp > p) {
            status = read_field(&reading, pv_span_between(p, amp), pool);
        }
        p = amp < end ? amp + 1 : end;
    }
    if (status == PV_OK) {
        status = finish(&reading);
    }
    *error = reading.error;
    return status;
}

/** `{"NAME": true, ...}` on top of what was recorded. */
static pv_status_t read_categories(reading_t *reading, const pv_record_t *record,
                                   const json_t *object)
{
    pv_choice_t *choice = reading->choice;
    const char *name;
    json_t *value;

    if (!json_is_object(object)) {
        return bad(reading, "categories must be an object");
    }
    if (record != NULL) {
        choice->denied = record->denied & all(reading);
        choice->granted = record->current ? record->granted & on_offer(reading) : 0;
    }
    json_object_foreach((json_t *)object, name, value)
    {
        int index = pv_policy_category(reading->policy, pv_span(name, strlen(name)));
        pv_set_t bit;

        if (index < 0 || !(all(reading) & PV_BIT(index))) {
            return bad(reading, "no such category is on offer");
        }
        if (!json_is_boolean(value)) {
            return bad(reading, "a category must be true or false");
        }
        bit = PV_BIT(index);
        choice->granted &= ~bit;
        choice->denied &= ~bit;
        if (json_is_true(value)) {
            choice->granted |= bit & on_offer(reading);
        }
        else {
            choice->denied |= bit;
        }
    }
    return PV_OK;
}

static pv_status_t read_root(reading_t *reading, const pv_record_t *record, const json_t *root)
{
    const json_t *kind = json_object_get(root, "choice");
    const json_t *message = json_object_get(root, "message");
    const json_t *categories = json_object_get(root, "categories");
    pv_status_t status;

    if (json_object_size(root) != 1 || (!kind && !message && !categories)) {
        return bad(reading, "the object must have one of choice, categories and message");
    }
    if (categories != NULL) {
        return read_categories(reading, record, categories);
    }
    kind = kind ? kind : message;
    if (!json_is_string(kind)) {
        return bad(reading, "choice and message must be strings");
    }
    status = (message ? read_message : read_kind)(
        reading, pv_span(json_string_value(kind), json_string_length(kind)));
    if (status == PV_OK && !message && pv_span_eq(reading->kind, PV_SPAN("save"))) {
        return bad(reading, "choice must be accept or reject");
    }
    return status == PV_OK ? finish(reading) : status;
}

pv_status_t pv_choice_json(const pv_policy_t *policy, const pv_consent_t *consent,
                           const pv_record_t *record, const char *buf, apr_size_t len,
                           pv_choice_t *choice, const char **error, apr_pool_t *pool)
{
    reading_t reading = { .policy = policy, .consent = consent, .choice = choice };
    json_error_t failure;
    json_t *root = NULL;
    pv_status_t status;

    (void)pool;
    memset(choice, 0, sizeof(*choice));
    /* Jansson passes over a NUL behind a word. */
    if (len > 0 && memchr(buf, '\0', len) == NULL) {
        root = json_loadb(buf, len, JSON_REJECT_DUPLICATES, &failure);
    }
    if (!json_is_object(root)) {
        json_decref(root);
        *error = "the body must be a JSON object";
        return PV_BAD;
    }
    status = read_root(&reading, record, root);
    json_decref(root);
    *error = reading.error;
    return status;
}

pv_span_t pv_choice_back(const char *query, apr_pool_t *pool)
{
    for (const char *p = query; p != NULL && *p;) {
        const char *end = p + strcspn(p, "&");
        pv_span_t path;

        if (strncmp(p, "return=", 7) == 0) {
            return decode(pv_span_between(p + 7, end), &path, pool) == PV_OK &&
                           pv_return_is_safe(path)
                       ? path
                       : pv_span(NULL, 0);
        }
        p = *end ? end + 1 : end;
    }
    return pv_span(NULL, 0);
}
