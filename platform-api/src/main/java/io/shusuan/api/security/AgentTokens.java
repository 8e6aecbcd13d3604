package io.shusuan.api.security;

import io.shusuan.db.identity.SigningKey;
import io.shusuan.db.identity.SigningKeys;
import io.shusuan.db.job.JobId;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Tokens for runtime agents in jobs. Each is the job's id, signed: the same job always gets the same token, so that applying
 * its workload again changes nothing, and a stolen one lets nobody do more than report as that job. All agents of nodes share one,
 * which is likewise good for reporting only.
 */
@Service
public class AgentTokens {

    /** Whom the agents of nodes speak for. */
    public static final String NODES = "nodes";

    private static final String PREFIX = "sha_";
    private static final String KEY_NAME = "agent-tokens";

    private final SigningKeys keys;
    private final TransactionTemplate transaction;
    private final Clock clock;
    private volatile byte[] secret = {};

    AgentTokens(SigningKeys keys, TransactionTemplate transaction, Clock clock) {
        this.keys = keys;
        this.transaction = transaction;
        this.clock = clock;
    }

    public String of(JobId job) {
        return of(job.toString());
    }

    public String ofNodes() {
        return of(NODES);
    }

    private String of(String name) {
        return PREFIX + name + "." + signature(name);
    }

    /** Whom a token speaks for, a job by its id or {@link #NODES}, if it is one of ours. */
    public Optional<String> name(String token) {
        var dot = token.lastIndexOf('.');
        if (!token.startsWith(PREFIX) || dot < 0) {
            return Optional.empty();
        }
        var id = token.substring(PREFIX.length(), dot);
        var expected = signature(id).getBytes(StandardCharsets.UTF_8);
        var found = token.substring(dot + 1).getBytes(StandardCharsets.UTF_8);
        return MessageDigest.isEqual(expected, found) ? Optional.of(id) : Optional.empty();
    }

    private String signature(String id) {
        try {
            var mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret(), "HmacSHA256"));
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(mac.doFinal(id.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException everyJdkHasIt) {
            throw new IllegalStateException(everyJdkHasIt);
        }
    }

    private byte[] secret() {
        if (secret.length == 0) {
            secret = read();
        }
        return secret;
    }

    /** Whoever makes the key first has made it for all: threads and replicas of the platform begin at the same time. */
    private synchronized byte[] read() {
        try {
            return transaction.execute(
                    status -> keys.findById(KEY_NAME).orElseGet(this::create).secret());
        } catch (DataIntegrityViolationException madeMeanwhile) {
            return transaction.execute(status ->
                    keys.findById(KEY_NAME).orElseThrow(() -> madeMeanwhile).secret());
        }
    }

    private SigningKey create() {
        var fresh = new byte[32];
        new SecureRandom().nextBytes(fresh);
        return keys.save(new SigningKey(KEY_NAME, fresh, clock.instant()));
    }
}
