# ./shusuan demo: from a job's YAML to a model that answers, unattended. Sourced by the launcher.

# The value of a text field of a JSON answer.
field() { grep -o "\"$1\":\"[^\"]*\"" | head -1 | cut -d '"' -f 4; }

submit() {
    local answer
    answer=$(api POST /api/v1/jobs -H 'Content-Type: application/yaml' --data-binary @"$1")
    field id <<<"$answer" | grep . || die "the platform refused $1: $answer"
}

# Waits until a job is in one of the states, showing each new one and each new reason with its sentence.
await() {
    local id=$1 wanted=$2 seconds=$3 shown='' answer state now
    local end=$((SECONDS + seconds))
    while [ $SECONDS -lt $end ]; do
        answer=$(api GET "/api/v1/jobs/$id")
        state=$(field state <<<"$answer")
        now="$state $(field reason <<<"$answer" || true)"
        if [ "$now" != "$shown" ]; then
            say "  $(field name <<<"$answer")  $state  $(field message <<<"$answer")"
            shown=$now
        fi
        case " $wanted " in *" $state "*) return ;; esac
        case $state in FAILED | STOPPED) die "job $id is $state: $(field message <<<"$answer"); its output: $url/jobs/$id" ;; esac
        sleep 0.3
    done
    die "job $id is still $state after $seconds s: $(field message <<<"$answer")"
}

# A job of an earlier demo still holds the name: it makes room.
make_room() {
    local id
    id=$(api GET "/api/v1/jobs?state=active&text=$1&limit=200" | grep -o "\"id\":\"[^\"]*\",\"name\":\"$1\"" | field id) || true
    if [ -n "$id" ]; then
        say "stopping $1 of an earlier demo"
        api POST "/api/v1/jobs/$id/stop" >/dev/null
        await_end "$id"
    fi
}

await_end() {
    local end=$((SECONDS + 60))
    until api GET "/api/v1/jobs/$1" | grep -qE '"state":"(SUCCEEDED|FAILED|STOPPED)"'; do
        [ $SECONDS -lt $end ] || die "job $1 does not end"
        sleep 0.3
    done
}

demo() {
    local examples=$root/deploy/examples train serve digest result=0
    platform_pid >/dev/null || up --detach
    answers || die "the platform runs but does not answer at $url; see ./shusuan logs"
    healthy || die "the platform runs, but something it needs is away: $(ailing)"
    make_room digits-train
    make_room digits-serve

    say '1. train: deploy/examples/digits-train.yaml'
    train=$(submit "$examples/digits-train.yaml")
    await "$train" SUCCEEDED 300
    digest=$(api GET "/api/v1/jobs/$train/logs" -H 'Accept: text/plain' | sed -n 's/.*sha256 \([0-9a-f]\{64\}\).*/\1/p' | tail -1)

    say '2. serve: deploy/examples/digits-serve.yaml'
    serve=$(submit "$examples/digits-serve.yaml")
    await "$serve" RUNNING 120

    say '3. ask: held-out images through the public serving address'
    SHUSUAN_TOKEN=$(cat "$home/admin.token") "$JAVA_HOME/bin/java" "$examples/digits/DigitsDemo.java" \
        --url "$url/serve/digits-serve" --images "$examples/digits/digits-test.csv.gz" || result=$?
    echo "model sha256 $digest"
    echo "portal $url  log in as admin, password in $home/admin.password"
    return $result
}
