#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The custom actor's sample prints what its folder says, however many threads and partitions there
# are.
set -euo pipefail

expected="$WEIR_SOURCE/samples/custom_actor/expected.txt"
for options in '' '--threads 1' '--threads 4 --partitions 5' '--partitions 1'; do
  # shellcheck disable=SC2086
  "$WEIR_BUILD/samples/custom_actor" $options --log-level error | diff "$expected" - ||
    { echo "FAILED: other output with '$options'"; exit 1; }
done
