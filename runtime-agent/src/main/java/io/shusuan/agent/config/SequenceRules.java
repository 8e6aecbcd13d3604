package io.shusuan.agent.config;

import io.shusuan.agent.config.proto.ModelSequenceBatching;
import io.shusuan.agent.config.proto.ModelSequenceBatching.Control;
import io.shusuan.agent.config.proto.ModelSequenceBatching.State;
import io.shusuan.agent.inference.DataType;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;

/** What must hold of {@code sequence_batching}. */
final class SequenceRules {
    private static final String PATH = "sequence_batching";
    private static final List<DataType> ID_TYPES =
            List.of(DataType.UINT64, DataType.INT64, DataType.UINT32, DataType.INT32, DataType.BYTES);

    private SequenceRules() {}

    static void check(ConfigDocument document, Faults faults) {
        var config = document.config();
        if (!config.hasSequenceBatching()) {
            return;
        }
        var batching = config.getSequenceBatching();
        boolean decoupled = config.getModelTransactionPolicy().getDecoupled();
        faults.lacking(
                batching.getIterativeSequence() && !decoupled,
                PATH + ".iterative_sequence",
                "add model_transaction_policy { decoupled: true }, steps of models that answer once are not put together");
        faults.lacking(
                batching.getIterativeSequence() && !batching.hasOldest() && config.getMaxBatchSize() > 1,
                PATH + ".iterative_sequence",
                "with the direct strategy it needs a max_batch_size of at most 1; or choose oldest");
        faults.when(
                config.getResponseCache().getEnable(),
                "response_cache.enable",
                "contradicts sequence_batching: the answer depends on what came before");
        strategy(batching, config.getMaxBatchSize(), faults);
        controls(batching, faults);
        var names = new HashSet<String>();
        for (int i = 0; i < batching.getStateCount(); i++) {
            var path = PATH + ".state[" + i + "]";
            var state = batching.getState(i);
            faults.when(
                    !names.add(state.getInputName()) || !names.add(state.getOutputName()),
                    path,
                    "names a tensor that another state has: every tensor once");
            faults.when(
                    decoupled && !batching.getIterativeSequence(),
                    path,
                    "is given for a decoupled model: a state needs one answer to each request, or iterative_sequence");
            state(state, path, config.getMaxBatchSize(), faults);
        }
    }

    private static void strategy(ModelSequenceBatching batching, int maxBatchSize, Faults faults) {
        float utilization = batching.getDirect().getMinimumSlotUtilization();
        faults.when(
                !(utilization >= 0 && utilization <= 1),
                PATH + ".direct.minimum_slot_utilization",
                "is " + utilization + "; a share from 0 to 1 is allowed");
        var oldest = batching.getOldest();
        faults.when(
                batching.hasOldest() && oldest.getMaxCandidateSequences() < 0,
                PATH + ".oldest.max_candidate_sequences",
                "is " + oldest.getMaxCandidateSequences() + "; 1 or more is allowed");
        for (int i = 0; i < oldest.getPreferredBatchSizeCount(); i++) {
            int size = oldest.getPreferredBatchSize(i);
            faults.when(
                    size < 1 || (maxBatchSize > 0 && size > maxBatchSize),
                    PATH + ".oldest.preferred_batch_size[" + i + "]",
                    "is " + size + "; a size from 1 to max_batch_size (" + maxBatchSize + ") is allowed");
        }
    }

    private static void controls(ModelSequenceBatching batching, Faults faults) {
        var kinds = EnumSet.noneOf(Control.Kind.class);
        for (int i = 0; i < batching.getControlInputCount(); i++) {
            var input = batching.getControlInput(i);
            var path = PATH + ".control_input[" + i + "]";
            faults.when(input.getName().isEmpty(), path + ".name", "is missing");
            faults.when(
                    input.getControlCount() != 1,
                    path + ".control",
                    "has " + input.getControlCount() + " kinds; one tensor carries one");
            for (var control : input.getControlList()) {
                faults.when(
                        !kinds.add(control.getKind()),
                        path + ".control",
                        "of kind " + control.getKind() + " is there twice: every kind once");
                control(control, path + ".control", faults);
            }
        }
    }

    private static void control(Control control, String path, Faults faults) {
        int pairs =
                control.getInt32FalseTrueCount() + control.getFp32FalseTrueCount() + control.getBoolFalseTrueCount();
        if (control.getKind() == Control.Kind.CONTROL_SEQUENCE_CORRID) {
            var type = DataType.named(control.getDataType().name());
            faults.when(
                    type.isEmpty() || !ID_TYPES.contains(type.get()),
                    path + ".data_type",
                    "is " + control.getDataType() + "; TYPE_UINT64, TYPE_INT64, TYPE_UINT32, TYPE_INT32 and TYPE_STRING"
                            + " are allowed for a correlation id");
            faults.when(pairs > 0, path, "gives false and true for a correlation id: leave them out");
            return;
        }
        boolean one = pairs == 2
                && control.getInt32FalseTrueCount() != 1
                && control.getFp32FalseTrueCount() != 1
                && control.getBoolFalseTrueCount() != 1;
        faults.when(
                !one,
                path,
                "of kind " + control.getKind()
                        + " needs two values, for false and for true, in one of int32_false_true, fp32_false_true and"
                        + " bool_false_true");
    }

    private static void state(State state, String path, int maxBatchSize, Faults faults) {
        faults.when(state.getInputName().isEmpty(), path + ".input_name", "is missing");
        faults.when(state.getOutputName().isEmpty(), path + ".output_name", "is missing");
        faults.when(DataType.named(state.getDataType().name()).isEmpty(), path + ".data_type", "is missing");
        faults.lacking(
                state.getUseGrowableMemory(),
                path + ".use_growable_memory",
                "leave it out, only GPU memory grows in place");
        faults.when(
                state.getInitialStateCount() > 1,
                path + ".initial_state",
                "is there " + state.getInitialStateCount() + " times; one is allowed");
        boolean open = state.getDimsList().stream().anyMatch(dim -> dim < 0);
        faults.when(
                open && maxBatchSize > 1,
                path + ".dims",
                "of '" + state.getInputName() + "' are " + state.getDimsList()
                        + "; a dimension that varies needs a max_batch_size of at most 1");
        faults.when(
                open && state.getInitialStateCount() == 0,
                path + ".initial_state",
                "is missing: the dims " + state.getDimsList() + " do not say how large the first state is");
        for (var initial : state.getInitialStateList()) {
            faults.when(
                    initial.getDimsList().stream().anyMatch(dim -> dim < 0),
                    path + ".initial_state",
                    "has the dims " + initial.getDimsList() + "; an initial state has no open dimension");
            faults.when(
                    initial.getDataType() != state.getDataType(),
                    path + ".initial_state",
                    "has the data_type " + initial.getDataType() + ", the state " + state.getDataType());
            faults.when(
                    initial.getStateDataCase().getNumber() == 0,
                    path + ".initial_state",
                    "says nothing of its data: zero_data or data_file");
        }
    }
}
