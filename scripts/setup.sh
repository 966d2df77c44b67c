#!/usr/bin/env bash
# Installs what a task needs from Debian's packages, and nothing when all of it is there.
#
#   scripts/setup.sh [build] [lint] [coverage] [e2e]      default: build
#
# A word `a|b` is met by either package; the first is the one to install. No root, no network and no
# question when nothing is missing. SKIP_SETUP=1 leaves the machine alone.
set -euo pipefail

build=(
  make git ca-certificates cmake ninja-build g++ ccache pkg-config python3
  libgrpc++-dev libgrpc-dev protobuf-compiler-grpc protobuf-compiler libprotobuf-dev libabsl-dev
  prometheus-cpp-dev libspdlog-dev nlohmann-json3-dev libcli11-dev
  libcurl4-openssl-dev libssl-dev zlib1g-dev libboost1.81-dev libsqlite3-dev libhiredis-dev
  libgtest-dev libgmock-dev libbenchmark-dev
)
lint=(clang clang-format clang-tidy libclang-rt-14-dev shellcheck)
coverage=(gcovr)
e2e=(
  "docker.io|docker-ce" "docker-compose|docker-compose-plugin" apparmor iptables iproute2 debootstrap zstd
  python3-grpcio python3-protobuf python3-websocket python3-yaml prometheus redis-server jq curl
)

say() { printf 'setup: %s\n' "$1"; }

needed() {
  local set
  for set in "$@"; do
    case "$set" in
      build) printf '%s\n' "${build[@]}" ;;
      lint) printf '%s\n' "${lint[@]}" ;;
      coverage) printf '%s\n' "${coverage[@]}" ;;
      e2e) printf '%s\n' "${e2e[@]}" ;;
      *)
        say "no set is called $set: build, lint, coverage or e2e" >&2
        return 2
        ;;
    esac
  done
}

# missing WORD...: the package to install for each word that no installed package meets.
missing() {
  local installed word name
  installed=" $(dpkg-query -W -f '${db:Status-Abbrev}${Package} ' 2>/dev/null |
    grep -o 'ii [^ ]*' | cut -d' ' -f2 | tr '\n' ' ')" || installed=" "
  for word in "$@"; do
    for name in ${word//|/ }; do
      if [[ $installed == *" $name "* ]]; then continue 2; fi
    done
    echo "${word%%|*}"
  done
}

on_debian_12() (
  [[ -r /etc/os-release ]] || exit 1
  # shellcheck source=/dev/null
  . /etc/os-release
  [[ ${ID:-} == debian && ${VERSION_ID:-} == 12 ]]
)

explain_other_system() {
  cat >&2 <<TEXT
setup: this is not Debian 12, so nothing was installed. What is needed, by its Debian package:
$(printf '  %s\n' "$@")
with at least g++ 12, CMake 3.25, gRPC C++ 1.51, Protobuf 3.21 and Abseil 20220623.
Installed them in another way? Then run the same command with SKIP_SETUP=1 in the environment.
TEXT
}

# Turns apt's status lines into one line a tenth; everything goes to the log.
show_progress() {
  local log="$1" line percent last=-1
  while IFS= read -r line; do
    printf '%s\n' "$line" >>"$log"
    [[ $line =~ ^(dlstatus|pmstatus):[^:]*:([0-9]+) ]] || continue
    percent="$((BASH_REMATCH[2] / 10 * 10))"
    [[ ${BASH_REMATCH[1]} == dlstatus ]] && line="downloaded" || line="installed"
    [[ $line$percent != "$last" ]] || continue
    last="$line$percent"
    printf 'setup: %4ds  %s %d %%\n' "$SECONDS" "$line" "$percent"
  done
}

install_packages() {
  local log as_root=()
  if [[ $(id -u) != 0 ]]; then
    if ! command -v sudo >/dev/null; then
      say "missing: $*" >&2
      say "installing needs root or sudo; as root: apt-get install $*" >&2
      return 1
    fi
    as_root=(sudo)
    sudo -v || return 1
  fi
  log="$(mktemp)"
  say "installing $# packages: $*"
  say "   0s  reading the package lists"
  "${as_root[@]}" apt-get -q update >>"$log" 2>&1 || say "some package lists could not be read; going on"
  # --no-remove: an engine or a library that someone else installed stays. apt keeps descriptor 3, its
  # status lines, from the programs it starts; sudo would close it, so it is opened inside.
  # shellcheck disable=SC2016
  if ! "${as_root[@]}" sh -c 'DEBIAN_FRONTEND=noninteractive exec apt-get install -q -y --no-remove \
      --no-install-recommends -o APT::Status-Fd=3 -o Dpkg::Use-Pty=0 "$@" 3>&1 2>&1 </dev/null' \
    apt-get "$@" | show_progress "$log"; then
    tail -n 20 "$log" >&2
    say "apt-get failed; its whole output is in $log" >&2
    return 1
  fi
  rm -f "$log"
}

main() {
  local words packages
  [[ ${SKIP_SETUP:-} != 1 ]] || return 0
  words="$(needed "${@:-build}")"
  mapfile -t words <<<"$words"
  mapfile -t packages < <(missing "${words[@]}")
  if [[ ${#packages[@]} == 0 ]]; then return 0; fi
  if ! on_debian_12; then
    explain_other_system "${words[@]}"
    return 1
  fi
  install_packages "${packages[@]}"
  say "done in ${SECONDS}s"
}

main "$@"
