/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/*
 * The consent managers, one entry each: which cookies they keep, and how these
 * are read. docs/consent-sources.md says the same in words.
 */

#include "consent/pv_source_impl.h"

#define YES PV_ANSWER_GRANTED
#define NO  PV_ANSWER_DENIED
#define NIL PV_ANSWER_NOTHING

#define END_OF_WORDS                                                                               \
    {                                                                                              \
        NULL, PV_ANSWER_NOTHING                                                                    \
    }
#define END_OF_RULES                                                                               \
    {                                                                                              \
        .marks = PV_RULES_END                                                                      \
    }

static const pv_word_t allow_deny[] = { { "allow", YES }, { "deny", NO }, END_OF_WORDS };

static const pv_word_t yes_no[] = { { "yes", YES }, { "no", NO }, END_OF_WORDS };

static const pv_word_t true_false[] = { { "true", YES }, { "false", NO }, END_OF_WORDS };

/* Words of a gate: they say that there was an answer, whatever it was. */
static const pv_word_t gate_true[] = { { "true", YES }, { "false", NIL }, END_OF_WORDS };
static const pv_word_t gate_yes_no[] = { { "yes", YES }, { "no", YES }, END_OF_WORDS };

/* Cookiebot: {stamp:'…',necessary:true,…,method:'explicit',…} */
static const pv_word_t cookiebot_method[] = { { "explicit", YES },
                                              { "implied", PV_ANSWER_NOT_APPLICABLE },
                                              END_OF_WORDS };
static const pv_word_t cookiebot_stamp[] = { { "-1", PV_ANSWER_NOT_APPLICABLE }, END_OF_WORDS };
static const pv_rule_t cookiebot_rules[] = {
    { .means = PV_RULE_BOOL },
    { .member = "necessary", .means = PV_RULE_TRUE, .marks = 1 },
    { .member = "stamp", .means = PV_RULE_CHOICE, .words = cookiebot_stamp },
    { .member = "method", .means = PV_RULE_CHOICE, .words = cookiebot_method },
    END_OF_RULES
};
static const pv_rules_t cookiebot = { .rules = cookiebot_rules, .need = { 1 } };

static const pv_pairs_t cookieyes = {
    .between = ",", .equals = ':', .words = yes_no, .gate = "action"
};

static const pv_word_t osano[] = { { "allow", YES }, { "deny", NO }, { "dismiss", NIL },
                                   { "ALLOW", YES }, { "DENY", NO }, { "DISMISS", NIL },
                                   END_OF_WORDS };

/* orestbida/cookieconsent: version 3 proves itself by id and times, version 2 by
 * its list `level`, of which `categories` is a copy where it is there. */
static const pv_rule_t orestbida_rules[] = {
    { .path = { "categories" }, .means = PV_RULE_LISTED, .marks = 1 },
    { .path = { "level" }, .means = PV_RULE_LISTED, .marks = 16 },
    { .member = "consentId", .means = PV_RULE_TEXT, .marks = 2 },
    { .member = "consentTimestamp", .means = PV_RULE_TEXT, .marks = 4 },
    { .member = "lastConsentTimestamp", .means = PV_RULE_TEXT, .marks = 8 },
    END_OF_RULES
};
static const pv_rules_t orestbida = { .rules = orestbida_rules, .need = { 1 | 2 | 4 | 8, 16 } };

/* One object, its members true or false: Klaro, GOV.UK, CookieFirst. */
static const pv_rule_t bool_rules[] = { { .means = PV_RULE_BOOL }, END_OF_RULES };
static const pv_rules_t bools = { .rules = bool_rules };

static const pv_word_t tarteaucitron_words[] = {
    { "true", YES }, { "false", NO }, { "wait", NIL }, END_OF_WORDS
};
static const pv_pairs_t tarteaucitron = {
    .lead = '!', .between = "!", .equals = '=', .words = tarteaucitron_words
};

static const pv_rule_t nhsuk_rules[] = {
    { .means = PV_RULE_BOOL },
    { .member = "consented", .means = PV_RULE_TRUE, .marks = 1 },
    END_OF_RULES
};
static const pv_rules_t nhsuk = { .rules = nhsuk_rules, .need = { 1 }, .by_choice = 1 };

