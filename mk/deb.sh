#!/bin/sh
# deb.sh TO-DIR CACHE-DIR PACKAGE...: unpack Debian packages below a folder, without installing them.
#
# For programs that measurements and tests compare with, and that must not run as services of this machine. The packages
# are named one by one (nothing that they depend on is added); downloads are kept below the cache. Needs no root, and
# leaves apt's configuration, lists and state as they are.
set -eu
to=$1 cache=$2/deb
shift 2
mkdir -p "$to" "$cache/lists/partial"
cache=$(cd "$cache" && pwd)

get() {
	apt-get -q -o APT::Sandbox::User=root "$@" </dev/null >"$cache/log" 2>&1
}
private() {
	get -o Dir::State::Lists="$cache/lists" -o Dir::Cache="$cache/apt" "$@"
}
download() {	# PACKAGE; leaves it as $cache/new/*.deb
	rm -rf "$cache/new"
	mkdir "$cache/new"
	# The machine's lists may be absent or old; the second try has fresh ones of its own.
	(cd "$cache/new" && { get download "$1" || { private update && private download "$1"; }; })
}

for package; do
	if ! [ -f "$cache/$package.deb" ]; then
		echo "uio: fetching the package $package" >&2
		if ! download "$package"; then
			tail -5 "$cache/log" >&2
			echo "deb.sh: could not fetch $package" >&2
			exit 1
		fi
		mv "$cache/new/"*.deb "$cache/$package.deb"
	fi
	dpkg-deb -x "$cache/$package.deb" "$to"
done
rm -rf "$cache/new"
