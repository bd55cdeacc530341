/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "enforce/pv_head.h"

#define PROTOCOL PV_SPAN("HTTP/")

/** A usual head fits. */
#define FIRST_SIZE 2048

/** Bytes that grow. */
typedef struct {
    char *ptr;
    apr_size_t len;
    apr_size_t size;
} text_t;

struct pv_head_t {
    apr_pool_t *pool;
    text_t raw;
    text_t edited;
    apr_size_t status_line; /**< where it begins in raw */
    apr_size_t line_len;    /**< bytes of the line that is being read, but for its LF */
    char line_first;        /**< the first of them */
    int skipped_status;     /**< the status code of a head that is skipped */
    unsigned begun : 1;     /**< the status line has been found to be one */
    unsigned skipped : 1;   /**< nothing is kept */
    unsigned complete : 1;  /**< the empty line has been read */
};

static void append(text_t *text, const char *ptr, apr_size_t len, apr_pool_t *pool)
{
    if (len == 0) {
        return;
    }
    if (text->len + len > text->size) {
        apr_size_t size = text->size ? text->size : FIRST_SIZE;
        char *grown;

        while (size < text->len + len) {
            size *= 2;
        }
        grown = apr_palloc(pool, size);
        if (text->len > 0) {
            memcpy(grown, text->ptr, text->len);
        }
        text->ptr = grown;
        text->size = size;
    }
    memcpy(text->ptr + text->len, ptr, len);
    text->len += len;
}

pv_head_t *pv_head_make(apr_pool_t *pool)
{
    pv_head_t *head = apr_pcalloc(pool, sizeof(*head));

    head->pool = pool;
    return head;
}

void pv_head_reset(pv_head_t *head)
{
    head->raw.len = head->edited.len = 0;
    head->status_line = head->line_len = 0;
    head->begun = head->skipped = head->complete = 0;
}

void pv_head_skip(pv_head_t *head)
{
    head->skipped_status = pv_head_status(head);
    head->raw.len = 0;
    head->skipped = 1;
}

pv_span_t pv_head_raw(const pv_head_t *head)
{
    return pv_span(head->raw.ptr, head->raw.len);
}

/** Whether the line that is being read is empty, if it ends here. */
static int is_empty(const pv_head_t *head)
{
    return head->line_len == 0 || (head->line_len == 1 && head->line_first == '\r');
}

/** Look at the line whose beginning, or whole if it ended, has been read. */
static pv_status_t look_at_first_line(pv_head_t *head, int ended)
{
    pv_span_t seen = pv_span(head->raw.ptr + head->status_line, head->line_len);

    if (is_empty(head)) {
        head->status_line = head->raw.len;
        if (!ended) {
            head->status_line -= head->line_len;
        }
        return PV_MORE;
    }
    if (seen.len > PROTOCOL.len) {
        seen.len = PROTOCOL.len;
    }
    if (!pv_span_eq_nocase(seen, pv_span(PROTOCOL.ptr, seen.len))) {
        return PV_BAD;
    }
    head->begun = seen.len == PROTOCOL.len;
    return head->begun || !ended ? PV_MORE : PV_BAD;
}

/** Take bytes of one line, its LF included if it ends with them. */
static pv_status_t take(pv_head_t *head, const char *ptr, apr_size_t len)
{
    int ended = ptr[len - 1] == '\n';

    if (head->line_len == 0) {
        head->line_first = ptr[0];
    }
    head->line_len += ended ? len - 1 : len;
    if (!head->skipped) {
        append(&head->raw, ptr, len, head->pool);
    }
    head->complete = ended && head->begun && is_empty(head);
    if (!head->begun && look_at_first_line(head, ended) == PV_BAD) {
        return PV_BAD;
    }
    if (ended) {
        head->line_len = 0;
    }
    return head->complete ? PV_OK : PV_MORE;
}

