#!/bin/bash
# run-unmodified-make.sh: SQLite's own Makefile, as its configure wrote it for CC=uio-cc, makes a bootable shell. (The
# images in build/images are made in two steps to save time, see apps/sqlite3/uio.mak.)
set -u
cd "$(dirname "$0")/../.."
log=build/tests/log/unmodified-make.out
mkdir -p "${log%/*}"

rm -f build/sqlite3/sqlite3
if make --no-print-directory -C build/sqlite3 MAKEFLAGS= CFLAGS='-O0 -DSQLITE_OS_UNIX=1' sqlite3 >$log 2>&1 &&
	readelf -n build/sqlite3/sqlite3 2>/dev/null | grep -q Xen; then
	echo "ok - SQLite's own Makefile with CC=uio-cc makes an image"
else
	echo "not ok - SQLite's own Makefile with CC=uio-cc makes an image"
	tail $log
	exit 1
fi
