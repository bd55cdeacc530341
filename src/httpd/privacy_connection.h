/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file privacy_connection.h
 * @brief The connection filter: the heads that go past every filter of a request,
 *        those of interim responses, upgrades and nph- scripts (rule R2).
 *
 * It is on every client connection, those of HTTP/2 streams included, and passes
 * everything on at once unless it is armed: from when the outermost filter has been
 * added to a request's chain until that filter has seen the final head in the
 * request's tables. What comes in between is a head in bytes. It is edited, and
 * if no other follows it, all behind it passes untouched.
 */

#ifndef PRIVACY_CONNECTION_H
#define PRIVACY_CONNECTION_H

#include "httpd/privacy_request.h"

/** Register the filter. */
void privacy_connection_register(void);

/** Whether connections get the filter: whether any server enforces a policy. */
void privacy_connection_enable(int enable);

/** Hook: pre_connection. */
int privacy_pre_connection(conn_rec *c, void *csd);

/** Look at what r, a main request, sends past its filters from now on. */
void privacy_connection_arm(request_rec *r);

/** The final head of r has been dealt with. */
void privacy_connection_disarm(const request_rec *r);

#endif /* PRIVACY_CONNECTION_H */
