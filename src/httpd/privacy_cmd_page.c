/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/*
 * The setters of what the module itself says: page, messages, texts, and what it
 * tells Google's tags.
 */

#include "httpd/privacy_arg.h"

#include <apr_strings.h>
#include <ap_expr.h>

#include "cookie/pv_lifetime.h"
#include "httpd/privacy_log.h"
#include "page/pv_text.h"
#include "page/pv_words.h"

const char *privacy_cmd_notice(cmd_parms *cmd, void *dir, const char *url)
{
    const char *failure = privacy_arg_url(cmd, "", url);

    (void)dir;
    if (failure == NULL && !pv_url_is_safe(pv_span(url, strlen(url)))) {
        failure = privacy_arg_error(cmd, "'%s' must not contain white space or begin with //", url);
    }
    privacy_arg_server(cmd)->declared->notice = url;
    return failure;
}

const char *privacy_cmd_language(cmd_parms *cmd, void *dir, int argc, char *const argv[])
{
    apr_array_header_t *languages = apr_array_make(cmd->pool, argc + 1, sizeof(const char *));

    (void)dir;
    if (argc < 1) {
        return privacy_arg_error(cmd, "takes TAG...");
    }
    for (int i = 0; i < argc; i++) {
        if (!pv_language_is_tag(argv[i])) {
            return privacy_arg_error(cmd, "'%s' must be a language tag such as en, cy or pt-BR",
                                     argv[i]);
        }
        for (int j = 0; j < i; j++) {
            if (ap_cstr_casecmp(argv[i], argv[j]) == 0) {
                return privacy_arg_error(cmd, "'%s' is there twice", argv[i]);
            }
        }
        APR_ARRAY_PUSH(languages, const char *) = argv[i];
    }
    privacy_arg_server(cmd)->declared->languages = languages;
    return NULL;
}

const char *privacy_cmd_templates(cmd_parms *cmd, void *dir, const char *arg)
{
    const char *path = ap_server_root_relative(cmd->pool, arg);
    apr_finfo_t info;

    (void)dir;
    if (path == NULL || apr_stat(&info, path, APR_FINFO_TYPE, cmd->temp_pool) != APR_SUCCESS ||
        info.filetype != APR_DIR) {
        return privacy_arg_error(cmd, "'%s' must be a directory; relative to ServerRoot it is %s",
                                 arg, path ? path : "invalid");
    }
    privacy_arg_server(cmd)->declared->templates = path;
    return NULL;
}

