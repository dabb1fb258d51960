#!/usr/bin/env bash
# A cluster in Redis whose connections are encrypted and authenticated both ways: two silos, the smoke run, the bytes of
# one process; a client without a certificate, and one whose certificate another authority signed, stay outside. Needs
# the official packages, redis-server and openssl.
source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

make_authority() { # name
  openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=$1" -keyout "$work/$1.key" -out "$work/$1.pem" \
    2>/dev/null
}

make_certificate() { # name, authority
  openssl req -newkey rsa:2048 -nodes -subj "/CN=$1" -keyout "$work/$1.key" -out "$work/$1.csr" 2>/dev/null
  openssl x509 -req -in "$work/$1.csr" -CA "$work/$2.pem" -CAkey "$work/$2.key" -days 2 -out "$work/$1.pem" 2>/dev/null
}

with_tls() { # name: the options of whoever has that certificate
  echo --tls-certificate "$work/$1.pem" --tls-key "$work/$1.key" --tls-authority "$work/authority.pem"
}

build_official
make_authority authority
make_authority stranger
for name in silo1 silo2 client; do make_certificate "$name" authority; done
make_certificate intruder stranger

port=$(free_port)
redis-server --port "$port" --bind 127.0.0.1 --save '' --dir "$work" >"$work/redis.log" 2>&1 &
started+=($!)
redis_answers() { redis-cli -p "$port" ping >/dev/null 2>&1; }
wait_for "Redis" 10 redis_answers
cluster="--connection 127.0.0.1:$port"
say "Redis $(redis-server --version | grep -o 'v=[0-9.]*') on port $port."

# Options are words without blanks, so they may be split.
# shellcheck disable=SC2046,SC2086
for name in silo1 silo2; do
  start_silo "$name" --clustering redis $cluster $(with_tls "$name")
done
smoke=("$root/runs/smoke.yaml" --set baselines=[])
"${driver[@]}" run "${smoke[@]}" --out "$work/alone" >"$work/alone.log" 2>&1 || fail "the run in one process"
# shellcheck disable=SC2046,SC2086
"${driver[@]}" run "${smoke[@]}" --out "$work/together" --cluster redis $cluster $(with_tls client) \
  >"$work/client.log" 2>&1 || fail "the run on the cluster"
diff <(hashes "$work/alone") <(hashes "$work/together") || fail "the adapters differ from those of one process"
say "The cluster ran to the bytes of one process."

# shellcheck disable=SC2046,SC2086
for outsider in "" "$(with_tls intruder)"; do
  ! "${driver[@]}" watch --cluster redis $cluster $outsider >"$work/outsider.log" 2>&1 || fail "an outsider came in"
  grep -q '^comigs: no silo of cluster' "$work/outsider.log" && [ "$(wc -l <"$work/outsider.log")" -eq 1 ] \
    || fail "an outsider was not told in one line"
done
say "PASSED: without a certificate of the cluster's authority nobody comes in."
