/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* The data state and tags: WHATWG HTML, 13.2.5.1, 13.2.5.6 to 13.2.5.8. */

#include "html/pv_scan_private.h"

/* A hash of names (FNV-1a, 64 bits): two names of one document that share it
 * would be taken for one inside svg and math. */
#define HASH_BASIS APR_UINT64_C(14695981039346656037)
#define HASH_PRIME APR_UINT64_C(1099511628211)

static apr_uint64_t hash_on(apr_uint64_t hash, const char *p, const char *end)
{
    for (; p < end; p++) {
        hash = (hash ^ (unsigned char)pv_lower(*p)) * HASH_PRIME;
    }
    return hash;
}

static int is_letter(char c)
{
    char l = pv_lower(c);
    return l >= 'a' && l <= 'z';
}

/* XML has more beginnings of a name than HTML; what is not one is fatal there. */
static int begins_name(const pv_scan_t *scan, char c)
{
    return is_letter(c) || (scan->options.xml && (c == '_' || c == ':' || (c & 0x80) != 0));
}

static const char *name_end(const char *p, const char *end)
{
    while (p < end && !pv_ends_tag_name(*p)) {
        p++;
    }
    return p;
}

/* XML minds the case of names; feImage is the one that we know with a capital. */
static pv_tag_t find_xml_tag(pv_lane_t *lane, pv_span_t name)
{
    const char *colon = memchr(name.ptr, ':', name.len);
    pv_tag_t none = { PV_TAG_OTHER, 0 };
    pv_tag_t tag;

    lane->prefixed = colon != NULL;
    if (colon != NULL) {
        name = pv_span_between(colon + 1, name.ptr + name.len);
    }
    tag = pv_tag_find(name);
    if (tag.tag == PV_TAG_FEIMAGE) {
        return tag;
    }
    for (apr_size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] != pv_lower(name.ptr[i])) {
            return none;
        }
    }
    return tag;
}

static int is_asked(const pv_scan_t *scan, const pv_lane_t *lane)
{
    if (lane->is_end || scan->options.want == NULL || scan->options.bare) {
        return 0;
    }
    return scan->options.want[lane->tag.tag] != PV_SCAN_IGNORE;
}

/* Tree construction itself asks for the attributes of these. */
static int is_needed(const pv_lane_t *lane)
{
    return !lane->is_end && lane->depth > 0 &&
           (lane->tag.tag == PV_TAG_FONT || lane->tag.tag == PV_TAG_ANNOTATION_XML);
}

/* The name, or the beginning of one that is too long to be known, is [name, p). */
static void begin_tag(pv_scan_t *scan, pv_lane_t *lane, apr_uint64_t begin, pv_span_t name)
{
    const char *p = name.ptr + name.len;

    lane->begin = begin;
    lane->is_end = pv_scan_at(scan, begin)[1] == '/';
    lane->prefixed = 0;
    lane->tag = scan->options.xml ? find_xml_tag(lane, name) : pv_tag_find(name);
    lane->hash = hash_on(HASH_BASIS, name.ptr, p);
    lane->cut = 0;
    lane->answer = 0;
    lane->told = PV_NONE;
    lane->attr = begin;
    memset(&lane->walk, 0, sizeof(lane->walk));
    lane->pos = pv_scan_offset(scan, p);
    lane->asked = is_asked(scan, lane) != 0;
    if (lane->asked || is_needed(lane)) {
        lane->keep = begin;
        lane->limit = begin + scan->options.limit;
    }
    scan->tags = 1;
    pv_tree_open(scan, lane);
}

void pv_lane_end_tag(pv_scan_t *scan, pv_lane_t *lane, apr_uint64_t begin, const char *p)
{
    begin_tag(scan, lane, begin, pv_span_between(pv_scan_at(scan, begin) + 2, p));
    lane->state = S_TAG;
}

/* lt is `<` or `</` in front of a name. */
static void read_name(pv_scan_t *scan, pv_lane_t *lane, const char *lt, const char *name)
{
    const char *end = pv_scan_at(scan, scan->end);
    const char *most = end - name > PV_SCAN_NAME ? name + PV_SCAN_NAME : end;
    const char *p = name_end(name, most);

    if (p == end && p - name < PV_SCAN_NAME && !scan->final) {
        pv_lane_wait(lane, pv_scan_offset(scan, lt));
        return;
    }
    begin_tag(scan, lane, pv_scan_offset(scan, lt), pv_span_between(name, p));
    lane->state = p == most ? S_NAME : S_TAG;
}

