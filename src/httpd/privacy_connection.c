/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "httpd/privacy_connection.h"

#include <apr_strings.h>
#include <http_connection.h>
#include <http_protocol.h>
#include <http_request.h>
#include <util_filter.h>

#include "enforce/pv_head.h"
#include "httpd/privacy_field.h"
#include "httpd/privacy_log.h"

/** What is sent instead of a head that cannot be judged. */
#define REFUSAL                                                                                    \
    "HTTP/1.1 500 Internal Server Error" CRLF "Content-Length: 0" CRLF "Connection: close" CRLF CRLF

/** A connection's state. While it is armed it points into one request, whose pool
 *  disarms it at the latest. */
typedef struct {
    request_rec *r;  /**< whose bytes are looked at; NULL: nobody's */
    pv_head_t *head; /**< what has been read of its head, the pool's; NULL: nothing yet */
    int reading;     /**< a head has begun */
    int enforce;     /**< what holds for that head: on, rather than report */
    int refused;     /**< the rest of r's bytes is not sent */
    /** What stood in front of the bytes that are being read; empty between calls. */
    apr_bucket_brigade *ahead;
} connection_t;

static ap_filter_rec_t *connection_filter;
static int enabled;

static void forget(connection_t *connection)
{
    connection->r = NULL;
    connection->head = NULL;
    connection->reading = connection->refused = 0;
}

/** The request as its handler knows it. */
static request_rec *latest(request_rec *r)
{
    while (r->next != NULL) {
        r = r->next;
    }
    return r;
}

/** Judge a head. @return the bytes to be sent */
static pv_span_t judge_head(const connection_t *connection)
{
    request_rec *r = latest(connection->r);
    privacy_findings_t findings = { .r = r,
                                    .request = privacy_request_get(r),
                                    .enforce = connection->enforce };
    pv_head_t *head = connection->head;
    pv_span_t text = pv_head_edit(head, privacy_field_judge, &findings);

    if (findings.any) {
        privacy_field_note(&findings);
    }
    if (!connection->enforce) {
        return pv_head_raw(head);
    }
    if (findings.varies && pv_head_status(head) >= 200) {
        text = pv_head_add(head, PV_SPAN("Vary"), PV_SPAN("Cookie"));
    }
    return text;
}

/** Put bytes behind what stands ahead. */
static void insert(const connection_t *connection, pv_span_t text)
{
    apr_bucket_brigade *ahead = connection->ahead;

    if (text.len > 0) {
        APR_BRIGADE_INSERT_TAIL(
            ahead, apr_bucket_heap_create(text.ptr, text.len, NULL, ahead->bucket_alloc));
    }
}

/** The first bytes of a head: does anything hold for it? */
static void begin_head(connection_t *connection)
{
    request_rec *r = latest(connection->r);
    const privacy_request_t *request = privacy_request_get(r);
    int engine = request ? privacy_request_setting(request, r).engine : PRIVACY_OFF;

    if (engine == PRIVACY_OFF) {
        forget(connection);
        return;
    }
    connection->enforce = engine == PRIVACY_ON;
    connection->reading = 1;
    if (connection->head == NULL) {
        connection->head = pv_head_make(r->pool);
    }
}

/** A head has ended, or its response has. */
static void end_head(connection_t *connection)
{
    insert(connection, judge_head(connection));
    if (pv_head_interim(connection->head)) {
        pv_head_reset(connection->head);
        connection->reading = 0;
    }
    else {
        forget(connection);
    }
}

/** A head that cannot be judged. In report it passes all the same. */
static void give_up(connection_t *connection, pv_status_t status)
{
    request_rec *r = latest(connection->r);

    if (!connection->enforce) {
        insert(connection, pv_head_raw(connection->head));
        forget(connection);
    }
    else if (status == PV_LIMIT && pv_head_interim(connection->head)) {
        ap_log_rerror(APLOG_MARK, APLOG_WARNING, 0, r,
                      PRIVLOGNO(0011) "An interim response of more than %d bytes is left out",
                      PV_HEAD_MAX);
        pv_head_skip(connection->head);
    }
    else {
        ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r,
                      status == PV_LIMIT
                          ? PRIVLOGNO(0012) "The head of a response that bypasses httpd's own "
                                            "(nph- script, upgrade) does not end within %d bytes"
                          : PRIVLOGNO(0013) "A response that bypasses httpd's own (nph- script, "
                                            "upgrade) has no status line",
                      PV_HEAD_MAX);
        insert(connection, PV_SPAN(REFUSAL));
        r->status = HTTP_INTERNAL_SERVER_ERROR;
        r->connection->keepalive = AP_CONN_CLOSE;
        connection->refused = 1;
    }
}

/** Read a bucket, and while there is nothing to be read send what stands ahead. */
static apr_status_t read_bucket(ap_filter_t *f, apr_bucket *e, const char **data, apr_size_t *len)
{
    apr_bucket_brigade *ahead = ((connection_t *)f->ctx)->ahead;
    apr_status_t rv = apr_bucket_read(e, data, len, APR_NONBLOCK_READ);

    if (!APR_STATUS_IS_EAGAIN(rv)) {
        return rv;
    }
    APR_BRIGADE_INSERT_TAIL(ahead, apr_bucket_flush_create(ahead->bucket_alloc));
    rv = ap_pass_brigade(f->next, ahead);
    apr_brigade_cleanup(ahead);
    return rv == APR_SUCCESS ? apr_bucket_read(e, data, len, APR_BLOCK_READ) : rv;
}

