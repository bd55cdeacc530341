/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/*
 * The setters of PrivacyConsentSource and PrivacyGPCStatement. A manager is tried
 * as it is read, so that httpd names file and line of what it cannot do; whether
 * its categories are declared is checked with the whole policy.
 */

#include <ap_expr.h>
#include <apr_lib.h>
#include <apr_strings.h>

#include "consent/pv_source.h"
#include "cookie/pv_lifetime.h"
#include "httpd/privacy_arg.h"
#include "httpd/privacy_log.h"
#include "httpd/privacy_wellknown.h"
#include "policy/pv_nearest.h"

#define EXPR "expr"

static const char *const options[] = {
    "cookie", "vendor", "not-applicable", "refresh", "vary", NULL
};
enum { OPTION_REFRESH = 3, OPTION_VARY = 4 };

/** What one directive is read into. */
typedef struct {
    cmd_parms *cmd;
    pv_consent_source_t *declared;
    apr_array_header_t *maps;
    apr_array_header_t *options;
    apr_array_header_t *vary;
    pv_source_t *trial; /**< NULL for expr */
} reading_t;

/** The next word: as httpd reads words, but a quote may also stand behind the first
 *  `=`, where it is an expression's. */
static const char *next_word(apr_pool_t *pool, const char **line)
{
    const char *begin = *line + strspn(*line, " \t\r\n");
    const char *end = begin;

    *line = begin;
    if (*begin == '"' || *begin == '\'') {
        return ap_getword_conf(pool, line);
    }
    while (*end != '\0' && *end != '=' && !apr_isspace(*end)) {
        end++;
    }
    if (*end == '=' && (end[1] == '"' || end[1] == '\'')) {
        const char *name = apr_pstrmemdup(pool, begin, (apr_size_t)(end + 1 - begin));

        *line = end + 1;
        return apr_pstrcat(pool, name, ap_getword_conf(pool, line), NULL);
    }
    return ap_getword_conf(pool, line);
}

/** refresh=LIFETIME[,DOMAIN] */
static const char *read_refresh(const reading_t *reading, const char *value)
{
    const cmd_parms *cmd = reading->cmd;
    pv_consent_source_t *declared = reading->declared;
    apr_size_t len = strcspn(value, ",");

    if (pv_lifetime_parse(value, len, &declared->refresh) != PV_OK) {
        return privacy_arg_error(cmd, "refresh=%s: lifetime '%.*s' must be " PV_LIFETIME_SYNTAX,
                                 value, (int)len, value);
    }
    if (declared->refresh == PV_LIFETIME_SESSION || declared->refresh == PV_LIFETIME_ANY) {
        return privacy_arg_error(cmd,
                                 "refresh=%s: '%.*s' is no lifetime that a cookie can be given",
                                 value, (int)len, value);
    }
    if (value[len] == '\0') {
        return NULL;
    }
    declared->refresh_domain = privacy_arg_domain(cmd, value + len + 1);
    return declared->refresh_domain
               ? NULL
               : privacy_arg_error(cmd, "refresh=%s: '%s' is not a domain name", value,
                                   value + len + 1);
}

/** vary=HEADER[,HEADER]... */
static const char *read_vary(const reading_t *reading, const char *value)
{
    char *last, *list = apr_pstrdup(reading->cmd->pool, value);

    for (char *name = apr_strtok(list, ",", &last); name; name = apr_strtok(NULL, ",", &last)) {
        for (const char *p = name; *p; p++) {
            if (!apr_isalnum(*p) && strchr("!#$%&'*+-.^_`|~", *p) == NULL) {
                return privacy_arg_error(reading->cmd, "vary=%s: '%s' is not the name of a header",
                                         value, name);
            }
        }
        APR_ARRAY_PUSH(reading->vary, const char *) = name;
    }
    return reading->vary->nelts ? NULL : privacy_arg_error(reading->cmd, "vary= names no header");
}

static const char *read_option(const reading_t *reading, int option, const char *value)
{
    const cmd_parms *cmd = reading->cmd;
    pv_consent_option_t *kept;
    const char *failure;

    if ((option == OPTION_VARY) != (reading->trial == NULL)) {
        return privacy_arg_error(
            cmd, "%s takes no %s=: %s", reading->declared->decl.name, options[option],
            reading->trial ? "it is expr that reads what the configuration says"
                           : "it has no cookie of its own");
    }
    if (option == OPTION_VARY) {
        return read_vary(reading, value);
    }
    if (option == OPTION_REFRESH) {
        return read_refresh(reading, value);
    }
    failure = pv_source_option(reading->trial, options[option], value, cmd->pool);
    kept = apr_array_push(reading->options);
    kept->name = options[option];
    kept->value = value;
    return failure ? privacy_arg_error(cmd, "%s", failure) : NULL;
}

/** CATEGORY=KEY... of a manager, or CATEGORY=EXPRESSION. */
static const char *read_map(const reading_t *reading, const char *category, const char *keys)
{
    cmd_parms *cmd = reading->cmd;
    const char *failure = NULL, *option;
    pv_consent_map_t *map;

    for (int i = 0; i < reading->maps->nelts; i++) {
        if (strcmp(APR_ARRAY_IDX(reading->maps, i, pv_consent_map_t).category, category) == 0) {
            return privacy_arg_error(cmd, "%s: %s is mapped twice", reading->declared->decl.name,
                                     category);
        }
    }
    if (reading->maps->nelts == PV_CATEGORIES_MAX) {
        return privacy_arg_error(cmd, "%s: more than %d categories", reading->declared->decl.name,
                                 PV_CATEGORIES_MAX);
    }
    map = apr_array_push(reading->maps);
    map->category = category;
    map->keys = keys;
    map->expr = NULL;
    if (reading->trial != NULL) {
        failure =
            pv_source_map(reading->trial, (unsigned)reading->maps->nelts - 1, keys, cmd->pool);
        option = failure ? pv_nearest(category, options) : NULL;
        return failure ? privacy_arg_error(cmd, "%s%s%s%s", failure,
                                           option ? "; did you mean the option " : "",
                                           option ? option : "", option ? "=?" : "")
                       : NULL;
    }
    map->expr = ap_expr_parse_cmd(cmd, keys, AP_EXPR_FLAG_DONT_VARY, &failure, NULL);
    return failure
               ? privacy_arg_error(cmd, EXPR ": %s: cannot parse '%s': %s", category, keys, failure)
               : NULL;
}

