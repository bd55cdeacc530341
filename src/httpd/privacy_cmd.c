/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/*
 * The directives' setters. What one directive alone can tell is checked here, and
 * httpd names file and line; what needs another declaration is checked in
 * privacy_check.c.
 */

#include "httpd/privacy_config.h"

#include <apr_lib.h>
#include <apr_strings.h>

#include "cookie/pv_lifetime.h"
#include "httpd/privacy_log.h"
#include "policy/pv_nearest.h"

#define TOKEN_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~"

/** An error: "DIRECTIVE ...". */
static const char *error(const cmd_parms *cmd, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static const char *error(const cmd_parms *cmd, const char *format, ...)
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

/** A word's place in a list that ends with NULL; on error -1 and its text. */
static int read_word(const cmd_parms *cmd, const char *what, const char *word,
                     const char *const *words, const char **failure)
{
    const char *nearest;

    for (int i = 0; words[i] != NULL; i++) {
        if (strcmp(word, words[i]) == 0) {
            return i;
        }
    }
    nearest = pv_nearest(word, words);
    *failure =
        error(cmd, "%s '%s' must be %s%s%s%s", what, word, words_text(words, cmd->pool),
              nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
    return -1;
}

/** An option KEY=VALUE, or a KEY alone, of a list of keys; -1 and a text if unknown. */
static int read_option(const cmd_parms *cmd, const char *arg, const char *const *keys,
                       const char **value, const char **failure)
{
    const char *eq = ap_strchr_c(arg, '=');
    apr_size_t len = eq ? (apr_size_t)(eq - arg) + 1 : strlen(arg);
    const char *key = apr_pstrmemdup(cmd->temp_pool, arg, len);

    *value = eq ? eq + 1 : "";
    return read_word(cmd, "option", key, keys, failure);
}

static const char *read_lifetime(const cmd_parms *cmd, const char *text, apr_int64_t *seconds)
{
    if (pv_lifetime_parse(text, strlen(text), seconds) != PV_OK) {
        return error(cmd, "lifetime '%s' must be " PV_LIFETIME_SYNTAX, text);
    }
    return NULL;
}

/** A lifetime that the module itself has to write. */
static const char *read_own_lifetime(const cmd_parms *cmd, const char *text, apr_int64_t *seconds)
{
    const char *failure = read_lifetime(cmd, text, seconds);

    if (failure == NULL && *seconds == PV_LIFETIME_ANY) {
        return error(cmd, "lifetime 'any' is no lifetime for a cookie that the module sets");
    }
    return failure;
}

/** The name of a cookie that the module itself sets. */
static const char *check_own_name(const cmd_parms *cmd, const char *name)
{
    if (*name == '\0' || strspn(name, TOKEN_CHARS) != strlen(name)) {
        return error(cmd,
                     "cookie name '%s' must be a token of RFC 9110: letters, digits and "
                     "!#$%%&'*+-.^_`|~",
                     name);
    }
    return NULL;
}

static const char *check_url(const cmd_parms *cmd, const char *option, const char *url)
{
    if (strncmp(url, "https://", 8) != 0 && strncmp(url, "http://", 7) != 0 && *url != '/') {
        return error(cmd, "%s'%s' must be a URL that begins with https://, http:// or /", option,
                     url);
    }
    return NULL;
}

/** A domain in lower case and without leading dot, or NULL. */
static const char *read_domain(const cmd_parms *cmd, const char *domain)
{
    char *lower = apr_pstrdup(cmd->pool, *domain == '.' ? domain + 1 : domain);

    ap_str_tolower(lower);
    if (*lower == '\0' || *lower == '.' ||
        strspn(lower, "abcdefghijklmnopqrstuvwxyz0123456789.-_") != strlen(lower)) {
        return NULL;
    }
    return lower;
}

static const char *check_path(const cmd_parms *cmd, const char *path)
{
    if (*path != '/') {
        return error(cmd, "path=%s must begin with /", path);
    }
    for (const char *p = path; *p; p++) {
        if (*p == ';' || apr_iscntrl(*p)) {
            return error(cmd, "path=%s must not contain ; or control characters", path);
        }
    }
    return NULL;
}

/** Notes that the server declares something. */
static privacy_server_t *declaring(const cmd_parms *cmd)
{
    privacy_server_t *server = privacy_server_config(cmd->server);

    server->declares = 1;
    return server;
}

/** Add a declaration with its place in the configuration. */
static const char *declare(const cmd_parms *cmd, pv_list_kind_t kind, pv_decl_t *decl)
{
    const pv_decl_t *before;

    decl->file = cmd->directive->filename;
    decl->line = cmd->directive->line_num;
    before = pv_declared_add(declaring(cmd)->declared, kind, decl);
    if (before != NULL) {
        return error(cmd, "%s: already declared on line %d of %s", decl->name, before->line,
                     before->file);
    }
    return NULL;
}

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
        return error(cmd, "takes NAME BASIS \"TITLE\" \"DESCRIPTION\" [denied=strip|session]");
    }
    category->decl.name = argv[0];
    category->title = argv[2];
    category->description = argv[3];
    if ((failure = pv_policy_name_error(argv[0])) != NULL) {
        return error(cmd, "%s: %s", argv[0], failure);
    }
    if ((basis = read_word(cmd, "BASIS", argv[1], bases, &failure)) < 0) {
        return failure;
    }
    category->basis = (pv_basis_t)basis;
    for (int i = 4; i < argc; i++) {
        const char *value;
        int what;

        if (read_option(cmd, argv[i], options, &value, &failure) < 0 ||
            (what = read_word(cmd, "denied=", value, denied, &failure)) < 0) {
            return failure;
        }
        category->denied_session = what;
    }
    return declare(cmd, PV_LIST_CATEGORY, &category->decl);
}

