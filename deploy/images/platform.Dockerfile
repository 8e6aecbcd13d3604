# shusuan/platform: the control plane with its portal. From the root of the repository:
#   mvn -pl platform-web -am package
#   docker build -f deploy/images/platform.Dockerfile -t shusuan/platform .
# State lies in /var/lib/shusuan. In a container the platform runs jobs in a Kubernetes, not as its own processes.
ARG JRE=eclipse-temurin:25-jre
FROM ${JRE}
RUN useradd --uid 10001 --user-group --home-dir /var/lib/shusuan --create-home shusuan
COPY platform-web/target/platform.jar /opt/shusuan/platform.jar
ENV SHUSUAN_HOME=/var/lib/shusuan SHUSUAN_CLUSTER=kubernetes SERVER_ADDRESS=0.0.0.0 LANG=C.UTF-8 LOGGING_STRUCTURED_FORMAT_CONSOLE=logstash
VOLUME /var/lib/shusuan
WORKDIR /var/lib/shusuan
USER 10001:10001
EXPOSE 8080
CMD ["java", "-jar", "/opt/shusuan/platform.jar"]
