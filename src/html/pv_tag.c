/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* The vocabulary of pv_tag.h: one table, by first letter. */

#include "html/pv_tag.h"

typedef struct {
    const char *name;
    pv_tag_e tag;
    unsigned flags;
} entry_t;

#define BRK  PV_TAG_BREAKOUT
#define INL  PV_TAG_INLINE
#define CLO  PV_TAG_CLOSABLE
#define HEAD PV_TAG_IN_HEAD
#define NIL  PV_TAG_VOID
#define PART PV_TAG_TABLE_PART
#define MTX  PV_TAG_MATHML_TEXT
#define RAW  PV_TAG_RAW
#define UNS  PV_TAG_UNSURE

/* Sorted by first letter: first_of[] says where each begins. */
static const entry_t entries[] = {
    { "a", PV_TAG_A, CLO | UNS },
    { "annotation-xml", PV_TAG_ANNOTATION_XML, INL },
    { "area", PV_TAG_AREA, NIL },
    { "audio", PV_TAG_AUDIO, INL },
    { "b", PV_TAG_OTHER, BRK | INL },
    { "base", PV_TAG_BASE, NIL | HEAD },
    { "basefont", PV_TAG_OTHER, NIL | HEAD },
    { "bgsound", PV_TAG_OTHER, NIL | HEAD },
    { "big", PV_TAG_OTHER, BRK | INL },
    { "blockquote", PV_TAG_OTHER, BRK },
    { "body", PV_TAG_BODY, BRK | PV_TAG_INERT },
    { "br", PV_TAG_BR, BRK | NIL },
    { "button", PV_TAG_OTHER, CLO },
    { "caption", PV_TAG_OTHER, PART },
    { "center", PV_TAG_OTHER, BRK },
    { "code", PV_TAG_OTHER, BRK | INL },
    { "col", PV_TAG_COL, NIL | PART },
    { "colgroup", PV_TAG_OTHER, PART },
    { "dd", PV_TAG_OTHER, BRK | CLO },
    { "desc", PV_TAG_DESC, INL },
    { "div", PV_TAG_OTHER, BRK },
    { "dl", PV_TAG_OTHER, BRK },
    { "dt", PV_TAG_OTHER, BRK | CLO },
    { "em", PV_TAG_OTHER, BRK | INL },
    { "embed", PV_TAG_EMBED, BRK | NIL },
    { "feimage", PV_TAG_FEIMAGE, INL },
    { "font", PV_TAG_FONT, INL },
    { "foreignobject", PV_TAG_FOREIGNOBJECT, INL },
    { "form", PV_TAG_OTHER, UNS },
    { "frame", PV_TAG_FRAME, NIL | PV_TAG_INERT },
    { "frameset", PV_TAG_FRAMESET, UNS },
    { "h1", PV_TAG_OTHER, BRK | CLO },
    { "h2", PV_TAG_OTHER, BRK | CLO },
    { "h3", PV_TAG_OTHER, BRK | CLO },
    { "h4", PV_TAG_OTHER, BRK | CLO },
    { "h5", PV_TAG_OTHER, BRK | CLO },
    { "h6", PV_TAG_OTHER, BRK | CLO },
    { "head", PV_TAG_HEAD, BRK | PV_TAG_INERT },
    { "hr", PV_TAG_OTHER, BRK | NIL },
    { "html", PV_TAG_HTML, PV_TAG_INERT },
    { "i", PV_TAG_OTHER, BRK | INL },
    { "iframe", PV_TAG_IFRAME, RAW },
    { "image", PV_TAG_IMAGE, NIL },
    { "img", PV_TAG_IMG, BRK | NIL },
    { "input", PV_TAG_INPUT, NIL },
    { "keygen", PV_TAG_KEYGEN, NIL },
    { "li", PV_TAG_OTHER, BRK | CLO },
    { "link", PV_TAG_LINK, NIL | HEAD },
    { "listing", PV_TAG_OTHER, BRK },
    { "malignmark", PV_TAG_MALIGNMARK, INL },
    { "math", PV_TAG_MATH, 0 },
    { "menu", PV_TAG_OTHER, BRK },
    { "meta", PV_TAG_META, BRK | NIL | HEAD },
    { "mglyph", PV_TAG_MGLYPH, INL },
    { "mi", PV_TAG_OTHER, MTX | INL },
    { "mn", PV_TAG_OTHER, MTX | INL },
    { "mo", PV_TAG_OTHER, MTX | INL },
    { "ms", PV_TAG_OTHER, MTX | INL },
    { "mtext", PV_TAG_OTHER, MTX | INL },
    { "nobr", PV_TAG_OTHER, BRK | CLO | UNS },
    { "noembed", PV_TAG_NOEMBED, RAW },
    { "noframes", PV_TAG_NOFRAMES, RAW | HEAD },
    { "noscript", PV_TAG_NOSCRIPT, RAW | HEAD },
    { "object", PV_TAG_OBJECT, INL },
    { "ol", PV_TAG_OTHER, BRK },
    { "optgroup", PV_TAG_OTHER, CLO },
    { "option", PV_TAG_OTHER, CLO },
    { "p", PV_TAG_P, BRK | CLO },
    { "param", PV_TAG_OTHER, NIL },
    { "plaintext", PV_TAG_PLAINTEXT, RAW },
    { "pre", PV_TAG_OTHER, BRK },
    { "rb", PV_TAG_OTHER, CLO },
    { "rp", PV_TAG_OTHER, CLO },
    { "rt", PV_TAG_OTHER, CLO },
    { "rtc", PV_TAG_OTHER, CLO },
    { "ruby", PV_TAG_OTHER, BRK | INL },
    { "s", PV_TAG_OTHER, BRK | INL },
    { "script", PV_TAG_SCRIPT, RAW | HEAD },
    { "select", PV_TAG_SELECT, UNS },
    { "small", PV_TAG_OTHER, BRK | INL },
    { "source", PV_TAG_SOURCE, NIL },
    { "span", PV_TAG_OTHER, BRK | INL },
    { "strike", PV_TAG_OTHER, BRK | INL },
    { "strong", PV_TAG_OTHER, BRK | INL },
    { "style", PV_TAG_STYLE, RAW | HEAD },
    { "sub", PV_TAG_OTHER, BRK | INL },
    { "sup", PV_TAG_OTHER, BRK | INL },
    { "svg", PV_TAG_SVG, 0 },
    { "table", PV_TAG_TABLE, BRK | UNS },
    { "tbody", PV_TAG_OTHER, PART },
    { "td", PV_TAG_OTHER, PART },
    { "template", PV_TAG_TEMPLATE, HEAD | UNS },
    { "textarea", PV_TAG_TEXTAREA, RAW },
    { "tfoot", PV_TAG_OTHER, PART },
    { "th", PV_TAG_OTHER, PART },
    { "thead", PV_TAG_OTHER, PART },
    { "title", PV_TAG_TITLE, RAW | HEAD },
    { "tr", PV_TAG_OTHER, PART },
    { "track", PV_TAG_TRACK, NIL },
    { "tt", PV_TAG_OTHER, BRK | INL },
    { "u", PV_TAG_OTHER, BRK | INL },
    { "ul", PV_TAG_OTHER, BRK },
    { "use", PV_TAG_USE, INL },
    { "var", PV_TAG_OTHER, BRK | INL },
    { "video", PV_TAG_VIDEO, INL },
    { "wbr", PV_TAG_OTHER, NIL },
    { "xmp", PV_TAG_XMP, RAW },
};

