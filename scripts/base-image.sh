#!/usr/bin/env bash
# Makes debian:bookworm-slim from Debian's packages, for an engine that has it not and no registry to
# ask. Does nothing when the engine has it. Needs root for debootstrap; the root file system is kept in
# build/cache. DEBIAN_MIRROR names another mirror.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

readonly image=debian:bookworm-slim
readonly archive="${BASE_ARCHIVE:-build/cache/bookworm.tar.zst}"
readonly mirror="${DEBIAN_MIRROR:-http://deb.debian.org}"

make_archive() {
  local root
  [[ $(id -u) == 0 ]] || die "making $image needs root (or: docker pull $image)"
  command -v debootstrap >/dev/null || die "debootstrap is missing: make setup-e2e installs it"
  root="$(mktemp -d)"
  trap 'rm -rf "$root"' RETURN
  step "debootstrap bookworm (about a minute)"
  if ! debootstrap --variant=minbase bookworm "$root" "$mirror/debian" >"$root.log" 2>&1; then
    tail -n 5 "$root.log" >&2
    die "debootstrap failed; its whole output is in $root.log"
  fi
  rm -f "$root.log"
  cat >"$root/etc/apt/sources.list" <<LIST
deb $mirror/debian bookworm main
deb $mirror/debian bookworm-updates main
deb $mirror/debian-security bookworm-security main
LIST
  # What makes the official image slim: no manuals, no translations, here and in what apt adds.
  cat >"$root/etc/dpkg/dpkg.cfg.d/slim" <<CFG
path-exclude /usr/share/doc/*
path-include /usr/share/doc/*/copyright
path-exclude /usr/share/man/*
path-exclude /usr/share/info/*
path-exclude /usr/share/locale/*
CFG
  rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/* "$root"/var/log/*.log \
    "${root:?}"/usr/share/{man,info,locale}/* "${root:?}"/dev/*
  find "$root/usr/share/doc" -type f ! -name copyright -delete
  mkdir -p "$(dirname "$archive")"
  tar -C "$root" -c . | zstd -q -f -T0 -o "$archive.part"
  mv "$archive.part" "$archive"
}

if docker image inspect "$image" >/dev/null 2>&1; then exit 0; fi
[[ -f $archive ]] || make_archive
step "import $image"
zstd -dc "$archive" | docker import --change 'CMD ["bash"]' - "$image" >/dev/null
