# The kernel as static archives of small members: libuio-kernel.a or libuio-fast.a, and libuio-overlay.a.

objects = $(patsubst %,$(B)/$(1)/%.o,$(basename $(filter-out $(SKIP),$(2))))

KERNEL_SRC  := $(filter-out $(SKIP),$(wildcard lib/*.c arch/x86_64/*.[cS] kernel/*.c drivers/*.c fs/*.c linux/*.c net/*.c) \
	$(wildcard image/*.[cS]))
OVERLAY_SRC := $(filter-out $(SKIP),$(wildcard overlay/*.c overlay/*.S proto/*.c bpf/*.c trace/*.c trace/*.S))
# lwIP, see third_party/lwip/lwip.mk.
LWIP_OBJ    := $(addprefix $(B)/guest/lwip/,$(addsuffix .o,$(addprefix core/,def inet_chksum init ip mem memp netif pbuf tcp \
	tcp_in tcp_out timeouts udp) $(addprefix core/ipv4/,dhcp etharp icmp ip4 ip4_addr ip4_frag) $(addprefix core/ipv6/, \
	ethip6 icmp6 inet6 ip6 ip6_addr ip6_frag nd6) netif/ethernet))
# What runs in every probe is compiled for speed. It is in the part that is loaded on demand, not in images.
PROBE_SRC   := $(addprefix bpf/,map.c map_array.c map_hash.c map_hash_table.c helpers_pure.c) $(addprefix trace/,helpers.c \
	probe.c returns.c run.c)
$(foreach f,$(PROBE_SRC),$(eval CFLAGS_$(f) += -O2 -fshrink-wrap -fexpensive-optimizations -finline-functions-called-once))
KERNEL_OBJ  := $(call objects,guest,$(KERNEL_SRC)) $(LWIP_OBJ)
OVERLAY_OBJ := $(call objects,guest,$(OVERLAY_SRC))
GUEST_OBJ   := $(KERNEL_OBJ) $(OVERLAY_OBJ)

ifneq ($(words $(sort $(GUEST_OBJ))),$(words $(GUEST_OBJ)))
$(error two sources differ only in .c and .S)
endif

# Kernel globals get a prefix, so that an application may use the same names. What the application, the linker script
# or the boot loader names stays: linux_*, the entry, the overlay's root.
KEEP_NAMES := ^(linux_.*|pvh_entry|uio_overlay_root|__[a-z_]*_(start|end))$$
make-rename = mkdir -p $(@D); $(NM) -g --defined-only $(filter %.o,$^) 2>/dev/null | awk 'NF == 3 { print $$3 }' | \
	sort -u | { grep -Ev '$(KEEP_NAMES)' || true; } | awk '{ print $$1, "uio_k_" $$1 }' > $@.$$$$; \
	cmp -s $@.$$$$ $@ && rm $@.$$$$ || mv $@.$$$$ $@
$(B)/gen/rename.txt: $(KERNEL_OBJ) mk/guest.mk
	@$(make-rename)
$(B)/gen/rename-overlay.txt: $(GUEST_OBJ) mk/guest.mk
	@$(make-rename)

$(B)/renamed/%.o: $(B)/%.o $(B)/gen/rename.txt
	@mkdir -p $(@D)
	$(Q)$(OBJCOPY) --redefine-syms=$(B)/gen/rename.txt $< $@.$$$$ && mv $@.$$$$ $@
$(B)/renamed-overlay/%.o: $(B)/%.o $(B)/gen/rename-overlay.txt
	@mkdir -p $(@D)
	$(Q)$(OBJCOPY) --redefine-syms=$(B)/gen/rename-overlay.txt $< $@.$$$$ && mv $@.$$$$ $@

renamed = $(patsubst $(B)/%,$(B)/renamed/%,$(1))
archive = @mkdir -p $(@D); echo "  AR $@"; rm -f $@.$$$$; $(AR) rcsP $@.$$$$ $(1) && mv $@.$$$$ $@

$(B)/lib/libuio-kernel.a: $(call renamed,$(KERNEL_OBJ)) $$(call renamed,$$(SYSCALL_OBJ))
	$(call archive,$(filter %.o,$^))
$(B)/lib/libuio-overlay.a: $(OVERLAY_OBJ:$(B)/%=$(B)/renamed-overlay/%)
	$(call archive,$(filter %.o,$^))

# The kernel once more, in which what a server's requests go through is compiled for speed: for images that are not linked
# with -Os (image/uio.specs.in). The link script puts these members together: fewer pages of code to a request.
FAST_SRC := $(addprefix kernel/,iter.c kmem.c page.c usercopy.c waitq.c) arch/x86_64/traps.c \
	$(addprefix drivers/,virtqueue.c virtio_net.c) \
	$(addprefix fs/,attr.c file.c open.c ramfs_file.c walk.c) \
	$(addprefix linux/,fd.c path.c socket.c sys_epoll.c sys_epoll_item.c sys_file.c sys_file_iov.c sys_file_open.c \
	sys_socket_io.c sys_stat.c sys_time_quick.c)
FAST_OBJ := $(call objects,fast,$(FAST_SRC))
$(eval $(call compile-rules,fast,FAST_CFLAGS))
$(B)/renamed/fast/%.o: $(B)/fast/%.o $(B)/gen/rename.txt
$(B)/lib/libuio-fast.a: $(call renamed,$(FAST_OBJ) $(filter-out $(FAST_OBJ:$(B)/fast/%=$(B)/guest/%),$(KERNEL_OBJ))) $$(call renamed,$$(SYSCALL_OBJ))
	$(call archive,$(filter %.o,$^))
-include $(FAST_OBJ:.o=.d)

KERNEL_LIBS := $(B)/lib/libuio-kernel.a $(B)/lib/libuio-overlay.a $(B)/lib/libuio-fast.a

kernel: $(KERNEL_LIBS) ## compile the guest's kernel into its archives
.PHONY: kernel
-include $(GUEST_OBJ:.o=.d)

# While several people work in one tree: `make try GOAL=hello` leaves out the files that do not compile right now.
GOAL ?= hello
try: ## build GOAL without the kernel files that do not compile at the moment
	@set +o pipefail; skip=$$($(MAKE) -k --no-print-directory $(GUEST_OBJ) 2>&1 | sed -n 's,.*$(B)/guest/\(.*\)\.o\] Error.*,\1.c,p' | tr '\n' ' '); \
	echo "  without: $$skip"; $(MAKE) --no-print-directory $(GOAL) SKIP="$$skip"
.PHONY: try
