#!/bin/sh
# Makes everything under data/ again: text, tokenizer, shards, and with --pretrain the base models (about 20 and 50
# minutes on one idle core). Needs apt-get, dpkg-deb, python3, groff-base and the .NET SDK; --pretrain needs
# python3-torch.
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
python3 make_domains.py build/unpacked build/text
dotnet run build_shards.cs -- build/text 2048 base/tokenizer.json build/shards languages domains
cp build/text/corpus.json build/text/domains.json .
cp build/shards/en/test.bin base/test.bin
for language in de fr it nl; do
    cp "build/text/$language.sample.txt" "languages/$language/sample.txt"
done
for kind in guides manpages code changelogs; do
    cp "build/text/$kind.sample.txt" "domains/$kind/sample.txt"
done
mkdir -p base-large
cp base/tokenizer.json base/test.bin base-large/

if [ "${1-}" = --pretrain ]; then
    export OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1
    /usr/bin/python3 pretrain.py base.recipe.json base
    /usr/bin/python3 pretrain.py base-large.recipe.json base-large
fi

for folder in base base-large; do
    (cd "$folder" && sha256sum config.json model.safetensors test.bin tokenizer.json > SHA256SUMS)
done
for folder in languages domains; do
    (cd "$folder" && sha256sum dataset.json */sample.txt > SHA256SUMS)
done
