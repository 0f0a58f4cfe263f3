"""Long work: jobs with progress, cancel and a result; one pool per resource (công việc nền)."""

from app.jobs.job import Cancelled, Job, Progress
from app.jobs.pools import Jobs, Resource

__all__ = ["Cancelled", "Job", "Jobs", "Progress", "Resource"]
