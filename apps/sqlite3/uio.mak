# uio.mak: read after SQLite's own Makefile, whose variables it uses: the shell and speedtest1 as its rules sqlite3 and
# speedtest1 build them, but in two steps, so that a new kernel needs a new link only.

uio-shell.o: shell.c sqlite3.h
	$(TCC) $(READLINE_FLAGS) $(SHELL_OPT) -c -o $@ shell.c
uio-shell-lib.o: sqlite3.c sqlite3.h
	$(TCC) $(READLINE_FLAGS) $(SHELL_OPT) -c -o $@ sqlite3.c
uio-speedtest1.o: $(TOP)/test/speedtest1.c sqlite3.h
	$(TCC) $(ST_OPT) -c -o $@ $(TOP)/test/speedtest1.c
uio-speedtest1-lib.o: sqlite3.c
	$(TCC) $(ST_OPT) -c -o $@ sqlite3.c

uio-objects: uio-shell.o uio-shell-lib.o uio-speedtest1.o uio-speedtest1-lib.o
uio-libs:
	@echo $(TLIBS)
.PHONY: uio-objects uio-libs
