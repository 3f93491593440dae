# SQLite's shell and its benchmark speedtest1, from Debian's source as it is: configured with CC=uio-cc.
# READLINE is left out, since it is not in the sysroot; so are the parts that need Tcl and shared libraries at run time.

SQLITE := $(B)/sqlite3
SQLITE_IMAGES := $(B)/images/sqlite3 $(B)/images/sqlite3-base $(B)/images/speedtest1 $(B)/images/speedtest1-base
SQLITE_OBJ := $(addprefix $(SQLITE)/uio-,shell.o shell-lib.o speedtest1.o speedtest1-lib.o)

$(SQLITE)/.configured: apps/sqlite3/version mk/fetch.sh image/uio.specs.in image/uio-cc.in | $(UIO_CC_DEPS)
	@echo "  CONFIGURE $(SQLITE)"
	$(Q)file=$$(mk/fetch.sh $< $(CACHE)); rm -rf $(SQLITE); mkdir -p $(SQLITE); tar xf $$file -C $(SQLITE) --strip-components=1; \
	cd $(SQLITE); ./configure --build=x86_64-pc-linux-gnu --host=x86_64-linux-musl CC=$(TOP)/$(UIO_CC) --disable-shared \
		--disable-tcl --disable-readline --disable-load-extension --enable-threadsafe >configure.out 2>&1 \
		|| { tail configure.out; exit 1; }; \
	touch .configured

# One run of SQLite's make for all the objects.
$(SQLITE_OBJ) &: $(SQLITE)/.configured apps/sqlite3/uio.mak
	@echo "  SQLITE $(SQLITE)"
	$(Q)$(MAKE) --no-print-directory -C $(SQLITE) MAKEFLAGS= -f Makefile -f $(TOP)/apps/sqlite3/uio.mak uio-objects \
		>$(SQLITE)/make.out 2>&1 || { tail -20 $(SQLITE)/make.out; exit 1; }
	@touch $(SQLITE_OBJ)

all: $(SQLITE_IMAGES)
$(SQLITE_IMAGES): $(SQLITE_OBJ) $(UIO_CC_DEPS)
	@mkdir -p $(@D); echo "  IMAGE $@"
	$(Q)$(UIO_CC) $(if $(findstring -base,$@),-fno-overlay) -o $@ \
		$(if $(findstring speedtest1,$@),$(filter %/uio-speedtest1.o %/uio-speedtest1-lib.o,$^),$(filter %/uio-shell.o %/uio-shell-lib.o,$^))

sqlite3: $(SQLITE_IMAGES) ## SQLite's shell and speedtest1 as images
.PHONY: sqlite3
