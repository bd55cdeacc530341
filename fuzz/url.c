/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/*
 * URL references and Link headers (H4, R6). Options: the base, or that it is a Link header;
 * room for the path.
 */

#include "fuzz.h"

#include "enforce/pv_link.h"
#include "link_model.h"
#include "policy/pv_tracker.h"
#include "url_model.h"

static const char *const documents[] = {
    "https://site.test/dir/page?q#f",
    "http://site.test/",
    "https://t.example/a/b/../c/",
    "https://path.example/tr/x",
    "wss://192.0.2.1/x",
    "http://xn--bcher-kva.example/%2e%2e/a%2Fb/c",
    "data:text/html,x",
};
#define DOCUMENTS (sizeof(documents) / sizeof(*documents))

static const char *const declared[] = {
    "t.example",
    "*.t.example",
    "path.example/tr",
    "path.example/tr/long",
    "*.path.example",
    "*.path.example/up",
    "enc.example/%C3%BC",
    "enc.example/a%2Fb",
    "192.0.2.1",
    "*.all.example",
    "xn--bcher-kva.example",
    "site.test/own",
    "*.a.all.example/x/y",
    "xn--bcher-kva.example/c",
};
#define DECLARED (sizeof(declared) / sizeof(*declared))

/* Room for any path that an input of libFuzzer's can have. */
#define PATH_ROOM (1 << 16)

static pv_tracker_t trackers[DECLARED];
static pv_tracker_table_t *table;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    apr_pool_t *pool;
    const char *error;

    (void)argc;
    (void)argv;
    fuzz_keep();
    pool = fuzz_pool();
    for (size_t i = 0; i < DECLARED; i++) {
        if (pv_tracker_parse(declared[i], strlen(declared[i]), &trackers[i], &error, pool) !=
            PV_OK) {
            abort();
        }
    }
    table = pv_tracker_table_make(trackers, DECLARED, pool);
    fuzz_kept();
    return 0;
}

/* A URL with its path in both readings. */
typedef struct {
    pv_status_t status;
    pv_url_t url;
    char host_room[PV_HOST_ROOM];
    char room[2][PATH_ROOM];
    pv_span_t path[2];
} read_t;

static void read_whole(pv_span_t ref, const pv_url_t *base, read_t *read)
{
    char *exact = fuzz_copy(ref.ptr, ref.len);

    memset(read->path, 0, sizeof(read->path));
    read->status = pv_url_read(exact, ref.len, base, read->host_room, &read->url);
    if (read->status == PV_OK && read->url.scheme != PV_URL_OTHER) {
        for (int i = PV_URL_PATH_SENT; i <= PV_URL_PATH_SERVED; i++) {
            FUZZ_CLAIM(pv_url_path(&read->url, (pv_url_reading_t)i, read->room[i], PATH_ROOM,
                                   &read->path[i]) == PV_OK,
                       "F1 a path that fits");
        }
    }
    /* Host and path may be spans into it. */
    if (read->url.host.len > 0 && read->url.host.ptr != read->host_room && !read->url.same_host) {
        memcpy(read->host_room, read->url.host.ptr, read->url.host.len);
        read->url.host.ptr = read->host_room;
    }
    free(exact);
}

static void check_same(const read_t *a, const read_t *b, const char *rule)
{
    FUZZ_CLAIM(a->status == b->status, rule);
    FUZZ_CLAIM(a->url.scheme == b->url.scheme, rule);
    FUZZ_CLAIM(pv_span_eq(a->url.host, b->url.host), rule);
    FUZZ_CLAIM(pv_span_eq(a->path[0], b->path[0]), rule);
    FUZZ_CLAIM(pv_span_eq(a->path[1], b->path[1]), rule);
}

static int is_dots(const char *begin, const char *end)
{
    int dots = 0;

    while (begin < end) {
        if (end - begin >= 3 && begin[0] == '%' && begin[1] == '2' && pv_lower(begin[2]) == 'e') {
            begin += 3;
        }
        else if (*begin == '.') {
            begin++;
        }
        else {
            return 0;
        }
        dots++;
    }
    return dots == 1 || dots == 2;
}

/* A path as a browser sends it. */
static void check_sent(pv_span_t path)
{
    const char *p = path.ptr, *end = p + path.len;

    FUZZ_CLAIM(path.len > 0 && *p == '/', "a path begins with a slash");
    while (p < end) {
        const char *stop = memchr(p + 1, '/', (size_t)(end - p - 1));

        stop = stop != NULL ? stop : end;
        FUZZ_CLAIM(!is_dots(p + 1, stop), "H4 no dot segments are left");
        for (; p < stop; p++) {
            FUZZ_CLAIM(*p > ' ' && *p < 0x7f && strchr("\\\"<>?^`{}#", *p) == NULL,
                       "H4 what is encoded in a path");
        }
    }
}