pv_status_t pv_head_feed(pv_head_t *head, const char *buf, apr_size_t len, apr_size_t *used)
{
    pv_status_t status = PV_MORE;

    for (*used = 0; *used < len && status == PV_MORE;) {
        const char *begin = buf + *used;
        const char *lf = memchr(begin, '\n', len - *used);
        apr_size_t n = lf ? (apr_size_t)(lf - begin) + 1 : len - *used;

        if (!head->skipped && head->raw.len + n > PV_HEAD_MAX) {
            return PV_LIMIT;
        }
        status = take(head, begin, n);
        *used += n;
    }
    return status;
}

/** The end of a line, behind its LF, or of the text. */
static const char *line_end(const char *p, const char *end)
{
    const char *lf = memchr(p, '\n', (apr_size_t)(end - p));

    return lf ? lf + 1 : end;
}

/** The text without the CR and LF at its end. */
static pv_span_t chomp(pv_span_t line)
{
    while (line.len > 0 && (line.ptr[line.len - 1] == '\n' || line.ptr[line.len - 1] == '\r')) {
        line.len--;
    }
    return line;
}

int pv_head_status(const pv_head_t *head)
{
    const char *p, *end;
    int status = 0;

    if (!head->begun || head->skipped) {
        return head->skipped ? head->skipped_status : 0;
    }
    p = head->raw.ptr + head->status_line;
    end = head->raw.ptr + head->raw.len;
    while (p < end && !pv_is_outer_space(*p)) {
        p++;
    }
    while (p < end && pv_is_wsp(*p)) {
        p++;
    }
    for (; p < end && pv_is_digit(*p) && status < 1000; p++) {
        status = status * 10 + (*p - '0');
    }
    return status;
}

int pv_head_interim(const pv_head_t *head)
{
    int status = pv_head_status(head);

    return status >= 100 && status < 200 && status != 101;
}

/** What an edit is done with. */
typedef struct {
    pv_head_t *head;
    pv_head_field_t field;
    void *ctx;
} edit_t;

/** Ask about one line, or what folding has made one. */
static pv_field_t ask(const edit_t *edit, pv_span_t line, pv_span_t *value, pv_span_t *replacement)
{
    const char *colon = line.len > 0 ? memchr(line.ptr, ':', line.len) : NULL;
    pv_span_t name;

    if (colon == NULL) {
        return PV_FIELD_KEEP;
    }
    name = pv_span_trim(pv_span_between(line.ptr, colon), pv_is_outer_space);
    *value = pv_span_between(colon + 1, line.ptr + line.len);
    *value = pv_span_trim(*value, pv_is_outer_space);
    return edit->field(edit->ctx, name, *value, replacement);
}

/** Write the line without NUL, and each line end and the white space behind it as
 *  one space. */
static pv_span_t unfold(pv_span_t line, char *out)
{
    char *at = out;

    for (apr_size_t i = 0; i < line.len; i++) {
        char c = line.ptr[i];

        if (c == '\r' || c == '\n') {
            while (i + 1 < line.len && pv_is_outer_space(line.ptr[i + 1])) {
                i++;
            }
            c = ' ';
        }
        if (c != '\0') {
            *at++ = c;
        }
    }
    return pv_span_between(out, at);
}

/** Whether any line but the first of several is to go, if each is one of its own. */
static int is_any_denied(const edit_t *edit, pv_span_t lines, char *out)
{
    const char *p = lines.ptr;
    const char *end = lines.ptr + lines.len;

    for (int first = 1; p < end; first = 0) {
        const char *begin = p;
        pv_span_t value, replacement;

        while (p < end && *p != '\r' && *p != '\n') {
            p++;
        }
        if (!first && ask(edit, unfold(pv_span_between(begin, p), out), &value, &replacement) !=
                          PV_FIELD_KEEP) {
            return 1;
        }
        p += p < end;
    }
    return 0;
}

static int is_plain(pv_span_t line)
{
    for (apr_size_t i = 0; i < line.len; i++) {
        if (line.ptr[i] == '\r' || line.ptr[i] == '\n' || line.ptr[i] == '\0') {
            return 0;
        }
    }
    return 1;
}

