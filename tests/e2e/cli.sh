#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The command line of a program with one topology: wrong use, describe, standard output that is
# closed, and Ctrl-C. Every mistake is one line on stderr.
set -euo pipefail

orders="$WEIR_BUILD/samples/orders"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"
out='' err=''

fail() { printf 'FAILED: %s\n--- stdout\n%s\n--- stderr\n%s\n' "$1" "$out" "$err"; exit 1; }

# expect <exit code> <command>...: runs it and keeps what it printed.
expect() {
  local want="$1" code=0
  shift
  "$@" >out 2>err || code=$?
  out="$(<out)" err="$(<err)"
  [[ "$code" == "$want" ]] || fail "exit code $code instead of $want: $*"
}

# refused <text>: nothing on stdout, one line on stderr that begins with the program and has <text>.
refused() {
  [[ -z "$out" && "$(wc -l <err)" == 1 && "$err" == "orders: "*"$1"* ]] || fail "no line with '$1'"
}

expect 2 "$orders" run flights
refused "unknown topology 'flights'; topologies are orders"
expect 2 "$orders" fly
refused "unknown command or topology 'fly'; commands are list, describe, run, simulate; topologies are orders"
expect 2 "$orders" --colour red
refused "unknown option '--colour'; options are --orders, --chaos, --data, --threads, "
expect 2 "$orders" run orders extra
refused "unexpected 'extra'"
expect 2 "$orders" --chaos
refused '--chaos'
for number in many -1 0 1.5 1000001 99999999999999999999 ''; do
  expect 2 "$orders" "--orders=$number"
  [[ "$number" == '' ]] || refused "--orders: '$number' is not a whole number from 1 to 1000000"
done
expect 2 "$orders" --threads 257
refused "--threads: '257' is not a whole number from 1 to 256"
expect 2 "$orders" --memory-budget lots
refused "--memory-budget: 'lots' is not a number of bytes from 1 MiB to 1024 GiB"
expect 2 "$orders" --report xml
refused "--report: 'xml' is not one of text, json"
expect 2 "$orders" --log-level loud
refused "--log-level: 'loud' is not one of trace, debug, info, warn, error, off"
expect 1 "$orders" --memory-budget 1MiB
refused 'out_of_memory_budget: '

expect 0 "$orders" list
[[ "$out" == 'orders  '* && -z "$err" ]] || fail "the list"
expect 0 "$orders" --help
[[ "$out" == *'--chaos SEED'* && "$out" == *'--memory-budget BYTES'* && -z "$err" ]] || fail "help"

expect 0 "$orders" describe --partitions 3
for line in 'topology orders' '  payments           3 partitions, ordered by key' \
  '  billing -> [payments] -> shipping' 'memory bound'; do
  grep -qxF -- "$line" out || fail "describe says '$line'"
done
grep -q '^  total  *[0-9.]* [KMG]iB  budget 1 GiB$' out || fail "describe has a total"
cp out described
expect 0 "$orders" describe orders --partitions 3
cmp -s out described || fail "the name may be left out"

# The four ways to say the same.
for words in '' run orders 'run orders'; do
  # shellcheck disable=SC2086
  expect 0 "$orders" $words --orders 10 --report json
  [[ "$out" == '{"orders":10,"billed":10,'* ]] || fail "run as '$words'"
done

# Standard output: closed, full, and a pipe whose reader has gone before the first byte.
code=0
"$orders" --orders 10 >&- 2>err || code=$?
out='' err="$(<err)"
[[ "$code" == 1 ]] || fail "exit code $code with stdout closed"
refused 'cannot write to standard output: '
expect 1 bash -c '"$0" --orders 10 >/dev/full' "$orders"
refused 'cannot write to standard output: '
mkfifo gone
code=0
{ read -r <gone; "$orders" --orders 10 2>err || echo $? >code; } | { exec <&-; echo >gone; }
out='' err="$(<err)" code="$(<code)"
[[ "$code" == 1 ]] || fail "exit code $code when nobody reads"
refused 'cannot write to standard output: Broken pipe'
code=0
"$orders" --orders 10 2>err | head -n 1 >out || code=$?
out="$(<out)" err="$(<err)"
[[ "$out" == '10 orders in '* && "$(wc -l <err)" -le 1 ]] || fail "head sees the first line"

# Ctrl-C: what was placed is drained and reported. The fifo opens when the run has begun to log, and
# there are more orders than can be placed until the signal.
mkfifo began
"$orders" --orders 1000000 --chaos 7 --log-level warn --report json >out 2>began &
run=$!
{ read -r; kill -INT "$run"; cat >/dev/null; } <began
code=0
wait "$run" || code=$?
out="$(<out)" err=''
[[ "$code" == 130 ]] || fail "exit code $code after Ctrl-C"
[[ "$out" == *'"unaccounted":0,"ledger_balanced":true,"interrupted":true,'* ]] || fail "the report"
placed="${out#*:}" placed="${placed%%,*}"
((placed > 0 && placed < 1000000)) || fail "it goes on placing orders after Ctrl-C: $placed"

# The second one ends it at once, without a report.
"$orders" --orders 1000000 --chaos 7 --log-level warn >out 2>began &
run=$!
{ read -r; kill -INT "$run"; kill -TERM "$run"; cat >/dev/null; } <began
code=0
wait "$run" || code=$?
out="$(<out)"
[[ ("$code" == 143 || "$code" == 130) && -z "$out" ]] || fail "exit code $code after two signals"