static void check_host(pv_span_t host)
{
    char room[PV_HOST_ROOM], *exact = fuzz_copy(host.ptr, host.len);
    pv_span_t again;

    FUZZ_CLAIM(host.len > 0 && host.len <= PV_HOST_MAX, "a host has 1 to 253 bytes");
    for (size_t i = 0; i < host.len; i++) {
        FUZZ_CLAIM(host.ptr[i] > ' ' && host.ptr[i] < 0x7f &&
                       !(host.ptr[i] >= 'A' && host.ptr[i] <= 'Z'),
                   "H4 a canonical host");
    }
    FUZZ_CLAIM(pv_host_read(exact, host.len, room, &again) == PV_OK, "H4 it is read again");
    FUZZ_CLAIM(pv_span_eq(again, host), "H4 canonical is canonical");
    free(exact);
}

/* Whatever the room, what is in it is the beginning of the path. */
static void check_room(const read_t *read, pv_span_t ref, const pv_url_t *base, unsigned size)
{
    char host_room[PV_HOST_ROOM], *room = fuzz_room(size);
    char *exact = fuzz_copy(ref.ptr, ref.len);
    pv_span_t path;
    pv_url_t url;

    pv_url_read(exact, ref.len, base, host_room, &url);
    for (int i = PV_URL_PATH_SENT; i <= PV_URL_PATH_SERVED; i++) {
        pv_status_t status = pv_url_path(&url, (pv_url_reading_t)i, room, size, &path);
        pv_span_t whole = read->path[i];

        FUZZ_CLAIM(path.len <= whole.len, "the beginning of the path");
        FUZZ_CLAIM(memcmp(path.ptr, whole.ptr, path.len) == 0, "the beginning of the path");
        FUZZ_CLAIM((status == PV_OK) == (path.len == whole.len) ||
                       (status == PV_LIMIT && path.len + 4 >= size),
                   "all of it, or as much as there is room for");
        FUZZ_CLAIM(status == PV_OK || path.len + 4 >= size, "as much as there is room for");
    }
    free(room);
    free(exact);
}

static const char *const schemes[] = { "", "http", "https", "ws", "wss" };

/* Written out, read without a base or with another one, and as //HOST/PATH. */
static void check_absolute(const read_t *read, const pv_url_t *bases)
{
    static char text[PATH_ROOM + 400];
    static read_t again;
    int len = snprintf(text, sizeof(text), "%s://%.*s%.*s", schemes[read->url.scheme],
                       (int)read->url.host.len, read->url.host.ptr, (int)read->path[0].len,
                       read->path[0].ptr);
    size_t scheme = strlen(schemes[read->url.scheme]) + 1;

    read_whole(pv_span(text, (size_t)len), NULL, &again);
    check_same(read, &again, "H4 idempotent");
    for (size_t i = 0; i < DOCUMENTS; i++) {
        read_whole(pv_span(text, (size_t)len), &bases[i], &again);
        check_same(read, &again, "H4 an absolute URL needs no base");
        if (bases[i].scheme == read->url.scheme) {
            read_whole(pv_span(text + scheme, (size_t)len - scheme), &bases[i], &again);
            check_same(read, &again, "H4 the scheme of the base");
        }
    }
}

/* What the parser drops, and what is the same to it. */
static void check_variants(pv_span_t ref, const pv_url_t *base, const read_t *read)
{
    static read_t again;
    char *text = fuzz_room(2 * ref.len + 2);
    size_t len = 0;

    for (size_t i = 0; i < ref.len; i++) {
        text[len++] = ref.ptr[i];
        if (i + 1 < ref.len && (unsigned char)ref.ptr[i] > ' ') {
            text[len++] = "\t\n\r"[i % 3];
        }
    }
    read_whole(pv_span(text, len), base, &again);
    check_same(read, &again, "H4 tabs and newlines are dropped");
    text[0] = ' ';
    memcpy(text + 1, ref.ptr, ref.len);
    text[ref.len + 1] = '\f';
    read_whole(pv_span(text, ref.len + 2), base, &again);
    check_same(read, &again, "H4 outer control characters are dropped");
    memcpy(text, ref.ptr, ref.len);
    for (size_t i = 0; i < ref.len && text[i] != '?' && text[i] != '#'; i++) {
        text[i] = text[i] == '\\' ? '/' : text[i];
    }
    if (read->url.scheme != PV_URL_OTHER) {
        read_whole(pv_span(text, ref.len), base, &again);
        check_same(read, &again, "H4 a backslash is a slash");
    }
    free(text);
}

