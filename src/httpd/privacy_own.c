/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "httpd/privacy_own.h"

#include "httpd/privacy_config.h"
#include "httpd/privacy_page.h"
#include "httpd/privacy_validator.h"
#include "httpd/privacy_wellknown.h"

/** Whether the path may be one that the module answers: every request comes here, some
 *  four times, and few begin alike. */
static inline int may_be_own(const request_rec *r)
{
    const char *first = privacy_server_config(r->server)->own_first;

    return first[0] != '\0' && r->uri != NULL && r->uri[0] == '/' &&
           (r->uri[1] == first[0] || r->uri[1] == first[1]);
}

PV_SELDOM static int claim(request_rec *r)
{
    return privacy_wellknown_claim(r) || privacy_page_claim(r) ? OK : DECLINED;
}

PV_SELDOM static int keep_from_storage(request_rec *r)
{
    if (!privacy_wellknown_claimed(r) && !privacy_page_claimed(r)) {
        return DECLINED;
    }
    r->finfo.filetype = APR_REG; /* or FallbackResource takes its place */
    return OK;
}

/** Let another handler answer, to conditions that it can know. */
static inline int ask_others(request_rec *r)
{
    privacy_request_t *request = privacy_request_get(r);

    if (request != NULL && r->main == NULL && privacy_request_setting(request, r).rewrite_html) {
        privacy_validator_untag(r, request);
    }
    return DECLINED;
}

PV_SELDOM static int answer(request_rec *r)
{
    if (privacy_wellknown_claimed(r)) {
        return privacy_wellknown_answer(r);
    }
    return privacy_page_claimed(r) ? privacy_page_answer(r) : ask_others(r);
}

int privacy_translate(request_rec *r)
{
    return may_be_own(r) ? claim(r) : DECLINED;
}

int privacy_map_to_storage(request_rec *r)
{
    return may_be_own(r) ? keep_from_storage(r) : DECLINED;
}

int privacy_handler(request_rec *r)
{
    return may_be_own(r) ? answer(r) : ask_others(r);
}
