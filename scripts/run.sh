#!/usr/bin/env bash
# Serves with build/bin/muster-matchfunction and build/bin/muster-lobby until Ctrl-C, or until one of them
# ends. NAME=value lines of .env become their environment, as text only: nothing in them is run. A variable
# that is already set wins, as with docker-compose.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

read_env_file() {
  local line name value number=0
  while IFS= read -r line || [[ -n $line ]]; do
    number=$((number + 1))
    line="${line%$'\r'}"
    if [[ $line =~ ^[[:space:]]*(#.*)?$ ]]; then continue; fi
    [[ $line =~ ^[[:space:]]*(export[[:space:]]+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)$ ]] ||
      die "$1 line $number is not NAME=value"
    name="${BASH_REMATCH[2]}"
    value="${BASH_REMATCH[3]}"
    value="${value%"${value##*[![:space:]]}"}"
    if [[ $value =~ ^\"(.*)\"$ || $value =~ ^\'(.*)\'$ ]]; then value="${BASH_REMATCH[1]}"; fi
    [[ -v $name ]] || export "$name=$value"
  done <"$1"
}

if [[ -f .env ]]; then read_env_file .env; fi
# A fresh clone has no account at AccelByte: no tokens are asked for unless .env or the shell say otherwise.
if [[ ! -v PLUGIN_GRPC_SERVER_AUTH_ENABLED && ! -v ENABLE_INTERCEPTOR_AUTH ]]; then
  export PLUGIN_GRPC_SERVER_AUTH_ENABLED=false
fi
# Nor has it an issuer of players' tokens: players are who they say they are, on this machine only.
if [[ ! -v LOBBY_AUTH ]]; then export LOBBY_AUTH=dev; fi

build/bin/muster-matchfunction &
readonly matchfunction=$!
build/bin/muster-lobby &
readonly lobby=$!
stop() { kill -TERM "$matchfunction" "$lobby" 2>/dev/null || true; }
stopped_by_hand=no
trap 'stopped_by_hand=yes; stop' INT TERM

code=0
# The first that ends ends both; a signal ends the wait, too.
wait -n "$matchfunction" "$lobby" || code=$?
stop
for program in "$matchfunction" "$lobby"; do
  while kill -0 "$program" 2>/dev/null; do wait "$program" || true; done
done
if [[ $stopped_by_hand == yes ]]; then code=0; fi
exit "$code"
