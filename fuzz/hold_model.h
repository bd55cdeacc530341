/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file hold_model.h
 * @brief What the elements of a document load (H2), as the standards say it, by the start tags of
 *        html_model.h and the policy of rewrite_check.h.
 */

#ifndef HOLD_MODEL_H
#define HOLD_MODEL_H

#include "html_model.h"
#include "percent_model.h"
#include "rewrite_check.h"

/** Documents in an attribute of one in an attribute. */
#define HOLD_DEPTH 3

typedef enum { HOLD_URL, HOLD_URLS, HOLD_SRCSET, HOLD_REFRESH, HOLD_DOCUMENT } hold_kind_e;

typedef struct {
    const char *tags; /* separated by spaces */
    const char *attr;
    hold_kind_e kind;
} hold_load_t;

/* An image outside of svg is an img. */
static const hold_load_t hold_html[] = {
    { "script iframe frame img image input source video audio track embed", "src", HOLD_URL },
    { "img image source", "srcset", HOLD_SRCSET },
    { "link", "href", HOLD_URL },
    { "link", "imagesrcset", HOLD_SRCSET },
    { "video", "poster", HOLD_URL },
    { "object", "data", HOLD_URL },
    { "iframe", "srcdoc", HOLD_DOCUMENT },
    { "a area", "ping", HOLD_URLS },
    { "meta", "content", HOLD_REFRESH },
    { NULL, NULL, HOLD_URL },
};

static const hold_load_t hold_svg[] = {
    { "script image use feimage", "href", HOLD_URL },
    { "script image use feimage", "xlink:href", HOLD_URL },
    { "a", "ping", HOLD_URLS },
    { NULL, NULL, HOLD_URL },
};

/** What is thought of a document, and of those in its srcdocs. */
typedef struct {
    apr_pool_t *pool;
    int labels; /**< an author's labels count; in what was rewritten there are others, too */
    int depth;
    int lost, other; /**< as html_t has them */
    pv_span_t base;
    int has_base;
} hold_t;

/** What is found in a tag. */
typedef struct {
    const char *category; /**< of the first tracker that it loads, or NULL */
    int mixed;            /**< it loads others of another category */
    int labelled;         /**< it is held by its label, whatever it loads */
    int text;             /**< it is a script with a tracker's text */
    int sources;          /**< attributes by which it loads something */
    int held[HTML_ATTRS]; /**< those by which it loads a tracker, or all if it is labelled */
} hold_found_t;

/* Some words of a list of tokens are among these. */
static inline int hold_has_word(pv_span_t value, const char *words)
{
    for (size_t at = 0; at < value.len; at++) {
        char word[HTML_NAME] = "";
        size_t len = 0;
        for (; at < value.len && !html_is_space((unsigned char)value.ptr[at]); at++, len++) {
            if (len < HTML_NAME - 1) {
                word[len] = (char)html_to_lower((unsigned char)value.ptr[at]);
            }
        }
        if (len < HTML_NAME && html_word_in(word, words)) {
            return 1;
        }
    }
    return 0;
}

/* Whether a name stands there twice: looking ahead, Chromium takes each, or the last. */
static inline int hold_repeated(const html_tag_t *tag, const char *name)
{
    for (int i = 0; i < tag->count; i++) {
        if (tag->attrs[i].repeated && html_same(tag->attrs[i].name, name)) {
            return 1;
        }
    }
    return 0;
}

