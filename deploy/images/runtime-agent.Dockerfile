# shusuan/runtime-agent: the agent and a Java with the modules it needs. From the root of the repository:
#   mvn -pl runtime-agent -am package
#   docker build -f deploy/images/runtime-agent.Dockerfile -t shusuan/runtime-agent .
ARG JDK=eclipse-temurin:25-jdk
ARG BASE=debian:bookworm-slim
FROM ${JDK} AS java
COPY deploy/images/modules/runtime-agent /modules
# The agent runs with compact headers, for which jlink makes no archive of Java's own classes.
RUN jlink --add-modules "$(cat /modules)" --strip-java-debug-attributes --no-header-files --no-man-pages \
      --generate-cds-archive --output /java \
    && /java/bin/java -XX:+UseCompactObjectHeaders -Xshare:dump
COPY runtime-agent/target/agent /agent
# The engine's jar carries its libraries for every kind of machine, and beside it lie those of three; the one of this kind is used. A start-up cache is
# for the Java that wrote it, which is not this one.
RUN set -eu; cd /agent/lib; jar=$(echo /agent/lib/onnxruntime-*.jar); kind=$(uname -m | sed 's/x86_64/x64/'); \
    rm -f -- *.aot; find native/ai/onnxruntime/native -mindepth 1 -maxdepth 1 ! -name "linux-$kind" -exec rm -r {} +; \
    mkdir /jar; cd /jar; jar --extract --file "$jar"; rm -r ai/onnxruntime/native; jar --create --file "$jar" --manifest META-INF/MANIFEST.MF .

FROM ${BASE}
RUN apt-get update && apt-get install --yes --no-install-recommends libstdc++6 && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --user-group --home-dir /work shusuan && install --directory --mode 1777 /work
COPY --from=java /java /opt/java
COPY --from=java /agent /opt/shusuan
ENV JAVA_HOME=/opt/java PATH=/opt/shusuan/bin:/opt/java/bin:$PATH LANG=C.UTF-8 HOME=/work
WORKDIR /work
USER 10001:10001
CMD ["/opt/shusuan/bin/shusuan-agent"]
