package io.shusuan.agent.protocol.http;

import java.util.Base64;

/** The handle in the body of a CUDA registration. */
final class CudaHandleJson {
    private CudaHandleJson() {}

    /** Empty when the text is no base64. */
    static byte[] of(JsonFields fields) {
        var text = fields.object("raw_handle").text("b64");
        try {
            return Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException notBase64) {
            return new byte[0];
        }
    }
}
