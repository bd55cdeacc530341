/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/*
 * GPP and US Privacy strings (D2), compared with readers that have each bit as a
 * character. Options: how the input is meant; a US section's id. An input is a string as
 * it stands, or bytes that become a header's or a section's digits.
 */

#include "fuzz.h"

#include "bits_model.h"
#include "consent/pv_gpp.h"

enum { AS_TEXT, AS_HEADER, AS_SECTION, FORMS };

/* Of 987, the largest that an id is made of. */
#define FIBONACCI 15

/* The header: a number is a sum of Fibonacci numbers, 1, 2, 3, 5, 8 …, and ends where a one
 * follows a one. */
static unsigned model_fibonacci(bits_t *bits)
{
    unsigned sum = 0, numbers[FIBONACCI] = { 1, 2 };
    int last = 0;

    for (int i = 0; i < FIBONACCI; i++) {
        int bit = (int)bits_next(bits, 1);

        if (i > 1) {
            numbers[i] = numbers[i - 1] + numbers[i - 2];
        }
        if (bits->over) {
            return 0;
        }
        if (bit && last) {
            return sum;
        }
        sum += bit ? numbers[i] : 0;
        last = bit;
    }
    return 0;
}

/* @return how many ids there are, or -1; PV_LIMIT's many are not written down */
static int model_header(bits_t *bits, unsigned *ids, unsigned max)
{
    unsigned type = (unsigned)bits_next(bits, 6), version = (unsigned)bits_next(bits, 6);
    unsigned items = (unsigned)bits_next(bits, 12), id = 0, n = 0;

    if (bits->over || type != 3 || version != 1) {
        return -1;
    }
    for (unsigned i = 0; i < items; i++) {
        int is_range = (int)bits_next(bits, 1);
        unsigned first = model_fibonacci(bits), more = 0;

        if (bits->over || first == 0) {
            return -1;
        }
        if (is_range && (more = model_fibonacci(bits)) == 0) {
            return -1;
        }
        id += first;
        for (unsigned k = 0; k <= more; k++, id++) {
            if (n == max) {
                return (int)max + 1;
            }
            ids[n++] = id;
        }
        id--;
    }
    return bits_rest_is_zero(bits) ? (int)n : -1;
}

static int is_of_section(char c)
{
    return c == '.' || (c != '\0' && strchr(bits_digits, c) != NULL);
}

/* Sections between the ~ behind the header: as many as there are ids, none empty. */
static int model_sections(pv_span_t text, pv_span_t *sections, unsigned max)
{
    unsigned n = 0;
    size_t at = 0;

    while (at < text.len) {
        size_t begin = ++at;

        if (text.ptr[begin - 1] != '~' || n == max) {
            return -1;
        }
        while (at < text.len && is_of_section(text.ptr[at])) {
            at++;
        }
        /* A segment may be empty, the first one not. */
        if (at == begin) {
            return -1;
        }
        sections[n++] = pv_span(text.ptr + begin, at - begin);
    }
    return (int)n;
}

/* The US sections' fields: widths up to the opt-outs, which are of two bits each. */

typedef struct {
    unsigned versions;
    unsigned notices; /* fields of two bits between version and opt-outs */
    int has_sharing;  /* else targeted follows sale at once */
    int has_targeted;
} us_t;

static us_t us_of(unsigned id)
{
    switch (id) {
    case 7: /* usnat: sharing, sale, sharing, targeted, sensitive, limit */
        return (us_t){ 2, 6, 1, 1 };
    case 8: /* usca: sale, sharing, limit */
        return (us_t){ 1, 3, 1, 0 };
    case 11: /* usut, usia: sharing or processing, sale, targeted, sensitive */
    case 18:
        return (us_t){ 1, 4, 0, 1 };
    case 24: /* usmd, usin, usky, usri: one or two more */
    case 25:
    case 26:
    case 27:
        return (us_t){ 1, 5, 0, 1 };
    default: /* sharing or processing, sale, targeted */
        return (us_t){ 1, 3, 0, 1 };
    }
}

