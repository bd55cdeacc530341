/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "httpd/privacy_validator.h"

#include <apr_lib.h>
#include <apr_strings.h>

#include "httpd/privacy_headers.h"

/** The tag, inside the quotes of an entity-tag. Others may add to it behind ours
 *  (mod_deflate's -gzip). */
#define TAG_MARK   ";pv="
#define TAG_DIGITS 8
#define TAG_LEN    (sizeof(TAG_MARK) - 1 + TAG_DIGITS)

/** FNV-1a. Decisions differ in a few bits at regular distances, for which a sum of
 *  products (apr_hashfunc_default) may come out the same. */
static apr_uint64_t mix(apr_uint64_t hash, const char *text)
{
    for (; *text; text++) {
        hash = (hash ^ (unsigned char)*text) * APR_UINT64_C(1099511628211);
    }
    return hash;
}

/** A digest of what the body depends on: decision and policy, messages and their
 *  language. */
static const char *tag_of(const privacy_request_t *request, apr_pool_t *pool)
{
    apr_uint64_t hash = mix(APR_UINT64_C(14695981039346656037), request->text.whole);

    if (request->messages_text != NULL) {
        hash = mix(mix(hash, "\n"), request->messages_text);
    }
    return apr_psprintf(pool, TAG_MARK "%08x", (unsigned)(hash >> 32) ^ (unsigned)hash);
}

/** Where the last tag stands in [p, end), or NULL. One before it is a backend's, which
 *  runs this module, too. */
static const char *find_tag(const char *p, const char *end)
{
    const char *found = NULL;

    for (; (apr_size_t)(end - p) >= TAG_LEN; p++) {
        if (memcmp(p, TAG_MARK, sizeof(TAG_MARK) - 1) == 0 &&
            strspn(p + sizeof(TAG_MARK) - 1, "0123456789abcdef") >= TAG_DIGITS) {
            found = p;
        }
    }
    return found;
}

/** The end of the entity-tag at p: after its closing quote, or before a comma. */
static const char *element_end(const char *p)
{
    const char *quote = p + strcspn(p, "\",");

    if (*quote == '"') {
        const char *close = ap_strchr_c(quote + 1, '"');

        quote = close ? close + 1 : quote + strlen(quote);
    }
    return quote + strcspn(quote, ",");
}

/** What was found in a list of entity-tags. */
typedef struct {
    const char *left; /**< the list without our tags and what is not ours to confirm; or NULL */
    int ours;         /**< one bore the tag of this request */
} conditions_t;

/**
 * Take our tag out of a list of entity-tags.
 * @param strict an element without any tag of ours goes, too
 */
static conditions_t untag(const char *list, const char *tag, int strict, apr_pool_t *pool)
{
    conditions_t found = { NULL, 0 };
    char *out = apr_palloc(pool, 2 * strlen(list) + 1);
    char *at = out;

    for (const char *p = list; *p;) {
        const char *end;
        const char *mine;

        p += strspn(p, ", \t");
        if (*p == '\0') {
            break;
        }
        end = element_end(p);
        mine = find_tag(p, end);
        if (mine ? strncmp(mine, tag, TAG_LEN) == 0 : (!strict || *p == '*')) {
            if (at != out) {
                *at++ = ',';
                *at++ = ' ';
            }
            memcpy(at, p, (apr_size_t)((mine ? mine : end) - p));
            at += (mine ? mine : end) - p;
            if (mine) {
                memcpy(at, mine + TAG_LEN, (apr_size_t)(end - mine - TAG_LEN));
                at += end - mine - TAG_LEN;
                found.ours = 1;
            }
        }
        p = end;
    }
    *at = '\0';
    found.left = (at != out) ? out : NULL;
    return found;
}

/** Untag one header; @return whether the request's own tag was in it. */
static int untag_header(request_rec *r, const char *name, const char *tag, int strict)
{
    const char *value = apr_table_get(r->headers_in, name);
    conditions_t found;

    if (value == NULL) {
        return 0;
    }
    found = untag(value, tag, strict, r->pool);
    privacy_headers_replace(r->headers_in, name, found.left);
    return found.ours;
}

/** An If-Range with a tag of ours asks for the rest of a page as it was sent, and of the
 *  origin's bytes the same range is another part. */
