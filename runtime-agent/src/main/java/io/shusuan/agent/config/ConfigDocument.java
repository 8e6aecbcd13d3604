package io.shusuan.agent.config;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.TextFormatParseInfoTree;
import com.google.protobuf.TextFormatParseLocation;
import io.shusuan.agent.config.proto.ModelConfig;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A configuration as somebody wrote it, and where: so that what is wrong with a field can be said of its line. */
public record ConfigDocument(
        ModelConfig config, String origin, @Nullable TextFormatParseInfoTree positions) {
    private static final Pattern STEP = Pattern.compile("([a-z_]+)(?:\\[(\\d+)])?");

    /** A model without a configuration. */
    public static ConfigDocument none(String model) {
        return new ConfigDocument(ModelConfig.getDefaultInstance(), "the configuration of '" + model + "'", null);
    }

    /**
     * Where a field stands: {@code file:line:column} of the deepest field of the path that was written, else the file.
     *
     * @param path field names, with the index of a repeated one: {@code instance_group[1].kind}
     */
    String where(String path) {
        var tree = positions;
        Descriptor message = ModelConfig.getDescriptor();
        var found = TextFormatParseLocation.EMPTY;
        Matcher step = STEP.matcher(path);
        while (tree != null && message != null && step.find()) {
            var field = message.findFieldByName(step.group(1));
            int index = step.group(2) == null ? 0 : Integer.parseInt(step.group(2));
            if (field == null || tree.getLocations(field).isEmpty()) {
                break;
            }
            // a list in brackets has one place for all its elements
            found = tree.getLocation(
                    field, Math.min(index, tree.getLocations(field).size() - 1));
            boolean nested = field.getJavaType() == FieldDescriptor.JavaType.MESSAGE;
            tree = nested && index < tree.getNestedTrees(field).size() ? tree.getNestedTree(field, index) : null;
            message = nested ? field.getMessageType() : null;
        }
        return found.equals(TextFormatParseLocation.EMPTY)
                ? origin
                : origin + ":" + (found.getLine() + 1) + ":" + (found.getColumn() + 1);
    }
}
