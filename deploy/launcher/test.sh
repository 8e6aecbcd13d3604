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

# A real Kubernetes: with a node where root may start one, else its control plane alone. Sets node to yes in the first case.
with_cluster() {
    node=
    [ -n "${SHUSUAN_TEST_KUBECONFIG:-}" ] && return 0
    command -v go >/dev/null || [ -n "$all" ] || return 1
    if [ "$(id -u)" = 0 ]; then
        "$root/deploy/testbed/testbed" images && "$root/deploy/testbed/testbed" up --fake-gpus 8 >/dev/null || return 1
        node=yes
    else
        "$root/deploy/testbed/testbed" up --no-nodes >/dev/null || return 1
    fi
    eval "$("$root/deploy/testbed/testbed" env)"
    export SHUSUAN_TEST_KUBECONFIG=$KUBECONFIG
    # For the tests alone: what else is started here keeps to this machine unless told otherwise.
    unset KUBECONFIG
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
    # A test that passes only when tried again is reported as a flake, and does not hide the others.
    [ -n "$all" ] && options+=(-Dtest.kubernetes=required -Dtest.browser=required -Dtest.python=required -Dsurefire.rerunFailingTestsCount=2)
    [ -n "$node" ] && options+=(-Dtest.kubernetes.node=true)
    (cd "$root" && mvn "${options[@]}" verify)
}

# What rests on the database most, once more on PostgreSQL in a container: what is stored, found, listed and survived.
verify_in_container() {
    (
        eval "$("$root/deploy/testbed/docker-postgres" up)"
        trap '"$root/deploy/testbed/docker-postgres" down' EXIT
        cd "$root" && mvn -B -ntp -pl platform-api -am test -Dtest.database=testcontainers -Dsurefire.failIfNoSpecifiedTests=false \
            -Dtest='TestDatabaseTest,JobLifecycleTest,JobSurvivalTest,SubmitTest,IdempotencyTest,ListTest,JobPartsTest,AccessTest'
    )
}

# Runs something with a platform of its own: home and ports are set apart, so that a platform in use is left alone.
in_fresh_home() {
    (
        home=$(mktemp -d)
        export SHUSUAN_HOME=$home SHUSUAN_PORT=18080 SHUSUAN_POSTGRES_PORT=15532
        port=18080 url=http://127.0.0.1:18080
        trap 'stop_all; "$root/shusuan" down >/dev/null 2>&1; rm -rf "$home"' EXIT
        "$@"
    )
}

# Ends the jobs that an end-to-end test has left running.
stop_all() {
    local id
    for id in $(api GET '/api/v1/jobs?state=active' 2>/dev/null | grep -o '"id":"[^"]*"' | cut -d '"' -f 4); do
        api POST "/api/v1/jobs/$id/stop" >/dev/null 2>&1 || true
        until api GET "/api/v1/jobs/$id" 2>/dev/null | grep -qE '"state":"(SUCCEEDED|FAILED|STOPPED)"'; do
            healthy || return 0
            sleep 0.3
        done
    done
    if [ -n "${prometheus_pid:-}" ]; then kill "$prometheus_pid" 2>/dev/null || true; fi
}

demo_works() {
    "$root/shusuan" demo | tail -4 && conversion_works && if [ -n "$all" ] || command -v prometheus >/dev/null; then prometheus_scrapes; fi
}

# The demo's model as INT8, by the example's job: accepted it is served, rejected it fails the job, and the accepted one stays what is served.
conversion_works() {
    local examples=$root/deploy/examples id
    . "$root/deploy/launcher/demo.sh"
    id=$(submit "$examples/digits-convert.yaml")
    await "$id" SUCCEEDED 120
    sed 's/minSpeedup: 0/minSpeedup: 1000/' "$examples/digits-convert.yaml" >"$home/rejected.yaml"
    id=$(submit "$home/rejected.yaml")
    await "$id" FAILED 120
    sed 's/digits-serve/digits-serve-int8/; s/artifacts: digits-train/artifacts: digits-convert/' "$examples/digits-serve.yaml" >"$home/serve.yaml"
    id=$(submit "$home/serve.yaml")
    await "$id" RUNNING 120
    api GET /serve/digits-serve-int8/v2/models/digits | grep -qF '"versions":["2"]' || return 1
    SHUSUAN_TOKEN=$(cat "$home/admin.token") "$JAVA_HOME/bin/java" "$examples/digits/DigitsDemo.java" \
        --url "$url/serve/digits-serve-int8" --images "$examples/digits/digits-test.csv.gz" | tail -1
}

# Debian's Prometheus asks the platform and an agent, and finds what dashboards are made of.
prometheus_scrapes() {
    local id metrics end
    id=$(api GET '/api/v1/jobs?state=running&text=digits-serve' | grep -o '"id":"[^"]*"' | head -1 | cut -d '"' -f 4)
    metrics=$(api GET "/api/v1/jobs/$id/tasks" | grep -o 'metrics=[0-9.:]*' | head -1 | cut -d = -f 2)
    cat >"$home/prometheus.yml" <<END
global: {scrape_interval: 1s}
scrape_configs:
- job_name: platform
  metrics_path: /actuator/prometheus
  authorization: {credentials_file: $home/admin.token}
  static_configs: [{targets: ['127.0.0.1:$port']}]
- job_name: agent
  static_configs: [{targets: ['$metrics']}]
END
    prometheus --config.file="$home/prometheus.yml" --storage.tsdb.path="$home/prometheus" --web.listen-address=127.0.0.1:19090 \
        >"$home/prometheus.log" 2>&1 &
    prometheus_pid=$!
    end=$((SECONDS + 60))
    until scraped 'up{job="platform"}==1' && scraped 'up{job="agent"}==1' && scraped shusuan_jobs && scraped 'nv_inference_request_success>0'; do
        if [ $SECONDS -ge $end ]; then
            curl -s 'http://127.0.0.1:19090/api/v1/targets' | grep -o '"lastError":"[^"]*"' >&2
            return 1
        fi
        sleep 0.5
    done
    say "Prometheus finds the platform's and the agent's figures"
}

