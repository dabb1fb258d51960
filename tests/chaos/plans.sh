#!/usr/bin/env bash
# Random fault plans: every round ends in time, with the mean of exactly those who were accepted or with a failure that
# names the missing; nobody is ahead of the manifest; the same plan and seed leave the same trace and bytes.
#
#   tests/chaos/plans.sh [PLANS, 5000 otherwise]
#   COMIGS_PACKAGES=Official tries them in the other build.
set -euo pipefail
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
packages=${COMIGS_PACKAGES:-Offline}
dotnet build "$root/tests/Grains.Tests" -p:Packages="$packages" -c Release -v q --nologo
COMIGS_FAULT_PLANS=${1:-5000} dotnet exec \
  "$root/tests/Grains.Tests/bin/$packages/Release/net10.0/Grains.Tests.dll" -noLogo -noColor -class '*RandomPlanTests'
