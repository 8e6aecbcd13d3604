package io.shusuan.scheduler.queue;

import io.shusuan.scheduler.queue.quota.Account;
import io.shusuan.scheduler.queue.quota.Charge;
import io.shusuan.scheduler.queue.quota.Limits;
import io.shusuan.scheduler.queue.quota.Resource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What each user has in each queue that limits that. */
final class Users {

    private record User(Account queue, String name) {}

    private final Map<User, long[]> used = new HashMap<>();

    static boolean areLimited(Account queue) {
        return !queue.rules().perUser().equals(Limits.ANY);
    }

    void add(Account queue, String name, Charge charge) {
        change(queue, name, charge, 1);
    }

    void remove(Account queue, String name, Charge charge) {
        change(queue, name, charge, -1);
    }

    private void change(Account queue, String name, Charge charge, int times) {
        if (areLimited(queue)) {
            var amounts = used.computeIfAbsent(new User(queue, name), user -> new long[Resource.values().length]);
            for (var resource : Resource.values()) {
                amounts[resource.index()] += times * charge.total(resource);
            }
        }
    }

    boolean allow(Account queue, String name, Charge charge) {
        return !areLimited(queue) || shortage(queue, name, charge) == null;
    }

    /** What of the user's limit is too little for the charge, if any. */
    @Nullable
    Shortage shortage(Account queue, String name, Charge charge) {
        var amounts = used.getOrDefault(new User(queue, name), new long[Resource.values().length]);
        for (var resource : Resource.values()) {
            var limit = resource.of(queue.rules().perUser());
            var asked = charge.total(resource);
            if (limit != Limits.UNLIMITED && asked > limit - amounts[resource.index()]) {
                return new Shortage(
                        asked > limit ? WaitReason.EXCEEDS_MAX_QUOTA : WaitReason.WAITING_FOR_QUOTA,
                        resource.unit(),
                        "user %s in %s".formatted(name, queue),
                        resource,
                        asked,
                        asked > limit ? limit : Math.max(0, limit - amounts[resource.index()]),
                        List.of(new Holder(name, resource, amounts[resource.index()])));
            }
        }
        return null;
    }
}
