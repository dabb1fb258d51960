#!/bin/sh
# Makes everything under data/ again: text, tokenizer, shards, and with --pretrain the base model (about 20 minutes on
# one idle core). Needs apt-get, dpkg-deb, python3 and the .NET SDK; --pretrain needs python3-torch.
set -eu
cd "$(dirname "$0")"
mkdir -p build/deb build/unpacked

while read -r package version sha256; do
    file="build/deb/$package.deb"
    if [ ! -f "$file" ]; then
        (cd build/deb && apt-get download "$package=$version") || {
            echo "$package $version is no longer on your mirror:" \
                "get it from https://snapshot.debian.org as data/$file" >&2
            exit 1
        }
        mv build/deb/"$package"_*.deb "$file"
    fi
    echo "$sha256  $file" | sha256sum --check --quiet
    dpkg-deb -x "$file" "build/unpacked/$package"
done < packages.txt

python3 make_corpus.py build/unpacked build/text
dotnet run build_shards.cs -- build/text 2048 base/tokenizer.json build/shards languages
cp build/text/corpus.json corpus.json
cp build/shards/en/test.bin base/test.bin
for language in de fr it nl; do
    cp "build/text/$language.sample.txt" "languages/$language/sample.txt"
done

if [ "${1-}" = --pretrain ]; then
    OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 /usr/bin/python3 pretrain.py build/shards languages base
fi

(cd base && sha256sum config.json model.safetensors test.bin tokenizer.json > SHA256SUMS)
(cd languages && sha256sum dataset.json */sample.txt > SHA256SUMS)
