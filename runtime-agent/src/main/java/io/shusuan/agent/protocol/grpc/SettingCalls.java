package io.shusuan.agent.protocol.grpc;

import io.shusuan.agent.inference.Parameter;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.log.Log;
import io.shusuan.agent.log.LogSettings;
import io.shusuan.agent.protocol.access.Api;
import io.shusuan.agent.protocol.grpc.proto.LogSettingsRequest;
import io.shusuan.agent.protocol.grpc.proto.LogSettingsResponse;
import io.shusuan.agent.protocol.grpc.proto.TraceSettingRequest;
import io.shusuan.agent.protocol.grpc.proto.TraceSettingResponse;
import io.shusuan.agent.repository.Models;
import io.shusuan.agent.trace.TraceSettings;
import io.shusuan.agent.trace.Tracing;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The two calls that read and change what the server logs and traces. */
final class SettingCalls {
    private final Log log;
    private final Tracing tracing;
    private final Models models;

    SettingCalls(Log log, Tracing tracing, Models models) {
        this.log = log;
        this.tracing = tracing;
        this.models = models;
    }

    void addTo(Routes routes) {
        routes.answer("LogSettings", Api.LOGGING, LogSettingsRequest.parser(), this::logging);
        routes.answer("TraceSetting", Api.TRACE, TraceSettingRequest.parser(), this::tracing);
    }

    private LogSettingsResponse logging(LogSettingsRequest asked) {
        var changes = new HashMap<String, Parameter>();
        asked.getSettingsMap().forEach((name, value) -> changes.put(name, parameter(name, value)));
        return answer(log.change(changes));
    }

    private static Parameter parameter(String name, LogSettingsRequest.SettingValue value) {
        return switch (value.getParameterChoiceCase()) {
            case BOOL_PARAM -> new Parameter.Flag(value.getBoolParam());
            case UINT32_PARAM -> new Parameter.Whole(Integer.toUnsignedLong(value.getUint32Param()));
            case STRING_PARAM -> new Parameter.Text(value.getStringParam());
            case PARAMETERCHOICE_NOT_SET ->
                throw ServingException.invalid("the log setting '" + name + "' has no value");
        };
    }

    private static LogSettingsResponse answer(LogSettings settings) {
        return LogSettingsResponse.newBuilder()
                .putAllSettings(Map.of(
                        "log_file", text(settings.file()),
                        "log_info", flag(settings.info()),
                        "log_warning", flag(settings.warning()),
                        "log_error", flag(settings.error()),
                        "log_verbose_level",
                                LogSettingsResponse.SettingValue.newBuilder()
                                        .setUint32Param(settings.verboseLevel())
                                        .build(),
                        "log_format", text(settings.format().text())))
                .build();
    }

    private static LogSettingsResponse.SettingValue text(String value) {
        return LogSettingsResponse.SettingValue.newBuilder()
                .setStringParam(value)
                .build();
    }

    private static LogSettingsResponse.SettingValue flag(boolean value) {
        return LogSettingsResponse.SettingValue.newBuilder().setBoolParam(value).build();
    }

    private TraceSettingResponse tracing(TraceSettingRequest asked) {
        var changes = new HashMap<String, List<String>>();
        asked.getSettingsMap().forEach((name, value) -> changes.put(name, value.getValueList()));
        if (asked.getModelName().isEmpty()) {
            return answer(tracing.change(changes));
        }
        models.find(asked.getModelName(), 0);
        return answer(tracing.change(asked.getModelName(), changes));
    }

    private static TraceSettingResponse answer(TraceSettings settings) {
        return TraceSettingResponse.newBuilder()
                .putSettings("trace_level", values(settings.level()))
                .putSettings("trace_rate", values(List.of(Long.toString(settings.rate()))))
                .putSettings("trace_count", values(List.of(Long.toString(settings.count()))))
                .putSettings("log_frequency", values(List.of(Long.toString(settings.logFrequency()))))
                .putSettings("trace_file", values(List.of(settings.file())))
                .putSettings("trace_mode", values(List.of(settings.mode().toString())))
                .build();
    }

    private static TraceSettingResponse.SettingValue values(List<String> values) {
        return TraceSettingResponse.SettingValue.newBuilder()
                .addAllValue(values)
                .build();
    }
}