/** NULL, or why a path cannot be PrivacyPage's. */
static const char *check_page_path(const cmd_parms *cmd, const char *path)
{
    apr_size_t len = strlen(path);

    if (*path != '/' || len < 2 || path[len - 1] == '/' || strstr(path, "//") != NULL ||
        strstr(path, "/.") != NULL ||
        strspn(path + 1, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/") !=
            len - 1) {
        return privacy_arg_error(cmd,
                                 "path '%s' must begin with /, not end with it, and be of letters, "
                                 "digits and -._~/ alone",
                                 path);
    }
    return NULL;
}

const char *privacy_cmd_page(cmd_parms *cmd, void *dir, int argc, char *const argv[])
{
    static const char *const options[] = { "clear-site-data", NULL };
    pv_page_place_t *page = apr_pcalloc(cmd->pool, sizeof(*page));
    const char *failure;

    (void)dir;
    if (argc < 1) {
        return privacy_arg_error(cmd, "takes PATH [clear-site-data]");
    }
    if ((failure = check_page_path(cmd, argv[0])) != NULL) {
        return failure;
    }
    for (int i = 1; i < argc; i++) {
        const char *value;

        if (privacy_arg_option(cmd, argv[i], options, &value, &failure) < 0) {
            return failure;
        }
        page->clear_site_data = 1;
    }
    page->decl.name = argv[0];
    page->decl.file = cmd->directive->filename;
    page->decl.line = cmd->directive->line_num;
    privacy_arg_server(cmd)->declared->page = page;
    return NULL;
}

static const char *read_expr(const cmd_parms *cmd, pv_message_t *message, const char *text)
{
    const char *failure = NULL;

    /* Variables of a request as it is read; Vary is Privacy-Messages' to say. */
    message->expr_text = text;
    message->expr = ap_expr_parse_cmd(cmd, text, AP_EXPR_FLAG_DONT_VARY, &failure, NULL);
    return failure ? privacy_arg_error(cmd, "expr='%s' cannot be parsed: %s", text, failure) : NULL;
}

static const char *read_message_option(const cmd_parms *cmd, pv_message_t *message, const char *arg)
{
    static const char *const options[] = { "until=",    "cookie=", "lifetime=",
                                           "template=", "expr=",   NULL };
    static const char *const untils[] = { "seen", "dismissed", "choice", NULL };
    const char *value, *failure;
    int word;

    switch (privacy_arg_option(cmd, arg, options, &value, &failure)) {
    case 0:
        word = privacy_arg_word(cmd, "until=", value, untils, &failure);
        message->until = (pv_until_t)word;
        return word < 0 ? failure : NULL;
    case 1:
        message->cookie = value;
        return privacy_arg_cookie_name(cmd, value);
    case 2:
        return privacy_arg_own_lifetime(cmd, value, &message->lifetime);
    case 3:
        message->template_file = value;
        return *value ? NULL : privacy_arg_error(cmd, "template= must name a file");
    case 4:
        return read_expr(cmd, message, value);
    default:
        return failure;
    }
}

const char *privacy_cmd_message(cmd_parms *cmd, void *dir, int argc, char *const argv[])
{
    pv_message_t *message = apr_pcalloc(cmd->pool, sizeof(*message));
    const char *failure;

    (void)dir;
    if (argc < 1) {
        return privacy_arg_error(cmd, "takes NAME [until=seen|dismissed|choice] [cookie=COOKIE] "
                                      "[lifetime=LIFETIME] [template=FILE] [expr=EXPR]");
    }
    if ((failure = pv_policy_name_error(argv[0])) != NULL) {
        return privacy_arg_error(cmd, "%s: %s", argv[0], failure);
    }
    message->decl.name = argv[0];
    message->cookie = apr_pstrcat(cmd->pool, "site_message_", argv[0], NULL);
    message->lifetime = PV_SECONDS_YEAR;
    for (int i = 1; i < argc; i++) {
        if ((failure = read_message_option(cmd, message, argv[i])) != NULL) {
            return failure;
        }
    }
    return privacy_arg_declare(cmd, PV_LIST_MESSAGE, &message->decl);
}

/** One CATEGORY=KEY[,KEY...]. */
static const char *read_mapping(const cmd_parms *cmd, const char *arg, pv_mode_mapping_t *mapping)
{
    const char *eq = ap_strchr_c(arg, '=');
    const char *failure;
    char *key, *last;

    if (eq == NULL || eq == arg || eq[1] == '\0') {
        return privacy_arg_error(cmd, "'%s' must be CATEGORY=KEY[,KEY...] or exempt", arg);
    }
    mapping->category = apr_pstrmemdup(cmd->pool, arg, (apr_size_t)(eq - arg));
    mapping->keys = 0;
    for (key = apr_strtok(apr_pstrdup(cmd->temp_pool, eq + 1), ",", &last); key != NULL;
         key = apr_strtok(NULL, ",", &last)) {
        int word = privacy_arg_word(cmd, "key", key, pv_mode_key_names, &failure);

        if (word < 0) {
            return failure;
        }
        if (word == PV_MODE_SECURITY_STORAGE) {
            return privacy_arg_error(cmd, "security_storage is always granted, and not mapped");
        }
        mapping->keys |= 1u << word;
    }
    return NULL;
}

const char *privacy_cmd_consent_mode(cmd_parms *cmd, void *dir, int argc, char *const argv[])
{
    const pv_consent_mode_t *before = privacy_arg_server(cmd)->declared->consent_mode;
    pv_consent_mode_t *mode = apr_pcalloc(cmd->pool, sizeof(*mode));
    apr_array_header_t *mappings = apr_array_make(cmd->pool, argc + 1, sizeof(pv_mode_mapping_t));
    const char *failure;

    (void)dir;
    if (before != NULL) {
        return privacy_arg_error(cmd, "already declared on line %d of %s", before->decl.line,
                                 before->decl.file);
    }
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "exempt") == 0) {
            mode->exempt = 1;
        }
        else if ((failure = read_mapping(cmd, argv[i], apr_array_push(mappings))) != NULL) {
            return failure;
        }
    }
    if (mappings->nelts == 0) {
        return privacy_arg_error(cmd, "takes CATEGORY=KEY[,KEY...]... [exempt]");
    }
    mode->decl.name = "gtag";
    mode->decl.file = cmd->directive->filename;
    mode->decl.line = cmd->directive->line_num;
    mode->mappings = mappings;
    privacy_arg_server(cmd)->declared->consent_mode = mode;
    return NULL;
}
