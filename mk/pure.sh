#!/bin/bash
# pure.sh FILE...: checks that pure files and headers include only what a pure file may: freestanding headers of C and
# other pure headers. That they compile both ways is proved by the objects for the guest and for the unit tests.
freestanding=' stdint.h stddef.h stdbool.h stdarg.h limits.h '
failed=0
for file; do
	bad=
	[ "$(head -n1 "$file")" = '/* pure */' ] || bad+=" (first line is not /* pure */)"
	while read -r inc; do
		case $inc in
		\<*) [[ $freestanding == *" ${inc//[<>]/} "* ]] || bad+=" $inc" ;;
		*)
			inc=${inc//\"/}
			[ "$(head -qn1 "$inc" "build/$inc" 2>/dev/null)" = '/* pure */' ] || bad+=" $inc"
			;;
		esac
	done < <(sed -n 's/^[ \t]*#[ \t]*include[ \t]*\([<"][^>"]*[>"]\).*/\1/p' "$file")
	if [ -n "$bad" ]; then
		echo "not ok - $file is pure:$bad"
		failed=1
	fi
done
[ $failed = 0 ] && echo "ok - $# files of the pure zone include only what they may"
exit $failed
