#!/bin/sh
# Makes a Redis Cluster of the nodes given as host:port, primaries first, each with one replica. Does nothing when
# the first node is in one already.
set -eu

first=$1
if redis-cli -h "${first%:*}" -p "${first##*:}" cluster info | grep -q '^cluster_state:ok'; then
  echo 'The cluster is there already.'
  exit 0
fi

# Nodes are introduced to one another by address: Redis takes no names there.
addresses=''
for node in "$@"; do
  address=$(getent ahostsv4 "${node%:*}" | awk 'NR == 1 { print $1 }')
  addresses="$addresses $address:${node##*:}"
done

# shellcheck disable=SC2086
redis-cli --cluster create $addresses --cluster-replicas 1 --cluster-yes
until redis-cli -h "${first%:*}" -p "${first##*:}" cluster info | grep -q '^cluster_state:ok'; do sleep 0.2; done
