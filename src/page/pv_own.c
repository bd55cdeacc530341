/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "page/pv_own.h"

#include "cookie/pv_lifetime.h"

static const pv_message_t *find_message(const pv_policy_t *policy, const char *cookie)
{
    for (int i = 0; i < policy->message_count; i++) {
        if (strcmp(policy->messages[i]->cookie, cookie) == 0) {
            return policy->messages[i];
        }
    }
    return NULL;
}

static void describe_message(pv_own_t *own, const pv_message_t *message, const pv_words_t *words,
                             apr_pool_t *pool)
{
    static const char *const purposes[] = { "own.seen", "own.dismissed", "own.choice" };
    apr_int64_t lifetime =
        message->until == PV_UNTIL_CHOICE ? PV_CONFIRM_SECONDS : message->lifetime;

    own->purpose = pv_words_get(words, purposes[message->until]);
    own->lifetime = pv_words_lifetime(words, lifetime, pool);
}

pv_own_t pv_own_describe(const pv_policy_t *policy, const pv_words_t *words,
                         const pv_cookie_t *cookie, apr_pool_t *pool)
{
    pv_own_t own = { .cookie = cookie, .provider = pv_words_get(words, "own.site") };
    const pv_message_t *message;

    if (cookie->owner == PV_OWNER_SOURCE) {
        own.purpose = pv_words_get(words, "own.source");
        own.lifetime = pv_words_get(words, "own.lifetime");
        own.provider = cookie->provider;
    }
    else if (cookie->owner == PV_OWNER_MESSAGE &&
             (message = find_message(policy, cookie->decl.name)) != NULL) {
        describe_message(&own, message, words, pool);
    }
    else {
        own.purpose = pv_words_get(words, "own.record");
        own.lifetime =
            pv_words_lifetime(words, pv_policy_record_lifetime(policy, policy->opt_out), pool);
    }
    return own;
}
