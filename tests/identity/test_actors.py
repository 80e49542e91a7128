"""Entries of the ledger in words: the sentence of the kind, and a name only for those who may know it."""

import ast
from uuid import uuid4

import pytest

from audit.queries import history_of
from identity.actors import TASKS, actor_label, history, names_of, sentence, subject_name
from identity.models import OrgUnit
from kernel.principal import Principal, system
from tests.architecture.source import docstrings, dotted, written_by_hand
from tests.factories import identity
from tests.factories.tenants import Tenant, member, tenant

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> Tenant:
    return tenant("buyer")


def changed_by(house: Tenant, *who: Principal) -> OrgUnit:
    """A unit with one entry by each of them."""
    with house.writing():
        unit = identity.unit(house.organization)
    for actor in who:
        with house.writing(actor) as trail:
            trail.record("org_unit.updated", subject=unit, details={"fields": ["name"]})
    return unit


def reader(house: Tenant, *permissions: str) -> Principal:
    return Principal(house.organization.id, None, uuid4(), permissions=frozenset(permissions))


def test_history_names_people_and_tasks_in_two_queries(house, django_assert_num_queries):
    """Members, former members and tasks are named, newest first; ten entries cost as many queries as one."""
    _account, kim = member(house, "it_admin")
    scan = system(house.organization.id, "scan")
    unit = changed_by(house, kim, scan, *[kim] * 8)
    with house.reading(), django_assert_num_queries(2):
        lines = history("identity.orgunit", str(unit.id), reader(house, "identity.membership.view"), 200)
    assert [line.actor for line in lines][-2:] == ["compliance scan (task)", "Kim Member"]
    assert {line.says for line in lines} == {"A department or cost centre was changed."}
    assert [line.sequence for line in lines] == sorted((line.sequence for line in lines), reverse=True)


def test_names_need_the_permission(house):
    """Who may not see who works here sees the beginning of a pseudonym, and tasks by their names."""
    _account, kim = member(house, "it_admin")
    unit = changed_by(house, kim, system(house.organization.id, "scan"))
    with house.reading():
        lines = history("identity.orgunit", str(unit.id), reader(house), 200)
    assert [line.actor for line in lines] == ["compliance scan (task)", str(kim.pseudonym)[:8]]


def test_accounts_of_other_organisations_stay_pseudonyms(house):
    """A pseudonym is resolved through memberships of the open organisation alone."""
    _account, stranger = member(tenant("buyer"), "owner")
    with house.reading():
        assert names_of([str(stranger.pseudonym)]) == {}
    assert actor_label(str(stranger.pseudonym), {}) == str(stranger.pseudonym)[:8]


def test_a_task_without_a_name_is_a_task(house):
    """A task that this release does not know, and an actor that is no pseudonym at all, are shown as they are."""
    assert actor_label(str(system(house.organization.id, "of the future").pseudonym), {}) == "a task of the system"
    assert actor_label("an importer of old", {}) == "an impor"
    assert sentence("future.happened") == "future.happened"
    assert subject_name("future.model") == "future.model"
    assert subject_name("") == ""
    assert subject_name("identity.orgunit") == "unit"


def test_all_tasks_have_names():
    """Each `system(…, "task")` and `task="…"` of the code stands in the list of names, and nothing else does."""
    named = set()
    for module in written_by_hand():
        prose = docstrings(module.tree)
        constants = {
            target.id: node.value.value
            for node in module.tree.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(module.tree):
            if not isinstance(node, ast.Call) or id(node) in prose:
                continue
            given = [*(node.args[1:2] if dotted(node.func).endswith("system") else [])]
            given += [word.value for word in node.keywords if word.arg == "task" and dotted(node.func) == "actor_of"]
            for one in given:
                named.add(constants.get(one.id) if isinstance(one, ast.Name) else getattr(one, "value", None))
    assert named - {None} == set(TASKS)


def test_the_query_of_a_row_is_the_one_with_the_index(house):
    """The history reads what audit.queries.history_of reads, and no more than was asked for."""
    unit = changed_by(house, *[system(house.organization.id, "scan")] * 3)
    with house.reading():
        assert len(history("identity.orgunit", str(unit.id), reader(house), 2)) == 2
        assert history_of("identity.orgunit", str(unit.id)).count() == 3
