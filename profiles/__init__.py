"""What a customer becomes: sections, traits, learning tasks, the Redis keyspace. Knows no Kafka."""
