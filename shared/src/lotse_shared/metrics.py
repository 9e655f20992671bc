"""Every metric of the platform: name, meaning, labels. No label holds a person or grows without bound."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

OUTBOX_UNSENT: Final = Gauge("lotse_outbox_unsent", "Facts written but not yet acknowledged by Kafka")
OUTBOX_AGE: Final = Gauge("lotse_outbox_oldest_unsent_age_seconds", "Age of the oldest unsent fact")
RELAY_LAST_ACK: Final = Gauge("lotse_relay_last_ack_timestamp_seconds", "When Kafka last acknowledged a record of ours")
LAG: Final = Gauge("lotse_consumer_lag_seconds", "How old the newest record is that was taken in, while more wait")
LAST_PROGRESS: Final = Gauge("lotse_consumer_last_progress_timestamp_seconds", "When a record was last taken in")
RED: Final = Gauge("lotse_consumer_red", "1 when the consumer stopped because too much was bad, or hangs")
DEAD_LETTERS: Final = Gauge("lotse_dead_letters_open", "Records waiting for a human", ["kind"])
PARKED: Final = Gauge("lotse_parked_subjects", "Subjects whose facts wait behind a failed one")
DUPLICATES: Final = Counter("lotse_duplicates_refused_total", "Records heard before and dropped")
CONFLICTS: Final = Counter("lotse_conflicts_total", "Known event ids that came with other content")
RECORDS_READ: Final = Counter("lotse_records_read_total", "Records read from Kafka, ticks included")
FACTS_HEARD: Final = Counter("lotse_facts_heard_total", "Facts taken in", ["type"])
FACTS_TOLD: Final = Counter("lotse_facts_told_total", "Facts written to the outbox", ["type"])
COMMANDS: Final = Counter("lotse_commands_total", "Commands by result", ["command", "result"])
COMMAND_SECONDS: Final = Histogram("lotse_command_seconds", "Time a command took", ["command"])
DUE_BEHIND: Final = Gauge("lotse_due_behind", "Deadlines that have come and were not looked at yet")
ERASURES_OPEN: Final = Gauge("lotse_erasures_open", "Erased people of whom something is yet to be emptied")
WATERMARK_AGE: Final = Gauge("lotse_watermark_age_seconds", "Age of the moment up to which reporting has heard all")
HTTP_REQUESTS: Final = Counter("lotse_http_requests_total", "Requests answered", ["method", "route", "status"])
HTTP_SECONDS: Final = Histogram("lotse_http_request_seconds", "Time a request took", ["method", "route"])
