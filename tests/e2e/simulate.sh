#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Samples under seeds: nothing fails that should not, the same seeds give the same transcript byte for
# byte in another process at other addresses, and what fails comes again by the command that is told.
set -euo pipefail

orders="$WEIR_BUILD/samples/orders"
flights="$WEIR_BUILD/samples/flights"
rides="$WEIR_BUILD/samples/ride_hailing"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"

source "$WEIR_SOURCE/tests/e2e/expect.bash"

seeds=200
[[ "${WEIR_KILLS:-50}" == 50 ]] || seeds=20

# Determinism. Without address randomisation there would be less to prove.
[[ "$(cat /proc/sys/kernel/randomize_va_space)" != 0 ]] || echo "simulate: addresses are not random here"
for run in 1 2; do
  expect 0 "$orders" simulate orders --orders 100 --seeds "1..$seeds" --report json \
    --transcript "orders.$run" --trace "orders.$run.json"
  has "\"seeds\":$seeds,\"failed\":0,"
  cp out "orders.$run.out"
  expect 0 "$flights" simulate --seeds 1..3 --transcript "flights.$run"
  has '3 passed, 0 failed'
  expect 0 "$orders" simulate --orders 60 --data nowhere --seeds 1..20 --transcript "kept.$run" \
    --faults handler-fails=0.02,subscriber-dies=0.01,node-crashes=0.002,write-torn=0.002
  expect 0 "$rides" simulate --rides 60 --seeds 1..5 --faults none --transcript "rides.$run"
  has '5 passed, 0 failed'
done
for what in orders flights kept rides; do
  cmp "$what.1" "$what.2" || fail "the same seed of $what gave another transcript"
done
cmp orders.1.json orders.2.json || fail "the same seed gave another trace"
cmp orders.1.out orders.2.out || fail "the same seeds gave another digest"
grep -qE '^[0-9]+\.[0-9]{9} billing order.described ' orders.1 || fail "no calls in the transcript"
grep -qE ' \([0-9]+\.[2-9]\) key ' orders.1 || fail "no retries in the transcript"
grep -qE '^[0-9.]+ fault [a-z-]+ at ' orders.1 || fail "no faults in the transcript"
python3 -c 'import json; json.load(open("orders.1.json"))' 2>/dev/null ||
  ! command -v python3 >/dev/null || fail "the trace is no JSON"

expect 0 "$orders" simulate --orders 100 --seeds 1 --faults none
has '1 passed, 0 failed'
expect 0 "$orders" simulate --orders 100 --data nowhere --seeds "1..$seeds" \
  --faults handler-fails=0.02,subscriber-dies=0.01,subscriber-killed=0.01,node-crashes=0.002,write-torn=0.002,store-fails=0.001
has "$seeds passed, 0 failed"
[[ ! -e nowhere ]] || fail "a simulation has touched a directory"

# In memory the books are outside: a handler that fails when all is done enters an order twice.
mkdir found
expect 1 "$orders" simulate --orders 100 --seeds 1..20 --faults handler-fails=0.02,handler-fails-late=0.01 \
  --failures found
has 'it takes: handler-fails-late at '
refused 'seeds failed'
plan="$(ls found/*.faults)"
again="$(sed -n 's/^  again: orders //p' out | head -n 1)"
[[ "$again" == *"--faults $plan" ]] || fail "the command does not name the plan: $again"
[[ "$(grep -vc '^#' "$plan")" == 1 ]] || fail "the plan is not one fault"
[[ -s "${plan%.faults}.transcript" && -s "${plan%.faults}.trace.json" ]] || fail "files are missing"
read -ra words <<<"$again"
expect 1 "$orders" "${words[@]}" --failures found
has '0 passed, 1 failed'

expect 2 "$orders" simulate --seeds all
refused "--seeds: 'all' is no seed"
expect 2 "$orders" simulate --faults gravity=1
refused "--faults: 'gravity' is no fault"
printf 'handler-fails 0.1\n\nhandler-slow at x for ever\n' >bad.faults
expect 2 "$orders" simulate --faults bad.faults
refused "bad.faults:3: 'for ever' is no time"
expect 2 "$orders" simulate --faults missing.faults
refused "--faults: 'missing.faults' is no fault and no file"
expect 2 "$orders" simulate nothing
refused "unknown topology 'nothing'"
echo "simulate: all as expected"
