/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "html/pv_charref.h"
#include "html/pv_element.h"
#include "html/pv_url_list.h"

typedef struct {
    pv_span_t name;
    pv_attr_e attr;
} attr_name_t;

static const attr_name_t attr_names[] = {
    { PV_SPAN("content"), PV_ATTR_CONTENT },
    { PV_SPAN("data"), PV_ATTR_DATA },
    { PV_SPAN("data-privacy-category"), PV_ATTR_LABEL },
    { PV_SPAN("height"), PV_ATTR_HEIGHT },
    { PV_SPAN("hidden"), PV_ATTR_HIDDEN },
    { PV_SPAN("href"), PV_ATTR_HREF },
    { PV_SPAN("http-equiv"), PV_ATTR_HTTP_EQUIV },
    { PV_SPAN("imagesrcset"), PV_ATTR_IMAGESRCSET },
    { PV_SPAN("language"), PV_ATTR_LANGUAGE },
    { PV_SPAN("ping"), PV_ATTR_PING },
    { PV_SPAN("poster"), PV_ATTR_POSTER },
    { PV_SPAN("rel"), PV_ATTR_REL },
    { PV_SPAN("src"), PV_ATTR_SRC },
    { PV_SPAN("srcdoc"), PV_ATTR_SRCDOC },
    { PV_SPAN("srcset"), PV_ATTR_SRCSET },
    { PV_SPAN("style"), PV_ATTR_STYLE },
    { PV_SPAN("type"), PV_ATTR_TYPE },
    { PV_SPAN("width"), PV_ATTR_WIDTH },
    { PV_SPAN("xlink:href"), PV_ATTR_XLINK_HREF },
};

typedef struct {
    pv_tag_e tag;
    pv_attr_e attr;
    pv_value_e value;
} load_t;

