/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "html/pv_edit.h"

static void *grow(void *old, apr_size_t used, apr_size_t needed, apr_size_t *size, apr_size_t width,
                  apr_pool_t *pool)
{
    void *grown;

    if (needed <= *size) {
        return old;
    }
    *size = needed > 16 ? needed * 2 : 32;
    grown = apr_palloc(pool, *size * width);
    if (used > 0) {
        memcpy(grown, old, used * width);
    }
    return grown;
}

/* Where in the list an insertion at offset goes; *taken is set if a tag has one there. */
static apr_size_t place_of(const pv_edits_t *edits, apr_uint64_t offset, int *taken)
{
    apr_size_t at = edits->count;

    while (at > 0 && edits->list[at - 1].offset > offset) {
        at--;
    }
    for (apr_size_t i = at; i > 0 && edits->list[i - 1].offset == offset; i--) {
        *taken |= edits->list[i - 1].in_tag;
    }
    return at;
}

void pv_edit_add(pv_edits_t *edits, apr_uint64_t offset, const char *text, apr_size_t len,
                 int in_tag)
{
    int taken = 0;
    apr_size_t at = place_of(edits, offset, &taken);
    pv_edit_t edit = { offset, edits->text_len, len, in_tag != 0 };

    if (len == 0 || (in_tag && taken)) {
        return;
    }
    edits->list = grow(edits->list, edits->count, edits->count + 1, &edits->size,
                       sizeof(*edits->list), edits->pool);
    memmove(&edits->list[at + 1], &edits->list[at], (edits->count - at) * sizeof(*edits->list));
    edits->list[at] = edit;
    edits->count++;
    edits->text = grow(edits->text, edits->text_len, edits->text_len + len, &edits->text_size, 1,
                       edits->pool);
    memcpy(edits->text + edits->text_len, text, len);
    edits->text_len += len;
}

/* The text of insertions that are gone, as far as it is in front of the others'. */
static void drop_text(pv_edits_t *edits)
{
    apr_size_t first = edits->text_len;

    for (apr_size_t i = 0; i < edits->count; i++) {
        first = edits->list[i].text < first ? edits->list[i].text : first;
    }
    for (apr_size_t i = 0; i < edits->count; i++) {
        edits->list[i].text -= first;
    }
    edits->text_len -= first;
    memmove(edits->text, edits->text + first, edits->text_len);
}

void pv_edit_pass(pv_edits_t *edits, const char *buf, apr_uint64_t begin, apr_uint64_t end,
                  pv_emit_t emit, void *ctx)
{
    apr_uint64_t at = begin;
    apr_size_t done = 0;

    while (done < edits->count && edits->list[done].offset <= end) {
        const pv_edit_t *edit = &edits->list[done++];
        if (edit->offset > at) {
            emit(ctx, buf + (at - begin), (apr_size_t)(edit->offset - at), 0);
            at = edit->offset;
        }
        emit(ctx, edits->text + edit->text, edit->len, 1);
    }
    if (end > at) {
        emit(ctx, buf + (at - begin), (apr_size_t)(end - at), 0);
    }
    if (done == 0) {
        return;
    }
    edits->count -= done;
    memmove(edits->list, edits->list + done, edits->count * sizeof(*edits->list));
    drop_text(edits);
}
