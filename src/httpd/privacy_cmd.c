/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/*
 * The directives' setters. What one directive alone can tell is checked here, and
 * httpd names file and line; what needs another declaration is checked in
 * privacy_check.c.
 */

#include "httpd/privacy_arg.h"

#include <apr_lib.h>
#include <apr_strings.h>

#include "cookie/pv_lifetime.h"
#include "httpd/privacy_log.h"
#include "httpd/privacy_wellknown.h"
#include "policy/pv_nearest.h"

const char *privacy_cmd_category(cmd_parms *cmd, void *dir, int argc, char *const argv[])
{
    static const char *const bases[] = { "necessary", "opt-in", "opt-out", NULL };
    static const char *const options[] = { "denied=", NULL };
    static const char *const denied[] = { "strip", "session", NULL };
    pv_category_t *category = apr_pcalloc(cmd->pool, sizeof(*category));
    const char *failure;
    int basis;

    (void)dir;
    if (argc < 4) {
        return privacy_arg_error(
            cmd, "takes NAME BASIS \"TITLE\" \"DESCRIPTION\" [denied=strip|session]");
    }
    category->decl.name = argv[0];
    category->title = argv[2];
    category->description = argv[3];
    if ((failure = pv_policy_name_error(argv[0])) != NULL) {
        return privacy_arg_error(cmd, "%s: %s", argv[0], failure);
    }
    if ((basis = privacy_arg_word(cmd, "BASIS", argv[1], bases, &failure)) < 0) {
        return failure;
    }
    category->basis = (pv_basis_t)basis;
    for (int i = 4; i < argc; i++) {
        const char *value;
        int what;

        if (privacy_arg_option(cmd, argv[i], options, &value, &failure) < 0 ||
            (what = privacy_arg_word(cmd, "denied=", value, denied, &failure)) < 0) {
            return failure;
        }
        category->denied_session = what;
    }
    return privacy_arg_declare(cmd, PV_LIST_CATEGORY, &category->decl);
}

const char *privacy_cmd_provider(cmd_parms *cmd, void *dir, int argc, char *const argv[])
{
    static const char *const options[] = { "notice=", "optout=", NULL };
    pv_provider_t *provider = apr_pcalloc(cmd->pool, sizeof(*provider));
    const char *failure;

    (void)dir;
    if (argc < 2) {
        return privacy_arg_error(cmd, "takes NAME \"TITLE\" [notice=URL] [optout=URL]");
    }
    provider->decl.name = argv[0];
    provider->title = argv[1];
    if (*argv[0] == '\0' || strspn(argv[0], PRIVACY_TOKEN_CHARS) != strlen(argv[0])) {
        return privacy_arg_error(
            cmd, "name '%s' must be one word of letters, digits and punctuation", argv[0]);
    }
    for (int i = 2; i < argc; i++) {
        const char *value;
        int option = privacy_arg_option(cmd, argv[i], options, &value, &failure);

        if (option < 0 || (failure = privacy_arg_url(cmd, options[option], value)) != NULL) {
            return failure;
        }
        *(option == 0 ? &provider->notice : &provider->optout) = value;
    }
    return privacy_arg_declare(cmd, PV_LIST_PROVIDER, &provider->decl);
}

/** A regular expression, compiled for as long as the configuration lives. */
static const char *compile_regex(const cmd_parms *cmd, const char *source, void **compiled)
{
    ap_regex_t failed;
    char text[200];

    if (*source == '\0') {
        return privacy_arg_error(cmd, "regular expression after ~ is empty");
    }
    *compiled = ap_pregcomp(cmd->pool, source, 0);
    if (*compiled == NULL) {
        ap_regerror(ap_regcomp(&failed, source, 0), &failed, text, sizeof(text));
        return privacy_arg_error(cmd, "regular expression '%s' cannot be compiled: %s", source,
                                 text);
    }
    return NULL;
}

/** Sets what kind of pattern it is. */
static const char *read_pattern(const cmd_parms *cmd, pv_cookie_t *cookie)
{
    const char *pattern = cookie->decl.name;

    cookie->pattern = pv_pattern_kind(pattern);
    if (cookie->pattern == PV_PATTERN_REGEX) {
        return compile_regex(cmd, pattern + 1, &cookie->regex);
    }
    for (const char *p = pattern; *p; p++) {
        if (*p == '=' || *p == ';' || apr_isspace(*p) || apr_iscntrl(*p)) {
            return privacy_arg_error(
                cmd,
                "PATTERN '%s' can match no cookie: names hold no white space, no "
                "control character, no = and no ;",
                pattern);
        }
    }
    return *pattern ? NULL : privacy_arg_error(cmd, "PATTERN must not be empty");
}