const char *privacy_cmd_provider(cmd_parms *cmd, void *dir, int argc, char *const argv[])
{
    static const char *const options[] = { "notice=", "optout=", NULL };
    pv_provider_t *provider = apr_pcalloc(cmd->pool, sizeof(*provider));
    const char *failure;

    (void)dir;
    if (argc < 2) {
        return error(cmd, "takes NAME \"TITLE\" [notice=URL] [optout=URL]");
    }
    provider->decl.name = argv[0];
    provider->title = argv[1];
    if (*argv[0] == '\0' || strspn(argv[0], TOKEN_CHARS) != strlen(argv[0])) {
        return error(cmd, "name '%s' must be one word of letters, digits and punctuation", argv[0]);
    }
    for (int i = 2; i < argc; i++) {
        const char *value;
        int option = read_option(cmd, argv[i], options, &value, &failure);

        if (option < 0 || (failure = check_url(cmd, options[option], value)) != NULL) {
            return failure;
        }
        *(option == 0 ? &provider->notice : &provider->optout) = value;
    }
    return declare(cmd, PV_LIST_PROVIDER, &provider->decl);
}

/** A regular expression, compiled for as long as the configuration lives. */
static const char *compile_regex(const cmd_parms *cmd, const char *source, void **compiled)
{
    ap_regex_t failed;
    char text[200];

    if (*source == '\0') {
        return error(cmd, "regular expression after ~ is empty");
    }
    *compiled = ap_pregcomp(cmd->pool, source, 0);
    if (*compiled == NULL) {
        ap_regerror(ap_regcomp(&failed, source, 0), &failed, text, sizeof(text));
        return error(cmd, "regular expression '%s' cannot be compiled: %s", source, text);
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
            return error(cmd,
                         "PATTERN '%s' can match no cookie: names hold no white space, no "
                         "control character, no = and no ;",
                         pattern);
        }
    }
    return *pattern ? NULL : error(cmd, "PATTERN must not be empty");
}

static const char *read_cookie_option(const cmd_parms *cmd, pv_cookie_t *cookie, const char *arg)
{
    static const char *const options[] = { "provider=", "path=", "domain=", "partitioned", NULL };
    const char *value, *failure;

    switch (read_option(cmd, arg, options, &value, &failure)) {
    case 0:
        cookie->provider = value;
        return NULL;
    case 1:
        cookie->path = value;
        return check_path(cmd, value);
    case 2:
        cookie->domain = read_domain(cmd, value);
        return cookie->domain ? NULL : error(cmd, "domain='%s' is not a domain name", value);
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
        return error(cmd, "takes PATTERN CATEGORY LIFETIME \"PURPOSE\" [provider=NAME] [path=PATH] "
                          "[domain=DOMAIN] [partitioned]");
    }
    cookie->decl.name = argv[0];
    cookie->category = argv[1];
    cookie->lifetime_text = argv[2];
    cookie->purpose = argv[3];
    if ((failure = read_pattern(cmd, cookie)) != NULL ||
        (failure = read_lifetime(cmd, argv[2], &cookie->lifetime)) != NULL) {
        return failure;
    }
    for (int i = 4; i < argc; i++) {
        if ((failure = read_cookie_option(cmd, cookie, argv[i])) != NULL) {
            return failure;
        }
    }
    return declare(cmd, PV_LIST_COOKIE, &cookie->decl);
}

