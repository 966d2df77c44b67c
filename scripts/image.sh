#!/usr/bin/env bash
# Builds the container image, tagged with the version and with `latest`.
#
#   scripts/image.sh            for this machine
#   scripts/image.sh --multi    for amd64 and arm64, into build/muster-matchfunction.oci.tar, or into the
#                               registry that IMAGE names when PUSH=1
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

image="${IMAGE:-muster-matchfunction}"
tags=(--tag "$image:$(cat VERSION)" --tag "$image:latest")

has_buildx() { docker buildx version >/dev/null 2>&1; }

build_here() {
  step "build image $image:$(cat VERSION)"
  if has_buildx; then
    docker build "${tags[@]}" .
  else
    DOCKER_BUILDKIT=0 docker build "${tags[@]}" .
  fi
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

build_multi() {
  local lacking output
  lacking="$(lacks_for_multi)"
  [[ -z $lacking ]] || die "an image for amd64 and arm64 needs, and this machine lacks:
$lacking"
  output=(--output "type=oci,dest=build/muster-matchfunction.oci.tar")
  if [[ ${PUSH:-} == 1 ]]; then output=(--push); fi
  mkdir -p build
  docker buildx inspect muster >/dev/null 2>&1 ||
    docker buildx create --name muster --driver docker-container >/dev/null
  step "build image $image for amd64 and arm64"
  docker buildx build --builder muster --platform linux/amd64,linux/arm64 "${tags[@]}" "${output[@]}" .
  step "built ${output[*]}"
}

if [[ ${1:-} == --multi ]]; then
  command -v docker >/dev/null || die "docker is missing: make setup-e2e installs it"
  build_multi
else
  need_engine
  build_here
fi
