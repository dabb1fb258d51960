#!/usr/bin/env bash
# A cluster in PostgreSQL through a death and a birth: three silo processes, 200 users, 20 rounds; one silo is killed
# (SIGKILL) in round 7, a fourth joins in round 12. Passes when the run ends with the very bytes that one undisturbed
# process ends with, so nothing committed was lost, and when the newcomer has users. Needs the official packages and
# PostgreSQL.
#
#   tests/cluster/postgres.sh [NUMBER OF THE SILO TO KILL, 1 to 3; 2 otherwise]
#   KEEP=1 keeps the folder with logs and results.
source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

users=200 rounds=20 kill_in=7 join_in=12 victim=silo${1:-2}

build_official
cat >"$work/run.yaml" <<YAML
name: cluster
seed: 3
rounds: $rounds
method: comigs-1g1s
base: $root/data/base
data: { folder: $work/data }
users: [$(make_users $users)]
training: { localSteps: 2, microBatch: 2, sequenceLength: 64, learningRate: 5e-3 }
router: { every: 4, iterations: 2 }
evaluation: { every: 10, tokens: 256 }
YAML

say "$users users, $rounds rounds in one process ..."
"${driver[@]}" run "$work/run.yaml" --out "$work/alone" >"$work/alone.log" 2>&1 || fail "the run in one process"

start_postgres
for name in silo1 silo2 silo3; do
  start_silo "$name" --clustering postgres --connection "$connection"
done

begun=$SECONDS
"${driver[@]}" run "$work/run.yaml" --cluster postgres --connection "$connection" --out "$work/together" \
  >"$work/driver.log" 2>&1 &
client=$!
started+=("$client")

reached() { [ "$(($(rounds_done "$work/together")))" -ge "$1" ] || ! kill -0 "$client" 2>/dev/null; }

wait_for "round $kill_in" 300 reached $((kill_in - 1))
kill -KILL "${silo_pid[$victim]}"
wait "${silo_pid[$victim]}" 2>/dev/null || true
say "Killed $victim in round $kill_in."
wait_for "round $join_in" 300 reached $((join_in - 1))
start_silo silo4 --clustering postgres --connection "$connection"
wait "$client" || fail "the run on the cluster"
say "The run took $((SECONDS - begun)) s."

echo
echo "round  seconds  bytes across silos  users by silo"
names=$(for name in silo1 silo2 silo3 silo4; do printf 's/127.0.0.1:%s@[0-9]*/%s/g;' "$(port_of "$name")" "$name"; done)
number='\([0-9.]*\)'
line='^{"round":'$number',.*"seconds":'$number',"eval.*"bytesAcrossSilos":'$number',.*"silos":{\([^}]*\)}.*'
sed -e "s/$line/\\1 \\2 \\3 \\4/" -e 's/"//g' -e "$names" "$work/together/metrics.jsonl" \
  | while read -r round seconds bytes silos; do
    printf '%5s  %7.2f  %18s  %s\n' "$round" "$seconds" "$bytes" "${silos//,/ }"
  done
echo

[ "$(($(rounds_done "$work/together")))" -eq $rounds ] || fail "rounds are missing"
diff <(hashes "$work/alone") <(hashes "$work/together") >"$work/diff.log" \
  || fail "the adapters differ from those of one process"
tail -n 1 "$work/together/metrics.jsonl" | grep -q ":$(port_of silo4)@" || fail "silo4 has no users"
say "PASSED: $users users, all $users adapter files as in one process."
