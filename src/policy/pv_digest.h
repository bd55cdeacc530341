/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file pv_digest.h
 * @brief What tells two policies apart (rule C2).
 */

#ifndef PV_DIGEST_H
#define PV_DIGEST_H

#include "policy/pv_policy.h"

/**
 * The digest of all that is declared, but for where it stands: caches keep apart
 * what was made under different ones.
 * @param policy compiled, but for its digest
 * @param declared what it was compiled from
 * @param digest gets PV_DIGEST_LEN bytes and a NUL: lower-case hexadecimal that
 *        begins with a letter
 */
void pv_digest_make(const pv_policy_t *policy, const pv_declared_t *declared, char *digest);

#endif /* PV_DIGEST_H */
