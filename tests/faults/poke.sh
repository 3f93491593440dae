# poke.sh: for the scripts of tests/faults: changes a running guest's memory from below, by QEMU's server for gdb. Sourced after
# tests/overlay/guest.sh.

# poke IMAGE COMMAND...: gdb commands, with the image's symbols, while the guest stands still; what gdb said is in $out.
poke() {
	local image=$1 commands=()
	shift
	for command; do
		commands+=(-ex "$command")
	done
	try gdb -nx -batch -ex "file $image.debug" -ex "target remote $(echo "$XDG_RUNTIME_DIR"/uio/$name-*)/gdb.sock" \
		"${commands[@]}" -ex detach
	[ $status = 0 ] || bad "gdb reaches the guest" "$out$err"
}
