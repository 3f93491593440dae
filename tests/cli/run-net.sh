#!/bin/bash
# run-net.sh: uio run's -p, --net and --ip with a guest that sends back what it gets on TCP and UDP port 80.
cd "$(dirname "$0")/../.." || exit 1
. tests/cli/lib.sh

echo_image=$dir/echo
build/bin/uio-cc -g -O1 -fno-overlay -o "$echo_image" tests/guest/net_echo.c || exit 1

# Two ports that are free now, from where the kernel does not hand out any by itself.
free_port() {
	local p
	while :; do
		p=$((20000 + RANDOM % 10000))
		(exec 3<>"/dev/tcp/127.0.0.1/$p") 2>/dev/null || { echo $p && return; }
	done
}
tcp=$(free_port)
udp=$(free_port)
# QEMU accepts before the guest listens: ask until it answers.
ask() { # KIND PORT WORD
	local i answer
	for i in {1..50}; do
		answer=$(printf '%s' "$3" | timeout 5 socat -t 2 - "$1:127.0.0.1:$2" 2>/dev/null | head -c ${#3})
		[ -n "$answer" ] && break
		sleep 0.1
	done
	echo "$answer"
}
quit() {
	printf 'quit\n' | timeout 5 socat -t 1 - "TCP:127.0.0.1:$tcp" >/dev/null 2>&1
}

for machine in microvm q35; do
	try "$uio" run -d --name "$machine" --machine $machine -p "$tcp:80" -p "127.0.0.1:$udp:80/udp" "$echo_image"
	is "$machine: run -p" "$status" 0
	is "$machine: a TCP port is forwarded" "$(ask TCP "$tcp" hello)" hello
	is "$machine: a UDP port is forwarded" "$(ask UDP "$udp" hello)" hello
	head -c 3000000 /dev/urandom >"$dir/sent"
	timeout 60 socat -t 5 - "TCP:127.0.0.1:$tcp" <"$dir/sent" >"$dir/back"
	cmp -s "$dir/sent" "$dir/back"
	is "$machine: three megabytes there and back" $? 0
	if [ $machine = microvm ]; then
		try "$uio" run --name second -p "$tcp:80" "$echo_image"
		is "a port in use is 125" $status 125
		has "and said so" "$err" "port $tcp of 127.0.0.1 is in use"
		try "$uio" run --name second -p "$udp:80/udp" "$echo_image"
		is "a UDP port, too" $status 125
		has "ps tells the ports" "$("$uio" ps -o json | tr -d ' \n\t')" \
			"\"ports\":[\"$tcp:80\",\"127.0.0.1:$udp:80/udp\"]"
	fi
	quit
	for i in {1..20}; do
		[ "$(field $machine status)" = exited ] && break
		sleep 0.1
	done
	is "$machine: the guest ends when it is told to" \
		"$(field $machine status) $(field $machine exit_code)" "exited 0"
done

try "$uio" run -d --name fixed -p "$tcp:80" --ip 10.77.5.9/24,gw=10.77.5.1 "$echo_image"
is "--ip: a fixed address is reached" "$(ask TCP "$tcp" hello)" hello
quit
try "$uio" run -d --name none "$echo_image"
sleep 1
is "without a network the application runs" "$(field none status)" running
"$uio" stop none >/dev/null

refused() { # PART OPTION...
	local part=$1
	shift
	try "$uio" run --name bad "$@" "$echo_image"
	is "$*: refused" $status 125
	has "$*: and why" "$err" "$part"
}
refused "such as 8080:80" -p 80
refused "such as 8080:80" -p 80:0
refused "such as 8080:80" -p 80:99999
refused "such as 8080:80" -p 1.2.3:80:80
refused "such as 8080:80" -p 80:80/sctp
refused "given twice" -p "$tcp:80" -p "$tcp:81"
refused "with --net user only" --net none -p "$tcp:80"
refused "user, none or tap=INTERFACE" --net bridge
refused "there is no such interface" --net tap=uio-none
refused "it is dhcp, none or ADDRESS/LENGTH" --ip 10.0.2.15
refused "it is dhcp, none or ADDRESS/LENGTH" --ip 10.0.2.15/33
refused "there is no network" --net none --ip 10.0.2.15/24
has "--print-qemu: what --net tap is" "$("$uio" run --print-qemu --net tap=uio-none "$echo_image")" \
	"-netdev tap,id=net,ifname=uio-none,script=no,downscript=no"
has "--print-qemu: IPv6 has its own boot option" \
	"$("$uio" run --print-qemu --ip fec0::7/64 "$echo_image")" "uio.ip6=fec0::7/64"
