/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "httpd/privacy_field.h"

#include <apr_strings.h>

#include "enforce/pv_link.h"
#include "httpd/privacy_url.h"

/** The value with another lifetime (rule R4, denied=session). */
static const char *limited(const privacy_findings_t *findings, const char *value, apr_size_t len,
                           apr_int64_t limit)
{
    pv_set_cookie_limit_t how = { limit, findings->now };
    char *out = apr_palloc(findings->r->pool, pv_set_cookie_limit_size(len) + 1);

    out[pv_set_cookie_limit(value, len, &how, out)] = '\0';
    return out;
}

const char *privacy_field_set_cookie(privacy_findings_t *findings, const char *value,
                                     apr_size_t len)
{
    const privacy_request_t *request = findings->request;
    pv_sentence_t sentence;

    if (findings->now == 0) {
        findings->now = apr_time_now();
    }
    pv_judge_set_cookie(request->server->policy, &request->consent, value, len, findings->now,
                        &sentence);
    if (sentence.verdict == PV_VERDICT_UNDECLARED) {
        privacy_field_remember(findings, PRIVACY_NOTE_UNDECLARED, sentence.name, sentence.nameless);
    }
    switch (sentence.action) {
    case PV_ACTION_STRIP:
        privacy_field_remember(findings, PRIVACY_NOTE_STRIPPED, sentence.name, sentence.nameless);
        findings->varies = 1;
        return findings->enforce ? NULL : value;
    case PV_ACTION_LIMIT:
        privacy_field_remember(findings, PRIVACY_NOTE_CAPPED, sentence.name, sentence.nameless);
        findings->varies |= sentence.verdict == PV_VERDICT_DEMOTED;
        return findings->enforce ? limited(findings, value, len, sentence.limit) : value;
    default:
        return value;
    }
}

/** What a Link's references are asked with. */
typedef struct {
    privacy_findings_t *findings;
    privacy_document_t document;
} link_t;

static int is_held(void *data, const char *ref, apr_size_t len)
{
    link_t *link = data;
    privacy_findings_t *findings = link->findings;
    const privacy_request_t *request = findings->request;
    const pv_tracker_t *tracker =
        pv_tracker_resolve(request->server->policy->trackers, &link->document.base, ref, len);
    const pv_source_tracker_t *declared;

    if (tracker == NULL) {
        return 0;
    }
    declared = tracker->owner;
    /* Who is granted it gets another response than who is not. */
    findings->varies |= !(request->server->policy->necessary & PV_BIT(declared->category_index));
    if (privacy_url_denied(request, declared->category_index) == NULL) {
        return 0;
    }
    privacy_field_remember(findings, PRIVACY_NOTE_HELD,
                           pv_span(declared->decl.name, strlen(declared->decl.name)), 0);
    return 1;
}

const char *privacy_field_link(privacy_findings_t *findings, const char *value, apr_size_t len)
{
    link_t link = { .findings = findings };
    char *out;

    if (findings->request->server->policy->tracker_count == 0) {
        return value;
    }
    privacy_url_document(findings->r, findings->request, &link.document);
    out = apr_palloc(findings->r->pool, len + 1);
    switch (pv_link_filter(value, len, is_held, &link, out, &len)) {
    case PV_LINK_CHANGED:
        out[len] = '\0';
        return findings->enforce ? out : value;
    case PV_LINK_EMPTY:
        return findings->enforce ? NULL : value;
    default:
        return value;
    }
}

pv_field_t privacy_field_judge(void *ctx, pv_span_t name, pv_span_t value, pv_span_t *replacement)
{
    const char *judged;

    if (pv_span_eq_nocase(name, PV_SPAN("Set-Cookie"))) {
        judged = privacy_field_set_cookie(ctx, value.ptr, value.len);
    }
    else if (pv_span_eq_nocase(name, PV_SPAN("Link"))) {
        judged = privacy_field_link(ctx, value.ptr, value.len);
    }
    else {
        return PV_FIELD_KEEP;
    }
    if (judged == value.ptr) {
        return PV_FIELD_KEEP;
    }
    if (judged == NULL) {
        return PV_FIELD_DROP;
    }
    *replacement = pv_span(judged, strlen(judged));
    return PV_FIELD_REPLACE;
}

void privacy_field_note(const privacy_findings_t *findings)
{
    for (int i = 0; i < PRIVACY_NOTES; i++) {
        privacy_names_note_more(findings->names[i], findings->r, (privacy_note_t)i);
    }
}
