package io.shusuan.db.identity;

import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

/** The tokens there are. */
public interface ApiTokens extends Repository<ApiToken, UUID> {

    @Query("select t from ApiToken t where t.sha256 = :sha256")
    Optional<ApiToken> findBySha256(byte[] sha256);

    @Query("select t from ApiToken t where t.userName = :userName order by t.id desc")
    List<ApiToken> ofUser(String userName);

    Optional<ApiToken> findById(UUID id);

    ApiToken save(ApiToken token);

    void delete(ApiToken token);
}
