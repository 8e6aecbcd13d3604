package io.shusuan.db.identity;

import java.util.List;
import java.util.Optional;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

/** Everybody who may use the platform. */
public interface Users extends Repository<User, String> {

    Optional<User> findById(String name);

    @Query("select u from User u order by u.name")
    List<User> all();

    long count();

    User save(User user);
}
