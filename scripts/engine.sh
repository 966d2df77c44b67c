# shellcheck shell=bash
# A Docker Engine of one's own, for tests; source it.
#
#   engine_start DIR    starts dockerd on a socket below a new temporary directory, exports DOCKER_HOST, and
#                       ENGINE_PID_FILE: by it a test stops the engine, to start it again with the same
#                       command. Images and the build cache stay in DIR, so the next start is warm.
#   engine_stop         ends it and takes away the bridge and the firewall rules it brought.
#
# Needs root, and no other engine on this machine (both would claim the bridge docker0).

engine_start() {
  local data="$1" waited
  engine_run="$(mktemp -d /tmp/engine.XXXXXX)"
  engine_had_rules="$(iptables-save 2>/dev/null | grep -c DOCKER || true)"
  engine_policy="$(iptables -S FORWARD | awk 'NR == 1 {print $3}')"
  engine_forwarding="$(cat /proc/sys/net/ipv4/ip_forward)"
  mkdir -p "$data"
  unset DOCKER_CONTEXT
  dockerd --data-root "$(realpath "$data")" --exec-root "$engine_run/exec" \
    --pidfile "$engine_run/pid" --host "unix://$engine_run/docker.sock" \
    >"$engine_run/log" 2>&1 </dev/null &
  engine_pid=$!
  export DOCKER_HOST="unix://$engine_run/docker.sock" ENGINE_PID_FILE="$engine_run/pid"
  for ((waited = 0; waited < 300; ++waited)); do
    if docker info >/dev/null 2>&1; then return 0; fi
    kill -0 "$engine_pid" 2>/dev/null || break
    sleep 0.1
  done
  tail -n 5 "$engine_run/log" >&2
  echo "engine: dockerd did not start" >&2
  engine_stop
  return 1
}

engine_stop() {
  local waited
  [[ -n ${engine_pid:-} ]] || return 0
  # A test may have put another in its place. Each takes the file away as it ends.
  kill "$(cat "$ENGINE_PID_FILE" 2>/dev/null || echo "$engine_pid")" 2>/dev/null || true
  wait "$engine_pid" 2>/dev/null || true
  for ((waited = 0; waited < 300; ++waited)); do
    [[ -e $ENGINE_PID_FILE ]] || break
    sleep 0.1
  done
  engine_pid=
  unset ENGINE_PID_FILE
  rm -rf "$engine_run"
  # Another engine's bridge and rules stay.
  if [[ $engine_had_rules != 0 ]]; then return 0; fi
  ip link delete docker0 2>/dev/null || true
  iptables-save | sed -e '/DOCKER/d' -e '/docker0/d' \
    -e "s/^:FORWARD [A-Z]*/:FORWARD $engine_policy/" | iptables-restore || true
  echo "$engine_forwarding" >/proc/sys/net/ipv4/ip_forward
}
