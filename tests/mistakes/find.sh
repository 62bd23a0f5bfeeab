#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# find.sh DRIVER SEEDS MUST_FIND: runs the driver, says what it found, and fails if it should have
# found something and has not, or the other way round.
set -euo pipefail

code=0
found="$(timeout 120 "$1" "$2" 2>&1)" || code=$?
seeds="$(grep -c '^seed [0-9]*$' <<<"$found" || true)"
tail -n 3 <<<"$found"
if ((code == 124)); then echo "it hangs in seed $seeds"; fi
if ((code != 0 && $3 == 1)); then
  echo "found after $seeds of $2 seeds"
elif ((code == 0 && $3 == 1)); then
  echo "FAILED: the mistake was not found"
  exit 1
elif ((code != 0)); then
  echo "FAILED: something is wrong without a mistake"
  exit 1
fi
