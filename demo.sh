#!/usr/bin/env bash
# Shows Muster at work: starts match functions on free ports, sends them tickets and says what comes back:
# pairs of a handful, then of 10,000 tickets, then five against five with parties, ratings and regions. Each
# ticket is accounted for. Stops the servers at the end. `make demo` builds first.
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

# start LOGIC
start() {
  local state
  MATCH_LOGIC="$1" server_start "$server_program" "$scratch/$1.log"
  address="$server_address"
  say "The match function with the logic $1 is ready."
  say "gRPC is on $address, metrics are on $(json_field metrics "$server_ready")."
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
  local tickets
  tickets="$(wc -l <"$data_set")"
  say ""
  say "Now $tickets tickets in one tick ($data_set); the first of them:"
  say "  $(head -1 "$data_set")"
  "$musterctl" make-matches --target "$address" --tickets "$data_set" --rows 3 | sed 's/^/  /' ||
    die "make-matches failed"
  "$musterctl" make-matches --target "$address" --tickets "$data_set" --json >"$scratch/all.out" ||
    die "make-matches failed"
  account_for "$data_set" "$scratch/all.out"
}

# account_for TICKETS ANSWERS: counts for itself instead of believing the summary.
account_for() {
  local summary tickets matches matched left ids distinct
  tickets="$(wc -l <"$1")"
  summary="$(tail -1 "$2")"
  matches="$(json_field matches "$summary")"
  matched="$(json_field matched "$summary")"
  left="$(json_field leftOver "$summary")"
  grep -o '"ticketId":"[^"]*"' "$2" | sort >"$scratch/ids"
  ids="$(wc -l <"$scratch/ids")"
  distinct="$(uniq "$scratch/ids" | wc -l)"
  [[ $ids == "$matched" ]] || die "the summary says $matched matched, the matches hold $ids tickets"
  [[ $distinct == "$ids" ]] || die "$((ids - distinct)) tickets came back twice"
  [[ $((matched + left)) == "$tickets" ]] ||
    die "$tickets tickets sent, but $matched matched and $left left over"
  grep -o '"ticketId":"[^"]*"' "$1" | sort >"$scratch/sent"
  [[ -z $(comm -13 "$scratch/sent" "$scratch/ids") ]] || die "a ticket came back that was not sent"
  say "Every ticket is accounted for: $matched matched once in $matches matches, $left left over."
}

# Two teams of five, at most 100 rating points apart, 200 after 20 seconds; no region above 120 ms.
write_team_rules() {
  cat >"$1" <<'RULES'
{
  "alliance": {"min_number": 2, "max_number": 2, "player_min_number": 5, "player_max_number": 5},
  "matching_rule": [{"attribute": "mmr", "criteria": "distance", "reference": 100}],
  "flexing_rule": [{"duration": 20, "attribute": "mmr", "criteria": "distance", "reference": 200}],
  "rebalance_enable": true,
  "region_expansion_rate_ms": 5000,
  "region_expansion_range_ms": 20,
  "region_latency_initial_range_ms": 40,
  "region_latency_max_ms": 120
}
RULES
}

show_teams() {
  local rules="$scratch/teams.json" tickets="$scratch/teams.jsonl" players
  write_team_rules "$rules"
  # The last minute of a busy pool.
  "$musterctl" generate --count 1000 --seed 5 --party-sizes 40,25,15,10,10 --oldest-age-s 60 \
    --regions us-east-2,us-west-2,eu-central-1,ap-southeast-1,sa-east-1 --mean-gap-ms 60 \
    --output "$tickets"
  players="$(grep -o '"playerId"' "$tickets" | wc -l)"
  say ""
  say "Five against five: $players players in 1000 parties of 1 to 5, in five regions, under these rules:"
  sed 's/^/  /' "$rules"
  say "The first matches; parties are joined by +:"
  # Without the summary: a moment later the tickets are older, and it may be another.
  "$musterctl" make-matches --target "$address" --rules "$rules" --tickets "$tickets" --rows 3 \
    --teams >"$scratch/teams.txt" || die "make-matches failed"
  sed '$d; s/^/  /' "$scratch/teams.txt"
  "$musterctl" make-matches --target "$address" --rules "$rules" --tickets "$tickets" --json \
    >"$scratch/teams.out" || die "make-matches failed"
  account_for "$tickets" "$scratch/teams.out"
}

need_programs
start pairs
show_a_handful
send_data_set
say ""
start alliance
show_teams
say ""
say "Done; the servers are stopped. Next: make run, then build/bin/musterctl --help."