/* The tracker of a URL, each asked one after the other. */

static size_t decode(pv_span_t path, char *out)
{
    pv_octets_t in = { path.ptr, path.ptr + path.len };
    size_t len = 0;
    int byte;

    while ((byte = pv_octets_decoded(&in)) >= 0) {
        out[len++] = (char)byte;
    }
    return len;
}

static int is_below(pv_span_t path, pv_span_t of)
{
    return path.len >= of.len && memcmp(path.ptr, of.ptr, of.len) == 0 &&
           (path.len == of.len || path.ptr[of.len] == '/');
}

/* 0 if it is no tracker of this URL, else the more, the earlier it is to be taken. */
static size_t rank_of(const pv_tracker_t *tracker, const read_t *read, pv_span_t sent)
{
    pv_span_t host = read->url.host, own = tracker->host;
    size_t tail = host.len - own.len;
    int exact = pv_span_eq(host, own);

    if (!exact && !(tracker->subdomains && host.len > own.len && host.ptr[tail - 1] == '.' &&
                    memcmp(host.ptr + tail, own.ptr, own.len) == 0)) {
        return 0;
    }
    if (tracker->path.len > 0 && !is_below(sent, tracker->path) &&
        !is_below(read->path[1], tracker->path)) {
        return 0;
    }
    return 1 + tracker->path.len + 1000 * own.len + (exact && !tracker->subdomains ? 1000000 : 0);
}

static const pv_tracker_t *find_slowly(const read_t *read)
{
    static char room[PATH_ROOM];
    const pv_tracker_t *found = NULL;
    pv_span_t sent;
    size_t most = 0;

    if (read->status != PV_OK || read->url.scheme == PV_URL_OTHER) {
        return NULL;
    }
    sent = pv_span(room, decode(read->path[0], room));
    for (size_t i = 0; i < DECLARED; i++) {
        size_t rank = rank_of(&trackers[i], read, sent);

        if (rank > most) {
            most = rank;
            found = &trackers[i];
        }
    }
    return found;
}

static void check_tracker(pv_span_t ref, const pv_url_t *base, const read_t *read)
{
    char *exact = fuzz_copy(ref.ptr, ref.len);
    pv_tracker_base_t at;

    pv_tracker_base_set(table, base, &at);
    FUZZ_CLAIM(pv_tracker_resolve(table, &at, exact, ref.len) == find_slowly(read),
               "H2 the tracker that a URL loads");
    if (base->scheme != PV_URL_OTHER && pv_url_stays(exact, ref.len)) {
        FUZZ_CLAIM(read->status == PV_OK && read->url.same_host, "what surely stays, stays");
    }
    free(exact);
}

/* Scheme and host, where they can be told without a host parser. */
static void check_authority(pv_span_t ref, const pv_url_t *base, const read_t *read)
{
    static url_model_t model;

    url_model_read(&model, ref, base->scheme);
    if (model.kind == URL_UNDECIDED) {
        return;
    }
    FUZZ_CLAIM((read->status == PV_OK) == (model.kind != URL_BAD), "H4 what is loaded at all");
    if (read->status == PV_OK) {
        FUZZ_CLAIM(read->url.scheme == model.scheme, "H4 the scheme");
        FUZZ_CLAIM(read->url.same_host == (model.kind == URL_SAME_HOST), "H4 the base's host");
        FUZZ_CLAIM(model.kind != URL_HOST ||
                       pv_span_eq(read->url.host, pv_span(model.host, model.len)),
                   "H4 the host, without user and port");
    }
}

/* `t.example..`: one dot is dropped, and no name server has the other. What stands in
 * brackets is copied as it is. */
static int has_odd_host(const read_t *read)
{
    pv_span_t host = read->url.host;

    return host.len > 0 && (host.ptr[0] == '[' || host.ptr[host.len - 1] == '.');
}

