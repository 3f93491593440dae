# The stand-in for QEMU that tests/cli/run-fake.sh uses.

FAKE_GUEST := $(B)/tests/cli/fake_guest
$(FAKE_GUEST): $(call objects,hosted,$(wildcard tests/cli/*.c)) $(B)/hosted/libpure.a
	@mkdir -p $(@D); echo "  LD $@"
	$(Q)$(CC) -g -o $@ $^
-include $(patsubst %.o,%.d,$(call objects,hosted,$(wildcard tests/cli/*.c)))
test test-cli: $(FAKE_GUEST)

# The manual pages and the completion, from the command table.
man: $(B)/man/uio.1 ## write build/man/*.1 and build/uio.bash-completion
.PHONY: man
$(B)/man/uio.1: $(B)/bin/uio
	$(Q)$< help --man $(@D)
	$(Q)$< help --completion > $(B)/uio.bash-completion
ifneq ($(HOST_SRC),)
all: man
endif
