package io.shusuan.api.serving;

import jakarta.websocket.CloseReason;
import jakarta.websocket.CloseReason.CloseCodes;
import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.MessageHandler;
import jakarta.websocket.Session;
import jakarta.websocket.server.ServerContainer;
import jakarta.websocket.server.ServerEndpointConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.List;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.websocket.server.WsSci;

/** A server of WebSockets as a task runs it. */
public final class SocketReplica {

    private static final int LARGE = 4 << 20;

    private SocketReplica() {}

    public static void main(String[] arguments) throws Exception {
        var tomcat = new Tomcat();
        tomcat.setBaseDir(Files.createTempDirectory("replica").toString());
        tomcat.setHostname(System.getenv("HOST"));
        tomcat.setPort(Integer.parseInt(System.getenv("PORT")));
        tomcat.getConnector();
        var context = tomcat.addContext("", null);
        Tomcat.addServlet(context, "none", new jakarta.servlet.http.HttpServlet() {
            private static final long serialVersionUID = 1;
        });
        context.addServletMapping("/", "none");
        context.addServletContainerInitializer(new WsSci(), null);
        context.addServletContainerInitializer(
                (classes, servlets) -> {
                    var container = (ServerContainer) servlets.getAttribute(ServerContainer.class.getName());
                    try {
                        container.addEndpoint(ServerEndpointConfig.Builder.create(Talk.class, "/talk")
                                .subprotocols(List.of("graph", "chat"))
                                .configurator(new Named())
                                .build());
                    } catch (jakarta.websocket.DeploymentException e) {
                        throw new IllegalStateException(e);
                    }
                },
                null);
        tomcat.start();
        tomcat.getServer().await();
    }

    /** Remembers who called. */
    public static final class Named extends ServerEndpointConfig.Configurator {
        @Override
        public void modifyHandshake(
                ServerEndpointConfig config,
                jakarta.websocket.server.HandshakeRequest request,
                jakarta.websocket.HandshakeResponse response) {
            config.getUserProperties().put("headers", request.getHeaders().toString());
        }
    }

    /** Says back what it hears, and some things when it is asked to. */
    public static final class Talk extends Endpoint {

        @Override
        public void onOpen(Session session, EndpointConfig config) {
            session.setMaxTextMessageBufferSize(LARGE);
            session.setMaxBinaryMessageBufferSize(LARGE);
            say(session, "hello");
            session.addMessageHandler(new MessageHandler.Whole<String>() {
                @Override
                public void onMessage(String text) {
                    switch (text) {
                        case "headers" ->
                            say(
                                    session,
                                    String.valueOf(config.getUserProperties().get("headers")));
                        case "close" -> close(session, 4001, "as you wish");
                        case "exit" -> Runtime.getRuntime().halt(1);
                        default -> say(session, text);
                    }
                }
            });
            session.addMessageHandler(new MessageHandler.Whole<ByteBuffer>() {
                @Override
                public void onMessage(ByteBuffer bytes) {
                    try {
                        session.getBasicRemote().sendBinary(bytes);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }
            });
        }

        @Override
        public void onClose(Session session, CloseReason reason) {
            // Told to whoever looks at the output of the task.
            System.out.println("closed " + reason.getCloseCode().getCode() + " " + reason.getReasonPhrase());
        }

        private static void say(Session session, String text) {
            try {
                session.getBasicRemote().sendText(text);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static void close(Session session, int code, String reason) {
            try {
                session.close(new CloseReason(CloseCodes.getCloseCode(code), reason));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
