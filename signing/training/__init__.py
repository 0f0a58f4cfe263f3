"""A training room's own keys (phòng tập huấn): CA and its services, token, all real and all marked.

Every certificate made here says TẬP HUẤN / TRAINING in its names. Nothing signed here binds anyone.
"""

from signing.training.authority import TrainingAuthority
from signing.training.pki import TRAINING_MARK, TrainingPki
from signing.training.remote import RemoteSigningServer
from signing.training.token import TRAINING_PIN, TrainingToken
from signing.training.tsa import TimestampServer

__all__ = [
    "TRAINING_MARK",
    "TRAINING_PIN",
    "RemoteSigningServer",
    "TimestampServer",
    "TrainingAuthority",
    "TrainingPki",
    "TrainingToken",
]
