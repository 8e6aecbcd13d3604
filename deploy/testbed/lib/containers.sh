# Ending what a container engine leaves behind: its containers outlive it, as they should in a cluster.
# shellcheck shell=bash

# kill_containers TASKS SOCKET: of a containerd that has been stopped, by its own records: TASKS holds a folder for each
# container, with its first process and the address of its shim. The kernel ends whatever else runs in a container
# along with its first process.
kill_containers() {
  local tasks=$1 socket=$2 folder container pid deadline=$((SECONDS + 20))
  for folder in "$tasks"/*/; do
    container=$(basename "$folder")
    pid=$(cat "$folder/init.pid" 2>/dev/null) || continue
    if grep -qs "/$container\$" "/proc/$pid/cgroup"; then kill -KILL "$pid" 2>/dev/null || true; fi
  done
  for pid in $(shims "$socket"); do
    kill -KILL "$pid" 2>/dev/null || true
  done
  while [[ -n $(shims "$socket") ]]; do
    ((SECONDS < deadline)) || die "containers of the testbed do not end: processes $(shims "$socket" | tr '\n' ' ')"
    sleep 0.1
  done
  for folder in "$tasks"/*/; do
    [[ ! -s $folder/address ]] || rm -f "$(sed 's#^unix://##' "$folder/address")"
  done
}

# shims SOCKET: the processes that hold the containers of the containerd at that socket.
shims() {
  local process
  for process in /proc/[0-9]*; do
    if tr '\0' ' ' 2>/dev/null <"$process/cmdline" | grep -qs "^[^ ]*containerd-shim.* -address $1 "; then
      born "${process#/proc/}" >/dev/null && echo "${process#/proc/}"
    fi
  done
  return 0
}

unmount_below() {
  local mounted
  while read -r mounted; do
    umount --lazy "$mounted" || die "could not unmount $mounted"
  done < <(awk -v below="$1/" 'index($5, below) == 1 {print $5}' /proc/self/mountinfo | sort -r)
}
