# config.mak: musl's build settings. Its configure script is not run: there is one target, and the compiler is known.
ARCH = x86_64
SUBARCH =
CC = gcc
SHARED_LIBS =
TOOL_LIBS =
ALL_TOOLS =
CFLAGS_C99FSE = -std=c99 -nostdinc -ffreestanding -fexcess-precision=standard -frounding-math -fno-strict-aliasing \
	-Wa,--noexecstack
CFLAGS_AUTO = -Os -g1 -pipe -fomit-frame-pointer -fno-unwind-tables -fno-asynchronous-unwind-tables -ffunction-sections \
	-fdata-sections -fno-stack-protector -fno-pic -fno-pie -fcf-protection=none -fno-common -w
CFLAGS_MEMOPS = -fno-tree-loop-distribute-patterns
OPTIMIZE_GLOBS =

# The kernel uses some of these, and does not save vector registers.
obj/src/string/%.o: CFLAGS_ALL += -mgeneral-regs-only

# The older of musl's two allocators: the newer one maps and unmaps pages for what a server asks for with each request,
# which made up a third of nginx's time. On many hot paths, so for speed.
MALLOC_DIR = oldmalloc
obj/src/malloc/%.o: CFLAGS_ALL += -O2
