/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "page/pv_page.h"

#include <apr_file_io.h>
#include <apr_sha1.h>
#include <apr_strings.h>

#include "page/pv_shipped.h"

/** A template is written by hand; what is longer is something else. */
#define FILE_MAX (1024 * 1024)

static const pv_slot_t message_slots[PV_FILLS + 1] = {
    [PV_FILL_LANG] = { "lang", PV_SLOT_TEXT, 0, NULL },
    [PV_FILL_DIR] = { "dir", PV_SLOT_TEXT, 0, NULL },
    [PV_FILL_STYLE] = { "style", PV_SLOT_URL, 0, NULL },
    [PV_FILL_SCRIPT] = { "script", PV_SLOT_URL, 0, NULL },
    [PV_FILL_ACTION] = { "action", PV_SLOT_URL, 0, NULL },
    [PV_FILL_RETURN] = { "return", PV_SLOT_URL, 0, NULL },
    [PV_FILL_NOTICE] = { "notice", PV_SLOT_URL, 0, NULL },
    [PV_FILL_NAME] = { "name", PV_SLOT_TEXT, 0, NULL },
    [PV_FILL_CATEGORY] = { "category", PV_SLOT_TEXT, 0, NULL },
    [PV_FILL_PROVIDER] = { "provider", PV_SLOT_TEXT, 0, NULL },
};

static const pv_slot_t signal_slots[PV_SIGNAL_FILLS + 1] = {
    [PV_SIGNAL_FILL_GPC] = { "gpc", PV_SLOT_FLAG, 0, NULL },
    [PV_SIGNAL_FILL_DNT] = { "dnt", PV_SLOT_FLAG, 0, NULL },
    [PV_SIGNAL_FILL_CATEGORIES] = { "categories", PV_SLOT_TEXT, 0, NULL },
    [PV_SIGNAL_FILL_OUTWEIGHED] = { "outweighed", PV_SLOT_FLAG, 0, NULL },
};

static const pv_slot_t cookie_slots[PV_COOKIE_FILLS + 1] = {
    [PV_COOKIE_NAME] = { "cookie", PV_SLOT_TEXT, 1, NULL },
    [PV_COOKIE_LIFETIME] = { "lifetime", PV_SLOT_TEXT, 1, NULL },
    [PV_COOKIE_PURPOSE] = { "purpose", PV_SLOT_TEXT, 1, NULL },
    [PV_COOKIE_PROVIDER] = { "provider", PV_SLOT_TEXT, 1, NULL },
    [PV_COOKIE_NOTICE] = { "provider_notice", PV_SLOT_URL, 0, NULL },
    [PV_COOKIE_OPTOUT] = { "provider_optout", PV_SLOT_URL, 0, NULL },
    [PV_COOKIE_HELD] = { "held", PV_SLOT_FLAG, 0, NULL },
    [PV_COOKIE_HELD_NAMES] = { "held_names", PV_SLOT_TEXT, 0, NULL },
    [PV_COOKIE_FIRST] = { "first", PV_SLOT_FLAG, 0, NULL },
    [PV_COOKIE_LAST] = { "last", PV_SLOT_FLAG, 0, NULL },
};

static const pv_slot_t category_slots[PV_CATEGORY_FILLS + 1] = {
    [PV_CATEGORY_NAME] = { "name", PV_SLOT_TEXT, 1, NULL },
    [PV_CATEGORY_TITLE] = { "title", PV_SLOT_TEXT, 1, NULL },
    [PV_CATEGORY_DESCRIPTION] = { "description", PV_SLOT_TEXT, 1, NULL },
    [PV_CATEGORY_CHOICE] = { "choice", PV_SLOT_FLAG, 1, NULL },
    [PV_CATEGORY_GRANTED] = { "granted", PV_SLOT_FLAG, 1, NULL },
    [PV_CATEGORY_NECESSARY] = { "necessary", PV_SLOT_FLAG, 0, NULL },
    [PV_CATEGORY_SOURCE] = { "source", PV_SLOT_FLAG, 0, NULL },
    [PV_CATEGORY_FINAL] = { "final", PV_SLOT_FLAG, 0, NULL },
    [PV_CATEGORY_SIGNAL] = { "signal", PV_SLOT_FLAG, 0, NULL },
    [PV_CATEGORY_OPTOUT] = { "optout", PV_SLOT_FLAG, 0, NULL },
    [PV_CATEGORY_COOKIES] = { "cookies", PV_SLOT_LIST, 1, cookie_slots },
};

