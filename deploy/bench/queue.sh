# ./shusuan bench queue [PART…]: all parts, or those that are named. Sourced by the launcher's bench.sh.
#
#   cycles     decisions over 5,000 nodes, with 10,000 and 100,000 waiting jobs; in process, no I/O
#   restart    100,000 active jobs, 10,000 of them in a real API server: from `up` to scheduling again, and takeover after kill -9
#   baseline   Kueue's baseline: 15,000 jobs over REST, one Job object each in a real API server, execution imitated
#              SHARE=n: only one of n of them; STATEMENTS=yes: what the database was asked, for each job, which costs it some time
#   simulated  4,000 jobs of one GPU, a gang of 512 and a reclaim, from REST to bound pods, on 500 nodes that KWOK imitates
#
# All but the first start an etcd and an API server of their own, from the binaries that `./shusuan testbed build --no-nodes` makes. Neither
# controllers nor a scheduler run beside them: what these would do is imitated where a part needs it. Only `simulated` has both, and KWOK.

queue_parts() {
    local part
    [ $# -gt 0 ] || set -- cycles restart baseline simulated
    figures=$home/figures
    touch "$figures"
    for part in "$@"; do
        case $part in
            cycles) queue_cycles ;;
            restart | baseline | simulated)
                if [ -x "$(testbed_binaries)/kube-apiserver" ]; then
                    if [ "$part" = simulated ]; then api_server_up --simulated-nodes; else api_server_up --no-controllers; fi
                    "queue_$part"
                    api_server_down
                else
                    say "skipped: $part, which needs a Kubernetes API server: ./shusuan testbed build --no-nodes makes one"
                fi
                ;;
            *) die "bench queue has the parts cycles, restart, baseline and simulated, not '$part'" ;;
        esac
    done
    printf '{"bench":"queue",%s}\n' "$(paste -sd, "$figures")"
}

queue_cycles() {
    "$JAVA_HOME/bin/java" -Xmx1g -cp "$classes/lib/*" "$root/deploy/bench/QueueBench.java" "${CYCLES:-300}" "$figures"
}

# --- an API server of the benchmark's own -----------------------------------------------------------------------------

testbed_home() { echo "${SHUSUAN_TESTBED_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/shusuan/testbed}"; }
testbed_binaries() { echo "$(testbed_home)/kubernetes-$(sed -n 's#^require k8s.io/kubernetes v##p' "$root/deploy/testbed/go.mod" | sed 's/^/v/')"; }

bench_testbed() {
    SHUSUAN_TESTBED_HOME=$home/testbed SHUSUAN_TESTBED_PORT=${SHUSUAN_BENCH_TESTBED_PORT:-16640} "$root/deploy/testbed/testbed" "$@"
}

api_server_up() {
    mkdir -p "$home/testbed"
    ln -sfn "$(testbed_binaries)" "$home/testbed/$(basename "$(testbed_binaries)")"
    trap 'queue_down >/dev/null 2>&1; rm -rf "$home"' EXIT
    bench_testbed up "$1" >/dev/null
    export KUBECONFIG=$home/testbed/state/kubeconfig
    export SHUSUAN_CLUSTER=kubernetes SHUSUAN_KUBERNETES_PLATFORM=bench SHUSUAN_KUBERNETES_NAMESPACEPREFIX=bench-
}

api_server_down() {
    down
    rm -rf "$home/postgres"
    bench_testbed down
}

# Whatever of it has ended already, the rest is ended too.
queue_down() {
    [ -z "${replica:-}" ] || kill -9 "$replica" || :
    (down) || :
    bench_testbed down
}

queue_program() { bench_program "$@" --kubeconfig "$KUBECONFIG" --figures "$figures"; }

rss_mb() { awk '/^VmRSS/ { print int($2 / 1024) }' "/proc/$1/status"; }

# --- the parts --------------------------------------------------------------------------------------------------------

queue_restart() {
    local program
    up --detach
    queue_program RestartBench --step fill
    say "100,000 active jobs; the platform has $(rss_mb "$(platform_pid)") MB"
    down
    # Started before the platform, so that its own start takes no time of what it measures.
    queue_program RestartBench --step restart --opened "$home/opened" &
    program=$!
    until [ -e "$home/opened" ]; do
        kill -0 "$program" || die "the benchmark's program has ended"
        sleep 0.05
    done
    up --detach
    wait "$program"
    say "the platform has $(rss_mb "$(platform_pid)") MB"
    replica_up
    queue_program RestartBench --step takeover --leader "$(platform_pid)"
    kill -9 "$replica"
    replica=
    up --detach # whoever stops the database stops all that is left
}

# Another replica of the same platform, on the first one's database.
replica_up() {
    local home=$home/replica port=$((port + 1)) url log command
    local database_home=${home%/replica}
    mkdir -p "$home"
    url=http://127.0.0.1:$port log=$home/platform.log
    java_command
    SPRING_DATASOURCE_URL="jdbc:postgresql://127.0.0.1:$postgres_port/shusuan" SPRING_DATASOURCE_USERNAME=shusuan \
        SPRING_DATASOURCE_PASSWORD=$(cat "$database_home/postgres/password") setsid "${command[@]}" >"$log" 2>&1 </dev/null &
    replica=$!
    until healthy; do
        kill -0 "$replica" || die "the second replica did not start: $(tail -5 "$log")"
        sleep 0.2
    done
}

queue_baseline() {
    local statements=${STATEMENTS:-no}
    if [ "$statements" = yes ]; then
        mkdir -p -m 700 "$home/postgres"
        echo "shared_preload_libraries = 'pg_stat_statements'" >"$home/postgres/local.conf"
    fi
    up --detach
    queue_program BaselineBench --platform "$(platform_pid)" --share "${SHARE:-1}" --statements "$statements"
}

queue_simulated() {
    up --detach
    queue_program SimulatedBench
}
