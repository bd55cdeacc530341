/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file privacy_expr.h
 * @brief The function privacy("CATEGORY") of httpd's expressions: `granted`,
 *        `denied`, or nothing where nothing is decided or enforced.
 */

#ifndef PRIVACY_EXPR_H
#define PRIVACY_EXPR_H

#include <httpd.h>

/** Make the function known. */
void privacy_expr_register(void);

/** Hook, pre_config: no expression of this configuration has been read yet. */
int privacy_expr_pre_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp);

/** Check the categories that expressions of the configuration name, when all of it
 *  has been read. @return 0 if one is none of any server's, and it has been logged */
int privacy_expr_check(server_rec *s, apr_pool_t *ptemp);

#endif /* PRIVACY_EXPR_H */
