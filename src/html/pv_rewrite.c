/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* A document on its way through the rewriter: what the scanner tells becomes
 * insertions, and what it passes is emitted with them. */

#include "html/pv_rewrite_private.h"

static const unsigned char want[PV_TAG_COUNT] = {
    [PV_TAG_A] = PV_SCAN_WANT_PING, [PV_TAG_AREA] = PV_SCAN_WANT_PING,
    [PV_TAG_AUDIO] = PV_SCAN_WANT,  [PV_TAG_BASE] = PV_SCAN_WANT,
    [PV_TAG_EMBED] = PV_SCAN_WANT,  [PV_TAG_FEIMAGE] = PV_SCAN_WANT,
    [PV_TAG_FRAME] = PV_SCAN_WANT,  [PV_TAG_IFRAME] = PV_SCAN_WANT,
    [PV_TAG_IMAGE] = PV_SCAN_WANT,  [PV_TAG_IMG] = PV_SCAN_WANT,
    [PV_TAG_INPUT] = PV_SCAN_WANT,  [PV_TAG_LINK] = PV_SCAN_WANT,
    [PV_TAG_META] = PV_SCAN_WANT,   [PV_TAG_OBJECT] = PV_SCAN_WANT,
    [PV_TAG_SCRIPT] = PV_SCAN_WANT, [PV_TAG_SOURCE] = PV_SCAN_WANT,
    [PV_TAG_TRACK] = PV_SCAN_WANT,  [PV_TAG_USE] = PV_SCAN_WANT,
    [PV_TAG_VIDEO] = PV_SCAN_WANT,
};

static void place(pv_rewrite_t *rewrite, apr_uint64_t offset, pv_span_t markup)
{
    pv_edit_add(&rewrite->edits, offset, markup.ptr, markup.len, 0);
}

/* Where a script runs; for others it stands in the body too. */
static void place_message(pv_rewrite_t *rewrite, const pv_scan_event_t *event)
{
    if (!(event->readings & PV_READ_SCRIPT) || rewrite->message != PV_MESSAGE_PENDING) {
        return;
    }
    rewrite->message = PV_MESSAGE_NOWHERE;
    if (event->kind == PV_SCAN_BODY && event->clear) {
        place(rewrite, event->end, rewrite->options.message);
        rewrite->message = PV_MESSAGE_PLACED;
    }
}

static void place_head(pv_rewrite_t *rewrite, const pv_scan_event_t *event)
{
    if (!(event->readings & PV_READ_SCRIPT) || rewrite->head_done) {
        return;
    }
    rewrite->head_done = 1;
    if (event->clear) {
        place(rewrite, event->end, rewrite->options.head);
    }
}

void pv_rewrite_wait(pv_rewrite_t *rewrite, apr_uint64_t begin, pv_span_t markup)
{
    pv_waiting_t *slot = &rewrite->waiting[0];

    /* Its own if it has one, else a free one, else that which has waited longest: most likely
     * for an end that never comes. */
    for (unsigned i = 0; i < PV_SCAN_LANES; i++) {
        pv_waiting_t *other = &rewrite->waiting[i];

        if (other->len > 0 && other->begin == begin) {
            return;
        }
        if (slot->len > 0 && (other->len == 0 || other->begin < slot->begin)) {
            slot = other;
        }
    }
    memcpy(pv_scratch_get(&slot->text, markup.len), markup.ptr, markup.len);
    slot->len = markup.len;
    slot->begin = begin;
}

/* At the first of its ends that all readings share: which end is told first depends on
 * the chunks. */
static void place_waiting(pv_rewrite_t *rewrite, const pv_scan_event_t *event)
{
    for (unsigned i = 0; i < PV_SCAN_LANES && event->clear; i++) {
        pv_waiting_t *slot = &rewrite->waiting[i];

        if (slot->len > 0 && slot->begin == event->text) {
            place(rewrite, event->end, pv_span(slot->text.buf, slot->len));
            slot->len = 0;
        }
    }
}

static void pass(pv_rewrite_t *rewrite, const pv_scan_event_t *event)
{
    if (!rewrite->probing) {
        pv_edit_pass(&rewrite->edits, event->bytes.ptr, event->begin, event->end,
                     rewrite->calls->emit, rewrite->ctx);
        rewrite->passed = event->end;
    }
}