/* 4.12.1.1, prepare the script element; MIME Sniffing, 4.6. */
static inline int hold_script_runs(const html_tag_t *tag)
{
    static const char *const text = "ecmascript javascript javascript1.0 javascript1.1 "
                                    "javascript1.2 javascript1.3 javascript1.4 javascript1.5 "
                                    "jscript livescript x-ecmascript x-javascript";
    static const char *const application = "ecmascript javascript x-ecmascript x-javascript";
    const html_attr_t *type = html_attr(tag, "type");
    const html_attr_t *language = html_attr(tag, "language");
    pv_span_t from = type ? type->value : language ? language->value : pv_span("", 0);
    char buf[64] = "";

    if (from.len == 0 || hold_repeated(tag, "type") || (!type && hold_repeated(tag, "language"))) {
        return 1;
    }
    while (type && from.len > 0 && html_is_space((unsigned char)from.ptr[0])) {
        from = pv_span(from.ptr + 1, from.len - 1);
    }
    while (type && from.len > 0 && html_is_space((unsigned char)from.ptr[from.len - 1])) {
        from.len--;
    }
    if (from.len > 40 || memchr(from.ptr, ' ', from.len) || memchr(from.ptr, '\0', from.len)) {
        return 0;
    }
    (void)snprintf(buf, sizeof(buf), "%s%.*s", type ? "" : "text/", (int)from.len, from.ptr);
    for (char *c = buf; *c != '\0'; c++) {
        *c = (char)html_to_lower((unsigned char)*c);
    }
    return strcmp(buf, "module") == 0 ||
           (strncmp(buf, "text/", 5) == 0 && html_word_in(buf + 5, text)) ||
           (strncmp(buf, "application/", 12) == 0 && html_word_in(buf + 12, application));
}

/* 4.6.7, link types, as far as browsers load anything by them. */
static inline int hold_link_connects(const html_tag_t *tag)
{
    const html_attr_t *rel = html_attr(tag, "rel");

    return rel != NULL && hold_has_word(rel->value, "preconnect dns-prefetch");
}

static inline int hold_value_is(const html_tag_t *tag, const char *name, const char *word)
{
    const html_attr_t *attr = html_attr(tag, name);

    return hold_repeated(tag, name) || (attr != NULL && html_same(attr->value, word));
}

static inline int hold_loads(const html_tag_t *tag)
{
    const html_attr_t *rel = html_attr(tag, "rel");

    if (strcmp(tag->name, "script") == 0) {
        /* In svg a source is fetched whatever its type. */
        return hold_script_runs(tag) ||
               (tag->svg && (html_attr(tag, "href") || html_attr(tag, "xlink:href")));
    }
    if (strcmp(tag->name, "link") == 0) {
        return hold_repeated(tag, "rel") || hold_link_connects(tag) ||
               (rel != NULL &&
                hold_has_word(rel->value, "preload modulepreload prefetch prerender icon "
                                          "stylesheet manifest apple-touch-icon mask-icon "
                                          "apple-touch-icon-precomposed next "
                                          "compression-dictionary"));
    }
    if (strcmp(tag->name, "input") == 0) {
        return hold_value_is(tag, "type", "image");
    }
    if (strcmp(tag->name, "meta") == 0) {
        return hold_value_is(tag, "http-equiv", "refresh");
    }
    return 1;
}

/* Values that hold URLs. */

static inline const char *hold_judge(const hold_t *hold, pv_span_t url, int connects)
{
    check_t nobody = { .grant = 0 };
    pv_load_t load = { .url = url, .connect = connects != 0 };

    load.base = hold->has_base ? hold->base : pv_span(NULL, 0);
    return check_url(&nobody, &load);
}

static inline int hold_at_space(pv_span_t s, size_t at)
{
    return at < s.len && html_is_space((unsigned char)s.ptr[at]);
}

static inline void hold_note(hold_found_t *found, int attr, const char *category)
{
    if (category != NULL) {
        found->held[attr] = 1;
        found->mixed |= found->category != NULL && strcmp(found->category, category) != 0;
        found->category = found->category != NULL ? found->category : category;
    }
}

static inline void hold_tokens(const hold_t *hold, hold_found_t *found, int attr, pv_span_t value)
{
    for (size_t at = 0; at < value.len; at++) {
        size_t begin = at;
        while (at < value.len && !hold_at_space(value, at)) {
            at++;
        }
        if (at > begin) {
            hold_note(found, attr, hold_judge(hold, pv_span(value.ptr + begin, at - begin), 0));
        }
    }
}

