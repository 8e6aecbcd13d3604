package io.shusuan.scheduler.cluster.local;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Hands out ports that nobody listens on, each to one attempt at a time. They lie below the range from which the kernel
 * picks ports for outgoing connections, so that one cannot be lost between its choice and its use.
 */
final class Ports {

    private final int first;
    private final int last;

    @GuardedBy("this")
    private final Set<Integer> taken = new HashSet<>();

    @GuardedBy("this")
    private int next;

    Ports(int first, int last) {
        this.first = first;
        this.last = last;
        // Not always at the first: another platform on this machine may hand out ports of the same range.
        this.next = ThreadLocalRandom.current().nextInt(first, last + 1);
    }

    synchronized List<Integer> take(int count) throws IOException {
        var found = new ArrayList<Integer>();
        for (var tried = 0; found.size() < count; tried++) {
            if (tried > last - first) {
                taken.removeAll(found);
                throw new IOException("no %d free port(s) between %d and %d".formatted(count, first, last));
            }
            var port = next;
            next = next == last ? first : next + 1;
            if (!taken.contains(port) && free(port)) {
                taken.add(port);
                found.add(port);
            }
        }
        return found;
    }

    /** Marks the ports of an attempt that was found running. */
    synchronized void adopt(Collection<Integer> ports) {
        taken.addAll(ports);
    }

    synchronized void release(Collection<Integer> ports) {
        taken.removeAll(ports);
    }

    private static boolean free(int port) {
        try (var socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException inUse) {
            return false;
        }
    }
}
