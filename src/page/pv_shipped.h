/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file pv_shipped.h
 * @brief The templates, texts and assets of conf/templates/, compiled in. The table
 *        is made by build-aux/shipped.pl.
 */

#ifndef PV_SHIPPED_H
#define PV_SHIPPED_H

#include <stddef.h>

typedef struct {
    const char *name; /**< the file's, without a directory */
    const char *text; /**< NUL-terminated */
    size_t len;
} pv_shipped_t;

/** Ends with a NULL name. */
extern const pv_shipped_t pv_shipped[];

#endif /* PV_SHIPPED_H */
