import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Answers as an API server of Kubernetes which has a few objects of each kind that the platform watches, so that the platform's start-up cache holds what
 * reads them. The argument is a file for a kubeconfig, which is there once it answers. It lives until it is killed.
 */
public final class SampleCluster {

    private static final int OBJECTS = 50;

    private static final String METADATA = """
            "metadata":{"name":"sample-%d","namespace":"sample","uid":"00000000-0000-4000-8000-%012d","resourceVersion":"7","generation":1,
             "creationTimestamp":"2026-01-01T00:00:00Z","labels":{"app.kubernetes.io/managed-by":"shusuan","kubernetes.io/hostname":"sample"},
             "annotations":{"sample":"sample"},
             "ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap","name":"sample","uid":"0","controller":true,"blockOwnerDeletion":true}],
             "managedFields":[{"manager":"shusuan","operation":"Apply","apiVersion":"v1","time":"2026-01-01T00:00:00Z","fieldsType":"FieldsV1",
               "fieldsV1":{"f:metadata":{"f:labels":{"f:app.kubernetes.io/managed-by":{}}}}}]}""";

    private static final String POD_SPEC = """
            {"nodeName":"sample","restartPolicy":"Never","schedulerName":"default-scheduler","terminationGracePeriodSeconds":30,"hostname":"sample","subdomain":"sample",
             "automountServiceAccountToken":false,"enableServiceLinks":false,"securityContext":{"runAsNonRoot":true,"runAsUser":1000,"seccompProfile":{"type":"RuntimeDefault"}},
             "affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{
               "matchFields":[{"key":"metadata.name","operator":"In","values":["sample"]}]}]}}},
             "tolerations":[{"key":"nvidia.com/gpu","operator":"Exists","effect":"NoSchedule"}],
             "volumes":[{"name":"scratch","emptyDir":{"sizeLimit":"1Gi"}},{"name":"text","configMap":{"name":"sample","items":[{"key":"a","path":"a"}]}}],
             "containers":[{"name":"task","image":"sample","command":["/bin/sh","-c"],"args":["true"],"env":[{"name":"A","value":"1"},
               {"name":"B","valueFrom":{"fieldRef":{"fieldPath":"status.podIP"}}}],"ports":[{"containerPort":8000}],
               "resources":{"requests":{"cpu":"500m","memory":"100Mi","nvidia.com/gpu":"1"},"limits":{"cpu":"1","memory":"100Mi","nvidia.com/gpu":"1"}},
               "volumeMounts":[{"name":"scratch","mountPath":"/scratch"}],
               "securityContext":{"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]}}}]}""";

    private static final String CONDITIONS =
            "\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\",\"reason\":\"Sample\",\"lastTransitionTime\":\"2026-01-01T00:00:00Z\"}]";

    /** What follows the metadata of an object, by the last part of the path at which such are listed. */
    private static final Map<String, Kind> KINDS = Map.of(
            "configmaps", new Kind("ConfigMap", "v1", "\"data\":{\"sample\":\"sample\"}"),
            "pods",
                    new Kind("Pod", "v1", """
                            "spec":%s,"status":{"phase":"Running","podIP":"10.0.0.1","hostIP":"10.0.0.2","startTime":"2026-01-01T00:00:00Z",%s,
                            "containerStatuses":[{"name":"task","ready":true,"started":true,"restartCount":0,"image":"sample","imageID":"","containerID":"",
                              "state":{"running":{"startedAt":"2026-01-01T00:00:00Z"}},"lastState":{}}]}""".formatted(POD_SPEC, CONDITIONS)),
            "jobs",
                    new Kind("Job", "batch/v1", """
                            "spec":{"parallelism":1,"completions":1,"backoffLimit":0,"completionMode":"Indexed","suspend":false,
                              "template":{"metadata":{"labels":{"a":"b"}},"spec":%s}},
                            "status":{"active":1,"ready":1,"startTime":"2026-01-01T00:00:00Z"}""".formatted(POD_SPEC)),
            "deployments",
                    new Kind("Deployment", "apps/v1", """
                            "spec":{"replicas":1,"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":%s}},
                            "status":{"replicas":1,"readyReplicas":1,%s}""".formatted(POD_SPEC, CONDITIONS)),
            "nodes",
                    new Kind("Node", "v1", """
                            "spec":{"taints":[{"key":"sample","effect":"NoSchedule"}]},
                            "status":{"allocatable":{"cpu":"8","memory":"32Gi","nvidia.com/gpu":"8","pods":"110"},
                              "capacity":{"cpu":"8","memory":"32Gi","pods":"110"},"addresses":[{"type":"InternalIP","address":"10.0.0.2"}],
                              "nodeInfo":{"architecture":"amd64","kubeletVersion":"v1"},%s}""".formatted(CONDITIONS)),
            "events",
                    new Kind("Event", "v1", """
                            "type":"Warning","reason":"Sample","message":"sample","count":1,"source":{"component":"sample"},
                            "involvedObject":{"kind":"Pod","namespace":"sample","name":"sample"},"lastTimestamp":"2026-01-01T00:00:00Z\""""));

    private record Kind(String name, String version, String body) {

        String list() {
            return IntStream.range(0, OBJECTS)
                    .mapToObj(i -> "{" + METADATA.formatted(i, i) + "," + body + "}")
                    .collect(Collectors.joining(
                            ",",
                            "{\"kind\":\"%sList\",\"apiVersion\":\"%s\",\"metadata\":{\"resourceVersion\":\"7\"},\"items\":[".formatted(name, version),
                            "]}"));
        }
    }

    private SampleCluster() {}

    public static void main(String[] arguments) throws IOException {
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", SampleCluster::answer);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
        var unfinished = Path.of(arguments[0] + ".unfinished");
        Files.writeString(unfinished, """
                {"apiVersion":"v1","kind":"Config","current-context":"sample","contexts":[{"name":"sample","context":{"cluster":"sample","user":"sample"}}],
                 "clusters":[{"name":"sample","cluster":{"server":"http://127.0.0.1:%d"}}],"users":[{"name":"sample","user":{"token":"sample"}}]}
                """.formatted(server.getAddress().getPort()));
        Files.move(unfinished, Path.of(arguments[0]));
    }

    private static void answer(HttpExchange exchange) throws IOException {
        var path = exchange.getRequestURI().getPath();
        var query = String.valueOf(exchange.getRequestURI().getQuery());
        var kind = KINDS.get(path.substring(path.lastIndexOf('/') + 1));
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        if (query.contains("watch=true")) {
            exchange.sendResponseHeaders(200, 0); // and nothing happens
            exchange.getResponseBody().flush();
        } else if (kind != null && exchange.getRequestMethod().equals("GET")) {
            send(exchange, 200, kind.list());
        } else if (path.equals("/version")) {
            send(exchange, 200, "{\"major\":\"1\",\"minor\":\"36\",\"gitVersion\":\"v1.36.0\"}");
        } else if (path.equals("/readyz")) {
            send(exchange, 200, "ok");
        } else {
            send(exchange, 404, "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"reason\":\"NotFound\",\"code\":404}");
        }
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        var bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        try (var out = exchange.getResponseBody()) {
            out.write(bytes);
        }
    }
}
