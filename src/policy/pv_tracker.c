/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "policy/pv_tracker.h"

/** Trackers of one declared host; [1] is `*.HOST`. */
typedef struct {
    pv_span_t host;
    apr_uint32_t hash;
    int has_paths[2];
    const pv_tracker_t *whole[2];
} group_t;

/** A tracker with a path, looked up by its group, its kind and the path. */
typedef struct {
    const pv_tracker_t *tracker; /**< NULL: the slot is free */
    const group_t *group;
    apr_uint32_t hash;
} path_slot_t;

/* Open addressing, linear probing, at most half full. */
struct pv_tracker_table_t {
    apr_size_t mask;
    group_t *groups; /**< host.len is 0: the slot is free */
    path_slot_t *paths;
};

/* FNV-1a. Keys are the site's own, what is looked up adds none: it need not
 * withstand an attacker. */
#define FNV_BASIS 2166136261u
#define FNV_PRIME 16777619u

static apr_uint32_t hash_byte(apr_uint32_t hash, char c)
{
    return (hash ^ (unsigned char)c) * FNV_PRIME;
}

static apr_size_t slot_of(const pv_tracker_table_t *table, apr_uint32_t hash)
{
    return (hash ^ hash >> 15) & table->mask;
}

/** From its end, so that one walk has the hash of every parent domain. */
static apr_uint32_t hash_host(pv_span_t host)
{
    apr_uint32_t hash = FNV_BASIS;

    for (apr_size_t i = host.len; i > 0; i--) {
        hash = hash_byte(hash, host.ptr[i - 1]);
    }
    return hash;
}

/** Where the hash of a path of this group and kind begins. */
static apr_uint32_t hash_of_group(const group_t *group, int kind)
{
    return group->hash * 2 + (apr_uint32_t)kind;
}

/** The group's slot, or the free one where it would be. */
static group_t *group_slot(const pv_tracker_table_t *table, pv_span_t host, apr_uint32_t hash)
{
    apr_size_t at = slot_of(table, hash);

    for (;; at = (at + 1) & table->mask) {
        group_t *group = &table->groups[at];

        if (group->host.len == 0 || (group->hash == hash && pv_span_eq(group->host, host))) {
            return group;
        }
    }
}

static path_slot_t *path_slot(const pv_tracker_table_t *table, const group_t *group, int kind,
                              pv_span_t path, apr_uint32_t hash)
{
    apr_size_t at = slot_of(table, hash);

    for (;; at = (at + 1) & table->mask) {
        path_slot_t *slot = &table->paths[at];

        if (slot->tracker == NULL ||
            (slot->hash == hash && slot->group == group && slot->tracker->subdomains == kind &&
             pv_span_eq(slot->tracker->path, path))) {
            return slot;
        }
    }
}

static void add_path(pv_tracker_table_t *table, group_t *group, pv_tracker_t *tracker)
{
    apr_uint32_t hash = hash_of_group(group, tracker->subdomains);
    path_slot_t *slot;

    for (apr_size_t i = 0; i < tracker->path.len; i++) {
        hash = hash_byte(hash, tracker->path.ptr[i]);
    }
    slot = path_slot(table, group, tracker->subdomains, tracker->path, hash);
    tracker->twin = slot->tracker;
    if (slot->tracker == NULL) {
        *slot = (path_slot_t){ .tracker = tracker, .group = group, .hash = hash };
        group->has_paths[tracker->subdomains] = 1;
    }
}

static void add_tracker(pv_tracker_table_t *table, pv_tracker_t *tracker)
{
    apr_uint32_t hash = hash_host(tracker->host);
    group_t *group = group_slot(table, tracker->host, hash);

    group->host = tracker->host;
    group->hash = hash;
    if (tracker->path.len > 0) {
        add_path(table, group, tracker);
        return;
    }
    tracker->twin = group->whole[tracker->subdomains];
    if (tracker->twin == NULL) {
        group->whole[tracker->subdomains] = tracker;
    }
}

pv_tracker_table_t *pv_tracker_table_make(pv_tracker_t *trackers, apr_size_t count,
                                          apr_pool_t *pool)
{
    pv_tracker_table_t *table = apr_pcalloc(pool, sizeof(*table));
    apr_size_t size = 2;

    while (size < count * 2) {
        size *= 2;
    }
    table->mask = size - 1;
    table->groups = apr_pcalloc(pool, size * sizeof(*table->groups));
    table->paths = apr_pcalloc(pool, size * sizeof(*table->paths));
    for (apr_size_t i = 0; i < count; i++) {
        add_tracker(table, &trackers[i]);
    }
    return table;
}

/** A URL's path in both readings, read when it is first asked for. */
typedef struct {
    const pv_url_t *url;
    int is_read;
    pv_span_t sent; /**< percent-encoding decoded */
    pv_span_t served;
    char sent_room[PV_URL_PATH_ROOM];
    char served_room[PV_URL_PATH_ROOM];
} paths_t;

