# syscalls.awk: makes code from linux/syscalls.tbl (rows of 4: number name nargs implementation, or of 5: `app`, which
# refers to the implementation weakly wherever not the application itself calls it by name, or `quick`, whose
# application's call asks quick_NAME() first, without entering the kernel: -ENOSYS is "not me"), the list of all Linux
# calls (rows of 2: number name) and, after them, the names that the kernel's objects define, one a line.
#
#	awk -v out=DIR -v make=WHAT -f syscalls.awk linux/syscalls.tbl mk/syscalls.list [defined.txt]
#
# WHAT is `headers`: DIR/syscall_switch.h and DIR/syscall_names.h; `members`: DIR/linux/linux_NAME.c and
# DIR/linux/linux_syscall.c; or `overlay`: DIR/overlay_syscalls.h. A file whose content would not change is not written.

function put(file, text,    old, line)
{
	while ((getline line < file) > 0)
		old = old line "\n"
	close(file)
	if (old != text) {
		printf "%s", text > file
		close(file)
	}
}

function list(prefix, n,    i, s)
{
	for (i = 0; i < n; i++)
		s = s (i ? ", " : "") prefix substr("abcdef", i + 1, 1)
	return s
}

function types(n,    i, s)
{
	for (i = 0; i < n; i++)
		s = s (i ? ", long" : "long")
	return n ? s : "void"
}

# In a process of Linux vfork() is fork(): a function that returns cannot share its stack with a child.
function member(name, nr,    n, call)
{
	n = nargs[name]
	if (impl[name] in defined)
		call = impl[name] "(" list("", n) ")"
	else {
		n = 0
		call = "linux_enosys(" nr ")"
	}
	return "/* Made from linux/syscalls.tbl. */\n" \
		"#include \"kernel/entry.h\"\n\n" \
		"LINUX_CALL(" name ", " (name == "vfork" ? 57 : nr) ");\n" \
		"long " (impl[name] in defined ? impl[name] "(" types(n) ")" : "linux_enosys(long nr)") ";\n" \
		(quick[name] ? "long quick_" name "(" types(n) ");\n" : "") \
		"long linux_" name "(" (n ? list("long ", n) : "void") ");\n\n" \
		"long linux_" name "(" (n ? list("long ", n) : "void") ")\n{\n" \
		(quick[name] ? "\tlong r = quick_" name "(" list("", n) ");\n\n\tif (r != -38)\n\t\treturn r;\n" : "\tlong r;\n\n") \
		"\tkernel_enter();\n\tdo\n\t\tr = " call ";\n\twhile (kernel_leave(&r));\n\treturn r;\n}\n"
}

function option() { return NF == 5 && ($5 == "app" || $5 == "quick") }

FNR == 1 { source++ }
{ sub(/#.*/, "") }
source == 1 && (NF == 4 || option()) {
	name_of[$1 + 0] = $2
	nargs[$2] = $3
	impl[$2] = $4
	weak[$2] = NF == 5 && $5 == "app"
	quick[$2] = NF == 5 && $5 == "quick"
	if ($1 + 0 > max) max = $1 + 0
	if ($3 > 6 || ($2 in seen)) { print FILENAME ":" FNR ": bad row" > "/dev/stderr"; exit failed = 1 }
	seen[$2] = 1
}
source == 1 && NF && NF != 4 && !option() { print FILENAME ":" FNR ": bad row" > "/dev/stderr"; exit failed = 1 }
source == 2 && NF == 2 {
	if ($1 + 0 in name_of && name_of[$1 + 0] != $2) {
		print "syscalls.tbl: " $1 " is " $2 > "/dev/stderr"
		exit failed = 1
	}
	name_of[$1 + 0] = $2
	if (!($2 in nargs)) {
		nargs[$2] = 6 # not known here; Linux knows
		impl[$2] = "-"
	}
	if ($1 + 0 > max) max = $1 + 0
}
source == 3 { defined[$1] = 1 }

END {
	if (failed)
		exit 1
	head = "/* Made from linux/syscalls.tbl. */\n"
	if (make == "headers") {
		decl = sw = names = ""
		for (i = 0; i <= max; i++) {
			if (!(i in name_of))
				continue
			n = name_of[i]
			decl = decl "long linux_" n "(" types(nargs[n]) ");\n"
			sw = sw "\t\tcase " i ": return linux_" n "(" list("", nargs[n]) ");\n"
			names = names "SYSCALL_NAME(" i ", " (impl[n] == "-" || weak[n] ? n : "") ")\n"
			if (i && !((i - 1) in name_of)) {
				gap_end = i
				gaps++
			}
			if (!((i + 1) in name_of) && i < max)
				gap_start = i + 1
		}
		if (gaps != 1) {
			print "syscalls.list: the numbers have " gaps " gaps, not one" > "/dev/stderr"
			exit 1
		}
		put(out "/syscall_switch.h", head decl \
			"long linux_syscall(long, long, long, long, long, long, long);\n\n" \
			"static __inline __attribute__((always_inline))\n" \
			"long linux_call(long n, long a, long b, long c, long d, long e, long f)\n{\n" \
			"\tif (__builtin_constant_p(n))\n\t\tswitch (n) {\n" sw "\t\t}\n" \
			"\treturn linux_syscall(n, a, b, c, d, e, f);\n}\n")
		put(out "/syscall_names.h", head \
			"/* SYSCALL_NAME(number, name) for every Linux call, ascending, without a gap but one; no name\n" \
			" * if the call exists. */\n" \
			"#define SYSCALL_GAP_START " gap_start "\n#define SYSCALL_GAP_END " gap_end "\n" names)
		exit 0
	}
	all = table = ""
	for (i = 0; i <= max; i++) {
		if (!(i in name_of))
			continue
		n = name_of[i]
		if (make == "members")
			put(out "/linux/linux_" n ".c", member(n, i))
		if (!(impl[n] in defined))
			continue
		table = table (weak[n] ? "SYSCALL_APP(" : "SYSCALL(") i ", " n ", " nargs[n] ")\n"
		decl = decl "long " impl[n] "(" types(nargs[n]) ")" (weak[n] ? " __attribute__((weak))" : "") ";\n"
		all = all "\tcase " i ": " (weak[n] ? "if (!" impl[n] ") break; " : "") "return " impl[n] \
			"(" list("", nargs[n]) ");\n"
	}
	if (make == "overlay") {
		put(out "/overlay_syscalls.h", head "/* SYSCALL(number, name, nargs) for every call that is there; " \
			"its function is sys_NAME.\n * SYSCALL_APP: if the application has brought it into the image. */\n" table)
		exit 0
	}
	put(out "/linux/linux_syscall.c", head "#include \"kernel/entry.h\"\n\n" \
		"LINUX_CALL(syscall, linux_process_syscall);\nlong linux_enosys(long nr);\n" decl \
		"long linux_syscall(long nr, long a, long b, long c, long d, long e, long f);\n\n" \
		"static long dispatch(long nr, long a, long b, long c, long d, long e, long f)\n{\n" \
		"\tswitch (nr) {\n" all "\t}\n\treturn linux_enosys(nr);\n}\n\n" \
		"/* Every call by its number, for those whose number is not known at compile time. */\n" \
		"long linux_syscall(long nr, long a, long b, long c, long d, long e, long f)\n{\n\tlong r;\n\n" \
		"\tkernel_enter();\n\tdo\n\t\tr = dispatch(nr, a, b, c, d, e, f);\n\twhile (kernel_leave(&r));\n\treturn r;\n}\n")
}
