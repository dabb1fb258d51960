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

packages=${COMIGS_PACKAGES:-Offline}
dotnet build "$root/tests/Fuzz/Fuzz.csproj" -c Release -v q -p:Packages="$packages" --disable-build-servers \
  >"$work/build.log" 2>&1 || {
  cat "$work/build.log" >&2
  exit 1
}
program=$root/tests/Fuzz/bin/$packages/Release/net10.0/Fuzz.dll
mapfile -t parsers < <(
  [ $# -gt 0 ] && printf '%s\n' "$@" ||
    sed -n 's/^internal sealed .*class \([A-Za-z]*Parser\)().*/\1/p' "$root"/tests/Fuzz/Parsers/*.cs | sort
)

export COMIGS_FUZZ_INPUTS=$inputs COMIGS_FUZZ_SEED=$seed COMIGS_FUZZ_FIGURES=$work/figures
touch "$work/figures"
stumbled=0
# COMIGS_FUZZ_KEEP, if set, is a folder for what a parser stumbled over.
fuzz="COMIGS_FUZZ_ONLY={} exec dotnet exec '$program' -noLogo -noColor -class '*ParserTests' >'$work/{}.log' 2>&1"
printf '%s\n' "${parsers[@]}" | xargs -P "$(nproc)" -I{} sh -c "$fuzz" || stumbled=1

[ $stumbled -eq 0 ] || cat "$work"/*.log >&2
printf '%-24s%10s%10s%10s%10s%10s\n' parser inputs accepted refused defects seconds
sort "$work/figures"
awk -v parsers=${#parsers[@]} '{ inputs += $2; defects += $5 } END {
  printf "%d of %d parsers, %d inputs, %d defects\n", NR, parsers, inputs, defects; exit NR != parsers || defects > 0
}' "$work/figures" && [ $stumbled -eq 0 ]
