/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "page/pv_template.h"

#include <apr_strings.h>
#include <apr_tables.h>

#include "page/pv_markup.h"
#include "policy/pv_nearest.h"

/** How a value is written. */
typedef enum {
    WRITE_LITERAL, /**< no value: bytes of the template */
    WRITE_HTML,
    WRITE_URL,      /**< a whole address */
    WRITE_URL_PART, /**< inside an address */
    SECTION,        /**< for each row, or if not empty */
    SECTION_UNLESS
} action_t;

/** One step of writing. */
typedef struct {
    action_t action;
    pv_span_t literal;
    int up;      /**< how many lists further out the slot is known */
    int index;   /**< of the slot there */
    int is_list; /**< of a section */
    int width;   /**< of a list: members of a row */
    int end;     /**< of a section: the step behind it */
} step_t;

struct pv_template_t {
    const step_t *steps;
    int count;
    int guest;
};

/** A section that is open while compiling. */
typedef struct {
    const char *name;
    int step;
    int line;
    pv_markup_t before; /**< where it began */
    const pv_slot_t *outer;
} open_t;

typedef struct {
    const char *buf;
    const char *at;
    const char *end;
    const pv_words_t *words;
    int guest;
    apr_array_header_t *steps; /**< step_t */
    pv_markup_t markup;
    open_t open[PV_TEMPLATE_DEPTH];
    int open_count;
    const pv_slot_t *scopes[PV_TEMPLATE_DEPTH + 1]; /**< lists inside each other, outermost first */
    int scope_count;
    apr_hash_t *used; /**< slots that were met, by their addresses */
    const char *error;
    apr_pool_t *pool;
} compile_t;

static int fail(compile_t *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** @return 0 */
static int fail(compile_t *c, const char *format, ...)
{
    va_list args;

    if (c->error == NULL) {
        va_start(args, format);
        c->error = apr_pvsprintf(c->pool, format, args);
        va_end(args);
    }
    return 0;
}

static step_t *add_step(compile_t *c, action_t action)
{
    step_t *step = apr_array_push(c->steps);

    memset(step, 0, sizeof(*step));
    step->action = action;
    return step;
}

/** Where a character reference is read as one. */
static int takes_references(const pv_markup_t *m)
{
    return m->place == PV_IN_TEXT || m->place == PV_IN_VALUE || m->place == PV_IN_VALUE_UNQUOTED ||
           (m->place == PV_IN_ATTR_EQUALS && m->equals) ||
           (m->place == PV_IN_OPEN && m->open == PV_OPEN_LESS);
}

/** A literal with references for what is not ASCII. */
static pv_span_t to_ascii(const compile_t *c, pv_span_t literal)
{
    const char *p = literal.ptr;
    const char *end = p + literal.len;
    pv_markup_t m = c->markup;
    pv_text_t text = { .pool = c->pool };

    while (p < end) {
        const char *from = p;
        apr_size_t len;

        while (p < end && (unsigned char)*p < 0x80) {
            p++;
        }
        pv_text_add(&text, from, (apr_size_t)(p - from));
        pv_markup_read(&m, from, (apr_size_t)(p - from));
        if (p == end) {
            break;
        }
        len = pv_text_sequence(p, (apr_size_t)(end - p));
        len = len ? len : 1;
        if (takes_references(&m)) {
            pv_text_add_ascii(&text, pv_span(p, len));
        }
        else {
            pv_text_add(&text, p, len);
        }
        pv_markup_read(&m, p, len);
        p += len;
    }
    return pv_text_done(&text);
}

static void add_literal(compile_t *c, pv_span_t literal)
{
    if (literal.len > 0) {
        add_step(c, WRITE_LITERAL)->literal = c->guest ? to_ascii(c, literal) : literal;
        pv_markup_read(&c->markup, literal.ptr, literal.len);
    }
}

static const char *name_of(const compile_t *c, pv_span_t name)
{
    return apr_pstrmemdup(c->pool, name.ptr, name.len);
}

/** Says which slots there are, or which one was meant. */
static int fail_unknown(compile_t *c, const char *name)
{
    apr_array_header_t *known = apr_array_make(c->pool, 16, sizeof(const char *));
    const char *nearest;

    for (int i = c->scope_count - 1; i >= 0; i--) {
        for (const pv_slot_t *slot = c->scopes[i]; slot->name != NULL; slot++) {
            APR_ARRAY_PUSH(known, const char *) = slot->name;
        }
    }
    APR_ARRAY_PUSH(known, const char *) = NULL;
    nearest = pv_nearest(name, (const char *const *)known->elts);
    if (nearest != NULL) {
        return fail(c, "there is no slot '%s' here; did you mean '%s'?", name, nearest);
    }
    known->nelts--;
    return fail(c, "there is no slot '%s' here, but: %s", name,
                apr_array_pstrcat(c->pool, known, ' '));
}

/** Find a slot from the innermost list outwards. */
static const pv_slot_t *find_slot(compile_t *c, pv_span_t span, int *up, int *index)
{
    const char *name = name_of(c, span);

    for (*up = 0; *up < c->scope_count; ++*up) {
        const pv_slot_t *slots = c->scopes[c->scope_count - 1 - *up];

        for (*index = 0; slots[*index].name != NULL; ++*index) {
            if (strcmp(slots[*index].name, name) == 0) {
                const pv_slot_t *slot = &slots[*index];

                apr_hash_set(c->used, name_of(c, pv_span((const char *)&slot, sizeof(slot))),
                             sizeof(slot), slot);
                return slot;
            }
        }
    }
    fail_unknown(c, name);
    return NULL;
}

static const char *place_name(const pv_markup_t *m)
{
    switch (m->place) {
    case PV_IN_RAW:
    case PV_IN_TEXT:
        return m->raw;
    case PV_IN_DOUBT:
        return "what not all browsers read alike";
    case PV_IN_COMMENT:
        return "a comment";
    case PV_IN_DECLARATION:
        return "a declaration";
    case PV_IN_VALUE:
        return m->attribute;
    case PV_IN_VALUE_UNQUOTED:
    case PV_IN_ATTR_EQUALS:
        return "a value without quotes";
    default:
        return "a tag";
    }
}

/** How a value is written where the reader stands. @return 0 if not at all */
static int find_action(compile_t *c, const pv_slot_t *slot, action_t *action)
{
    const pv_markup_t *m = &c->markup;

    if (m->place == PV_IN_TEXT || (m->place == PV_IN_VALUE && m->kind == PV_VALUE_TEXT)) {
        *action = WRITE_HTML;
        return 1;
    }
    if (m->place != PV_IN_VALUE || m->kind == PV_VALUE_CODE) {
        return fail(c, "slot '%s' cannot stand in %s: no way of writing it is safe there",
                    slot->name, place_name(m));
    }
    if (!m->value_begun) {
        *action = WRITE_URL;
        return slot->type == PV_SLOT_URL ||
               fail(c, "slot '%s' is no address, and cannot begin the value of %s", slot->name,
                    m->attribute);
    }
    *action = WRITE_URL_PART;
    return 1;
}

static int add_slot(compile_t *c, pv_span_t name)
{
    int up, index;
    const pv_slot_t *slot = find_slot(c, name, &up, &index);
    action_t action = WRITE_HTML;
    step_t *step;

    if (slot == NULL) {
        return 0;
    }
    if (slot->type == PV_SLOT_LIST || slot->type == PV_SLOT_FLAG) {
        return fail(c, "slot '%s' has no text of its own: it is for {{#%s}} and {{^%s}}",
                    slot->name, slot->name, slot->name);
    }
    if (!find_action(c, slot, &action)) {
        return 0;
    }
    step = add_step(c, action);
    step->up = up;
    step->index = index;
    c->markup.value_begun = 1;
    return 1;
}

static int begin_section(compile_t *c, pv_span_t name, action_t action, int line)
{
    int up, index;
    const pv_slot_t *slot = find_slot(c, name, &up, &index);
    open_t *open;
    step_t *step;

    if (slot == NULL) {
        return 0;
    }
    if (c->open_count == PV_TEMPLATE_DEPTH) {
        return fail(c, "more than %d sections inside each other", PV_TEMPLATE_DEPTH);
    }
    if (c->markup.place != PV_IN_TEXT && c->markup.place != PV_IN_TAG &&
        c->markup.place != PV_IN_VALUE) {
        return fail(c, "section '%s' cannot begin in %s", slot->name, place_name(&c->markup));
    }
    open = &c->open[c->open_count++];
    open->name = slot->name;
    open->step = c->steps->nelts;
    open->line = line;
    open->before = c->markup;
    open->outer = NULL;
    step = add_step(c, action);
    step->up = up;
    step->index = index;
    step->is_list = slot->type == PV_SLOT_LIST;
    if (step->is_list && action == SECTION) {
        while (slot->members[step->width].name != NULL) {
            step->width++;
        }
        open->outer = slot->members;
        c->scopes[c->scope_count++] = slot->members;
    }
    return 1;
}

static int end_section(compile_t *c, pv_span_t name)
{
    open_t *open;

    if (c->open_count == 0) {
        return fail(c, "{{/%s}} ends nothing", name_of(c, name));
    }
    open = &c->open[c->open_count - 1];
    if (!pv_span_eq(name, pv_span(open->name, strlen(open->name)))) {
        return fail(c, "{{/%s}} stands where {{/%s}} has to, for line %d", name_of(c, name),
                    open->name, open->line);
    }
    if (!pv_markup_same(&open->before, &c->markup)) {
        return fail(c,
                    "section '%s' ends in another place of the markup than it began in, on "
                    "line %d",
                    open->name, open->line);
    }
    APR_ARRAY_IDX(c->steps, open->step, step_t).end = c->steps->nelts;
    if (open->outer != NULL) {
        c->scope_count--;
    }
    c->open_count--;
    return 1;
}

/** A literal text of the language, written as a value would be. */
static int add_escaped(compile_t *c, pv_span_t literal)
{
    pv_text_t text = { .pool = c->pool };

    pv_text_add_html(&text, literal);
    add_literal(c, pv_text_done(&text));
    return 1;
}

static int add_word(compile_t *c, pv_span_t key)
{
    const char *p = pv_words_get(c->words, name_of(c, key));

    if (p == NULL) {
        return fail(c, "words.%s has no text '%s'", c->words->tag, name_of(c, key));
    }
    if (c->markup.place != PV_IN_TEXT &&
        !(c->markup.place == PV_IN_VALUE && c->markup.kind == PV_VALUE_TEXT)) {
        return fail(c, "text '%s' cannot stand in %s", name_of(c, key), place_name(&c->markup));
    }
    for (;;) {
        const char *slot = strstr(p, "{{");
        const char *end = slot ? strstr(slot, "}}") : NULL;

        if (end == NULL) {
            return add_escaped(c, pv_span(p, strlen(p)));
        }
        add_escaped(c, pv_span_between(p, slot));
        if (!add_slot(c, pv_span_between(slot + 2, end))) {
            return 0;
        }
        p = end + 2;
    }
}

static int line_at(const compile_t *c, const char *at)
{
    int line = 1;

    for (const char *p = c->buf; p < at; p++) {
        line += *p == '\n';
    }
    return line;
}

static const char *find_pair(const char *p, const char *end, char c)
{
    for (; (p = pv_find(p, end, c)) < end - 1; p++) {
        if (p[1] == c) {
            return p;
        }
    }
    return end;
}

/** What stands between {{ and }}. */
static int read_tag(compile_t *c, pv_span_t inside)
{
    pv_span_t rest;

    inside = pv_span_trim(inside, pv_is_outer_space);
    if (inside.len == 0) {
        return fail(c, "{{}} names nothing");
    }
    rest = pv_span_trim(pv_span(inside.ptr + 1, inside.len - 1), pv_is_outer_space);
    switch (*inside.ptr) {
    case '!':
        return 1;
    case '#':
        return begin_section(c, rest, SECTION, line_at(c, c->at));
    case '^':
        return begin_section(c, rest, SECTION_UNLESS, line_at(c, c->at));
    case '/':
        return end_section(c, rest);
    case '=':
        return add_word(c, rest);
    default:
        return add_slot(c, inside);
    }
}

/** A line with nothing but the beginning or end of a section, or a comment, leaves no
 *  line behind. */
static const char *skip_line(const compile_t *c, const char *tag, const char *behind)
{
    int alone = tag == c->buf || tag[-1] == '\n';

    return alone && strchr("#^/!", tag[2]) != NULL && behind < c->end && *behind == '\n'
               ? behind + 1
               : behind;
}

static int read_all(compile_t *c)
{
    while (c->at < c->end) {
        const char *tag = find_pair(c->at, c->end, '{');
        const char *close;

        add_literal(c, pv_span_between(c->at, tag));
        c->at = tag;
        if (tag == c->end) {
            break;
        }
        close = find_pair(tag, c->end, '}');
        if (close == c->end) {
            return fail(c, "{{ without }}");
        }
        if (!read_tag(c, pv_span_between(tag + 2, close))) {
            return 0;
        }
        c->at = skip_line(c, tag, close + 2);
    }
    if (c->open_count > 0) {
        return fail(c, "{{#%s}} of line %d has no end", c->open[c->open_count - 1].name,
                    c->open[c->open_count - 1].line);
    }
    return (c->markup.place == PV_IN_TEXT && c->markup.raw[0] == '\0') ||
           fail(c, "ends inside %s", place_name(&c->markup));
}

static int check_required(compile_t *c, const pv_slot_t *slots)
{
    for (const pv_slot_t *slot = slots; slot->name != NULL; slot++) {
        if (slot->required && apr_hash_get(c->used, &slot, sizeof(slot)) == NULL) {
            return fail(c, "lacks the slot '%s', which it has to have", slot->name);
        }
        if (slot->required && slot->members != NULL && !check_required(c, slot->members)) {
            return 0;
        }
    }
    return 1;
}

pv_template_t *pv_template_compile(const char *buf, apr_size_t len, const pv_slot_t *slots,
                                   const pv_words_t *words, int guest, int *line,
                                   const char **error, apr_pool_t *pool)
{
    compile_t c = {
        .buf = buf, .at = buf, .end = buf + len, .words = words, .guest = guest, .pool = pool
    };
    pv_template_t *template;

    c.steps = apr_array_make(pool, 64, sizeof(step_t));
    c.used = apr_hash_make(pool);
    c.scopes[c.scope_count++] = slots;
    if (!read_all(&c) || !check_required(&c, slots)) {
        *line = line_at(&c, c.at);
        *error = c.error;
        return NULL;
    }
    template = apr_palloc(pool, sizeof(*template));
    template->steps = (const step_t *)c.steps->elts;
    template->count = c.steps->nelts;
    template->guest = guest;
    return template;
}

/** The lists that are being written, innermost last. */
typedef struct {
    int guest;
    const pv_fill_t *row[PV_TEMPLATE_DEPTH + 1];
    int count;
} rows_t;

static void write_url(pv_text_t *out, pv_span_t url, int guest)
{
    (guest ? pv_text_add_ascii_url : pv_text_add_html)(out,
                                                       pv_url_is_safe(url) ? url : PV_SPAN("#"));
}

static void write_steps(const step_t *steps, int from, int to, rows_t *rows, pv_text_t *out)
{
    for (int i = from; i < to; i++) {
        const step_t *step = &steps[i];
        const pv_fill_t *fill;

        if (step->action == WRITE_LITERAL) {
            pv_text_add(out, step->literal.ptr, step->literal.len);
            continue;
        }
        fill = &rows->row[rows->count - 1 - step->up][step->index];
        switch (step->action) {
        case WRITE_HTML:
            (rows->guest ? pv_text_add_ascii : pv_text_add_html)(out, fill->text);
            continue;
        case WRITE_URL:
            write_url(out, fill->text, rows->guest);
            continue;
        case WRITE_URL_PART:
            pv_text_add_url_part(out, fill->text);
            continue;
        case SECTION:
            for (int row = 0; step->is_list && row < fill->rows; row++) {
                rows->row[rows->count++] = fill->row + (apr_size_t)row * (apr_size_t)step->width;
                write_steps(steps, i + 1, step->end, rows, out);
                rows->count--;
            }
            if (!step->is_list && fill->text.len > 0) {
                write_steps(steps, i + 1, step->end, rows, out);
            }
            break;
        default:
            if (step->is_list ? fill->rows == 0 : fill->text.len == 0) {
                write_steps(steps, i + 1, step->end, rows, out);
            }
            break;
        }
        i = step->end - 1;
    }
}

void pv_template_write(const pv_template_t *template, const pv_fill_t *fill, pv_text_t *out)
{
    rows_t rows = { template->guest, { fill }, 1 };

    write_steps(template->steps, 0, template->count, &rows, out);
}
