# lib.sh: what the scripts that play the host's side of a guest share: checks that print ok or not ok, and waiting for text.
# Sourced; sets failed.
failed=0

say() { # NAME CONDITION...
	local name=$1
	shift
	if "$@"; then
		echo "ok - $name"
	else
		echo "not ok - $name"
		failed=1
	fi
}

wait_for() { # TEXT FILE
	for _ in $(seq 300); do
		grep -q "$1" "$2" 2>/dev/null && return
		sleep 0.1
	done
	return 1
}
