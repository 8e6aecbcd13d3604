package io.shusuan.db.identity;

import java.util.Optional;
import org.springframework.data.repository.Repository;

/** The secrets the platform signs with. */
public interface SigningKeys extends Repository<SigningKey, String> {

    Optional<SigningKey> findById(String name);

    SigningKey save(SigningKey key);
}
