/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* The nearest declared name, which configtest offers for a misspelt one. */

#include "guard.h"
#include "policy/pv_nearest.h"
#include "suite.h"

#define A60 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

typedef struct {
    const char *title;
    const char *word;
    const char *candidates[5];
    const char *want;
} nearest_case_t;

static const nearest_case_t cases[] = {
    { "a letter too many", "analyticss", { "essential", "analytics" }, "analytics" },
    { "a letter too few", "analytcs", { "essential", "analytics" }, "analytics" },
    { "another letter", "analitics", { "essential", "analytics" }, "analytics" },
    { "two letters swapped are one edit", "abdc", { "abcd" }, "abcd" },
    { "two edits are too many for four letters", "abxy", { "abcd" }, NULL },
    { "two edits are not too many for six", "abcdxy", { "abcdef" }, "abcdef" },
    { "three are", "abcxyz", { "abcdef" }, NULL },
    { "one edit is always allowed", "ab", { "ax" }, "ax" },
    { "case is ignored", "ANALYTICS", { "analytics" }, "analytics" },
    { "the nearest of several", "abcdef", { "abcdxy", "abcdex", "abcxef" }, "abcdex" },
    { "of equally near ones the first", "abcdef", { "abcdex", "abcdey" }, "abcdex" },
    { "the word itself", "abc", { "abd", "abc" }, "abc" },
    { "nothing near", "marketing", { "essential", "analytics" }, NULL },
    { "no candidates", "analytics", { NULL }, NULL },
    { "no word", "", { "a" }, "a" },
    { "an empty candidate", "ab", { "", "b" }, "b" },
    { "64 letters are looked at", A60 "aaab", { A60 "aaac" }, A60 "aaac" },
    { "65 letters are not", A60 "aaaab", { A60 "aaaab" }, NULL },
    { "65 letters are no candidate", A60 "aaaa", { A60 "aaaab", A60 "aaab" }, A60 "aaab" },
};

static void test_case(void **state)
{
    const nearest_case_t *c = *state;
    const char *word = guard_copy(c->word, strlen(c->word) + 1);
    const char *found = pv_nearest(word, c->candidates);

    if (c->want == NULL) {
        assert_null(found);
    }
    else {
        assert_non_null(found);
        assert_string_equal(found, c->want);
    }
    guard_free();
}

static char folded(char c)
{
    return c == 'B' ? 'b' : c;
}

/** Edits between the first i letters of a and the first j of b, from the words: the
 *  last letters are the same, or one is replaced, inserted, deleted or swapped. */
static unsigned edits(const char *a, size_t i, const char *b, size_t j, unsigned memo[12][12])
{
    unsigned best, other;

    if (i == 0 || j == 0) {
        return (unsigned)(i + j);
    }
    if (memo[i][j] != 0) {
        return memo[i][j] - 1;
    }
    best = edits(a, i - 1, b, j - 1, memo) + (folded(a[i - 1]) != folded(b[j - 1]));
    other = edits(a, i - 1, b, j, memo) + 1;
    best = other < best ? other : best;
    other = edits(a, i, b, j - 1, memo) + 1;
    best = other < best ? other : best;
    if (i > 1 && j > 1 && folded(a[i - 1]) == folded(b[j - 2]) &&
        folded(a[i - 2]) == folded(b[j - 1])) {
        other = edits(a, i - 2, b, j - 2, memo) + 1;
        best = other < best ? other : best;
    }
    memo[i][j] = best + 1;
    return best;
}

static void test_any_words(void **state)
{
    unsigned near = 0, far = 0;

    (void)state;
    for (int i = 0; i < 20000; i++) {
        char words[4][12];
        const char *candidates[4] = { words[1], words[2], words[3], NULL };
        const char *want = NULL;
        unsigned least = 0;

        for (int w = 0; w < 4; w++) {
            unsigned len = draw(11);

            for (unsigned n = 0; n < len; n++) {
                words[w][n] = "abcB"[draw(4)];
            }
            words[w][len] = '\0';
        }
        least = (unsigned)strlen(words[0]) / 3;
        least = (least > 1 ? least : 1) + 1;
        for (int w = 1; w < 4; w++) {
            unsigned memo[12][12] = { { 0 } };
            unsigned d = edits(words[0], strlen(words[0]), words[w], strlen(words[w]), memo);

            if (d < least) {
                least = d;
                want = words[w];
            }
        }
        assert_ptr_equal(pv_nearest(words[0], candidates), want);
        *(want ? &near : &far) += 1;
    }
    assert_true(near > 1000 && far > 1000);
}

int main(void)
{
    suite_table(cases, test_case);
    suite_add("any words, against edits counted from their definition", test_any_words, NULL);
    return suite_run("nearest", NULL, NULL);
}
