#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Samples under seeds: nothing fails, the same seeds give the same digest in another process, and a
# transcript is what it says.
set -euo pipefail

orders="$WEIR_BUILD/samples/orders"
flights="$WEIR_BUILD/samples/flights"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"

source "$WEIR_SOURCE/tests/e2e/expect.bash"

seeds=200
[[ "${WEIR_KILLS:-50}" == 50 ]] || seeds=20
expect 0 "$orders" simulate orders --orders 100 --seeds "1..$seeds" --report json
has "\"seeds\":$seeds,\"failed\":0,"
cp out first
expect 0 "$orders" simulate --orders 100 --seeds "1..$seeds" --report json --transcript calls
cmp out first || fail "the same seeds gave another digest"
grep -q '^billing order.described ' calls || fail "no calls in the transcript"
grep -qE ' \([0-9]+\.[2-9]\)$' calls || fail "no retries in the transcript"
expect 0 "$orders" simulate --orders 100 --seeds 1 --faults none
has '1 passed, 0 failed'
expect 0 "$orders" simulate --orders 100 --data nowhere --seeds "1..$seeds" \
  --faults handler-throws=0.02,subscriber-dies=0.01,node-crashes=0.7
has "$seeds passed, 0 failed"
[[ ! -e nowhere ]] || fail "a simulation has touched a directory"
expect 0 "$flights" simulate --seeds 1..3
has '3 passed, 0 failed'
expect 2 "$orders" simulate --seeds all
refused "--seeds: 'all' is no seed"
expect 2 "$orders" simulate --faults gravity=1
refused "--faults: 'gravity' is no fault"
expect 2 "$orders" simulate nothing
refused "unknown topology 'nothing'"
echo "simulate: all as expected"
