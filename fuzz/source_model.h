/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file source_model.h
 * @brief What must stand in a consent manager's cookies wherever a category is granted
 *        (docs/consent-sources.md): the word of consent for each of its keys, and that
 *        the visitor has answered.
 */

#ifndef SOURCE_MODEL_H
#define SOURCE_MODEL_H

#include "fuzz.h"

#include "percent_model.h"
#include "source_case.h"

/** A text that one cookie of this name has, once decoded; a * is the key. */
typedef struct {
    const char *manager;
    const char *cookie;
    const char *text;
} source_need_t;

static const source_need_t source_needs[] = {
    { "cookiebot", "CookieConsent", "*" },
    { "cookiebot", "CookieConsent", "true" },
    { "cookiebot", "CookieConsent", "necessary" },
    { "onetrust", "OptanonConsent", "*:1" },
    { "onetrust", "OptanonConsent", "groups=" },
    { "onetrust", "OptanonAlertBoxClosed", "-" },
    { "cookieyes", "cookieyes-consent", "*:yes" },
    { "cookieyes", "cookieyes-consent", "action:yes" },
    { "cookie-law-info", "cookielawinfo-checkbox-*", "yes" },
    { "cookie-law-info", "viewed_cookie_policy", "" },
    { "complianz", "cmplz_*", "allow" },
    { "tarteaucitron", "tarteaucitron", "!*=true" },
    { "govuk", "cookies_policy", "*" },
    { "govuk", "cookies_policy", "true" },
    { "govuk", "cookies_preferences_set", "true" },
    { "nhsuk", "nhsuk-cookie-consent", "*" },
    { "nhsuk", "nhsuk-cookie-consent", "consented" },
    { "nhsuk", "nhsuk-cookie-consent", "true" },
    { "cookiefirst", "cookiefirst-consent", "*" },
    { "cookiefirst", "cookiefirst-consent", "true" },
    { "axeptio", "axeptio_cookies", "$$completed" },
    { "axeptio", "axeptio_cookies", "true" },
    { "borlabs", "borlabs-cookie", "consents" },
    { "borlabs", "borlabs-cookie", "*" },
    { "wp", "wp_consent_*", "allow" },
    { "cookie-information", "CookieInformationConsent", "consents_approved" },
    { "cookie-information", "CookieInformationConsent", "*" },
    { "civic", "CookieControl", "interactedWith" },
    { "civic", "CookieControl", "*" },
    { "civic", "CookieControl", "accepted" },
};

/** The pattern with the key in it. */
static inline void source_with_key(const char *pattern, pv_span_t key, char *out, size_t size)
{
    int star = (int)strcspn(pattern, "*");
    const char *behind = pattern + star + (pattern[star] != '\0');

    (void)snprintf(out, size, "%.*s%.*s%s", star, pattern, pattern[star] ? (int)key.len : 0,
                   key.ptr, behind);
}

static inline int source_contains(pv_span_t text, const char *word)
{
    size_t len = strlen(word);

    for (size_t i = 0; i + len <= text.len; i++) {
        if (memcmp(text.ptr + i, word, len) == 0) {
            return 1;
        }
    }
    return 0;
}

/** The value has the text, with two levels of percent-encoding taken off at most; what is
 *  escaped in another way is not decided here, and has it. */
static inline int source_value_has(pv_span_t value, const char *text)
{
    static char room[2][PV_SOURCE_VALUE_MAX];
    int broken;

    for (int level = 0;; level++) {
        if (source_contains(value, text) || source_contains(value, "\\")) {
            return 1;
        }
        if (level == 2) {
            return 0;
        }
        value = pv_span(room[level], percent_model(value, room[level], &broken));
    }
}

static inline int source_has(const source_need_t *need, pv_span_t key,
                             const pv_source_cookie_t *cookies, unsigned n)
{
    char name[128], text[128];

    source_with_key(need->cookie, key, name, sizeof(name));
    source_with_key(need->text, key, text, sizeof(text));
    for (unsigned i = 0; i < n; i++) {
        if (pv_span_eq(cookies[i].name, pv_span(name, strlen(name))) &&
            source_value_has(cookies[i].value, text)) {
            return 1;
        }
    }
    return 0;
}

/** Whether all is there that a grant of these keys (`A,B`) needs. */
static inline int source_may_grant(const char *manager, size_t len, const char *keys,
                                   const pv_source_cookie_t *cookies, unsigned n)
{
    size_t keys_len = strcspn(keys, " ");

    for (size_t begin = 0, end; begin < keys_len; begin = end + 1) {
        end = begin + strcspn(keys + begin, ", ");
        for (size_t i = 0; i < sizeof(source_needs) / sizeof(*source_needs); i++) {
            const source_need_t *need = &source_needs[i];

            if (strlen(need->manager) == len && memcmp(need->manager, manager, len) == 0 &&
                !source_has(need, pv_span(keys + begin, end - begin), cookies, n)) {
                return 0;
            }
        }
    }
    return 1;
}

#endif /* SOURCE_MODEL_H */
