# shusuan/runtime-agent: the agent and a Java with the modules it needs. From the root of the repository:
#   mvn -pl runtime-agent -am package
#   docker build -f deploy/images/runtime-agent.Dockerfile -t shusuan/runtime-agent .
FROM eclipse-temurin:25-jdk AS java
COPY deploy/images/modules/runtime-agent /modules
# The agent runs with compact headers, for which jlink makes no archive of Java's own classes.
RUN jlink --add-modules "$(cat /modules)" --strip-java-debug-attributes --no-header-files --no-man-pages \
      --generate-cds-archive --output /java \
    && /java/bin/java -XX:+UseCompactObjectHeaders -Xshare:dump

FROM debian:bookworm-slim
RUN apt-get update && apt-get install --yes --no-install-recommends libstdc++6 && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --user-group --home-dir /work shusuan && install --directory --mode 1777 /work
COPY --from=java /java /opt/java
COPY runtime-agent/target/agent /opt/shusuan
ENV JAVA_HOME=/opt/java PATH=/opt/shusuan/bin:/opt/java/bin:$PATH LANG=C.UTF-8 HOME=/work
WORKDIR /work
USER 10001:10001
CMD ["/opt/shusuan/bin/shusuan-agent"]
