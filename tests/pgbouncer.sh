# PgBouncer for tests, which start it by themselves: sourced by tests/run after tests/postgres.sh.

install_pgbouncer() {
    if command -v pgbouncer >/dev/null || [ -x /usr/sbin/pgbouncer ]; then return; fi
    echo '==> installing PgBouncer'
    apt_install pgbouncer
}
