# uio-cc: the compiler wrapper, its specs and its link script, in build/bin and build/lib with absolute paths.

UIO_CC := $(B)/bin/uio-cc
UIO_CC_FILES := $(UIO_CC) $(B)/lib/entry-nops/as $(B)/lib/uio.lds $(B)/lib/part.lds $(B)/lib/uio.specs $(B)/lib/uio-base.specs

# $(call make-uio-cc,DESTDIR,BIN,LIB): write the files for this place, below DESTDIR.
make-uio-cc = mkdir -p $(1)$(2) $(1)$(3); cp image/uio.lds image/part.lds $(1)$(3)/; \
	sed -e 's,@LIB@,$(3),' -e 's,@SYSROOT@,$(SYSROOT_PLACE),' image/uio-cc.in >$(1)$(2)/uio-cc.$$$$; chmod +x $(1)$(2)/uio-cc.$$$$; \
	mv $(1)$(2)/uio-cc.$$$$ $(1)$(2)/uio-cc; \
	mkdir -p $(1)$(3)/entry-nops; sed "s,@AS@,$$(command -v as)," image/uio-as.in >$(1)$(3)/entry-nops/as.$$$$; chmod +x $(1)$(3)/entry-nops/as.$$$$; \
	mv $(1)$(3)/entry-nops/as.$$$$ $(1)$(3)/entry-nops/as; \
	specs() { sed -e 's,@LIB@,$(3),g' -e 's,@SYSROOT@,$(SYSROOT_PLACE),g' -e "s,@ARCHIVES@,$$2," -e "s,@UNDEFINED@,$$3," \
		image/uio.specs.in >$$1.$$$$; mv $$1.$$$$ $$1; }; \
	specs $(1)$(3)/uio.specs "$(3)/libuio-overlay.a" "-u uio_overlay_root"; \
	specs $(1)$(3)/uio-base.specs "" ""
SYSROOT_PLACE = $(TOP)/$(B)/sysroot

$(UIO_CC_FILES) &: image/uio.lds image/part.lds image/uio-cc.in image/uio-as.in image/uio.specs.in image/uio-cc.mk
	$(Q)$(call make-uio-cc,,$(TOP)/$(B)/bin,$(TOP)/$(B)/lib)

# The symbol index beside an image (OUTPUT.sym) is made by this tool of host/.
ifneq ($(wildcard host/mksymidx.c),)
MKSYMIDX := $(B)/lib/mksymidx
$(MKSYMIDX): $(B)/host/mksymidx
	@cp $< $@
endif
# Its types (OUTPUT.btf) by this one.
MKBTF := $(B)/lib/mkbtf $(B)/lib/linux-types.so
$(B)/lib/mkbtf: $(B)/host/mkbtf
	@cp $< $@
# Its table for call chains (OUTPUT.stacks) by this one.
MKUNWIND := $(B)/lib/mkunwind
$(MKUNWIND): $(B)/host/mkunwind
	@cp $< $@

# What a link by uio-cc depends on.
UIO_CC_DEPS := $(UIO_CC_FILES) $(MKSYMIDX) $(MKBTF) $(MKUNWIND) $(B)/sysroot/.stamp $(KERNEL_LIBS)

uio-cc: $(UIO_CC_DEPS) ## uio-cc and everything it links with
.PHONY: uio-cc

install: SYSROOT_PLACE = $(PREFIX)/lib/uio/sysroot
install: all ## install uio, uio-cc and its sysroot under PREFIX
	@echo "  INSTALL $(DESTDIR)$(PREFIX)"
	$(Q)mkdir -p $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/uio
	$(Q)cp -r $(B)/sysroot $(DESTDIR)$(PREFIX)/lib/uio/
	$(Q)cp $(KERNEL_LIBS) $(MKSYMIDX) $(MKBTF) $(MKUNWIND) $(DESTDIR)$(PREFIX)/lib/uio/
	$(Q)for o in $(TOOLS_OBJ); do \
		if [ -f $$o ]; then install -D -m 644 $$o $(DESTDIR)$(PREFIX)/lib/uio/tools/$${o##*/}; fi; done
	$(Q)$(call make-uio-cc,$(DESTDIR),$(PREFIX)/bin,$(PREFIX)/lib/uio)
	$(Q)if [ -x $(B)/bin/uio ]; then cp $(B)/bin/uio $(DESTDIR)$(PREFIX)/bin/; fi
.PHONY: install
