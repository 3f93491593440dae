# lwIP: fetched, a few lines changed (patch.sh), and compiled into the kernel's archive (mk/guest.mk lists the objects),
# from where an image takes it only if its application makes sockets. include/ stands for the C library's headers and for
# lwIP's port.

LWIP := $(B)/lwip
LWIP_CFLAGS := $(KERNEL_CFLAGS) -O2 -fno-tree-vectorize -Wno-error -Wno-unused-but-set-variable -Wno-address

$(LWIP)/.unpacked: third_party/lwip/version third_party/lwip/patch.sh mk/fetch.sh
	$(Q)file=$$(mk/fetch.sh $< $(CACHE)); rm -rf $(LWIP); mkdir -p $(LWIP); \
	tar xf $$file -C $(LWIP) --strip-components=1; third_party/lwip/patch.sh $(LWIP); touch $@

# What includes lwIP's headers.
LWIP_INCLUDE := -Ithird_party/lwip/include -I$(LWIP)/src/include
LWIP_USERS := $(filter net/%.c,$(KERNEL_SRC))
$(foreach f,$(LWIP_USERS),$(eval CFLAGS_$(f) = $(LWIP_INCLUDE) -O2 -fno-tree-vectorize))
$(call objects,guest,$(LWIP_USERS)): | $(LWIP)/.unpacked

$(eval $(call flags-file,lwip,$(LWIP_CFLAGS)))
$(LWIP_OBJ): $(B)/guest/lwip/%.o: $(LWIP)/.unpacked $(B)/flags/lwip
	@mkdir -p $(@D)
	$(Q)echo "  CC lwip/$*.c"; $(CC) $(LWIP_CFLAGS) $(LWIP_INCLUDE) -MMD -MP -MF $(@:.o=.d) -MT $@ -c -o $@.$$$$ \
		$(LWIP)/src/$*.c && mv $@.$$$$ $@ || { rm -f $@.$$$$; exit 1; }