static void untag_range(request_rec *r, int navigation)
{
    const char *if_range = apr_table_get(r->headers_in, "If-Range");

    if (navigation || (if_range && find_tag(if_range, if_range + strlen(if_range)))) {
        apr_table_unset(r->headers_in, "Range");
        apr_table_unset(r->headers_in, "If-Range");
    }
}

/** Untag If-Match. Where nothing would be left the header stays as it is: the origin
 *  knows no such entity-tag, and without the header it would do what it was asked not
 *  to do. */
static void untag_match(request_rec *r, const char *tag)
{
    const char *sent = apr_table_get(r->headers_in, "If-Match");

    untag_header(r, "If-Match", tag, 0);
    if (sent != NULL && apr_table_get(r->headers_in, "If-Match") == NULL) {
        apr_table_addn(r->headers_in, "If-Match", sent);
    }
}

void privacy_validator_untag(request_rec *r, privacy_request_t *request)
{
    const char *tag;
    int had;

    if (privacy_request_setting(request, r).engine != PRIVACY_ON) {
        return;
    }
    tag = tag_of(request, r->pool);
    had = apr_table_get(r->headers_in, "If-None-Match") != NULL;
    if (untag_header(r, "If-None-Match", tag, request->navigation)) {
        request->untagged = 1;
    }
    /* Without its entity-tags a request would fall back on the date. */
    if ((had && apr_table_get(r->headers_in, "If-None-Match") == NULL) || request->navigation) {
        apr_table_unset(r->headers_in, "If-Modified-Since");
    }
    untag_match(r, tag);
    untag_range(r, request->navigation);
}

void privacy_validator_tag(request_rec *r, privacy_request_t *request)
{
    apr_table_t *tables[] = { r->headers_out, r->err_headers_out };
    const char *tag = tag_of(request, r->pool);

    for (int i = 0; i < 2; i++) {
        const char *etag = apr_table_get(tables[i], "ETag");
        apr_size_t len = etag ? strlen(etag) : 0;
        const char *found = etag ? find_tag(etag, etag + len) : NULL;

        apr_table_unset(tables[i], "Last-Modified");
        if (etag == NULL || (found != NULL && strncmp(found, tag, TAG_LEN) == 0)) {
            continue;
        }
        /* What has no quotes has no room for a tag, and would confirm any page. */
        if (len < 2 || etag[len - 1] != '"') {
            apr_table_unset(tables[i], "ETag");
            continue;
        }
        privacy_headers_replace(
            tables[i], "ETag",
            apr_pstrcat(r->pool, apr_pstrmemdup(r->pool, etag, len - 1), tag, "\"", NULL));
    }
}

void privacy_validator_vary(request_rec *r)
{
    apr_table_mergen(r->headers_out, "Vary", PRIVACY_HEADER_CONSENT ", " PRIVACY_HEADER_MESSAGES);
}

/** Add a member to a list, unless it is there. */
static const char *add_member(const char *list, const char *member, apr_pool_t *pool)
{
    if (list != NULL && ap_find_token(pool, list, member)) {
        return list;
    }
    return list ? apr_pstrcat(pool, list, ", ", member, NULL) : member;
}

const char *privacy_validator_world(const privacy_request_t *request, const char *vary,
                                    apr_pool_t *pool)
{
    const char *world = NULL;
    int ours = 0;

    if (ap_strcasestr(vary, "privacy-") == NULL) {
        return vary;
    }
    for (const char *p = vary; *p;) {
        const char *end = p + strcspn(p, ",");
        pv_span_t name = pv_span_trim(pv_span_between(p, end), pv_is_outer_space);
        const char *member = apr_pstrmemdup(pool, name.ptr, name.len);

        if (privacy_header_is(member, PRIVACY_HEADER_CONSENT) ||
            privacy_header_is(member, PRIVACY_HEADER_MESSAGES)) {
            ours = 1;
        }
        else if (name.len > 0) {
            world = world ? apr_pstrcat(pool, world, ", ", member, NULL) : member;
        }
        p = *end ? end + 1 : end;
    }
    if (!ours) {
        return vary;
    }
    for (const char *const *member = request->server->world_vary; *member != NULL; member++) {
        world = add_member(world, *member, pool);
    }
    return world;
}
