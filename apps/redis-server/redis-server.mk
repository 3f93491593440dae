# Redis, from Debian's source as it is: its own Makefile with CC=uio-cc. Takes a minute or two, so `make redis-server` asks
# for it, `make all` does not. The image's name is that Makefile's variable for the program.

REDIS := $(B)/redis
REDIS_IMAGES := $(B)/images/redis-server $(B)/images/redis-server-base
# Redis notes the commit and the dirt of the repository that it is built in: not of ours.
REDIS_MAKE = env -u MAKEFLAGS -u MAKELEVEL GIT_CEILING_DIRECTORIES=$(TOP)/$(B) make --no-print-directory -C $(REDIS)/src CC=$(TOP)/$(UIO_CC) MALLOC=libc BUILD_TLS=no \
	USE_SYSTEMD=no CFLAGS="-ffunction-sections -fdata-sections"

# Redis's Makefile does not see that the compiler is another.
$(REDIS)/.unpacked: apps/redis-server/version mk/fetch.sh image/uio-cc.in image/uio-as.in
	$(Q)file=$$(mk/fetch.sh $< $(CACHE)); rm -rf $(REDIS); mkdir -p $(REDIS); \
	tar xf $$file -C $(REDIS) --strip-components=1; touch $@

# Compiled once; a new kernel needs a new link only. Its Makefiles do not know when the compiler has changed.
$(REDIS)/.built: $(REDIS)/.unpacked apps/redis-server/redis-server.mk image/uio.specs.in image/uio-cc.in | $(UIO_CC_DEPS)
	@echo "  REDIS $(REDIS)"
	$(Q)$(REDIS_MAKE) distclean >$(REDIS)/clean.out 2>&1 || { tail -20 $(REDIS)/clean.out; exit 1; }
	$(Q)$(REDIS_MAKE) -j2 redis-server >$(REDIS)/make.out 2>&1 || { tail -20 $(REDIS)/make.out; exit 1; }; touch $@

$(REDIS_IMAGES): $(REDIS)/.built $(UIO_CC_DEPS)
	@mkdir -p $(@D); echo "  IMAGE $@"; rm -f $@
	$(Q)UIO_CC_FLAGS=$(if $(findstring -base,$@),-fno-overlay) $(REDIS_MAKE) REDIS_SERVER_NAME=$(TOP)/$@ $(TOP)/$@ \
		>$(REDIS)/link-$(@F).out 2>&1 || { tail -20 $(REDIS)/link-$(@F).out; exit 1; }

redis-server: $(REDIS_IMAGES) ## Redis as an image, with the overlay and without it
.PHONY: redis-server
