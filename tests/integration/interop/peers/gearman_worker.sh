# The tool of gearmand as a worker: gearman_worker.sh HOST PORT FUNCTION. A process of its own for each function, since a
# command is not told which it is run for. What the functions do is said in peers.hpp.
exec 3>&1 4<&0 # the commands' own input and output are the payload and the result
host=$1 port=$2 function=$3 lines=

case $function in
    # Reads all before it writes: the tool does not read while it writes.
    reverse) set -- perl -0777 -pe '$_ = reverse' ;;
    chunks) lines=-n && set -- sh -c 'cat >/dev/null; printf "one\ntwo\nthree\n"' ;;
    warn) set -- sh -c 'cat >/dev/null; printf careful >&2; printf done' ;;
    throw) set -- sh -c 'cat >/dev/null; printf "gone wrong" >&2; exit 1' ;;
    fail) set -- sh -c 'cat >/dev/null; exit 1' ;;
    progress)
        set -- sh -c 'payload=$(cat); [ "$payload" != hold ] || { echo holding >&3; read -r line <&4; }; printf done'
        ;;
    log)
        set -- sh -c 'payload=$(cat); [ "$payload" != hold ] || { echo holding >&3; read -r line <&4; }
            echo "ran  $payload" >&3; printf %s "$payload"'
        ;;
esac
exec gearman -w -h "$host" -p "$port" -f "$function" $lines -- "$@"
