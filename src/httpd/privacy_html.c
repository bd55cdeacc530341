/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "httpd/privacy_html.h"

#include <apr_strings.h>
#include <http_log.h>
#include <http_protocol.h>
#include <util_filter.h>

#include "httpd/privacy_candidate.h"
#include "httpd/privacy_headers.h"
#include "httpd/privacy_holder.h"
#include "httpd/privacy_log.h"
#include "httpd/privacy_page.h"
#include "httpd/privacy_response.h"

/** So much is collected before it is passed on. Mapped files count, which take no
 *  memory: a page of usual size goes on in one brigade, and keeps a length. */
#define PASS_AT (1024 * 1024)

/** Between two insertions so much is copied: what stands alone takes a buffer of
 *  APR_BUCKET_BUFF_SIZE for each insertion beside it. */
#define COPY_MAX (APR_BUCKET_BUFF_SIZE / 2)

/** So much is held back at most until it is known whether a message has a place. */
#define HOLD_MAX (64 * 1024)

#define SNIFF_MAX 64

static ap_filter_rec_t *gate_filter;
static ap_filter_rec_t *html_filter;

/** How far a response has come. */
typedef enum {
    HTML_SNIFF,   /**< the body has not said what it is */
    HTML_REWRITE, /**< it is markup */
    HTML_PASS     /**< not ours: all that comes passes */
} html_mode_t;

/** One response. */
typedef struct {
    ap_filter_t *f;
    privacy_holder_t *holder;
    pv_rewrite_t *rewrite;
    html_mode_t mode;
    int report;            /**< look, and change nothing */
    int mended;            /**< the head has been made ready for another body */
    const char *messages;  /**< names of those to be placed; NULL when that is settled */
    char sniff[SNIFF_MAX]; /**< the first bytes */
    apr_size_t sniffed;
    apr_bucket_brigade *out;  /**< what is ready to be passed on */
    apr_bucket_brigade *held; /**< the same, from earlier calls */
    apr_off_t out_bytes;

    apr_bucket *bucket; /**< the rest of the one being fed; its first byte is at data */
    const char *data;
    const char *end;
    const char *emitted; /**< how far it has been emitted, but not moved out */
} html_t;

/** Take the first len bytes off the bucket being fed. */
static apr_bucket *take_part(html_t *html, apr_size_t len)
{
    apr_bucket *part = html->bucket;

    if (len < part->length) {
        apr_bucket_split(part, len);
        html->bucket = APR_BUCKET_NEXT(part);
    }
    else {
        html->bucket = NULL;
    }
    html->data += len;
    return part;
}

/** Copy bytes to the output. Left alone, apr_brigade_write() makes a bucket for each
 *  write once the first buffer is full. */
static void copy_out(html_t *html, const char *buf, apr_size_t len)
{
    apr_bucket *last = APR_BRIGADE_LAST(html->out);
    apr_size_t room = 0;

    if (!APR_BRIGADE_EMPTY(html->out) && APR_BUCKET_IS_HEAP(last)) {
        const apr_bucket_heap *heap = last->data;

        room = heap->alloc_len - (apr_size_t)last->start - last->length;
    }
    if (room < len && len <= APR_BUCKET_BUFF_SIZE) {
        apr_bucket_alloc_t *alloc = html->out->bucket_alloc;

        last = apr_bucket_heap_create(apr_bucket_alloc(APR_BUCKET_BUFF_SIZE, alloc),
                                      APR_BUCKET_BUFF_SIZE, apr_bucket_free, alloc);
        last->length = 0;
        APR_BRIGADE_INSERT_TAIL(html->out, last);
    }
    apr_brigade_write(html->out, NULL, NULL, buf, len);
}

/** Move what has been emitted of the bucket being fed to the output; uncopied, unless
 *  it is short. */
static void move_emitted(html_t *html)
{
    const char *begin = html->data;
    apr_bucket *part;
    apr_size_t len;

    if (html->bucket == NULL || html->emitted <= begin) {
        return;
    }
    len = (apr_size_t)(html->emitted - begin);
    part = take_part(html, len);
    APR_BUCKET_REMOVE(part);
    if (len > COPY_MAX) {
        APR_BRIGADE_INSERT_TAIL(html->out, part);
        return;
    }
    copy_out(html, begin, len);
    apr_bucket_destroy(part);
}

/** The rewriter's output: bytes of the document are those of the bucket being fed,
 *  or came by way of the rewriter's memory. */
