# etcd, and the API server with its controllers.
# shellcheck shell=bash

control_plane_packages() {
  need_packages etcd=etcd-server openssl=openssl flock=util-linux
}

# build_binaries NODE: in the order in which they share packages; each is complete or absent.
build_binaries() {
  local command commands=(kube-apiserver kube-controller-manager kube-scheduler kubectl)
  [[ $1 == no ]] || commands+=(kubelet kube-proxy)
  for command in "${commands[@]}"; do
    [[ -x $binaries/$command ]] || build_binary "$command"
  done
}

build_binary() {
  local stamp=k8s.io/component-base/version minor=${kubernetes_version#v1.}
  go_build "$1" "$here" "k8s.io/kubernetes/cmd/$1" \
    -s -w -X "$stamp.gitVersion=$kubernetes_version" -X $stamp.gitMajor=1 -X "$stamp.gitMinor=${minor%%.*}"
}

# go_build NAME MODULE-FOLDER PACKAGE LINKER-FLAG…
go_build() {
  local name=$1 module=$2 package=$3 start=$SECONDS
  shift 3
  type -P go >/dev/null || die "Kubernetes is built from source: install Go $(sed -n 's/^go //p' "$here/go.mod") or newer (https://go.dev/dl)"
  mkdir -p "$binaries"
  say "building $name"
  (cd "$module" && CGO_ENABLED=0 go build -mod=readonly -trimpath -ldflags "$*" -o "$binaries/$name.part" "$package") 9>&- ||
    die "go could not build $name; it needs the module proxy and about 6 GB in $(go env GOCACHE)"
  mv "$binaries/$name.part" "$binaries/$name"
  say "built $name in $((SECONDS - start)) s"
}

# A cluster lives with the version and the ports it was made with.
refuse_state_of_another_testbed() {
  local made_as="$kubernetes_version on ports from $first_port"
  mkdir -p "$run" "$logs" && chmod 700 "$state" # credentials lie in it
  [[ -f $state/made-as ]] || echo "$made_as" >"$state/made-as"
  [[ $(<"$state/made-as") == "$made_as" ]] ||
    die "$state holds a cluster of $(<"$state/made-as"), and this would be $made_as: 'testbed down' first"
}

# start_control_plane NODE CONTROLLERS: with a node the API server listens on the bridge, where pods reach it, and otherwise on
# loopback. A cluster that gets its first node therefore starts its API server anew, on the same etcd.
start_control_plane() {
  local address=127.0.0.1
  if [[ $1 == yes ]] || node_was_started; then address=$node_address; fi
  if [[ -f $api_ready && $(<"$api_ready") != "$address" ]]; then stop_api_server; fi

  make_credentials
  write_kubeconfig "$kubeconfig" "$address" admin
  write_kubeconfig "$run/controller-manager.kubeconfig" "$address" kube-controller-manager
  write_kubeconfig "$run/scheduler.kubeconfig" "$address" kube-scheduler
  write_kubeconfig "$run/kubelet.kubeconfig" "$address" kubelet
  write_kubeconfig "$run/proxy.kubeconfig" "$address" kube-proxy
  write_kubeconfig "$run/kwok.kubeconfig" "$address" kwok

  start_etcd
  start_api_server "$address"
  if [[ $2 == yes ]]; then
    start_controllers
    # Pods are refused until their namespace has its ServiceAccount, which is the last thing to appear.
    await kube-controller-manager 60 kubectl get serviceaccount default --namespace default
  fi
  say "the API server answers at https://$address:$api_port"
}

start_etcd() {
  refuse_taken_ports etcd "127.0.0.1:$etcd_port" "127.0.0.1:$etcd_peer_port"
  # Without fsync: what a power cut would lose is a test's cluster.
  start etcd etcd --name testbed --data-dir "$state/etcd" --unsafe-no-fsync --logger zap --log-level warn \
    --listen-client-urls "http://127.0.0.1:$etcd_port" --advertise-client-urls "http://127.0.0.1:$etcd_port" \
    --listen-peer-urls "http://127.0.0.1:$etcd_peer_port" --initial-advertise-peer-urls "http://127.0.0.1:$etcd_peer_port" \
    --initial-cluster "testbed=http://127.0.0.1:$etcd_peer_port"
  await etcd 30 bash -c "exec 3<>/dev/tcp/127.0.0.1/$etcd_port"
}

# Debian's etcd cannot tell its progress, which lists as streams need: KWOK would watch in vain.
start_api_server() {
  local address=$1
  refuse_taken_ports kube-apiserver "$address:$api_port"
  echo "$address" >"$api_ready"
  start kube-apiserver kube-apiserver --bind-address "$address" --advertise-address "$(advertised "$address")" \
    --secure-port "$api_port" --etcd-servers "http://127.0.0.1:$etcd_port" \
    --tls-cert-file "$pki/api-server.crt" --tls-private-key-file "$pki/api-server.key" \
    --kubelet-client-certificate "$pki/kubelet-client.crt" --kubelet-client-key "$pki/kubelet-client.key" \
    --client-ca-file "$pki/ca.crt" --token-auth-file "$pki/tokens.csv" --authorization-mode Node,RBAC \
    --service-account-issuer https://kubernetes.default.svc --service-account-key-file "$pki/service-account.key" \
    --service-account-signing-key-file "$pki/service-account.key" --service-cluster-ip-range "$service_network" \
    --enable-admission-plugins NodeRestriction --allow-privileged=true \
    --kubelet-preferred-address-types InternalIP --feature-gates WatchList=false
  await kube-apiserver 90 kubectl get --raw /readyz
}

# The address that the Service "kubernetes" leads to may not be loopback, even where no pod will ever ask for it.
advertised() {
  if [[ $1 == 127.* ]]; then echo "$node_address"; else echo "$1"; fi
}

# The limits are raised from the defaults (20 requests a second, 5 workers for Jobs), which are what a burst of
# submitted jobs would otherwise be measuring.
start_controllers() {
  refuse_taken_ports kube-controller-manager "127.0.0.1:$controller_manager_port"
  refuse_taken_ports kube-scheduler "127.0.0.1:$scheduler_port"
  start kube-controller-manager kube-controller-manager --kubeconfig "$run/controller-manager.kubeconfig" \
    --bind-address 127.0.0.1 --secure-port "$controller_manager_port" --authentication-skip-lookup \
    --cert-dir "$pki/controller-manager" --leader-elect=false --use-service-account-credentials \
    --service-account-private-key-file "$pki/service-account.key" --root-ca-file "$pki/ca.crt" \
    --kube-api-qps 200 --kube-api-burst 400 --concurrent-job-syncs 20
  start kube-scheduler kube-scheduler --kubeconfig "$run/scheduler.kubeconfig" \
    --bind-address 127.0.0.1 --secure-port "$scheduler_port" --authentication-skip-lookup \
    --cert-dir "$pki/scheduler" --leader-elect=false --kube-api-qps 200 --kube-api-burst 400
  await kube-controller-manager 60 listening "$controller_manager_port"
  await kube-scheduler 60 listening "$scheduler_port"
}

listening() { (exec 3<>"/dev/tcp/127.0.0.1/$1"); }

stop_api_server() {
  stop kube-scheduler 10
  stop kube-controller-manager 10
  stop kube-apiserver 30
  rm -f "$api_ready"
}

# The API server ends before etcd does: it would panic on an etcd that is gone, or on the next one's data.
stop_control_plane() {
  stop_api_server
  stop etcd 10
}

remove_state() {
  if ! rm -rf --one-file-system "$state"; then die "could not remove $state: see what is mounted or written there"; fi
}

kubectl() { "$binaries/kubectl" --kubeconfig "$kubeconfig" --request-timeout 10s "$@"; }

# --- who is who: one authority, a certificate each for the API server and its calls to kubelets, a token for each client

make_credentials() {
  [[ ! -f $pki/complete ]] || return 0
  rm -rf "$pki"
  mkdir -p "$pki"
  new_key ca
  openssl req -x509 -new -key "$pki/ca.key" -sha256 -days 3650 -subj /CN=shusuan-testbed -out "$pki/ca.crt" 2>/dev/null
  new_key service-account
  certificate api-server /CN=kube-apiserver serverAuth "subjectAltName=DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,\
DNS:kubernetes.default.svc,IP:127.0.0.1,IP:$node_address,IP:$first_service_address"
  certificate kubelet-client /O=system:masters/CN=kube-apiserver-kubelet-client clientAuth
  {
    token admin admin system:masters
    token kube-controller-manager system:kube-controller-manager
    token kube-scheduler system:kube-scheduler
    token kubelet "system:node:$node_name" system:nodes
    token kube-proxy system:kube-proxy
    token kwok kwok system:masters
  } >"$pki/tokens.csv"
  touch "$pki/complete"
}

new_key() { openssl ecparam -name prime256v1 -genkey -noout -out "$pki/$1.key"; }

# certificate NAME SUBJECT USAGE [EXTENSION]
certificate() {
  new_key "$1"
  openssl req -new -key "$pki/$1.key" -subj "$2" |
    openssl x509 -req -CA "$pki/ca.crt" -CAkey "$pki/ca.key" -CAcreateserial -sha256 -days 3650 \
      -extfile <(printf 'extendedKeyUsage=%s\n%s\n' "$3" "${4:-}") -out "$pki/$1.crt" 2>/dev/null
}

# token NAME USER [GROUP]: a line of the API server's token file; the token is kept beside it for the client.
token() {
  openssl rand -hex 24 >"$pki/$1.token"
  echo "$(<"$pki/$1.token"),$2,$2${3:+,$3}"
}

write_kubeconfig() {
  local file=$1 address=$2 client=$3
  cat >"$file.part" <<KUBECONFIG
apiVersion: v1
kind: Config
current-context: shusuan-testbed
contexts:
- {name: shusuan-testbed, context: {cluster: shusuan-testbed, user: $client}}
clusters:
- name: shusuan-testbed
  cluster: {server: "https://$address:$api_port", certificate-authority-data: $(base64 -w0 "$pki/ca.crt")}
users:
- {name: $client, user: {token: $(<"$pki/$client.token")}}
KUBECONFIG
  mv "$file.part" "$file"
}
