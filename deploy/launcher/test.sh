# ./shusuan test [--all]: every test. Sourced by the launcher.
#
# Without --all, what needs more than a JDK and Maven is skipped where it is missing, each time with a line that says how to get
# it. With --all, as in CI, anything missing fails.

declare -a skipped=() failed=()
steps=0

step() {
    local name=$1
    shift
    say "== $name"
    local begin=$SECONDS
    steps=$((steps + 1))
    if "$@"; then
        say "== $name: passed in $((SECONDS - begin)) s"
    else
        say "== $name: FAILED after $((SECONDS - begin)) s"
        failed+=("$name")
    fi
}

skip() {
    say "== $1: skipped; $2"
    skipped+=("$1")
}

with_cluster() {
    [ -n "${SHUSUAN_TEST_KUBECONFIG:-}" ] && return 0
    command -v go >/dev/null || [ -n "$all" ] || return 1
    "$root/deploy/testbed/testbed" up --no-nodes || return 1
    SHUSUAN_TEST_KUBECONFIG=$("$root/deploy/testbed/testbed" env | sed 's/^export KUBECONFIG=//; s/"//g')
    export SHUSUAN_TEST_KUBECONFIG
}

# tritonclient in a virtual environment of its own, kept between runs.
with_tritonclient() {
    local venv=${XDG_CACHE_HOME:-$HOME/.cache}/shusuan/tritonclient
    if [ ! -x "$venv/bin/python" ]; then
        python3 -m venv "$venv" && "$venv/bin/pip" install -q 'tritonclient[http,grpc]==2.73.0' numpy || {
            rm -rf "$venv"
            return 1
        }
    fi
    export SHUSUAN_TEST_PYTHON=$venv/bin/python
}

verify() {
    local options=(-B -ntp)
    [ -n "$all" ] && options+=(-Dtest.kubernetes=required -Dtest.browser=required -Dtest.python=required)
    (cd "$root" && mvn "${options[@]}" verify)
}

# The database's tests once more, on PostgreSQL in a container.
verify_in_container() {
    (
        eval "$("$root/deploy/testbed/docker-postgres" up)"
        cd "$root" && mvn -B -ntp -pl db test -Dtest.database=testcontainers -Dtest='TestDatabaseTest' -Dsurefire.failIfNoSpecifiedTests=false
    )
}

# A home of its own and ports of its own, so that a platform in use is left alone.
in_fresh_home() {
    (
        home=$(mktemp -d)
        export SHUSUAN_HOME=$home SHUSUAN_PORT=18080 SHUSUAN_POSTGRES_PORT=15532
        trap '"$root/shusuan" down >/dev/null 2>&1; "$1-cleanup" 2>/dev/null; rm -rf "$home"' EXIT
        "$@"
    )
}

demo_works() {
    "$root/shusuan" demo | tail -4
}

test() {
    all=
    case ${1-} in --all) all=yes ;; '') ;; *) die "test knows --all, not '$1'" ;; esac
    find_jdk
    find_maven

    if ! with_cluster; then
        [ -n "$all" ] && failed+=("testbed")
        skip "tests against Kubernetes" "install Go 1.26 and run ./shusuan testbed up --no-nodes, or set SHUSUAN_TEST_KUBECONFIG"
    fi
    with_tritonclient || skip "tests with tritonclient" "it needs python3 with venv, and PyPI"
    step "build and tests" verify
    if [ "$(id -u)" = 0 ] && { [ -n "$all" ] || command -v dockerd >/dev/null; }; then
        step "database tests in a container" verify_in_container
    else
        skip "database tests in a container" "they need root and Debian's docker.io"
    fi
    step "demo in a fresh home" in_fresh_home demo_works
    [ ${#skipped[@]} -eq 0 ] || say "skipped: ${skipped[*]}"
    [ ${#failed[@]} -eq 0 ] || die "failed: ${failed[*]}"
    say "all of it passed ($steps steps)"
}
