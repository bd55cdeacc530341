/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file pv_declare.h
 * @brief What the site declares: the members of a policy as the configuration
 *        names them, before they are checked and compiled (pv_policy.h).
 *
 * A declaration is made by whoever reads the configuration, on a pool that
 * outlives the policy. Its strings are never NULL unless said so.
 */

#ifndef PV_DECLARE_H
#define PV_DECLARE_H

#include <apr_pools.h>
#include <apr_tables.h>
#include <apr_hash.h>

#include "policy/pv_tracker.h"
#include "pv.h"

/** What every declaration begins with. */
typedef struct {
    const char *name; /**< unique in its list: the same name again replaces or is an error */
    const char *file; /**< where it stands; NULL if nowhere */
    int line;
    int inherited; /**< by a virtual host from the main server */
} pv_decl_t;

/** Whether the visitor is asked. */
typedef enum {
    PV_BASIS_NECESSARY, /**< always granted, not on offer */
    PV_BASIS_OPT_IN,    /**< denied until granted */
    PV_BASIS_OPT_OUT    /**< granted until denied */
} pv_basis_t;

/** PrivacyCategory */
typedef struct {
    pv_decl_t decl;
    const char *title;
    const char *description;
    pv_basis_t basis;
    int denied_session; /**< denied=session: a denied cookie lives as long as the browser */
} pv_category_t;

/** PrivacyProvider */
typedef struct {
    pv_decl_t decl;
    const char *title;
    const char *notice; /**< URL or NULL */
    const char *optout; /**< URL or NULL */
} pv_provider_t;

/** How a pattern is matched with a cookie-name. */
typedef enum {
    PV_PATTERN_EXACT,
    PV_PATTERN_GLOB, /**< `*` any bytes, `?` one */
    PV_PATTERN_REGEX /**< written with a leading `~` */
} pv_pattern_t;

/** Whose cookie it is. */
typedef enum {
    PV_OWNER_SITE = 0, /**< declared by PrivacyCookie */
    PV_OWNER_RECORD,   /**< the module's record of the visitor's choice */
    PV_OWNER_MESSAGE,  /**< the module's memory of a message shown */
    PV_OWNER_SOURCE    /**< a configured consent source's */
} pv_owner_t;

/** PrivacyCookie, and the module's own cookies in compiled form */
typedef struct pv_cookie_t {
    pv_decl_t decl; /**< name is the PATTERN as written */
    pv_owner_t owner;
    pv_pattern_t pattern;
    void *regex;               /**< compiled by whoever declares it; matched by pv_regex_match_t */
    const char *category;      /**< name; NULL for a cookie of the module's own */
    apr_int64_t lifetime;      /**< seconds, PV_LIFETIME_SESSION or PV_LIFETIME_ANY */
    const char *lifetime_text; /**< LIFETIME as written */
    const char *purpose;
    const char *provider; /**< name or NULL; of a source's cookie the source */
    const char *path;     /**< path a script sets it with, or NULL */
    const char *domain;   /**< domain a script sets it with, no leading dot, or NULL */
    int partitioned;
    /* set by compiling */
    int category_index;
    int plain;             /**< no path, domain or partition is declared */
    int plain_name;        /**< one name, which a Set-Cookie can have, without a prefix */
    apr_size_t prefix_len; /**< of a glob: its literal prefix */
} pv_cookie_t;

/** PrivacyTracker */
typedef struct {
    pv_decl_t decl;      /**< name is the SOURCE as written */
    pv_tracker_t source; /**< read; its owner is this declaration */
    const char *category;
    const char *provider; /**< name or NULL */
    int category_index;   /**< set by compiling */
} pv_source_tracker_t;

/** PrivacyInlineTracker */
typedef struct {
    pv_decl_t decl; /**< name is the TEXT */
    const char *category;
    const char *provider; /**< name or NULL */
    int category_index;   /**< set by compiling */
} pv_inline_tracker_t;

/** When a message stops. */
typedef enum {
    PV_UNTIL_SEEN,      /**< delivered once */
    PV_UNTIL_DISMISSED, /**< closed by the visitor */
    PV_UNTIL_CHOICE     /**< every category on offer decided */
} pv_until_t;

/** PrivacyMessage */
typedef struct {
    pv_decl_t decl;
    pv_until_t until;
    const char *cookie; /**< name of the cookie that remembers it */
    apr_int64_t lifetime;
    const char *template_file; /**< or NULL: the banner for PV_UNTIL_CHOICE, else nothing */
    const char *expr_text;     /**< expression that has to hold, as written, or NULL */
    const void *expr;          /**< compiled by whoever declares it */
    int index;                 /**< set by compiling */
} pv_message_t;

/** The browser signals that a policy may listen to. */
typedef enum { PV_SIGNAL_GPC = 0, PV_SIGNAL_DNT, PV_SIGNALS } pv_signal_kind_t;

/** PrivacySignal */
typedef struct {
    pv_decl_t decl; /**< name is the signal's */
    pv_signal_kind_t kind;
    const apr_array_header_t *categories; /**< const char *, names */
    int final;
} pv_signal_t;

/** A category as PrivacyConsentSource maps it. */
typedef struct {
    const char *category; /**< name */
    const char *keys;     /**< the manager's, as written; of `expr` the expression */
    void *expr;           /**< of `expr`: compiled by whoever declares it */
} pv_consent_map_t;

/** An option of PrivacyConsentSource that is the manager's to understand. */
typedef struct {
    const char *name;
    const char *value;
} pv_consent_option_t;