# Each alert fires on the figures it is for, and on no others.
alert_rules_work() {
    promtool test rules "$root/deploy/prometheus/gpu-alerts.test.yaml"
}

scraped() {
    curl -s --max-time 5 -G 'http://127.0.0.1:19090/api/v1/query' --data-urlencode "query=$1" | grep -q '"value":'
}

# The same two YAML files as pods of a real kubelet, and the model answering through its Service.
demo_works_on_kubernetes() {
    local service
    mkdir -p "$home/artifacts"
    chmod 755 "$home" && chmod 1777 "$home/artifacts"
    export KUBECONFIG=$SHUSUAN_TEST_KUBECONFIG SERVER_ADDRESS=0.0.0.0 SHUSUAN_PUBLICURL=http://10.247.0.1:18080
    export SHUSUAN_KUBERNETES_PLATFORM=demo SHUSUAN_KUBERNETES_NAMESPACEPREFIX=demo- SHUSUAN_KUBERNETES_DNSPOLICY=Default
    export SHUSUAN_KUBERNETES_ARTIFACTS_HOSTPATH=$home/artifacts SHUSUAN_KUBERNETES_RUNASUSER=10001
    "$root/shusuan" demo | tail -4 || return 1
    service=$(kubectl -n demo-default get service -o jsonpath='{.items[0].spec.clusterIP}')
    curl -sf --max-time 10 "http://$service/v2/models/digits" | grep -q probabilities || return 1
    say "the model answers through its Service at $service"
    kubectl -n demo-default get pods >&2
}

# The packaged agent, with nothing on the path that could help it: it starts by itself, soon, and is small.
packaged_agent_works() {
    local folder=$home/agent pid ready resident
    "$root/shusuan" agent --package "$folder" || return 1
    mkdir "$home/models"
    mv "$folder" "$home/moved"
    env -i "$home/moved/bin/shusuan-agent" --model-repository="$home/models" --http-port=0 --grpc-port=0 --metrics-port=0 \
        >"$home/agent.log" 2>&1 &
    pid=$!
    timeout 30 tail -n +1 --pid=$pid -f "$home/agent.log" | grep -m 1 -q 'ready in'
    ready=$(sed -n 's/.*ready in \([0-9]*\) ms.*/\1/p' "$home/agent.log")
    resident=$(awk '/VmRSS/ { print int($2 / 1024) }' /proc/$pid/status)
    kill $pid
    wait $pid || return 1
    say "ready after ${ready:-?} ms, $resident MB resident"
    [ -n "$ready" ] && [ "$resident" -lt 150 ]
}

test() {
    . "$root/deploy/launcher/gpu.sh"
    all=
    case ${1-} in --all) all=yes ;; '') ;; *) die "test knows --all, not '$1'" ;; esac
    find_jdk
    find_maven

    build_agent
    if ! with_cluster; then
        [ -n "$all" ] && failed+=("testbed")
        skip "tests against Kubernetes" "install Go 1.26 and run ./shusuan testbed up --no-nodes, or set SHUSUAN_TEST_KUBECONFIG"
    fi
    with_tritonclient || skip "tests with tritonclient" "it needs python3 with venv, and PyPI"
    step "build and tests" verify
    step "demo in a fresh home" in_fresh_home demo_works
    step "the packaged agent" in_fresh_home packaged_agent_works
    if [ -n "$all" ] || command -v promtool >/dev/null; then
        step "alert rules" alert_rules_work
    else
        skip "alert rules" "it needs promtool: 'apt-get install prometheus'"
    fi
    if [ -n "$all" ] || model_python >/dev/null 2>&1; then
        step "the verification on a GPU, rehearsed" "$root/shusuan" gpu rehearse
    else
        skip "the verification on a GPU, rehearsed" "it needs python3 with venv, and PyPI"
    fi
    if [ -n "$node" ]; then
        step "demo on Kubernetes" in_fresh_home demo_works_on_kubernetes
        "$root/deploy/testbed/testbed" down
    else
        skip "demo on Kubernetes" "it needs root, to run containerd and a kubelet"
    fi
    if [ "$(id -u)" = 0 ] && { [ -n "$all" ] || command -v dockerd >/dev/null; }; then
        step "database tests in a container" verify_in_container
    else
        skip "database tests in a container" "they need root and Debian's docker.io"
    fi
    [ ${#skipped[@]} -eq 0 ] || say "skipped: ${skipped[*]}"
    [ ${#failed[@]} -eq 0 ] || die "failed: ${failed[*]}"
    say "all of it passed ($steps steps)"
}
