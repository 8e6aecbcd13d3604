# Nodes by the hundred that are only imitated, by KWOK: whoever wants them creates them, and it lets pods run there.
# shellcheck shell=bash

kwok=kwok-$(sed -n 's#^require sigs.k8s.io/kwok \(v[0-9.]*\)$#\1#p' "$here/kwok/go.mod")

build_kwok() {
  [[ -x $binaries/$kwok ]] || go_build "$kwok" "$here/kwok" sigs.k8s.io/kwok/cmd/kwok -s -w
}

# It renews the leases of all nodes with the annotation, which keeps them ready, and speaks for the pods on them.
start_kwok() {
  start kwok "$kwok" --kubeconfig "$run/kwok.kubeconfig" --config "$here/kwok/stages.yaml" \
    --manage-nodes-with-annotation-selector kwok.x-k8s.io/node=fake --node-lease-duration-seconds 40 \
    --cidr "$pod_network" --node-ip "$node_address"
}
