/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "httpd/privacy_arg.h"

#include <apr_lib.h>
#include <apr_strings.h>

#include "cookie/pv_lifetime.h"
#include "policy/pv_nearest.h"

const char *privacy_arg_error(const cmd_parms *cmd, const char *format, ...)
{
    va_list args;
    const char *text;

    va_start(args, format);
    text = apr_pvsprintf(cmd->pool, format, args);
    va_end(args);
    return apr_pstrcat(cmd->pool, cmd->cmd->name, " ", text, NULL);
}

/** The words of a list, for an error: "a, b or c". */
static const char *words_text(const char *const *words, apr_pool_t *pool)
{
    const char *text = words[0];

    for (int i = 1; words[i] != NULL; i++) {
        text = apr_pstrcat(pool, text, words[i + 1] ? ", " : " or ", words[i], NULL);
    }
    return text;
}

int privacy_arg_word(const cmd_parms *cmd, const char *what, const char *word,
                     const char *const *words, const char **failure)
{
    const char *nearest;

    for (int i = 0; words[i] != NULL; i++) {
        if (strcmp(word, words[i]) == 0) {
            return i;
        }
    }
    nearest = pv_nearest(word, words);
    *failure = privacy_arg_error(cmd, "%s '%s' must be %s%s%s%s", what, word,
                                 words_text(words, cmd->pool), nearest ? "; did you mean '" : "",
                                 nearest ? nearest : "", nearest ? "'?" : "");
    return -1;
}

int privacy_arg_option(const cmd_parms *cmd, const char *arg, const char *const *keys,
                       const char **value, const char **failure)
{
    const char *eq = ap_strchr_c(arg, '=');
    apr_size_t len = eq ? (apr_size_t)(eq - arg) + 1 : strlen(arg);
    const char *key = apr_pstrmemdup(cmd->temp_pool, arg, len);
    int place = privacy_arg_word(cmd, "option", key, keys, failure);

    *value = eq ? eq + 1 : "";
    if (place < 0 && eq == NULL && pv_nearest(key, keys) == NULL) {
        /* The second word of a TITLE or PURPOSE, most of the time. */
        *failure = apr_pstrcat(cmd->pool, *failure, "; a text of several words needs quotes", NULL);
    }
    return place;
}

const char *privacy_arg_lifetime(const cmd_parms *cmd, const char *text, apr_int64_t *seconds)
{
    if (pv_lifetime_parse(text, strlen(text), seconds) != PV_OK) {
        return privacy_arg_error(cmd, "lifetime '%s' must be " PV_LIFETIME_SYNTAX, text);
    }
    return NULL;
}

const char *privacy_arg_own_lifetime(const cmd_parms *cmd, const char *text, apr_int64_t *seconds)
{
    const char *failure = privacy_arg_lifetime(cmd, text, seconds);

    if (failure == NULL && *seconds == PV_LIFETIME_ANY) {
        return privacy_arg_error(cmd,
                                 "lifetime 'any' is no lifetime for a cookie that the module sets");
    }
    return failure;
}

const char *privacy_arg_cookie_name(const cmd_parms *cmd, const char *name)
{
    if (*name == '\0' || strspn(name, PRIVACY_TOKEN_CHARS) != strlen(name)) {
        return privacy_arg_error(
            cmd,
            "cookie name '%s' must be a token of RFC 9110: letters, digits and "
            "!#$%%&'*+-.^_`|~",
            name);
    }
    return NULL;
}

const char *privacy_arg_url(const cmd_parms *cmd, const char *option, const char *url)
{
    if (strncmp(url, "https://", 8) != 0 && strncmp(url, "http://", 7) != 0 && *url != '/') {
        return privacy_arg_error(
            cmd, "%s'%s' must be a URL that begins with https://, http:// or /", option, url);
    }
    return NULL;
}

const char *privacy_arg_domain(const cmd_parms *cmd, const char *domain)
{
    char *lower = apr_pstrdup(cmd->pool, *domain == '.' ? domain + 1 : domain);

    ap_str_tolower(lower);
    if (*lower == '\0' || *lower == '.' ||
        strspn(lower, "abcdefghijklmnopqrstuvwxyz0123456789.-_") != strlen(lower)) {
        return NULL;
    }
    return lower;
}

const char *privacy_arg_path(const cmd_parms *cmd, const char *path)
{
    if (*path != '/') {
        return privacy_arg_error(cmd, "path=%s must begin with /", path);
    }
    for (const char *p = path; *p; p++) {
        if (*p == ';' || apr_iscntrl(*p)) {
            return privacy_arg_error(cmd, "path=%s must not contain ; or control characters", path);
        }
    }
    return NULL;
}

privacy_server_t *privacy_arg_server(const cmd_parms *cmd)
{
    privacy_server_t *server = privacy_server_config(cmd->server);

    server->declares = 1;
    return server;
}

const char *privacy_arg_declare(const cmd_parms *cmd, pv_list_kind_t kind, pv_decl_t *decl)
{
    const pv_decl_t *before;

    decl->file = cmd->directive->filename;
    decl->line = cmd->directive->line_num;
    before = pv_declared_add(privacy_arg_server(cmd)->declared, kind, decl);
    if (before != NULL) {
        return privacy_arg_error(cmd, "%s: already declared on line %d of %s", decl->name,
                                 before->line, before->file);
    }
    return NULL;
}
