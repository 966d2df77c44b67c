#!/usr/bin/env bash
# The example of docs/custom-logic.md, built, started and played.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
# shellcheck source=scripts/server.sh
. scripts/server.sh

readonly bin="${BIN:-build/bin}"
scratch="$(mktemp -d)"

clean_up() {
  server_stop_all
  rm -rf "$scratch"
}
trap clean_up EXIT

# expect_eq WHAT WANTED GOT
expect_eq() { [[ $2 == "$3" ]] || die "FAILED: $1: '$3' instead of '$2'"; }

ticket() {
  printf '{"ticketId":"%s","players":[{"playerId":"p-%s","attributes":{"rating":%s}}]}\n' "$1" "$1" "$2"
}

# tick RULES: one tick of all tickets under these rules; what came back goes to `said`.
tick() {
  printf '%s' "$1" >"$scratch/rules.json"
  said="$("$bin/musterctl" make-matches --target "$server_address" --rules "$scratch/rules.json" \
    --tickets "$scratch/tickets.jsonl" 2>&1)"
}

{
  ticket low 1000
  ticket high 2000
  ticket near-low 1040
  ticket near-high 1950
  ticket alone 3000
  ticket nan '"NaN"'
} >"$scratch/tickets.jsonl"

server_start "$bin/custom-match-function" "$scratch/server.log"
codes="$("$bin/musterctl" stat-codes --target "$server_address" --json)"
[[ $codes == *'"rating"'* ]] || die "FAILED: the stat codes are $codes"

tick '{}'
[[ $said == *"low, near-low"* && $said == *"near-high, high"* ]] || die "FAILED: the duels are: $said"
expect_eq "duels" 2 "$(server_metric appServer_matches_total)"
expect_eq "tickets without a rating" 1 \
  "$(server_metric 'appServer_tickets_left_out_total{method="MakeMatches",reason="refused_by_logic"}')"
step "ok: duels between near ratings, the rest waits"

tick '{"max_gap":45}'
expect_eq "duels after narrower rules" 3 "$(server_metric appServer_matches_total)"
if tick '{"max_gap":"wide"}'; then die "FAILED: bad rules were accepted"; fi
[[ $said == *'rules: max_gap "wide" is not a whole number'* ]] || die "FAILED: the error is: $said"
step "ok: rules decide, and bad ones are named"
