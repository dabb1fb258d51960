#!/usr/bin/env bash
# A disk that fills up during a run: a small tmpfs. The run has to end with one sentence that names the file, without a
# stack trace, and to go on to the same bytes once there is room. Needs root, for the mount.
#
#   tests/chaos/full.sh [SIZES OF THE DISK IN KB, "600 1000 1600 2400 4000" otherwise]
source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

[ "$(id -u)" -eq 0 ] || fail "only root can mount a small disk"
build
write_run
run "$work/peace" >"$work/peace.log" 2>&1 || fail "the undisturbed run failed, see $work/peace.log"
digest "$work/peace" >"$work/peace.sha256"
say "An undisturbed run leaves $(du -sk "$work/peace" | cut -f1) KB."
disk=$work/disk
mkdir "$disk"
trap 'umount "$disk" 2>/dev/null || true; clean_up' EXIT

ended=0
for size in ${1:-600 1000 1600 2400 4000}; do
  mount -t tmpfs -o "size=${size}k" tmpfs "$disk" || fail "a tmpfs cannot be mounted here"
  code=0
  run "$disk/out" >"$work/full.log" 2>"$work/full.err" || code=$?
  [ "$code" -eq 1 ] || fail "with $size KB the run ended with $code: $(cat "$work/full.err")"
  [ "$(wc -l <"$work/full.err")" -eq 1 ] || fail "with $size KB it said more than a sentence: $(cat "$work/full.err")"
  grep -q "$disk/out/.*No space left on device.*--resume" "$work/full.err" \
    || fail "with $size KB it said: $(cat "$work/full.err")"
  say "$size KB: $(cat "$work/full.err")"
  mount -o remount,size=64m "$disk"
  run "$disk/out" --resume >>"$work/full.log" 2>&1 || fail "with $size KB and then room it failed, see $work/full.log"
  digest "$disk/out" | cmp - "$work/peace.sha256" || fail "with $size KB other bytes came out"
  umount "$disk"
  ended=$((ended + 1))
done
echo "$ended full disks, $ended runs resumed to identical bytes"
