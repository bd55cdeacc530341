/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "html/pv_attr.h"

pv_span_t pv_attr_tag_name(pv_span_t tag)
{
    const char *end = tag.ptr + tag.len;
    const char *begin = tag.ptr + 1;
    const char *p;

    if (begin < end && *begin == '/') {
        begin++;
    }
    for (p = begin; p < end && !pv_ends_tag_name(*p); p++) {
    }
    return pv_span_between(begin, p);
}

void pv_attr_first(pv_attr_iter_t *iter, const char *begin, const char *end)
{
    iter->at = begin;
    iter->end = end;
}

static const char *skip_space(const char *p, const char *end)
{
    while (p < end && pv_is_html_space(*p)) {
        p++;
    }
    return p;
}

/* p is behind `=` and white space. Returns where the attribute ends. */
static const char *read_value(const char *p, const char *end, pv_attr_t *attr)
{
    const char *begin = p;

    if (*p == '"' || *p == '\'') {
        attr->quote = *p;
        begin++;
        p = memchr(begin, attr->quote, (apr_size_t)(end - begin));
        attr->open = p == NULL;
        attr->value = pv_span_between(begin, p != NULL ? p : end);
        return p != NULL ? p + 1 : end;
    }
    while (p < end && !pv_is_html_space(*p) && *p != '>') {
        p++;
    }
    attr->open = p == end;
    attr->value = pv_span_between(begin, p);
    return p;
}

int pv_attr_next(pv_attr_iter_t *iter, pv_attr_t *attr)
{
    const char *end = iter->end;
    const char *p = iter->at;
    const char *begin;

    memset(attr, 0, sizeof(*attr));
    while (p < end && (pv_is_html_space(*p) || *p == '/')) {
        p++;
    }
    if (p == end || *p == '>') {
        iter->at = p;
        return 0;
    }
    /* The first byte belongs to the name even if it is `=`. */
    for (begin = p++; p < end && !pv_ends_tag_name(*p) && *p != '='; p++) {
    }
    attr->name = pv_span_between(begin, p);
    p = skip_space(p, end);
    attr->open = p == end;
    if (p < end && *p == '=') {
        attr->valued = 1;
        p = skip_space(p + 1, end);
        attr->open = p == end;
        if (p < end) {
            p = read_value(p, end, attr);
        }
    }
    iter->at = p;
    return 1;
}
