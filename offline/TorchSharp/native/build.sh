#!/usr/bin/env bash
# Builds libcomigs_torch.so, the C ABI over libtorch that offline/TorchSharp calls. Does nothing when it is up to date.
#
#   build.sh                          the system's libtorch (Debian: libtorch-dev libopenblas0-pthread g++)
#   LIBTORCH=/opt/libtorch build.sh   an unpacked libtorch, 1.13 or 2.x, CPU or CUDA (the folder with include/ and lib/)
#
# CXX and CXX_STANDARD choose another compiler and language version (default g++, c++17).
# Exit codes: 0 built or up to date, 1 the compiler failed, 3 a compiler or libtorch is missing (one line says which).
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
out="$here/build"
cxx="${CXX:-g++}"

missing() {
  echo "offline/TorchSharp/native: $1. Install it with: apt-get install libtorch-dev libopenblas0-pthread g++" >&2
  exit 3
}

command -v "$cxx" >/dev/null || missing "no C++ compiler ('$cxx')"

flags=(-O2 -fPIC -shared -fvisibility=hidden "-std=${CXX_STANDARD:-c++17}" -Wall -Wextra)
libraries=()
if [ -n "${LIBTORCH:-}" ]; then
  include="$LIBTORCH/include"
  library="$LIBTORCH/lib"
  libraries+=("-L$library" "-Wl,-rpath,$library")
else
  include=/usr/include
  library="/usr/lib/$("$cxx" -dumpmachine)"
fi

header="$include/torch/csrc/api/include/torch/torch.h"
[ -f "$header" ] || missing "no libtorch headers ($header)"
for needed in libtorch_cpu.so libc10.so; do
  [ -f "$library/$needed" ] || missing "no $needed in $library"
done
if [ "$include" != /usr/include ]; then
  flags+=("-isystem" "$include")
fi
flags+=("-isystem" "$include/torch/csrc/api/include")

# Wheels up to 2.6 were built with the old std::string; the library itself says which, by how it mangles a string
# argument.
if grep -aq '_ZN3c106detail14torchCheckFailEPKcS2_jRKSs' "$library/libc10.so"; then
  flags+=(-D_GLIBCXX_USE_CXX11_ABI=0)
fi

# Nothing refers to the CUDA half by name: it registers itself when loaded.
libraries+=(-Wl,--no-as-needed)
if [ -f "$library/libtorch_cuda.so" ]; then
  libraries+=(-ltorch_cuda -lc10_cuda)
fi
libraries+=(-ltorch -ltorch_cpu -lc10 -ldl)

command_line=("$cxx" "${flags[@]}" "$here/comigs_torch.cpp" "${libraries[@]}")
stamp="$(printf '%s\n' "${command_line[@]}" |
  cat - "$here/comigs_torch.h" "$here/comigs_torch.cpp" "$include/torch/csrc/api/include/torch/version.h" |
  sha256sum | cut -d' ' -f1)"
if [ -f "$out/libcomigs_torch.so" ] && [ "$(cat "$out/stamp" 2>/dev/null)" = "$stamp" ]; then
  exit 0
fi

echo "offline/TorchSharp/native: building against libtorch in $library (some ten seconds)" >&2
mkdir -p "$out"
new="$out/libcomigs_torch.so.$$"
trap 'rm -f "$new"' EXIT
"${command_line[@]}" -o "$new" || exit 1
mv "$new" "$out/libcomigs_torch.so"
printf '%s\n' "$stamp" >"$out/stamp"
