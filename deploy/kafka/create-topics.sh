#!/usr/bin/env bash
# Create Portrait's topics where they are missing; existing ones are left as they are.
# Usage: create-topics.sh BOOTSTRAP_SERVER [REPLICATION_FACTOR]
set -euo pipefail

bootstrap=$1
replicas=${2:-1}
tools=${KAFKA_BIN:-/opt/kafka/bin}
ten_years_ms=315360000000

create() {  # TOPIC PARTITIONS CONFIG
  "$tools/kafka-topics.sh" --bootstrap-server "$bootstrap" --create --if-not-exists \
    --topic "$1" --partitions "$2" --replication-factor "$replicas" --config "$3"
}

# Profiles are a function of the log: what is no longer in it cannot be replayed.
# Customers are assigned to partitions by their key, so the number of partitions is for ever.
for kind in purchase browse feedback customer touch; do
  create "events.$kind" 12 "retention.ms=$ten_years_ms"
done
create events.dead 1 "retention.ms=$ten_years_ms"

# One partition: the learner's order of examples is the topic's order.
create learning.examples 1 "retention.ms=$ten_years_ms"

# The newest snapshot of each model is kept, older ones are not needed.
create learning.models 1 cleanup.policy=compact
