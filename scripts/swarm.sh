# shellcheck shell=bash
# A Docker Swarm of three engines on this machine, for tests; source it. Each engine lives in a network
# namespace of its own, and all are joined by a bridge.
#
#   swarm_start DIR   starts it, exports DOCKER_HOST for the manager, node1, and SWARM_NODE_PIDS: a folder
#                     with the pids of the engines by name. Images stay in DIR.
#   swarm_each ARG..  runs docker with ARG at every node, with the same standard input.
#   swarm_stop        ends the engines and takes away what they brought.
#
# Needs root. The addresses are 10.213.77.0/24.

readonly swarm_nodes="1 2 3"
readonly swarm_bridge=muster-swarm
readonly swarm_net=10.213.77

swarm_socket() { echo "unix://$swarm_run/node$1.sock"; }

swarm_add_network() {
  local node
  ip link add "$swarm_bridge" type bridge
  ip address add "$swarm_net.254/24" dev "$swarm_bridge"
  ip link set "$swarm_bridge" up
  # Where an engine set the policy to DROP.
  iptables -I FORWARD -i "$swarm_bridge" -o "$swarm_bridge" -j ACCEPT
  for node in $swarm_nodes; do
    ip netns add "muster-node$node"
    ip link add "muster-v$node" type veth peer name eth0 netns "muster-node$node"
    ip link set "muster-v$node" master "$swarm_bridge" up
    ip -n "muster-node$node" link set lo up
    ip -n "muster-node$node" link set eth0 up
    ip -n "muster-node$node" address add "$swarm_net.$node/24" dev eth0
    ip -n "muster-node$node" route add default via "$swarm_net.254"
  done
}

# Only nsenter leaves /sys as it is; ip netns exec would mount another, without control groups.
swarm_start_node() {
  local node="$1" data="$2/node$1"
  mkdir -p "$data"
  nsenter --net="/var/run/netns/muster-node$node" unshare --uts sh -c \
    "hostname node$node; exec dockerd --data-root '$(realpath "$data")' \
     --exec-root '$swarm_run/exec$node' --pidfile '$SWARM_NODE_PIDS/node$node' \
     --host '$(swarm_socket "$node")'" >"$swarm_run/log$node" 2>&1 </dev/null &
  swarm_pids+=("$!")
}

swarm_wait_node() {
  local waited
  for ((waited = 0; waited < 600; ++waited)); do
    if docker --host "$(swarm_socket "$1")" info >/dev/null 2>&1; then return 0; fi
    sleep 0.1
  done
  tail -n 5 "$swarm_run/log$1" >&2
  return 1
}

swarm_start() {
  local data="$1" node token
  swarm_run="$(mktemp -d /tmp/swarm.XXXXXX)"
  swarm_pids=()
  export SWARM_NODE_PIDS="$swarm_run/pids"
  mkdir "$SWARM_NODE_PIDS"
  swarm_add_network || return 1
  # A Swarm of before would be waited for.
  for node in $swarm_nodes; do rm -rf "$data/node$node/swarm"; done
  for node in $swarm_nodes; do swarm_start_node "$node" "$data"; done
  for node in $swarm_nodes; do swarm_wait_node "$node" || return 1; done
  DOCKER_HOST="$(swarm_socket 1)"
  export DOCKER_HOST
  docker swarm init --advertise-addr "$swarm_net.1" >/dev/null || return 1
  token="$(docker swarm join-token --quiet worker)"
  for node in $swarm_nodes; do
    if [[ $node == 1 ]]; then continue; fi
    docker --host "$(swarm_socket "$node")" swarm join --token "$token" "$swarm_net.1:2377" \
      >/dev/null || return 1
  done
}

swarm_each() {
  local node input
  input="$(mktemp)"
  cat >"$input"
  for node in $swarm_nodes; do
    docker --host "$(swarm_socket "$node")" "$@" <"$input" || return 1
  done
  rm -f "$input"
}

swarm_stop() {
  local node pid
  [[ -n ${swarm_run:-} ]] || return 0
  for pid in "${swarm_pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${swarm_pids[@]}"; do wait "$pid" 2>/dev/null || true; done
  for node in $swarm_nodes; do
    umount "$swarm_run/exec$node/netns/"* 2>/dev/null || true
    ip netns delete "muster-node$node" 2>/dev/null || true
    ip link delete "muster-v$node" 2>/dev/null || true
  done
  ip link delete "$swarm_bridge" 2>/dev/null || true
  iptables -D FORWARD -i "$swarm_bridge" -o "$swarm_bridge" -j ACCEPT 2>/dev/null || true
  rm -rf "$swarm_run"
  swarm_run=
}
