# gdb on a running unikernel, see docs/debugging.md.

gdb: $(B)/bin/uio ## gdb on the running guest (NAME=... where several run)
	@mk/gdb.sh $(NAME)
.PHONY: gdb