/* 4.8.4.3.10: parse a srcset attribute. Candidates whose descriptors are wrong count, too. */
static inline void hold_srcset(const hold_t *hold, hold_found_t *found, int attr, pv_span_t value)
{
    size_t at = 0;

    while (at < value.len) {
        size_t begin, end;
        int parens = 0;
        while (hold_at_space(value, at) || (at < value.len && value.ptr[at] == ',')) {
            at++;
        }
        begin = at;
        while (at < value.len && !hold_at_space(value, at)) {
            at++;
        }
        for (end = at; end > begin && value.ptr[end - 1] == ','; end--) {
        }
        if (end > begin) {
            hold_note(found, attr, hold_judge(hold, pv_span(value.ptr + begin, end - begin), 0));
        }
        if (end < at) {
            continue;
        }
        for (; at < value.len && (parens || value.ptr[at] != ','); at++) {
            parens = value.ptr[at] == '(' || (parens && value.ptr[at] != ')');
        }
    }
}

/* What a URL has in itself. */

static inline void hold_document(hold_t *outer, hold_found_t *found, int attr, pv_span_t html,
                                 int data);

static inline int hold_is_dropped(char c)
{
    return c == '\t' || c == '\n' || c == '\r';
}

/* Infra, forgiving-base64 decode. Of what is no base64 the module may read the beginning. */
static inline pv_span_t hold_base64(hold_t *hold, pv_span_t in)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *plain = apr_palloc(hold->pool, in.len + 1);
    char *out = apr_palloc(hold->pool, in.len + 1);
    size_t len = 0, used = 0;
    unsigned bits = 0;

    for (size_t i = 0; i < in.len; i++) {
        if (!html_is_space((unsigned char)in.ptr[i])) {
            out[len++] = in.ptr[i];
        }
    }
    for (int i = 0;
         i < 2 && len % 4 != 1 && len > 0 && (len + (size_t)i) % 4 == 0 && out[len - 1] == '=';
         i++) {
        len--;
    }
    hold->other |= len % 4 == 1;
    for (size_t i = 0; i < len; i++) {
        const char *digit = memchr(digits, out[i], 64);
        if (digit == NULL || len % 4 == 1) {
            hold->other = 1;
            return pv_span("", 0);
        }
        bits = bits << 6 | (unsigned)(digit - digits);
        if (i % 4 != 0) {
            plain[used++] = (char)(bits >> (6 - i % 4 * 2));
        }
    }
    return pv_span(plain, used);
}

/* Where a URL goes on behind its scheme, or 0. */
static inline size_t hold_behind_scheme(pv_span_t url, const char *scheme)
{
    size_t at = 0;

    while (at < url.len && (unsigned char)url.ptr[at] <= ' ') {
        at++;
    }
    for (; *scheme != '\0'; scheme++, at++) {
        while (at < url.len && hold_is_dropped(url.ptr[at])) {
            at++;
        }
        if (at == url.len || html_to_lower((unsigned char)url.ptr[at]) != *scheme) {
            return 0;
        }
    }
    return at;
}

/* A copy in pool, without tabs and newlines (URL, 4.4), lower case where it is asked for. */
static inline pv_span_t hold_dropped(const hold_t *hold, pv_span_t in, int lower)
{
    char *out = apr_palloc(hold->pool, in.len + 1);
    size_t len = 0;

    for (size_t i = 0; i < in.len; i++) {
        if (!hold_is_dropped(in.ptr[i])) {
            out[len++] = lower ? (char)html_to_lower((unsigned char)in.ptr[i]) : in.ptr[i];
        }
    }
    out[len] = '\0';
    return pv_span(out, len);
}

/* A text that a URL has in itself: of a script, or of a document. */
static inline void hold_carried_text(hold_t *hold, hold_found_t *found, int attr, pv_span_t text,
                                     int document)
{
    check_t nobody = { .grant = 0 };
    char *out = apr_palloc(hold->pool, text.len + 1);
    size_t len = 0;

    if (document) {
        hold_document(hold, found, attr, text, 1);
    }
    else {
        hold_note(found, attr, check_inline(&nobody, text));
    }
    /* Of UTF-16. */
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] != '\0') {
            out[len++] = text.ptr[i];
        }
    }
    if (len < text.len) {
        hold_carried_text(hold, found, attr, pv_span(out, len), document);
    }
}

