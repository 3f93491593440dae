# nginx.sh: for tests/apps/run-nginx*.sh: the guest's nginx and the host's with one configuration, and what asks them.
# Sourced after tests/cli/lib.sh, at the top of the tree. Sets $share (the guest's /host), $tools, and after the starts
# $guest and $host (addresses) and $guest_port.

share=$dir/share tools=$dir/tools debian=build/deb/nginx host_nginx=
mkdir -p "$share/conf" "$share/files" "$share/logs" "$tools" "$dir/tmp"

build_tools() { # NAME...
	local name
	for name; do
		gcc -O2 -o "$tools/$name" "tests/apps/$name.c" tests/apps/http.c || exit 1
	done
}

# A port that is free now.
free_port() {
	local port
	while port=$((20000 + RANDOM % 12000)); do
		(echo >"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
	done
	echo "$port"
}

# wait_for SECONDS COMMAND...: until it succeeds.
wait_for() {
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.05
	done
}

# Debian's nginx and its libraries, unpacked and not installed.
unpack_host_nginx() {
	[ -x $debian/usr/sbin/nginx ] || mk/deb.sh $debian "${XDG_CACHE_HOME:-$HOME/.cache}/uio" nginx nginx-common libcrypt1 \
		libpcre2-8-0 libssl3 zlib1g
}

# As a process, at the address $host.
start_host_nginx() { # CONF, below $share
	LD_LIBRARY_PATH=$debian/usr/lib/x86_64-linux-gnu:$debian/lib/x86_64-linux-gnu \
		timeout 900 $debian/usr/sbin/nginx -p "$share" -e stderr -c "$1" >"$dir/host.log" 2>&1 &
	host_nginx=$!
	wait_for 10 curl -s -o "$dir/null" "http://$host/" || { cat "$dir/host.log"; return 1; }
}

# A configuration that answers every request by itself, for whoever wants requests and no files.
write_small_conf() {
	mkdir -p "$share/conf"
	cat >"$share/conf/nginx.conf" <<'END'
worker_processes 1;
error_log stderr;
events { worker_connections 64; }
http { access_log off; server { listen 80; location / { return 200 "well\n"; } } }
END
}

# start_guest_nginx NAME UIO-RUN-OPTIONS...: nginx in a guest, reachable at $guest.
start_guest_nginx() {
	local name=$1 try
	shift
	for try in 1 2 3 4 5; do
		guest_port=$(free_port)
		guest=127.0.0.1:$guest_port
		try "$uio" run -d --name "$name" -p "$guest_port:80" -v "$share:/host" "$@" nginx
		[ "$status" = 0 ] && break
	done
	[ "$status" = 0 ] && wait_for 20 curl -s -m 0.5 -o "$dir/null" "http://$guest/" || { "$uio" logs "$name"; return 1; }
}

stop_host_nginx() {
	[ -z "$host_nginx" ] || kill "$host_nginx"
	host_nginx=
}
trap 'stop_host_nginx; finish' EXIT
