# hello, with the overlay and without it.

all: $(B)/images/hello $(B)/images/hello-base
$(B)/images/hello $(B)/images/hello-base: apps/hello/hello.c $(UIO_CC_DEPS)
	@mkdir -p $(@D); echo "  IMAGE $@"
	$(Q)$(UIO_CC) -Os -g -Wall $(if $(findstring -base,$@),-fno-overlay) -o $@ $<

hello: $(B)/images/hello $(B)/images/hello-base ## the smallest image, with the overlay and without it
.PHONY: hello
