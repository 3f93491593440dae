#!/bin/sh
# check-pure.sh: finds the pure zone (lib/, proto/, bpf/, and files elsewhere that say so on their first line) and checks it.
{
	ls lib/*.[ch] proto/*.[ch] bpf/*.[ch]
	grep -lx '/\* pure \*/' arch/*/*.[ch] kernel/*.[ch] drivers/*.[ch] fs/*.[ch] linux/*.[ch] overlay/*.[ch] trace/*.[ch] host/*.[ch] 2>/dev/null
} | xargs mk/pure.sh