void pv_step_name(pv_scan_t *scan, pv_lane_t *lane)
{
    const char *begin = pv_scan_at(scan, lane->pos);
    const char *end = pv_lane_bound(scan, lane);
    const char *p = name_end(begin, end);

    lane->hash = hash_on(lane->hash, begin, p);
    lane->pos = pv_scan_offset(scan, p);
    if (p < end) {
        lane->state = S_TAG;
    }
}

static void begin_other(pv_scan_t *scan, pv_lane_t *lane, const char *lt, apr_size_t skip,
                        pv_state_e state)
{
    lane->begin = pv_scan_offset(scan, lt);
    lane->pos = lane->begin + skip;
    lane->text = lane->pos;
    lane->run = 0;
    lane->quote = 0;
    lane->state = state;
}

typedef enum { MATCH_NO, MATCH_MORE, MATCH_YES } match_e;

static match_e match(const char *p, const char *end, const char *word, int nocase)
{
    for (; *word != '\0'; word++, p++) {
        if (p == end) {
            return MATCH_MORE;
        }
        if ((nocase ? pv_lower(*p) : *p) != *word) {
            return MATCH_NO;
        }
    }
    return MATCH_YES;
}

/* 13.2.5.42: behind `<!`. */
static void read_declaration(pv_scan_t *scan, pv_lane_t *lane, const char *lt)
{
    const char *end = pv_scan_at(scan, scan->end);
    match_e comment = match(lt + 2, end, "--", 0);
    match_e doctype = match(lt + 2, end, "doctype", !scan->options.xml);
    match_e cdata = match(lt + 2, end, "[CDATA[", 0);

    if (scan->options.xml) {
        doctype = match(lt + 2, end, "DOCTYPE", 0);
    }
    else if (!pv_foreign_has_cdata(lane)) {
        cdata = MATCH_NO;
    }
    if (comment == MATCH_YES) {
        begin_other(scan, lane, lt, 4, scan->options.xml ? S_COMMENT : S_COMMENT_START);
    }
    else if (doctype == MATCH_YES) {
        begin_other(scan, lane, lt, 9, scan->options.xml ? S_XML_DOCTYPE : S_DOCTYPE);
    }
    else if (cdata == MATCH_YES) {
        begin_other(scan, lane, lt, 9, S_CDATA);
    }
    else if (!scan->final &&
             (comment == MATCH_MORE || doctype == MATCH_MORE || cdata == MATCH_MORE)) {
        pv_lane_wait(lane, pv_scan_offset(scan, lt));
    }
    else {
        begin_other(scan, lane, lt, 2, S_BOGUS);
    }
}

static void less_than_is_text(pv_scan_t *scan, pv_lane_t *lane, const char *lt)
{
    lane->pos = pv_scan_offset(scan, lt) + 1;
    pv_tree_text(scan, lane, lane->pos - 1);
}

/* 13.2.5.7: behind `</`. */
static void read_end_tag(pv_scan_t *scan, pv_lane_t *lane, const char *lt)
{
    const char *end = pv_scan_at(scan, scan->end);

    if (end - lt < 3) {
        if (!scan->final) {
            pv_lane_wait(lane, pv_scan_offset(scan, lt));
            return;
        }
        less_than_is_text(scan, lane, lt);
    }
    else if (begins_name(scan, lt[2])) {
        read_name(scan, lane, lt, lt + 2);
    }
    else if (lt[2] == '>') {
        begin_other(scan, lane, lt, 3, S_DATA);
        pv_lane_tell_text(scan, lane, PV_SCAN_NOTHING, lane->text);
    }
    else {
        begin_other(scan, lane, lt, 2, S_BOGUS);
    }
}

static void read_markup(pv_scan_t *scan, pv_lane_t *lane, const char *lt)
{
    const char *end = pv_scan_at(scan, scan->end);
    int alone = end - lt < 2;

    if (alone && !scan->final) {
        pv_lane_wait(lane, pv_scan_offset(scan, lt));
    }
    else if (!alone && begins_name(scan, lt[1])) {
        read_name(scan, lane, lt, lt + 1);
    }
    else if (!alone && lt[1] == '/') {
        read_end_tag(scan, lane, lt);
    }
    else if (!alone && lt[1] == '!') {
        read_declaration(scan, lane, lt);
    }
    else if (!alone && lt[1] == '?') {
        begin_other(scan, lane, lt, 1, scan->options.xml ? S_INSTRUCTION : S_BOGUS);
    }
    else {
        less_than_is_text(scan, lane, lt);
    }
}

