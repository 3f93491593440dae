# `make bench`: the measurements of bench/, and the images that they need. They take some minutes; nothing else should
# run meanwhile. `build/bench/bench --quick boot share` takes two of the parts in a hurry.

BENCH := $(B)/bench
BENCH_SRC := $(wildcard bench/*.c)
BENCH_HOST := $(addprefix host/,util.c paths.c process.c vm.c vm_status.c)
BENCH_IMAGES := $(foreach a,first wait,$(BENCH)/$(a) $(BENCH)/$(a)-base) $(BENCH)/count $(BENCH)/domain

$(BENCH_IMAGES): $(BENCH)/%: bench/guest/$$(subst -base,,$$*).c $(UIO_CC_DEPS)
	@mkdir -p $(@D); echo "  IMAGE $@"
	$(Q)$(UIO_CC) -Os -g -Wall $(if $(findstring -base,$@),-fno-overlay) -o $@ $<

# speedtest1 with the instruction counter.
BENCH_SPEEDTEST1 := bench/guest/instructions.c $(SQLITE)/uio-speedtest1.o $(SQLITE)/uio-speedtest1-lib.o
$(BENCH)/speedtest1 $(BENCH)/speedtest1-base: $(BENCH_SPEEDTEST1) $(UIO_CC_DEPS)
	@mkdir -p $(@D); echo "  IMAGE $@"
	$(Q)$(UIO_CC) -O2 -Wall $(if $(findstring -base,$@),-fno-overlay) -o $@ $(BENCH_SPEEDTEST1)

# The maps of hello's links.
$(BENCH)/hello.map $(BENCH)/hello-base.map: apps/hello/hello.c $(UIO_CC_DEPS)
	@mkdir -p $(@D)
	$(Q)$(UIO_CC) -Os -g -Wall $(if $(findstring -base,$@),-fno-overlay) -Wl,-Map=$@ -o $(@:.map=-mapped) $<

$(BENCH)/bare: bench/bare/bare.S bench/bare/bare.lds
	@mkdir -p $(@D); echo "  LD $@"
	$(Q)$(CC) -c -o $@.o $< && $(CC) -nostdlib -static -no-pie -Wl,-z,noexecstack,--no-warn-rwx-segments,--build-id=none \
		-T bench/bare/bare.lds -o $@ $@.o && strip $@

# Programs for Linux: tools for the guest, and hello as it is on the host.
$(BENCH)/small: bench/programs/small.c
$(BENCH)/spin: examples/spin.c
$(BENCH)/hello-linux: apps/hello/hello.c
$(BENCH)/small $(BENCH)/spin $(BENCH)/hello-linux:
	@mkdir -p $(@D)
	$(Q)musl-gcc -Os -Wall -static -s -o $@ $<

$(BENCH)/bench: $(call objects,hosted,$(BENCH_SRC) $(BENCH_HOST) tests/bpf/engine.c tests/bpf/kernel.c) $(B)/hosted/libpure.a
	@mkdir -p $(@D); echo "  LD $@"
	$(Q)$(CC) -g -o $@ $^ $(HOST_LIBS) -lm
-include $(patsubst %.o,%.d,$(call objects,hosted,$(BENCH_SRC)))

# Programs that read the services' statistics in place.
$(BENCH)/monitor-nginx: BENCH_MONITOR_FLAGS := -DNGINX
$(BENCH)/monitor-nginx $(BENCH)/monitor-redis: bench/programs/monitor.c
	@mkdir -p $(@D)
	$(Q)musl-gcc -Os -Wall -static -fPIC -Wl,-pie,-E,-z,undefs $(BENCH_MONITOR_FLAGS) -o $@ $<

$(BENCH)/domain-program: bench/programs/domain.c
	@mkdir -p $(@D)
	$(Q)musl-gcc -Os -Wall -static -fPIC -Wl,-pie,-E,-z,undefs -o $@ $<

# eBPF programs, and the services without the 5-byte nops of uio-cc.
BENCH_BPF := $(addprefix $(BENCH)/,count.o latency.o once.o)
$(BENCH_BPF): $(BENCH)/%.o: bench/programs/%.bpf.c
	@mkdir -p $(@D)
	$(Q)clang -target bpf -D__TARGET_ARCH_x86 -O2 -g -I/usr/include/x86_64-linux-gnu -c -o $@ $<

# Their objects are compiled once, as those with nops are.
NO_NOPS := export UIO_CC_FLAGS=-fpatchable-function-entry=0
$(BENCH)/redis/.copied: $(REDIS)/.built
	$(Q)rm -rf $(@D); mkdir -p $(BENCH); cp -a $(REDIS) $(@D); find $(@D) \( -name '*.[oa]' -o -name '.make-*' \) -delete; touch $@
$(BENCH)/redis-no-nops: $(BENCH)/redis/.copied $(UIO_CC_DEPS)
	@echo "  IMAGE $@"; rm -f $@
	$(Q)$(NO_NOPS); $(subst -C $(REDIS)/src,-C $(BENCH)/redis/src,$(REDIS_MAKE)) -j2 REDIS_SERVER_NAME=$(TOP)/$@ $(TOP)/$@ \
		>$@.out 2>&1 || { tail $@.out; exit 1; }
$(BENCH)/nginx/.copied: $(NGINX)/.built
	$(Q)rm -rf $(@D); mkdir -p $(BENCH); cp -a $(NGINX) $(@D); cd $(@D); rm $(NGINX_HOT:%=objs/src/%.o); $(NO_NOPS); \
	flags=$$(sed -n 's/^CFLAGS = *//p' objs/Makefile); env -u MAKEFLAGS -u MAKELEVEL make --no-print-directory -f objs/Makefile \
		CFLAGS="$$flags -O2 $(NO_ALIGN)" $(NGINX_HOT:%=objs/src/%.o) >make.out 2>&1 || { tail make.out; exit 1; }; touch .copied
$(BENCH)/nginx-no-nops: $(BENCH)/nginx/.copied $(NGINX_IMAGES)
	@echo "  IMAGE $@"
	$(Q)cd $(BENCH)/nginx; sed 's,$(TOP)/$(B)/images/nginx,$(TOP)/$@,' $(TOP)/$(NGINX)/link-nginx.sh | sh -e

BENCH_NEEDS := $(BENCH_IMAGES) $(BENCH_BPF) $(BENCH)/redis-no-nops $(BENCH)/nginx-no-nops \
	$(addprefix $(BENCH)/,bench speedtest1 speedtest1-base hello.map hello-base.map bare small spin hello-linux domain-program monitor-nginx monitor-redis nginx.cpio redis.cpio)
BENCH_LINUX_PARTS := serve start least operator request
bench: $(BENCH_NEEDS) all nginx redis-server linux-vm ## measure, and write build/bench.md, .json and .svg
	@$(BENCH)/bench
bench-linux: $(BENCH_NEEDS) all nginx redis-server linux-vm ## only the parts beside a Linux virtual machine
	@$(BENCH)/bench $(BENCH_LINUX_PARTS)
.PHONY: bench bench-linux
