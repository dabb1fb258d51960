#!/usr/bin/env bash
# Feeds every parser of outside bytes with damaged inputs: each is accepted, or refused in one sentence that names the
# file, in bounded time, memory and stack. Ends with a table; exits with 1 if a parser stumbled.
#
#   tests/chaos/fuzz.sh [INPUTS [SEED [PARSER...]]]      100000 inputs a parser, seed 1, every parser
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
inputs=${1:-100000} seed=${2:-1}
shift $(($# < 2 ? $# : 2))
work=$(mktemp -d -p /dev/shm 2>/dev/null || mktemp -d)   # in memory: a file a mutant
trap 'rm -rf "$work"' EXIT
export DOTNET_NOLOGO=1 TMPDIR=$work

dotnet build "$root/tests/Fuzz/Fuzz.csproj" -c Release -v q --disable-build-servers >"$work/build.log" 2>&1 || {
  cat "$work/build.log" >&2
  exit 1
}
program=$(find "$root/tests/Fuzz/bin" -path '*/Release/net10.0/Fuzz.dll' -printf '%T@ %p\n' | sort -n | tail -n 1)
mapfile -t parsers < <(
  [ $# -gt 0 ] && printf '%s\n' "$@" ||
    sed -n 's/^internal sealed .*class \([A-Za-z]*Parser\)().*/\1/p' "$root"/tests/Fuzz/Parsers/*.cs | sort
)

stumbled=0
printf '%s\n' "${parsers[@]}" | COMIGS_FUZZ_INPUTS=$inputs COMIGS_FUZZ_SEED=$seed COMIGS_FUZZ_FIGURES=$work/figures \
  COMIGS_FUZZ_KEEP=${COMIGS_FUZZ_KEEP:-} xargs -P "$(nproc)" -I{} sh -c \
  "COMIGS_FUZZ_ONLY={} exec dotnet exec '${program#* }' -noLogo -noColor >'$work/{}.log' 2>&1" || stumbled=1

[ $stumbled -eq 0 ] || cat "$work"/*.log >&2
printf '%-24s%10s%10s%10s%10s%10s\n' parser inputs accepted refused defects seconds
sort "$work/figures"
awk -v parsers=${#parsers[@]} '{ inputs += $2; defects += $5 } END {
  printf "%d of %d parsers, %d inputs, %d defects\n", NR, parsers, inputs, defects; exit NR != parsers || defects > 0
}' "$work/figures" && [ $stumbled -eq 0 ]
