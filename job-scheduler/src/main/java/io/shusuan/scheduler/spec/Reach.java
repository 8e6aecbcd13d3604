package io.shusuan.scheduler.spec;

import io.shusuan.db.job.JobKind;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** How a job is reached: reads kind, ingress and service, and holds them against the ports of the roles. */
record Reach(JobKind kind, Optional<Ingress> ingress, ServiceType serviceType) {

    private static final String A_PORT = "a task role with ports";

    static String spelled(JobKind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    static Optional<JobKind> stated(Section job) {
        return job.read(Key.KIND, Texts.oneOf(JobKind.values(), Reach::spelled));
    }

    /** Adds a sentence to the assumptions when the kind had to be guessed. */
    static Reach read(Section job, Optional<JobKind> stated, List<TaskRole> roles, List<String> assumptions) {
        var ingress = job.read(Key.INGRESS, Section.of(Shape.INGRESS_RULE)).flatMap(Reach::ingress);
        var service = job.read(Key.SERVICE, Section.of(Shape.SERVICE_CHOICE)).flatMap(Reach::service);
        var listening = roles.stream().filter(role -> !role.ports().isEmpty()).findFirst();
        if (!job.has(Key.KIND)) {
            assumptions.addFirst(guess(job, listening));
        }
        if (!roles.isEmpty() && (stated.isPresent() || !job.has(Key.KIND))) {
            refuseClashes(job, stated, listening.isPresent());
        }
        return new Reach(
                stated.orElseGet(() -> guessed(job, listening.isPresent())),
                ingress,
                service.orElse(ServiceType.CLUSTER_IP));
    }

    private static String guess(Section job, Optional<TaskRole> listening) {
        if (job.has(Key.CONVERSION)) {
            return "kind: conversion, since the text says what to convert";
        }
        return listening
                .map(role -> "kind: inference, since task role '%s' has ports".formatted(role.name()))
                .orElse("kind: training, since no task role has ports");
    }

    private static JobKind guessed(Section job, boolean listens) {
        if (job.has(Key.CONVERSION)) {
            return JobKind.CONVERSION;
        }
        return listens ? JobKind.INFERENCE : JobKind.TRAINING;
    }

    private static void refuseClashes(Section job, Optional<JobKind> stated, boolean listens) {
        var kind = stated.orElseGet(() -> guessed(job, true));
        if (!kind.serves()) {
            var found = "kind: " + spelled(kind);
            var message = "is for inference jobs, this one is '%s': remove one of the two".formatted(found);
            refuse(job, message, found, "kind: inference", Key.INGRESS, Key.SERVICE);
            RoleReader.readiness(job).forEach(at -> at.clash(FaultCode.CONFLICT, message, found, "kind: inference"));
        } else if (!listens && stated.isPresent()) {
            refuse(
                    job,
                    "is inference, which needs a port to be reached: give a task role 'ports'",
                    "no ports",
                    A_PORT,
                    Key.KIND);
        } else if (!listens) {
            refuse(
                    job,
                    "leads to a port, and no task role has one: give a task role 'ports'",
                    "no ports",
                    A_PORT,
                    Key.INGRESS,
                    Key.SERVICE);
        }
    }

    private static void refuse(Section job, String message, String found, String allowed, Key... keys) {
        for (var key : keys) {
            job.field(key).ifPresent(at -> at.clash(FaultCode.CONFLICT, message, found, allowed));
        }
    }

    private static Optional<Ingress> ingress(Section ingress) {
        var host = ingress.require(Key.HOST, Names.ingressHost());
        var path = ingress.read(Key.PATH, Names.urlPath()).orElse("/");
        var className = ingress.read(Key.CLASS, Names.dnsName()).orElse(null);
        var annotations = ingress.read(Key.ANNOTATIONS, Variables.annotations()).orElse(Map.of());
        return host.map(name -> new Ingress(name, path, className, annotations));
    }

    private static Optional<ServiceType> service(Section service) {
        return service.require(Key.TYPE, Texts.oneOf(ServiceType.values(), ServiceType::text));
    }
}
