#!/usr/bin/env bash
# A disk that fills up during a run: a small tmpfs. The run has to end with one sentence that names the file, without a
# stack trace, and to go on to the same bytes once there is room. Needs root, for the mount.
#
#   tests/chaos/full.sh [SIZES OF THE DISK IN MB, "1 5 15 30 45 60 75 90" otherwise]
source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

[ "$(id -u)" -eq 0 ] || fail "only root can mount a small disk"
build
write_run
run "$work/peace" >"$work/peace.log" 2>&1 || fail "the undisturbed run failed, see $work/peace.log"
digest "$work/peace" >"$work/peace.sha256"
say "An undisturbed run leaves $(du -sm "$work/peace" | cut -f1) MB."
disk=$work/disk
mkdir "$disk"
trap 'umount "$disk" 2>/dev/null || true; clean_up' EXIT

ended=0
for size in ${1:-1 5 15 30 45 60 75 90}; do
  mount -t tmpfs -o "size=${size}m" tmpfs "$disk" || fail "a tmpfs cannot be mounted here"
  code=0
  run "$disk/out" >"$work/full.log" 2>"$work/full.err" || code=$?
  [ "$code" -eq 1 ] || fail "with $size MB the run ended with $code: $(cat "$work/full.err")"
  [ "$(wc -l <"$work/full.err")" -eq 1 ] || fail "with $size MB it said more than a sentence: $(cat "$work/full.err")"
  for words in "$disk/out/" "No space left on device" "--resume goes on"; do
    grep -qe "$words" "$work/full.err" || fail "with $size MB it said: $(cat "$work/full.err")"
  done
  say "$size MB: $(cat "$work/full.err")"
  mount -o remount,size=1g "$disk"
  run "$disk/out" --resume >>"$work/full.log" 2>&1 || fail "with $size MB and then room it failed, see $work/full.log"
  digest "$disk/out" | cmp - "$work/peace.sha256" || fail "with $size MB other bytes came out"
  umount "$disk"
  ended=$((ended + 1))
done
echo "$ended full disks, $ended runs resumed to identical bytes"
