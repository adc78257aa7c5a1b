"""Who is behind a header, one request or many at once."""

import asyncio

import pytest

from domain.secret import digest_of
from server.edge.authentication import Authenticator, key_in


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ("X-API-Key: abc", "abc"),
        ("x-api-key:   abc ", "abc"),
        ("X-API-Key abc", "abc"),
        ("Bearer abc", "abc"),
        ("Bearer: abc", "abc"),
        ("Basic abc", None),
        ("X-API-Key:", None),
        ("X-API-Key: ", None),
        ("", None),
        (None, None),
    ],
)
def test_the_key_of_a_header(header, key):
    assert key_in(header) == key


class Gated(Authenticator):
    """Look-ups wait until they are let through."""

    def __init__(self, database):
        super().__init__(database)
        self.gate, self.asked = asyncio.Event(), []

    async def actors_of(self, digests):
        self.asked.append(len(digests))
        await self.gate.wait()
        return await super().actors_of(digests)


def digest(person):
    return digest_of(person.key)


async def test_those_who_come_meanwhile_are_looked_up_together(organization, database):
    people = [organization.admin, await organization.person(), await organization.person()]
    authenticator = Gated(database)

    asked = [asyncio.create_task(authenticator.actor_of(digest(people[0])))]
    await asyncio.sleep(0)
    digests = [digest(people[number % 3]) for number in range(30)] + [digest_of("nobody")]
    asked += [asyncio.create_task(authenticator.actor_of(key)) for key in digests]
    await asyncio.sleep(0)
    authenticator.gate.set()
    found = await asyncio.gather(*asked)

    assert [actor and actor.user_id for actor in found] == [
        people[0].id,
        *(people[number % 3].id for number in range(30)),
        None,
    ]
    assert authenticator.asked == [1, 4]
    assert (await authenticator.actor_of(digest(people[1]))).user_id == people[1].id


async def test_a_key_revoked_during_a_look_up_is_refused_to_those_who_come_after(organization, database):
    person = await organization.person()
    authenticator = Gated(database)
    first = asyncio.create_task(authenticator.actor_of(digest(organization.admin)))
    await asyncio.sleep(0)

    await database.pool.execute("update api_key set revoked_at = now() where user_id = $1", person.id)
    later = asyncio.create_task(authenticator.actor_of(digest(person)))
    await asyncio.sleep(0)
    authenticator.gate.set()

    assert (await first).user_id == organization.admin.id
    assert await later is None


async def test_a_failed_look_up_fails_all_who_wait_for_it_and_nobody_after(organization, database, monkeypatch):
    authenticator = Gated(database)
    asked = [asyncio.create_task(authenticator.actor_of(digest(organization.admin))) for _ in range(4)]
    await asyncio.sleep(0)
    monkeypatch.setattr("server.edge.authentication.find_actors", broken)
    authenticator.gate.set()

    assert [str(error) for error in await asyncio.gather(*asked, return_exceptions=True)] == ["away"] * 4

    monkeypatch.undo()
    assert (await authenticator.actor_of(digest(organization.admin))).user_id == organization.admin.id


async def broken(_connection, _digests):
    raise OSError("away")


async def test_who_hangs_up_while_waiting_disturbs_nobody(organization, database):
    authenticator = Gated(database)
    asked = [asyncio.create_task(authenticator.actor_of(digest(organization.admin))) for _ in range(3)]
    await asyncio.sleep(0)
    asked[1].cancel()
    await asyncio.sleep(0)
    authenticator.gate.set()

    assert (await asked[0]).user_id == (await asked[2]).user_id == organization.admin.id