static inline pv_span_t hold_percent(const hold_t *hold, pv_span_t in)
{
    char *out = apr_palloc(hold->pool, in.len + 1);
    int broken;

    return pv_span(out, percent_model(in, out, &broken));
}

/* Fetch, 6, data: URL processor, in each way in which it is read. */
static inline void hold_data(hold_t *hold, hold_found_t *found, int attr, pv_span_t rest,
                             int script)
{
    const char *hash = memchr(rest.ptr, '#', rest.len);
    size_t len = hash != NULL ? (size_t)(hash - rest.ptr) : rest.len;
    const char *comma = memchr(rest.ptr, ',', len);
    pv_span_t body, dropped;
    const char *type;

    if (comma == NULL) {
        return;
    }
    type = hold_dropped(hold, pv_span(rest.ptr, (size_t)(comma - rest.ptr)), 1).ptr;
    body = pv_span(comma + 1, len - 1 - (size_t)(comma - rest.ptr));
    dropped = hold_dropped(hold, body, 0);
    /* Not said here of what XML there is. */
    hold->other |= !script && strstr(type, "xml") != NULL;
    if (!script && strstr(type, "html") == NULL) {
        return;
    }
    hold_carried_text(hold, found, attr, hold_percent(hold, body), !script);
    if (dropped.len < body.len) {
        hold_carried_text(hold, found, attr, hold_percent(hold, dropped), !script);
    }
    if (strstr(type, "base64") != NULL) {
        hold_carried_text(hold, found, attr, hold_base64(hold, hold_percent(hold, dropped)),
                          !script);
    }
}

static inline void hold_carried(hold_t *hold, const html_tag_t *tag, int attr, pv_span_t url,
                                hold_found_t *found)
{
    int script = strcmp(tag->name, "script") == 0;
    size_t data = hold_behind_scheme(url, "data:");
    size_t code = hold_behind_scheme(url, "javascript:");

    if (!html_word_in(tag->name, "script iframe frame embed object meta")) {
        return;
    }
    if (data > 0) {
        hold_data(hold, found, attr, pv_span(url.ptr + data, url.len - data), script);
    }
    if (code > 0 && !script) {
        pv_span_t rest = hold_dropped(hold, pv_span(url.ptr + code, url.len - code), 0);
        hold_carried_text(hold, found, attr, hold_percent(hold, rest), 0);
    }
}

/* 4.2.5.3, shared declarative refresh steps. Returns the rest behind the time, or nothing. */
static inline pv_span_t hold_behind_time(pv_span_t s)
{
    size_t at = 0;
    int time;

    while (hold_at_space(s, at)) {
        at++;
    }
    time = at < s.len && (html_is_digit((unsigned char)s.ptr[at]) || s.ptr[at] == '.');
    while (at < s.len && (html_is_digit((unsigned char)s.ptr[at]) || s.ptr[at] == '.')) {
        at++;
    }
    if (!time || at == s.len || (!hold_at_space(s, at) && s.ptr[at] != ';' && s.ptr[at] != ',')) {
        return pv_span("", 0);
    }
    while (hold_at_space(s, at)) {
        at++;
    }
    at += at < s.len && (s.ptr[at] == ';' || s.ptr[at] == ',');
    while (hold_at_space(s, at)) {
        at++;
    }
    return pv_span(s.ptr + at, s.len - at);
}

