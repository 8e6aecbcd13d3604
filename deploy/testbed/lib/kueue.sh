# Kueue's own controller beside the API server, with its webhooks: queues can be handed to it.
# shellcheck shell=bash

kueue_version=$(sed -n 's#^require sigs.k8s.io/kueue \(v[0-9.]*\)$#\1#p' "$here/kueue/go.mod")
kueue=kueue-$kueue_version
kueue_certificates=/etc/kueue/metrics/certs # where it looks for those of its metrics, and nowhere else

build_kueue() {
  [[ -x $binaries/$kueue ]] || go_build "$kueue" "$here/kueue" sigs.k8s.io/kueue/cmd/kueue -s -w
}

refuse_unless_kueue_can_run() {
  is_root || die "Kueue looks for certificates in $kueue_certificates: run as root, or leave out --kueue"
  [[ ! -e $kueue_certificates || $(readlink "$kueue_certificates") == "$pki/"* ]] ||
    die "$kueue_certificates is there already, and not this testbed's: remove it, or leave out --kueue"
}

# It runs as a process, so the API server reaches its webhooks by their address and not through a Service. They are told of when it
# answers: until then whatever they are asked about would be refused.
start_kueue() {
  local module
  is_running kueue && return
  module=$(cd "$here/kueue" && go list -mod=readonly -m -f '{{.Dir}}' sigs.k8s.io/kueue) || die "Go has not got the sources of Kueue"
  refuse_taken_ports kueue "127.0.0.1:$kueue_port"
  kubectl apply --request-timeout 60s --server-side --force-conflicts -f "$module/config/components/crd/bases" >/dev/null
  await kube-apiserver 60 kubectl get workloads.kueue.x-k8s.io,clusterqueues.kueue.x-k8s.io,topologies.kueue.x-k8s.io --all-namespaces
  kubectl get namespace kueue-system >/dev/null 2>&1 || kubectl create namespace kueue-system >/dev/null
  kueue_certificate
  cat >"$state/kueue.yaml" <<CONFIGURATION
apiVersion: config.kueue.x-k8s.io/v1beta2
kind: Configuration
namespace: kueue-system
health: {healthProbeBindAddress: "0"}
metrics: {bindAddress: "0"}
webhook: {host: 127.0.0.1, port: $kueue_port, certDir: "$pki/kueue"}
leaderElection: {leaderElect: false}
internalCertManagement: {enable: false}
clientConnection: {qps: 50, burst: 100}
featureGates: {VisibilityOnDemand: false}
integrations: {frameworks: [batch/job, pod, deployment]}
CONFIGURATION
  write_kubeconfig "$run/kueue.kubeconfig" "$(<"$api_ready")" admin
  start kueue "$kueue" --kubeconfig "$run/kueue.kubeconfig" --config "$state/kueue.yaml"
  await kueue 60 listening "$kueue_port"
  kueue_webhooks "$module" | kubectl apply --server-side --force-conflicts -f - >/dev/null
  say "Kueue $kueue_version looks after Jobs, pods and Deployments"
}

kueue_certificate() {
  [[ -f $pki/kueue/tls.key ]] || {
    certificate kueue /CN=kueue serverAuth subjectAltName=IP:127.0.0.1
    mkdir -p "$pki/kueue"
    mv "$pki/kueue.crt" "$pki/kueue/tls.crt"
    mv "$pki/kueue.key" "$pki/kueue/tls.key"
  }
  mkdir -p "$(dirname "$kueue_certificates")"
  ln -sfn "$pki/kueue" "$kueue_certificates"
}

# As Kueue's own installation does, it leaves the namespace of the system alone.
kueue_webhooks() {
  awk -v url="https://127.0.0.1:$kueue_port" -v authority="$(base64 -w0 "$pki/ca.crt")" '
    /^  name: (mutating|validating)-webhook-configuration$/ { sub(/name: /, "name: kueue-") }
    /^    service:$/ { skip = 2; print "    caBundle: " authority; next }
    skip > 0 { skip--; next }
    /^      path: / { print "    url: " url $2; next }
    { print }
    /^  name: [mv](pod|deployment|statefulset)\.kb\.io$/ {
      print "  namespaceSelector: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: NotIn, values: [kube-system, kueue-system]}]}"
    }' "$1/config/components/webhook/manifests.yaml"
}

stop_kueue() {
  stop kueue 10
  if [[ $(readlink "$kueue_certificates" 2>/dev/null) == "$pki/"* ]]; then
    rm -f "$kueue_certificates"
    rmdir -p "$(dirname "$kueue_certificates")" 2>/dev/null || true
  fi
}
