package io.shusuan.agent.backend.tensorrt;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What must be loaded before the first class of JavaCPP's is used. Its own loader unpacks jars into the user's home and looks for libraries
 * nobody needs here; the three that are needed lie beside the agent, and the system's loader finds CUDA and TensorRT.
 */
final class Glue {
    /** The folder of the distribution's native libraries; the launcher sets it. */
    static final String FOLDER = "shusuan.native";

    private Glue() {}

    @SuppressWarnings("restricted") // the point of it
    static void load() throws UnavailableException {
        if (!System.getProperty("os.name").equals("Linux")
                || !System.getProperty("os.arch").equals("amd64")) {
            throw new UnavailableException("TensorRT is served on Linux x86_64 only, this is "
                    + System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        }
        SystemLibraries.require(
                "libcuda.so.1",
                "install NVIDIA's driver, 580 or newer, or give the container a GPU (--gpus, nvidia.com/gpu)");
        SystemLibraries.require(
                "libcudart.so.13", "install the CUDA 13 runtime, or name its folder in LD_LIBRARY_PATH");
        SystemLibraries.require("libnvinfer.so.11", "install TensorRT 11, or name its folder in LD_LIBRARY_PATH");
        System.setProperty("org.bytedeco.javacpp.loadlibraries", "false");
        load("javacpp", "libjnijavacpp.so");
        load("cuda", "libjnicudart.so");
        load("tensorrt", "libjninvinfer.so");
    }

    /** What only builds need. */
    static void loadParser() throws UnavailableException {
        SystemLibraries.require(
                "libnvonnxparser.so.11",
                "install TensorRT 11's ONNX parser (libnvonnxparsers11), or name its folder in LD_LIBRARY_PATH");
        load("tensorrt", "libjninvonnxparser.so");
    }

    @SuppressWarnings("restricted")
    private static void load(String part, String file) throws UnavailableException {
        var folder = System.getProperty(FOLDER);
        if (folder == null) {
            throw new UnavailableException(
                    "the property " + FOLDER + " names no folder: start the agent with shusuan-agent");
        }
        var library =
                Path.of(folder, "org", "bytedeco", part, "linux-x86_64", file).toAbsolutePath();
        if (!Files.isRegularFile(library)) {
            throw new UnavailableException(library + " is missing: this agent was packaged without it");
        }
        System.load(library.toString());
    }
}