static const char *read_cookie_option(const cmd_parms *cmd, pv_cookie_t *cookie, const char *arg)
{
    static const char *const options[] = { "provider=", "path=", "domain=", "partitioned", NULL };
    const char *value, *failure;

    switch (privacy_arg_option(cmd, arg, options, &value, &failure)) {
    case 0:
        cookie->provider = value;
        return NULL;
    case 1:
        cookie->path = value;
        return privacy_arg_path(cmd, value);
    case 2:
        cookie->domain = privacy_arg_domain(cmd, value);
        return cookie->domain ? NULL
                              : privacy_arg_error(cmd, "domain='%s' is not a domain name", value);
    case 3:
        cookie->partitioned = 1;
        return NULL;
    default:
        return failure;
    }
}

const char *privacy_cmd_cookie(cmd_parms *cmd, void *dir, int argc, char *const argv[])
{
    pv_cookie_t *cookie = apr_pcalloc(cmd->pool, sizeof(*cookie));
    const char *failure;

    (void)dir;
    if (argc < 4) {
        return privacy_arg_error(
            cmd, "takes PATTERN CATEGORY LIFETIME \"PURPOSE\" [provider=NAME] [path=PATH] "
                 "[domain=DOMAIN] [partitioned]");
    }
    cookie->decl.name = argv[0];
    cookie->category = argv[1];
    cookie->lifetime_text = argv[2];
    cookie->purpose = argv[3];
    if ((failure = read_pattern(cmd, cookie)) != NULL ||
        (failure = privacy_arg_lifetime(cmd, argv[2], &cookie->lifetime)) != NULL) {
        return failure;
    }
    for (int i = 4; i < argc; i++) {
        if ((failure = read_cookie_option(cmd, cookie, argv[i])) != NULL) {
            return failure;
        }
    }
    return privacy_arg_declare(cmd, PV_LIST_COOKIE, &cookie->decl);
}

/** The one option of a tracker. */
static const char *read_provider_options(const cmd_parms *cmd, int argc, char *const argv[],
                                         const char **provider)
{
    static const char *const options[] = { "provider=", NULL };
    const char *failure = NULL;

    for (int i = 2; i < argc; i++) {
        if (privacy_arg_option(cmd, argv[i], options, provider, &failure) < 0) {
            return failure;
        }
    }
    return NULL;
}

const char *privacy_cmd_tracker(cmd_parms *cmd, void *dir, int argc, char *const argv[])
{
    pv_source_tracker_t *tracker = apr_pcalloc(cmd->pool, sizeof(*tracker));
    const char *failure;

    (void)dir;
    if (argc < 2) {
        return privacy_arg_error(cmd, "takes HOST[/PATH-PREFIX] CATEGORY [provider=NAME]");
    }
    tracker->decl.name = argv[0];
    tracker->category = argv[1];
    if (pv_tracker_parse(argv[0], strlen(argv[0]), &tracker->source, &failure, cmd->pool) !=
        PV_OK) {
        return privacy_arg_error(cmd, "SOURCE '%s' must be " PV_TRACKER_SYNTAX ": %s", argv[0],
                                 failure);
    }
    if ((failure = read_provider_options(cmd, argc, argv, &tracker->provider)) != NULL) {
        return failure;
    }
    return privacy_arg_declare(cmd, PV_LIST_TRACKER, &tracker->decl);
}

const char *privacy_cmd_inline_tracker(cmd_parms *cmd, void *dir, int argc, char *const argv[])
{
    pv_inline_tracker_t *tracker = apr_pcalloc(cmd->pool, sizeof(*tracker));
    const char *failure;

    (void)dir;
    if (argc < 2) {
        return privacy_arg_error(cmd, "takes \"TEXT\" CATEGORY [provider=NAME]");
    }
    tracker->decl.name = argv[0];
    tracker->category = argv[1];
    if (*argv[0] == '\0') {
        return privacy_arg_error(cmd, "TEXT must not be empty: every script would contain it");
    }
    if ((failure = read_provider_options(cmd, argc, argv, &tracker->provider)) != NULL) {
        return failure;
    }
    return privacy_arg_declare(cmd, PV_LIST_INLINE_TRACKER, &tracker->decl);
}

