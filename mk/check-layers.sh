#!/bin/sh
# check-layers.sh: runs mk/layers.awk over the dependency files of the guest and of the host's command.
find build/guest build/hosted -name '*.d' 2>/dev/null | sort | while read -r d; do
	# Files of sources that are gone say nothing about the tree.
	src=$(sed -n '1,2s/^.*: *\([^ ]*\.[cS]\).*/\1/p' "$d" | head -n1)
	[ -z "$src" ] || [ -f "$src" ] && echo "$d"
done | xargs awk -f mk/layers.awk docs/architecture.md