/** Take from the bucket what belongs to the head; what does not is left in front of
 *  the brigade. */
static apr_status_t take_data(ap_filter_t *f, apr_bucket *e)
{
    connection_t *connection = f->ctx;
    const char *data;
    apr_size_t len, used;
    pv_status_t status;
    apr_status_t rv;

    if (connection->refused) {
        apr_bucket_delete(e);
        return APR_SUCCESS;
    }
    if (!connection->reading) {
        begin_head(connection);
        if (connection->r == NULL) {
            return APR_SUCCESS;
        }
    }
    rv = read_bucket(f, e, &data, &len);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    status = pv_head_feed(connection->head, data, len, &used);
    if (used < len) {
        rv = apr_bucket_split(e, used);
    }
    if (used > 0 || len == 0) {
        apr_bucket_delete(e);
    }
    if (status == PV_OK) {
        end_head(connection);
    }
    else if (status != PV_MORE) {
        give_up(connection, status);
    }
    return rv;
}

/** What is no data passes in its place. The end of a response is the end of its
 *  head; the end of a request is the last that may be known of it. */
static void take_metadata(connection_t *connection, apr_bucket *e)
{
    int ends = AP_BUCKET_IS_EOR(e);

    if ((ends || APR_BUCKET_IS_EOS(e)) && connection->reading && !connection->refused) {
        end_head(connection);
    }
    if (ends) {
        forget(connection);
    }
    APR_BUCKET_REMOVE(e);
    APR_BRIGADE_INSERT_TAIL(connection->ahead, e);
}

PV_SELDOM static apr_status_t armed(ap_filter_t *f, apr_bucket_brigade *bb)
{
    connection_t *connection = f->ctx;
    apr_status_t rv = APR_SUCCESS;
    int refused;

    if (connection->ahead == NULL) {
        connection->ahead = apr_brigade_create(f->c->pool, f->c->bucket_alloc);
    }
    while (rv == APR_SUCCESS && connection->r != NULL && !APR_BRIGADE_EMPTY(bb)) {
        apr_bucket *e = APR_BRIGADE_FIRST(bb);

        if (APR_BUCKET_IS_METADATA(e)) {
            take_metadata(connection, e);
        }
        else {
            rv = take_data(f, e);
        }
    }
    refused = connection->refused;
    APR_BRIGADE_PREPEND(bb, connection->ahead);
    if (rv == APR_SUCCESS && !APR_BRIGADE_EMPTY(bb)) {
        rv = ap_pass_brigade(f->next, bb);
    }
    /* A script that still writes must not be waited for. */
    return refused && rv == APR_SUCCESS ? AP_FILTER_ERROR : rv;
}

static apr_status_t filter(ap_filter_t *f, apr_bucket_brigade *bb)
{
    const connection_t *connection = f->ctx;

    return connection->r == NULL ? ap_pass_brigade(f->next, bb) : armed(f, bb);
}

void privacy_connection_register(void)
{
    connection_filter =
        ap_register_output_filter("PRIVACY_CONNECTION", filter, NULL, AP_FTYPE_CONNECTION);
}

void privacy_connection_enable(int enable)
{
    enabled = enable;
}

int privacy_pre_connection(conn_rec *c, void *csd)
{
    connection_t *connection;

    (void)csd;
    if (!enabled || c->outgoing) {
        return DECLINED;
    }
    connection = apr_pcalloc(c->pool, sizeof(*connection));
    ap_set_module_config(c->conn_config, &privacy_module, connection);
    ap_add_output_filter_handle(connection_filter, connection, NULL, c);
    return OK;
}

static apr_status_t request_ends(void *r_)
{
    const request_rec *r = r_;
    connection_t *connection = ap_get_module_config(r->connection->conn_config, &privacy_module);

    /* A pipelined request may have been armed before the last one's pool goes. */
    if (connection->r == r) {
        forget(connection);
    }
    return APR_SUCCESS;
}

void privacy_connection_arm(request_rec *r)
{
    connection_t *connection = ap_get_module_config(r->connection->conn_config, &privacy_module);

    while (r->prev != NULL) {
        r = r->prev;
    }
    /* To an HTTP/0.9 client nothing is a head. */
    if (connection == NULL || connection->r == r || r->proto_num < HTTP_VERSION(1, 0)) {
        return;
    }
    forget(connection);
    connection->r = r;
    apr_pool_cleanup_register(r->pool, r, request_ends, apr_pool_cleanup_null);
}

void privacy_connection_disarm(const request_rec *r)
{
    connection_t *connection = ap_get_module_config(r->connection->conn_config, &privacy_module);

    while (r->prev != NULL) {
        r = r->prev;
    }
    if (connection != NULL && connection->r == r && !connection->refused) {
        forget(connection);
    }
}