static void emit(const edit_t *edit, const char *begin, const char *end)
{
    append(&edit->head->edited, begin, (apr_size_t)(end - begin), edit->head->pool);
}

/** Write a field that has another value now: name, white space and line end stay,
 *  but for the folds. */
static void write_replaced(const edit_t *edit, pv_span_t field, pv_span_t line, pv_span_t value,
                           pv_span_t replacement)
{
    pv_span_t content = chomp(field);

    emit(edit, line.ptr, value.ptr);
    emit(edit, replacement.ptr, replacement.ptr + replacement.len);
    emit(edit, value.ptr + value.len, line.ptr + line.len);
    emit(edit, content.ptr + content.len, field.ptr + field.len);
}

/** Decide on a field, with all its folds, and write what is left of it. */
static void edit_field(const edit_t *edit, pv_span_t field)
{
    pv_span_t line = chomp(field);
    pv_span_t value, replacement;
    pv_field_t verdict;

    if (!is_plain(line)) {
        char *out = apr_palloc(edit->head->pool, line.len + 1);

        if (is_any_denied(edit, line, out)) {
            return;
        }
        line = unfold(line, out);
    }
    verdict = ask(edit, line, &value, &replacement);
    if (verdict == PV_FIELD_KEEP) {
        emit(edit, field.ptr, field.ptr + field.len);
    }
    else if (verdict == PV_FIELD_REPLACE) {
        write_replaced(edit, field, line, value, replacement);
    }
}

/** Write the status line. What stands behind a bare CR in it is a line to some
 *  clients: with anything denied there, it is cut off. */
static void edit_status_line(const edit_t *edit, pv_span_t status_line)
{
    pv_span_t line = chomp(status_line);
    const char *end = line.ptr + line.len;

    if (!is_plain(line)) {
        const char *cr = memchr(line.ptr, '\r', line.len);
        char *out = apr_palloc(edit->head->pool, line.len + 1);

        if (cr != NULL && is_any_denied(edit, line, out)) {
            emit(edit, line.ptr, cr);
            emit(edit, end, status_line.ptr + status_line.len);
            return;
        }
    }
    emit(edit, status_line.ptr, status_line.ptr + status_line.len);
}

/** The end of the field that begins at p, behind its folds. A line that is no
 *  field itself cannot be continued. */
static const char *field_end(const char *p, const char *end)
{
    const char *next = line_end(p, end);

    if (memchr(p, ':', (apr_size_t)(next - p)) != NULL) {
        while (next < end && pv_is_wsp(*next)) {
            next = line_end(next, end);
        }
    }
    return next;
}

pv_span_t pv_head_edit(pv_head_t *head, pv_head_field_t field, void *ctx)
{
    edit_t edit = { head, field, ctx };
    const char *begin = head->raw.ptr;
    const char *end = begin + head->raw.len;
    const char *p = begin + head->status_line;

    head->edited.len = 0;
    if (head->raw.len == 0) {
        return pv_span("", 0);
    }
    emit(&edit, begin, p);
    if (p < end) {
        const char *next = line_end(p, end);

        edit_status_line(&edit, pv_span_between(p, next));
        p = next;
    }
    while (p < end) {
        const char *next = field_end(p, end);

        edit_field(&edit, pv_span_between(p, next));
        p = next;
    }
    return pv_span(head->edited.ptr, head->edited.len);
}

pv_span_t pv_head_add(pv_head_t *head, pv_span_t name, pv_span_t value)
{
    text_t *text = &head->edited;

    if (head->complete && !head->skipped) {
        int crlf = text->ptr[text->len - 2] == '\r';
        pv_span_t ends = crlf ? PV_SPAN("\r\n") : PV_SPAN("\n");

        text->len -= ends.len;
        append(text, name.ptr, name.len, head->pool);
        append(text, ": ", 2, head->pool);
        append(text, value.ptr, value.len, head->pool);
        append(text, ends.ptr, ends.len, head->pool);
        append(text, ends.ptr, ends.len, head->pool);
    }
    return pv_span(text->ptr, text->len);
}