/* A byte order mark is no text. Returns 0 where it may still become one. */
static int skip_mark(pv_scan_t *scan, pv_lane_t *lane)
{
    static const char mark[] = "\357\273\277";
    match_e found = match(pv_scan_at(scan, 0), pv_scan_at(scan, scan->end), mark, 0);

    if (found == MATCH_YES) {
        lane->pos = sizeof(mark) - 1;
    }
    else if (found == MATCH_MORE && !scan->final) {
        pv_lane_wait(lane, 0);
        return 0;
    }
    return 1;
}

/* Until the body has begun, text that is not white space begins it. */
static void find_body(pv_scan_t *scan, pv_lane_t *lane, const char *p, const char *end)
{
    while (p < end && pv_is_html_space(*p)) {
        p++;
    }
    if (p < end) {
        pv_tree_text(scan, lane, pv_scan_offset(scan, p));
    }
}

/* Up to the next `<`: a step of its own, so that readings which agree meet there. */
static void read_text(pv_scan_t *scan, pv_lane_t *lane, const char *p)
{
    const char *end = pv_lane_bound(scan, lane);
    const char *lt = memchr(p, '<', (apr_size_t)(end - p));

    end = lt != NULL ? lt : end;
    if (lane->data_end != lane->pos) {
        lane->data_begin = lane->pos;
    }
    lane->pos = pv_scan_offset(scan, end);
    lane->data_end = lane->pos;
    if (lane->phase < P_BODY) {
        find_body(scan, lane, p, end);
    }
}

void pv_step_data(pv_scan_t *scan, pv_lane_t *lane)
{
    const char *p;

    if (lane->pos == 0 && !scan->options.bare && !skip_mark(scan, lane)) {
        return;
    }
    p = pv_scan_at(scan, lane->pos);
    if (lane->pos == scan->end) {
        return;
    }
    if (*p == '<') {
        read_markup(scan, lane, p);
    }
    else {
        read_text(scan, lane, p);
    }
}

/* The bytes of the tag that has just been read, where they were kept whole. */
static pv_span_t tag_bytes(const pv_scan_t *scan, const pv_lane_t *lane)
{
    if (lane->keep != lane->begin || lane->cut) {
        return pv_span("", 0);
    }
    return pv_span(pv_scan_at(scan, lane->begin), (apr_size_t)(lane->pos - lane->begin));
}

static int wants(const pv_scan_t *scan, const pv_lane_t *lane, pv_span_t bytes)
{
    return scan->options.want[lane->tag.tag] == PV_SCAN_WANT ||
           pv_scan_has_ping(bytes.ptr, bytes.ptr + bytes.len);
}

static void keep_script(pv_scan_t *scan, pv_lane_t *lane)
{
    pv_script_t *script;

    if (lane->script_count == PV_SCAN_SCRIPTS) {
        pv_lane_script_text(scan, lane, 0, lane->begin);
    }
    script = &lane->scripts[lane->script_count++];
    script->begin = lane->begin;
    script->text = lane->pos;
    script->limit = lane->pos + scan->options.limit;
    script->markup = lane->state == S_DATA;
    script->depth = script->markup ? lane->depth : 0;
}

/* XML has no raw text: scripts may stand in one another. */
static void end_xml_script(pv_scan_t *scan, pv_lane_t *lane)
{
    pv_script_t *script;

    if (lane->script_count == 0 || lane->tag.tag != PV_TAG_SCRIPT) {
        return;
    }
    script = &lane->scripts[lane->script_count - 1];
    if (script->depth > 0) {
        script->depth--;
        return;
    }
    pv_lane_script_text(scan, lane, lane->script_count - 1, lane->begin);
}

/* The text of a script in svg or XML ends where the element does: with its end tag, or
 * with anything else that ends what it stands in. */
static void end_scripts(pv_scan_t *scan, pv_lane_t *lane)
{
    while (lane->script_count > 0) {
        const pv_script_t *script = &lane->scripts[lane->script_count - 1];
        if (scan->options.xml || !script->markup || lane->depth >= script->depth) {
            return;
        }
        pv_lane_script_text(scan, lane, lane->script_count - 1, lane->begin);
    }
}

static void follow(pv_scan_t *scan, pv_lane_t *lane, unsigned answer)
{
    int has_content = lane->state != S_DATA || !lane->walk.self_closing;

    if ((answer & PV_SCAN_WANT_TEXT) && has_content &&
        (lane->state == S_SCRIPT || scan->options.xml || lane->depth > 0)) {
        keep_script(scan, lane);
    }
    else if (scan->options.xml && has_content && lane->tag.tag == PV_TAG_SCRIPT &&
             lane->script_count > 0) {
        lane->scripts[lane->script_count - 1].depth++;
    }
    if (answer & PV_SCAN_WANT_END) {
        lane->want_begin = lane->begin;
        if (lane->state == S_RAWTEXT || (scan->options.xml && has_content)) {
            lane->want_end = lane->tag.tag;
        }
        else if (scan->options.xml) {
            pv_lane_spot(scan, lane, PV_SCAN_END, lane->begin, lane->pos);
        }
    }
}

