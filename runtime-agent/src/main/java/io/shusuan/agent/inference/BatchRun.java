package io.shusuan.agent.inference;

/**
 * The execution that requests were part of.
 *
 * @param instance which instance ran it
 * @param number the how-manieth batch of that instance it was, from 1
 * @param size inferences in it
 * @param requests requests in it
 * @param departure why it left its queue, as the metrics say it
 */
public record BatchRun(String instance, long number, long size, int requests, String departure) {}