static unsigned on_event(void *ctx, const pv_scan_event_t *event)
{
    pv_rewrite_t *rewrite = ctx;

    switch (event->kind) {
    case PV_SCAN_PASS:
        pass(rewrite, event);
        break;
    case PV_SCAN_START:
    case PV_SCAN_CUT:
        return pv_hold_tag(rewrite, event);
    case PV_SCAN_ATTR:
        pv_hold_attr(rewrite, event);
        break;
    case PV_SCAN_TEXT:
        pv_hold_text(rewrite, event);
        break;
    case PV_SCAN_END:
        place_waiting(rewrite, event);
        break;
    case PV_SCAN_HEAD:
        place_head(rewrite, event);
        break;
    case PV_SCAN_BODY:
    case PV_SCAN_FRAMESET:
        place_message(rewrite, event);
        break;
    default:
        break;
    }
    return 0;
}

pv_rewrite_t *pv_rewrite_create(const pv_rewrite_options_t *options,
                                const pv_rewrite_calls_t *calls, void *ctx, apr_pool_t *pool)
{
    pv_rewrite_t *rewrite = apr_pcalloc(pool, sizeof(*rewrite));
    pv_scan_options_t scan = { .want = want, .limit = options->limit, .xml = options->xml };

    rewrite->options = *options;
    rewrite->calls = calls;
    rewrite->ctx = ctx;
    rewrite->pool = pool;
    rewrite->root = rewrite;
    rewrite->edits.pool = pool;
    rewrite->scratch.pool = pool;
    rewrite->decoded.pool = pool;
    for (unsigned i = 0; i < PV_SCAN_LANES; i++) {
        rewrite->waiting[i].text.pool = pool;
    }
    rewrite->message = options->message.len > 0 ? PV_MESSAGE_PENDING : PV_MESSAGE_NOWHERE;
    rewrite->scan = pv_scan_create(&scan, on_event, rewrite, pool);
    return rewrite;
}

void pv_rewrite_feed(pv_rewrite_t *rewrite, const char *buf, apr_size_t len)
{
    pv_scan_feed(rewrite->scan, buf, len);
}

void pv_rewrite_end(pv_rewrite_t *rewrite)
{
    pv_scan_end(rewrite->scan);
    if (!rewrite->probing) {
        pv_edit_pass(&rewrite->edits, "", rewrite->passed, rewrite->passed, rewrite->calls->emit,
                     rewrite->ctx);
    }
}

pv_message_e pv_rewrite_message(const pv_rewrite_t *rewrite)
{
    return rewrite->message;
}

pv_status_t pv_rewrite_limited(const pv_rewrite_t *rewrite)
{
    return pv_scan_limited(rewrite->scan);
}

const char *pv_rewrite_doubt(pv_rewrite_t *rewrite)
{
    rewrite->why = PV_HELD_DOUBT;
    return rewrite->calls->judge_doubt != NULL ? rewrite->calls->judge_doubt(rewrite->ctx) : NULL;
}

/* What a probe costs, whatever it looks at, as if these were bytes of it. */
#define PROBE 4096

const char *pv_rewrite_probe(pv_rewrite_t *rewrite, pv_span_t document, unsigned how)
{
    pv_rewrite_options_t options = { .xml = (how & PV_PROBE_XML) != 0 };
    const char *found;
    pv_rewrite_t *inner;
    apr_pool_t *pool;

    rewrite->root->probed += document.len + PROBE;
    if (rewrite->depth == PV_REWRITE_DEPTH || rewrite->root->probed > PV_REWRITE_PROBED) {
        return pv_rewrite_doubt(rewrite);
    }
    apr_pool_create(&pool, rewrite->pool);
    inner = pv_rewrite_create(&options, rewrite->calls, rewrite->ctx, pool);
    inner->depth = rewrite->depth + 1;
    inner->probing = 1;
    inner->root = rewrite->root;
    /* The base of a srcdoc is that of the document it stands in, until it has its own. */
    for (unsigned i = 0; i < rewrite->base_count && !(how & PV_PROBE_DATA); i++) {
        if (rewrite->bases[i].end <= rewrite->at) {
            inner->bases[inner->base_count++].href = rewrite->bases[i].href;
        }
    }
    pv_rewrite_feed(inner, document.ptr, document.len);
    pv_rewrite_end(inner);
    found = inner->found;
    if (found != NULL) {
        /* A label in it is not the element's own; whose tracker it is, is known of none. */
        rewrite->why = inner->found_why == PV_HELD_LABEL || inner->found_why == PV_HELD_DOUBT
                           ? PV_HELD_DOUBT
                           : PV_HELD_URL;
    }
    apr_pool_destroy(pool);
    return found;
}