static void check_url(pv_span_t ref, unsigned document, unsigned size)
{
    static char rooms[DOCUMENTS][PV_HOST_ROOM];
    static read_t read;
    pv_url_t bases[DOCUMENTS];
    const pv_url_t *base = &bases[document];

    for (size_t i = 0; i < DOCUMENTS; i++) {
        pv_url_read(documents[i], strlen(documents[i]), NULL, rooms[i], &bases[i]);
    }
    read_whole(ref, base, &read);
    check_authority(ref, base, &read);
    check_variants(ref, base, &read);
    check_tracker(ref, base, &read);
    if (read.status == PV_OK && has_odd_host(&read)) {
        return;
    }
    if (read.status == PV_OK && read.url.scheme != PV_URL_OTHER) {
        check_host(read.url.host);
        check_sent(read.path[0]);
        check_room(&read, ref, base, 8 + size);
        check_absolute(&read, bases);
    }
    else {
        FUZZ_CLAIM(read.url.host.len == 0, "no host but of what is loaded");
    }
}

/* The members of a Link header that stay, byte for byte, and none that any reader loads. */

static int contains(pv_span_t text, const char *word)
{
    size_t len = strlen(word);

    for (size_t i = 0; i + len <= text.len; i++) {
        if (pv_span_eq_nocase(pv_span(text.ptr + i, len), pv_span(word, len))) {
            return 1;
        }
    }
    return 0;
}

static int has_relation(pv_span_t text)
{
    static const char *const words[] = { "pre", "style", "next", "dictionary" };

    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        if (contains(text, words[i])) {
            return 1;
        }
    }
    return 0;
}

static void check_members(pv_span_t before, pv_span_t after)
{
    const char *from = before.ptr, *begin = after.ptr;
    int held = 0, kept = 0;
    pv_link_t old, new;

    while (pv_link_next(&before, &old)) {
        for (; from < old.whole.ptr; from++) {
            FUZZ_CLAIM(*from == ',' || cookie_model_space(*from),
                       "between members stand separators");
        }
        from = old.whole.ptr + old.whole.len;
        if (pv_link_is_held(&old, link_is_held, NULL)) {
            held++;
            continue;
        }
        FUZZ_CLAIM(pv_link_next(&after, &new), "R6 the others stay");
        FUZZ_CLAIM(pv_span_eq(old.whole, new.whole), "R6 and keep their bytes");
        FUZZ_CLAIM(kept++ > 0 || held == 0 || new.whole.ptr == begin,
                   "R6 no separator in front of what is the first now");
    }
    FUZZ_CLAIM(!pv_link_next(&after, &new), "R6 what is held goes");
}

/* Of plain members those stay that name no tracker, or load nothing. */
static void check_plain(pv_span_t text, pv_span_t left)
{
    pv_span_t was = { NULL, 0 }, is = { NULL, 0 };

    FUZZ_CLAIM(link_is_plain(left), "R6 whole members go");
    while (text.len > 0) {
        pv_span_t ahead = left;

        link_plain_member(&text, &was);
        if (left.len > 0 && link_plain_member(&ahead, &is) && pv_span_eq(was, is)) {
            left = ahead;
        }
        else {
            FUZZ_CLAIM(contains(was, "//t.example") && has_relation(was), "R6 the others stay");
        }
    }
    FUZZ_CLAIM(left.len == 0, "R6 nothing is added");
}

static void check_link(pv_span_t text)
{
    char *exact = fuzz_copy(text.ptr, text.len), *out = fuzz_room(text.len);
    char *again = fuzz_room(text.len);
    apr_size_t len, again_len;
    pv_link_result_t result = pv_link_filter(exact, text.len, link_is_held, NULL, out, &len);
    pv_span_t left = pv_span(out, len);

    FUZZ_CLAIM(len <= text.len, "F1 no more than there was");
    if (result == PV_LINK_SAME) {
        left = text;
    }
    else {
        FUZZ_CLAIM(contains(text, "//t.example"), "R6 only trackers go");
        FUZZ_CLAIM(has_relation(text), "R6 only what is loaded goes");
        FUZZ_CLAIM((result == PV_LINK_EMPTY) == (len == 0), "R6 an empty field goes");
        FUZZ_CLAIM(pv_link_filter(out, len, link_is_held, NULL, again, &again_len) == PV_LINK_SAME,
                   "R6 nothing is left to do");
    }
    check_members(text, left);
    if (link_is_plain(text)) {
        check_plain(text, left);
    }
    FUZZ_CLAIM(!link_any_loads(left), "R6 no browser loads what is held");
    free(exact);
    free(out);
    free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_in_t in = fuzz_in(data, size);
    unsigned document = fuzz_take(&in) % (2 * DOCUMENTS), room;

    if (in.len > PATH_ROOM / 8) {
        return 0;
    }
    if (document >= DOCUMENTS) {
        check_link(pv_span(in.ptr, in.len));
        return 0;
    }
    room = fuzz_take(&in);
    check_url(pv_span(in.ptr, in.len), document, room);
    return 0;
}
