# shellcheck shell=bash
# What the scripts share. Source it; it changes to the root of the repository.

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit

# Every build uses each core once, and one build runs at a time.
CMAKE_BUILD_PARALLEL_LEVEL="${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc)}"
export CMAKE_BUILD_PARALLEL_LEVEL

# step TITLE: one progress line, with the seconds since the script began.
step() { printf '==> %4ds  %s\n' "$SECONDS" "$1"; }

# die MESSAGE: the last line of a script that cannot go on.
die() {
  printf '%s: %s\n' "${0##*/}" "$1" >&2
  exit 1
}

# need_engine: ends the script where no Docker Engine answers.
need_engine() {
  command -v docker >/dev/null || die "docker is missing: make setup-e2e installs it"
  docker info >/dev/null 2>&1 || die "no Docker Engine answers: start one (as root: dockerd &) and try again"
}

# build_preset PRESET [TARGET...]: configures and builds; without a target, everything.
build_preset() {
  local preset="$1"
  shift
  step "configure $preset"
  cmake --preset "$preset" --log-level=WARNING ${CI:+-DMUSTER_WERROR=ON} >/dev/null
  step "build $preset${*:+: $*}"
  if [[ $# == 0 ]]; then set -- all; fi
  cmake --build --preset "$preset" --target "$@"
}

# sources NAME_PATTERN...: files of the working tree, without those that git ignores.
sources() {
  if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
    git ls-files --cached --others --exclude-standard --deduplicate -- "$@" |
      while read -r file; do [[ ! -f $file ]] || echo "$file"; done
  else
    local pattern
    for pattern in "$@"; do
      find . -path ./build -prune -o -type f -path "./$pattern" -print | sed 's|^\./||'
    done
  fi
}
