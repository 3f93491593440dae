#!/bin/sh
# fetch.sh VERSION-FILE CACHE-DIR: put a pinned Debian source tarball into the cache and print its path.
#
# The machine's own apt configuration is not touched: a private source list, made from the mirrors that are configured
# for packages, and private list and cache folders are given through apt's options. The SHA-256 decides what is good.
set -eu
. "./$1"
cache=$2
file=$cache/$tarball

good() {
	[ -f "$file" ] && echo "$sha256  $file" | sha256sum -c --status
}

if ! good; then
	apt=$cache/apt-$package
	mkdir -p "$apt/lists/partial" "$apt/archives/partial"
	key=/usr/share/keyrings/debian-archive-keyring.gpg
	mirrors() {
		apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Identifier: Packages' 'Component: main' "$@" |
			sed "s|^|deb-src [signed-by=$key] |" | sort -u
	}
	mirrors 'Origin: Debian' >"$apt/sources.list"
	# Where apt's lists were removed, as in a container's image, only the address tells what is Debian's.
	if [ ! -s "$apt/sources.list" ]; then
		mirrors --no-release-info | grep -E '/debian(-security)?(\.list)?/? ' >"$apt/sources.list" || true
	fi
	if [ ! -s "$apt/sources.list" ]; then
		echo "fetch.sh: no Debian mirror in apt's configuration" >&2
		exit 1
	fi
	get() {
		apt-get -q -o Dir::Etc::SourceList="$apt/try.list" -o Dir::Etc::SourceParts=/dev/null \
			-o Dir::State::Lists="$apt/lists" -o Dir::Cache="$apt" -o APT::Sandbox::User=root "$@"
	}
	echo "uio: fetching the source of $package" >&2
	# A mirror may have lost a part of what its index names: what counts is the tarball. The archive of security updates
	# keeps only its latest, so the second try is without it.
	for without in '^$' -security; do
		grep -v -e "$without" "$apt/sources.list" >"$apt/try.list" || continue
		(
			get update
			cd "$cache"
			get source --download-only --only-source "$package=$version" ||
				get source --download-only --only-source "$package"
		) >"$apt/log" 2>&1 </dev/null || true
		if good; then
			break
		fi
	done
	if ! good; then
		tail -5 "$apt/log" >&2
		echo "fetch.sh: no $tarball with SHA-256 $sha256 on this release's mirrors; put it into $cache" >&2
		exit 1
	fi
	rm -rf "$apt"
fi
echo "$file"
