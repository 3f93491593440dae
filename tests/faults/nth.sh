# nth.sh: for the scripts of tests/faults: how an application is linked so that allocations of its kernel can fail. Sourced at the
# top of the tree, after tests/cli/lib.sh.

# The calls of these come to nth.c's functions first; the kernel's symbols have a prefix in an image.
nth_wrapped=(kmalloc kzalloc krealloc kstrdup kstrndup page_alloc page_alloc_zeroed page_alloc_contig program_start session_ended
	ctl_bpf)
# nth_build OUTPUT SOURCE...: the part that is loaded on demand is linked by uio-cc itself, without options of ours, so the linker
# that it finds adds them; nothing but the allocators is called from there.
nth_build() {
	local wrap=("${nth_wrapped[@]/#/--wrap=uio_k_}")
	mkdir -p "$dir/bin"
	cat >"$dir/bin/ld" <<END
#!/bin/bash
case "\$*" in
*part.lds*) exec $(command -v ld) "\$@" ${wrap[*]} ;;
*) exec $(command -v ld) "\$@" ;;
esac
END
	chmod +x "$dir/bin/ld"
	PATH=$dir/bin:$PATH "$PWD/build/bin/uio-cc" -O1 -g -I. -w -o "$1" "${@:2}" tests/faults/nth.c -lpthread "${wrap[@]/#/-Wl,}"
}
# Whether something is lost between two states ("free_bytes:N heap_bytes:N cache_bytes:N ..."). A frame that the heap gave back, and
# that is free now, is no loss: which of its frames are empty depends on what lay beside what.
lost_between() { # BEFORE NOW
	local -a a b
	read -ra a <<<"$1"
	read -ra b <<<"$2"
	[ -n "$2" ] && [ "${a[*]:2}" = "${b[*]:2}" ] && [ "${b[0]#*:}" -ge "${a[0]#*:}" ] &&
		[ $((${b[0]#*:} + ${b[1]#*:})) = $((${a[0]#*:} + ${a[1]#*:})) ] && return 1
	return 0
}
