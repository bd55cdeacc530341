/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file privacy_own.h
 * @brief The handler's turn, and what of it the module answers itself: PrivacyPage
 *        (privacy_page.h) and the statement of Global Privacy Control
 *        (privacy_wellknown.h).
 */

#ifndef PRIVACY_OWN_H
#define PRIVACY_OWN_H

#include <httpd.h>

/** Hook: claim what is ours; really first in pre_translate_name, where mod_proxy claims
 *  with `mapping=encoded`, and in translate_name. */
int privacy_translate(request_rec *r);

/** Hook: what is claimed is no file. */
int privacy_map_to_storage(request_rec *r);

/** Hook: answer what is claimed, whatever r->handler says: `SetHandler "proxy:..."`
 *  overwrites it. What others answer is asked for by untagged validators. */
int privacy_handler(request_rec *r);

#endif /* PRIVACY_OWN_H */
