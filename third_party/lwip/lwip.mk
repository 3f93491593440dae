# lwIP: fetched, a few lines changed (patch.sh), and compiled into the kernel's archive (mk/guest.mk lists the objects),
# from where an image takes it only if its application makes sockets. include/ stands for the C library's headers and for
# lwIP's port.

LWIP := $(B)/lwip
LWIP_CFLAGS := $(KERNEL_CFLAGS) -O2 -fno-tree-vectorize $(NO_ALIGN) -Wno-error -Wno-unused-but-set-variable -Wno-address

# Unpacked beside its place: other jobs look at the files of the last build meanwhile, and find none for a moment only.
$(LWIP)/.unpacked: third_party/lwip/version third_party/lwip/patch.sh mk/fetch.sh
	$(Q)file=$$(mk/fetch.sh $< $(CACHE)) && rm -rf $(LWIP).new && mkdir -p $(LWIP).new && \
	tar xf $$file -C $(LWIP).new --strip-components=1 && third_party/lwip/patch.sh $(LWIP).new && touch $(LWIP).new/.unpacked && \
	rm -rf $(LWIP).old && { [ ! -e $(LWIP) ] || mv $(LWIP) $(LWIP).old; } && mv $(LWIP).new $(LWIP) && rm -rf $(LWIP).old

# What includes lwIP's headers.
LWIP_INCLUDE := -Ithird_party/lwip/include -I$(LWIP)/src/include
LWIP_USERS := $(filter net/%.c,$(KERNEL_SRC))
# Those that packets do not pass through stay small.
LWIP_COLD := $(addprefix net/,config.c exit.c ifioctl.c inet.c inet_icmp.c inet_info.c \
	inet_opt.c proc.c unix.c unix_connect.c unix_name.c unix_proc.c)
$(foreach f,$(LWIP_USERS),$(eval CFLAGS_$(f) = $(LWIP_INCLUDE) $(if $(filter $(f),$(LWIP_COLD)),,-O2 -fno-tree-vectorize $(NO_ALIGN))))
$(call objects,guest,$(LWIP_USERS)): | $(LWIP)/.unpacked

# Likewise of lwIP: its last -O wins.
$(foreach f,def init mem memp timeouts ipv4/dhcp ipv4/icmp ipv4/ip4_frag ipv6/icmp6 ipv6/ip6_frag ipv6/nd6, \
	$(eval LWIP_CFLAGS_core/$(f) = -Oz))

$(eval $(call flags-file,lwip,$(LWIP_CFLAGS)))
$(LWIP_OBJ): $(B)/guest/lwip/%.o: $(LWIP)/.unpacked $(B)/flags/lwip
	@mkdir -p $(@D)
	$(Q)echo "  CC lwip/$*.c"; $(CC) $(LWIP_CFLAGS) $(LWIP_CFLAGS_$*) $(LWIP_INCLUDE) -MMD -MP -MF $(@:.o=.d) -MT $@ -c -o $@.$$$$ \
		$(LWIP)/src/$*.c && mv $@.$$$$ $@ || { rm -f $@.$$$$; exit 1; }