static inline void hold_refresh(hold_t *hold, const html_tag_t *tag, hold_found_t *found, int attr,
                                pv_span_t value)
{
    pv_span_t s = hold_behind_time(value);
    size_t at = 0;
    int quote = 0;

    if (s.len >= 1 && html_same(pv_span(s.ptr, 1), "u")) {
        size_t eq = 3;
        if (s.len >= 3 && html_same(pv_span(s.ptr, 3), "url")) {
            while (hold_at_space(s, eq)) {
                eq++;
            }
        }
        else {
            eq = s.len;
        }
        at = eq < s.len && s.ptr[eq] == '=' ? eq + 1 : 0;
        while (at > 0 && hold_at_space(s, at)) {
            at++;
        }
        quote = at == 0 ? HTML_EOF : 0;
    }
    if (quote == 0 && at < s.len && (s.ptr[at] == '"' || s.ptr[at] == '\'')) {
        const char *end = memchr(s.ptr + at + 1, s.ptr[at], s.len - at - 1);
        s.len = end != NULL ? (size_t)(end - s.ptr) : s.len;
        at++;
    }
    if (at < s.len) {
        hold_note(found, attr, hold_judge(hold, pv_span(s.ptr + at, s.len - at), 0));
        hold_carried(hold, tag, attr, pv_span(s.ptr + at, s.len - at), found);
    }
}

/* Tags. */

static inline void hold_attr(hold_t *hold, const html_tag_t *tag, int attr, hold_kind_e kind,
                             hold_found_t *found)
{
    pv_span_t value = tag->attrs[attr].value;

    found->sources++;
    switch (kind) {
    case HOLD_URL:
        hold_note(
            found, attr,
            hold_judge(hold, value, strcmp(tag->name, "link") == 0 && hold_link_connects(tag)));
        hold_carried(hold, tag, attr, value, found);
        break;
    case HOLD_URLS:
        hold_tokens(hold, found, attr, value);
        break;
    case HOLD_SRCSET:
        hold_srcset(hold, found, attr, value);
        break;
    case HOLD_REFRESH:
        hold_refresh(hold, tag, found, attr, value);
        break;
    default:
        hold_document(hold, found, attr, value, 0);
        break;
    }
}

/* The first of a name; but of URLs Chromium, looking ahead, takes the first that is not blank. */
static inline const html_attr_t *hold_url_attr(const html_tag_t *tag, const char *name)
{
    for (int i = 0; i < tag->count; i++) {
        pv_span_t value = tag->attrs[i].value;
        size_t at = 0;
        while (hold_at_space(value, at)) {
            at++;
        }
        if (at < value.len && html_same(tag->attrs[i].name, name)) {
            return &tag->attrs[i];
        }
    }
    return html_attr(tag, name);
}

static inline void hold_attrs(hold_t *hold, const html_tag_t *tag, hold_found_t *found)
{
    for (const hold_load_t *load = tag->svg ? hold_svg : hold_html; load->tags != NULL; load++) {
        const html_attr_t *attr = hold_url_attr(tag, load->attr);
        if (attr != NULL && html_word_in(tag->name, load->tags)) {
            hold_attr(hold, tag, (int)(attr - tag->attrs), load->kind, found);
        }
    }
}

static inline int hold_is_inline(const html_tag_t *tag)
{
    return strcmp(tag->name, "script") == 0 && !tag->svg && html_attr(tag, "src") == NULL;
}

/* Of a text that never ends nothing runs. */
static inline const char *hold_text(const html_t *h, const html_tag_t *tag, size_t limit)
{
    check_t nobody = { .grant = 0 };
    size_t len = tag->text_end - tag->end;

    if (!hold_is_inline(tag) || !tag->closed) {
        return NULL;
    }
    return check_inline(&nobody, pv_span(h->in.ptr + tag->end, len < limit ? len : limit));
}

/* Returns 0 if the label exempts. */
static inline int hold_label(const html_tag_t *tag, hold_found_t *found)
{
    check_t nobody = { .grant = 0 };
    const html_attr_t *label = html_attr(tag, "data-privacy-category");

    if (label == NULL) {
        return 1;
    }
    switch (check_label(&nobody, label->value, &found->category)) {
    case PV_LABEL_EXEMPT:
        return 0;
    case PV_LABEL_HELD:
        found->labelled = 1;
        return 1;
    default:
        return 1;
    }
}

