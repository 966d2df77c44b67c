#!/usr/bin/env bash
# Builds the container images - match function, lobby, game server - tagged with the version and with
# `latest`. IMAGE, LOBBY_IMAGE and GAMESERVER_IMAGE are other names for them.
#
#   scripts/image.sh            for this machine
#   scripts/image.sh --multi    for amd64 and arm64, into build/muster-*.oci.tar, or into the registry that
#                               the names have when PUSH=1
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

has_buildx() { docker buildx version >/dev/null 2>&1; }

# each_image COMMAND...: runs it with a target's image, its options for docker, and `.`. The match function
# is the Dockerfile's last and comes first: what it builds, the others share.
each_image() {
  local image target
  for target in "" lobby gameserver; do
    case "$target" in
      "") image="${IMAGE:-muster-matchfunction}" ;;
      lobby) image="${LOBBY_IMAGE:-muster-lobby}" ;;
      gameserver) image="${GAMESERVER_IMAGE:-muster-gameserver}" ;;
    esac
    "$@" "$image" ${target:+--target "$target"} --tag "$image:$(cat VERSION)" --tag "$image:latest" .
  done
}

# build_here IMAGE OPTION...
build_here() {
  local image="$1" buildkit=0
  shift
  if has_buildx; then buildkit=1; fi
  step "build image $image:$(cat VERSION)"
  DOCKER_BUILDKIT="$buildkit" docker build "$@"
  step "built image $image, $(docker image inspect -f '{{.Size}}' "$image:latest") bytes with its base"
}

# Lists what a build for two architectures lacks on this machine; nothing when it can run.
lacks_for_multi() {
  if ! has_buildx; then
    echo "docker's buildx plugin: see https://docs.docker.com/go/buildx (Debian 12 does not package it)"
  fi
  local other
  case "$(uname -m)" in
    x86_64) other=aarch64 ;;
    *) other=x86_64 ;;
  esac
  if [[ ! -e /proc/sys/fs/binfmt_misc/qemu-$other ]]; then
    echo "emulation of $other: apt-get install qemu-user-static binfmt-support"
  fi
}

need_multi() {
  local lacking
  lacking="$(lacks_for_multi)"
  [[ -z $lacking ]] || die "an image for amd64 and arm64 needs, and this machine lacks:
$lacking"
  mkdir -p build
  docker buildx inspect muster >/dev/null 2>&1 ||
    docker buildx create --name muster --driver docker-container >/dev/null
}

# build_multi IMAGE OPTION...
build_multi() {
  local image="$1" output
  shift
  output=(--output "type=oci,dest=build/${image##*/}.oci.tar")
  if [[ ${PUSH:-} == 1 ]]; then output=(--push); fi
  step "build image $image for amd64 and arm64"
  docker buildx build --builder muster --platform linux/amd64,linux/arm64 "${output[@]}" "$@"
  step "built ${output[*]}"
}

if [[ ${1:-} == --multi ]]; then
  command -v docker >/dev/null || die "docker is missing: make setup-e2e installs it"
  need_multi
  each_image build_multi
else
  need_engine
  each_image build_here
fi
