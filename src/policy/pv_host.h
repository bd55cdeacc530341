/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file pv_host.h
 * @brief The host of a URL as browsers make it (WHATWG URL standard, section 3,
 *        host parsing for special schemes).
 */

#ifndef PV_HOST_H
#define PV_HOST_H

#include "pv.h"

/** Bytes of a canonical host at most: no name server has a longer name. */
#define PV_HOST_MAX 253

/** Bytes of room that writing a host may need. */
#define PV_HOST_ROOM 256

/**
 * How many bytes at the beginning are a canonical host already: lower case
 * letters, digits, `-`, `_` and `.`. This is the whole of the usual case.
 * @param host gets the span, if what ends it ends a host: the end of the input,
 *        `/`, `\`, `?` or `#`; else, and where it must be looked at closely
 *        (an address, a trailing dot), host->len is 0
 */
void pv_host_peek(const char *buf, apr_size_t len, pv_span_t *host);

/**
 * Make a host canonical. ASCII lower case; percent-encoded bytes decoded; tabs and
 * newlines dropped; what UTS #46 ignores dropped, what it maps to ASCII mapped
 * (pv_uts46.h); a label that remains non-ASCII as A-label (RFC 3492); a numeric
 * host as IPv4 address with four decimals; one trailing dot dropped.
 *
 * Where readings differ, a host that a browser refuses may come out as one that
 * it would load, never the other way: bytes that are not UTF-8 are read as
 * Latin-1, joiners in an otherwise ASCII label are dropped, an A-label whose
 * encoded part is empty (`xn--abc-`) is decoded, and no rule of IDNA on which
 * characters may stand together is checked. An IPv6 address is only
 * copied in lower case.
 *
 * @param buf,len what stands between user info and port, brackets included
 * @param room PV_HOST_ROOM bytes, in which host lies afterwards
 * @return PV_OK; PV_BAD if it is empty or no browser takes it for a host;
 *         PV_LIMIT if it is longer than PV_HOST_MAX: it cannot be loaded either
 */
pv_status_t pv_host_read(const char *buf, apr_size_t len, char *room, pv_span_t *host);

/** Whether a canonical host is an IPv4 address. */
int pv_host_is_ipv4(pv_span_t host);

#endif /* PV_HOST_H */
