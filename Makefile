# mod_privacy: build, run, test, install. `make help` lists the targets.

SHELL = /bin/bash
BUILD ?= build
CC ?= gcc

APXS ?= $(shell command -v apxs apxs2 | head -n 1)
apxsq = $(shell $(APXS) -q $(1) 2>/dev/null)

WARN = -Wall -Wextra
CSTD = -std=gnu99
OPT ?= -O2 -g
APR_CPPFLAGS := $(call apxsq,EXTRA_CPPFLAGS) -I$(call apxsq,APR_INCLUDEDIR) -I$(call apxsq,APU_INCLUDEDIR)
HTTPD_CPPFLAGS := -I$(call apxsq,INCLUDEDIR)
CORE_FLAGS = $(CSTD) $(OPT) $(WARN) -fPIC -Isrc $(APR_CPPFLAGS)
APR_LIBS := $(shell apr-1-config --link-ld --libs 2>/dev/null) $(shell apu-1-config --link-ld 2>/dev/null)

CORE_DIRS = cookie policy consent enforce html page
CORE_SRC := $(wildcard $(CORE_DIRS:%=src/%/*.c))
GLUE_SRC := $(wildcard mod_privacy.c src/httpd/*.c)
UNIT_SRC := $(wildcard t/unit/test_*.c)
CORE_OBJ = $(CORE_SRC:%.c=$(BUILD)/%.o)
GLUE_OBJ = $(GLUE_SRC:%.c=$(BUILD)/%.o)
UNIT_BIN = $(UNIT_SRC:t/unit/%.c=$(BUILD)/unit/%)

all: $(BUILD)/mod_privacy.so

$(BUILD)/libprivacy.a: $(CORE_OBJ)
	@rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/mod_privacy.so: $(GLUE_OBJ) $(BUILD)/libprivacy.a src/httpd/privacy.map
	$(CC) -shared $(OPT) $(LDFLAGS) -Wl,--version-script=src/httpd/privacy.map -o $@ $(GLUE_OBJ) \
	    $(BUILD)/libprivacy.a

$(CORE_OBJ): $(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CORE_FLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(GLUE_OBJ): $(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CORE_FLAGS) $(HTTPD_CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(UNIT_BIN): $(BUILD)/unit/%: t/unit/%.c $(BUILD)/libprivacy.a
	@mkdir -p $(@D)
	$(CC) $(CORE_FLAGS) $(CFLAGS) -It/unit -MMD -MP -o $@ $< $(BUILD)/libprivacy.a $(LDFLAGS) -lcmocka $(APR_LIBS)

unit: $(UNIT_BIN)

-include $(CORE_OBJ:.o=.d) $(GLUE_OBJ:.o=.d) $(UNIT_BIN:=.d)

clean:
	rm -rf $(BUILD)

.PHONY: all unit clean
