#!/usr/bin/env bash
# Measures the alliance engine without a server around it: the time of a tick and the quality of its
# matches for kinds and sizes of crowds, as a table, as build/quality.json, and as the chart
# docs/images/quality.svg. `make bench-quality` builds first. Takes a few minutes; QUALITY_TICKETS
# ("1000 10000 100000"), QUALITY_POPULATIONS (names with commas between them) and QUALITY_SEEDS make it
# shorter or longer; then no chart is drawn.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

readonly bench_quality="${BENCH_DIR:-build/release/bench}/bench_quality"
readonly figures=build/quality.json
readonly chart=docs/images/quality.svg

[[ -x $bench_quality ]] || die "$bench_quality is missing: run make bench-quality"
read -r -a tickets <<<"${QUALITY_TICKETS:-1000 10000 100000}"
options=(--tickets "${tickets[@]}" --seeds "${QUALITY_SEEDS:-0}" --json "$figures")
if [[ -n ${QUALITY_POPULATIONS:-} ]]; then
  mapfile -t -d , populations < <(printf '%s' "$QUALITY_POPULATIONS")
  for population in "${populations[@]}"; do options+=(--population "${population# }"); done
fi
step "ticks of the alliance engine: medians over crowds"
"$bench_quality" "${options[@]}"
if [[ -z ${QUALITY_POPULATIONS:-}${QUALITY_TICKETS:-}${QUALITY_SEEDS:-} ]]; then
  mkdir -p "$(dirname "$chart")"
  python3 scripts/quality_chart.py "$figures" "$chart"
  step "drawn: $chart"
fi
