#!/bin/sh
# Runs one attempt of a task and keeps what is needed to find it again:
#   pid    written first and only once, so that starting the same attempt twice runs it once
#   exit   the exit code, written whole when the command has ended
# The folder of the attempt is the only argument. Runs as the leader of its own session.
cd "$1" || exit 111
set -C
{ echo $$ >pid; } 2>/dev/null || exit 0
set +C
trap : TERM INT HUP
(
    cd work || exit 111
    exec /bin/sh -c "$(cat ../command)"
) >>output 2>&1 </dev/null &
child=$!
# A trapped signal ends wait early; the command has ended only when the shell no longer knows it.
while :; do
    wait "$child"
    code=$?
    kill -0 "$child" 2>/dev/null || break
done
echo "$code" >exit.part && mv exit.part exit
