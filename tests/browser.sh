# Node and Chromium for the tests of the page: sourced by tests/run, after tests/postgres.sh.
#
#   install_browser    what is missing: nodejs, npm, chromium and venv of Python, and the packages of tests/browser and
#                      of the examples

install_browser() {
    local missing=()
    command -v node >/dev/null || missing+=(nodejs)
    command -v npm >/dev/null || missing+=(npm)
    command -v "${CHROMIUM:-chromium}" >/dev/null || missing+=(chromium)
    # Debian has a Python that cannot make environments without this package.
    python3 -c 'import ensurepip' 2>/dev/null || missing+=(python3-venv)
    if [ "${#missing[@]}" != 0 ]; then
        echo "==> installing ${missing[*]}"
        apt_install "${missing[@]}"
    fi
    for packages in tests/browser examples/express; do
        npm ci --prefix "$packages" --no-fund --no-audit --loglevel=error
    done
    local environment=examples/django/.venv
    [ -x "$environment/bin/python" ] || python3 -m venv "$environment"
    "$environment/bin/python" -m pip install --quiet --disable-pip-version-check --requirement examples/django/requirements.txt
}
