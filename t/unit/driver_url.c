/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* Reads lines `HEX(base) HEX(reference)` (a base of `-` is none) and prints what
 * the core makes of each: `SCHEME HOST PATH`, or `bad`. */

#include <stdio.h>

#include "policy/pv_url.h"

static apr_size_t unhex(const char *hex, apr_size_t len, char *out)
{
    for (apr_size_t i = 0; i + 1 < len; i += 2) {
        out[i / 2] = (char)(pv_hex_value(hex[i]) * 16 + pv_hex_value(hex[i + 1]));
    }
    return len / 2;
}

static void answer(const char *line, char *room)
{
    static const char *const names[] = { "other", "http", "https", "ws", "wss" };
    static char base_host[PV_HOST_ROOM], host[PV_HOST_ROOM], path_room[8192];
    apr_size_t base_len = strcspn(line, " ");
    const char *ref_hex = line + base_len + 1;
    char *ref = room + base_len;
    apr_size_t ref_len = unhex(ref_hex, strcspn(ref_hex, " \n"), ref);
    int has_base = line[0] != '-';
    pv_url_t base, url;
    pv_span_t path;

    if (has_base) {
        base_len = unhex(line, base_len, room);
        if (pv_url_read(room, base_len, NULL, base_host, &base) != PV_OK) {
            puts("badbase");
            return;
        }
    }
    if (pv_url_read(ref, ref_len, has_base ? &base : NULL, host, &url) != PV_OK) {
        puts("bad");
        return;
    }
    pv_url_path(&url, PV_URL_PATH_SENT, path_room, sizeof(path_room), &path);
    printf("%s %.*s %.*s\n", names[url.scheme], (int)url.host.len, url.host.ptr, (int)path.len,
           path.ptr);
}

int main(void)
{
    static char line[65536], room[65536];

    while (fgets(line, sizeof(line), stdin) != NULL) {
        answer(line, room);
    }
    return 0;
}
