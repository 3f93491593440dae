#!/bin/sh
# deps.sh PACKAGE...: install the Debian packages that are missing. Silent and quick when none is.
# Never fails: where nothing can be installed it says what is missing, and the build stops at the first use of it.
missing=
have=" $(dpkg-query -W -f '${db:Status-Abbrev}${Package} ' "$@" 2>/dev/null) "
for p in "$@"; do
	case "$have" in
	*" ii $p "*) ;;
	*) missing="$missing $p" ;;
	esac
done
[ -n "$missing" ] || exit 0

sudo=
if [ "$(id -u)" != 0 ]; then
	if command -v sudo >/dev/null; then
		sudo=sudo
	else
		echo "uio: packages are missing, and there is no root or sudo to install them. As root:"
		echo "    apt-get install --no-install-recommends$missing"
		exit 0
	fi
fi
echo "uio: installing$missing"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
install() {
	# shellcheck disable=SC2086
	$sudo apt-get install -y --no-install-recommends $missing </dev/null >"$log" 2>&1
}
# The lists may be absent or old: refresh them only when the first try fails.
if ! install && ! { $sudo apt-get update </dev/null >"$log" 2>&1 && install; }; then
	echo "uio: could not install them:"
	tail -5 "$log"
fi
rm -f "$log"
exit 0