static const char *read_argument(const reading_t *reading, const char *word)
{
    const char *eq = ap_strchr_c(word, '=');
    const char *name;

    if (eq == NULL || eq == word || eq[1] == '\0') {
        return privacy_arg_error(reading->cmd, "%s: '%s' must be CATEGORY=KEY or option=value",
                                 reading->declared->decl.name, word);
    }
    name = apr_pstrmemdup(reading->cmd->pool, word, (apr_size_t)(eq - word));
    for (int i = 0; options[i] != NULL; i++) {
        if (strcmp(name, options[i]) == 0) {
            return read_option(reading, i, eq + 1);
        }
    }
    return read_map(reading, name, eq + 1);
}

/** The manager's own cookies, as look-ups know cookies. */
static const apr_array_header_t *own_cookies(const reading_t *reading)
{
    const cmd_parms *cmd = reading->cmd;
    apr_array_header_t *cookies = apr_array_make(cmd->pool, 4, sizeof(pv_cookie_t *));
    pv_span_t name;
    int prefix;

    for (unsigned i = 0; reading->trial && pv_source_cookie(reading->trial, i, &name, &prefix);
         i++) {
        pv_cookie_t *cookie = apr_pcalloc(cmd->pool, sizeof(*cookie));

        cookie->decl = reading->declared->decl;
        cookie->decl.name = apr_pstrcat(cmd->pool, apr_pstrmemdup(cmd->pool, name.ptr, name.len),
                                        prefix ? "*" : "", NULL);
        cookie->owner = PV_OWNER_SOURCE;
        cookie->pattern = prefix ? PV_PATTERN_GLOB : PV_PATTERN_EXACT;
        cookie->lifetime = PV_LIFETIME_ANY;
        cookie->lifetime_text = "any";
        cookie->provider = reading->declared->decl.name;
        cookie->category_index = -1;
        APR_ARRAY_PUSH(cookies, pv_cookie_t *) = cookie;
    }
    return cookies;
}

/** Begin to read a source of this name. */
static const char *begin(reading_t *reading, const char *name)
{
    const cmd_parms *cmd = reading->cmd;
    pv_consent_source_t *declared = apr_pcalloc(cmd->pool, sizeof(*declared));
    const char *nearest;

    declared->decl.name = name;
    declared->decl.file = cmd->directive->filename;
    declared->decl.line = cmd->directive->line_num;
    declared->maps = reading->maps = apr_array_make(cmd->pool, 4, sizeof(pv_consent_map_t));
    declared->options = reading->options =
        apr_array_make(cmd->pool, 2, sizeof(pv_consent_option_t));
    declared->vary = reading->vary = apr_array_make(cmd->pool, 1, sizeof(const char *));
    reading->declared = declared;
    if (strcmp(name, EXPR) == 0) {
        return NULL;
    }
    reading->trial = pv_source_make(name, cmd->pool);
    if (reading->trial != NULL) {
        return NULL;
    }
    nearest = pv_source_nearest(name, cmd->temp_pool);
    return privacy_arg_error(cmd, "source '%s' must be one of %s, " EXPR "%s%s%s", name,
                             pv_source_names(cmd->temp_pool), nearest ? "; did you mean '" : "",
                             nearest ? nearest : "", nearest ? "'?" : "");
}

const char *privacy_cmd_consent_source(cmd_parms *cmd, void *dir, const char *args)
{
    privacy_server_t *server = privacy_server_config(cmd->server);
    reading_t reading = { .cmd = cmd };
    const char *name = next_word(cmd->pool, &args);
    const char *failure;

    (void)dir;
    if (*name == '\0') {
        return privacy_arg_error(cmd, "takes SOURCE CATEGORY=KEY... [option=value...]");
    }
    failure = begin(&reading, name);
    while (failure == NULL && args[strspn(args, " \t\r\n")] != '\0') {
        failure = read_argument(&reading, next_word(cmd->pool, &args));
    }
    if (failure != NULL) {
        return failure;
    }
    if (reading.trial != NULL &&
        (failure = pv_source_finish(reading.trial, 0, cmd->pool)) != NULL) {
        return privacy_arg_error(cmd, "%s", failure);
    }
    if (reading.maps->nelts == 0) {
        return privacy_arg_error(cmd, EXPR ": no category is mapped (CATEGORY=EXPRESSION)");
    }
    reading.declared->cookies = own_cookies(&reading);
    server->declares = 1;
    pv_declared_add(server->declared, PV_LIST_SOURCE, &reading.declared->decl);
    return NULL;
}

const char *privacy_cmd_gpc_statement(cmd_parms *cmd, void *dir, const char *date)
{
    (void)dir;
    if (!privacy_wellknown_is_date(date)) {
        return privacy_arg_error(
            cmd, "'%s' must be a date of RFC 3339: 2026-11-23, or 2026-11-23T12:00:00Z", date);
    }
    privacy_server_config(cmd->server)->gpc_statement = date;
    privacy_hooks_need(PRIVACY_HOOKS_REQUEST, cmd->pool);
    return NULL;
}
