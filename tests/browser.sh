# Node and Chromium for the tests of the page: sourced by tests/run, after tests/postgres.sh.
#
#   install_browser    what is missing: nodejs, npm and chromium, and the packages of tests/browser and of
#                      the examples

install_browser() {
    local missing=()
    command -v node >/dev/null || missing+=(nodejs)
    command -v npm >/dev/null || missing+=(npm)
    command -v "${CHROMIUM:-chromium}" >/dev/null || missing+=(chromium)
    if [ "${#missing[@]}" != 0 ]; then
        echo "==> installing ${missing[*]}"
        apt_install "${missing[@]}"
    fi
    for packages in tests/browser examples/express; do
        npm ci --prefix "$packages" --no-fund --no-audit --loglevel=error
    done
}
