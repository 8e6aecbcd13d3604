package io.shusuan.agent.repository;

/** What a model version is doing, by the names the repository index uses. */
public enum ModelState {
    LOADING,
    READY,
    UNLOADING,
    UNAVAILABLE
}
