package io.shusuan.agent.protocol.grpc;

import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.protocol.access.Access;
import io.shusuan.agent.protocol.access.Api;
import io.shusuan.agent.protocol.grpc.transport.Call;
import io.shusuan.agent.protocol.grpc.transport.MessageReader;
import io.shusuan.agent.protocol.grpc.transport.Receiver;
import io.shusuan.agent.protocol.grpc.transport.Route;
import io.shusuan.agent.protocol.grpc.transport.Status;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Function;

/** The methods of one service and who may call them. */
final class Routes {
    private final String service;
    private final Access access;
    private final Map<String, Route> routes = new HashMap<>();

    Routes(String service, Access access) {
        this.service = service;
        this.access = access;
    }

    Map<String, Route> byPath() {
        return routes;
    }

    void add(String method, Api api, Route route) {
        routes.put("/" + service + "/" + method, call -> {
            try {
                access.check(api, call::header);
            } catch (ServingException refused) {
                call.close(GrpcStatus.of(refused));
                return new Refused();
            }
            return route.begin(call);
        });
    }

    /** A method with one message each way, answered at once. */
    <Q> void answer(String method, Api api, Parser<Q> questions, Function<Q, ? extends MessageLite> handler) {
        answer(method, api, questions, handler, Runnable::run);
    }

    /** The same on a thread of the executor's, which may refuse. */
    <Q> void answer(
            String method,
            Api api,
            Parser<Q> questions,
            Function<Q, ? extends MessageLite> handler,
            Executor executor) {
        add(
                method,
                api,
                call -> OneMessage.<Q>receive(call, (_, whole) -> new GatheredMessage<>(questions, whole), question -> {
                    try {
                        executor.execute(() -> answer(call, handler, question));
                    } catch (ServingException refused) {
                        call.close(GrpcStatus.of(refused));
                    }
                }));
    }

    private static <Q> void answer(Call call, Function<Q, ? extends MessageLite> handler, Q question) {
        try {
            call.send(Framed.message(handler.apply(question)));
            call.close(Status.OK);
        } catch (RuntimeException refused) {
            call.close(GrpcStatus.of(refused));
        }
    }

    /** Of a call that is over before it begins nothing more is told. */
    private static final class Refused implements Receiver {
        @Override
        public MessageReader message(int bytes) {
            throw new IllegalStateException("the call was refused");
        }

        @Override
        public void halfClosed() {}

        @Override
        public void cancelled() {}
    }
}
