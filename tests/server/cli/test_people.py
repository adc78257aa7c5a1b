"""`labelyard user` and `labelyard key` on a database of their own."""

from __future__ import annotations

import pytest

from labelyard.storage.database import Database
from tests.common.command import Done

PASSWORD = "correct horse battery"
NOBODY = "There is no user no@body.org; `labelyard user list` shows all, `labelyard user create` makes one."


@pytest.fixture
async def ada(tell) -> str:
    """The first administrator."""
    await tell("user", "create", "ada@example.org", "--role", "ADMIN", "--name", "Ada King Lovelace")
    return "ada@example.org"


async def rows(url: str, statement: str) -> list[dict[str, object]]:
    database = await Database.open(url, size=1)
    async with database.reader() as connection:
        found = [dict(row) for row in await connection.fetch(statement)]
    await database.close()
    return found


async def test_the_first_user_must_be_an_administrator(run, tell):
    refused = await run("user", "create", "ada@example.org")

    assert refused == Done(1, [], ["labelyard: The first user of an organization administers it: add `--role ADMIN`."])
    assert len(await tell("user", "list")) == 1


async def test_the_first_administrator_makes_the_organization(tell, own_database_url):
    (line,) = await tell(
        "user", "create", "Ada@Example.org", "--role", "ADMIN", "--name", "Ada King", "--password-stdin",
        said=PASSWORD + "\n",
    )  # fmt: skip

    (row,) = await rows(own_database_url, "select * from user_account")
    assert line == f"ada@example.org is a user now, with the id {row['id']}."
    assert (row["firstname"], row["lastname"], row["activated"]) == ("Ada", "King", True)
    assert row["password_hash"].startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await tell("user", "list") == [
        "EMAIL            ROLE   ACTIVE  PASSWORD  KEYS  NAME      ORGANIZATION",
        "ada@example.org  ADMIN  yes     yes       0     Ada King  My organization",
    ]


async def test_others_are_users_of_the_one_organization(tell, ada):
    await tell("user", "create", "bob@example.org")

    assert (await tell("user", "list"))[2].split() == [
        "bob@example.org",
        "USER",
        "yes",
        "no",
        "0",
        "My",
        "organization",
    ]


async def test_a_key_is_printed_once_and_kept_as_a_digest(tell, ada, own_database_url):
    (key,) = await tell("key", "create", "ADA@example.org", "--name", "ci", "--days", "30")

    (row,) = await rows(own_database_url, "select *, expires_at - created_at as life from api_key")
    assert key.startswith("ly_")
    assert len(key) == 46
    assert key not in str(row)
    assert (row["name"], row["hint"], row["life"].days) == ("ci", key[:7] + "…", 30)


async def test_keys_are_listed_and_revoked(tell, ada):
    for name in ("first", "second"):
        await tell("key", "create", ada, "--name", name)
    head, first, second = await tell("key", "list")
    key_id = first.split()[0]

    assert head.split() == ["ID", "KEY", "EMAIL", "STATE", "CREATED", "EXPIRES", "NAME"]
    assert [first.split()[2:4], first.split()[-1]] == [[ada, "live"], "first"]
    assert await tell("key", "revoke", key_id) == [f"The key {key_id} of {ada} is revoked."]
    assert await tell("key", "revoke", key_id) == [f"The key {key_id} of {ada} was revoked before."]
    assert [line.split()[3] for line in await tell("key", "list", ada)] == ["STATE", "revoked", "live"]
    assert (await tell("key", "list", ada))[2].split() == second.split()


async def test_there_are_twenty_live_keys_at_most(tell, run, ada):
    for _ in range(20):
        await tell("key", "create", ada)

    refused = await run("key", "create", ada)

    assert refused.code == 1
    assert refused.complaints[0].startswith("labelyard: [quotaReached] A user has at most 20 keys")


async def test_a_new_password_ends_the_sessions(tell, ada, own_database_url):
    database = await Database.open(own_database_url, size=1)
    async with database.transaction() as connection:
        await connection.fetch(
            "insert into login_session (id, user_id, digest, expires_at) select 's', id, 'd', now() + interval '1 hour' "
            "from user_account"
        )
    await database.close()

    assert await tell("user", "password", ada, said=PASSWORD) == ["The password of ada@example.org is set."]
    assert await rows(own_database_url, "select * from login_session") == []


