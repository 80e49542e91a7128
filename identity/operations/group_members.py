"""Members of a group who join and leave by hand."""

from collections.abc import Collection
from uuid import UUID

from django.utils.translation import gettext as _

from identity.models import DirectoryGroup
from identity.operations.provisioning.groups import change_group
from identity.queries.people import is_kept_by_directory
from identity.rules.provisioning import MemberChanges
from kernel.errors import Conflict
from kernel.trail import Trail


class GroupKept(Conflict):
    """A directory service keeps this group; its members are changed there."""

    code = "GROUP_KEPT_BY_DIRECTORY"


def change_members(
    *, group: DirectoryGroup, trail: Trail, joining: Collection[UUID] = (), leaving: Collection[UUID] = ()
) -> None:
    """Lets people join and leave. Raises GroupKept and what change_group raises."""
    if is_kept_by_directory(group):
        raise GroupKept(_("A directory service keeps %(name)s; change its members there.") % {"name": group})
    changes = MemberChanges()
    changes.add(joining)
    changes.remove(leaving)
    change_group(group_id=group.id, change=lambda same: same, members=changes, versions=None, trail=trail)