static int model_us(unsigned id, pv_span_t text, unsigned optouts[3])
{
    static bits_t bits;
    us_t us = us_of(id);
    unsigned version;

    bits_read(&bits, text.ptr, text.len);
    /* Digits come in sixes: the first four must be there. */
    if (bits.len < 24) {
        return 0;
    }
    version = (unsigned)bits_next(&bits, 6);
    bits_next(&bits, 2 * us.notices);
    optouts[0] = (unsigned)bits_next(&bits, 2);
    optouts[1] = us.has_sharing ? (unsigned)bits_next(&bits, 2) : 0;
    optouts[2] = us.has_targeted ? (unsigned)bits_next(&bits, 2) : 0;
    return version >= 1 && version <= us.versions && optouts[0] < 3 && optouts[1] < 3 &&
           optouts[2] < 3;
}

static void check_us(unsigned id, pv_span_t text)
{
    char *exact = fuzz_copy(text.ptr, text.len);
    unsigned optouts[3];
    pv_gpp_us_t us;
    int good = model_us(id, text, optouts);

    FUZZ_CLAIM((pv_gpp_us_read(id, pv_span(exact, text.len), &us) == PV_OK) == good,
               "D2 a section is read whole or refused");
    if (good) {
        FUZZ_CLAIM(us.sale == optouts[0], "GPP SaleOptOut");
        FUZZ_CLAIM(us.sharing == optouts[1], "GPP SharingOptOut");
        FUZZ_CLAIM(us.targeted == optouts[2], "GPP TargetedAdvertisingOptOut");
    }
    free(exact);
}

static void check_gpp(pv_span_t text)
{
    static bits_t bits;
    char *exact = fuzz_copy(text.ptr, text.len);
    size_t head = bits_read(&bits, text.ptr, text.len);
    unsigned ids[PV_GPP_SECTIONS] = { 0 };
    pv_span_t sections[PV_GPP_SECTIONS];
    int n = model_header(&bits, ids, PV_GPP_SECTIONS), got;
    pv_gpp_t gpp;
    pv_status_t status = pv_gpp_read(pv_span(exact, text.len), &gpp);

    got = n < 0 ? -1
                : model_sections(pv_span(text.ptr + head, text.len - head), sections,
                                 PV_GPP_SECTIONS);
    if (n > PV_GPP_SECTIONS) {
        FUZZ_CLAIM(status == PV_LIMIT, "GPP more sections than are read");
    }
    else {
        FUZZ_CLAIM(status == (n >= 0 && got == n ? PV_OK : PV_BAD), "D2 read whole or refused");
    }
    for (int i = 0; status == PV_OK && i < n; i++) {
        FUZZ_CLAIM((int)gpp.n == n && gpp.section[i].id == ids[i], "GPP its sections");
        FUZZ_CLAIM(pv_span_eq(gpp.section[i].text, sections[i]), "GPP a section's text");
        if (pv_gpp_is_us(ids[i])) {
            check_us(ids[i], sections[i]);
        }
    }
    free(exact);
}

static void check_usprivacy(pv_span_t text)
{
    static const char letters[] = "YyNn-";
    int good = text.len == 4 && text.ptr[0] == '1';
    pv_optout_t sale = PV_OPTOUT_NOT_APPLICABLE;

    for (size_t i = 1; good && i < 4; i++) {
        good = memchr(letters, text.ptr[i], 5) != NULL;
    }
    FUZZ_CLAIM((pv_usprivacy_read(text, &sale) == PV_OK) == good, "D2 US Privacy, whole or not");
    if (good) {
        FUZZ_CLAIM((sale == PV_OPTOUT_YES) == (memchr("Yy", text.ptr[2], 2) != NULL), "USP Y");
        FUZZ_CLAIM((sale == PV_OPTOUT_NO) == (memchr("Nn", text.ptr[2], 2) != NULL), "USP N");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bits_writer_t w;
    fuzz_in_t in = fuzz_in(data, size);
    unsigned form = fuzz_take(&in) % FORMS;
    unsigned id = PV_GPP_US_FIRST + fuzz_take(&in) % (PV_GPP_US_LAST - PV_GPP_US_FIRST + 1);
    pv_span_t text = pv_span(in.ptr, in.len);

    if (in.len > BITS_MAX / 8 - 64) {
        return 0;
    }
    if (form != AS_TEXT) {
        memset(&w, 0, sizeof(w));
        if (form == AS_HEADER) {
            bits_put(&w, 12, 3 << 6 | 1);
        }
        for (size_t i = 0; i < in.len; i++) {
            bits_put(&w, 8, (unsigned char)in.ptr[i]);
        }
        text = pv_span(w.text, bits_text_len(&w));
    }
    check_gpp(text);
    check_us(id, text);
    check_usprivacy(text);
    return 0;
}
