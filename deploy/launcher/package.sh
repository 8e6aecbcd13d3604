# ./shusuan agent --package FOLDER: the runtime agent as one folder that needs nothing else. Sourced by the launcher.
#
# FOLDER/bin/shusuan-agent starts it: a Java runtime of the modules it uses, the agent, the engine's library for this kind of machine
# and a start-up cache. It can be moved and packed; it is for the operating system and processor it was made on.

package_agent() {
    local folder=${1:-}
    [ -n "$folder" ] || die "agent --package needs a folder"
    [ ! -e "$folder" ] || [ -z "$(ls -A "$folder")" ] || die "$folder is not empty"
    find_jdk
    build_agent
    mkdir -p "$folder"
    folder=$(cd "$folder" && pwd)
    local agent=$root/runtime-agent/target/agent
    cp -r "$agent/bin" "$folder/bin"
    mkdir "$folder/lib"
    cp "$agent"/lib/*.jar "$folder/lib"
    copy_native_library "$agent/lib/native" "$folder/lib/native"
    without_native_libraries "$folder"/lib/onnxruntime-*.jar
    "$JAVA_HOME/bin/jlink" --add-modules "$(cat "$root/deploy/images/modules/runtime-agent")" --output "$folder/runtime" \
        --strip-debug --no-header-files --no-man-pages --compress zip-6
    # Of Java's own classes, for the layout of objects the agent runs with; without it no cache can be made.
    "$folder/runtime/bin/java" -XX:+UseCompactObjectHeaders -Xshare:dump >/dev/null
    "$folder/bin/shusuan-agent" --write-start-cache >/dev/null 2>&1 || die "the start-up cache could not be written"
    # The cache has what that archive had.
    rm -f "$folder"/runtime/lib/server/*.jsa
    say "$folder/bin/shusuan-agent: $(du -sm "$folder" | cut -f 1) MB"
}

copy_native_library() {
    local kind
    case $(uname -s)-$(uname -m) in
        Linux-x86_64) kind=linux-x64 ;;
        Linux-aarch64) kind=linux-aarch64 ;;
        Darwin-arm64) kind=osx-aarch64 ;;
        *) return 0 ;;
    esac
    mkdir -p "$2/ai/onnxruntime/native"
    cp -r "$1/ai/onnxruntime/native/$kind" "$2/ai/onnxruntime/native/$kind"
    # The glue to CUDA and TensorRT, which are the machine's own.
    [ "$kind" != linux-x64 ] || cp -r "$1/org" "$2/org"
}

# The engine's jar carries its libraries for every kind of machine; the one that is used lies beside it.
without_native_libraries() {
    local jar=$1 scratch
    scratch=$(mktemp -d)
    (cd "$scratch" && "$JAVA_HOME/bin/jar" --extract --file "$jar" && rm -rf ai/onnxruntime/native &&
        "$JAVA_HOME/bin/jar" --create --file "$jar" --manifest META-INF/MANIFEST.MF .)
    rm -rf "$scratch"
}
