/**
 * The PostgreSQL the platform brings along, for a machine that has nothing but a JDK.
 *
 * <p>It is a real database, not a toy: every commit is on disk before it is answered (fsync, synchronous commit, page
 * checksums), clients prove a password by SCRAM, and the server listens on loopback only. {@link
 * io.shusuan.db.postgres.EmbeddedPostgres#open} unpacks the binaries once, makes the data folder once, and starts the
 * server as a daemon of its own session, so that neither Ctrl-C nor a crash of the platform touches it: the next start
 * finds the server still running and adopts it. A platform that ends in order stops its server too.
 *
 * <p>Everything lives under {@code $SHUSUAN_HOME/postgres}: {@code bin-<checksum>}, {@code data}, {@code password},
 * {@code log}, {@code lock}, and, where an administrator wants other settings, {@code local.conf}. With {@code
 * spring.datasource.url} set nothing here runs.
 */
@NullMarked
package io.shusuan.db.postgres;

import org.jspecify.annotations.NullMarked;