static const pv_slot_t page_slots[PV_PAGE_FILLS + 1] = {
    [PV_PAGE_LANG] = { "lang", PV_SLOT_TEXT, 1, NULL },
    [PV_PAGE_DIR] = { "dir", PV_SLOT_TEXT, 1, NULL },
    [PV_PAGE_POLICY_LANG] = { "policy_lang", PV_SLOT_TEXT, 0, NULL },
    [PV_PAGE_STYLE] = { "style", PV_SLOT_URL, 0, NULL },
    [PV_PAGE_ACTION] = { "action", PV_SLOT_URL, 1, NULL },
    [PV_PAGE_RETURN] = { "return", PV_SLOT_URL, 1, NULL },
    [PV_PAGE_NOTICE] = { "notice", PV_SLOT_URL, 0, NULL },
    [PV_PAGE_VERSION] = { "version", PV_SLOT_TEXT, 1, NULL },
    [PV_PAGE_DATE] = { "date", PV_SLOT_TEXT, 0, NULL },
    [PV_PAGE_DECIDED] = { "decided", PV_SLOT_TEXT, 0, NULL },
    [PV_PAGE_SAVED] = { "saved", PV_SLOT_FLAG, 0, NULL },
    [PV_PAGE_UNSAVED] = { "unsaved", PV_SLOT_FLAG, 0, NULL },
    [PV_PAGE_REPORT] = { "report", PV_SLOT_FLAG, 1, NULL },
    [PV_PAGE_SIGNALS] = { "signals", PV_SLOT_LIST, 0, signal_slots },
    [PV_PAGE_CATEGORIES] = { "categories", PV_SLOT_LIST, 1, category_slots },
    [PV_PAGE_OWN] = { "own", PV_SLOT_LIST, 0, cookie_slots },
};

/** What making works with. */
typedef struct {
    const pv_declared_t *declared;
    apr_array_header_t *problems;
    apr_sha1_ctx_t sha;
    apr_pool_t *pool;
} make_t;

/** A file that was found. */
typedef struct {
    const char *name; /**< for error messages */
    const char *text;
    apr_size_t len;
} source_t;

static int report(make_t *m, const char *file, int line, const char *text)
{
    pv_problem_t *problem = apr_array_push(m->problems);

    problem->file = file;
    problem->line = line;
    problem->fatal = 1;
    problem->text = text;
    return 0;
}

static int read_file(make_t *m, const char *path, source_t *source)
{
    apr_finfo_t info;
    apr_file_t *file;
    apr_size_t len;
    char *text;
    char why[120];
    apr_status_t status =
        apr_file_open(&file, path, APR_FOPEN_READ | APR_FOPEN_BINARY, APR_OS_DEFAULT, m->pool);

    if (status == APR_SUCCESS) {
        status = apr_file_info_get(&info, APR_FINFO_SIZE, file);
        if (status == APR_SUCCESS && info.size > FILE_MAX) {
            status = APR_ENOSPC;
        }
        if (status == APR_SUCCESS) {
            len = (apr_size_t)info.size;
            text = apr_pcalloc(m->pool, len + 1);
            status = len ? apr_file_read_full(file, text, len, NULL) : APR_SUCCESS;
            source->name = path;
            source->text = text;
            source->len = len;
        }
        apr_file_close(file);
    }
    if (status != APR_SUCCESS) {
        apr_strerror(status, why, sizeof(why));
        return report(m, NULL, 0, apr_psprintf(m->pool, "%s cannot be read: %s", path, why));
    }
    return 1;
}

static int exists(make_t *m, const char *path)
{
    apr_finfo_t info;

    return apr_stat(&info, path, APR_FINFO_TYPE, m->pool) == APR_SUCCESS;
}

