# The Linux virtual machine that `make bench` compares with: Debian's kernel and programs as they are, unpacked below
# the build directory (no root needed), one initramfs for each service, and nothing in it that the service does not need.

LINUX_VM := $(B)/linux-vm
LINUX_VM_ROOT := $(LINUX_VM)/root
LINUX_VM_KERNEL := linux-image-cloud-amd64
LINUX_VM_PACKAGES := redis-server redis-tools nginx dropbear-bin dash libc6 libgcc-s1 libstdc++6 \
	libssl3 libpcre2-8-0 zlib1g libcrypt1 libtomcrypt1 libtommath1 libgmp10 libatomic1 libjemalloc2 liblzf1 \
	libsystemd0 libcap2 libgcrypt20 libgpg-error0 liblzma5 libzstd1 liblz4-1
LINUX_VM_FILES := $(LINUX_VM)/vmlinux $(addprefix $(LINUX_VM)/,nginx.cpio redis.cpio ssh.cpio key)

# The kernel's package has another name with each version, which the package that follows it depends on.
$(LINUX_VM_ROOT)/.unpacked: bench/linux-vm/linux-vm.mk mk/deb.sh
	$(Q)rm -rf $(LINUX_VM_ROOT); mk/deb.sh $(LINUX_VM_ROOT) $(CACHE) $(LINUX_VM_KERNEL)
	$(Q)kernel=$$(dpkg-deb -f $(CACHE)/deb/$(LINUX_VM_KERNEL).deb Depends | grep -o 'linux-image-[0-9][^ ,]*' | head -1); \
	mk/deb.sh $(LINUX_VM_ROOT) $(CACHE) $$kernel $(LINUX_VM_PACKAGES); touch $@

$(LINUX_VM)/vmlinux: $(LINUX_VM_ROOT)/.unpacked bench/linux-vm/vmlinux.sh
	@echo "  UNPACK $@"
	$(Q)bench/linux-vm/vmlinux.sh $(LINUX_VM_ROOT)/boot/vmlinuz-* $@

$(LINUX_VM)/init: bench/linux-vm/init.c
	@mkdir -p $(@D); echo "  MUSL $@"
	$(Q)musl-gcc -Os -Wall -Wextra -static -s -o $@ $<

# The client's key, and the server's, which has one and need not make it at boot.
$(LINUX_VM)/key $(LINUX_VM)/host-key:
	@mkdir -p $(@D); rm -f $@
	$(Q)dropbearkey -t ed25519 -f $@ >/dev/null 2>&1

$(LINUX_VM)/%.cpio: $(LINUX_VM_ROOT)/.unpacked $(LINUX_VM)/init bench/linux-vm/index.html $(LINUX_VM)/key \
		$(LINUX_VM)/host-key bench/linux-vm/initramfs.sh bench/linux-vm/nginx.conf bench/linux-vm/redis.conf
	@echo "  CPIO $@"
	$(Q)bench/linux-vm/initramfs.sh $(LINUX_VM) $* $@

# The same configuration and page for our images.
$(BENCH)/nginx.cpio: bench/linux-vm/nginx.conf bench/linux-vm/index.html
	$(Q)mkdir -p $(BENCH)/nginx-files/www; cp bench/linux-vm/nginx.conf $(BENCH)/nginx-files; \
	cp bench/linux-vm/index.html $(BENCH)/nginx-files/www; \
	cd $(BENCH)/nginx-files; find . | cpio -o -H newc --quiet -R 0:0 >$(TOP)/$@
$(BENCH)/redis.cpio: bench/linux-vm/redis.conf
	$(Q)mkdir -p $(BENCH)/redis-files; cp $< $(BENCH)/redis-files; \
	cd $(BENCH)/redis-files; find . | cpio -o -H newc --quiet -R 0:0 >$(TOP)/$@

linux-vm: $(LINUX_VM_FILES) ## the Linux virtual machine that bench compares with
.PHONY: linux-vm
