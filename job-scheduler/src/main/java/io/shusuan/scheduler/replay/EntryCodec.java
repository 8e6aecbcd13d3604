package io.shusuan.scheduler.replay;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Entries as bytes: the version of their form, a checksum, and JSON, deflated. What a later version adds to the JSON, this one passes over;
 * a form that cannot be read so gets another number.
 */
final class EntryCodec {

    private static final int VERSION = 1;

    private final JsonMapper json = EntryJson.mapper();

    byte[] encode(Entry entry) {
        var packed = new ByteArrayOutputStream();
        try (var deflater = new DeflaterOutputStream(packed)) {
            json.writeValue(deflater, entry);
        } catch (IOException inMemory) {
            throw new UncheckedIOException(inMemory);
        }
        var body = packed.toByteArray();
        var bytes = new ByteArrayOutputStream(body.length + 5);
        try (var out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            out.writeInt(checksum(body));
            out.write(body);
        } catch (IOException inMemory) {
            throw new UncheckedIOException(inMemory);
        }
        return bytes.toByteArray();
    }

    Entry decode(byte[] bytes) throws DamagedException {
        try (var in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            var version = in.readUnsignedByte();
            if (version != VERSION) {
                throw new DamagedException(
                        "it is of version %d, and only version %d can be read here".formatted(version, VERSION));
            }
            var expected = in.readInt();
            var body = in.readAllBytes();
            if (checksum(body) != expected) {
                throw new DamagedException("its checksum does not fit: it was cut or changed");
            }
            return json.readValue(new InflaterInputStream(new ByteArrayInputStream(body)), Entry.class);
        } catch (IOException | JacksonException unreadable) {
            throw new DamagedException("it cannot be read: " + unreadable.getMessage());
        }
    }

    private static int checksum(byte[] body) {
        var sum = new CRC32();
        sum.update(body);
        return (int) sum.getValue();
    }
}
