# Unit tests: every tests/unit/test_*.c is one cmocka program, linked with the pure zone under ASan and UBSan.
# Other files of tests/unit/ are linked into all of them.

PURE_SRC := $(sort $(filter-out $(SKIP),$(wildcard lib/*.c proto/*.c bpf/*.c) \
	$(shell grep -lx '/\* pure \*/' /dev/null $(wildcard arch/*/*.c kernel/*.c drivers/*.c fs/*.c linux/*.c overlay/*.c trace/*.c host/*.c))))
UNIT_SRC := $(filter-out $(SKIP),$(wildcard tests/unit/test_*.c))
UNIT_AUX := $(filter-out $(SKIP) $(UNIT_SRC),$(wildcard tests/unit/*.c))
UNIT_BIN := $(UNIT_SRC:tests/unit/%.c=$(B)/tests/unit/%)

$(B)/asan/libpure.a: $(call objects,asan,$(PURE_SRC))
	$(call archive,$^)
$(UNIT_BIN): $(B)/tests/unit/%: $(B)/asan/tests/unit/%.o $(call objects,asan,$(UNIT_AUX)) $(B)/asan/libpure.a
	@mkdir -p $(@D); echo "  LD $@"
	$(Q)$(CC) -fsanitize=address,undefined -g -o $@ $^ -lcmocka

-include $(patsubst %.o,%.d,$(call objects,asan,$(PURE_SRC) $(UNIT_SRC) $(UNIT_AUX)))
