/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/**
 * @file suite.h
 * @brief A test program's list of cases, filled from tables and run as TAP.
 */

#ifndef SUITE_H
#define SUITE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <apr_general.h>

#define SUITE_MAX 400

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct CMUnitTest suite_cases[SUITE_MAX];
static size_t suite_count;

static inline void suite_add(const char *title, CMUnitTestFunction test, const void *one)
{
    if (suite_count == SUITE_MAX) {
        abort();
    }
    suite_cases[suite_count].name = title;
    suite_cases[suite_count].test_func = test;
    suite_cases[suite_count].initial_state = (void *)one;
    suite_count++;
}

/** A case without a table, by its function's name. */
#define suite_test(test) suite_add(#test, test, NULL)

/** One case for each element of a table whose elements have a title. */
#define suite_table(cases, test)                                                                   \
    for (size_t suite_i = 0; suite_i < COUNT(cases); suite_i++) {                                  \
        suite_add((cases)[suite_i].title, test, &(cases)[suite_i]);                                \
    }

/** What main() returns. */
static inline int suite_run(const char *name, CMFixtureFunction setup, CMFixtureFunction teardown)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return _cmocka_run_group_tests(name, suite_cases, suite_count, setup, teardown);
}

/** The same around cases that make pools of their own. */
static inline int suite_run_pools(const char *name)
{
    int failed;

    apr_initialize();
    failed = suite_run(name, NULL, NULL);
    apr_terminate();
    return failed;
}

/** The same numbers in every run: what fails once fails again. */
static unsigned draw_seed = 6265;

static inline unsigned draw(unsigned below)
{
    draw_seed = draw_seed * 1103515245U + 12345U;
    return (draw_seed >> 8) % below;
}

#endif /* SUITE_H */
