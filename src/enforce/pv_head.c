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

/** What clients differ in. Chromium has CR_ENDS, JOINS_NAMED and SKIPS_EMPTY; Firefox
 *  JOINS_ALL. */
enum {
    CR_ENDS = 1 << 0,     /**< a CR ends a line */
    SKIPS_EMPTY = 1 << 1, /**< an empty line does not part a fold from its field */
    NUL_IS_NONE = 1 << 2, /**< nor does a NUL */
    JOINS_NAMED = 1 << 3, /**< a field can be folded */
    JOINS_ALL = 2 << 3,   /**< and so can a line without a colon */
    READINGS = 3 << 3
};

/** Behind what may stand in front of a fold. */
static const char *skip_unseen(const char *p, const char *end, unsigned reading)
{
    while (p < end && ((*p == '\0' && (reading & NUL_IS_NONE)) ||
                       ((*p == '\r' || *p == '\n') && (reading & SKIPS_EMPTY)))) {
        p++;
    }
    return p;
}

/** Where the next line begins, behind the end of one. */
static const char *behind_line_end(const char *p, const char *end, unsigned reading)
{
    if (p < end && *p == '\r') {
        const char *lf = skip_unseen(p + 1, end, reading & NUL_IS_NONE);

        p = lf < end && *lf == '\n' ? lf : p;
    }
    return p + (p < end);
}

/** Take the next field off, unfolded as the reading says. */
static pv_span_t next_field(pv_span_t *rest, unsigned reading, char *out)
{
    const char *p = rest->ptr;
    const char *end = p + rest->len;
    unsigned joins = reading & (JOINS_NAMED | JOINS_ALL);
    char *at = out;

    for (;;) {
        const char *fold;

        for (; p < end && *p != '\n' && (*p != '\r' || !(reading & CR_ENDS)); p++) {
            if (*p != '\0') {
                *at++ = *p == '\r' ? ' ' : *p;
            }
        }
        p = behind_line_end(p, end, reading);
        fold = skip_unseen(p, end, reading);
        if (joins == JOINS_NAMED && memchr(out, ':', (apr_size_t)(at - out)) == NULL) {
            joins = 0;
        }
        if (joins == 0 || fold == end || !pv_is_wsp(*fold)) {
            break;
        }
        for (p = fold; p < end && pv_is_wsp(*p); p++) {
        }
        while (at > out && pv_is_wsp(at[-1])) {
            at--;
        }
        *at++ = ' ';
    }
    *rest = pv_span_between(p, end);
    return pv_span_between(out, at);
}

/** What becomes of several lines that together are to stay or not: if any client finds
 *  another field among them that is to go, all of them go, and so they do if what
 *  stands alone in front would. @param clients those of one kind alone, or 0 */
static pv_field_t judge_readings(const edit_t *edit, pv_span_t lines, unsigned clients,
                                 pv_field_t whole, char *out)
{
    for (unsigned reading = 0; reading < READINGS; reading++) {
        pv_span_t rest = lines;

        for (int first = 1; rest.len > 0 && (reading & clients) == clients; first = 0) {
            pv_span_t field = next_field(&rest, reading, out), value, replacement;

            if ((!first || whole == PV_FIELD_KEEP) &&
                ask(edit, field, &value, &replacement) != PV_FIELD_KEEP) {
                return PV_FIELD_DROP;
            }
        }
    }
    return whole;
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
    pv_span_t content = chomp(field), line = content;
    pv_span_t value = { NULL, 0 }, replacement = { NULL, 0 };
    pv_field_t verdict;
    int plain = is_plain(content);

    if (!plain) {
        line = unfold(content, apr_palloc(edit->head->pool, content.len + 1));
    }
    verdict = ask(edit, line, &value, &replacement);
    if (!plain && verdict != PV_FIELD_DROP) {
        char *out = apr_palloc(edit->head->pool, content.len + 1);

        verdict = judge_readings(edit, content, 0, verdict, out);
    }
    /* What stood behind a CR or a NUL would be a fold now of the field in front. */
    if (verdict == PV_FIELD_REPLACE && pv_is_wsp(*line.ptr) && !pv_is_wsp(*content.ptr)) {
        verdict = PV_FIELD_DROP;
    }
    if (verdict == PV_FIELD_KEEP) {
        emit(edit, field.ptr, field.ptr + field.len);
    }
    else if (verdict == PV_FIELD_REPLACE) {
        write_replaced(edit, field, line, value, replacement);
    }
}

/** The end of the field that begins at p, behind its folds. What may part them from
 *  it to some and not to others stands in between. @param solid a cache: what is not
 *  skipped behind p */
static const char *field_end(const char *p, const char *end, const char **solid)
{
    const char *next = line_end(p, end);

    for (;;) {
        *solid = skip_unseen(*solid < next ? next : *solid, end, SKIPS_EMPTY | NUL_IS_NONE);
        if (*solid == end || !pv_is_wsp(**solid)) {
            return next;
        }
        next = line_end(*solid, end);
    }
}

/** Write the status line. What stands behind a bare CR in it is a line to some
 *  clients, and can be folded: with anything denied there, it is cut off.
 *  @return what follows */
static const char *edit_status_line(const edit_t *edit, const char *p, const char *end)
{
    const char *next = line_end(p, end);
    pv_span_t line = chomp(pv_span_between(p, next));
    const char *cr = line.len > 0 ? memchr(line.ptr, '\r', line.len) : NULL;

    if (cr != NULL) {
        const char *solid = p, *behind = field_end(p, end, &solid);
        pv_span_t rest = chomp(pv_span_between(cr, behind));
        char *out = apr_palloc(edit->head->pool, rest.len + 1);

        if (judge_readings(edit, rest, CR_ENDS, PV_FIELD_KEEP, out) != PV_FIELD_KEEP) {
            emit(edit, p, cr);
            emit(edit, rest.ptr + rest.len, behind);
            return behind;
        }
    }
    emit(edit, p, next);
    return next;
}

pv_span_t pv_head_edit(pv_head_t *head, pv_head_field_t field, void *ctx)
{
    edit_t edit = { head, field, ctx };
    const char *p, *end, *solid;

    head->edited.len = 0;
    if (head->raw.len == 0) {
        return pv_span("", 0);
    }
    p = head->raw.ptr + head->status_line;
    end = head->raw.ptr + head->raw.len;
    emit(&edit, head->raw.ptr, p);
    if (p < end) {
        p = edit_status_line(&edit, p, end);
    }
    solid = p;
    while (p < end) {
        const char *next = field_end(p, end, &solid);

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
