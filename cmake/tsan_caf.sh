#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# tsan_caf.sh <prefix>: builds CAF's core with -fsanitize=thread, once, and installs it in <prefix>.
# Against the packaged library the thread sanitizer sees neither CAF's locks nor its atomics and
# reports every message as a race. The source is the Debian source package of the version that is
# installed, downloaded and verified by apt with a private copy of the machine's own source list.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

prefix="$1"
version="$(dpkg-query -W -f '${source:Upstream-Version}' libcaf-dev)"
stamp="$prefix/built-$version"
[[ ! -f "$stamp" ]] || exit 0

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$work/archives/partial" "$work/parts"

# Every entry of the machine's list, as an entry for source packages.
sources() {
  local file
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*; do
    case "$file" in
      *.list)
        [[ -f "$file" ]] || continue
        sed -n -E 's/^deb[[:space:]]/deb-src /p' "$file" >"$work/parts/$(basename "$file")" ;;
      *.sources)
        sed -E 's/^Types:.*/Types: deb-src/' "$file" >"$work/parts/$(basename "$file")" ;;
    esac
  done
}
sources

private_apt() {
  apt-get -q -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$work/parts" \
    -o Dir::State::lists="$work/lists" -o Dir::Cache="$work" -o Dir::Cache::archives=archives \
    -o APT::Sandbox::User=root -o APT::Get::List-Cleanup=false "$@"
}

log="$work/log"
run() { "$@" </dev/null >>"$log" 2>&1 || { tail -n 30 "$log" >&2; die "failed: $*"; }; }

say "building CAF $version with the thread sanitizer (once, some minutes)"
cd "$work"
run private_apt update
# The upstream archive alone, without Debian's patches: not every mirror keeps the archive of
# patches. The check below holds the headers to the installed ones.
run private_apt source --download-only --tar-only "actor-framework=$(
  dpkg-query -W -f '${source:Version}' libcaf-dev)"
mkdir source
run tar -x -f "$work"/actor-framework_*.orig.tar.* -C source --strip-components=1

# Invariant: what is instrumented is what the packaged headers describe.
differences="$(diff -rq source/libcaf_core/caf /usr/include/caf | grep -v '^Only in /usr')" || true
[[ -z "$differences" ]] || die "the source package differs from libcaf-dev: $differences"

run cmake -S source -B build -G Ninja -DCMAKE_INSTALL_PREFIX="$prefix" -DCMAKE_INSTALL_LIBDIR=lib \
  -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG="-O1 -g1" -DCMAKE_CXX_FLAGS=-fsanitize=thread \
  -DCMAKE_CXX_COMPILER_LAUNCHER=ccache -DCAF_NO_IO=ON -DCAF_NO_OPENSSL=ON -DCAF_NO_OPENCL=ON \
  -DCAF_NO_TOOLS=ON -DCAF_NO_EXAMPLES=ON -DCAF_NO_UNIT_TESTS=ON -DCAF_NO_PYTHON=ON
rm -rf "$prefix"
run cmake --build build
run cmake --install build
touch "$stamp"
