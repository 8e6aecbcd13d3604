package io.shusuan.agent;

import io.shusuan.agent.protocol.access.Access;
import io.shusuan.agent.protocol.access.Keys;
import java.util.Optional;

/** Who may call over each protocol, and how the ports prove themselves. */
public record Security(Access http, Access grpc, Optional<Keys> httpKeys, Optional<Keys> grpcKeys) {}
