#!/bin/bash
# run-verifier.sh: the verifier over its corpus (tests/bpf/verifier/*.txt), and the Linux kernel's verdict on each program
# where bpf() works. The tool's head says what a file looks like.
cd "$(dirname "$0")/../.." || exit 1
exec timeout 300 build/tests/bpf/corpus tests/bpf/verifier/*.txt
