#!/usr/bin/env bash
# kill -9 at random instants of a run of 20 users, two methods and drawn cohorts, then --resume, which is itself killed
# now and then. In the end the generalists and every user's adapters, router and moments must have the SHA-256 of the
# run that was left in peace. Prints how many of the points had; exits with 1 unless all had.
#
#   tests/chaos/kill.sh [POINTS, 50 otherwise] [SEED, 1 otherwise]
#   KEEP=1 keeps the folder with logs and results; COMIGS_PACKAGES=Official kills the other build.
source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

points=${1:-50} RANDOM=${2:-1}

random() { # limit: evenly from 0 to it
  echo $((((RANDOM << 15) | RANDOM) % ($1 + 1)))
}

rounds_stored() { # results folder: of both methods
  local arm newest sum=0
  for arm in chaos.comigs-1g1s chaos.fedavg; do
    newest=$(ls "$1/state/$arm/manifests" 2>/dev/null | sed -n 's/\.blob$//p' | sort -n | tail -n 1)
    sum=$((sum + ${newest:-0}))
  done
  echo "$sum"
}

kill_after() { # milliseconds, log, results folder, further options; false when the run was faster
  local after=$1 log=$2 pid
  shift 2
  run "$@" >>"$log" 2>&1 &
  pid=$!
  sleep "$(printf '%d.%03d' $((after / 1000)) $((after % 1000)))"
  kill -KILL "$pid" 2>/dev/null || true
  ! wait "$pid" 2>/dev/null
}

build
write_run
run "$work/warm" >"$work/peace.log" 2>&1 || fail "the undisturbed run failed, see $work/peace.log"
start=$(milliseconds)
run "$work/peace" >"$work/peace.log" 2>&1
life=$(($(milliseconds) - start))
digest "$work/peace" >"$work/peace.sha256"
say "An undisturbed run takes $life ms and leaves $(wc -l <"$work/peace.sha256") states."

identical=0 twice=0 faster=0
for ((point = 1; point <= points; point++)); do
  out=$work/killed log=$work/point-$point.log
  rm -rf "$out"
  instant=$(random "$life")
  killed="killed at $instant ms"
  kill_after "$instant" "$log" "$out" || faster=$((faster + 1))
  killed+=", $(rounds_stored "$out") rounds stored"
  if [ "$(random 2)" -eq 0 ]; then
    instant=$(random "$life")
    kill_after "$instant" "$log" "$out" --resume && twice=$((twice + 1)) && killed+=", again after $instant ms"
  fi
  if run "$out" --resume >>"$log" 2>&1 && digest "$out" >"$work/killed.sha256" 2>>"$log" \
    && cmp -s "$work/peace.sha256" "$work/killed.sha256"; then
    identical=$((identical + 1))
    say "Point $point: $killed: identical."
  else
    KEEP=1
    say "Point $point: $killed: NOT identical, see $log."
  fi
done

say "Killed twice: $twice. Finished before the instant came: $faster."
echo "$identical of $points identical"
[ "$identical" -eq "$points" ]
