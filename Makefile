# mod_privacy: a cookie policy that httpd enforces. `make help` lists what can be made.

BUILD = build
PORT ?= 8080
OPT ?= -O2 -g
WARN = -Wall -Wextra
PROVE ?= prove -j2
TESTS ?= $(wildcard t/*.t)

APXS ?= $(shell command -v apxs || command -v apxs2)
apxs = $(shell $(APXS) -q $(1) 2>/dev/null)

# The core knows APR and jansson; httpd's headers are for the glue alone.
CORE_SRC := $(wildcard $(patsubst %,src/%/*.c,cookie policy consent enforce html page))
GLUE_SRC := $(wildcard mod_privacy.c src/httpd/*.c)
UNIT_SRC := $(wildcard t/unit/test_*.c)
DRIVER_SRC := $(wildcard t/unit/driver_*.c)
FUZZ_SRC := $(filter-out fuzz/replay.c fuzz/words.c,$(wildcard fuzz/*.c))
SHIPPED := $(wildcard conf/templates/*)
CORE_OBJ = $(CORE_SRC:%.c=$(BUILD)/%.o) $(BUILD)/shipped.o
GLUE_OBJ = $(GLUE_SRC:%.c=$(BUILD)/%.o)
UNIT_BIN = $(UNIT_SRC:t/unit/%.c=$(BUILD)/unit/%)
DRIVER_BIN = $(DRIVER_SRC:t/unit/%.c=$(BUILD)/unit/%)
BENCH_BIN = $(patsubst %,$(BUILD)/bench/%,load scan source)
FUZZ_BIN = $(FUZZ_SRC:fuzz/%.c=$(BUILD)/fuzz/%)

ifneq ($(APXS),)
# Their headers are system headers: what clang says about APR's macros is not ours to mend.
CORE_FLAGS := -std=gnu99 -fPIC -fno-plt -Isrc $(addprefix -isystem ,$(sort $(call apxs,APR_INCLUDEDIR) $(call apxs,APU_INCLUDEDIR))) \
    $(call apxs,EXTRA_CPPFLAGS) $(call apxs,EXTRA_CFLAGS)
GLUE_FLAGS := -isystem $(call apxs,INCLUDEDIR)
APR_LIBS := $(shell $(or $(call apxs,APR_CONFIG),false) --link-ld --libs; $(or $(call apxs,APU_CONFIG),false) --link-ld)
export APXS
endif
MAP = src/httpd/privacy.map
COMPILE = $(CC) $(CORE_FLAGS) $(WARN) $(OPT) $(CFLAGS) -MMD -MP
say = $(if $(V),,@printf '  %-5s %s\n' $(1) $@; )

all: $(BUILD)/mod_privacy.so ## the module, build/mod_privacy.so (V=1 shows the commands)

# Instrumented builds name t/sanitize/pool.c here, which says why.
POOLS =
POOL_OBJ = $(POOLS:%.c=$(BUILD)/%.o)
POOL_WRAP = $(patsubst __wrap_%,-Wl$(comma)--wrap=%,$(sort $(shell grep -oh '__wrap_[a-z_]*' $(POOLS) /dev/null)))
comma = ,

$(BUILD)/mod_privacy.so: $(GLUE_OBJ) $(BUILD)/libprivacy.a $(MAP) $(POOL_OBJ)
	$(call say,LINK)$(CC) -shared $(OPT) $(LDFLAGS) -Wl,--version-script=$(MAP) -o $@ \
	    $(GLUE_OBJ) $(BUILD)/libprivacy.a $(POOL_OBJ) $(POOL_WRAP) -Wl,--as-needed -ljansson

$(BUILD)/libprivacy.a: $(CORE_OBJ)
	$(call say,AR)rm -f $@ && $(AR) rcs $@ $^

# Templates and texts are in the module, so that it needs no file when it runs.
$(BUILD)/shipped.c: build-aux/shipped.pl $(SHIPPED) $(BUILD)/flags
	$(call say,MAKE)perl build-aux/shipped.pl $(SHIPPED) > $@

$(BUILD)/shipped.o: $(BUILD)/shipped.c
	$(call say,CC)$(COMPILE) -c -o $@ $<

$(filter-out $(BUILD)/shipped.o,$(CORE_OBJ)) $(GLUE_OBJ) $(POOL_OBJ): $(BUILD)/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC)$(COMPILE) $(if $(filter $@,$(GLUE_OBJ)),$(GLUE_FLAGS)) -c -o $@ $<

$(UNIT_BIN) $(DRIVER_BIN): $(BUILD)/unit/%: t/unit/%.c $(BUILD)/libprivacy.a $(POOL_OBJ)
	@mkdir -p $(@D)
	$(call say,CC)$(COMPILE) -It/unit -o $@ $< $(BUILD)/libprivacy.a $(POOL_OBJ) $(POOL_WRAP) $(LDFLAGS) -lcmocka -ljansson $(APR_LIBS)

# It counts the basic blocks that run.
$(BUILD)/unit/test_scale: private override OPT += -fsanitize-coverage=trace-pc

# A fuzz target's main() is libFuzzer's, one that replays files, or one that makes inputs of words.
FUZZ_MAIN = $(BUILD)/fuzz/replay.o
$(BUILD)/fuzz/replay.o $(BUILD)/fuzz/words.o: $(BUILD)/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC)$(COMPILE) -Ifuzz -c -o $@ $<

$(FUZZ_BIN): $(BUILD)/fuzz/%: fuzz/%.c $(FUZZ_MAIN) $(BUILD)/libprivacy.a $(POOL_OBJ)
	@mkdir -p $(@D)
	$(call say,CC)$(COMPILE) -Ifuzz -It/unit -o $@ $< $(FUZZ_MAIN) $(BUILD)/libprivacy.a $(POOL_OBJ) $(POOL_WRAP) \
	    $(LDFLAGS) $(FUZZ_LINK) -lcmocka -ljansson $(APR_LIBS)

# Everything is built again where the compiler or its flags are others.
$(BUILD)/flags: FORCE
	@build-aux/deps.sh --check build
	@mkdir -p $(@D)
	@echo '$(COMPILE)' | cmp -s - $@ || echo '$(COMPILE)' > $@

-include $(CORE_OBJ:.o=.d) $(GLUE_OBJ:.o=.d) $(UNIT_BIN:=.d) $(DRIVER_BIN:=.d) $(BENCH_BIN:=.d) \
    $(FUZZ_BIN:=.d) $(BUILD)/fuzz/replay.d $(BUILD)/fuzz/words.d

deps: ## install what building, running and testing need (Debian, Ubuntu), or say what it is
	@build-aux/deps.sh build run test

run: ## build, and start a demonstration on 127.0.0.1:8080 (PORT=…)
	@build-aux/deps.sh build run
	@$(MAKE) --no-print-directory all
	@demo/run.sh start $(PORT)

stop: ## end the demonstration
	@demo/run.sh stop

test: ## everything, through prove (TESTS=t/response.t for one)
	@build-aux/deps.sh build run test
	@build-aux/deps.sh --try peers
	@build-aux/deps.sh --try soak
	@build-aux/deps.sh --try valgrind
	@$(MAKE) --no-print-directory all unit asan-unit
	-@$(MAKE) --no-print-directory browser
	@$(PROVE) $(TESTS)

# A machine without a browser, or without a way to get one, has those two tests skipped.
BROWSER = $(BUILD)/browser/node_modules/.package-lock.json
browser: ## Chromium, Playwright and axe-core for t/browser.t and t/trackers.t
	@build-aux/deps.sh browser
	@$(MAKE) --no-print-directory $(BROWSER)

$(BROWSER): t/browser/package.json
	@mkdir -p $(BUILD)/browser
	@cp t/browser/package.json $(BUILD)/browser/
	$(call say,NPM)npm install --silent --no-audit --no-fund --prefix $(BUILD)/browser
	@touch $@

# What it needs from npm is optional: its row is skipped where it cannot be had.
REWRITER = $(BUILD)/bench/node_modules/.package-lock.json
bench: ## what it costs: one table, beside the budgets (BENCH_DOCS=docs writes docs/costs.md)
	@build-aux/deps.sh build run bench
	@build-aux/deps.sh --try bench-peers
	@$(MAKE) --no-print-directory all $(BENCH_BIN)
	-@$(MAKE) --no-print-directory $(REWRITER)
	@perl bench/run.pl $(if $(BENCH_DOCS),--docs '$(BENCH_DOCS)')

$(BENCH_BIN): $(BUILD)/bench/%: bench/%.c $(BUILD)/libprivacy.a
	@mkdir -p $(@D)
	$(call say,CC)$(COMPILE) -o $@ $< $(BUILD)/libprivacy.a $(LDFLAGS) -ljansson $(APR_LIBS)

$(REWRITER): bench/package.json
	@mkdir -p $(BUILD)/bench
	@cp bench/package.json $(BUILD)/bench/
	$(call say,NPM)npm install --silent --no-audit --no-fund --prefix $(BUILD)/bench
	@touch $@

unit: $(UNIT_BIN) $(DRIVER_BIN) ## the unit tests, build/unit/test_*

mutate: ## break each rule in a copy, and see its test fail (RULE='R5 H2', JOBS=2)
	@build-aux/deps.sh build run test
	@build-aux/mutate.pl $(if $(JOBS),-j $(JOBS)) $(RULE)

fuzz-targets: $(FUZZ_BIN) # each with what replays files

# libFuzzer has a main() of its own; the module is told to it block by block.
LIBFUZZER = BUILD=build-fuzz CC=clang OPT='-O1 -g -fsanitize=fuzzer-no-link,address,undefined \
    -fno-sanitize-recover=all -fno-omit-frame-pointer' FUZZ_MAIN= FUZZ_LINK=-fsanitize=fuzzer POOLS=t/sanitize/pool.c
FUZZ ?= $(FUZZ_SRC:fuzz/%.c=%)
FUZZ_SECONDS ?= 60
fuzz: ## libFuzzer on each target of fuzz/ (FUZZ=record FUZZ_SECONDS=60, of CPU time)
	@build-aux/deps.sh build test fuzz
	@$(MAKE) --no-print-directory $(LIBFUZZER) fuzz-targets
	@fuzz/run.pl run $(FUZZ_SECONDS) $(FUZZ)

# Without sanitizers and without looking at what is reached: many times as many inputs.
fuzz-words: ## the same by inputs of random words (SEED=1 repeats one)
	@build-aux/deps.sh build test
	@$(MAKE) --no-print-directory BUILD=build-words OPT='-O2 -g' FUZZ_MAIN=build-words/fuzz/words.o fuzz-targets
	@fuzz/run.pl words $(FUZZ_SECONDS) $(or $(SEED),$$$$) $(FUZZ)

fuzz-merge: ## what those found into fuzz/corpus, as few inputs as will do
	@build-aux/deps.sh build test fuzz
	@$(MAKE) --no-print-directory $(LIBFUZZER) fuzz-targets
	@fuzz/run.pl merge $(FUZZ)

format: ## rewrite the sources as .clang-format says
	clang-format -i $(SOURCES)

include build-aux/instruments.mk

# t/soak.t by itself is over after ten seconds.
soak: ## load with faults on all paths, for eight minutes (SOAK_SECONDS=…)
	@build-aux/deps.sh build run test soak
	@$(MAKE) --no-print-directory all
	@SOAK_SECONDS=$(or $(SOAK_SECONDS),480) prove -v t/soak.t

install: all ## module, policy and catalogue to where httpd looks for them (DESTDIR=…)
	@DESTDIR='$(DESTDIR)' MODULE=$(BUILD)/mod_privacy.so build-aux/install.sh install

uninstall: ## take them away again; what has been changed stays
	@DESTDIR='$(DESTDIR)' build-aux/install.sh uninstall

check-install: ## install into a scratch root, and see it at work there
	@build-aux/deps.sh build run test
	@$(MAKE) --no-print-directory all
	@$(PROVE) t/91-install.t

clean: ## all that was built
	rm -rf build build-analyzer build-asan build-coverage build-fuzz build-tsan build-valgrind compile_commands.json

flags libs: # for t/00-house.t, which compiles on its own
	@echo '$(if $(filter flags,$@),$(CORE_FLAGS),-ljansson $(APR_LIBS))'

help: ## this list
	@sed -n 's/^\([a-z_.-]*\):.*## \(.*\)/\1\t\2/p' $(filter Makefile %.mk,$(MAKEFILE_LIST)) | expand -t 24

FORCE:
.PHONY: all deps run stop test browser bench unit asan-unit asan tsan valgrind analyzer coverage \
    coverage-httpd mutate fuzz-targets fuzz fuzz-words fuzz-merge lint format soak install uninstall check-install clean flags \
    libs help FORCE
