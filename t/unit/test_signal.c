/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* Sec-GPC and DNT (Q4). */

#include "consent/pv_signal.h"
#include "guard.h"
#include "suite.h"

typedef struct {
    const char *title;
    const char *text;
    int want;
} signal_case_t;

static const signal_case_t cases[] = {
    { "Q4 1", "1", 1 },
    { "Q4 0", "0", 0 },
    { "Q4 nothing", "", 0 },
    { "Q4 white space around 1", " \t1\t ", 1 },
    { "Q4 one 1 is enough", "0, 1", 1 },
    { "Q4 wherever it stands", "1, 0", 1 },
    { "Q4 in the middle", "0,1,0", 1 },
    { "Q4 empty members", ",,1,,", 1 },
    { "Q4 no 1 among several", "0, 0,x", 0 },
    { "Q4 11", "11", 0 },
    { "Q4 01", "01", 0 },
    { "Q4 1.0", "1.0", 0 },
    { "Q4 -1", "-1", 0 },
    { "Q4 1 with a parameter", "1;q=1", 0 },
    { "Q4 1 in quotes", "\"1\"", 0 },
    { "Q4 true", "true", 0 },
    { "Q4 ?1", "?1", 0 },
    { "Q4 two in one member", "1 1", 0 },
    { "Q4 a form feed is no white space", "1\f", 0 },
    { "Q4 commas alone", ",,", 0 },
};

/** From the words: some member, trimmed, is 1. */
static int model(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        size_t before = i, behind = i + 1;

        if (text[i] != '1') {
            continue;
        }
        while (before > 0 && (text[before - 1] == ' ' || text[before - 1] == '\t')) {
            before--;
        }
        while (behind < len && (text[behind] == ' ' || text[behind] == '\t')) {
            behind++;
        }
        if ((before == 0 || text[before - 1] == ',') && (behind == len || text[behind] == ',')) {
            return 1;
        }
    }
    return 0;
}

static int present(const char *text, size_t len)
{
    int answer = pv_signal_present(guard_copy(text, len), len);

    guard_free();
    return answer;
}

static void test_case(void **state)
{
    const signal_case_t *c = *state;

    assert_int_equal(present(c->text, strlen(c->text)), c->want);
    for (size_t len = 0; len <= strlen(c->text); len++) {
        assert_int_equal(present(c->text, len), model(c->text, len));
    }
}

static void test_any_bytes(void **state)
{
    unsigned yes = 0, no = 0;

    (void)state;
    for (int i = 0; i < 20000; i++) {
        char text[8];
        size_t len = draw(sizeof(text) + 1);
        int want;

        for (size_t j = 0; j < len; j++) {
            text[j] = "11,, \t0\0"[draw(8)];
        }
        want = model(text, len);
        assert_int_equal(present(text, len), want);
        *(want ? &yes : &no) += 1;
    }
    assert_true(yes > 2000 && no > 2000);
}

static void test_null(void **state)
{
    (void)state;
    assert_int_equal(pv_signal_present(NULL, 0), 0);
}

int main(void)
{
    suite_table(cases, test_case);
    suite_add("Q4 any bytes", test_any_bytes, NULL);
    suite_add("Q4 no field", test_null, NULL);
    return suite_run("signal", NULL, NULL);
}
