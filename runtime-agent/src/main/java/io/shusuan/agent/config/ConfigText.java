package io.shusuan.agent.config;

import com.google.protobuf.ExtensionRegistry;
import com.google.protobuf.TextFormat;
import com.google.protobuf.TextFormatParseInfoTree;
import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.config.proto.ModelConfig;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads {@code config.pbtxt}. */
public final class ConfigText {
    /** More than any real configuration; a file beyond it is not one. */
    private static final long MAX_BYTES = 4L << 20;

    private ConfigText() {}

    /**
     * @throws LoadException naming the file, and the line and column where its text is wrong
     */
    public static ConfigDocument read(Path file) throws LoadException {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new LoadException(file + " is larger than 4 MiB: this is no model configuration");
            }
            return parse(file.toString(), Files.readString(file));
        } catch (MalformedInputException notText) {
            throw new LoadException(file + " is not UTF-8 text", notText);
        } catch (IOException unreadable) {
            throw new LoadException("cannot read " + file + ": " + unreadable, unreadable);
        }
    }

    static ConfigDocument parse(String file, String text) throws LoadException {
        var config = ModelConfig.newBuilder();
        var positions = TextFormatParseInfoTree.builder();
        try {
            TextFormat.Parser.newBuilder()
                    .setParseInfoTreeBuilder(positions)
                    .build()
                    .merge(text, ExtensionRegistry.getEmptyRegistry(), config);
        } catch (TextFormat.ParseException wrong) {
            var message = wrong.getMessage() == null ? "cannot be read" : wrong.getMessage();
            int position = message.indexOf(": ");
            throw new LoadException(
                    file + ":" + wrong.getLine() + ":" + wrong.getColumn() + ": "
                            + (position < 0 ? message : message.substring(position + 2)),
                    wrong);
        }
        return new ConfigDocument(config.build(), file, positions.build());
    }
}
