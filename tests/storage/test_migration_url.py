import pytest

from labelyard.storage.database import Database
from labelyard.storage.migration import has_current_schema
from labelyard.storage.migration.run import migrate


@pytest.mark.parametrize("parameter", ["sslmode=prefer", "application_name=an operator's"])
async def test_a_url_with_parameters_of_libpq_is_migrated_as_it_is_opened(empty_database_url, parameter):
    url = f"{empty_database_url}{'&' if '?' in empty_database_url else '?'}{parameter}"

    await migrate(url)

    database = await Database.open(url, size=2)
    async with database.reader() as connection:
        assert await has_current_schema(connection)
    await database.close()