static const pv_pairs_t django = { .between = "|", .equals = '=', .by_choice = 1 };

static const pv_rule_t didomi_rules[] = {
    { .path = { "purposes", "enabled" }, .means = PV_RULE_GRANTED },
    { .path = { "purposes", "disabled" }, .means = PV_RULE_DENIED },
    { .path = { "vendors", "enabled" }, .means = PV_RULE_GRANTED, .prefix = "vendor:" },
    { .path = { "vendors", "disabled" }, .means = PV_RULE_DENIED, .prefix = "vendor:" },
    END_OF_RULES
};
static const pv_rules_t didomi = { .rules = didomi_rules };

static const pv_rule_t iubenda_rules[] = { { .path = { "purposes" }, .means = PV_RULE_BOOL },
                                           { .member = "consent", .means = PV_RULE_ALL },
                                           END_OF_RULES };
static const pv_rules_t iubenda = { .rules = iubenda_rules };

/* Axeptio: older cookies name vendors here too; an answer is `$$completed`. */
static const pv_rule_t axeptio_rules[] = {
    { .means = PV_RULE_BOOL },
    { .member = "$$completed", .means = PV_RULE_TRUE, .marks = 1 },
    END_OF_RULES
};
static const pv_rules_t axeptio = { .rules = axeptio_rules, .need = { 1 }, .by_choice = 1 };

static const pv_rule_t borlabs_rules[] = { { .path = { "consents" }, .means = PV_RULE_FILLED },
                                           END_OF_RULES };
static const pv_rules_t borlabs = { .rules = borlabs_rules };

static const pv_word_t drupal_words[] = { { "0", NO }, { "1", YES }, { "2", YES }, END_OF_WORDS };
static const pv_rule_t drupal_rules[] = { { .means = PV_RULE_LISTED }, END_OF_RULES };
static const pv_rules_t drupal = { .rules = drupal_rules };

static const pv_pairs_t hubspot = { .between = "_,", .equals = ':', .words = true_false };
static const pv_word_t hubspot_optout[] = { { "yes", NO }, { "no", YES }, END_OF_WORDS };

static const pv_word_t cookie_script_action[] = { { "accept", YES },
                                                  { "reject", NO },
                                                  END_OF_WORDS };
static const pv_rule_t cookie_script_rules[] = {
    { .member = "action", .means = PV_RULE_VERDICT, .words = cookie_script_action, .marks = 1 },
    { .member = "categories", .means = PV_RULE_PACKED },
    END_OF_RULES
};
static const pv_rules_t cookie_script = { .rules = cookie_script_rules,
                                          .need = { 1 },
                                          .by_choice = 1 };

static const pv_rule_t cookie_information_rules[] = {
    { .path = { "consents_approved" }, .means = PV_RULE_LISTED, .marks = 1 }, END_OF_RULES
};
static const pv_rules_t cookie_information = { .rules = cookie_information_rules, .need = { 1 } };

static const pv_word_t civic_words[] = { { "accepted", YES }, { "revoked", NO }, END_OF_WORDS };
static const pv_rule_t civic_rules[] = {
    { .path = { "optionalCookies" }, .means = PV_RULE_WORD, .words = civic_words },
    { .member = "interactedWith", .means = PV_RULE_TRUE, .marks = 1 },
    END_OF_RULES
};
static const pv_rules_t civic = { .rules = civic_rules, .need = { 1 }, .by_choice = 1 };

/* Shopify: `purposes` is what applies, defaults included; what the visitor said
 * stands in `con`, empty where nothing was said. */
static const pv_word_t shopify_words[] = { { "1", YES }, { "0", NO }, { "", NIL }, END_OF_WORDS };
static const pv_rule_t shopify_rules[] = {
    { .path = { "purposes" }, .means = PV_RULE_BOOL },
    { .path = { "con", "CMP" }, .means = PV_RULE_WORD, .words = shopify_words },
    END_OF_RULES
};
static const pv_rules_t shopify = { .rules = shopify_rules };

static const pv_rule_t usprivacy_rules[] = {
    { .member = "uspString", .means = PV_RULE_USP, .marks = 1 }, END_OF_RULES
};
static const pv_rules_t usprivacy = { .rules = usprivacy_rules, .need = { 1 } };

