# Tests and checks. A suite is a program build/tests/* (unit tests) or a script tests/*/run-*.sh; see mk/test.sh.

TEST_SCRIPTS := $(filter-out $(SKIP),$(sort $(wildcard tests/*/run-*.sh)))

test: all $(UNIT_BIN) ## build everything and run every test
	@mk/test.sh mk/check-layers.sh mk/check-pure.sh $(UNIT_BIN) $(TEST_SCRIPTS)
unit: $(UNIT_BIN) ## run the unit tests alone (under ASan and UBSan)
	@mk/test.sh $(UNIT_BIN)
# `make test-cli` runs tests/cli/run-*.sh, and so on for each folder of tests/.
test-%: all
	@mk/test.sh $(sort $(wildcard tests/$*/run-*.sh))
.PHONY: test unit

check-layers: $(GUEST_OBJ) ## check who includes whom against docs/architecture.md
	@mk/check-layers.sh
check-pure: $(call objects,guest,$(PURE_SRC)) $(call objects,asan,$(PURE_SRC)) ## check that the pure zone is pure
	@mk/check-pure.sh
.PHONY: check-layers check-pure

# For editors: every source with the flags it is compiled with. Written by make itself: it is too long for a command line.
json-flags = $(subst ",\",$($(1)))
json-entries = $(foreach f,$(2),$(comma-newline){"directory":"$(TOP)","file":"$(f)","command":"$(CC) $(json-flags) $(CFLAGS_$(f)) -c $(f)"})
define comma-newline
,

endef
define json
[{}$(call json-entries,KERNEL_CFLAGS,$(filter %.c,$(KERNEL_SRC) $(OVERLAY_SRC)))$(call \
	json-entries,HOST_CFLAGS,$(HOST_SRC) $(HOST_TOOL_SRC))$(call json-entries,ASAN_CFLAGS,$(UNIT_SRC) $(UNIT_AUX))]
endef
$(B)/compile_commands.json: $(B)/flags/guest $(B)/flags/hosted $(wildcard mk/*.mk) $(KERNEL_SRC) $(OVERLAY_SRC) $(HOST_SRC) $(UNIT_SRC)
	$(file >$@,$(json))@sed -i '1s/^\[{},$$/[/' $@
compile_commands: $(B)/compile_commands.json ## write build/compile_commands.json for editors
.PHONY: compile_commands
all: compile_commands