static void start_tag_done(pv_scan_t *scan, pv_lane_t *lane)
{
    pv_span_t bytes = tag_bytes(scan, lane);
    unsigned answer = lane->answer;

    /* Before a fork copies it. */
    lane->keep = PV_NONE;
    lane->state = S_DATA;
    if (lane->asked && !lane->cut && wants(scan, lane, bytes)) {
        answer = pv_lane_tell(scan, lane, PV_SCAN_START, lane->begin, lane->pos, 1);
    }
    else if (scan->options.all) {
        pv_lane_tell(scan, lane, PV_SCAN_START, lane->begin, lane->pos, 0);
    }
    pv_tree_start(scan, lane, bytes);
    end_scripts(scan, lane);
    follow(scan, lane, answer);
}

static void end_tag_done(pv_scan_t *scan, pv_lane_t *lane)
{
    lane->state = S_DATA;
    lane->raw = PV_TAG_OTHER;
    if (scan->options.xml) {
        end_xml_script(scan, lane);
    }
    if (scan->options.all) {
        pv_lane_tell(scan, lane, PV_SCAN_END_TAG, lane->begin, lane->pos, 0);
    }
    pv_tree_end(scan, lane);
    end_scripts(scan, lane);
    if (lane->want_end != PV_TAG_OTHER && lane->tag.tag == lane->want_end) {
        lane->want_end = PV_TAG_OTHER;
        pv_lane_spot(scan, lane, PV_SCAN_END, lane->begin, lane->pos);
    }
}

static int in_attr(const pv_lane_t *lane)
{
    return lane->walk.state >= W_NAME && lane->walk.state <= W_UNQUOTED;
}

/* Of a tag that was cut, attributes are told one by one. */
static void follow_attr(const pv_scan_t *scan, pv_lane_t *lane)
{
    lane->keep = PV_NONE;
    lane->limit = PV_NONE;
    if (in_attr(lane) && lane->told != lane->attr) {
        lane->keep = lane->attr;
        lane->limit = lane->attr + scan->options.limit;
    }
}

void pv_step_tag(pv_scan_t *scan, pv_lane_t *lane)
{
    const char *p = pv_scan_at(scan, lane->pos);
    pv_walk_e result = pv_walk(&lane->walk, &p, pv_lane_bound(scan, lane));

    lane->pos = pv_scan_offset(scan, p);
    if (lane->walk.attr != NULL) {
        lane->attr = pv_scan_offset(scan, lane->walk.attr);
    }
    if (result == WALK_VALUE && lane->told != lane->attr) {
        pv_lane_tell(scan, lane, PV_SCAN_ATTR, lane->attr, lane->pos, 1);
    }
    if (lane->walk.stop) {
        follow_attr(scan, lane);
    }
    if (result != WALK_DONE) {
        return;
    }
    lane->limit = PV_NONE;
    if (lane->is_end) {
        end_tag_done(scan, lane);
    }
    else {
        start_tag_done(scan, lane);
    }
}

/* An attribute of a tag that was cut is too long itself. */
static void cut_attr(pv_scan_t *scan, pv_lane_t *lane)
{
    pv_lane_tell(scan, lane, PV_SCAN_ATTR, lane->attr, lane->pos, 1);
    lane->told = lane->attr;
    lane->keep = PV_NONE;
    lane->limit = PV_NONE;
}

void pv_lane_cut_tag(pv_scan_t *scan, pv_lane_t *lane)
{
    apr_uint64_t end = lane->pos;

    if (lane->cut) {
        cut_attr(scan, lane);
        return;
    }
    lane->cut = 1;
    lane->keep = PV_NONE;
    lane->limit = PV_NONE;
    if (!lane->asked) {
        return;
    }
    /* An attribute that is not the one to blame is told later, whole. */
    if (in_attr(lane) && lane->pos - lane->attr < scan->options.limit / 2) {
        end = lane->attr;
    }
    lane->answer = pv_lane_tell(scan, lane, PV_SCAN_CUT, lane->begin, end, 1);
    if (lane->answer & PV_SCAN_WANT_ATTRS) {
        lane->walk.stop = 1;
        lane->told = end == lane->attr ? PV_NONE : lane->attr;
        follow_attr(scan, lane);
    }
}