static int is_plain(pv_span_t path)
{
    for (apr_size_t i = 0; i < path.len; i++) {
        if (path.ptr[i] == '%' || (path.ptr[i] == '/' && i > 0 && path.ptr[i - 1] == '/')) {
            return 0;
        }
    }
    return 1;
}

static void read_paths(paths_t *paths)
{
    pv_octets_t in;
    pv_status_t status;
    apr_size_t len = 0;
    int byte;

    paths->is_read = 1;
    status = pv_url_path(paths->url, PV_URL_PATH_SENT, paths->sent_room, sizeof(paths->sent_room),
                         &paths->sent);
    paths->served = pv_span(NULL, 0);
    if (status == PV_OK && is_plain(paths->sent)) {
        return;
    }
    pv_url_path(paths->url, PV_URL_PATH_SERVED, paths->served_room, sizeof(paths->served_room),
                &paths->served);
    in = (pv_octets_t){ paths->sent.ptr, paths->sent.ptr + paths->sent.len };
    while ((byte = pv_octets_decoded(&in)) >= 0) {
        paths->sent_room[len++] = (char)byte;
    }
    paths->sent.len = len;
}

/** The longest declared path that this one is or is below. */
static const pv_tracker_t *match_path(const pv_tracker_table_t *table, const group_t *group,
                                      int kind, pv_span_t path)
{
    const pv_tracker_t *found = NULL;
    apr_uint32_t hash = hash_of_group(group, kind);

    for (apr_size_t i = 0; i <= path.len && i <= PV_TRACKER_PATH_MAX; i++) {
        if (i > 0 && (i == path.len || path.ptr[i] == '/')) {
            const path_slot_t *slot = path_slot(table, group, kind, pv_span(path.ptr, i), hash);

            found = slot->tracker != NULL ? slot->tracker : found;
        }
        if (i < path.len) {
            hash = hash_byte(hash, path.ptr[i]);
        }
    }
    return found;
}

static const pv_tracker_t *match_group(const pv_tracker_table_t *table, const group_t *group,
                                       int kind, paths_t *paths)
{
    const pv_tracker_t *sent, *served;

    if (!group->has_paths[kind]) {
        return group->whole[kind];
    }
    if (!paths->is_read) {
        read_paths(paths);
    }
    sent = match_path(table, group, kind, paths->sent);
    served = match_path(table, group, kind, paths->served);
    if (sent == NULL || (served != NULL && served->path.len > sent->path.len)) {
        sent = served;
    }
    return sent != NULL ? sent : group->whole[kind];
}

/** A host has no more labels than this. */
#define LABELS_MAX (PV_HOST_MAX / 2 + 1)

/**
 * The groups of the host and of its parent domains, shortest first.
 * @param exact gets the host's own, or NULL
 */
static apr_size_t find_groups(const pv_tracker_table_t *table, pv_span_t host,
                              const group_t *groups[LABELS_MAX], const group_t **exact)
{
    apr_uint32_t hash = FNV_BASIS;
    apr_size_t count = 0;

    *exact = NULL;
    for (apr_size_t i = host.len; i > 0; i--) {
        hash = hash_byte(hash, host.ptr[i - 1]);
        if (i == 1 || host.ptr[i - 2] == '.') {
            const group_t *group =
                group_slot(table, pv_span(host.ptr + i - 1, host.len - (i - 1)), hash);

            if (group->host.len > 0 && count < LABELS_MAX) {
                groups[count++] = group;
                *exact = i == 1 ? group : NULL;
            }
        }
    }
    return count;
}

const pv_tracker_t *pv_tracker_find(const pv_tracker_table_t *table, const pv_url_t *url)
{
    const group_t *groups[LABELS_MAX], *exact;
    const pv_tracker_t *found = NULL;
    apr_size_t count = find_groups(table, url->host, groups, &exact);
    paths_t paths;

    if (count == 0) {
        return NULL;
    }
    paths.url = url;
    paths.is_read = 0;
    if (exact != NULL) {
        found = match_group(table, exact, 0, &paths);
    }
    while (found == NULL && count > 0) {
        found = match_group(table, groups[--count], 1, &paths);
    }
    return found;
}

void pv_tracker_base_set(const pv_tracker_table_t *table, const pv_url_t *url,
                         pv_tracker_base_t *base)
{
    const group_t *groups[LABELS_MAX], *exact;

    base->url = *url;
    base->declared = find_groups(table, url->host, groups, &exact) > 0;
}

const pv_tracker_t *pv_tracker_resolve(const pv_tracker_table_t *table,
                                       const pv_tracker_base_t *base, const char *buf,
                                       apr_size_t len)
{
    char room[PV_HOST_ROOM];
    pv_url_t url;

    if (!base->declared && pv_url_stays(buf, len)) {
        return NULL;
    }
    if (pv_url_read(buf, len, &base->url, room, &url) != PV_OK ||
        (url.same_host && !base->declared)) {
        return NULL;
    }
    return pv_tracker_find(table, &url);
}
