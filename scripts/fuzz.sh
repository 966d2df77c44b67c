#!/usr/bin/env bash
# Runs each fuzz target for a bounded time, one a core: scripts/fuzz.sh [SECONDS]. Each starts from its committed
# corpus tests/fuzz/corpus/NAME; what it finds beyond stays in build/fuzz/corpus, a crashing input in
# build/fuzz/crashes.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

readonly seconds="${1:-20}"

run_target() {
  local name="${1#fuzz_}" seeds=()
  mkdir -p "build/fuzz/corpus/$name" build/fuzz/crashes
  if [[ -d tests/fuzz/corpus/$name ]]; then seeds=("tests/fuzz/corpus/$name"); fi
  step "fuzz $name, $seconds s"
  if ! "build/fuzz/bin/$1" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
    -artifact_prefix="build/fuzz/crashes/$name-" -print_final_stats=1 \
    "build/fuzz/corpus/$name" "${seeds[@]}" >"build/fuzz/$name.log" 2>&1; then
    tail -n 40 "build/fuzz/$name.log"
    die "$1 failed; the input is in build/fuzz/crashes"
  fi
  step "$name: $(grep -oE 'number_of_executed_units: +[0-9]+' "build/fuzz/$name.log" || echo "no count")"
}

build_preset fuzz tests/fuzz/all
shopt -s nullglob
targets=(build/fuzz/bin/fuzz_*)
[[ ${#targets[@]} != 0 ]] || die "no fuzz target was built"
# One on each core: a target has one thread.
running=0
failed=no
end_one() {
  wait -n || failed=yes
  running=$((running - 1))
}
for target in "${targets[@]}"; do
  while ((running >= $(nproc))); do end_one; done
  run_target "${target##*/}" &
  running=$((running + 1))
done
while ((running > 0)); do end_one; done
[[ $failed == no ]] || die "a target failed; its input is in build/fuzz/crashes"
step "fuzzing found nothing"
