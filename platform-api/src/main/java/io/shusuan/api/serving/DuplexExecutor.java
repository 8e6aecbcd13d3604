package io.shusuan.api.serving;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpStatus;
import org.apache.hc.core5.http.impl.io.HttpRequestExecutor;
import org.apache.hc.core5.http.io.HttpClientConnection;
import org.apache.hc.core5.http.io.HttpResponseInformationCallback;
import org.apache.hc.core5.http.io.entity.HttpEntityWrapper;
import org.apache.hc.core5.http.message.MessageSupport;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.io.CloseMode;
import org.jspecify.annotations.Nullable;

/**
 * Reads the answer while the request is sent. The client's own executor reads when it has sent everything, so that each
 * side may wait for the other as soon as the kernel's buffers are full. A connection keeps what it sends apart from what it
 * receives, so two threads may use it, one for each.
 */
final class DuplexExecutor extends HttpRequestExecutor {

    @Override
    public ClassicHttpResponse execute(
            ClassicHttpRequest request,
            HttpClientConnection connection,
            @Nullable HttpResponseInformationCallback informed,
            HttpContext context)
            throws IOException, HttpException {
        if (!(context.getAttribute(Upload.ATTRIBUTE) instanceof Upload upload)) {
            return super.execute(request, connection, informed, context);
        }
        upload.start(request, connection);
        try {
            var answer = head(connection, upload);
            if (MessageSupport.canResponseHaveBody(request.getMethod(), answer)) {
                connection.receiveResponseEntity(answer);
                answer.setEntity(new Body(answer.getEntity(), upload));
            } else {
                upload.answerIsOver();
            }
            return answer;
        } catch (IOException failed) {
            connection.close(CloseMode.IMMEDIATE);
            throw upload.reason(failed);
        } catch (HttpException | RuntimeException failed) {
            connection.close(CloseMode.IMMEDIATE);
            throw failed;
        }
    }

    private static ClassicHttpResponse head(HttpClientConnection connection, Upload upload)
            throws IOException, HttpException {
        while (true) {
            ClassicHttpResponse answer = upload.read(connection::receiveResponseHeader);
            if (answer.getCode() >= HttpStatus.SC_SUCCESS) {
                return answer;
            }
        }
    }

    /** The body of an answer, at whose end the request is over, too. */
    private static final class Body extends HttpEntityWrapper {

        private final Upload upload;

        Body(HttpEntity entity, Upload upload) {
            super(entity);
            this.upload = upload;
        }

        @Override
        public InputStream getContent() throws IOException {
            return new Content(super.getContent(), upload);
        }
    }

    private static final class Content extends FilterInputStream {

        private final Upload upload;

        Content(InputStream in, Upload upload) {
            super(in);
            this.upload = upload;
        }

        @Override
        public int read() throws IOException {
            return over(upload.read(in::read));
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            try {
                return over(upload.read(() -> in.read(buffer, offset, length)));
            } catch (IOException failed) {
                throw upload.reason(failed);
            }
        }

        private int over(int read) {
            if (read < 0) {
                upload.answerIsOver();
            }
            return read;
        }
    }
}
