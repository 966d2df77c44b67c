#!/usr/bin/env bash
# Shows Muster at work: starts a match function on free ports, sends it tickets and says what comes back,
# first a handful, then 10,000, each accounted for. Stops the server at the end. `make demo` builds first.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/scripts/lib.sh"
# shellcheck source=scripts/server.sh
. scripts/server.sh

readonly bin="${BIN:-build/bin}"
readonly server_program="$bin/muster-matchfunction"
readonly musterctl="$bin/musterctl"
readonly data_set=tests/data/tickets_10k.jsonl
scratch="$(mktemp -d)"

say() { printf '%s\n' "$*"; }

clean_up() {
  server_stop_all
  rm -rf "$scratch"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

need_programs() {
  local program
  for program in "$server_program" "$musterctl"; do
    [[ -x $program ]] || die "$program is missing: run make build"
  done
}

start() {
  local state
  server_start "$server_program" "$scratch/server.log"
  address="$server_address"
  say "The match function is ready: gRPC on $address, metrics on $(json_field metrics "$server_ready")."
  state="$("$musterctl" health --target "$address")" || die "the server says it is $state"
  say "Its health check answers: $state."
}

# Five players queue; the fifth stays alone.
show_a_handful() {
  local name line n=0
  say ""
  say "Five players queue one after the other, and the rules want two a match:"
  for name in alice bob carol dave erin; do
    printf '{"ticketId":"ticket-%s","matchPool":"duels","players":[{"playerId":"%s"}]}\n' "$name" "$name"
  done >"$scratch/five.jsonl"
  "$musterctl" make-matches --target "$address" --tickets "$scratch/five.jsonl" --json \
    >"$scratch/five.out" || die "make-matches failed"
  while read -r line; do
    if [[ $line == '{"summary"'* ]]; then
      [[ $(json_field matched "$line") == 4 && $(json_field leftOver "$line") == 1 ]] ||
        die "expected 4 matched and 1 left over: $line"
      say "  $(json_field leftOver "$line") player is left over and waits for the next tick."
    else
      n=$((n + 1))
      [[ $line =~ \"userIds\":\[\"([a-z]+)\",\"([a-z]+)\"\] ]] || die "no pair in: $line"
      say "  Match $n: ${BASH_REMATCH[1]} plays ${BASH_REMATCH[2]}."
    fi
  done <"$scratch/five.out"
}

send_data_set() {
  local summary tickets matches matched left
  tickets="$(wc -l <"$data_set")"
  say ""
  say "Now $tickets tickets in one tick ($data_set); the first of them:"
  say "  $(head -1 "$data_set")"
  "$musterctl" make-matches --target "$address" --tickets "$data_set" --rows 3 | sed 's/^/  /' ||
    die "make-matches failed"
  "$musterctl" make-matches --target "$address" --tickets "$data_set" --json >"$scratch/all.out" ||
    die "make-matches failed"

  summary="$(tail -1 "$scratch/all.out")"
  matches="$(json_field matches "$summary")"
  matched="$(json_field matched "$summary")"
  left="$(json_field leftOver "$summary")"
  account_for "$tickets" "$matched" "$left"
  say "Every ticket is accounted for: $matched matched once in $matches matches, $left left over."
}

# account_for TICKETS MATCHED LEFT: counts for itself instead of believing the summary.
account_for() {
  local ids distinct
  grep -o '"ticketId":"[^"]*"' "$scratch/all.out" | sort >"$scratch/ids"
  ids="$(wc -l <"$scratch/ids")"
  distinct="$(uniq "$scratch/ids" | wc -l)"
  [[ $ids == "$2" ]] || die "the summary says $2 matched, the matches hold $ids tickets"
  [[ $distinct == "$ids" ]] || die "$((ids - distinct)) tickets came back twice"
  [[ $(($2 + $3)) == "$1" ]] || die "$1 tickets sent, but $2 matched and $3 left over"
  grep -o '"ticketId":"[^"]*"' "$data_set" | sort >"$scratch/sent"
  [[ -z $(comm -13 "$scratch/sent" "$scratch/ids") ]] || die "a ticket came back that was not sent"
}

need_programs
start
show_a_handful
send_data_set
say ""
say "Done; the server is stopped. Next: make run, then build/bin/musterctl --help."
