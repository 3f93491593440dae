# nginx with zlib and PCRE2, from Debian's sources as they are: nginx's own configure with CC=uio-cc, which runs what it
# compiles and writes a makefile that configures and builds the two libraries, too. `make nginx` asks for it.
#
# Its prefix is /host, the host's directory: `uio run -v DIR:/host nginx` finds DIR/conf/nginx.conf. Temporary files are
# the guest's own. There is one process, whatever the configuration says (apps/nginx/reload/).

NGINX := $(B)/nginx
NGINX_IMAGES := $(B)/images/nginx $(B)/images/nginx-base
NGINX_FLAGS := -Oz -ffunction-sections -fdata-sections
# The image has to be small, so only what each request goes through is compiled for speed: 85 % of a request for a page.
NGINX_HOT := $(addprefix core/ngx_,buf list output_chain palloc rbtree string times) \
	$(addprefix http/ngx_http_,copy_filter_module header_filter_module parse request write_filter_module) \
	http/modules/ngx_http_static_module \
	event/modules/ngx_epoll_module os/unix/ngx_alloc os/unix/ngx_linux_sendfile_chain os/unix/ngx_recv os/unix/ngx_writev_chain
NGINX_TEMP := client-body proxy fastcgi uwsgi scgi
NGINX_MAKE = env -u MAKEFLAGS -u MAKELEVEL make --no-print-directory -C $(NGINX) -f objs/Makefile

$(NGINX)/.unpacked: apps/nginx/version apps/zlib/version apps/pcre2/version mk/fetch.sh
	$(Q)rm -rf $(NGINX); \
	for lib in nginx zlib pcre2; do \
		file=$$(mk/fetch.sh apps/$$lib/version $(CACHE)); to=$(NGINX)/$$([ $$lib = nginx ] || echo $$lib); \
		mkdir -p $$to; tar xf $$file -C $$to --strip-components=1; \
	done; touch $@

$(NGINX)/objs/Makefile: $(NGINX)/.unpacked apps/nginx/nginx.mk apps/nginx/reload/config image/uio.specs.in image/uio-cc.in image/uio-as.in | $(UIO_CC_DEPS)
	@echo "  CONFIGURE $(NGINX)"
	$(Q)cd $(NGINX); ./configure --with-cc=$(TOP)/$(UIO_CC) --with-cc-opt="$(NGINX_FLAGS)" --prefix=/host \
		--with-zlib=zlib --with-zlib-opt="$(NGINX_FLAGS)" --with-pcre=pcre2 --with-pcre-opt="$(NGINX_FLAGS)" \
		$(foreach t,$(NGINX_TEMP),--http-$(t)-temp-path=/tmp/nginx-$(t)) --pid-path=/tmp/nginx.pid \
		--lock-path=/tmp/nginx.lock --user=root --group=root --with-http_stub_status_module \
		--add-module=$(TOP)/apps/nginx/reload >configure.out 2>&1 || { tail configure.out; exit 1; }

# Compiled once; a new kernel needs a new link only.
$(NGINX)/.built: $(NGINX)/objs/Makefile $(wildcard apps/nginx/reload/*)
	@echo "  NGINX $(NGINX)"
	$(Q){ flags=$$(sed -n 's/^CFLAGS = *//p' $(NGINX)/objs/Makefile); \
		$(NGINX_MAKE) -j2 CFLAGS="$$flags -O2 $(NO_ALIGN)" $(NGINX_HOT:%=objs/src/%.o) && $(NGINX_MAKE) -j2 objs/nginx; \
	} >$(NGINX)/make.out 2>&1 || { tail -20 $(NGINX)/make.out; exit 1; }; touch $@

# The program's name is fixed in the makefile, so its link is carried out with another.
$(NGINX_IMAGES): $(NGINX)/.built $(UIO_CC_DEPS)
	@mkdir -p $(@D); echo "  IMAGE $@"
	$(Q)$(NGINX_MAKE) -n -W objs/ngx_modules.o objs/nginx | sed -n '/-o objs\/nginx/,$$p' | \
		sed 's,-o objs/nginx,-o $(TOP)/$@,' >$(NGINX)/link-$(@F).sh; cd $(NGINX); \
	UIO_CC_FLAGS=$(if $(findstring -base,$@),-fno-overlay) sh -e link-$(@F).sh

nginx: $(NGINX_IMAGES) ## nginx as an image, with the overlay and without it
.PHONY: nginx