/** Find a file by its name. @return 0 if it is nowhere, or cannot be read */
static int find(make_t *m, const char *name, source_t *source)
{
    const char *path = m->declared->templates
                           ? apr_pstrcat(m->pool, m->declared->templates, "/", name, NULL)
                           : NULL;

    source->name = NULL;
    if (*name == '/') {
        path = name;
    }
    if (path != NULL && exists(m, path)) {
        if (!read_file(m, path, source)) {
            return 0;
        }
    }
    for (const pv_shipped_t *s = pv_shipped; source->name == NULL && s->name != NULL; s++) {
        if (strcmp(s->name, name) == 0) {
            source->name = apr_pstrcat(m->pool, "the shipped ", name, NULL);
            source->text = s->text;
            source->len = s->len;
        }
    }
    if (source->name != NULL) {
        apr_sha1_update_binary(&m->sha, (const unsigned char *)source->text,
                               (unsigned)source->len + 1);
    }
    return source->name != NULL;
}

/** The tags whose texts are shipped. */
static const char *shipped_tags(apr_pool_t *pool)
{
    const char *tags = "";

    for (const pv_shipped_t *s = pv_shipped; s->name != NULL; s++) {
        if (strncmp(s->name, "words.", 6) == 0) {
            tags = apr_pstrcat(pool, tags, *tags ? ", " : "", s->name + 6, NULL);
        }
    }
    return tags;
}

static const pv_words_t *make_words(make_t *m, const char *tag)
{
    const pv_words_t *words;
    const char *error, *missing;
    source_t source;
    int line = 0;

    if (!find(m, apr_pstrcat(m->pool, "words.", tag, NULL), &source)) {
        report(m, NULL, 0,
               apr_psprintf(m->pool,
                            "PrivacyLanguage %s: there are no texts of this language: no file "
                            "words.%s%s%s, and shipped are %s",
                            tag, tag, m->declared->templates ? " in " : "",
                            m->declared->templates ? m->declared->templates : "",
                            shipped_tags(m->pool)));
        return NULL;
    }
    words = pv_words_read(tag, source.text, source.len, &line, &error, m->pool);
    if (words == NULL) {
        report(m, source.name, line, error);
        return NULL;
    }
    missing = pv_words_missing(words);
    if (missing != NULL) {
        report(m, source.name, line, apr_psprintf(m->pool, "there is no text '%s'", missing));
        return NULL;
    }
    return words;
}

/** Every template but the page's own stands in pages of others. */
static const pv_template_t *compile(make_t *m, const source_t *source, const pv_slot_t *slots,
                                    const pv_words_t *words)
{
    const char *error;
    int line;
    const pv_template_t *template = pv_template_compile(
        source->text, source->len, slots, words, slots != page_slots, &line, &error, m->pool);

    if (template == NULL) {
        report(m, source->name, line, error);
    }
    return template;
}

/** The same slots, some of them required. */
static const pv_slot_t *requiring(make_t *m, const int *required)
{
    pv_slot_t *slots = apr_pmemdup(m->pool, message_slots, sizeof(message_slots));

    for (; *required >= 0; required++) {
        slots[*required].required = 1;
    }
    return slots;
}

static const pv_template_t *make_shipped(make_t *m, const char *name, const pv_slot_t *slots,
                                         const pv_words_t *words)
{
    source_t source;

    return find(m, name, &source) ? compile(m, &source, slots, words) : NULL;
}

/** What a form that closes something needs. */
static const int closing[] = { PV_FILL_ACTION, PV_FILL_NAME, -1 };

/** A message's own template, in the language's version if there is one (FILE.TAG). */
static const pv_template_t *make_message(make_t *m, const pv_message_t *message,
                                         const pv_words_t *words)
{
    static const int none[] = { -1 };
    static const int choosing[] = { PV_FILL_ACTION, -1 };
    static const int *const required[] = { none, closing, choosing };
    const char *file = message->template_file;
    int problems = m->problems->nelts;
    source_t source;

    if (find(m, apr_pstrcat(m->pool, file, ".", words->tag, NULL), &source) ||
        (m->problems->nelts == problems && find(m, file, &source))) {
        return compile(m, &source, requiring(m, required[message->until]), words);
    }
    if (m->problems->nelts == problems) {
        report(m, message->decl.file, message->decl.line,
               apr_psprintf(m->pool, "PrivacyMessage %s: template=%s: there is no such file%s%s",
                            message->decl.name, file,
                            m->declared->templates ? " in " : ", and no PrivacyTemplates",
                            m->declared->templates ? m->declared->templates : ""));
    }
    return NULL;
}

