package io.shusuan.agent.inference;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The element types of a tensor, by the names the protocol gives them. */
public enum DataType {
    BOOL(1, "TYPE_BOOL"),
    UINT8(1, "TYPE_UINT8"),
    UINT16(2, "TYPE_UINT16"),
    UINT32(4, "TYPE_UINT32"),
    UINT64(8, "TYPE_UINT64"),
    INT8(1, "TYPE_INT8"),
    INT16(2, "TYPE_INT16"),
    INT32(4, "TYPE_INT32"),
    INT64(8, "TYPE_INT64"),
    FP16(2, "TYPE_FP16"),
    BF16(2, "TYPE_BF16"),
    FP32(4, "TYPE_FP32"),
    FP64(8, "TYPE_FP64"),
    /** Byte strings of any length; each element is a 4-byte length and its bytes. */
    BYTES(0, "TYPE_STRING");

    private static final Map<String, DataType> BY_NAME = new HashMap<>();

    static {
        for (var type : values()) {
            BY_NAME.put(type.name(), type);
            BY_NAME.put(type.configName, type);
        }
    }

    private final int size;
    private final String configName;

    DataType(int size, String configName) {
        this.size = size;
        this.configName = configName;
    }

    /** The type by its protocol name ({@code FP32}) or its name in a configuration ({@code TYPE_FP32}). */
    public static Optional<DataType> named(String name) {
        return Optional.ofNullable(BY_NAME.get(name));
    }

    /** Bytes of one element; zero for {@link #BYTES}, whose elements differ. */
    public int size() {
        return size;
    }

    public boolean isFixedSize() {
        return size > 0;
    }

    /** The name a model configuration uses. */
    public String configName() {
        return configName;
    }
}
