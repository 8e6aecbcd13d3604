#!/bin/sh
# Leads one attempt of a task and keeps what is needed to find it again:
#   pid    made first and only once: who makes this file owns the attempt, so starting it twice runs it once
#   exit   the exit code of the command, written whole when it has ended
# The folder of the attempt is the only argument. Runs as the leader of its own session.
cd "$1" || exit 111
set -C
{ echo $$ >pid; } 2>/dev/null || exit 0
set +C
# A signal to the whole session ends the command, not the one who waits for it. In the foreground, since a command in
# the background of a shell would ignore SIGINT.
trap : TERM INT HUP QUIT USR1 USR2
(
    cd work || exit 111
    exec /bin/sh -c "$(cat ../command)"
) >>output 2>&1 </dev/null
code=$?
echo "$code" >exit.part && mv exit.part exit
