/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file pv_source_impl.h
 * @brief Inside pv_source: the table of managers, the decoders it names, and
 *        what passes between them. For src/consent/pv_source*.c, pv_decode_*.c
 *        and their tests alone.
 *
 * A manager is a table entry: its cookies (slots), each with the decoder that
 * reads it and that decoder's particulars. A decoder reads one value into a
 * pv_reading_t, a bit for each configured key; pv_source_read.c adds readings up.
 */

#ifndef PV_SOURCE_IMPL_H
#define PV_SOURCE_IMPL_H

#include "consent/pv_json.h"
#include "consent/pv_source.h"

/** A set of the source's keys: bit n is its key n. */
typedef apr_uint64_t pv_keys_t;

/** What one value says. A key that is in none of the sets is not spoken of. */
typedef struct {
    pv_keys_t granted;
    pv_keys_t denied;
    pv_keys_t doubt;          /**< spoken of, but neither way: outweighs a grant */
    pv_keys_t silent;         /**< nobody answered: neither grant nor refusal counts */
    pv_keys_t not_applicable; /**< the law does not apply */
    unsigned by_choice : 1;   /**< the value says that the visitor chose */
} pv_reading_t;

typedef struct pv_slot_t pv_slot_t;

/** What a decoder is given beside the value. */
typedef struct {
    const pv_source_t *source;
    const pv_slot_t *slot;
    pv_keys_t keys; /**< what an answer without a key is about */
    char *scratch;  /**< PV_SOURCE_VALUE_MAX bytes; the value may stand in them */
} pv_decoding_t;

/**
 * @return PV_OK if the value is of the format as it stands; anything else has it
 *         decoded once more, or drops it: reading then does not count
 */
typedef pv_status_t pv_decoder_t(const pv_decoding_t *d, pv_span_t value, pv_reading_t *reading);

enum {
    PV_SLOT_PREFIX = 1 << 0,   /**< name is a prefix, the rest is the key */
    PV_SLOT_DIGITS = 1 << 1,   /**< name is a prefix, the rest are digits */
    PV_SLOT_DERIVED = 1 << 2,  /**< cookie= replaces the name's beginning, too */
    PV_SLOT_STAR = 1 << 3,     /**< speaks of `*` alone */
    PV_SLOT_PARTIAL = 1 << 4,  /**< a key that is not mentioned is not spoken of */
    PV_SLOT_DENIES = 1 << 5,   /**< a refusal of `*` is one of every key */
    PV_SLOT_ANSWERED = 1 << 6, /**< a value that is not silent says that there was an answer */
    PV_SLOT_GATE = 1 << 7,     /**< and says nothing else */
    PV_SLOT_OTHER = 1 << 8     /**< another usual name: gone where cookie= names one */
};

/** One cookie, or the cookies that begin alike. */
struct pv_slot_t {
    const char *name; /**< NULL after the last */
    unsigned flags;
    pv_decoder_t *decode; /**< NULL: it is the manager's, but is not read */
    const void *how;      /**< the decoder's particulars */
};

#define PV_SLOTS 5

enum {
    PV_KIND_STAR = 1 << 0,      /**< takes `*` */
    PV_KIND_STAR_ONLY = 1 << 1, /**< takes nothing else */
    PV_KIND_COOKIE = 1 << 2,    /**< cookie= must be given */
    PV_KIND_ANSWER = 1 << 3,    /**< speaks only if a slot is PV_SLOT_ANSWERED */
    PV_KIND_PURPOSES = 1 << 4,  /**< numbers among the keys are TCF purposes; vendor= */
    PV_KIND_OPTOUTS = 1 << 5,   /**< keys that are no numbers are opt-outs */
    PV_KIND_ELSEWHERE = 1 << 6, /**< may say "not applicable" */
    PV_KIND_POINTERS = 1 << 7   /**< keys are JSON pointers */
};

/** A manager. */
typedef struct {
    const char *name;
    unsigned flags;
    const char *keys;    /**< all that it has, spaces between them; NULL if sites choose them */
    const char *refused; /**< names that are no keys of it, likewise, or NULL */
    pv_slot_t slots[PV_SLOTS + 1];
} pv_kind_t;

/** All managers; the last has no name. */
extern const pv_kind_t pv_source_kinds[];

/** A configured key. */
typedef struct {
    pv_span_t text;
    unsigned number;        /**< of a TCF purpose, else 0 */
    const pv_span_t *steps; /**< of a JSON pointer, unescaped */
    unsigned nsteps;
} pv_key_t;

/** A mapped category. */
typedef struct {
    apr_uint64_t bit;
    pv_keys_t keys;
    unsigned ungrantable : 1; /**< nothing that this source says can grant it */
} pv_mapped_t;

struct pv_source_t {
    const pv_kind_t *kind;
    pv_span_t names[PV_SLOTS]; /**< of the slots, cookie= applied */
    unsigned nslots;
    const char *cookie; /**< as given, or NULL */
    unsigned vendor;
    unsigned elsewhere_grants : 1; /**< not-applicable=grant */
    pv_refresh_t refresh;
    pv_key_t keys[PV_SOURCE_KEYS];
    unsigned nkeys;
    pv_keys_t all;  /**< every key */
    pv_keys_t star; /**< the key `*`, if it is mapped */
    pv_mapped_t mapped[64];
    unsigned nmapped;
};

/** Does a cookie of this name belong to the slot? Without read, siblings that the
 *  slot does not read but that are the manager's belong too. */