@pytest.mark.parametrize("command", ["user password", "key create"])
async def test_who_was_invited_is_let_in(run, tell, ada, own_database_url, command):
    await tell("user", "create", "eve@example.org")
    database = await Database.open(own_database_url, size=1)
    async with database.transaction() as connection:
        await connection.fetch("update user_account set activated = false where email = 'eve@example.org'")
        await connection.fetch(
            "insert into project (id, organization_id, title, input_type) select 'p', organization_id, 'P', 'TEXT' "
            "from user_account where email = 'eve@example.org'"
        )
        await connection.fetch(
            "insert into project_user (id, project_id, user_id, role, invitation_status) select 'm', 'p', id, 'LABELER', "
            "'PENDING' from user_account where email = 'eve@example.org'"
        )
    await database.close()

    done = await run(*command.split(), "eve@example.org", said=PASSWORD)

    assert done.code == 0
    assert any("active, and" in line for line in [*done.lines, *done.complaints])
    (row,) = await rows(
        own_database_url,
        "select u.activated, m.invitation_status from project_user m join user_account u on u.id = m.user_id",
    )
    assert row == {"activated": True, "invitation_status": "ACCEPTED"}


async def test_a_second_organization_is_made_and_named(run, tell, ada):
    await tell("user", "create", "zoe@example.org", "--role", "ADMIN", "--new-organization", "Other")

    refused = await run("user", "create", "yan@example.org")
    await tell("user", "create", "yan@example.org", "--organization", "Other")

    assert refused.complaints[0].startswith("labelyard: Several organizations come into question, name one with")
    assert [line.split()[-1] for line in await tell("user", "list")] == [
        "ORGANIZATION",
        "organization",
        "Other",
        "Other",
    ]


@pytest.mark.parametrize(
    ("arguments", "said", "refusal"),
    [
        ("user create ada", "", "'ada' is not an e-mail address; write one such as ada@example.org."),
        ("user create x@y.z --role BOSS", "", "A role in an organization is ADMIN or USER, not 'BOSS'."),
        ("user create x@y.z --organization X", "", "There is no organization 'X'; `labelyard user list` shows them."),
        ("user create x@y.z --password-stdin", "", "A password has 8 to 256 characters, not 0."),
        (
            "user password ada@example.org",
            "password",
            "This password is among the first that are tried; choose another.",
        ),
        ("user password no@body.org", PASSWORD, NOBODY),
        ("key create no@body.org", "", NOBODY),
        ("key list no@body.org", "", NOBODY),
        ("key revoke nope", "", "There is no key with the id 'nope'; `labelyard key list` shows their ids."),
        ("key create ada@example.org --name=", "", "The name of a key has 1 to 500 characters, not 0."),
    ],
)
async def test_a_refusal_is_one_line(run, ada, arguments, said, refusal):
    assert await run(*arguments.split(), said=said) == Done(1, [], [f"labelyard: {refusal}"])


async def test_an_address_is_taken_once(run, ada):
    refused = await run("user", "create", "ADA@example.org")

    assert "an entity User already exists with value ada@example.org" in refused.complaints[0]


async def test_what_people_are_called_cannot_move_the_cursor(tell, ada):
    await tell("user", "create", "eve@example.org", "--name", "Eve \x1b[2J\nRoot")

    assert "Eve ?[2J?Root" in (await tell("user", "list"))[2]


async def test_a_place_without_data_is_told_and_stays_empty(run, monkeypatch, tmp_path):
    monkeypatch.delenv("LABELYARD_DATABASE_URL")
    for command in ("user list", "user password a@b.c", "key list", "key create a@b.c", "key revoke x"):
        refused = await run(*command.split(), "--data-dir", str(tmp_path / "nowhere"))
        assert refused.complaints[0].startswith(f"labelyard: There is no labelyard data in {tmp_path / 'nowhere'};")
    assert not (tmp_path / "nowhere").exists()