static void emit(void *ctx, const char *buf, apr_size_t len, int inserted)
{
    html_t *html = ((privacy_holder_t *)ctx)->owner;

    if (html->report) {
        return;
    }
    html->out_bytes += (apr_off_t)len;
    if (inserted || html->bucket == NULL || buf < html->emitted || buf >= html->end) {
        move_emitted(html);
        copy_out(html, buf, len);
        return;
    }
    if (buf > html->emitted) {
        move_emitted(html);
        apr_bucket_delete(take_part(html, (apr_size_t)(buf - html->data)));
        html->emitted = buf;
    }
    html->emitted += len;
}

/** What a changed body makes untrue. */
static void mend_head(html_t *html)
{
    static const char *const untrue[] = { "Content-Length", "Content-MD5", "Digest",
                                          "Content-Digest", "Repr-Digest", "Accept-Ranges" };
    request_rec *r = html->f->r;

    if (html->mended || html->report) {
        return;
    }
    html->mended = 1;
    html->holder->request->candidate = 1;
    for (apr_size_t i = 0; i < sizeof(untrue) / sizeof(untrue[0]); i++) {
        apr_table_unset(r->headers_out, untrue[i]);
        apr_table_unset(r->err_headers_out, untrue[i]);
    }
}

/** Say with the head which messages the page shows; it is known by now, or will be too
 *  late (rule M2). */
static void settle_messages(html_t *html)
{
    request_rec *r = html->f->r;

    if (html->messages != NULL && pv_rewrite_message(html->rewrite) != PV_MESSAGE_NOWHERE) {
        apr_table_setn(r->notes, "privacy-messages", html->messages);
        if (!html->report) {
            apr_table_mergen(r->headers_out, PRIVACY_HEADER_MESSAGE, html->messages);
        }
    }
    html->messages = NULL;
}

static apr_status_t pass(html_t *html)
{
    apr_status_t status;

    settle_messages(html);
    if (html->held != NULL) {
        APR_BRIGADE_PREPEND(html->out, html->held);
    }
    if (APR_BRIGADE_EMPTY(html->out)) {
        return APR_SUCCESS;
    }
    status = ap_pass_brigade(html->f->next, html->out);
    apr_brigade_cleanup(html->out);
    html->out_bytes = 0;
    return status;
}

/** Whether the output has to wait: for the body's first byte, or for a message's
 *  place. */
static int must_wait(const html_t *html)
{
    if (html->mode == HTML_SNIFF) {
        return 1;
    }
    return html->messages != NULL && html->out_bytes < HOLD_MAX &&
           pv_rewrite_message(html->rewrite) == PV_MESSAGE_PENDING;
}

/** End a call: pass on what is ready, or keep it. */
static apr_status_t finish(html_t *html)
{
    if (!must_wait(html)) {
        return pass(html);
    }
    return ap_save_brigade(html->f, &html->held, &html->out, html->f->r->pool);
}

/** Look at the first bytes, until they say what they are. */
static void sniff(html_t *html, const char *data, apr_size_t len)
{
    while (len > 0 && html->mode == HTML_SNIFF) {
        apr_size_t more = SNIFF_MAX - html->sniffed;

        if (more > len) {
            more = len;
        }
        memcpy(html->sniff + html->sniffed, data, more);
        html->sniffed += more;
        data += more;
        len -= more;
        switch (privacy_candidate_sniff(html->sniff, html->sniffed)) {
        case PRIVACY_SNIFF_OTHER:
            html->mode = HTML_PASS;
            html->messages = NULL;
            break;
        case PRIVACY_SNIFF_MARKUP:
            html->mode = HTML_REWRITE;
            mend_head(html);
            break;
        default:
            if (html->sniffed == SNIFF_MAX) {
                /* All white space: look on. One stays, for a byte order mark is one
                 * at the beginning alone. */
                html->sniff[0] = ' ';
                html->sniffed = 1;
            }
        }
    }
}

/** Feed a bucket that has been read. It is moved on whole, in parts, or not at all if
 *  the rewriter keeps its bytes. */
static void feed(html_t *html, apr_bucket *bucket, const char *data, apr_size_t len)
{
    if (html->mode == HTML_SNIFF) {
        sniff(html, data, len);
    }
    if (html->mode == HTML_PASS || html->report) {
        if (html->mode != HTML_PASS) {
            pv_rewrite_feed(html->rewrite, data, len);
        }
        APR_BUCKET_REMOVE(bucket);
        APR_BRIGADE_INSERT_TAIL(html->out, bucket);
        html->out_bytes += (apr_off_t)len;
        return;
    }
    html->bucket = bucket;
    html->data = html->emitted = data;
    html->end = data + len;
    pv_rewrite_feed(html->rewrite, data, len);
    move_emitted(html);
    if (html->bucket != NULL) {
        apr_bucket_delete(html->bucket);
        html->bucket = NULL;
    }
}

