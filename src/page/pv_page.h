/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file pv_page.h
 * @brief What the module itself has to say, made ready when the configuration is
 *        read: templates compiled for each language, and the assets.
 *
 * A template, a file of words or an asset is the file of its name in the site's
 * directory (PrivacyTemplates) if there is one, else the shipped one.
 */

#ifndef PV_PAGE_H
#define PV_PAGE_H

#include "page/pv_template.h"
#include "policy/pv_policy.h"

/** A file that pages load from below PrivacyPage. */
typedef struct {
    const char *name; /**< below PrivacyPage; bears a digest of the content */
    const char *type; /**< media type */
    const char *text;
    apr_size_t len;
} pv_asset_t;

/** Everything in one language. */
typedef struct {
    const pv_words_t *words;
    const pv_template_t *page;
    const pv_template_t *banner;
    const pv_template_t *confirmation; /**< of a choice, where the banner was */
    const pv_template_t *placeholder;
    const pv_template_t **messages; /**< by message index; NULL: the site shows it itself */
} pv_edition_t;

/** All of it; immutable. */
typedef struct {
    const char *path;             /**< PrivacyPage */
    const char *const *languages; /**< as pv_policy_t has them */
    int language_count;
    const pv_edition_t *editions; /**< one for each language */
    pv_asset_t style;
    pv_asset_t script;
    const char *digest; /**< changes with any of it */
} pv_page_t;

/**
 * Make it from what is declared.
 * @param message_count the messages of declared, whose indices are their places
 * @param problems pv_problem_t, gets one for each thing that is wrong
 * @return NULL if something is
 */
const pv_page_t *pv_page_make(const pv_declared_t *declared, apr_array_header_t *problems,
                              apr_pool_t *pool);

/** A message's index by its place in the declarations: whether the module can show it
 *  in a page. */
static inline int pv_page_shows(const pv_page_t *page, int message)
{
    return page->editions[0].messages[message] != NULL;
}

/** The slots of each template, which pv_view.c fills; in messages, the banner and the
 *  placeholder they are the same. */
enum {
    PV_FILL_LANG,
    PV_FILL_DIR,
    PV_FILL_STYLE,
    PV_FILL_SCRIPT,
    PV_FILL_ACTION,
    PV_FILL_RETURN,
    PV_FILL_NOTICE,
    PV_FILL_NAME, /**< a message's, or the category's of what is held */
    PV_FILL_CATEGORY,
    PV_FILL_PROVIDER,
    PV_FILLS
};

enum {
    PV_PAGE_LANG,
    PV_PAGE_DIR,
    PV_PAGE_POLICY_LANG,
    PV_PAGE_STYLE,
    PV_PAGE_ACTION,
    PV_PAGE_RETURN,
    PV_PAGE_NOTICE,
    PV_PAGE_VERSION,
    PV_PAGE_DATE,
    PV_PAGE_DECIDED,
    PV_PAGE_SAVED,
    PV_PAGE_UNSAVED,
    PV_PAGE_REPORT,
    PV_PAGE_SIGNALS,
    PV_PAGE_CATEGORIES,
    PV_PAGE_OWN,
    PV_PAGE_FILLS
};

enum {
    PV_SIGNAL_FILL_GPC,
    PV_SIGNAL_FILL_DNT,
    PV_SIGNAL_FILL_CATEGORIES,
    PV_SIGNAL_FILL_OUTWEIGHED,
    PV_SIGNAL_FILLS
};

enum {
    PV_CATEGORY_NAME,
    PV_CATEGORY_TITLE,
    PV_CATEGORY_DESCRIPTION,
    PV_CATEGORY_CHOICE,
    PV_CATEGORY_GRANTED,
    PV_CATEGORY_NECESSARY,
    PV_CATEGORY_SOURCE,
    PV_CATEGORY_FINAL,
    PV_CATEGORY_SIGNAL,
    PV_CATEGORY_OPTOUT,
    PV_CATEGORY_COOKIES,
    PV_CATEGORY_FILLS
};

enum {
    PV_COOKIE_NAME,
    PV_COOKIE_LIFETIME,
    PV_COOKIE_PURPOSE,
    PV_COOKIE_PROVIDER,
    PV_COOKIE_NOTICE,
    PV_COOKIE_OPTOUT,
    PV_COOKIE_HELD,
    PV_COOKIE_HELD_NAMES,
    PV_COOKIE_FIRST,
    PV_COOKIE_LAST,
    PV_COOKIE_FILLS
};

#endif /* PV_PAGE_H */
