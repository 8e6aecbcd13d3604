package io.shusuan.agent.scheduling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.config.proto.ModelInstanceGroup;
import io.shusuan.agent.config.proto.ModelRateLimiter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class RateLimiterTest {
    private final ConcurrentLinkedQueue<String> order = new ConcurrentLinkedQueue<>();

    private static ModelInstanceGroup group(int priority, int count) {
        return ModelInstanceGroup.newBuilder()
                .setCount(1)
                .setRateLimiter(ModelRateLimiter.newBuilder()
                        .setPriority(priority)
                        .addResources(ModelRateLimiter.Resource.newBuilder()
                                .setName("r")
                                .setCount(count)))
                .build();
    }

    private static List<RateLimiter.Claim> claims(Map<String, Integer> limits, ModelInstanceGroup... groups)
            throws Exception {
        return new RateLimiter(limits)
                .register(ModelConfig.newBuilder()
                        .addAllInstanceGroup(List.of(groups))
                        .build());
    }

    private Thread waiting(String name, RateLimiter.Claim claim) {
        var thread = Thread.ofPlatform().start(() -> {
            try {
                claim.run(() -> order.add(name));
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
        });
        await().until(() -> thread.getState() == Thread.State.WAITING);
        return thread;
    }

    @Test
    void theOneThatHasRunLeastForItsPriorityGoesFirst() throws Exception {
        var claims = claims(Map.of(), group(1, 1), group(2, 1), group(1, 1));
        claims.get(0).run(() -> order.add("first"));
        claims.get(1).run(() -> order.add("second"));
        var held = new CountDownLatch(1);
        var holder = Thread.ofPlatform().start(() -> {
            try {
                claims.get(2).run(() -> {
                    order.add("holder");
                    try {
                        held.await();
                    } catch (InterruptedException stopped) {
                        Thread.currentThread().interrupt();
                    }
                });
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
        });
        await().until(() -> order.contains("holder"));
        var second = waiting("second again", claims.get(1));
        var first = waiting("first again", claims.get(0));
        held.countDown();
        holder.join();
        first.join();
        second.join();
        assertThat(order).containsExactly("first", "second", "holder", "first again", "second again");
    }

    @Test
    void oneThatNeedsMuchIsNotStarvedByThoseThatNeedLittle() throws Exception {
        var claims = claims(Map.of("r", 2), group(1, 1), group(1, 2), group(1, 1));
        var held = new CountDownLatch(1);
        var holder = Thread.ofPlatform().start(() -> {
            try {
                claims.get(0).run(() -> {
                    order.add("holder");
                    try {
                        held.await();
                    } catch (InterruptedException stopped) {
                        Thread.currentThread().interrupt();
                    }
                });
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
        });
        await().until(() -> order.contains("holder"));
        var much = waiting("much", claims.get(1));
        var little = waiting("little", claims.get(2));
        held.countDown();
        holder.join();
        much.join();
        little.join();
        assertThat(order).containsExactly("holder", "much", "little");
    }
}
