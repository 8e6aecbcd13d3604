# shusuan/digits-train: the example training, run from its Java source. From the root of the repository:
#   docker build -f deploy/images/digits-train.Dockerfile -t shusuan/digits-train .
ARG JDK=eclipse-temurin:25-jdk
ARG BASE=debian:bookworm-slim
FROM ${JDK} AS java
COPY deploy/images/modules/digits-train /modules
RUN jlink --add-modules "$(cat /modules)" --strip-java-debug-attributes --no-header-files --no-man-pages \
      --generate-cds-archive --output /java

FROM ${BASE}
RUN useradd --uid 10001 --user-group --home-dir /work shusuan && install --directory --mode 1777 /work
COPY --from=java /java /opt/java
COPY deploy/examples/digits /opt/shusuan/examples/digits
RUN mkdir /opt/shusuan/bin && ln -s ../examples/digits/bin/digits-train /opt/shusuan/bin/digits-train
ENV JAVA_HOME=/opt/java PATH=/opt/shusuan/bin:/opt/java/bin:$PATH LANG=C.UTF-8 HOME=/work
WORKDIR /work
USER 10001:10001
CMD ["/opt/shusuan/bin/digits-train"]
