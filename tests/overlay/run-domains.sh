#!/bin/bash
# run-domains.sh [CPU...]: what a program may do with the application's memory is the same with both back ends, on CPUs
# that have protection keys and on those that have not, or have not even SMEP; and on the host's own, where KVM works.
cd "$(dirname "$0")/../.." || exit 1
. tests/cli/lib.sh
. tests/overlay/guest.sh
unset DOMAIN

for program in rights calls; do
	compile $program musl-gcc -O1 -g -w -static -fPIC -Wl,-pie,-E,-z,undefs tests/overlay/$program.c || exit 1
done
tools="tests/programs/processes.c tests/guest/threads.c tests/guest/signals.c"
for tool in $tools; do
	compile "$(basename "$tool" .c)" musl-gcc -D_GNU_SOURCE -O1 -g -w -static "$tool" -lpthread || exit 1
done
program() { # OPTIONS of uio exec... -- PROGRAM [ARGUMENT]
	local options=()
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	try "$uio" exec "${options[@]}" --push "$built/$2" $name "${@:2}"
}
look() { # NAME THREE-RIGHTS GRANTS...: by itself and by system calls, in each thread and process
	local grants=()
	for g in "${@:3}"; do grants+=(--grant "$g"); done
	program "${grants[@]}" -- rights "$heap"
	is "$1" "$status $out" "0 $(for who in "thread 1" "thread 2" child "thread 1"; do echo "$who: $2, $2"; done)"
}

for row in "max||protection keys" "max|pt|page tables" "max,-pku||page tables" "max,-smep||page tables" \
	"Nehalem|pt|page tables" "qemu64||page tables" "host|pt|page tables"; do
	IFS='|' read -r cpu domain isolation <<<"$row"
	[ $# = 0 ] || [[ " $* " = *" $cpu "* ]] || continue
	accel=tcg
	if [ $cpu = host ]; then
		accel=kvm
		if ! "$uio" run --print-qemu "$built/victim" 2>/dev/null | grep -q -- '-accel kvm'; then
			echo "ok - KVM with the host's CPU # SKIP \`uio run\` does not choose KVM on this machine"
			continue
		fi
	fi
	on="$cpu${domain:+, --domain $domain}"
	name=overlay-$$-${cpu//[,-]/}${domain:+-$domain}
	# A quarter of it is a program's: one of them uses all of a stack of 8 MiB.
	guest_start -m 48M --accel $accel ${domain:+--domain $domain} --qemu-arg -cpu --qemu-arg $cpu
	try "$uio" inspect $name
	has "$on: inspect tells how programs are kept apart" "$out" "\"isolation\":	\"$isolation\""
	heap=$({ echo where; sleep 0.5; } | timeout 20 "$uio" attach --console $name 2>/dev/null | tr -d '\r' | sed -n 's/.* heap=\([^ ]*\).*/\1/p')
	look "$on: no grant, no right" "- - -"
	look "$on: read" "r r r" read
	look "$on: write" "r rw rw" read write
	look "$on: call gives no right to memory" "- - -" call
	program -- calls
	is "$on: no call without the grant" $status 126
	program --grant call -- calls
	is "$on: a call, which changes the application's memory" $status 0
	program --grant read --grant call -- calls
	is "$on: the same for a program that may only read" $status 0
	program --grant call -- calls back
	has "$on: the application does not run the program's code" "$status $err" "the application cannot call a function of the program"
	for tool in $tools; do
		tool=$(basename "$tool" .c)
		LIMIT=120 program --grant read --timeout 100s -- "$tool"
		is "$on: $tool, in a program that may read" "$status $(grep '^not ok' <<<"$out")" "0 "
	done
	busybox sh -c 'echo a | cat; exit 3'
	is "$on: busybox" "$status $out" "3 a"
	is "$on: the application is well" "$(application_is_well 1 && echo well)" well
	"$uio" rm -f $name >/dev/null
done

# --- asking for what is not there
try "$uio" run --domain keys "$built/victim"
has "run: --domain must be known" "$status $err" "it is auto, mpk or pt"
name=overlay-$$-refused
try "$uio" run --rm --name $name --accel tcg --domain mpk --qemu-arg -cpu --qemu-arg max,-pku "$built/victim"
has "run: --domain mpk on a CPU without keys" "$status $err" "uio.domain=mpk: this CPU can only do pt"
exit $failed
