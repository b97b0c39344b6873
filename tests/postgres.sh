# A PostgreSQL server for one run: sourced by tests/run and by tests/bench.
#
#   start_postgres on|off    fsync; sets CONFAB_TEST_POSTGRES
#   make_template            databases with all tables, which tests copy; sets CONFAB_TEST_TEMPLATE and
#                            CONFAB_TEST_SQLITE_TEMPLATE; after the binary was built
#   stop_postgres            leaves nothing behind
#   halt_postgres            as if it had crashed; its data stay
#   run_postgres             starts it again
#   pause_postgres           it stands still, with all its connections
#   resume_postgres          it goes on
#
# It runs as the user postgres when started by root (PostgreSQL refuses to run as root), and as
# oneself otherwise, in a folder that is thrown away, on a port that the kernel chose.

postgres_folder=''

# The folder of initdb and its siblings, the newest version first.
find_postgres() {
    local found
    found=$(ls -d /usr/lib/postgresql/*/bin/initdb 2>/dev/null | sort -V | tail -n 1)
    [ -n "$found" ] || found=$(command -v initdb) || return 1
    dirname "$(readlink -f "$found")"
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# Installs packages of Debian or Ubuntu.
apt_install() {
    local install=(env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@")
    as_root "${install[@]}" || { as_root apt-get update -q && as_root "${install[@]}"; }
}

install_postgres() {
    echo '==> installing PostgreSQL'
    # Its package would start a server of its own, which nobody asked for.
    if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
        as_root mkdir -p /etc/postgresql-common
        echo 'create_main_cluster = false' |
            as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
    fi
    apt_install postgresql
}

as_postgres() {
    if [ "$(id -u)" = 0 ]; then
        (cd / && runuser -u "$postgres_user" -- "$@")
    else
        "$@"
    fi
}

# A certificate that the server signs itself, for its address and for no name.
certify_postgres() {
    printf '%s\n' '[req]' 'distinguished_name = name' 'x509_extensions = extensions' '[name]' \
        '[extensions]' 'basicConstraints = critical, CA:FALSE' \
        'subjectAltName = IP:127.0.0.1' >"$postgres_folder/openssl.cnf"
    as_postgres openssl req -config "$postgres_folder/openssl.cnf" -x509 -days 30 -nodes \
        -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -subj '/CN=Tests of Confab' \
        -keyout "$postgres_folder/data/server.key" -out "$postgres_folder/data/server.crt" \
        >"$postgres_folder/openssl.log" 2>&1
}

start_postgres() {
    local bin port
    find_postgres >/dev/null || install_postgres
    bin=$(find_postgres) || { echo 'there is no initdb, and it could not be installed' >&2; return 1; }
    postgres_user=postgres
    id postgres >/dev/null 2>&1 || postgres_user=nobody
    postgres_folder=$(mktemp -d "${TMPDIR:-/tmp}/confab-postgres-XXXXXX")
    [ "$(id -u)" != 0 ] || chown "$postgres_user" "$postgres_folder"
    echo "==> starting PostgreSQL ($("$bin/initdb" --version), fsync $1)"
    as_postgres "$bin/initdb" -D "$postgres_folder/data" -U postgres --auth=trust \
        --encoding=UTF8 --locale=C.UTF-8 --no-sync >"$postgres_folder/initdb.log" 2>&1 ||
        { cat "$postgres_folder/initdb.log" >&2; return 1; }
    certify_postgres || { cat "$postgres_folder/openssl.log" >&2; return 1; }
    port=$(perl -MIO::Socket::INET -e \
        'print IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1")->sockport')
    printf '%s\n' "port = $port" "unix_socket_directories = '$postgres_folder'" \
        "listen_addresses = '127.0.0.1'" 'ssl = on' "fsync = $1" 'max_connections = 400' \
        "shared_buffers = ${postgres_buffers:-128MB}" >>"$postgres_folder/data/postgresql.conf"
    postgres_bin=$bin
    run_postgres || { cat "$postgres_folder/data/log" >&2; return 1; }
    export CONFAB_TEST_POSTGRES="postgres://postgres@127.0.0.1:$port/postgres"
}

# Copying a database is several times as quick as making all tables in it.
make_template() {
    local folder url=${CONFAB_TEST_POSTGRES%/postgres}/confab_template
    "$postgres_bin/psql" --quiet --command 'CREATE DATABASE confab_template' "$CONFAB_TEST_POSTGRES"
    folder=$(mktemp -d)
    target/debug/confab migrate --database-url "$url" --data-dir "$folder"
    target/debug/confab migrate --data-dir "$folder"
    mv "$folder/confab.db" "$postgres_folder"
    rm -r "$folder"
    export CONFAB_TEST_TEMPLATE=confab_template CONFAB_TEST_SQLITE_TEMPLATE=$postgres_folder/confab.db
}

run_postgres() {
    as_postgres "$postgres_bin/pg_ctl" -D "$postgres_folder/data" -l "$postgres_folder/data/log" \
        -w -t 60 start >/dev/null
}

halt_postgres() {
    as_postgres "$postgres_bin/pg_ctl" -D "$postgres_folder/data" -m immediate stop >/dev/null
}

# The first process, which would start others, before them and after them.
pause_postgres() {
    local first
    first=$(head -n 1 "$postgres_folder/data/postmaster.pid")
    kill -STOP "$first"
    # A child may end meanwhile.
    kill -STOP $(cat "/proc/$first/task/$first/children") || true
}

resume_postgres() {
    local first
    first=$(head -n 1 "$postgres_folder/data/postmaster.pid")
    kill -CONT $(cat "/proc/$first/task/$first/children") || true
    kill -CONT "$first"
}

stop_postgres() {
    [ -n "$postgres_folder" ] || return 0
    halt_postgres 2>&1 || true
    rm -rf "$postgres_folder"
    postgres_folder=''
}