static void make_edition(make_t *m, const char *tag, pv_edition_t *edition)
{
    static const int banner[] = { PV_FILL_ACTION, PV_FILL_RETURN, -1 };
    static const int placeholder[] = { PV_FILL_ACTION, PV_FILL_CATEGORY, -1 };
    const apr_array_header_t *messages = m->declared->list[PV_LIST_MESSAGE].all;
    const pv_words_t *words = make_words(m, tag);

    if (words == NULL) {
        return;
    }
    edition->words = words;
    edition->page = make_shipped(m, "page.html", page_slots, words);
    edition->banner = make_shipped(m, "banner.html", requiring(m, banner), words);
    edition->confirmation = make_shipped(m, "confirm.html", requiring(m, closing), words);
    edition->placeholder = make_shipped(m, "placeholder.html", requiring(m, placeholder), words);
    edition->messages =
        apr_pcalloc(m->pool, ((apr_size_t)messages->nelts + 1) * sizeof(*edition->messages));
    for (int i = 0; i < messages->nelts; i++) {
        const pv_message_t *message = APR_ARRAY_IDX(messages, i, const pv_message_t *);

        if (message->template_file != NULL) {
            edition->messages[i] = make_message(m, message, words);
        }
        else if (message->until == PV_UNTIL_CHOICE) {
            edition->messages[i] = edition->banner;
        }
    }
}

static const char *hex(const unsigned char *sum, int bytes, apr_pool_t *pool)
{
    static const char digits[] = "0123456789abcdef";
    char *text = apr_pcalloc(pool, (apr_size_t)bytes * 2 + 1);

    for (int i = 0; i < bytes; i++) {
        text[2 * i] = digits[sum[i] >> 4];
        text[2 * i + 1] = digits[sum[i] & 15];
    }
    return text;
}

static void make_asset(make_t *m, const char *file, const char *type, pv_asset_t *asset)
{
    unsigned char sum[APR_SHA1_DIGESTSIZE];
    const char *dot = strrchr(file, '.');
    apr_sha1_ctx_t sha;
    source_t source;

    if (!find(m, file, &source)) {
        return;
    }
    apr_sha1_init(&sha);
    apr_sha1_update_binary(&sha, (const unsigned char *)source.text, (unsigned)source.len);
    apr_sha1_final(sum, &sha);
    asset->name =
        apr_psprintf(m->pool, "%.*s-%s%s", (int)(dot - file), file, hex(sum, 8, m->pool), dot);
    asset->type = type;
    asset->text = source.text;
    asset->len = source.len;
}

const pv_page_t *pv_page_make(const pv_declared_t *declared, apr_array_header_t *problems,
                              apr_pool_t *pool)
{
    static const char *const fallback[] = { "en" };
    make_t m = { .declared = declared, .problems = problems, .pool = pool };
    pv_page_t *page = apr_pcalloc(pool, sizeof(*page));
    unsigned char sum[APR_SHA1_DIGESTSIZE];
    int problem_count = problems->nelts;
    pv_edition_t *editions;

    apr_sha1_init(&m.sha);
    page->path = declared->page ? declared->page->decl.name : "/privacy-preferences";
    page->languages =
        declared->languages ? (const char *const *)declared->languages->elts : fallback;
    page->language_count = declared->languages ? declared->languages->nelts : 1;
    editions = apr_pcalloc(pool, (apr_size_t)page->language_count * sizeof(*editions));
    for (int i = 0; i < page->language_count; i++) {
        make_edition(&m, page->languages[i], &editions[i]);
    }
    page->editions = editions;
    make_asset(&m, "style.css", "text/css; charset=utf-8", &page->style);
    make_asset(&m, "script.js", "text/javascript; charset=utf-8", &page->script);
    apr_sha1_final(sum, &m.sha);
    page->digest = hex(sum, APR_SHA1_DIGESTSIZE, pool);
    return problems->nelts == problem_count ? page : NULL;
}
