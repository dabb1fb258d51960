# Functions of the chaos scripts: a run of 20 users, two methods and drawn cohorts that takes a few seconds. Sourced.
source "$(dirname -- "${BASH_SOURCE[0]}")/../cluster/common.sh"

packages=${COMIGS_PACKAGES:-Offline}
driver=(dotnet exec "$root/src/Driver/bin/$packages/Release/net10.0/comigs-driver.dll")

build() {
  say "Building ..."
  dotnet build "$root/src/Driver/Driver.csproj" -c Release -v q -p:Packages="$packages" -p:Torch=None \
    --disable-build-servers >"$work/build.log" 2>&1 || fail "the build failed, see $work/build.log"
}

write_run() { # writes $work/run.yaml
  cat >"$work/run.yaml" <<YAML
name: chaos
seed: 5
rounds: 5
method: comigs-1g1s
baselines: [fedavg]
base: $root/data/base
data: { folder: $work/data }
users: [$(make_users 20)]
training: { localSteps: 2, microBatch: 1, sequenceLength: 32, learningRate: 5e-3 }
router: { every: 2, iterations: 1 }
round: { cohort: 8 }
evaluation: { every: 2, tokens: 64 }
YAML
}

run() { # results folder, further options; as a job it is the program itself, so that a signal reaches it
  local out=$1 program=("${driver[@]}")
  shift
  [ "$BASHPID" = $$ ] || program=(exec "${program[@]}")
  "${program[@]}" run "$work/run.yaml" --out "$out" "$@"
}

digest() { # results folder: generalists, and of every user its adapters, router and moments
  "${driver[@]}" digest "$1"
}

milliseconds() { date +%s%3N; }
