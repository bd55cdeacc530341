/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file privacy_arg.h
 * @brief Arguments of directives, read and checked. What gives a const char * gives
 *        NULL or an error for httpd to show, which names the directive, the value and
 *        what is allowed.
 */

#ifndef PRIVACY_ARG_H
#define PRIVACY_ARG_H

#include "httpd/privacy_config.h"

/** What a token of RFC 9110 may hold. */
#define PRIVACY_TOKEN_CHARS                                                                        \
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~"

/** An error: "DIRECTIVE ...". */
const char *privacy_arg_error(const cmd_parms *cmd, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** A word's place in a list that ends with NULL; on error -1 and its text. */
int privacy_arg_word(const cmd_parms *cmd, const char *what, const char *word,
                     const char *const *words, const char **failure);

/** An option KEY=VALUE, or a KEY alone, of a list of keys; -1 and a text if unknown. */
int privacy_arg_option(const cmd_parms *cmd, const char *arg, const char *const *keys,
                       const char **value, const char **failure);

const char *privacy_arg_lifetime(const cmd_parms *cmd, const char *text, apr_int64_t *seconds);

/** A lifetime that the module itself has to write. */
const char *privacy_arg_own_lifetime(const cmd_parms *cmd, const char *text, apr_int64_t *seconds);

/** The name of a cookie that the module itself sets. */
const char *privacy_arg_cookie_name(const cmd_parms *cmd, const char *name);

/** @param option its name with `=`, or "" */
const char *privacy_arg_url(const cmd_parms *cmd, const char *option, const char *url);

/** A domain in lower case and without leading dot, or NULL. */
const char *privacy_arg_domain(const cmd_parms *cmd, const char *domain);

/** A cookie's path. */
const char *privacy_arg_path(const cmd_parms *cmd, const char *path);

/** The server that a directive stands in; notes that it declares something. */
privacy_server_t *privacy_arg_server(const cmd_parms *cmd);

/** Add a declaration with its place in the configuration. */
const char *privacy_arg_declare(const cmd_parms *cmd, pv_list_kind_t kind, pv_decl_t *decl);

#endif /* PRIVACY_ARG_H */