static inline void hold_by_label(const html_tag_t *tag, hold_found_t *found)
{
    for (const hold_load_t *load = tag->svg ? hold_svg : hold_html; load->tags != NULL; load++) {
        const html_attr_t *attr = hold_url_attr(tag, load->attr);
        if (attr != NULL && html_word_in(tag->name, load->tags)) {
            found->held[attr - tag->attrs] = 1;
            found->sources++;
        }
    }
    if (found->sources == 0 && strcmp(tag->name, "script") != 0) {
        found->category = NULL;
    }
}

/** What a tag loads that is held. */
static inline hold_found_t hold_tag(hold_t *hold, const html_t *h, const html_tag_t *tag,
                                    size_t limit)
{
    hold_found_t found;

    memset(&found, 0, sizeof(found));
    if (!hold_label(tag, &found) || !hold_loads(tag)) {
        memset(&found, 0, sizeof(found));
        return found;
    }
    if (found.labelled && hold->labels) {
        hold_by_label(tag, &found);
        return found;
    }
    found.category = NULL;
    found.labelled = 0;
    hold_attrs(hold, tag, &found);
    if (found.category == NULL) {
        found.category = hold_text(h, tag, limit);
        found.text = found.category != NULL;
    }
    return found;
}

/** From here on this is what URLs are relative to. @return whether the tag is a base */
static inline int hold_base(hold_t *hold, const html_tag_t *tag)
{
    const html_attr_t *href = html_attr(tag, "href");

    if (strcmp(tag->name, "base") != 0 || tag->svg || href == NULL) {
        return 0;
    }
    if (!hold->has_base) {
        hold->has_base = 1;
        hold->base = href->value;
    }
    return 1;
}

/** A script whose end tag is cut off by the end of the document: it does not run, and the module
 *  may have judged it by then. */
static inline int hold_is_cut_off(const html_tag_t *tag)
{
    return strcmp(tag->name, "script") == 0 && tag->closed_end != 0 && !tag->closed;
}

/** The module holds some things that do nothing in HTML. */
static inline int hold_is_odd(const html_tag_t *tag)
{
    return html_word_in(tag->name, "script image use feimage") &&
           (html_attr(tag, "href") || html_attr(tag, "xlink:href"));
}

/* A document in an attribute: the first of what would be held in it. The base of a srcdoc is that
 * of the document it stands in, until it has its own. */
static inline void hold_document(hold_t *outer, hold_found_t *found, int attr, pv_span_t html,
                                 int data)
{
    hold_t hold = *outer;
    html_t h;
    int own_base = 0;

    if (outer->depth == HOLD_DEPTH) {
        outer->lost = 1;
        return;
    }
    hold.depth++;
    hold.labels = 1;
    hold.has_base &= !data;
    html_read(&h, html, 1, 0, hold.pool);
    outer->lost |= h.lost;
    outer->other |= h.other;
    for (int i = 0; i < h.count; i++) {
        hold_found_t inner = hold_tag(&hold, &h, &h.tags[i], h.in.len);
        outer->other |= hold_is_cut_off(&h.tags[i]) || hold_is_odd(&h.tags[i]);
        hold_note(found, attr, inner.category);
        found->mixed |= inner.mixed;
        if (!own_base && html_attr(&h.tags[i], "href") && strcmp(h.tags[i].name, "base") == 0) {
            /* Of two that may count the module takes either. */
            outer->other = 1;
            hold.has_base = 0;
            own_base = hold_base(&hold, &h.tags[i]);
        }
    }
    outer->lost |= hold.lost;
    outer->other |= hold.other;
}

/** The first tag of a document that loads a tracker, or -1. */
static inline int hold_first(hold_t *hold, const html_t *h, size_t limit)
{
    int first = -1;

    for (int i = 0; i < h->count; i++) {
        hold_found_t found;
        if (hold_base(hold, &h->tags[i])) {
            continue;
        }
        found = hold_tag(hold, h, &h->tags[i], limit);
        if (found.category != NULL && first < 0) {
            first = i;
        }
    }
    hold->lost |= h->lost;
    hold->other |= h->other;
    return first;
}

#endif /* HOLD_MODEL_H */
