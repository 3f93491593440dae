# uio-cc: the compiler wrapper, its specs and its link script, in build/bin and build/lib with absolute paths.

UIO_CC := $(B)/bin/uio-cc
UIO_CC_FILES := $(UIO_CC) $(B)/lib/uio.lds $(B)/lib/uio.specs $(B)/lib/uio-base.specs

# $(call make-uio-cc,BIN,LIB,SYSROOT): write the four files for this place.
make-uio-cc = mkdir -p $(1) $(2); cp image/uio.lds $(2)/uio.lds; \
	sed 's,@LIB@,$(2),' image/uio-cc.in >$(1)/uio-cc.$$$$; chmod +x $(1)/uio-cc.$$$$; mv $(1)/uio-cc.$$$$ $(1)/uio-cc; \
	specs() { sed -e 's,@SYSROOT@,$(3),g' -e 's,@LDS@,$(2)/uio.lds,' -e "s,@ARCHIVES@,$$2," -e "s,@UNDEFINED@,$$3," \
		image/uio.specs.in >$$1.$$$$; mv $$1.$$$$ $$1; }; \
	specs $(2)/uio.specs "$(2)/libuio-overlay.a $(2)/libuio-kernel.a" "-u uio_overlay_root"; \
	specs $(2)/uio-base.specs "$(2)/libuio-kernel.a" ""

$(UIO_CC_FILES) &: image/uio.lds image/uio-cc.in image/uio.specs.in image/uio-cc.mk
	$(Q)$(call make-uio-cc,$(TOP)/$(B)/bin,$(TOP)/$(B)/lib,$(TOP)/$(B)/sysroot)

# What a link by uio-cc depends on.
UIO_CC_DEPS := $(UIO_CC_FILES) $(B)/sysroot/.stamp $(KERNEL_LIBS)

uio-cc: $(UIO_CC_DEPS) ## uio-cc and everything it links with
.PHONY: uio-cc

install: all ## install uio, uio-cc and its sysroot under PREFIX
	mkdir -p $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/uio
	cp -r $(B)/sysroot $(DESTDIR)$(PREFIX)/lib/uio/
	cp $(KERNEL_LIBS) $(DESTDIR)$(PREFIX)/lib/uio/
	$(call make-uio-cc,$(DESTDIR)$(PREFIX)/bin,$(DESTDIR)$(PREFIX)/lib/uio,$(PREFIX)/lib/uio/sysroot)
	if [ -x $(B)/bin/uio ]; then cp $(B)/bin/uio $(DESTDIR)$(PREFIX)/bin/; fi
.PHONY: install
