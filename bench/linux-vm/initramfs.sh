#!/bin/bash
# initramfs.sh DIR SERVICE OUT: an initramfs with one service (nginx, redis, ssh), the libraries that it names, virtio's
# modules and init. DIR has root/ (unpacked packages), init and the keys.
set -eu -o pipefail
dir=$1 service=$2 out=$3
here=$(dirname "$0")
root=$dir/root
fs=$dir/$service-files
rm -rf "$fs"
mkdir -p "$fs"/{dev,proc,tmp,root/.ssh,etc/service,modules,bin,lib64,www,usr/{bin,sbin},lib/x86_64-linux-gnu,var/lib/nginx}
chmod 700 "$fs/root" "$fs/root/.ssh"
cp "$dir/init" "$fs/init"

case $service in
nginx) programs=usr/sbin/nginx ;;
redis) programs=usr/bin/redis-server ;;
ssh) programs="usr/sbin/dropbear bin/dash" ;;
esac
todo=()
for program in $programs; do
	cp -L "$root/$program" "$fs/$program"
	todo+=("$fs/$program")
done
cp -L "$root/lib64/ld-linux-x86-64.so.2" "$fs/lib64"
# What they name, and what that names.
while [ ${#todo[@]} -gt 0 ]; do
	names=$(readelf -d "${todo[@]}" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | sort -u)
	todo=()
	for name in $names; do
		to=$fs/lib/x86_64-linux-gnu/$name
		[ -e "$to" ] && continue
		from=$(find "$root" -name "$name" -print -quit)
		[ "$from" ] || { echo "initramfs.sh: no package has $name" >&2; exit 1; }
		cp -L "$from" "$to"
		todo+=("$to")
	done
done

# In the order in which they need each other.
for module in drivers/virtio/{virtio_ring,virtio,virtio_mmio} net/core/failover drivers/net/{net_failover,virtio_net}; do
	cp "$root"/lib/modules/*/kernel/$module.ko "$fs/modules"
	echo "/modules/${module##*/}.ko" >>"$fs/modules/list"
done

cat >"$fs/etc/passwd" <<-END
	root:x:0:0:root:/root:/bin/dash
	nobody:x:65534:65534:nobody:/:/bin/false
END
printf 'root:x:0:\nnogroup:x:65534:\n' >"$fs/etc/group"
case $service in
nginx)
	printf '%s\n' /usr/sbin/nginx -e /dev/stderr -c /nginx.conf >"$fs/etc/service/nginx"
	cp "$here/nginx.conf" "$fs"
	cp "$here/index.html" "$fs/www"
	;;
redis)
	printf '%s\n' /usr/bin/redis-server /redis.conf >"$fs/etc/service/redis"
	cp "$here/redis.conf" "$fs"
	;;
ssh)
	printf '%s\n' /usr/sbin/dropbear -F -E -s -r /etc/host-key >"$fs/etc/service/ssh"
	cp "$dir/host-key" "$fs/etc/host-key"
	dropbearkey -y -f "$dir/key" | grep ^ssh- >"$fs/root/.ssh/authorized_keys"
	chmod 600 "$fs/root/.ssh/authorized_keys"
	echo /bin/dash >"$fs/etc/shells"
	echo "PS1='bench> '" >"$fs/etc/profile"
	;;
esac
(cd "$fs" && find . | LC_ALL=C sort | cpio -o -H newc --quiet -R 0:0) >"$out"
