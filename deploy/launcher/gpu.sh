# ./shusuan gpu prepare FOLDER | rehearse [FOLDER] | libraries FOLDER: the verification on a machine with a GPU. Sourced by the launcher.
#
# docs/gpu/README.md tells how it goes: what is prepared here is carried to the other machine, where FOLDER/run does the rest.

gpu() {
    local what=${1-}
    [ $# -eq 0 ] || shift
    case $what in
        prepare) prepare_gpu_verification "$@" ;;
        rehearse) rehearse_gpu_verification "$@" ;;
        libraries)
            [ -n "${1-}" ] || die "gpu libraries needs a folder"
            find_jdk
            find_maven
            fetch_nvidia_libraries "$1"
            ;;
        *) die "gpu knows prepare FOLDER, rehearse [FOLDER] and libraries FOLDER, not '$what'" ;;
    esac
}

. "$root/deploy/launcher/package.sh"

suite=$root/deploy/gpu/verify
piece_bytes=$((60 << 20))

# The suite, compiled into FOLDER/suite.
compile_suite() {
    local agent=$root/runtime-agent/target
    mkdir -p "$1/suite"
    "$JAVA_HOME/bin/javac" -nowarn -d "$1/suite" -cp "$agent/agent/lib/*:$agent/load/lib/*" "$suite"/*.java "$root/deploy/bench/agent/Load.java"
}

# The Python that makes models, which the benchmarks have as well.
model_python() {
    python3 -c "import sys; sys.path.insert(0, '$root/deploy/bench/agent'); import environments; print(environments.tools())"
}

# Models and samples into FOLDER/models.
make_gpu_models() {
    local python
    command -v python3 >/dev/null || die "models are made with python3 and its venv: 'apt-get install python3-venv'"
    python=$(model_python) || die "numpy, onnx and onnxruntime could not be installed for the models"
    "$python" "$suite/make_models.py" "$1/models" "$2" >&2
}

# --- without a GPU

# All steps on ONNX Runtime in TensorRT's place. The folder is kept when one is named.
rehearse_gpu_verification() (
    folder=${1:-}
    find_jdk
    build_agent
    if [ -z "$folder" ]; then
        folder=$(mktemp -d)
        trap 'rm -rf "$folder"' EXIT
    fi
    mkdir -p "$folder"
    folder=$(cd "$folder" && pwd)
    make_gpu_models "$folder" rehearsal || return 1
    compile_suite "$folder" && compile_stand_in "$folder" || return 1
    "$JAVA_HOME/bin/java" --enable-native-access=ALL-UNNAMED -cp "$folder/standin:$folder/suite:$root/runtime-agent/target/agent/lib/*:$root/runtime-agent/target/load/lib/*" \
        Verify "$folder" "$folder/agent" "$JAVA_HOME/bin/java" rehearsal
)

# FOLDER/agent starts the product with the stand-in's classes before its own; the suite has its CUDA from there, too.
compile_stand_in() {
    local agent=$root/runtime-agent/target/agent native
    mkdir -p "$1/standin"
    find "$suite/standin" -name '*.java' -print0 | xargs -0 "$JAVA_HOME/bin/javac" -nowarn -d "$1/standin" -cp "$agent/lib/*" || return 1
    native=$(find "$agent/lib/native" -path "*linux-$(uname -m | sed 's/x86_64/x64/')/libonnxruntime.so")
    [ -n "$native" ] || die "the rehearsal knows where Linux keeps ONNX Runtime's library"
    cat >"$1/agent" <<END
#!/bin/sh
exec "$JAVA_HOME/bin/java" -XX:+UseSerialGC -Xmx1g -Xshare:auto --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \\
    --add-opens=java.base/java.nio=ALL-UNNAMED -Donnxruntime.native.path="$(dirname "$native")" -Dshusuan.native="$agent/lib/native" \\
    -cp "$1/standin:$agent/lib/runtime-agent.jar" io.shusuan.agent.Main "\$@"
END
    chmod +x "$1/agent"
}

# --- for a machine with a GPU

# FOLDER/verification.tar.gz in pieces that can be carried, with checksums, and the script that joins and runs them there.
prepare_gpu_verification() {
    local folder=${1:-} contents
    [ -n "$folder" ] || die "gpu prepare needs a folder"
    [ ! -e "$folder" ] || [ -z "$(ls -A "$folder")" ] || die "$folder is not empty"
    [ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] || die "TensorRT is served on Linux x86_64 only; prepare there"
    find_jdk
    find_maven
    build_agent
    mkdir -p "$folder"
    folder=$(cd "$folder" && pwd)
    contents=$folder/verification
    mkdir "$contents"
    package_agent "$contents/agent"
    compile_suite "$contents"
    mkdir "$contents/load"
    cp "$root/runtime-agent/target/load/lib"/*.jar "$contents/load"
    cp "$suite/torch_eager.py" "$contents"
    install -m 755 "$suite/run" "$contents/run"
    make_gpu_models "$contents" full
    fetch_nvidia_libraries "$contents/lib"
    tar -C "$folder" -cz verification | split -b "$piece_bytes" -d -a 3 - "$folder/piece-"
    rm -rf "$contents"
    install -m 755 "$suite/join" "$folder/join"
    (cd "$folder" && sha256sum piece-* join >SHA256SUMS)
    say "$(find "$folder" -name 'piece-*' | wc -l) pieces, $(du -sm "$folder" | cut -f 1) MB in $folder; there: ./join TARGET && TARGET/verification/run"
}

# TensorRT, and of CUDA the runtime and what TensorRT compiles kernels with; only the driver is the machine's own.
fetch_nvidia_libraries() {
    local javacpp tensorrt cuda
    command -v unzip >/dev/null || die "it unpacks jars with unzip: 'apt-get install unzip'"
    javacpp=$(pom_property javacpp.version)
    tensorrt=$(pom_property javacpp-tensorrt.version)
    cuda=$(pom_property javacpp-cuda.version)
    mkdir -p "$1"
    redist "tensorrt:$tensorrt:jar:linux-x86_64-redist" "$1" libnvinfer.so.11 'libnvinfer_builder_resource*' libnvonnxparser.so.11
    redist "cuda-redist:${cuda%-*}-$javacpp:jar:linux-x86_64" "$1" libcudart.so.13 libnvrtc.so.13 'libnvrtc-builtins.so.*' libnvJitLink.so.13
}

pom_property() { sed -n "s:.*<$1>\(.*\)</$1>.*:\1:p" "$root/pom.xml"; }

# redist ARTIFACT FOLDER FILE…: files out of a jar of JavaCPP's that carries NVIDIA's libraries.
redist() {
    local artifact=$1 folder=$2 jars
    shift 2
    jars=$(mktemp -d)
    (cd "$root" && mvn -q -B -ntp -N dependency:copy "-Dartifact=org.bytedeco:$artifact" "-DoutputDirectory=$jars" >"$root/build.log" 2>&1) || {
        rm -rf "$jars"
        die "org.bytedeco:$artifact could not be had; Maven's output is in $root/build.log"
    }
    unzip -q -j -o "$jars"/*.jar "${@/#/*/}" -d "$folder" || die "org.bytedeco:$artifact does not hold $*"
    rm -rf "$jars"
}
