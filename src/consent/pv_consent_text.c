/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "consent/pv_consent_text.h"

#include <apr_strings.h>

/** Categories from the first on offer to the last, for texts to be made ready: with
 *  more they are written when they are needed. */
#define SPAN_MAX 6

/** Room for others beside: who takes a copy of a table takes that, too. */
#define VARIABLES_BESIDE 4

struct pv_consent_texts_t {
    const pv_policy_t *policy;
    const char *const *names;
    int first;                /**< the first category on offer */
    pv_set_t window;          /**< as many bits as there are from there to the last */
    pv_consent_text_t *ready; /**< by what is granted in this window; or NULL */
};

static pv_consent_text_t write_text(const pv_consent_texts_t *texts, const pv_consent_t *consent,
                                    apr_pool_t *pool)
{
    const pv_policy_t *policy = texts->policy;
    char *whole = apr_palloc(pool, pv_consent_size(policy));
    const char *categories = apr_pstrmemdup(pool, whole, pv_consent_write(policy, consent, whole));
    apr_table_t *variables = apr_table_make(pool, 1 + policy->category_count + VARIABLES_BESIDE);

    apr_table_addn(variables, texts->names[0], categories);
    for (int i = 0; i < policy->category_count; i++) {
        apr_table_addn(variables, texts->names[1 + i],
                       (consent->granted & PV_BIT(i)) ? "granted" : "denied");
    }
    return (pv_consent_text_t){ whole, categories, variables };
}

const pv_consent_texts_t *pv_consent_texts_make(const pv_policy_t *policy, const char *const *names,
                                                apr_pool_t *pool)
{
    pv_consent_texts_t *texts = apr_pcalloc(pool, sizeof(*texts));
    pv_set_t on_offer = pv_policy_on_offer(policy);

    texts->policy = policy;
    texts->names = names;
    while (on_offer != 0 && !(on_offer & 1)) {
        on_offer >>= 1;
        texts->first++;
    }
    if (on_offer >> SPAN_MAX) {
        return texts;
    }
    while (on_offer & ~texts->window) {
        texts->window = texts->window << 1 | 1;
    }
    texts->ready = apr_palloc(pool, (apr_size_t)(texts->window + 1) * sizeof(*texts->ready));
    for (pv_set_t granted = 0; granted <= texts->window; granted++) {
        pv_consent_t consent = { .granted = granted << texts->first | policy->necessary };

        texts->ready[granted] = write_text(texts, &consent, pool);
    }
    return texts;
}

pv_consent_text_t pv_consent_text(const pv_consent_texts_t *texts, const pv_consent_t *consent,
                                  apr_pool_t *pool)
{
    if (texts->ready == NULL) {
        return write_text(texts, consent, pool);
    }
    return texts->ready[consent->granted >> texts->first & texts->window];
}
