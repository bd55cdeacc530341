# Licensed under the Apache License, Version 2.0; see LICENSE.
#
# What looks at the module while it is built, and while it runs: included by the
# Makefile. Each instrument has a build directory of its own.

# Everything but the compiler's options is the ordinary build's.
instrumented = @$(MAKE) --no-print-directory BUILD=$(1) POOLS=t/sanitize/pool.c OPT='$(2)' $(3)

ASAN = -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
asan-unit:
	$(call instrumented,build-asan,$(ASAN),unit fuzz-targets)

asan: ## every test with ASan and UBSan in the module and in the unit tests (TESTS=…)
	@build-aux/deps.sh build run test
	$(call instrumented,build-asan,$(ASAN),all build-asan/mod_fault.so)
	@PRIVACY_MODULE=build-asan/mod_privacy.so $(MAKE) --no-print-directory test TESTS='t/sanitize/fault.t $(TESTS)'

# A module with faults, for t/sanitize/fault.t.
$(BUILD)/mod_fault.so: t/sanitize/mod_fault.c $(POOL_OBJ)
	$(call say,CC)$(COMPILE) $(GLUE_FLAGS) -shared -o $@ $< $(POOL_OBJ) $(POOL_WRAP) $(LDFLAGS)

# What httpd loads before APR beside ThreadSanitizer's runtime.
$(BUILD)/apr_atomic.so: t/sanitize/apr_atomic.c $(BUILD)/flags
	$(call say,CC)$(CC) $(CORE_FLAGS) $(WARN) -O1 -g -shared -o $@ $<

TSAN = -O1 -g -fsanitize=thread -fno-omit-frame-pointer
tsan: ## httpd's threads under load, with ThreadSanitizer in the module
	@build-aux/deps.sh build run test tsan
	$(call instrumented,build-tsan,$(TSAN),all build-tsan/mod_fault.so build-tsan/apr_atomic.so)
	@PRIVACY_MODULE=build-tsan/mod_privacy.so $(PROVE) t/sanitize/fault.t t/threads.t

# Whatever the tests take from a pool is a block of its own, and lost where they do
# not give the pool back.
VALGRIND = valgrind --quiet --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite,indirect,possible
valgrind: ## the unit tests under valgrind
	@build-aux/deps.sh build test valgrind
	$(call instrumented,build-valgrind,-O1 -g,unit)
	@CMOCKA_MESSAGE_OUTPUT=TAP $(PROVE) --exec '$(VALGRIND)' $(UNIT_SRC:t/unit/%.c=build-valgrind/unit/%)

SOURCES = mod_privacy.c $(shell find src t/unit t/sanitize bench fuzz -name '*.[ch]')
LINTED = $(filter %.c,$(SOURCES))
# Each file by itself: of several in one run clang-tidy 14 takes what it knows of va_start() from one to another.
lint: ## clang-format, clang-tidy, cppcheck, and gcc's -fanalyzer
	@build-aux/deps.sh build test lint
	@$(MAKE) --no-print-directory compile_commands.json
	clang-format --dry-run -Werror $(SOURCES)
	cppcheck --quiet --project=compile_commands.json --enable=warning,performance,portability \
	    --suppressions-list=build-aux/cppcheck.txt --error-exitcode=1
	printf '%s\n' $(LINTED) | xargs -n 1 -P 2 clang-tidy --quiet -p .
	@$(MAKE) --no-print-directory analyzer

# The module alone: a test does not ask whether malloc had something for it.
analyzer:
	@$(MAKE) --no-print-directory BUILD=build-analyzer CC=gcc OPT='-O2 -fanalyzer -Werror' all

compile_commands.json: FORCE ## a compilation database
	@$(MAKE) -sBn V=1 POOLS=t/sanitize/pool.c all unit fuzz-targets $(BENCH_BIN) $(BUILD)/mod_fault.so $(BUILD)/apr_atomic.so | \
	    perl build-aux/compile-commands.pl > $@

COVERAGE = -O0 -g --coverage -fprofile-update=atomic
CORE_FILES = ^src/(?!httpd/)
coverage: ## lines and branches of the core that unit tests and corpora run, and those that they do not
	@build-aux/deps.sh build test
	@$(MAKE) --no-print-directory BUILD=build-coverage OPT='$(COVERAGE)' unit fuzz-targets
	@find build-coverage -name '*.gcda' -delete
	@CMOCKA_MESSAGE_OUTPUT=TAP $(PROVE) --exec '' $(UNIT_SRC:t/unit/%.c=build-coverage/unit/%)
	@echo 'The unit tests:'; build-aux/coverage.pl build-coverage/src '$(CORE_FILES)' | grep '^all'
	@for name in $(FUZZ_SRC:fuzz/%.c=%); do \
	    build-coverage/fuzz/$$name fuzz/corpus/$$name/* >build-coverage/replay 2>&1 || \
	        { tail build-coverage/replay; echo "$$name does not replay its corpus"; exit 1; }; \
	done
	@build-aux/coverage.pl build-coverage/src '$(CORE_FILES)' build-aux/coverage.txt

# httpd's processes write what they have counted when they end, as whoever they are.
coverage-httpd: ## the same of all of the module, from t/*.t (TESTS=…)
	@build-aux/deps.sh build run test
	@$(MAKE) --no-print-directory BUILD=build-coverage OPT='$(COVERAGE)' all
	@set -e; dir=$$(mktemp -d); chmod 1777 "$$dir"; trap 'rm -rf "$$dir"' EXIT; umask 0; \
	    PRIVACY_MODULE=build-coverage/mod_privacy.so GCOV_PREFIX="$$dir" \
	    GCOV_PREFIX_STRIP=$(words $(subst /, ,$(CURDIR))) $(PROVE) $(TESTS) || true; \
	    cp --parents $$(find build-coverage/src build-coverage/mod_privacy.gcno -name '*.gcno') "$$dir"; \
	    build-aux/coverage.pl "$$dir/build-coverage" '^(?:src/|mod_privacy)'
