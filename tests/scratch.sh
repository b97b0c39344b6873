# Where tests keep what they throw away: sourced by tests/run.
#
#   scratch_in_memory    sets TMPDIR to a new folder in memory, if there is room
#   scratch_on_disk      sets it back
#   remove_scratch       removes it

scratch_folder=''
scratch_before=${TMPDIR:-/tmp}

# Databases come and go by the thousand, each with some hundred files; on a disk, making and deleting
# those takes a quarter of the processors' time.
scratch_in_memory() {
    local memory=/dev/shm wanted=$((4 * 1024 * 1024)) room available
    [ "$(stat -f -c %T "$memory" 2>/dev/null)" = tmpfs ] && [ -w "$memory" ] || return 0
    room=$(df --output=avail -k "$memory" | tail -n 1)
    available=$(awk '/^MemAvailable/ {print $2}' /proc/meminfo)
    # The files take of the memory that the tests themselves need as much of.
    [ "$room" -ge "$wanted" ] && [ "$available" -ge $((2 * wanted)) ] || return 0
    scratch_folder=$(mktemp -d "$memory/confab-tests-XXXXXX")
    # Tests start programs that they have written, which containers often forbid there.
    printf '#!/bin/sh\n' >"$scratch_folder/starts"
    chmod +x "$scratch_folder/starts"
    "$scratch_folder/starts" 2>/dev/null || { remove_scratch; return 0; }
    # PostgreSQL runs as another user when root runs the tests.
    chmod 755 "$scratch_folder"
    export TMPDIR=$scratch_folder
}

# For Chromium, which has crashed while it started with its files in memory.
scratch_on_disk() {
    export TMPDIR=$scratch_before
}

remove_scratch() {
    [ -z "$scratch_folder" ] || rm -rf "$scratch_folder"
    scratch_folder=''
}