/** PrivacyConsentSource; what each means is known to consent/pv_source.h. */
typedef struct {
    pv_decl_t decl;                    /**< name is the manager's */
    const apr_array_header_t *maps;    /**< pv_consent_map_t */
    const apr_array_header_t *options; /**< pv_consent_option_t */
    apr_int64_t refresh;               /**< seconds, 0: not at all */
    const char *refresh_domain;        /**< NULL: host-only */
    const apr_array_header_t *vary;    /**< const char *: headers that an expression reads */
    const apr_array_header_t
        *cookies; /**< pv_cookie_t *: its own, PV_OWNER_SOURCE, names or globs */
} pv_consent_source_t;

/** PrivacyConsentCookie: where the visitor's choice is kept. */
typedef struct {
    pv_decl_t decl; /**< name is the cookie's */
    apr_int64_t lifetime;
    const char *domain;   /**< NULL: host-only */
    const char *samesite; /**< "Lax", "Strict" or "None" */
} pv_consent_cookie_t;

/** The keys of Google's Consent Mode v2, in the order in which they are told. */
typedef enum {
    PV_MODE_AD_STORAGE = 0,
    PV_MODE_AD_USER_DATA,
    PV_MODE_AD_PERSONALIZATION,
    PV_MODE_ANALYTICS_STORAGE,
    PV_MODE_FUNCTIONALITY_STORAGE,
    PV_MODE_PERSONALIZATION_STORAGE,
    PV_MODE_SECURITY_STORAGE,
    PV_MODE_KEYS
} pv_mode_key_t;

/** Their names, and a NULL behind them. */
extern const char *const pv_mode_key_names[PV_MODE_KEYS + 1];

/** One CATEGORY=KEY,... of PrivacyConsentMode. */
typedef struct {
    const char *category; /**< name */
    unsigned keys;        /**< bit n: the key n */
} pv_mode_mapping_t;

/** PrivacyConsentMode */
typedef struct {
    pv_decl_t decl;
    const apr_array_header_t *mappings; /**< pv_mode_mapping_t */
    int exempt;                         /**< Google's own tag scripts load in the denied state */
} pv_consent_mode_t;

/** PrivacyPage */
typedef struct {
    pv_decl_t decl;      /**< name is the path */
    int clear_site_data; /**< withdrawal clears all that the site keeps in the browser */
} pv_page_place_t;

/** The lists of a declared policy; those of one kind share a name space. */
typedef enum {
    PV_LIST_CATEGORY = 0,
    PV_LIST_PROVIDER,
    PV_LIST_COOKIE,
    PV_LIST_TRACKER,
    PV_LIST_INLINE_TRACKER,
    PV_LIST_PARAMETER, /**< pv_cookie_t, of which name, pattern and category are used */
    PV_LIST_MESSAGE,
    PV_LIST_SIGNAL,
    PV_LIST_SOURCE,
    PV_LISTS
} pv_list_kind_t;

/** What becomes of a Set-Cookie that no declaration matches. */
typedef enum { PV_UNDECLARED_UNSET = 0, PV_UNDECLARED_PASS, PV_UNDECLARED_STRIP } pv_undeclared_t;

/** What becomes of a granted cookie that asks for more than its LIFETIME. */
typedef enum { PV_EXCESS_UNSET = 0, PV_EXCESS_CAP, PV_EXCESS_STRIP, PV_EXCESS_PASS } pv_excess_t;

/** One kind's declarations, in order. */
typedef struct {
    apr_array_header_t *all; /**< pv_decl_t *: the kind's struct begins with it */
    apr_hash_t *by_name;     /**< name -> index in all, plus one, as a pointer */
} pv_list_t;

/** A policy as declared in one server, with or without what it inherits. */
typedef struct {
    pv_list_t list[PV_LISTS];
    pv_undeclared_t undeclared;
    pv_excess_t excess;
    const char *version;                       /**< NULL: unset */
    const char *version_date;                  /**< YYYY-MM-DD; NULL: it has none */
    const pv_consent_cookie_t *consent_cookie; /**< NULL: unset */
    const pv_page_place_t *page;               /**< NULL: unset */
    const char *notice;                        /**< URL; NULL: unset */
    const apr_array_header_t
        *languages;        /**< const char *, the first one the default; NULL: unset */
    const char *templates; /**< directory; NULL: unset */
    const pv_consent_mode_t *consent_mode; /**< NULL: unset */
    /** Set before compiling: changes with the templates and texts, so that the
     *  policy's digest does; NULL: there are none. */
    const char *texts_digest;
} pv_declared_t;

/** Nothing declared yet. */
pv_declared_t *pv_declared_make(apr_pool_t *pool);

/**
 * Declare one more. Signals and sources have no names of their own: all are kept.
 * @param decl the head of the kind's struct; kept, not copied
 * @return NULL, or the declaration of the same name that was there already
 */
const pv_decl_t *pv_declared_add(pv_declared_t *declared, pv_list_kind_t kind, pv_decl_t *decl);

/** The declaration of that name, or NULL. */
const pv_decl_t *pv_declared_find(const pv_declared_t *declared, pv_list_kind_t kind,
                                  const char *name);

/** The declared name of that kind nearest to a misspelt one, or NULL if none is near. */
const char *pv_declared_nearest(const pv_declared_t *declared, pv_list_kind_t kind,
                                const char *name, apr_pool_t *pool);

/**
 * What a virtual host has: the main server's declarations in their order, each
 * replaced in its place where the virtual host declares the same name, then its
 * own. One that declares any signal replaces the inherited signals, and likewise
 * sources.
 */
pv_declared_t *pv_declared_merge(const pv_declared_t *base, const pv_declared_t *add,
                                 apr_pool_t *pool);

#endif /* PV_DECLARE_H */
