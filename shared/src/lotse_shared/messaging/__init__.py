"""The way of facts between database and Kafka: outbox, relay, inbox, dead letters, deadlines."""
