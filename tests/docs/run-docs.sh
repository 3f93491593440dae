#!/bin/bash
# run-docs.sh: the documents tell the truth. Runs every command line of the ```console blocks in README.md, then those of
# docs/, in the order of the page, and compares what they print with what the page shows: numbers and addresses may differ,
# words may not; a line of three dots stands for anything. Also: links lead somewhere, and each command is in the README.
cd "$(dirname "$0")/../.." || exit 1
. tests/cli/lib.sh
unset DEBUGINFOD_URLS

# Page → a file per command: the command itself, and what the page shows.
split() { # PAGE DIR
	mkdir -p "$2"
	awk -v dir="$2" '
		/^```console$/ { inside = 1; next }
		/^```/ { inside = 0; next }
		!inside { next }
		/^\$ / { n++; f = sprintf("%s/%03d", dir, n); print substr($0, 3) >(f ".cmd"); printf "" >(f ".want"); next }
		/^> / { print substr($0, 3) >>(f ".cmd"); next }
		{ print >(f ".want") }' "$1"
}

# Numbers, addresses, dates and the space around columns may differ.
plain() {
	sed -E 's/\r//g; s/\x1b\[[0-9;]*[A-Za-z]//g; s/0x[0-9a-f]+/#/g; s/\b[0-9a-f]{8,}\b/#/g; s/\b[0-9]+([.:][0-9]+)*[KMG]?\b/#/g
		s/\b(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b/MONTH/g; s/\b(seconds?|minutes?) ago/ago/; s/[[:space:]]+/ /g; s/ $//'
}

# matches WANT GOT: WANT's lines in this order, one after the other where no dots are between them.
matches() {
	awk 'NR == FNR { got[NR] = $0; n = NR; next }
		$0 == "..." { loose = 1; next }
		{
			at++
			while (loose && at <= n && got[at] != $0)
				at++
			if (at > n || got[at] != $0) {
				print "missing: " $0 "; there is: " (at <= n ? got[at] : "the end")
				exit 1
			}
			loose = 0
		}' <(plain <"$2") <(plain <"$1")
}

check_page() { # PAGE
	local at=$dir/$(basename "$1" .md) cmd why
	split "$1" "$at"
	# All of a page runs in one shell, so that `export` and `cd` mean what they say.
	for cmd in "$at"/*.cmd; do
		[ -e "$cmd" ] || return
		printf '. %q >%q 2>&1 </dev/null\n' "$cmd" "${cmd%.cmd}.got"
	done >"$at/all.sh"
	timeout 240 bash "$at/all.sh" </dev/null >/dev/null 2>&1
	for cmd in "$at"/*.cmd; do
		if why=$(matches "${cmd%.cmd}.want" "${cmd%.cmd}.got"); then
			ok "$1: $(head -1 "$cmd" | cut -c1-90)"
		else
			bad "$1: $(head -1 "$cmd" | cut -c1-90)" "$why
$(cat "${cmd%.cmd}.got")"
		fi
	done
	for name in $("$uio" ps -aq); do
		"$uio" rm -f "$name" >/dev/null
	done
}

for page in README.md docs/*.md; do
	check_page "$page"
done

for page in README.md CONTRIBUTING.md docs/*.md; do
	missing=$(grep -o ']([^)#: ]*)' "$page" | tr -d '])(' | while read -r link; do
		[ -e "$(dirname "$page")/$link" ] || echo "$link"
	done)
	is "$page: its links lead somewhere" "$missing" ""
done

commands=$("$uio" help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p')
for command in $commands; do
	grep -q "\`uio $command" README.md || echo "$command"
done >"$dir/unnamed"
is "README.md: its table has every command" "$(cat "$dir/unnamed")" ""
