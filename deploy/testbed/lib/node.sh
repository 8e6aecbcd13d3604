node_was_started() { [[ -f $state/node ]]; }
stop_node() { :; }
