#!/bin/bash
# run-dump.sh: `uio bpf map dump` of tests/bpf/guest/dump.bpf.c's maps: by their types, as text and as JSON, and as bytes.
cd "$(dirname "$0")/../.." || exit 1
. tests/cli/lib.sh
if ! command -v clang >/dev/null || ! [ -e /usr/include/bpf/bpf_helpers.h ]; then
	echo "skip - map dump: no clang, or no libbpf-dev"
	exit 0
fi
name=bpf-dump-$$
mkdir -p build/tests/bpf-guest
build/bin/uio-cc -O2 -g -o build/tests/bpf-guest/dump-target tests/bpf/guest/target.c || exit 1
clang -target bpf -D__TARGET_ARCH_x86 -O2 -g -I/usr/include/x86_64-linux-gnu -c tests/bpf/guest/dump.bpf.c -o "$dir/dump.o" || exit 1
"$uio" run -d --name $name build/tests/bpf-guest/dump-target >/dev/null || exit 1
for _ in $(seq 200); do
	"$uio" logs $name 2>/dev/null | grep -q '^ready' && break
	sleep 0.1
done
program=$("$uio" bpf load -o json $name "$dir/dump.o" | sed -n 's/.*"row":"program","id":\([0-9]*\).*/\1/p')
try "$uio" bpf exec $name "$program"
is "dump: the program has run" "$out" 0
dump() { # MAP [OPTION...]
	local id
	id=$("$uio" bpf map list $name | awk -v map="$1" '$3 == map { print $1 }')
	shift
	try "$uio" bpf map dump "$@" $name "$id"
}
value='{"sum":-5,"ports":[1,2,65535],"raw":[0,1,255],"colour":"GREEN","yes":true,"three":-2,"wide":78187493530,"number":65,"letter":65,"where":"0x1234","half":0.5}'
dump things
is "dump: structures: numbers, texts, enumerators, bit fields, unions, pointers" "$out" '{"a":1,"name":"one"}  '"$value"
dump things -o json
has "dump: JSON has both" "$out" '"key":"010000006f6e650000000000","value":"fbffffff'
has "dump: JSON: what it means" "$out" '"formatted":{"key":{"a":1,"name":"one"},"value":'"$value"
dump things --raw
has "dump: bytes" "$out" "010000006f6e650000000000  fbffffffffffffff01000200ffff0001ff"
dump .data
is "dump: variables by name" "$out" '00000000  {"first":7,"second":-8,"third":{"a":3,"name":"three"}}'
dump large
is "dump: a value of 5600 bytes is whole" "$(tail -1 <<<"$out" | tr -cd , | wc -c) $(tail -1 <<<"$out" | tail -c 6)" "699 0,-1]"
dump large --raw
is "dump: and so are its bytes" "$(tail -1 <<<"$out" | sed 's/.* //' | tr -d '\n' | wc -c)" 11200
dump bytes
is "dump: a map without types is bytes" "$out" "00000000  04000000"
