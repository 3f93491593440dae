# The build: plain GNU make, one instance. The rules live in mk/, one subject a file; everything made lands in build/.
# A new source file needs no change here: each folder is globbed. To treat one file differently there are two ways:
#   SKIP += kernel/foo.c                   leaves it out of every product
#   CFLAGS_kernel/foo.c = -DWHY            adds to its flags
# Folders with rules of their own (apps/*, third_party/*, tests/*) keep them in a *.mk of theirs.

MAKEFLAGS += --no-builtin-rules --no-builtin-variables
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell nproc)
endif
.SUFFIXES:
.DELETE_ON_ERROR:
.SECONDARY:
.SECONDEXPANSION:
.DEFAULT_GOAL := all
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

CC       := gcc
AR       := ar
NM       := nm
OBJCOPY  := objcopy
CACHE    := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/uio
TOP      := $(CURDIR)
B        := build
PREFIX   ?= /usr/local

ifneq ($(filter-out help clean distclean,$(or $(MAKECMDGOALS),all)),)
$(shell mk/deps.sh $$(mk/packages.sh $(MAKECMDGOALS)) >&2)
$(if $(shell command -v $(CC)),,$(error there is no $(CC)))
endif

all: ## build everything: the uio command, uio-cc and the images

include mk/flags.mk
include mk/guest.mk
include mk/syscalls.mk
include mk/host.mk
include mk/tools.mk
include mk/unit.mk
include $(wildcard third_party/*/*.mk image/*.mk apps/*/*.mk tests/*/*.mk bench/*.mk bench/*/*.mk docs/*.mk demo/*.mk)
include mk/check.mk
include mk/gdb.mk

help: ## list the targets
	@awk -F':.*## ' '/^[a-zA-Z0-9_\/-]+:.*## / { printf "  %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST) | sort

demo: all redis-server ## boot SQLite's shell, then Redis, walk into both while they run, and check each step
	@demo/sqlite.sh
	@demo/redis.sh
	@echo; echo "The demo is complete."

clean: ## remove what was built (downloads stay cached)
	rm -rf $(B)

distclean: clean ## remove the cached downloads too
	rm -rf $(CACHE)

.PHONY: all help demo clean distclean FORCE
FORCE:
