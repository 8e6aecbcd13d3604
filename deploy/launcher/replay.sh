# ./shusuan replay QUESTION: why the queue did what it did. Sourced by the launcher.

replay_usage() {
    cat <<'END'
./shusuan replay list                   the cycles that were kept
./shusuan replay why A before B         why job A was given room while job B waited
./shusuan replay verify                 decide them again, and tell the first that is decided otherwise
./shusuan replay try CHANGE...          who would have run earlier or later with QUEUE.weight=2, QUEUE.priority=10
                                        (of all its jobs) or QUEUE.FLAVOUR.gpus=24 (what it owns; cpus, memoryMB likewise)
./shusuan replay save FILE              keep what there is now
./shusuan replay --from FILE QUESTION   ask a file that was saved, of this platform or another one
END
}

replay() {
    local recording=
    case ${1-list} in
        help | --help)
            replay_usage
            return
            ;;
        --from)
            recording=${2-}
            [ -r "$recording" ] || die "--from needs a file that './shusuan replay save FILE' has made; there is no '$recording' to read"
            shift 2
            ;;
        save)
            [ -n "${2-}" ] || die "save needs the name of a file"
            fetch_recording "$2"
            say "kept in $2"
            return
            ;;
    esac
    find_jdk
    build_platform
    if [ -z "$recording" ]; then
        recording=$(mktemp)
        # shellcheck disable=SC2064 # the name is known now, and no more at the end
        trap "rm -f '$recording'" EXIT
        fetch_recording "$recording"
    fi
    "$JAVA_HOME/bin/java" -cp "$classes/lib/*" io.shusuan.scheduler.replay.Replay "$recording" "${@:-list}"
}

# From the platform of this home.
fetch_recording() {
    find_curl
    platform_pid >/dev/null || die "the platform does not run: ./shusuan up --detach, or ask a saved file with --from"
    curl -sSf --max-time 600 -H @<(printf 'Authorization: Bearer %s' "$(cat "$home/admin.token")") -o "$1" "$url/api/v1/cycles:recording" ||
        die "the platform did not tell its cycles"
}
