"""The one place that speaks to Kafka's client libraries. A change of client is a change here and nowhere else."""

from lotse_shared.messaging.kafka.consuming import Ahead, Consumer, TooMuchBad
from lotse_shared.messaging.kafka.producing import NotAcknowledged, Outgoing, Producer, Sent
from lotse_shared.messaging.kafka.reading import read_stretch
from lotse_shared.messaging.kafka.topic import WrongSettings, ensure_topic, offsets, renew_topic

__all__ = [
    "Ahead",
    "Consumer",
    "NotAcknowledged",
    "Outgoing",
    "Producer",
    "Sent",
    "TooMuchBad",
    "WrongSettings",
    "ensure_topic",
    "offsets",
    "read_stretch",
    "renew_topic",
]