int pv_slot_matches(const pv_source_t *source, unsigned slot, pv_span_t name, int read);

/** The key of this text, as a set; empty if there is none. */
static inline pv_keys_t pv_source_key(const pv_source_t *source, pv_span_t text)
{
    for (unsigned i = 0; i < source->nkeys; i++) {
        if (pv_span_eq(source->keys[i].text, text)) {
            return (pv_keys_t)1 << i;
        }
    }
    return 0;
}

/** Enter an answer about these keys. */
static inline void pv_reading_add(pv_reading_t *reading, pv_keys_t keys, pv_answer_t answer)
{
    switch (answer) {
    case PV_ANSWER_GRANTED:
        reading->granted |= keys;
        break;
    case PV_ANSWER_DENIED:
        reading->denied |= keys;
        break;
    case PV_ANSWER_NOT_APPLICABLE:
        reading->not_applicable |= keys;
        break;
    default:
        reading->doubt |= keys;
        break;
    }
}

/** A word of a format and what it says; a list of them ends with text NULL. */
typedef struct {
    const char *text;
    pv_answer_t answer;
} pv_word_t;

/** @return 1 and the answer if the list has the word */
int pv_word_find(const pv_word_t *words, pv_span_t text, pv_answer_t *answer);

/* pv_decode_list.c */

/** `k:v` pairs in a row. */
typedef struct {
    char lead;              /**< the byte that the value begins with, or NUL */
    const char *between;    /**< bytes that end a pair */
    char equals;            /**< between key and value */
    const pv_word_t *words; /**< what values say; NULL: an ISO 8601 time grants, -1 denies */
    const char *gate;       /**< a key that must be there as `yes`, or NULL */
    unsigned by_choice : 1;
} pv_pairs_t;

/** A value that is one word (how: pv_word_t list). */
pv_decoder_t pv_decode_word;
/** A value of digits alone grants. */
pv_decoder_t pv_decode_digits;
/** Whatever the value, the answer is no. */
pv_decoder_t pv_decode_refusal;
/** An ISO 8601 date in front: it grants. */
pv_decoder_t pv_decode_date;
/** Pairs (how: pv_pairs_t). */
pv_decoder_t pv_decode_pairs;
/** `,a,b,`: what is listed is granted, all else denied. */
pv_decoder_t pv_decode_commas;
/** TrustArc's `permit 1,2,3`. */
pv_decoder_t pv_decode_permit;
/** OneTrust's query string. */
pv_decoder_t pv_decode_onetrust;

/* pv_decode_json.c */

/** What a value in a place of the JSON means. */
typedef enum {
    PV_RULE_BOOL,    /**< members are keys: true, false, else doubt */
    PV_RULE_WORD,    /**< members are keys, their values words */
    PV_RULE_FILLED,  /**< members are keys: a list with something in it, or not or not there */
    PV_RULE_LISTED,  /**< strings listed are keys granted, all others are denied */
    PV_RULE_GRANTED, /**< strings listed are keys granted */
    PV_RULE_DENIED,  /**< strings listed are keys denied */
    PV_RULE_PACKED,  /**< as LISTED, in a string that is JSON itself */
    PV_RULE_ALL,     /**< true or false is about every key */
    PV_RULE_VERDICT, /**< a word: it denies every key, or grants `*` */
    PV_RULE_CHOICE,  /**< a word: it says whether the visitor chose; "not
                          applicable" says that the law does not apply to what is granted */
    PV_RULE_TRUE,    /**< must be true */
    PV_RULE_TEXT,    /**< must be a string with something in it */
    PV_RULE_USP      /**< a US Privacy string */
} pv_rule_means_t;

/** About the members of the object, or the elements of the array, at path. */
typedef struct {
    const char *path[2]; /**< names from the outside in, NULL if there are fewer */
    const char *member;  /**< the member that it is about, NULL for every one */
    pv_rule_means_t means;
    const pv_word_t *words;
    unsigned marks;     /**< set where the rule has been met */
    const char *prefix; /**< of the keys that it is about, or NULL */
} pv_rule_t;

typedef struct {
    const pv_rule_t *rules; /**< 16 at most, then one with marks of PV_RULES_END */
    unsigned need[2];       /**< the marks without which nobody answered: one of the
                                 two sets must be there whole; need[1] may be 0 */
    unsigned by_choice : 1;
} pv_rules_t;

#define PV_RULES_END 0x80000000u

/** JSON or a literal (how: pv_rules_t). */
pv_decoder_t pv_decode_rules;
/** The same in base64 (how: pv_rules_t). */
pv_decoder_t pv_decode_base64;
/** Cookiebot's: rules, or `0`, or `-1` (how: pv_rules_t). */
pv_decoder_t pv_decode_cookiebot;

/* pv_decode_pointers.c */

/** Any JSON: the keys are pointers into it (RFC 6901). */
pv_decoder_t pv_decode_pointers;

/* pv_decode_iab.c */

pv_decoder_t pv_decode_tcf;
pv_decoder_t pv_decode_gpp;
/** US Privacy, bare or in its JSON wrapper (how: pv_rules_t for the wrapper). */
pv_decoder_t pv_decode_usprivacy;

/** Enter what an opt-out field says about these keys. */
void pv_reading_add_optout(pv_reading_t *reading, pv_keys_t keys, unsigned optout);

#endif /* PV_SOURCE_IMPL_H */
