# Starting, recognising and stopping processes.
# shellcheck shell=bash
#
# A process is remembered as its number, the moment it started and the boot it belongs to: a number alone may
# belong to somebody else by the time it is used, and only what this testbed started is ever stopped by it.

boot=$(</proc/sys/kernel/random/boot_id)

# born PID: the moment the process started, in clock ticks since boot; fails when there is no such process.
born() {
  local line
  { line=$(<"/proc/$1/stat"); } 2>/dev/null || return 1
  set -- ${line##*) } # past the command's name, which may hold anything; then the state is field 1
  [[ $1 != Z && $1 != X ]] || return 1
  echo "${20}"
}

process_id() {
  local pid birth of_boot
  [[ -f $run/$1.pid ]] && read -r pid birth of_boot <"$run/$1.pid" || return 1
  [[ $of_boot == "$boot" && $birth == "$(born "$pid")" ]] || return 1
  echo "$pid"
}

is_running() { process_id "$1" >/dev/null; }

# start NAME COMMAND…: in the background, in a session of its own, unless it is running already. The process writes
# its own pid file before it becomes the command, so that there is no moment in which it runs unknown.
start() {
  local name=$1
  shift
  is_running "$name" && return
  [[ ! -f $logs/$name.log ]] || mv "$logs/$name.log" "$logs/$name.log.1"
  rm -f "$run/$name.pid"
  (
    pid=$BASHPID
    echo "$pid $(born "$pid") $boot" >"$run/$name.pid"
    exec setsid "$@"
  ) >"$logs/$name.log" 2>&1 </dev/null 9>&- &
  until [[ -s $run/$name.pid ]]; do sleep 0.02; done
}

# await NAME SECONDS COMMAND…: until the command succeeds; ends early, with the log's last lines, when the process does.
await() {
  local name=$1 seconds=$2 deadline=$((SECONDS + $2))
  shift 2
  until "$@" >/dev/null 2>&1; do
    is_running "$name" || explain "$name ended instead of becoming ready"
    ((SECONDS < deadline)) || explain "$name was not ready after $seconds seconds (waited for: $*)"
    sleep 0.1
  done
}

# explain WHAT-HAPPENED: its first word is the process.
explain() {
  local name=${1%% *}
  say "$1; the end of $logs/$name.log:"
  tail -n 8 "$logs/$name.log" | cut -c1-400 | sed 's/^/    /' >&2
  say "'$(basename "$0") down' and then 'up' start from nothing"
  exit 1
}

# stop NAME SECONDS: asks it to end, waits for its exit, then insists.
stop() {
  local name=$1 pid deadline=$((SECONDS + $2))
  if pid=$(process_id "$name"); then
    kill -TERM "$pid" 2>/dev/null || true
    while is_running "$name"; do
      ((SECONDS < deadline)) || kill -KILL "$pid" 2>/dev/null || true
      sleep 0.1
    done
  fi
  rm -f "$run/$name.pid"
}

# refuse_taken_ports NAME ADDRESS:PORT…: before NAME is started; a port in use is reported with its holder.
refuse_taken_ports() {
  local name=$1 listener
  shift
  ! is_running "$name" || return 0
  for listener in "$@"; do
    if (exec 3<>"/dev/tcp/${listener%:*}/${listener#*:}") 2>/dev/null; then
      die "$name needs $listener, which is taken by $(holder "${listener#*:}"); set SHUSUAN_TESTBED_PORT to the first of ten free ports"
    fi
  done
}

holder() {
  local found
  found=$(ss -Hltnp "sport = :$1" 2>/dev/null | sed -n 's/.*users:(("\([^"]*\)",pid=\([0-9]*\).*/\1 (process \2)/p' | head -n 1)
  echo "${found:-another process}"
}
