#!/bin/bash
# run-overlay-pt.sh: run-overlay.sh once more, with page tables in place of protection keys.
cd "$(dirname "$0")/../.." || exit 1
DOMAIN=pt exec tests/overlay/run-overlay.sh
