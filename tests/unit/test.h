/*
 * test.h: what a unit test file needs on top of cmocka. A file is a program: it includes this header, writes
 * TEST(name_that_is_a_sentence) { ... } blocks and ends with TEST_MAIN. Hosted only.
 */
#ifndef TESTS_UNIT_TEST_H
#define TESTS_UNIT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TESTS_MAX 200

static struct CMUnitTest tests_all[TESTS_MAX];
static size_t tests_count;

static inline void test_register(const char *name, CMUnitTestFunction function)
{
	if (tests_count == TESTS_MAX)
		abort();
	tests_all[tests_count++] = (struct CMUnitTest){ .name = name, .test_func = function };
}

/* Defines a test and registers it before main() runs, in the order of the file. */
#define TEST(name)                                                              \
	static void name(void **test_state);                                    \
	static void __attribute__((constructor)) test_register_##name(void)     \
	{                                                                       \
		test_register(#name, name);                                     \
	}                                                                       \
	static void name(void **test_state __attribute__((unused)))

#define TEST_MAIN                                                               \
	int main(void)                                                          \
	{                                                                       \
		return _cmocka_run_group_tests(__FILE__, tests_all, tests_count, NULL, NULL); \
	}

#endif
