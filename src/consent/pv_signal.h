/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file pv_signal.h
 * @brief Browser signals: Sec-GPC (Global Privacy Control, section 3) and DNT.
 */

#ifndef PV_SIGNAL_H
#define PV_SIGNAL_H

#include "pv.h"

/**
 * Whether a Sec-GPC or DNT field is the signal. httpd joins repeated fields with
 * commas: one member that is exactly `1` is enough, any other value is none
 * (rule Q4).
 */
int pv_signal_present(const char *buf, apr_size_t len);

#endif /* PV_SIGNAL_H */
