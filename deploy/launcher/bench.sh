# ./shusuan bench NAME: measures the product as its users meet it. Sourced by the launcher.
#
# Each benchmark runs the platform in a home and on ports of its own, prints a table and, last, one line of JSON.

bench_names() {
    cat <<'END'
submit   jobs accepted per second by 16 clients into a held queue, and the latency at 100 per second
pages    lists, filters and details, API and portal, with 1,000,000 jobs stored (JOBS=n for fewer)
queue    cycles, restart and takeover, Kueue's baseline and 500 simulated nodes, or the parts named; deploy/bench/queue.sh tells of each (CYCLES=n, 300)
start    from ./shusuan up to a served login page, and from a submission to the started process
pods     from a submission to the pod, as the platform sees it, in the Kubernetes of KUBECONFIG
agent    the runtime agent beside Triton, KServe, MLServer, LitServe, BentoML and Ray Serve (--only, --peers, --seconds; 30 minutes)
convert  what INT8 and FP16 make of a trained ResNet-18: times, accuracy and error, with VNNI and without (--seconds; 5 minutes the first time)
engine   what a call of ONNX Runtime costs beside its computation, by the agent and through its Java API
soak     500 reloads of the agent's models under mixed load: failed requests and growth of memory (--reloads, --seconds)
END
}

bench() {
    local name=${1-}
    case $name in
        --list | '')
            bench_names
            return
            ;;
        agent)
            shift
            bench_agent "$root/deploy/bench/agent" "$@"
            ;;
        engine)
            bench_engine
            return
            ;;
        convert)
            shift
            bench_agent "$root/deploy/bench/agent/convert.py" "$@"
            ;;
        soak)
            shift
            bench_agent "$root/deploy/bench/agent/soak.py" "$@"
            ;;
        submit | pages | start | pods | queue) shift ;;
        *) die "there is no benchmark '$name'; ./shusuan bench --list names them" ;;
    esac
    build_platform
    build_agent
    home=$(mktemp -d)
    port=${SHUSUAN_BENCH_PORT:-18090}
    postgres_port=${SHUSUAN_BENCH_POSTGRES_PORT:-15542}
    url=http://127.0.0.1:$port log=$home/platform.log pid_file=$home/platform.pid
    trap 'down >/dev/null 2>&1; rm -rf "$home"' EXIT
    "bench_$name" "$@"
}

bench_program() {
    local program=$1
    shift
    SHUSUAN_TOKEN=$(cat "$home/admin.token") "$JAVA_HOME/bin/java" -cp "$classes/lib/*" \
        "$root/deploy/bench/$program.java" --url "$url" --home "$home" --postgres-port "$postgres_port" "$@"
}

bench_submit() {
    up --detach
    bench_program SubmitBench "$@"
}

bench_pages() {
    up --detach
    bench_program PagesBench --jobs "${JOBS:-1000000}" "$@"
}

bench_pods() {
    [ -n "${KUBECONFIG:-}" ] || die "bench pods needs a Kubernetes in KUBECONFIG, e.g. eval \"\$(./shusuan testbed env)\""
    export SHUSUAN_CLUSTER=kubernetes SHUSUAN_KUBERNETES_PLATFORM=bench SHUSUAN_KUBERNETES_NAMESPACEPREFIX=bench-
    up --detach
    bench_program PodsBench
}

bench_queue() {
    . "$root/deploy/bench/queue.sh"
    queue_parts "$@"
}

now_ms() { date +%s%3N; }

bench_start() {
    local begin cold warm
    begin=$(now_ms)
    up --detach
    curl -sf -o /dev/null "$url/login"
    cold=$(($(now_ms) - begin))
    down 2>/dev/null
    begin=$(now_ms)
    up --detach
    curl -sf -o /dev/null "$url/login"
    warm=$(($(now_ms) - begin))
    printf '%-44s %8s ms\n' 'up to a served login page, empty home' "$cold" 'up to a served login page, warm' "$warm"
    bench_program StartBench --up-cold-ms "$cold" --up-warm-ms "$warm"
}

# The agent and its peers, in python3 alone; what else they need is fetched by the benchmark.
bench_agent() {
    local program=$1
    shift
    command -v python3 >/dev/null || die "it needs python3 with venv, to install and start the agent's peers"
    find_jdk
    build_agent
    export ORT_DISABLE_TELEMETRY=1 # the agent never reports; its peers shall not lose time with it either
    exec python3 "$program" --distribution "$root/runtime-agent/target/agent" "$@"
}

bench_engine() {
    local library folder
    build_agent
    library=$(find "$root/runtime-agent/target/agent/lib/native" -path "*linux-$(uname -m | sed 's/x86_64/x64/')/libonnxruntime.so")
    [ -n "$library" ] || die "bench engine knows where Linux keeps the engine's library"
    folder=$(mktemp -d)
    cp "$root/runtime-agent/src/test/resources/models/identity.onnx" "$folder/model.onnx"
    "$JAVA_HOME/bin/java" --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
        -Dio.netty.leakDetection.level=disabled -Donnxruntime.native.path="$(dirname "$library")" \
        -cp "$root/runtime-agent/target/agent/lib/*" "$root/deploy/bench/EngineBench.java" "$folder"
    rm -rf "$folder"
}
