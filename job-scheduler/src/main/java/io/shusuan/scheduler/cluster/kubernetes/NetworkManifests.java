package io.shusuan.scheduler.cluster.kubernetes;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServicePortBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.IngressBuilder;
import io.shusuan.scheduler.cluster.ClusterRefusedException;
import io.shusuan.scheduler.spec.Ingress;
import io.shusuan.scheduler.spec.JobSpec;
import io.shusuan.scheduler.spec.ServiceType;
import io.shusuan.scheduler.spec.TaskPort;
import io.shusuan.scheduler.spec.TaskRole;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** How an inference role is reached: its Service, and the Ingress before that. */
final class NetworkManifests {

    /** Where the first port of a role is found, whatever its own number. */
    static final int SERVICE_PORT = 80;

    private NetworkManifests() {}

    /** The role that requests from outside go to: the first one that listens. */
    static TaskRole roleBehind(JobSpec spec) throws ClusterRefusedException {
        return spec.taskRoles().stream()
                .filter(role -> !role.ports().isEmpty())
                .findFirst()
                .orElseThrow(() -> new ClusterRefusedException(
                        "INGRESS_WITHOUT_PORT",
                        "The job asks for an ingress, but none of its task roles has a port that it could lead to."));
    }

    static Service service(ObjectMeta metadata, ServiceType type, TaskRole role, Map<String, String> selector)
            throws ClusterRefusedException {
        List<ServicePort> ports = new ArrayList<>();
        for (TaskPort port : role.ports()) {
            boolean first = ports.isEmpty();
            if (!first && port.number() == SERVICE_PORT) {
                throw new ClusterRefusedException(
                        "SERVICE_PORT_TAKEN",
                        "Port '%s' of task role '%s' is number 80, where the Service offers the role's first port '%s': put '%s' first or give it another number."
                                .formatted(
                                        port.name(),
                                        role.name(),
                                        role.ports().getFirst().name(),
                                        port.name()));
            }
            ports.add(new ServicePortBuilder()
                    .withName(Names.fit(port.name(), Names.MAX_LABEL))
                    .withPort(first ? SERVICE_PORT : port.number())
                    .withNewTargetPort(port.number())
                    .withProtocol("TCP")
                    .build());
        }
        return new ServiceBuilder()
                .withMetadata(metadata)
                .withNewSpec()
                .withType(type.text())
                .withSelector(selector)
                .withPorts(ports)
                .endSpec()
                .build();
    }

    static io.fabric8.kubernetes.api.model.networking.v1.Ingress ingress(ObjectMeta ofService, Ingress ingress) {
        return new IngressBuilder()
                .withMetadata(new ObjectMetaBuilder(ofService)
                        .withAnnotations(ingress.annotations())
                        .build())
                .withNewSpec()
                .withIngressClassName(ingress.className())
                .addNewRule()
                .withHost(ingress.host())
                .withNewHttp()
                .addNewPath()
                .withPath(ingress.path())
                .withPathType("Prefix")
                .withNewBackend()
                .withNewService()
                .withName(ofService.getName())
                .withNewPort()
                .withNumber(SERVICE_PORT)
                .endPort()
                .endService()
                .endBackend()
                .endPath()
                .endHttp()
                .endRule()
                .endSpec()
                .build();
    }
}
