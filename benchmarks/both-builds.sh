#!/usr/bin/env bash
# One program that measures in both builds, turn by turn, so that what else the machine does meets them alike.
set -euo pipefail

if [ $# -eq 0 ]; then
  echo 'Usage: [TIMES=3] benchmarks/both-builds.sh PROJECT [ARGS]' >&2
  echo 'For example: src/Driver bench calls dispatch, or benchmarks/Trainers' >&2
  exit 2
fi
project=$(cd "$(dirname "$0")/.." && cd "$1" && pwd)
shift

for packages in Official Offline; do
  echo "Building for $packages ..." >&2
  dotnet build "$project" -c Release -p:Packages=$packages -p:Torch=Cpu -v q --disable-build-servers >&2
done
for ((turn = 1; turn <= ${TIMES:-3}; turn++)); do
  for packages in Official Offline; do
    echo "== $packages, $turn of ${TIMES:-3}"
    config=$(echo "$project/bin/$packages/Release/net10.0/"*.runtimeconfig.json)
    dotnet exec "${config%.runtimeconfig.json}.dll" "$@"
  done
done
