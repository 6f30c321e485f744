# shellcheck shell=bash
# What the scripts of this folder share: where things are kept, how progress is
# shown, how to wait, and how to tell a process of ours from a stranger with its pid.
# To be sourced, never run.

set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# Everything that is downloaded, built or run lives here, outside the checkout.
cache=${IRONBOOT_CACHE:-${XDG_CACHE_HOME:-${HOME:?HOME or IRONBOOT_CACHE must be set}/.cache}/ironboot}
mkdir -p "$cache/log"
cache=$(cd "$cache" && pwd)
[[ $cache$root =~ ^[A-Za-z0-9/._+-]+$ ]] || {
    echo "error: the paths $cache and $root go into configuration files: letters, digits and /._+- only" >&2
    exit 1
}
export IRONBOOT_CACHE=$cache
export CARGO_TARGET_DIR=$cache/target

# Cargo compares times of files and not checkouts: what another checkout built into
# this folder later than our files are would pass for ours.
own_build() {
    local owner=$CARGO_TARGET_DIR/checkout
    [ -e "$CARGO_TARGET_DIR" ] || mkdir "$CARGO_TARGET_DIR"
    [ "$(cat "$owner" 2>/dev/null)" = "$root" ] && return
    cargo clean --quiet --workspace --manifest-path "$root/Cargo.toml"
    echo "$root" >"$owner"
}

# Seconds since the first script of this run started, whatever it called since.
export IRONBOOT_STARTED=${IRONBOOT_STARTED:-$EPOCHREALTIME}

elapsed() { awk -v a="$IRONBOOT_STARTED" -v b="$EPOCHREALTIME" 'BEGIN { printf "%6.1f", b - a }'; }

step() { printf '[%s s] %s\n' "$(elapsed)" "$*"; }

die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

need_root() {
    [ "$(id -u)" = 0 ] || die "$1 needs root. Try: sudo -E env \"PATH=\$PATH\" $0"
}

need_command() {
    command -v "$1" >/dev/null || die "$1 is not installed, and $2 needs it"
}

# run_logged TITLE LOG COMMAND…: hides the command's output in LOG, shows that it goes on.
run_logged() {
    local title=$1 log=$2 ticker status=0
    shift 2
    step "$title"
    # The ticker looks for its parent, so it also ends when this script is killed;
    # until then it must not hold this script's lock.
    (
        exec 9>&-
        while sleep 15 && kill -0 $$; do step "… $title, still at it"; done
    ) 2>/dev/null &
    ticker=$!
    "$@" >"$log" 2>&1 || status=$?
    kill "$ticker" 2>/dev/null || true
    wait "$ticker" 2>/dev/null || true
    [ "$status" = 0 ] || {
        tail -n 30 "$log" >&2
        die "$title: failed with status $status, the whole log is in $log"
    }
}

# take_lock FILE: until this script ends, and what it started with it. A killed script's
# pip or compiler may still run: it keeps the lock, and nobody builds into its folder.
take_lock() {
    exec 9>"$1"
    flock -n 9 || {
        step "waiting for another run of ${0##*/} to end"
        flock 9
    }
}

release_lock() { exec 9>&-; }

# waitfor SECONDS WHAT COMMAND…: tries the command until it succeeds.
waitfor() {
    local limit=$1 what=$2 end
    shift 2
    end=$((SECONDS + limit))
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$end" ] || {
            printf 'error: no %s after %s s\n' "$what" "$limit" >&2
            return 1
        }
        sleep 0.1
    done
}

# A pid alone is reused sooner or later, after a reboot at once: with the start
# time and the boot it names one process only.
process_identity() { # PID
    local stat
    stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
    stat=${stat##*) } # the name before it may hold spaces and brackets
    # shellcheck disable=SC2086
    set -- "$1" $stat
    [ "$2" != Z ] || return 1
    printf '%s %s %s\n' "$1" "${21}" "$(cat /proc/sys/kernel/random/boot_id)"
}

record_process() { # PID FILE
    process_identity "$1" >"$2.new" && mv "$2.new" "$2"
}

is_running() { # FILE
    local recorded pid
    recorded=$(cat "$1" 2>/dev/null) && [ -n "$recorded" ] || return 1
    pid=${recorded%% *}
    [ "$(process_identity "$pid")" = "$recorded" ]
}

# end_process FILE SECONDS: TERM, and KILL if it is still there after that time.
end_process() {
    local pid
    if is_running "$1"; then
        pid=$(cut -d ' ' -f 1 "$1")
        kill "$pid" 2>/dev/null || true
        waitfor "$2" "end of process $pid" not_running "$1" 2>/dev/null || {
            is_running "$1" && kill -9 "$pid"
            waitfor 10 "end of process $pid" not_running "$1"
        }
    fi
    rm -f "$1"
}

not_running() { ! is_running "$1"; }

# free_port: one that nothing listens on; below the ephemeral range, so that no
# outgoing connection takes it in the meantime.
free_port() {
    local port
    for _ in $(seq 100); do
        port=$((20000 + SRANDOM % 12000))
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || {
            echo "$port"
            return
        }
    done
    die "no free port"
}

# hash_of FILE…: short, and the same wherever the checkout lies.
hash_of() { cat "$@" | sha256sum | cut -c 1-12; }

# The releases that IRONBOOT_IRONIC can name, oldest first.
older_ironics() {
    local file
    for file in "$root"/test/stack/requirements-*.txt; do
        file=${file##*/requirements-}
        echo "${file%.txt}"
    done | sort -V
}

version_of_ironic() { # [RELEASE]
    sed -n 's/^ironic==//p' "$root/test/stack/requirements${1:+-$1}.txt"
}

# shellcheck disable=SC2034 # these are for the scripts that source this one
{
    requirements=$root/test/stack/requirements.txt
    venv=$cache/venv-$(hash_of "$requirements")
    guest_packages=$cache/guest-packages

    # IRONBOOT_IRONIC=24.1 gives a stack that older Ironic; the BMC's emulator and just
    # stay those of $venv.
    ironic_release=${IRONBOOT_IRONIC:-}
    ironic_requirements=$root/test/stack/requirements${ironic_release:+-$ironic_release}.txt
    [ -e "$ironic_requirements" ] || die "IRONBOOT_IRONIC=$ironic_release: the older releases are $(older_ironics | paste -sd ' ')"
    ironic_venv=$cache/venv-$(hash_of "$ironic_requirements")
    ironic_version=$(version_of_ironic "$ironic_release")

    kubernetes_version=$(awk '$1 == "k8s.io/kubernetes" { print $2 }' "$root/test/control-plane/go.mod")
    control_plane=${KUBEBUILDER_ASSETS:-$cache/control-plane/$kubernetes_version-$(hash_of "$root"/test/control-plane/go.{mod,sum})}
}
