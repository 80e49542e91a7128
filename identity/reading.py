"""Notes who looks at people of the directory: one event for each page, answer or file, whatever stands on it."""

from audit.operations import note_read
from identity.models import Person
from kernel.clock import SystemClock
from kernel.principal import Principal

PAGE, REST, ADMIN, GRAPHQL, EXPORT = "page", "rest", "admin", "graphql", "export"
LABEL = Person._meta.label_lower


def note_person(reader: Principal, person: Person, *, through: str) -> None:
    note_read(actor=reader, subject_type=LABEL, subject_id=str(person.id), purpose=through, at=SystemClock().now())


def note_people(reader: Principal, count: int, *, through: str) -> None:
    """A list of so many people; an empty one is no read."""
    note_read(actor=reader, subject_type=LABEL, purpose=through, count=count, at=SystemClock().now())
