# One real node: containerd with runc and CNI, kubelet and kube-proxy.
# shellcheck shell=bash
#
# All of it lies under the state folder and on one bridge, so that `down` can find what pods left behind: it knows
# containers by containerd's own records, mounts by where they are, firewall chains by their names.

containerd_socket=$state/containerd.sock
containerd_state=$state/containerd-state
tasks=$containerd_state/io.containerd.runtime.v2.task/k8s.io
cni_plugins=/usr/lib/cni

node_was_started() { [[ -f $state/node ]]; }

node_packages() {
  need_packages containerd=containerd runc=runc $cni_plugins/bridge=containernetworking-plugins ip=iproute2 \
    conntrack=conntrack iptables=iptables mount=mount
}

refuse_unless_a_node_can_run() {
  is_root || die "a node starts containers and writes firewall rules: run as root, or 'testbed up --no-nodes'"
  [[ -d /sys/fs/cgroup ]] || die "a node needs cgroups at /sys/fs/cgroup"
  ((${#containerd_socket} <= 107)) || die "$containerd_socket is too long for a socket: set SHUSUAN_TESTBED_HOME to a shorter path"
  node_was_started && return
  if iptables -w -t nat -S KUBE-SERVICES >/dev/null 2>&1; then
    die "another Kubernetes has its rules in this machine's firewall; two would undo each other's: 'testbed up --no-nodes' works beside it"
  fi
  if ip -4 -o address 2>/dev/null | grep -q ' 10\.24[78]\.'; then
    die "an interface of this machine uses $pod_network or $service_network, which the pods and Services would need"
  fi
}

start_network() {
  touch "$state/node"
  ip link show "$bridge" >/dev/null 2>&1 || ip link add "$bridge" type bridge
  ip address replace "$node_address/${pod_network#*/}" dev "$bridge"
  ip link set "$bridge" up
  echo 1 >/proc/sys/net/ipv4/ip_forward
  local direction
  for direction in -i -o; do # a Docker on this machine makes dropping the rule for what is forwarded
    iptables -w -C FORWARD $direction "$bridge" -j ACCEPT 2>/dev/null || iptables -w -I FORWARD $direction "$bridge" -j ACCEPT
  done
}

start_node() {
  start_containerd
  import_images
  start_kubelet
  refuse_taken_ports kube-proxy "127.0.0.1:$proxy_health_port" "127.0.0.1:$proxy_metrics_port"
  start kube-proxy kube-proxy --kubeconfig "$run/proxy.kubeconfig" --hostname-override "$node_name" \
    --proxy-mode iptables --cluster-cidr "$pod_network" --masquerade-all --nodeport-addresses "$node_address/32" \
    --conntrack-max-per-core 0 --conntrack-tcp-timeout-established 0s --conntrack-tcp-timeout-close-wait 0s \
    --healthz-bind-address "127.0.0.1:$proxy_health_port" --metrics-bind-address "127.0.0.1:$proxy_metrics_port"
  await kubelet 60 listening "$kubelet_health_port"
  await kube-proxy 60 listening "$proxy_health_port"
  await kube-proxy 60 iptables -w -t nat -S KUBE-SERVICES
  await kubelet 90 kubectl wait --for condition=Ready --timeout 1s "node/$node_name"
  say "node $node_name is ready"
}

start_containerd() {
  mkdir -p "$state/cni"
  cat >"$state/containerd.toml" <<CONTAINERD
version = 2
root = "$state/containerd-root"
state = "$containerd_state"
disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs"]
[grpc]
address = "$containerd_socket"
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "docker.io/shusuan/pause:latest"
restrict_oom_score_adj = true # sandboxes ask for a score below ours, which takes a capability that containers lack
netns_mounts_under_state_dir = true
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "$cni_plugins"
conf_dir = "$state/cni"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
Root = "$state/runc"
SystemdCgroup = false
CONTAINERD
  cat >"$state/cni/10-shusuan.conflist" <<CNI
{"cniVersion": "0.4.0", "name": "shusuan", "plugins": [
  {"type": "bridge", "bridge": "$bridge", "isDefaultGateway": true, "hairpinMode": true,
   "ipam": {"type": "host-local", "dataDir": "$state/cni-addresses",
            "ranges": [[{"subnet": "$pod_network", "gateway": "$node_address"}]]}}]}
CNI
  start containerd containerd --config "$state/containerd.toml"
  await containerd 30 ctr_ version
}

ctr_() { ctr --address "$containerd_socket" --namespace k8s.io "$@"; }

make_images() {
  mkdir -p "$images"
  "$here/../images/make-images" "$images" 9>&- || die "the images could not be made"
}

# Each image is imported once for each time it is made.
import_images() {
  local archive mark
  mkdir -p "$state/imported"
  for archive in "$images"/*.tar; do
    mark=$state/imported/$(basename "$archive")
    [[ ! $mark -nt $archive ]] || continue
    ctr_ images import "$archive" >/dev/null || die "containerd would not take $archive: 'testbed images' makes it anew"
    touch "$mark"
  done
}

start_kubelet() {
  refuse_taken_ports kubelet "$node_address:$kubelet_port" "127.0.0.1:$kubelet_health_port"
  # No collection of images: one that was made here cannot be pulled again. No eviction before the disk is all but
  # full: what else fills the machine is not the cluster's to judge.
  cat >"$state/kubelet.yaml" <<KUBELET
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: $node_address
port: $kubelet_port
readOnlyPort: 0
healthzBindAddress: 127.0.0.1
healthzPort: $kubelet_health_port
authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: "$pki/ca.crt"}}
authorization: {mode: Webhook}
containerRuntimeEndpoint: "unix://$containerd_socket"
podLogsDir: "$state/pod-logs"
volumePluginDir: "$state/volume-plugins"
cgroupDriver: cgroupfs
failCgroupV1: false
failSwapOn: false
enforceNodeAllocatable: []
oomScoreAdj: 0
serializeImagePulls: false
imageGCHighThresholdPercent: 100
evictionHard: {memory.available: 50Mi, nodefs.available: 1%, imagefs.available: 1%, nodefs.inodesFree: 1%}
KUBELET
  start kubelet kubelet --config "$state/kubelet.yaml" --kubeconfig "$run/kubelet.kubeconfig" \
    --root-dir "$state/kubelet" --cert-dir "$pki/kubelet" --hostname-override "$node_name" --node-ip "$node_address"
}

# The scheduler counts what the node's status says; kubelet keeps an extended resource that no device plugin manages.
fake_gpus() {
  kubectl patch node "$node_name" --subresource status --type merge --patch \
    "{\"status\": {\"capacity\": {\"nvidia.com/gpu\": \"$1\"}, \"allocatable\": {\"nvidia.com/gpu\": \"$1\"}}}" >/dev/null
  kubectl label node "$node_name" --overwrite nvidia.com/gpu.present=true "nvidia.com/gpu.count=$1" \
    nvidia.com/gpu.product=NVIDIA-A100-SXM4-80GB nvidia.com/gpu.family=ampere nvidia.com/gpu.memory=81920 \
    nvidia.com/gpu.replicas=1 nvidia.com/mig.capable=true nvidia.com/mig.strategy=single >/dev/null
  say "node $node_name says it has $1 nvidia.com/gpu"
}

# --- down

stop_node() {
  node_was_started || return 0
  is_root || die "the node was started by root: run 'testbed down' as root"
  stop kube-proxy 10
  stop kubelet 10
  stop containerd 20
  kill_containers "$tasks" "$containerd_socket"
  unmount_below "$state"
  remove_leftover_links_and_groups
}

# After the control plane has stopped: the API server waits for connections that could no longer be closed.
remove_network() {
  local direction
  node_was_started || return 0
  for direction in -i -o; do
    iptables -w -D FORWARD $direction "$bridge" -j ACCEPT 2>/dev/null || true
  done
  remove_kubernetes_chains iptables
  remove_kubernetes_chains ip6tables
  ip link delete "$bridge" 2>/dev/null || true
}

# No other Kubernetes has chains here: a node is refused where one does.
remove_kubernetes_chains() {
  local table chain rule
  for table in mangle filter nat; do
    "$1" -w -t $table -S 2>/dev/null | sed -n 's/^-A \([A-Z]* .*-j KUBE-.*\)/\1/p' |
      while read -r rule; do eval "$1 -w -t $table -D $rule" 2>/dev/null || true; done
    for chain in $("$1" -w -t $table -S 2>/dev/null | sed -n 's/^-N \(KUBE-.*\)/\1/p'); do
      "$1" -w -t $table -F "$chain"
    done
    for chain in $("$1" -w -t $table -S 2>/dev/null | sed -n 's/^-N \(KUBE-.*\)/\1/p'); do
      "$1" -w -t $table -X "$chain"
    done
  done
}

# kubelet's links to container logs and its cgroups are in places that cannot be chosen.
remove_leftover_links_and_groups() {
  local link
  for link in /var/log/containers/*.log; do
    if [[ $(readlink "$link" 2>/dev/null) == "$state/"* ]]; then rm -f "$link"; fi
  done
  find /sys/fs/cgroup -depth -type d \( -path '*/kubepods' -o -path '*/kubepods/*' \) -exec rmdir {} + 2>/dev/null || true
}
