#!/usr/bin/env bash
# The built musterctl against the built server: every command, 10,000 tickets, exit codes.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
# shellcheck source=scripts/server.sh
. scripts/server.sh

readonly bin="${BIN:-build/bin}"
readonly musterctl="$bin/musterctl"
readonly server_program="$bin/muster-matchfunction"
readonly data_set=tests/data/tickets_10k.jsonl
scratch="$(mktemp -d)"

clean_up() {
  server_stop_all
  rm -rf "$scratch"
}
trap clean_up EXIT

# expect CODE WHAT COMMAND...: runs musterctl and compares its exit code; output goes to $scratch/out.
expect() {
  local code=0 wanted="$1" what="$2"
  shift 2
  "$musterctl" "$@" >"$scratch/out" 2>"$scratch/err" || code=$?
  [[ $code == "$wanted" ]] ||
    die "FAILED: $what: exit code $code instead of $wanted: $(tail -n 3 "$scratch/out" "$scratch/err")"
  step "ok: $what"
}

# says TEXT: the output of the latest expect has it.
says() {
  grep -qF -- "$1" "$scratch/out" "$scratch/err" ||
    die "FAILED: no \`$1\` in: $(tail -n 5 "$scratch/out" "$scratch/err")"
}

server_start "$server_program" "$scratch/server.log"
at=(--target "$server_address")
head -3 "$data_set" >"$scratch/three.jsonl"
echo '{"shipCountMin":3,"shipCountMax":3}' >"$scratch/threes.json"
echo '{"shipCountMin":5,"shipCountMax":2}' >"$scratch/bad.json"
team='{"teamId":"x","userIds":["u"]}'
printf '{"ticketId":"b1","matchPool":"ranked","matchSessionId":"s1","partialMatch":{"teams":[%s]}}\n' \
  "$team" >"$scratch/sessions.jsonl"

expect 0 "health" health "${at[@]}"
says SERVING
expect 0 "health of the service" \
  health "${at[@]}" --service accelbyte.matchmaking.matchfunction.MatchFunction
expect 1 "health of an unknown service" health "${at[@]}" --service nope
expect 1 "health without a server" health --target 127.0.0.1:1

expect 0 "stat codes" stat-codes "${at[@]}"
expect 1 "bad rules" stat-codes "${at[@]}" --rules "$scratch/bad.json"
says INVALID_ARGUMENT
expect 0 "validate" validate "${at[@]}" --tickets "$scratch/three.jsonl"
says "3 tickets: 3 valid, 0 not valid"
expect 0 "enrich" enrich "${at[@]}" --tickets "$scratch/three.jsonl"
says '{"enrichedNumber":20}'

expect 0 "10,000 tickets in pairs" make-matches "${at[@]}" --tickets "$data_set"
says "10,000 tickets, 5,000 matches: 10,000 matched, 0 left over"
expect 0 "10,000 tickets in threes" \
  make-matches "${at[@]}" --tickets "$data_set" --rules "$scratch/threes.json" --json
says '{"summary":{"tickets":10000,"matches":3333,"matched":9999,"leftOver":1}}'
expect 1 "a tick with bad rules" \
  make-matches "${at[@]}" --tickets "$scratch/three.jsonl" --rules "$scratch/bad.json"
says INVALID_ARGUMENT
expect 2 "a file that is no ticket file" make-matches "${at[@]}" --tickets "$scratch/threes.json"
says "threes.json line 1"

expect 0 "backfill" backfill "${at[@]}" --tickets "$scratch/three.jsonl" \
  --backfill-tickets "$scratch/sessions.jsonl"
says "1 backfill tickets, 3 tickets, 1 proposals: 1 tickets added, 2 left over"

expect 0 "unary load" load "${at[@]}" --count 2000 --json
says '"errors":0'
expect 0 "stream load" load "${at[@]}" --method make-matches --count 4 --in-flight 2 --json
says '"matchesReceived":2000'
expect 0 "the data set again" generate --count 10000 --seed 1
cmp "$scratch/out" "$data_set" || die "FAILED: the data set is not what the generator makes"

# The same with teams, ratings and regions.
pairs_pid="$server_pid"
MATCH_LOGIC=alliance server_start "$server_program" "$scratch/alliance.log"
at=(--target "$server_address")
rule='{"attribute":"mmr","criteria":"distance","reference":100}'
printf '{"alliance":{"min_number":2,"max_number":2,"player_min_number":2,"player_max_number":2},%s}\n' \
  "\"matching_rule\":[$rule]" >"$scratch/teams.json"
echo '{"alliance":{"min_number":2,"max_number":1}}' >"$scratch/bad.json"
for mmr in 1500 1510 1520 1530 1900; do
  printf '{"ticketId":"t%s","players":[{"playerId":"p%s","attributes":{"mmr":%s}}],%s}\n' \
    "$mmr" "$mmr" "$mmr" '"latencies":{"us-east-2":"30"}'
done >"$scratch/five.jsonl"
printf '{"ticketId":"b1","matchSessionId":"s1","partialMatch":{"teams":[%s,%s],"tickets":[%s],%s}}\n' \
  '{"teamId":"x","userIds":["u"]}' '{"teamId":"y","userIds":["v","w"]}' \
  '{"ticketId":"old","players":[{"playerId":"u","attributes":{"mmr":1900}}]}' \
  '"regionPreferences":["us-east-2"]' >"$scratch/sessions.jsonl"

expect 0 "stat codes of teams" stat-codes "${at[@]}" --rules "$scratch/teams.json"
says mmr
expect 1 "teams without rules" stat-codes "${at[@]}"
says INVALID_ARGUMENT
expect 1 "teams with bad rules" stat-codes "${at[@]}" --rules "$scratch/bad.json"
says "alliance.max_number 1 is below min_number 2"
expect 0 "enriching tickets for teams" enrich "${at[@]}" --tickets "$scratch/five.jsonl"
expect 0 "teams" make-matches "${at[@]}" --rules "$scratch/teams.json" \
  --tickets "$scratch/five.jsonl" --teams
says "Match 1: 2 v 2 in us-east-2"
says "5 tickets, 1 matches: 4 matched, 1 left over"
expect 0 "backfill of a team" backfill "${at[@]}" --rules "$scratch/teams.json" \
  --tickets "$scratch/five.jsonl" --backfill-tickets "$scratch/sessions.jsonl"
says "s1       b1               t1900  2 v 2"
says "1 backfill tickets, 5 tickets, 1 proposals: 1 tickets added, 4 left over"
kill -0 "$pairs_pid" || die "FAILED: the first server is gone"

kill -0 "$server_pid" || die "FAILED: the server is gone"
step "passed"