/** The one option of a tracker. */
static const char *read_provider_options(const cmd_parms *cmd, int argc, char *const argv[],
                                         const char **provider)
{
    static const char *const options[] = { "provider=", NULL };
    const char *failure = NULL;

    for (int i = 2; i < argc; i++) {
        if (read_option(cmd, argv[i], options, provider, &failure) < 0) {
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
        return error(cmd, "takes HOST[/PATH-PREFIX] CATEGORY [provider=NAME]");
    }
    tracker->decl.name = argv[0];
    tracker->category = argv[1];
    if (pv_tracker_parse(argv[0], strlen(argv[0]), &tracker->source, &failure, cmd->pool) !=
        PV_OK) {
        return error(cmd, "SOURCE '%s' must be " PV_TRACKER_SYNTAX ": %s", argv[0], failure);
    }
    if ((failure = read_provider_options(cmd, argc, argv, &tracker->provider)) != NULL) {
        return failure;
    }
    return declare(cmd, PV_LIST_TRACKER, &tracker->decl);
}

const char *privacy_cmd_inline_tracker(cmd_parms *cmd, void *dir, int argc, char *const argv[])
{
    pv_inline_tracker_t *tracker = apr_pcalloc(cmd->pool, sizeof(*tracker));
    const char *failure;

    (void)dir;
    if (argc < 2) {
        return error(cmd, "takes \"TEXT\" CATEGORY [provider=NAME]");
    }
    tracker->decl.name = argv[0];
    tracker->category = argv[1];
    if (*argv[0] == '\0') {
        return error(cmd, "TEXT must not be empty: every script would contain it");
    }
    if ((failure = read_provider_options(cmd, argc, argv, &tracker->provider)) != NULL) {
        return failure;
    }
    return declare(cmd, PV_LIST_INLINE_TRACKER, &tracker->decl);
}

const char *privacy_cmd_parameter(cmd_parms *cmd, void *dir, const char *name, const char *category)
{
    pv_cookie_t *parameter = apr_pcalloc(cmd->pool, sizeof(*parameter));

    (void)dir;
    parameter->decl.name = name;
    parameter->category = category;
    parameter->pattern = pv_pattern_kind(name);
    if (*name == '\0' || strpbrk(name, "&=#") != NULL) {
        return error(cmd, "NAME '%s' must be a parameter's name or a glob, without &, = and #",
                     name);
    }
    if (parameter->pattern == PV_PATTERN_REGEX) {
        parameter->pattern = PV_PATTERN_EXACT; /* ~ is a byte like others here */
    }
    return declare(cmd, PV_LIST_PARAMETER, &parameter->decl);
}

const char *privacy_cmd_undeclared(cmd_parms *cmd, void *dir, const char *arg)
{
    static const char *const words[] = { "pass", "strip", NULL };
    const char *failure;
    int word = read_word(cmd, "argument", arg, words, &failure);

    (void)dir;
    if (word < 0) {
        return failure;
    }
    declaring(cmd)->declared->undeclared = word == 0 ? PV_UNDECLARED_PASS : PV_UNDECLARED_STRIP;
    return NULL;
}

const char *privacy_cmd_lifetime(cmd_parms *cmd, void *dir, const char *arg)
{
    static const char *const words[] = { "cap", "strip", "pass", NULL };
    static const pv_excess_t excess[] = { PV_EXCESS_CAP, PV_EXCESS_STRIP, PV_EXCESS_PASS };
    const char *failure;
    int word = read_word(cmd, "argument", arg, words, &failure);

    (void)dir;
    if (word < 0) {
        return failure;
    }
    declaring(cmd)->declared->excess = excess[word];
    return NULL;
}

const char *privacy_cmd_policy_version(cmd_parms *cmd, void *dir, const char *arg)
{
    apr_size_t len = strlen(arg);

    (void)dir;
    if (len == 0 || len > 32 ||
        strspn(arg, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") != len) {
        return error(cmd, "'%s' must be 1 to 32 of letters, digits, . _ and -", arg);
    }
    declaring(cmd)->declared->version = arg;
    return NULL;
}

const char *privacy_cmd_message(cmd_parms *cmd, void *dir, int argc, char *const argv[])
{
    static const char *const options[] = { "until=", "cookie=", "lifetime=", NULL };
    static const char *const untils[] = { "seen", "dismissed", "choice", NULL };
    pv_message_t *message = apr_pcalloc(cmd->pool, sizeof(*message));
    const char *failure;

    (void)dir;
    if (argc < 1) {
        return error(cmd, "takes NAME [until=seen|dismissed|choice] [cookie=COOKIE] "
                          "[lifetime=LIFETIME]");
    }
    if ((failure = pv_policy_name_error(argv[0])) != NULL) {
        return error(cmd, "%s: %s", argv[0], failure);
    }
    message->decl.name = argv[0];
    message->cookie = apr_pstrcat(cmd->pool, "site_message_", argv[0], NULL);
    message->lifetime = PV_SECONDS_YEAR;
    for (int i = 1; i < argc; i++) {
        const char *value;
        int word;

        switch (read_option(cmd, argv[i], options, &value, &failure)) {
        case 0:
            word = read_word(cmd, "until=", value, untils, &failure);
            message->until = (pv_until_t)word;
            failure = word < 0 ? failure : NULL;
            break;
        case 1:
            message->cookie = value;
            failure = check_own_name(cmd, value);
            break;
        case 2:
            failure = read_own_lifetime(cmd, value, &message->lifetime);
            break;
        default:
            break;
        }
        if (failure != NULL) {
            return failure;
        }
    }
    return declare(cmd, PV_LIST_MESSAGE, &message->decl);
}

/** What the name of a cookie demands of its attributes (RFC 6265bis, section 4.1.3). */
static const char *check_prefix(const cmd_parms *cmd, const pv_consent_cookie_t *cookie)
{
    if (strncasecmp(cookie->decl.name, "__Host-", 7) == 0 && cookie->domain != NULL) {
        return error(cmd, "%s: a __Host- cookie cannot have domain=", cookie->decl.name);
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
        return error(cmd, "takes NAME [lifetime=LIFETIME] [domain=DOMAIN] "
                          "[samesite=Lax|Strict|None]");
    }
    cookie->decl.name = argv[0];
    cookie->decl.file = cmd->directive->filename;
    cookie->decl.line = cmd->directive->line_num;
    cookie->lifetime = 6 * PV_SECONDS_MONTH;
    cookie->samesite = "Lax";
    if ((failure = check_own_name(cmd, argv[0])) != NULL) {
        return failure;
    }
    for (int i = 1; i < argc; i++) {
        const char *value;
        int word;

        switch (read_option(cmd, argv[i], options, &value, &failure)) {
        case 0:
            failure = read_own_lifetime(cmd, value, &cookie->lifetime);
            break;
        case 1:
            cookie->domain = read_domain(cmd, value);
            failure = cookie->domain ? NULL : error(cmd, "domain='%s' is not a domain name", value);
            break;
        case 2:
            word = read_word(cmd, "samesite=", value, samesites, &failure);
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
    declaring(cmd)->declared->consent_cookie = cookie;
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
        return error(cmd, "takes gpc|dnt CATEGORY... [final]");
    }
    if ((kind = read_word(cmd, "signal", argv[0], kinds, &failure)) < 0) {
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
        return error(cmd, "%s: names no category", argv[0]);
    }
    signal->decl.name = argv[0];
    signal->kind = (pv_signal_kind_t)kind;
    signal->categories = categories;
    return declare(cmd, PV_LIST_SIGNAL, &signal->decl);
}

const char *privacy_cmd_engine(cmd_parms *cmd, void *dir, const char *arg)
{
    static const char *const words[] = { "off", "report", "on", NULL };
    privacy_setting_t *setting = dir;
    privacy_server_t *server = privacy_server_config(cmd->server);
    char *lower = apr_pstrdup(cmd->temp_pool, arg);
    const char *failure;
    int engine;

    ap_str_tolower(lower); /* as httpd's own flags are read */
    if ((engine = read_word(cmd, "argument", lower, words, &failure)) < 0) {
        return failure;
    }
    setting->engine = engine;
    if (cmd->path != NULL && engine > server->section_engine) {
        server->section_engine = engine;
    }
    return NULL;
}

const char *privacy_cmd_filter_request(cmd_parms *cmd, void *dir, int on)
{
    (void)cmd;
    ((privacy_setting_t *)dir)->filter_request = on;
    return NULL;
}

const char *privacy_cmd_expire(cmd_parms *cmd, void *dir, int on)
{
    (void)cmd;
    ((privacy_setting_t *)dir)->expire = on;
    return NULL;
}

const char *privacy_cmd_rewrite_html(cmd_parms *cmd, void *dir, int on)
{
    (void)cmd;
    ((privacy_setting_t *)dir)->rewrite_html = on;
    return NULL;
}
