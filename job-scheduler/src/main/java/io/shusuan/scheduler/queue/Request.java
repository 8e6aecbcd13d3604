package io.shusuan.scheduler.queue;

import io.shusuan.scheduler.queue.placement.Ask;
import io.shusuan.scheduler.queue.placement.Need;
import io.shusuan.scheduler.queue.quota.Account;
import io.shusuan.scheduler.queue.quota.Charge;
import io.shusuan.scheduler.queue.quota.FlavourName;
import io.shusuan.scheduler.queue.quota.Tree;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The equal asks of one queue. What is free only shrinks while jobs are admitted, so what one of them could not get, the next
 * one cannot get either: the shortage is found once for all.
 */
final class Request {

    final Account account;
    final Ask ask;
    final List<Option> options;
    private @Nullable Shortage shortage;

    Request(Account account, Ask ask, List<Option> options) {
        this.account = account;
        this.ask = ask;
        this.options = options;
    }

    /** What it costs at least, by its first option; nothing, if it has none. */
    Charge charge(Tree tree) {
        return options.isEmpty()
                ? tree.sum().charge()
                : options.getFirst().least().charge();
    }

    /** Whose nodes it may take. */
    Set<FlavourName> flavours() {
        return options.stream()
                .flatMap(option -> option.full().needs().stream())
                .map(Need::flavour)
                .collect(Collectors.toSet());
    }

    @Nullable
    Shortage shortage() {
        return shortage;
    }

    void isShortOf(@Nullable Shortage now) {
        shortage = now;
    }
}
