# Functions of the cluster scripts: a private PostgreSQL, silos as processes of their own, users made of the demo's
# texts. Sourced. Everything lies in $work and ends with the script.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d -t comigs-cluster-XXXXXX)
chmod 755 "$work"
started=()
trap clean_up EXIT

say() { printf '%s  %s\n' "$(date +%H:%M:%S)" "$*"; }

fail() {
  say "FAILED: $*"
  tail -n 5 "$work"/*.log 2>/dev/null || true
  exit 1
}

clean_up() {
  local pid
  for pid in "${started[@]}"; do kill -TERM "$pid" 2>/dev/null || true; done
  for pid in "${started[@]}"; do wait "$pid" 2>/dev/null || true; done
  stop_postgres
  [ -n "${KEEP:-}" ] && say "Kept: $work" || rm -rf "$work"
}

free_port() { # a port of the loopback device that nobody listens on
  local port
  for port in $(shuf -i 20000-29999 -n 50); do
    (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port" && return; }
  done
  fail "no free port"
}

wait_for() { # what, seconds, command...
  local what=$1 left=$(($2 * 10))
  shift 2
  until "$@"; do
    left=$((left - 1))
    [ $left -gt 0 ] || fail "$what took too long"
    sleep 0.1
  done
}

# --- PostgreSQL -------------------------------------------------------------------------------------------------------

postgres_bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)

as_postgres() { # PostgreSQL refuses to run as root
  if [ "$(id -u)" -eq 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

start_postgres() { # sets $connection
  [ -n "$postgres_bin" ] || fail "PostgreSQL is not installed (Debian: postgresql)"
  local data=$work/postgres port
  port=$(free_port)
  mkdir "$data"
  [ "$(id -u)" -ne 0 ] || chown postgres "$data"
  as_postgres "$postgres_bin/initdb" -D "$data" -U comigs --auth=trust >"$work/postgres.log"
  as_postgres "$postgres_bin/pg_ctl" -D "$data" -w -l "$data/log" \
    -o "-c listen_addresses=127.0.0.1 -p $port -k $data" start >>"$work/postgres.log"
  connection="Host=127.0.0.1;Port=$port;Username=comigs;Database=postgres"
  say "PostgreSQL $("$postgres_bin/postgres" --version | grep -o '[0-9.]*' | head -n 1) on port $port."
}

stop_postgres() {
  [ ! -d "$work/postgres" ] || as_postgres "$postgres_bin/pg_ctl" -D "$work/postgres" -m fast stop >/dev/null || true
}

# --- Silos ------------------------------------------------------------------------------------------------------------

driver=(dotnet exec "$root/src/Driver/bin/Official/Release/net10.0/comigs-driver.dll")

build_official() {
  say "Building ..."
  dotnet build "$root/src/Driver/Driver.csproj" -c Release -v q -p:Packages=Official -p:Torch=None \
    --disable-build-servers >"$work/build.log" 2>&1 || fail "the official build failed, see $work/build.log"
}

declare -A silo_pid
start_silo() { # name, further options
  local name=$1
  shift
  "${driver[@]}" silo --name "$name" --state "$work/state" --ready "$work/$name.ready" --threads 1 \
    --silo-port "$(free_port)" --gateway-port "$(free_port)" "$@" >"$work/$name.log" 2>&1 &
  silo_pid[$name]=$!
  started+=($!)
  wait_for "the start of silo $name" 60 test -f "$work/$name.ready"
  say "Silo $name serves, process ${silo_pid[$name]}."
}

port_of() { # silo name: the port by which others know it
  sed -n 's/.*ports \([0-9]*\) and.*/\1/p' "$work/$1.log" | head -n 1
}

# --- Users ------------------------------------------------------------------------------------------------------------

slice() { # shard, first token, tokens: two bytes each
  dd if="$1" bs=2 skip="$2" count="$3" status=none
}

make_users() { # number: users of their own text each, in $work/data; the run file's list of them on standard output
  local languages=(de fr it nl) i id folder language first
  for ((i = 0; i < $1; i++)); do
    id=$(printf 'u%03d' "$i")
    language=${languages[$((i % 4))]}
    folder=$work/data/$id
    first=$((i / 4 * 1000))
    mkdir -p "$folder"
    slice "$root/data/languages/$language/train.bin" "$first" 4000 >"$folder/train.bin"
    slice "$root/data/languages/$language/valid.bin" "$first" 1000 >"$folder/valid.bin"
    slice "$root/data/languages/$language/test.bin" "$first" 1000 >"$folder/test.bin"
    printf '%s%s' "$([ "$i" -eq 0 ] || printf ', ')" "$id"
  done
}

hashes() { # results folder: SHA-256 of every user's adapters
  (cd "$1/adapters" && sha256sum -- *.safetensors)
}

rounds_done() { # results folder
  [ ! -f "$1/metrics.jsonl" ] || wc -l <"$1/metrics.jsonl"
}
