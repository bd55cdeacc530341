/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* What an element would load by the value of an attribute (rule H2): URLs in their several
 * forms, documents, and the text that a URL has in itself. */

#include "html/pv_carried.h"
#include "html/pv_rewrite_private.h"
#include "html/pv_url_list.h"

/* Of a URL that is cut, what says whose it is: more than any scheme and host. */
#define SIGNIFICANT 512

/* By each base that may be the one. */
static const char *judge_url(const pv_rewrite_t *rewrite, pv_load_t *load)
{
    const char *category = NULL;

    if (rewrite->calls->judge_url == NULL) {
        return NULL;
    }
    if (!rewrite->base_is_sure) {
        category = rewrite->calls->judge_url(rewrite->ctx, load);
    }
    for (unsigned i = 0; i < rewrite->base_count && category == NULL; i++) {
        if (rewrite->bases[i].end <= rewrite->at) {
            load->base = rewrite->bases[i].href;
            category = rewrite->calls->judge_url(rewrite->ctx, load);
        }
    }
    return category;
}

static const char *judge_list(const pv_rewrite_t *rewrite, pv_load_t *load, pv_span_t rest,
                              int (*next)(pv_span_t *, pv_span_t *))
{
    const char *category = NULL;

    while (category == NULL && next(&rest, &load->url)) {
        load->base = pv_span(NULL, 0);
        category = judge_url(rewrite, load);
    }
    return category;
}

static const char *judge_inline(const pv_rewrite_t *rewrite, pv_span_t text)
{
    return rewrite->calls->judge_inline != NULL ? rewrite->calls->judge_inline(rewrite->ctx, text)
                                                : NULL;
}

/* Whether a text that a URL has in itself runs, or is shown as a document. */
static int runs_carried(pv_tag_e tag)
{
    switch (tag) {
    case PV_TAG_SCRIPT:
    case PV_TAG_IFRAME:
    case PV_TAG_FRAME:
    case PV_TAG_EMBED:
    case PV_TAG_OBJECT:
    case PV_TAG_META: /* in a frame; browsers do not go there with the whole page */
        return 1;
    default:
        return 0;
    }
}

static const char *judge_carried_text(pv_rewrite_t *rewrite, pv_tag_e tag,
                                      const pv_carried_t *carried, pv_span_t text)
{
    const char *category = NULL;

    if (tag == PV_TAG_SCRIPT) {
        /* None is fetched from a `javascript:`. */
        return carried->scheme == PV_CARRIED_DATA ? judge_inline(rewrite, text) : NULL;
    }
    if (carried->scheme == PV_CARRIED_JAVASCRIPT) {
        return judge_inline(rewrite, text);
    }
    if (carried->html) {
        category = pv_rewrite_probe(rewrite, text, PV_PROBE_DATA);
    }
    if (carried->xml && category == NULL) {
        category = pv_rewrite_probe(rewrite, text, PV_PROBE_DATA | PV_PROBE_XML);
    }
    return category;
}

static const char *judge_carried(pv_rewrite_t *rewrite, pv_tag_e tag, pv_span_t url)
{
    const char *category = NULL;
    pv_carried_t carried;
    pv_span_t text;

    if (!runs_carried(tag)) {
        return NULL;
    }
    pv_carried_read(&carried, url);
    while (category == NULL && pv_carried_next(&carried, &rewrite->decoded, &text)) {
        category = judge_carried_text(rewrite, tag, &carried, text);
    }
    return category;
}

const char *pv_value_judge(pv_rewrite_t *rewrite, const pv_element_t *element, pv_value_e kind,
                           pv_span_t value)
{
    pv_load_t load = { .url = value, .tag = element->tag };
    const char *category = NULL;

    rewrite->why = PV_HELD_URL;
    switch (kind) {
    case PV_VALUE_URL:
        load.connect = pv_element_connects(element) != 0;
        category = judge_url(rewrite, &load);
        category = category != NULL ? category : judge_carried(rewrite, element->tag, value);
        break;
    case PV_VALUE_SRCSET:
        category = judge_list(rewrite, &load, value, pv_url_next_candidate);
        break;
    case PV_VALUE_URLS:
        category = judge_list(rewrite, &load, value, pv_url_next_token);
        break;
    case PV_VALUE_REFRESH:
        if (pv_url_of_refresh(value, &load.url)) {
            category = judge_url(rewrite, &load);
            category = category != NULL ? category : judge_carried(rewrite, element->tag, load.url);
        }
        break;
    case PV_VALUE_DOCUMENT:
        category = pv_rewrite_probe(rewrite, value, PV_PROBE_SRCDOC);
        break;
    default:
        break;
    }
    return category;
}

/* Of a URL that is cut, what it has in itself: a document may go on with anything. Of a script's
 * text the beginning is judged, as of any script's. */
static int is_open_document(pv_tag_e tag, pv_span_t url)
{
    pv_carried_t carried;

    if (!runs_carried(tag)) {
        return 0;
    }
    pv_carried_read(&carried, url);
    return carried.open || (tag != PV_TAG_SCRIPT && (carried.html || carried.xml));
}

int pv_value_doubtful(pv_tag_e tag, pv_value_e kind, pv_span_t value)
{
    apr_size_t significant = 0;

    for (apr_size_t i = 0; i < value.len; i++) {
        significant += (unsigned char)value.ptr[i] > ' ';
    }
    return kind != PV_VALUE_URL || significant < SIGNIFICANT || is_open_document(tag, value);
}
