package io.shusuan.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.netty.handler.ssl.SslContextBuilder;
import io.shusuan.agent.protocol.grpc.proto.RepositoryIndexRequest;
import io.shusuan.agent.protocol.grpc.proto.ServerLiveRequest;
import io.shusuan.agent.protocol.grpc.proto.ServerMetadataRequest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tokens, restricted calls and TLS. */
class AccessTest {
    @TempDir
    private Path folder;

    private ModelRepository repository() {
        return new ModelRepository(folder.resolve("models")).identity("m", ModelRepository.GOLDEN_CONFIG);
    }

    private static <Q, A> A call(Channel channel, MethodDescriptor<Q, A> method, Q question, String... metadata) {
        var headers = new Metadata();
        for (int i = 0; i < metadata.length; i += 2) {
            headers.put(Metadata.Key.of(metadata[i], Metadata.ASCII_STRING_MARSHALLER), metadata[i + 1]);
        }
        var with = ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(headers));
        return ClientCalls.blockingUnaryCall(with, method, CallOptions.DEFAULT, question);
    }

    @Test
    void asksForATokenWhenItHasOne() throws Exception {
        var file = Files.writeString(folder.resolve("tokens"), "old\n\nnew\n");
        try (var agent = RunningAgent.serving(repository(), "--auth-token-file=" + file)) {
            assertThat(agent.get("/v2/health/ready").statusCode()).isEqualTo(200);
            var nobody = agent.get("/v2/models/m");
            assertThat(nobody.statusCode()).isEqualTo(401);
            assertThat(nobody.headers().firstValue("www-authenticate")).contains("Bearer");
            assertThat(nobody.body()).contains("Authorization: Bearer TOKEN");
            for (var path : new String[] {"/v2/repository/index", "/v2/models/m/infer"}) {
                assertThat(agent.post(path, "{}").statusCode()).isEqualTo(401);
                assertThat(agent.post(path, "{}", "Authorization", "Bearer wrong")
                                .statusCode())
                        .isEqualTo(401);
                for (var token : new String[] {"old", "new"}) {
                    assertThat(agent.post(path, "{}", "Authorization", "Bearer " + token)
                                    .statusCode())
                            .isNotEqualTo(401);
                }
            }
            assertThat(agent.metricsStatus()).isEqualTo(401);
            assertThat(agent.metricsStatus("Authorization", "Bearer new")).isEqualTo(200);
            var channel = plaintext(agent);
            try {
                assertThat(call(channel, Method.SERVER_LIVE, ServerLiveRequest.getDefaultInstance())
                                .getLive())
                        .isTrue();
                assertThatThrownBy(
                                () -> call(channel, Method.SERVER_METADATA, ServerMetadataRequest.getDefaultInstance()))
                        .hasMessageStartingWith("UNAUTHENTICATED: this server asks for a token");
                assertThat(call(
                                        channel,
                                        Method.SERVER_METADATA,
                                        ServerMetadataRequest.getDefaultInstance(),
                                        "authorization",
                                        "Bearer new")
                                .getName())
                        .isEqualTo("shusuan-agent");
            } finally {
                channel.shutdownNow();
            }
        }
    }

    @Test
    void keepsRestrictedCallsForThoseWhoBringTheHeader() throws Exception {
        var flags = new String[] {
            "--http-restricted-api=model-repository,inference:admin-key=s3cret",
            "--grpc-restricted-protocol=model-repository:admin-key=s3cret"
        };
        try (var agent = RunningAgent.serving(repository(), flags)) {
            var refused = agent.post("/v2/repository/index", "");
            assertThat(refused.statusCode()).isEqualTo(403);
            assertThat(refused.body())
                    .isEqualTo("{\"error\":\"This API is restricted, expecting header 'admin-key'\"}");
            assertThat(agent.post("/v2/repository/index", "", "admin-key", "s3cret")
                            .statusCode())
                    .isEqualTo(200);
            assertThat(agent.post("/v2/models/m/infer", "{}").statusCode()).isEqualTo(403);
            assertThat(agent.get("/v2/models/m").statusCode()).isEqualTo(200);
            var channel = plaintext(agent);
            try {
                assertThatThrownBy(() ->
                                call(channel, Method.REPOSITORY_INDEX, RepositoryIndexRequest.getDefaultInstance()))
                        .hasMessage(
                                "UNAVAILABLE: This protocol is restricted, expecting header 'triton-grpc-protocol-admin-key'");
                assertThat(call(
                                        channel,
                                        Method.REPOSITORY_INDEX,
                                        RepositoryIndexRequest.getDefaultInstance(),
                                        "triton-grpc-protocol-admin-key",
                                        "s3cret")
                                .getModelsCount())
                        .isEqualTo(1);
            } finally {
                channel.shutdownNow();
            }
        }
    }

    private static ManagedChannel plaintext(RunningAgent agent) {
        return NettyChannelBuilder.forAddress(agent.grpc()).usePlaintext().build();
    }

    @Test
    void servesTlsAndAsksForCertificates() throws Exception {
        var server = Certificates.make(folder, "server");
        var client = Certificates.make(folder, "client");
        var flags = new String[] {
            "--http-use-ssl-mutual=true", "--http-server-cert=" + server.certificate(),
                    "--http-server-key=" + server.key(), "--http-root-cert=" + client.certificate(),
            "--grpc-use-ssl-mutual=true", "--grpc-server-cert=" + server.certificate(),
                    "--grpc-server-key=" + server.key(), "--grpc-root-cert=" + client.certificate()
        };
        try (var agent = RunningAgent.serving(repository(), flags)) {
            assertThat(get(agent, context(server, client))).isEqualTo(200);
            assertThatThrownBy(() -> get(agent, context(server, null))).isInstanceOf(IOException.class);

            var known = GrpcSslContexts.configure(SslContextBuilder.forClient()
                    .trustManager(server.certificate().toFile())
                    .keyManager(client.certificate().toFile(), client.key().toFile()));
            var channel = NettyChannelBuilder.forAddress(
                            "127.0.0.1", agent.grpc().getPort())
                    .sslContext(known.build())
                    .build();
            var stranger = NettyChannelBuilder.forAddress(
                            "127.0.0.1", agent.grpc().getPort())
                    .sslContext(GrpcSslContexts.configure(SslContextBuilder.forClient()
                                    .trustManager(server.certificate().toFile()))
                            .build())
                    .build();
            try {
                assertThat(call(channel, Method.SERVER_LIVE, ServerLiveRequest.getDefaultInstance())
                                .getLive())
                        .isTrue();
                assertThatThrownBy(() -> call(stranger, Method.SERVER_LIVE, ServerLiveRequest.getDefaultInstance()))
                        .hasMessageStartingWith("UNAVAILABLE");
            } finally {
                channel.shutdownNow();
                stranger.shutdownNow();
            }
        }
    }

    private static int get(RunningAgent agent, SSLContext context) throws IOException, InterruptedException {
        try (var client = HttpClient.newBuilder().sslContext(context).build()) {
            var request = HttpRequest.newBuilder(
                            URI.create("https://127.0.0.1:" + agent.http().getPort() + "/v2/models/m"))
                    .build();
            return client.send(request, BodyHandlers.discarding()).statusCode();
        }
    }

    private static SSLContext context(Certificates server, @Nullable Certificates client) throws Exception {
        var password = "changeit".toCharArray();
        var trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        try (var in = Files.newInputStream(server.certificate())) {
            trusted.setCertificateEntry(
                    "server", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        var context = SSLContext.getInstance("TLS");
        if (client == null) {
            context.init(null, trust.getTrustManagers(), null);
            return context;
        }
        var store = client.key().resolveSibling("client.p12").toFile();
        var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(KeyStore.getInstance(store, password), password);
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }
}
