#!/usr/bin/env bash
# Measures ticks of 1v1 beside sorting the ratings, and the memory of a tick of a million tickets.
# `make bench-core` builds first. Takes a minute; CORE_PAIRS makes it longer.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

readonly bench_dir="${BENCH_DIR:-build/release/bench}"

for program in bench_core bench_memory; do
  [[ -x $bench_dir/$program ]] || die "$bench_dir/$program is missing: run make bench-core"
done
step "1v1 beside std::sort of as many ratings with their indices, 8 bytes each"
"$bench_dir/bench_core" --pairs "${CORE_PAIRS:-9}"
step "memory of a tick beside its tickets"
"$bench_dir/bench_memory"
