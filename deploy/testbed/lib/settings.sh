# Names, ports and folders, and how the testbed speaks to whoever started it.
# shellcheck shell=bash disable=SC2034  # the other parts use them

kubernetes_version=$(sed -n 's#^require k8s.io/kubernetes \(v[0-9.]*\)$#\1#p' "$here/go.mod")

home=${SHUSUAN_TESTBED_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/shusuan/testbed}
binaries=$home/kubernetes-$kubernetes_version
images=$home/images
state=$home/state # everything below is forgotten by `down`
logs=$state/logs
run=$state/run
pki=$state/pki
kubeconfig=$state/kubeconfig
api_ready=$run/api-address # where the running API server listens

PATH=$binaries:$PATH:/usr/sbin:/sbin # a user's PATH lacks the folders where iptables and runc are

first_port=${SHUSUAN_TESTBED_PORT:-16440}
[[ $first_port =~ ^[1-9][0-9]{3,4}$ ]] && ((first_port >= 1024 && first_port <= 65526)) || {
  echo "testbed: SHUSUAN_TESTBED_PORT is '$first_port'; it wants the first of ten free ports, from 1024 to 65526" >&2
  exit 1
}
api_port=$first_port
etcd_port=$((first_port + 1))
etcd_peer_port=$((first_port + 2))
controller_manager_port=$((first_port + 3))
scheduler_port=$((first_port + 4))
kubelet_port=$((first_port + 5))
kubelet_health_port=$((first_port + 6))
proxy_health_port=$((first_port + 7))
proxy_metrics_port=$((first_port + 8))
kueue_port=$((first_port + 9))

# The node's address is the one of the bridge that its pods hang on: pods and host reach the API server and each
# other there, and no interface of the machine that leads elsewhere is listened on.
bridge=shusuan0
pod_network=10.247.0.0/16
node_address=10.247.0.1
service_network=10.248.0.0/16
first_service_address=10.248.0.1
node_name=testbed

say() { printf 'testbed: %s\n' "$*" >&2; }

die() {
  say "$*"
  exit 1
}

is_root() { [[ $EUID == 0 ]]; }

# The lock is let go when the script ends, however it ends; the processes started do not inherit it.
only_one_at_a_time() {
  mkdir -p "$home" || die "cannot write to $home: set SHUSUAN_TESTBED_HOME to a folder of your own"
  exec 9>"$home/lock"
  flock --nonblock 9 && return
  say "another testbed command is at work in $home; waiting for it"
  flock --timeout 1800 9 || die "it has not ended in half an hour: see who holds $home/lock"
}

# need_packages COMMAND=PACKAGE…: installs, or names, the Debian packages of the commands that are missing.
need_packages() {
  local pair missing=()
  for pair in "$@"; do
    type -P "${pair%%=*}" >/dev/null || missing+=("${pair#*=}")
  done
  ((${#missing[@]})) || return 0
  local install="apt-get install --yes --no-install-recommends ${missing[*]}"
  is_root && type -P apt-get >/dev/null || die "missing on this machine; install with: sudo $install"
  say "installing ${missing[*]}"
  install_quietly "${missing[@]}"
}

# Packages of servers start them where they can; a machine that runs tests has no use for a second etcd.
install_quietly() (
  policy=/usr/sbin/policy-rc.d
  if [[ ! -e $policy ]]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
  fi
  export DEBIAN_FRONTEND=noninteractive
  local log=$home/apt.log
  apt() { apt-get -qq -o DPkg::Lock::Timeout=300 "$@" >"$log" 2>&1 </dev/null 9>&-; }
  apt install --yes --no-install-recommends "$@" ||
    { apt update && apt install --yes --no-install-recommends "$@"; } ||
    { tail -n 5 "$log" >&2 && die "apt-get could not install $*; its whole answer is in $log"; }
)
