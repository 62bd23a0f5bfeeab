#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The scripts before anything is built: wrong use is told in one line, and where packages are missing
# and cannot be installed the exact command is printed. Works on a copy, touches nothing.
set -euo pipefail

copy="$(mktemp -d)"
trap 'rm -rf "$copy"' EXIT
mkdir -p "$copy"/{cmake,samples/one,samples/data_only,tests,bin}
cp "$WEIR_SOURCE/cmake/setup.sh" "$copy/cmake/"
cp "$WEIR_SOURCE/samples/run" "$copy/samples/"
cp "$WEIR_SOURCE/tests/run" "$copy/tests/"
echo 'int main() {}' >"$copy/samples/one/main.cpp"
cd /

fail() { printf 'FAILED: %s\n--- stdout\n%s\n--- stderr\n%s\n' "$1" "$out" "$err"; exit 1; }

# expect <exit code> <command>...: runs it with stdin closed, keeps what it printed.
expect() {
  local want="$1" code=0
  shift
  "$@" <&- >"$copy/out" 2>"$copy/err" || code=$?
  out="$(<"$copy/out")" err="$(<"$copy/err")"
  [[ "$code" == "$want" ]] || fail "exit code $code instead of $want: $*"
}

expect 2 "$copy/samples/run"
[[ -z "$out" && "$err" == *'  one' && "$err" != *data_only* ]] || fail "the list of topologies"
expect 2 "$copy/samples/run" nothing
[[ "$err" == *"unknown topology 'nothing'"* ]] || fail "an unknown topology is named"
expect 2 "$copy/samples/run" ../samples/one
expect 0 "$copy/samples/run" --help
[[ "$out" == *'  one' ]] || fail "help goes to stdout"
expect 2 "$copy/tests/run" --colour
[[ "$err" == *"unknown option '--colour'"* && "$(wc -l <"$copy/err")" == 1 ]] || fail "one line"
expect 2 "$copy/tests/run" --preset fast
expect 2 "$copy/tests/run" --preset
expect 2 "$copy/tests/run" one two

# A machine without packages, sudo or root: only these programs, and a dpkg that knows nothing.
for program in bash env dirname basename sed sort comm; do
  ln -s "$(command -v "$program")" "$copy/bin/$program"
done
printf '#!/bin/sh\nexit 1\n' >"$copy/bin/dpkg-query"
chmod 755 "$copy" "$copy/bin/dpkg-query"
nobody=()
((EUID != 0)) || nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
expect 1 "${nobody[@]}" env PATH="$copy/bin" bash "$copy/samples/run" one
[[ "$err" == *'apt-get install --no-install-recommends '*cmake*libcaf-dev* ]] || fail "the command"
[[ -z "$out" && ! -e "$copy/.build" ]] || fail "nothing is touched"