const char *privacy_cmd_parameter(cmd_parms *cmd, void *dir, const char *name, const char *category)
{
    pv_cookie_t *parameter = apr_pcalloc(cmd->pool, sizeof(*parameter));

    (void)dir;
    parameter->decl.name = name;
    parameter->category = category;
    parameter->pattern = pv_pattern_kind(name);
    if (*name == '\0' || strpbrk(name, "&=#") != NULL) {
        return privacy_arg_error(
            cmd, "NAME '%s' must be a parameter's name or a glob, without &, = and #", name);
    }
    if (parameter->pattern == PV_PATTERN_REGEX) {
        return privacy_arg_error(
            cmd, "NAME '%s' must be a name or a glob: only PrivacyCookie takes regular expressions",
            name);
    }
    return privacy_arg_declare(cmd, PV_LIST_PARAMETER, &parameter->decl);
}

const char *privacy_cmd_undeclared(cmd_parms *cmd, void *dir, const char *arg)
{
    static const char *const words[] = { "pass", "strip", NULL };
    const char *failure;
    int word = privacy_arg_word(cmd, "argument", arg, words, &failure);

    (void)dir;
    if (word < 0) {
        return failure;
    }
    privacy_arg_server(cmd)->declared->undeclared =
        word == 0 ? PV_UNDECLARED_PASS : PV_UNDECLARED_STRIP;
    return NULL;
}

const char *privacy_cmd_lifetime(cmd_parms *cmd, void *dir, const char *arg)
{
    static const char *const words[] = { "cap", "strip", "pass", NULL };
    static const pv_excess_t excess[] = { PV_EXCESS_CAP, PV_EXCESS_STRIP, PV_EXCESS_PASS };
    const char *failure;
    int word = privacy_arg_word(cmd, "argument", arg, words, &failure);

    (void)dir;
    if (word < 0) {
        return failure;
    }
    privacy_arg_server(cmd)->declared->excess = excess[word];
    return NULL;
}

static int is_day(const char *text)
{
    return strlen(text) == 10 && privacy_wellknown_is_date(text);
}

const char *privacy_cmd_policy_version(cmd_parms *cmd, void *dir, const char *arg, const char *date)
{
    apr_size_t len = strlen(arg);

    (void)dir;
    if (len == 0 || len > 32 ||
        strspn(arg, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") != len) {
        return privacy_arg_error(cmd, "'%s' must be 1 to 32 of letters, digits, . _ and -", arg);
    }
    if (date != NULL && !is_day(date)) {
        return privacy_arg_error(cmd, "'%s' must be a date such as 2026-11-23", date);
    }
    privacy_arg_server(cmd)->declared->version = arg;
    privacy_arg_server(cmd)->declared->version_date = date ? date : is_day(arg) ? arg : NULL;
    return NULL;
}

/** What the name of a cookie demands of its attributes (RFC 6265bis, section 4.1.3). */
static const char *check_prefix(const cmd_parms *cmd, const pv_consent_cookie_t *cookie)
{
    if (strncasecmp(cookie->decl.name, "__Host-", 7) == 0 && cookie->domain != NULL) {
        return privacy_arg_error(cmd,
                                 "%s: a __Host- cookie cannot have domain=", cookie->decl.name);
    }
    return NULL;
}

const char *privacy_cmd_consent_cookie(cmd_parms *cmd, void *dir, int argc, char *const argv[])
{
    static const char *const options[] = { "lifetime=", "domain=", "samesite=", NULL };
    static const char *const samesites[] = { "Lax", "Strict", "None", NULL };
    pv_consent_cookie_t *cookie = apr_pcalloc(cmd->pool, sizeof(*cookie));
    const char *failure;

    (void)dir;
    if (argc < 1) {
        return privacy_arg_error(cmd, "takes NAME [lifetime=LIFETIME] [domain=DOMAIN] "
                                      "[samesite=Lax|Strict|None]");
    }
    cookie->decl.name = argv[0];
    cookie->decl.file = cmd->directive->filename;
    cookie->decl.line = cmd->directive->line_num;
    cookie->lifetime = 6 * PV_SECONDS_MONTH;
    cookie->samesite = "Lax";
    if ((failure = privacy_arg_cookie_name(cmd, argv[0])) != NULL) {
        return failure;
    }
    for (int i = 1; i < argc; i++) {
        const char *value;
        int word;

        switch (privacy_arg_option(cmd, argv[i], options, &value, &failure)) {
        case 0:
            failure = privacy_arg_own_lifetime(cmd, value, &cookie->lifetime);
            break;
        case 1:
            cookie->domain = privacy_arg_domain(cmd, value);
            failure = cookie->domain
                          ? NULL
                          : privacy_arg_error(cmd, "domain='%s' is not a domain name", value);
            break;
        case 2:
            word = privacy_arg_word(cmd, "samesite=", value, samesites, &failure);
            cookie->samesite = word < 0 ? NULL : samesites[word];
            failure = word < 0 ? failure : NULL;
            break;
        default:
            break;
        }
        if (failure != NULL) {
            return failure;
        }
    }
    if ((failure = check_prefix(cmd, cookie)) != NULL) {
        return failure;
    }
    privacy_arg_server(cmd)->declared->consent_cookie = cookie;
    return NULL;
}

const char *privacy_cmd_signal(cmd_parms *cmd, void *dir, int argc, char *const argv[])
{
    static const char *const kinds[] = { "gpc", "dnt", NULL };
    pv_signal_t *signal = apr_pcalloc(cmd->pool, sizeof(*signal));
    apr_array_header_t *categories = apr_array_make(cmd->pool, 2, sizeof(const char *));
    const char *failure;
    int kind;

    (void)dir;
    if (argc < 2) {
        return privacy_arg_error(cmd, "takes gpc|dnt CATEGORY... [final]");
    }
    if ((kind = privacy_arg_word(cmd, "signal", argv[0], kinds, &failure)) < 0) {
        return failure;
    }
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "final") == 0) {
            signal->final = 1;
        }
        else {
            APR_ARRAY_PUSH(categories, const char *) = argv[i];
        }
    }
    if (categories->nelts == 0) {
        return privacy_arg_error(cmd, "%s: names no category", argv[0]);
    }
    signal->decl.name = argv[0];
    signal->kind = (pv_signal_kind_t)kind;
    signal->categories = categories;
    return privacy_arg_declare(cmd, PV_LIST_SIGNAL, &signal->decl);
}

