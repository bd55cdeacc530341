/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file privacy_log.h
 * @brief Log tags, included first by every file that logs.
 *
 * Each message has a tag of its own, PRIVnnnn, never used again for another
 * one. ERR: an administrator must act. WARNING: works, but not as it should.
 * DEBUG: a decision with its reason; what a client can cause is DEBUG at most.
 * A text names a directive or a cookie, never a cookie's value, a consent id or
 * an address (rule F2).
 */

#ifndef PRIVACY_LOG_H
#define PRIVACY_LOG_H

#include <httpd.h>
#include <http_log.h>

extern module AP_MODULE_DECLARE_DATA privacy_module;
APLOG_USE_MODULE(privacy);

#define PRIVLOGNO(number) "PRIV" #number ": "

#endif /* PRIVACY_LOG_H */
