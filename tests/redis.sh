# Redis for tests, which start servers of their own: sourced by tests/run after tests/postgres.sh.

install_redis() {
    if command -v redis-server >/dev/null; then return; fi
    echo '==> installing Redis'
    apt_install redis-server
}
