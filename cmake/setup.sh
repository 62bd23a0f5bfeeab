# SPDX-License-Identifier: BSD-3-Clause
# From a bare Debian 12 to a built target. Sourced by samples/run, tests/run and tests/bench.
# Everything set-up says goes to stderr: stdout belongs to the program that is run afterwards.
# A start with nothing to do asks dpkg once and ninja once, and uses no network.

weir_source="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)"

# Compiler and tools, then libraries, then what only the tests and benchmarks use.
weir_packages=(
  g++ cmake ninja-build ccache mold
  libcaf-dev libexpected-dev libboost1.81-dev libboost-json1.81-dev libsimdjson-dev
  libspdlog-dev libfmt-dev libxxhash-dev libcli11-dev librocksdb-dev
  libcpp-httplib-dev
  catch2 librapidcheck-dev libbenchmark-dev libsqlite3-dev
)

say() { printf 'weir: %s\n' "$*" >&2; }
die() { say "$1"; exit "${2:-1}"; }

# Packages of weir_packages that are not installed, one per line.
weir_missing_packages() {
  local installed
  installed="$(dpkg-query -W -f '${db:Status-Abbrev}${Package}\n' "${weir_packages[@]}" \
    2>/dev/null | sed -n 's/^.i *//p')" || true
  comm -23 <(printf '%s\n' "${weir_packages[@]}" | sort) <(sort -u <<<"$installed")
}

# Installs what is missing; without root and sudo prints the command that would, and stops.
weir_install_packages() {
  command -v dpkg-query >/dev/null ||
    die "this script installs Debian packages; elsewhere build with cmake --preset release"
  local missing sudo=() log
  mapfile -t missing < <(weir_missing_packages)
  ((${#missing[@]} == 0)) && return
  if ((EUID != 0)); then
    if command -v sudo >/dev/null && { [[ -t 0 ]] || sudo -n true 2>/dev/null; }; then
      sudo=(sudo)
    else
      say "missing packages, and neither root nor sudo to install them; run as root:"
      printf 'apt-get update && apt-get install --no-install-recommends %s\n' "${missing[*]}" >&2
      exit 1
    fi
  fi
  say "installing ${#missing[@]} Debian packages: ${missing[*]}"
  log="$(mktemp)"
  if ! { "${sudo[@]}" apt-get -q update &&
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-remove \
      -o DPkg::Lock::Timeout=300 install --no-install-recommends "${missing[@]}"; } \
    </dev/null >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    die "apt-get could not install: ${missing[*]}"
  fi
  rm -f "$log"
}

# Prints one line per tenth of the build, and whatever is not progress (errors) whole.
weir_progress() {
  awk '
    /^\[[0-9]+\/[0-9]+\]/ {
      split(substr($1, 2), part, /[\/\]]/)
      if (part[2] >= 10 && int(part[1] * 10 / part[2]) > shown) {
        shown = int(part[1] * 10 / part[2])
        print "weir: built " part[1] " of " part[2]
        fflush()
      }
      next
    }
    /^ninja: no work to do/ || /^-- / { next }
    { print; fflush() }' >&2
}

# weir_build <preset> <target>...: packages, configuration, build; one builder at a time.
weir_build() {
  local preset="$1" tree="$weir_source/.build/$1" log
  shift
  weir_install_packages
  { mkdir -p "$tree" && [[ -w "$tree" && -w "$weir_source/.build/" ]]; } 2>/dev/null ||
    die "cannot write to $weir_source/.build (built by another user?)"
  exec {weir_lock}<"$weir_source/.build"
  flock -n "$weir_lock" || { say "waiting for another build of this tree"; flock "$weir_lock"; }

  if [[ "$preset" == tsan ]]; then
    "$weir_source/cmake/tsan_caf.sh" "$weir_source/.build/caf-tsan" </dev/null
  fi
  if [[ ! -f "$tree/build.ninja" || "$weir_source/CMakePresets.json" -nt "$tree/build.ninja" ]] ||
    ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$weir_source" "$tree/CMakeCache.txt"; then
    say "configuring preset $preset"
    log="$tree/configure.log"
    (cd "$weir_source" && cmake --fresh --preset "$preset") </dev/null >"$log" 2>&1 ||
      { cat "$log" >&2; die "configuring preset $preset failed"; }
  fi

  if [[ -t 2 ]]; then
    cmake --build "$tree" --target "$@" </dev/null >&2
  else
    cmake --build "$tree" --target "$@" </dev/null 2>&1 | weir_progress
  fi || die "building $* with preset $preset failed"
  exec {weir_lock}>&-
}
