package io.shusuan.agent.backend.onnxruntime;

/**
 * The functions of ONNX Runtime's C API that are called here, each by its place in the table {@code OrtApi} that
 * {@code onnxruntime_c_api.h} declares. Later versions of the table have more at its end and keep every place. A wrong place would call
 * another function with these arguments: a test calls each of them and sees what it did.
 */
enum OrtFunction {
    GET_ERROR_CODE(1),
    GET_ERROR_MESSAGE(2),
    CREATE_ENV(3),
    CREATE_SESSION(7),
    RUN(9),
    CREATE_SESSION_OPTIONS(10),
    SET_SESSION_EXECUTION_MODE(13),
    ENABLE_MEM_PATTERN(16),
    DISABLE_MEM_PATTERN(17),
    ENABLE_CPU_MEM_ARENA(18),
    DISABLE_CPU_MEM_ARENA(19),
    SET_SESSION_GRAPH_OPTIMIZATION_LEVEL(23),
    SET_INTRA_OP_NUM_THREADS(24),
    SET_INTER_OP_NUM_THREADS(25),
    SESSION_GET_INPUT_COUNT(30),
    SESSION_GET_OUTPUT_COUNT(31),
    SESSION_GET_INPUT_TYPE_INFO(33),
    SESSION_GET_OUTPUT_TYPE_INFO(34),
    SESSION_GET_INPUT_NAME(36),
    SESSION_GET_OUTPUT_NAME(37),
    CREATE_RUN_OPTIONS(39),
    RUN_OPTIONS_SET_TERMINATE(46),
    RUN_OPTIONS_UNSET_TERMINATE(47),
    CREATE_TENSOR_AS_ORT_VALUE(48),
    CREATE_TENSOR_WITH_DATA_AS_ORT_VALUE(49),
    GET_TENSOR_MUTABLE_DATA(51),
    GET_STRING_TENSOR_DATA_LENGTH(53),
    GET_STRING_TENSOR_CONTENT(54),
    CAST_TYPE_INFO_TO_TENSOR_INFO(55),
    GET_ONNX_TYPE_FROM_TYPE_INFO(56),
    GET_TENSOR_ELEMENT_TYPE(60),
    GET_DIMENSIONS_COUNT(61),
    GET_DIMENSIONS(62),
    GET_SYMBOLIC_DIMENSIONS(63),
    GET_TENSOR_TYPE_AND_SHAPE(65),
    CREATE_CPU_MEMORY_INFO(69),
    ALLOCATOR_FREE(76),
    GET_ALLOCATOR_WITH_DEFAULT_OPTIONS(78),
    RELEASE_STATUS(93),
    RELEASE_SESSION(95),
    RELEASE_VALUE(96),
    RELEASE_RUN_OPTIONS(97),
    RELEASE_TYPE_INFO(98),
    RELEASE_TENSOR_TYPE_AND_SHAPE_INFO(99),
    RELEASE_SESSION_OPTIONS(100),
    GET_AVAILABLE_PROVIDERS(125),
    RELEASE_AVAILABLE_PROVIDERS(126),
    ADD_SESSION_CONFIG_ENTRY(130),
    APPEND_TENSORRT(170),
    CREATE_TENSORRT_OPTIONS(171),
    UPDATE_TENSORRT_OPTIONS(172),
    RELEASE_TENSORRT_OPTIONS(174),
    APPEND_CUDA(204),
    CREATE_CUDA_OPTIONS(205),
    UPDATE_CUDA_OPTIONS(206),
    RELEASE_CUDA_OPTIONS(208),
    APPEND_EXECUTION_PROVIDER(216),
    APPEND_DNNL(239),
    CREATE_DNNL_OPTIONS(240),
    UPDATE_DNNL_OPTIONS(241),
    RELEASE_DNNL_OPTIONS(243),
    GET_RESIZED_STRING_TENSOR_ELEMENT_BUFFER(252);

    /** The version of the table that has all of these, which every later library gives as well. */
    static final int VERSION = 17;

    /** The part of the table that holds them. */
    static final int PLACES = 253;

    private final int place;

    OrtFunction(int place) {
        this.place = place;
    }

    int place() {
        return place;
    }
}