/* Rule H2. In HTML an svg's href does nothing on most of these, and holding it no harm. */
static const load_t loads[] = {
    { PV_TAG_A, PV_ATTR_PING, PV_VALUE_URLS },
    { PV_TAG_AREA, PV_ATTR_PING, PV_VALUE_URLS },
    { PV_TAG_AUDIO, PV_ATTR_SRC, PV_VALUE_URL },
    { PV_TAG_EMBED, PV_ATTR_SRC, PV_VALUE_URL },
    { PV_TAG_FEIMAGE, PV_ATTR_HREF, PV_VALUE_URL },
    { PV_TAG_FEIMAGE, PV_ATTR_XLINK_HREF, PV_VALUE_URL },
    { PV_TAG_FRAME, PV_ATTR_SRC, PV_VALUE_URL },
    { PV_TAG_IFRAME, PV_ATTR_SRC, PV_VALUE_URL },
    { PV_TAG_IFRAME, PV_ATTR_SRCDOC, PV_VALUE_DOCUMENT },
    /* In HTML an image is an img. */
    { PV_TAG_IMAGE, PV_ATTR_SRC, PV_VALUE_URL },
    { PV_TAG_IMAGE, PV_ATTR_SRCSET, PV_VALUE_SRCSET },
    { PV_TAG_IMAGE, PV_ATTR_HREF, PV_VALUE_URL },
    { PV_TAG_IMAGE, PV_ATTR_XLINK_HREF, PV_VALUE_URL },
    { PV_TAG_IMG, PV_ATTR_SRC, PV_VALUE_URL },
    { PV_TAG_IMG, PV_ATTR_SRCSET, PV_VALUE_SRCSET },
    { PV_TAG_INPUT, PV_ATTR_SRC, PV_VALUE_URL },
    { PV_TAG_LINK, PV_ATTR_HREF, PV_VALUE_URL },
    { PV_TAG_LINK, PV_ATTR_IMAGESRCSET, PV_VALUE_SRCSET },
    { PV_TAG_META, PV_ATTR_CONTENT, PV_VALUE_REFRESH },
    { PV_TAG_OBJECT, PV_ATTR_DATA, PV_VALUE_URL },
    { PV_TAG_SCRIPT, PV_ATTR_SRC, PV_VALUE_URL },
    { PV_TAG_SCRIPT, PV_ATTR_HREF, PV_VALUE_URL },
    { PV_TAG_SCRIPT, PV_ATTR_XLINK_HREF, PV_VALUE_URL },
    { PV_TAG_SOURCE, PV_ATTR_SRC, PV_VALUE_URL },
    { PV_TAG_SOURCE, PV_ATTR_SRCSET, PV_VALUE_SRCSET },
    { PV_TAG_TRACK, PV_ATTR_SRC, PV_VALUE_URL },
    { PV_TAG_USE, PV_ATTR_HREF, PV_VALUE_URL },
    { PV_TAG_USE, PV_ATTR_XLINK_HREF, PV_VALUE_URL },
    { PV_TAG_VIDEO, PV_ATTR_SRC, PV_VALUE_URL },
    { PV_TAG_VIDEO, PV_ATTR_POSTER, PV_VALUE_URL },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

char *pv_scratch_get(pv_scratch_t *scratch, apr_size_t size)
{
    if (size > scratch->size) {
        scratch->size = size > 4096 ? size * 2 : 4096;
        scratch->buf = apr_palloc(scratch->pool, scratch->size);
    }
    return scratch->buf;
}

static int is(pv_span_t s, const char *word)
{
    return pv_span_eq_nocase(s, pv_span(word, strlen(word)));
}

static int is_one_of(pv_span_t s, const char *const *words, apr_size_t count)
{
    for (apr_size_t i = 0; i < count; i++) {
        if (is(s, words[i])) {
            return 1;
        }
    }
    return 0;
}

pv_attr_e pv_element_attr(pv_span_t name, int xml)
{
    char first = name.len > 0 ? pv_lower(*name.ptr) : 0;

    for (apr_size_t i = 0; i < COUNT(attr_names); i++) {
        const attr_name_t *known = &attr_names[i];
        /* Most names are told apart by this, without a call. */
        if (known->name.len == name.len && *known->name.ptr == first &&
            pv_span_eq_nocase(known->name, name)) {
            return known->attr;
        }
    }
    if (xml && name.len > 5 && is(pv_span(name.ptr + name.len - 5, 5), ":href")) {
        return PV_ATTR_XLINK_HREF;
    }
    return PV_ATTR_OTHER;
}

pv_value_e pv_element_value(pv_tag_e tag, pv_attr_e attr)
{
    for (apr_size_t i = 0; i < COUNT(loads); i++) {
        if (loads[i].tag == tag && loads[i].attr == attr) {
            return loads[i].value;
        }
    }
    return PV_VALUE_NONE;
}

/* The first attribute of a name is the element's. But Chromium, which looks ahead by the
 * tokens alone, takes the next for a URL where the first is blank. */
static int counts_again(const pv_element_t *element, pv_attr_e attr)
{
    return pv_element_value(element->tag, attr) != PV_VALUE_NONE &&
           pv_span_trim(element->values[attr], pv_is_html_space).len == 0;
}

void pv_element_read(pv_element_t *element, pv_span_t bytes, pv_scratch_t *scratch)
{
    pv_attr_iter_t iter;
    pv_attr_t attr;
    char *out = NULL;

    element->bytes = bytes;
    element->name = pv_attr_tag_name(bytes);
    element->has = element->repeated = 0;
    element->open = PV_ATTR_OTHER;
    pv_attr_first(&iter, element->name.ptr + element->name.len, bytes.ptr + bytes.len);
    while (pv_attr_next(&iter, &attr)) {
        pv_attr_e which = pv_element_attr(attr.name, element->xml);
        if (which == PV_ATTR_OTHER) {
            continue;
        }
        if (pv_element_has(element, which)) {
            element->repeated |= 1u << which;
            if (!counts_again(element, which)) {
                continue;
            }
        }
        element->has |= 1u << which;
        element->values[which] = attr.value;
        if (attr.open) {
            element->open = which;
        }
        if (pv_charref_needed(attr.value.ptr, attr.value.len, PV_CHARREF_ATTRIBUTE)) {
            /* All values together are shorter than the tag. */
            out = out != NULL ? out : pv_scratch_get(scratch, pv_charref_size(bytes.len));
            element->values[which].ptr = out;
            element->values[which].len =
                pv_charref_decode(attr.value.ptr, attr.value.len, PV_CHARREF_ATTRIBUTE, out);
            out += element->values[which].len;
        }
    }
}

/* What a JavaScript MIME type has behind `text/` (WHATWG MIME Sniffing, section 4.6). */
static int is_javascript_subtype(pv_span_t subtype)
{
    static const char *const subtypes[] = { "ecmascript",    "javascript",    "javascript1.0",
                                            "javascript1.1", "javascript1.2", "javascript1.3",
                                            "javascript1.4", "javascript1.5", "jscript",
                                            "livescript",    "x-ecmascript",  "x-javascript" };

    return is_one_of(subtype, subtypes, COUNT(subtypes));
}

static int is_javascript(pv_span_t type)
{
    static const char *const applications[] = { "application/ecmascript", "application/javascript",
                                                "application/x-ecmascript",
                                                "application/x-javascript" };

    if (type.len > 5 && is(pv_span(type.ptr, 5), "text/")) {
        return is_javascript_subtype(pv_span(type.ptr + 5, type.len - 5));
    }
    return is_one_of(type, applications, COUNT(applications));
}

/* Whether a name that decides on what is loaded stands there twice: looking ahead, Chromium
 * takes each, or the last. */
static int is_repeated(const pv_element_t *element, pv_attr_e attr)
{
    return (element->repeated >> attr & 1) != 0;
}

/* WHATWG HTML, section 4.12.1.1, prepare the script element: the types that run. */
static pv_answer_e script_runs(const pv_element_t *element)
{
    pv_span_t type = element->values[PV_ATTR_TYPE];
    pv_span_t language = element->values[PV_ATTR_LANGUAGE];

    if (is_repeated(element, PV_ATTR_TYPE)) {
        return PV_YES;
    }
    if (pv_element_has(element, PV_ATTR_TYPE)) {
        pv_span_t trimmed = pv_span_trim(type, pv_is_html_space);
        return type.len == 0 || is(trimmed, "module") || is_javascript(trimmed) ? PV_YES : PV_NO;
    }
    if (element->cut) {
        return PV_UNKNOWN;
    }
    if (is_repeated(element, PV_ATTR_LANGUAGE) || !pv_element_has(element, PV_ATTR_LANGUAGE) ||
        language.len == 0) {
        return PV_YES;
    }
    return is_javascript_subtype(language) ? PV_YES : PV_NO;
}

/* The rels by which a link loads something; those that begin at `connecting` do no more
 * than connect. */
static pv_answer_e link_loads(const pv_element_t *element, int connecting)
{
    static const char *const fetches[] = { "preload",
                                           "modulepreload",
                                           "prefetch",
                                           "prerender",
                                           "icon",
                                           "stylesheet",
                                           "apple-touch-icon",
                                           "apple-touch-icon-precomposed",
                                           "manifest",
                                           "mask-icon",
                                           "next",
                                           "compression-dictionary" };
    static const char *const connects[] = { "preconnect", "dns-prefetch" };
    pv_span_t rest = element->values[PV_ATTR_REL];
    pv_span_t token;

    if (!connecting && is_repeated(element, PV_ATTR_REL)) {
        return PV_YES;
    }
    if (!pv_element_has(element, PV_ATTR_REL)) {
        return element->cut ? PV_UNKNOWN : PV_NO;
    }
    while (pv_url_next_token(&rest, &token)) {
        if (is_one_of(token, connects, COUNT(connects)) ||
            (!connecting && is_one_of(token, fetches, COUNT(fetches)))) {
            return PV_YES;
        }
    }
    return element->open == PV_ATTR_REL ? PV_UNKNOWN : PV_NO;
}

int pv_element_connects(const pv_element_t *element)
{
    return element->tag == PV_TAG_LINK && link_loads(element, 1) == PV_YES;
}

static pv_answer_e value_is(const pv_element_t *element, pv_attr_e attr, const char *word)
{
    if (is_repeated(element, attr)) {
        return PV_YES;
    }
    if (!pv_element_has(element, attr)) {
        return element->cut ? PV_UNKNOWN : PV_NO;
    }
    return is(element->values[attr], word) ? PV_YES : PV_NO;
}

pv_answer_e pv_element_loads(const pv_element_t *element)
{
    switch (element->tag) {
    case PV_TAG_SCRIPT:
        return script_runs(element);
    case PV_TAG_LINK:
        return link_loads(element, 0);
    case PV_TAG_INPUT:
        return value_is(element, PV_ATTR_TYPE, "image");
    case PV_TAG_META:
        return value_is(element, PV_ATTR_HTTP_EQUIV, "refresh");
    default:
        return PV_YES;
    }
}

/* 0 or 1 pixel. */
static int is_no_size(const pv_element_t *element, pv_attr_e attr)
{
    pv_span_t size = pv_span_trim(element->values[attr], pv_is_html_space);

    if (!pv_element_has(element, attr)) {
        return 0;
    }
    return is(size, "0") || is(size, "1") || is(size, "0px") || is(size, "1px");
}

/* A declaration without its white space, anywhere in a style. */
static int style_says(pv_span_t style, const char *word)
{
    for (apr_size_t i = 0; i < style.len; i++) {
        const char *w = word;
        for (apr_size_t j = i; j < style.len && *w != '\0'; j++) {
            if (pv_lower(style.ptr[j]) == *w) {
                w++;
            }
            else if (!pv_is_html_space(style.ptr[j])) {
                break;
            }
        }
        if (*w == '\0') {
            return 1;
        }
    }
    return 0;
}

int pv_element_hidden(const pv_element_t *element)
{
    if (pv_element_has(element, PV_ATTR_HIDDEN) || is_no_size(element, PV_ATTR_WIDTH) ||
        is_no_size(element, PV_ATTR_HEIGHT)) {
        return 1;
    }
    return pv_element_has(element, PV_ATTR_STYLE) &&
           (style_says(element->values[PV_ATTR_STYLE], "display:none") ||
            style_says(element->values[PV_ATTR_STYLE], "visibility:hidden"));
}
