/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* What real consent managers wrote: t/corpus/consent, recorded by t/record/consent.mjs. */

#include <jansson.h>

#include "source_case.h"

static const char *text_of(json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    if (text == NULL) {
        fail_msg("no %s", name);
    }
    return text;
}

static void run_file(const char *name, size_t at_least)
{
    apr_pool_t *pool;
    json_error_t error;
    json_t *file, *cases, *item;
    size_t i;

    assert_int_equal(apr_pool_create(&pool, NULL), APR_SUCCESS);
    file = json_load_file(apr_psprintf(pool, "t/corpus/consent/%s.json", name), 0, &error);
    if (file == NULL) {
        fail_msg("%s: %s", name, error.text);
    }
    text_of(file, "package");
    text_of(file, "version");
    cases = json_object_get(file, "cases");
    assert_true(json_array_size(cases) >= at_least);
    json_array_foreach(cases, i, item)
    {
        source_case_t c = { text_of(item, "name"), text_of(item, "conf"), text_of(item, "cookies"),
                            text_of(item, "says"), CASE_ENCODED };

        case_run(&c);
    }
    json_decref(file);
    apr_pool_destroy(pool);
}

static void test_cookieconsent3(void **state)
{
    (void)state;
    run_file("vanilla-cookieconsent", 5);
}

static void test_klaro(void **state)
{
    (void)state;
    run_file("klaro", 4);
}

static void test_tarteaucitron(void **state)
{
    (void)state;
    run_file("tarteaucitronjs", 4);
}

static void test_osano(void **state)
{
    (void)state;
    run_file("cookieconsent", 4);
}

static void test_cookieyes(void **state)
{
    (void)state;
    run_file("cookieyes_core", 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cookieconsent3), cmocka_unit_test(test_klaro),
        cmocka_unit_test(test_tarteaucitron),  cmocka_unit_test(test_osano),
        cmocka_unit_test(test_cookieyes),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, case_setup, case_teardown);
}
