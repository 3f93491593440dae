#!/bin/sh
# packages.sh TARGET...: the names of mk/packages that these targets of make need.
awk -v targets=" $*" '
	{ sub(/#.*/, "") }
	$1 ~ /:$/ { if (!index(targets, " " substr($1, 1, length($1) - 1))) next; $1 = "" }
	{ print }' "$(dirname "$0")/packages"
