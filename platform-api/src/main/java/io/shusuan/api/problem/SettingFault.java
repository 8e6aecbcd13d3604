package io.shusuan.api.problem;

/**
 * Something that is wrong in what was sent, and where.
 *
 * @param field as the API calls it, such as {@code quotas[0].nominal.gpus}
 */
public record SettingFault(String field, String message) {}