/** NULL, or why a directory's setting cannot stand here. AllowOverrideList would let it into
 *  an .htaccess, whose owner decides nothing, and which is read while requests run: too late
 *  for hooks. */
static const char *refuse_htaccess(const cmd_parms *cmd)
{
    return ap_check_cmd_context((cmd_parms *)cmd, NOT_IN_HTACCESS);
}

const char *privacy_cmd_engine(cmd_parms *cmd, void *dir, const char *arg)
{
    static const char *const words[] = { "off", "report", "on", NULL };
    privacy_dir_t *own = dir;
    privacy_server_t *server = privacy_server_config(cmd->server);
    char *lower = apr_pstrdup(cmd->temp_pool, arg);
    const char *failure = refuse_htaccess(cmd);
    int engine;

    if (failure != NULL) {
        return failure;
    }
    ap_str_tolower(lower); /* as httpd's own flags are read */
    if ((engine = privacy_arg_word(cmd, "argument", lower, words, &failure)) < 0) {
        return failure;
    }
    own->setting.engine = (unsigned char)engine;
    own->set.engine = 1;
    if (engine != PRIVACY_OFF) {
        privacy_hooks_need(PRIVACY_HOOKS_REQUEST, cmd->pool);
    }
    if (engine == PRIVACY_REPORT) {
        privacy_hooks_need(PRIVACY_HOOKS_REPORT, cmd->pool);
    }
    if (cmd->path != NULL && engine > server->section_engine) {
        server->section_engine = engine;
    }
    return NULL;
}

const char *privacy_cmd_filter_request(cmd_parms *cmd, void *dir, int on)
{
    privacy_dir_t *own = dir;

    own->setting.filter_request = on != 0;
    own->set.filter_request = 1;
    return refuse_htaccess(cmd);
}

const char *privacy_cmd_expire(cmd_parms *cmd, void *dir, int on)
{
    privacy_dir_t *own = dir;

    own->setting.expire = on != 0;
    own->set.expire = 1;
    return refuse_htaccess(cmd);
}

const char *privacy_cmd_rewrite_html(cmd_parms *cmd, void *dir, int on)
{
    privacy_dir_t *own = dir;

    own->setting.rewrite_html = on != 0;
    own->set.rewrite_html = 1;
    return refuse_htaccess(cmd);
}
