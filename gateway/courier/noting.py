"""What is kept of a delivery, in the transaction in which its message is noted as sent [5.1.4(6)]."""

from datetime import datetime

from gateway.courier.opening import Opened
from gateway.courier.recipients import Recipient
from storage.mailroom import Message
from storage.unit_of_work import UnitOfWork


async def noted(work: UnitOfWork, message: Message, recipient: Recipient, opened: Opened, at: datetime) -> None:
    """Keep nothing but the message itself."""
