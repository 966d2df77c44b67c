#!/usr/bin/env bash
# Measures Muster beside its references, on free ports of the loopback, and prints one table. `make bench`
# builds first. Takes about three minutes; BENCH_PAIRS and BENCH_STARTS make it shorter or longer.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/server.sh
. scripts/server.sh

readonly bench_dir="${BENCH_DIR:-build/release/bench}"
readonly server_program="${BIN:-build/bin}/muster-matchfunction"
scratch="$(mktemp -d)"

clean_up() {
  server_stop_all
  rm -rf "$scratch"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

for program in "$server_program" "$bench_dir"/bench_{bare_server,compare,footprint}; do
  [[ -x $program ]] || die "$program is missing: run make bench"
done
step "start-up and memory of $server_program"
"$bench_dir/bench_footprint" --server "$server_program" --starts "${BENCH_STARTS:-20}"

step "speed against a bare gRPC server: same messages, callback API, options and client, no features"
server_start "$bench_dir/bench_bare_server" "$scratch/reference.log"
reference="$server_address"
server_start "$server_program" "$scratch/ours.log"
"$bench_dir/bench_compare" --reference "$reference" --ours "$server_address" --pairs "${BENCH_PAIRS:-9}"
step "done; goal: ratio 0.90 or more"