/** Read a bucket, without waiting if there is something to pass on meanwhile. */
static apr_status_t read_bucket(html_t *html, apr_bucket *bucket, const char **data,
                                apr_size_t *len)
{
    apr_status_t status = apr_bucket_read(bucket, data, len, APR_NONBLOCK_READ);

    if (APR_STATUS_IS_EAGAIN(status)) {
        if (!must_wait(html)) {
            APR_BRIGADE_INSERT_TAIL(html->out, apr_bucket_flush_create(html->f->c->bucket_alloc));
            status = pass(html);
            if (status != APR_SUCCESS) {
                return status;
            }
        }
        status = apr_bucket_read(bucket, data, len, APR_BLOCK_READ);
    }
    return status;
}

/** A bucket that bears no data keeps its place; the end ends the document. */
static apr_status_t handle_metadata(html_t *html, apr_bucket *bucket)
{
    int flush = APR_BUCKET_IS_FLUSH(bucket);

    if (APR_BUCKET_IS_EOS(bucket)) {
        if (html->mode == HTML_SNIFF) {
            html->mode = HTML_REWRITE; /* nothing at all, or white space */
            mend_head(html);
        }
        if (html->mode == HTML_REWRITE) {
            pv_rewrite_end(html->rewrite);
        }
        html->mode = HTML_PASS;
        settle_messages(html);
    }
    else if (flush && html->mode == HTML_SNIFF) {
        mend_head(html); /* a head that goes now has to allow for all that may come */
    }
    APR_BUCKET_REMOVE(bucket);
    APR_BRIGADE_INSERT_TAIL(html->out, bucket);
    return flush ? pass(html) : APR_SUCCESS;
}

static apr_status_t handle_data(html_t *html, apr_bucket *bucket)
{
    const char *data;
    apr_size_t len;
    apr_status_t status = read_bucket(html, bucket, &data, &len);

    if (status != APR_SUCCESS) {
        return status;
    }
    if (len == 0) {
        apr_bucket_delete(bucket);
        return APR_SUCCESS;
    }
    feed(html, bucket, data, len);
    if (html->out_bytes >= PASS_AT && !must_wait(html)) {
        return pass(html);
    }
    return APR_SUCCESS;
}

/** Say once what passes as it is, to whoever wonders why. */
static void say_once(const request_rec *r, privacy_look_t look)
{
    static int said[2];
    int *once = &said[look == PRIVACY_ENCODED];

    if ((look != PRIVACY_ENCODED && look != PRIVACY_NO_TRANSFORM) || *once) {
        return;
    }
    *once = 1;
    if (look == PRIVACY_ENCODED) {
        ap_log_error(
            APLOG_MARK, APLOG_WARNING, 0, r->server,
            PRIVLOGNO(
                0020) "PrivacyRewriteHTML: HTML passes unread, because its "
                      "Content-Encoding cannot be inflated (mod_deflate inflates gzip); this is "
                      "logged once a process");
    }
    else {
        ap_log_error(
            APLOG_MARK, APLOG_WARNING, 0, r->server,
            PRIVLOGNO(0021) "PrivacyRewriteHTML: HTML passes as it is, because its "
                            "Cache-Control says no-transform; this is logged once a process");
    }
}

/** Begin a response that will be looked at. */
static html_t *begin(ap_filter_t *f, privacy_request_t *request)
{
    request_rec *r = f->r;
    html_t *html = apr_pcalloc(r->pool, sizeof(*html));
    pv_rewrite_options_t options = { .xml = (unsigned)privacy_candidate_is_xml(r) & 1 };

    html->f = f;
    html->report = privacy_request_setting(request, r).engine == PRIVACY_REPORT;
    html->holder = privacy_holder_make(r, request);
    html->out = apr_brigade_create(r->pool, f->c->bucket_alloc);
    if (privacy_candidate_is_document(r, request)) {
        options.message = privacy_page_messages(r, request, &html->messages);
    }
    options.head = privacy_page_head(r, request);
    html->holder->owner = html;
    html->holder->calls.emit = emit;
    html->rewrite = pv_rewrite_create(&options, &html->holder->calls, html->holder, r->pool);
    return html;
}

/** Hold trackers, place messages. */
static apr_status_t filter_html(ap_filter_t *f, apr_bucket_brigade *bb)
{
    privacy_request_t *request = privacy_request_get(f->r);
    html_t *html = f->ctx;
    apr_status_t status = APR_SUCCESS;

    if (html == NULL) {
        privacy_look_t look = privacy_candidate(f->r, 1);

        say_once(f->r, look);
        if (look != PRIVACY_LOOK || request == NULL) {
            ap_remove_output_filter(f);
            return ap_pass_brigade(f->next, bb);
        }
        html = f->ctx = begin(f, request);
    }
    while (status == APR_SUCCESS && !APR_BRIGADE_EMPTY(bb)) {
        apr_bucket *bucket = APR_BRIGADE_FIRST(bb);

        status = APR_BUCKET_IS_METADATA(bucket) ? handle_metadata(html, bucket)
                                                : handle_data(html, bucket);
    }
    return status == APR_SUCCESS ? finish(html) : status;
}

