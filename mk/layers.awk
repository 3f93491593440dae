# layers.awk: checks the table "Folders and who may use whom" of docs/architecture.md against what the objects include.
#
#	awk -f mk/layers.awk docs/architecture.md DEPENDENCY-FILE...
#
# Prints "ok - NAME" or "not ok - NAME" for each folder, after lines that name file and header. A folder may use itself and,
# through the third column, what those folders may use in turn.

FILENAME == ARGV[1] {
	if ($0 !~ /^\| *`[a-z0-9_\/]+\/` *\|/)
		next
	n = split($0, cell, "|")
	folder = cell[2]
	gsub(/[ `]|\/ *$/, "", folder)
	sub(/\/$/, "", folder)
	folders[folder] = 1
	uses = cell[n - 1]
	gsub(/[ ]/, "", uses)
	split(uses, list, ",")
	for (i in list)
		may[folder, list[i]] = 1
	next
}

function folder_of(path,    f, best)
{
	for (f in folders)
		if (index(path, f "/") == 1)
			best = f
	return best
}

# "arch" in the table's third column is the folder arch/x86_64; "all" is all.
function allowed(from, to, depth,    f)
{
	if (from == to || (from, "all") in may || (from, to) in may)
		return 1
	if (depth > 8)
		return 0
	for (f in folders)
		if (((from, f) in may || (from, short(f)) in may) && allowed(f, to, depth + 1))
			return 1
	return 0
}

function short(f) { sub(/\/.*/, "", f); return f }

FNR == 1 { source = "" }
{
	for (i = 1; i <= NF; i++) {
		word = $i
		if (word ~ /:$/) {
			if (source != "")
				i = NF	# the phony targets of -MP
			continue
		}
		if (word == "\\" || word !~ /\.[chS]$/)
			continue
		if (source == "") {
			source = word
			from = folder_of(source)
			continue
		}
		to = folder_of(word)
		if (from == "" || to == "" || word ~ /^build\//)
			continue
		checked[from]++
		if (!((from, to) in verdict))
			verdict[from, to] = allowed(from, to, 0) || allowed(from, short(to), 0)
		if (!verdict[from, to]) {
			print "# " source " includes " word
			bad[from]++
		}
	}
}

END {
	for (f in folders) {
		if (f in bad)
			print "not ok - " f " uses only what it may"
		else if (f in checked)
			print "ok - " f " uses only what it may"
		if (f in bad)
			failed = 1
	}
	exit failed
}