#define WP_CATEGORIES "functional preferences statistics statistics-anonymous marketing"

const pv_kind_t pv_source_kinds[] = {
    { .name = "cookiebot",
      .flags = PV_KIND_ELSEWHERE,
      .keys = "necessary preferences statistics marketing",
      .slots = { { .name = "CookieConsent", .decode = pv_decode_cookiebot, .how = &cookiebot } } },
    { .name = "onetrust",
      .flags = PV_KIND_ANSWER,
      .slots = { { .name = "OptanonConsent", .decode = pv_decode_onetrust },
                 { .name = "OptanonAlertBoxClosed",
                   .flags = PV_SLOT_GATE | PV_SLOT_ANSWERED,
                   .decode = pv_decode_date } } },
    { .name = "cookieyes",
      .refused = "consentid consent action tax lastRenewedDate",
      .slots = { { .name = "cookieyes-consent", .decode = pv_decode_pairs, .how = &cookieyes } } },
    { .name = "cookie-law-info",
      .flags = PV_KIND_ANSWER,
      .slots = { { .name = "cookielawinfo-checkbox-",
                   .flags = PV_SLOT_PREFIX,
                   .decode = pv_decode_word,
                   .how = yes_no },
                 { .name = "viewed_cookie_policy",
                   .flags = PV_SLOT_GATE | PV_SLOT_ANSWERED,
                   .decode = pv_decode_word,
                   .how = gate_yes_no } } },
    { .name = "complianz",
      .keys = WP_CATEGORIES,
      .slots = { { .name = "cmplz_",
                   .flags = PV_SLOT_PREFIX,
                   .decode = pv_decode_word,
                   .how = allow_deny } } },
    { .name = "osano",
      .flags = PV_KIND_STAR,
      .slots = { { .name = "cookieconsent_status",
                   .flags = PV_SLOT_PREFIX,
                   .decode = pv_decode_word,
                   .how = osano } } },
    { .name = "cookieconsent",
      .slots = { { .name = "cc_cookie", .decode = pv_decode_rules, .how = &orestbida } } },
    { .name = "klaro", .slots = { { .name = "klaro", .decode = pv_decode_rules, .how = &bools } } },
    { .name = "tarteaucitron",
      .slots = { { .name = "tarteaucitron", .decode = pv_decode_pairs, .how = &tarteaucitron } } },
    { .name = "govuk",
      .flags = PV_KIND_ANSWER,
      .slots = { { .name = "cookies_policy", .decode = pv_decode_rules, .how = &bools },
                 { .name = "cookies_preferences_set",
                   .flags = PV_SLOT_GATE | PV_SLOT_ANSWERED,
                   .decode = pv_decode_word,
                   .how = gate_true } } },
    { .name = "nhsuk",
      .keys = "necessary preferences statistics marketing",
      .slots = { { .name = "nhsuk-cookie-consent", .decode = pv_decode_rules, .how = &nhsuk } } },
    { .name = "django",
      .slots = { { .name = "cookie_consent", .decode = pv_decode_pairs, .how = &django } } },
    { .name = "didomi",
      .slots = { { .name = "didomi_token", .decode = pv_decode_base64, .how = &didomi },
                 { .name = "didomi_dcs" } } },
    { .name = "iubenda",
      .flags = PV_KIND_STAR,
      .keys = "1 2 3 4 5",
      .slots = { { .name = "_iub_cs-",
                   .flags = PV_SLOT_DIGITS,
                   .decode = pv_decode_rules,
                   .how = &iubenda } } },
    { .name = "cookiefirst",
      .keys = "necessary performance functional advertising",
      .slots = { { .name = "cookiefirst-consent", .decode = pv_decode_rules, .how = &bools } } },
    { .name = "axeptio",
      .flags = PV_KIND_ANSWER,
      .slots = { { .name = "axeptio_cookies",
                   .flags = PV_SLOT_PARTIAL | PV_SLOT_ANSWERED,
                   .decode = pv_decode_rules,
                   .how = &axeptio },
                 { .name = "axeptio_authorized_vendors", .decode = pv_decode_commas },
                 { .name = "axeptio_all_vendors" } } },
    { .name = "borlabs",
      .slots = { { .name = "borlabs-cookie", .decode = pv_decode_rules, .how = &borlabs } } },
    { .name = "drupal",
      .flags = PV_KIND_STAR | PV_KIND_ANSWER,
      .slots = { { .name = "cookie-agreed",
                   .flags = PV_SLOT_STAR | PV_SLOT_DENIES | PV_SLOT_ANSWERED,
                   .decode = pv_decode_word,
                   .how = drupal_words },
                 { .name = "cookie-agreed-categories",
                   .flags = PV_SLOT_DERIVED | PV_SLOT_PARTIAL,
                   .decode = pv_decode_rules,
                   .how = &drupal },
                 { .name = "cookie-agreed-version", .flags = PV_SLOT_DERIVED } } },
    { .name = "matomo",
      .flags = PV_KIND_STAR | PV_KIND_STAR_ONLY,
      .slots = { { .name = "mtm_consent", .decode = pv_decode_digits },
                 { .name = "mtm_cookie_consent", .decode = pv_decode_digits },
                 { .name = "mtm_consent_removed", .decode = pv_decode_refusal } } },
    { .name = "hubspot",
      .flags = PV_KIND_STAR,
      .keys = "1 2 3",
      .slots = { { .name = "__hs_cookie_cat_pref",
                   .flags = PV_SLOT_PARTIAL,
                   .decode = pv_decode_pairs,
                   .how = &hubspot },
                 { .name = "__hs_opt_out",
                   .flags = PV_SLOT_STAR | PV_SLOT_DENIES,
                   .decode = pv_decode_word,
                   .how = hubspot_optout } } },
    { .name = "wp",
      .keys = WP_CATEGORIES,
      .slots = { { .name = "wp_consent_",
                   .flags = PV_SLOT_PREFIX,
                   .decode = pv_decode_word,
                   .how = allow_deny } } },
    { .name = "cookie-script",
      .flags = PV_KIND_STAR,
      .keys = "strict performance targeting functionality unclassified",
      .slots = { { .name = "CookieScriptConsent",
                   .decode = pv_decode_rules,
                   .how = &cookie_script } } },
    { .name = "cookie-information",
      .slots = { { .name = "CookieInformationConsent",
                   .decode = pv_decode_rules,
                   .how = &cookie_information } } },
    { .name = "civic",
      .slots = { { .name = "CookieControl", .decode = pv_decode_rules, .how = &civic } } },
    { .name = "trustarc",
      .keys = "1 2 3",
      .slots = { { .name = "cmapi_cookie_privacy", .decode = pv_decode_permit },
                 { .name = "notice_gdpr_prefs" } } },
    { .name = "shopify",
      .keys = "a p m",
      .slots = { { .name = "_tracking_consent", .decode = pv_decode_rules, .how = &shopify } } },
    { .name = "usprivacy",
      .flags = PV_KIND_STAR | PV_KIND_OPTOUTS | PV_KIND_ELSEWHERE,
      .keys = "sale",
      .slots = { { .name = "usprivacy", .decode = pv_decode_usprivacy, .how = &usprivacy } } },
    { .name = "gpp",
      .flags = PV_KIND_PURPOSES | PV_KIND_OPTOUTS | PV_KIND_ELSEWHERE,
      .keys = "sale sharing targeted",
      .slots = { { .name = "__gpp", .decode = pv_decode_gpp },
                 { .name = "gpp", .flags = PV_SLOT_OTHER, .decode = pv_decode_gpp },
                 { .name = "OTGPPConsent", .flags = PV_SLOT_OTHER, .decode = pv_decode_gpp } } },
    { .name = "tcf",
      .flags = PV_KIND_PURPOSES,
      .slots = { { .name = "euconsent-v2", .decode = pv_decode_tcf },
                 { .name = "eupubconsent-v2", .flags = PV_SLOT_OTHER, .decode = pv_decode_tcf } } },
    { .name = "json",
      .flags = PV_KIND_COOKIE | PV_KIND_STAR | PV_KIND_POINTERS,
      .slots = { { .name = "json", .decode = pv_decode_pointers } } },
    { .name = NULL }
};