/** Whether a response that has just begun is known to have no body. */
static int is_bodyless(const request_rec *r, const apr_bucket_brigade *bb)
{
    const apr_bucket *b = APR_BRIGADE_FIRST(bb);

    while (b != APR_BRIGADE_SENTINEL(bb) && APR_BUCKET_IS_METADATA(b) && !APR_BUCKET_IS_EOS(b)) {
        b = APR_BUCKET_NEXT(b);
    }
    return r->header_only || (b != APR_BRIGADE_SENTINEL(bb) && APR_BUCKET_IS_EOS(b));
}

/** Say of no body what INFLATE says of one, which it would take to be broken. */
static void take_encoding(request_rec *r, const char *encoding)
{
    if (privacy_header_is(encoding, "gzip") || privacy_header_is(encoding, "x-gzip")) {
        apr_table_unset(r->headers_out, "Content-Encoding");
        apr_table_unset(r->err_headers_out, "Content-Encoding");
        apr_table_unset(r->headers_out, "Content-Length");
    }
}

/** Have a compressed candidate inflated, in front of everything that reads markup. What
 *  INFLATE cannot inflate it answers with nothing at all. */
static apr_status_t filter_gate(ap_filter_t *f, apr_bucket_brigade *bb)
{
    const char *encoding = apr_table_get(f->r->headers_out, "Content-Encoding");
    apr_status_t status;

    if (f->ctx == NULL) {
        if (encoding == NULL) {
            encoding = apr_table_get(f->r->err_headers_out, "Content-Encoding");
        }
        if (encoding == NULL || privacy_candidate(f->r, 0) != PRIVACY_LOOK ||
            ap_get_output_filter_handle("INFLATE") == NULL) {
            ap_remove_output_filter(f);
            return ap_pass_brigade(f->next, bb);
        }
        if (is_bodyless(f->r, bb)) {
            take_encoding(f->r, encoding);
            ap_remove_output_filter(f);
            return ap_pass_brigade(f->next, bb);
        }
        f->ctx = f;
        ap_add_output_filter("INFLATE", NULL, f->r, f->c);
    }
    status = ap_pass_brigade(f->next, bb);
    if (status != APR_SUCCESS && privacy_response_fail(f->r, HTTP_BAD_GATEWAY)) {
        return AP_FILTER_ERROR;
    }
    return status;
}

void privacy_html_register(void)
{
    gate_filter =
        ap_register_output_filter("PRIVACY_GATE", filter_gate, NULL, AP_FTYPE_RESOURCE - 2);
    html_filter =
        ap_register_output_filter("PRIVACY_HTML", filter_html, NULL, AP_FTYPE_CONTENT_SET - 1);
}

void privacy_html_insert(request_rec *r, privacy_request_t *request, privacy_setting_t setting)
{
    if (request->own == r) {
        return;
    }
    if (setting.engine == PRIVACY_ON) {
        ap_add_output_filter_handle(gate_filter, NULL, r, r->connection);
    }
    ap_add_output_filter_handle(html_filter, NULL, r, r->connection);
}

void privacy_html_trim_encodings(request_rec *r)
{
    const char *accept = apr_table_get(r->headers_in, "Accept-Encoding");
    int inflates = ap_get_output_filter_handle("INFLATE") != NULL;
    const char *kept = NULL;

    if (accept == NULL) {
        return;
    }
    for (const char *p = accept; *p;) {
        const char *end = p + strcspn(p, ",");
        pv_span_t member = pv_span_trim(pv_span_between(p, end), pv_is_outer_space);
        pv_span_t name = pv_span(member.ptr, 0);

        while (name.len < member.len && member.ptr[name.len] != ';' &&
               !pv_is_outer_space(member.ptr[name.len])) {
            name.len++;
        }
        if (pv_span_eq_nocase(name, PV_SPAN("identity")) ||
            (inflates && pv_span_eq_nocase(name, PV_SPAN("gzip")))) {
            const char *text = apr_pstrmemdup(r->pool, member.ptr, member.len);

            kept = kept ? apr_pstrcat(r->pool, kept, ", ", text, NULL) : text;
        }
        p = *end ? end + 1 : end;
    }
    apr_table_setn(r->headers_in, "Accept-Encoding", kept ? kept : "identity");
}
