package io.shusuan.agent.protocol;

import io.netty.channel.Channel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A listening port that hangs up at once on connections beyond a number, so that the others are served. */
public final class LimitedServerChannel extends NioServerSocketChannel {
    private final int most;
    private final AtomicInteger open = new AtomicInteger();

    public LimitedServerChannel(int most) {
        this.most = most;
    }

    @Override
    protected int doReadMessages(List<Object> accepted) throws Exception {
        int before = accepted.size();
        int count = super.doReadMessages(accepted);
        if (accepted.size() > before) {
            var channel = (Channel) accepted.getLast();
            if (open.incrementAndGet() > most) {
                open.decrementAndGet();
                accepted.removeLast();
                channel.unsafe().closeForcibly();
                // one was taken from the backlog: there may be more
                return count;
            }
            var _ = channel.closeFuture().addListener(_ -> open.decrementAndGet());
        }
        return count;
    }
}