#define ENTRIES (sizeof(entries) / sizeof(entries[0]))

/* The first entry of each letter, and behind `z` the end of all. */
static const unsigned char first_of[27] = { 0,  4,  13,  18,  23,  25,  31,  31,  40,
                                            45, 45, 46,  49,  59,  63,  67,  71,  71,
                                            76, 88, 100, 103, 105, 106, 107, 107, 107 };

#define L(n) (1u << (n))

/* The lengths of the names that have an identity, by first letter: what a
 * streaming scan in the body of an HTML document must stop for. */
const unsigned short pv_tag_lengths[26] = {
    L(1) | L(4) | L(5) | L(14),        /* a annotation-xml area audio */
    L(4),                              /* base body */
    L(3),                              /* col */
    L(4),                              /* desc */
    L(5),                              /* embed */
    L(4) | L(5) | L(7) | L(8) | L(13), /* feimage font foreignobject frame frameset */
    0,
    L(4),               /* head html */
    L(3) | L(5) | L(6), /* iframe image img input */
    0,
    L(6),                /* keygen */
    L(4),                /* link */
    L(4) | L(6) | L(10), /* malignmark math meta mglyph */
    L(7) | L(8),         /* noembed noframes noscript */
    L(6),                /* object */
    L(9),                /* plaintext; p is looked at where it matters */
    0,
    0,
    L(3) | L(5) | L(6), /* script select source style svg */
    L(5) | L(8),        /* table template textarea title track */
    L(3),               /* use */
    L(5),               /* video */
    0,
    L(3), /* xmp */
    0,
    0
};

static int is_name(const char *known, pv_span_t name)
{
    apr_size_t i;

    for (i = 0; i < name.len; i++) {
        /* A NUL in the document is not the end of what is known. */
        if (known[i] == '\0' || known[i] != pv_lower(name.ptr[i])) {
            return 0;
        }
    }
    return known[i] == '\0';
}

pv_tag_t pv_tag_find(pv_span_t name)
{
    pv_tag_t found = { PV_TAG_OTHER, 0 };
    unsigned letter;

    if (name.len == 0 || name.len > PV_TAG_NAME_MAX) {
        return found;
    }
    letter = (unsigned)(pv_lower(name.ptr[0]) - 'a');
    if (letter >= 26) {
        return found;
    }
    for (const entry_t *e = entries + first_of[letter]; e < entries + first_of[letter + 1]; e++) {
        if (is_name(e->name, name)) {
            found.tag = e->tag;
            found.flags = e->flags;
            break;
        }
    }
    return found;
}

const char *pv_tag_name(pv_tag_e tag)
{
    for (apr_size_t i = 0; tag != PV_TAG_OTHER && i < ENTRIES; i++) {
        if (entries[i].tag == tag) {
            return entries[i].name;
        }
    }
    return "";
}
