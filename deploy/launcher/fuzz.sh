# ./shusuan fuzz [TARGET] [SECONDS]: lets the fuzzer run on one target, or on each, for so long. Sourced by the launcher.
#
# It begins with the seeds in runtime-agent/src/test/fuzz and with what earlier runs learnt (runtime-agent/target/fuzz). An input that
# breaks something is written beside that as TARGET-crash-…: mend what it breaks, and move it to the seeds.

fuzz() {
    local target= seconds=60 argument
    for argument in "$@"; do
        case $argument in
            http | json | binary | grpc | sharedmemory | config | onnx) target=$argument ;;
            '' | *[!0-9]*) die "there is nothing to fuzz named '$argument'; there are http, json, binary, grpc, sharedmemory, config and onnx" ;;
            *) seconds=$argument ;;
        esac
    done
    find_maven
    (cd "$root" && mvn -q -B -ntp -pl runtime-agent test -Dtest=FuzzTest -Dfuzz.target="$target" -Dfuzz.seconds="$seconds") \
        || die "it found something, or could not run; runtime-agent/target/fuzz has the logs and the inputs"
    say "nothing was found in $seconds s for ${target:-each target}; the logs are in runtime-agent/target/fuzz"
}
