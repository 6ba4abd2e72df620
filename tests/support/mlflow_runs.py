"""MLflow runs of stages, as stages leave them."""

from components.shared.execution import reports, tracking
from components.shared.execution.sending import Delivery


def status(run_id: str | None) -> str:
    """How a run stands."""
    assert run_id is not None
    return str(tracking.client().get_run(run_id).info.status)


def left_running(task: str, key: str) -> str:
    """A task's run as one leaves it that is killed."""
    report = reports.begin(task, key, tracking.pipeline_run_id())
    opened = tracking.open_nested(reports.read(report)[0])
    report.unlink()
    return opened.run_id


def has_all(delivery: Delivery) -> bool:
    """Whether the server has everything of a report that was said so far."""
    return delivery.ended or (
        delivery.run_id is not None and delivery.sent == len(reports.read(delivery.path)[1])
    )
