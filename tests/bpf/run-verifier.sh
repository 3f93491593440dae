#!/bin/bash
# run-verifier.sh: the verifier over its corpus (tests/bpf/verifier/*.txt) and over the examples of docs/bpf-verifier.md, and
# the Linux kernel's verdict on each program of the corpus where bpf() works. The tool's head says what a file looks like.
cd "$(dirname "$0")/../.." || exit 1
status=0
timeout 300 build/tests/bpf/corpus tests/bpf/verifier/*.txt || status=1
examples=$(mktemp -d) || exit 1
awk '/^```bpf$/ { inside = 1; next } /^```/ { inside = 0 } inside' docs/bpf-verifier.md >"$examples/docs-bpf-verifier.txt"
timeout 60 build/tests/bpf/corpus -n "$examples/docs-bpf-verifier.txt" || status=1
rm -rf "$examples"
exit $status
