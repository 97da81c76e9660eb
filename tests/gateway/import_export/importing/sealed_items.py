"""The sealed items of the only case, opened and written."""

from sqlalchemy import update

from credit.subjects.subject import Place, Sealed
from storage import tables
from tests.gateway.import_export.synthetic_cases import every


async def opened(services, item: str) -> str:
    """Decrypt an item of the only case, as the product's disclosure does."""
    (row,) = await every(services, tables.restraint_cases)
    (key,) = await every(services, tables.subject_keys)
    place = Place("restraint_cases", item, row["subject_id"], row["case_id"], row["version"])
    return services.keyring.open(Sealed(place, row[f"{item}_sealed"], key["wrapped"]))


async def facts(services) -> str:
    return await opened(services, "facts")


async def seal_beside(services, **items: str) -> None:
    """Give the only case further sealed items."""
    (row,) = await every(services, tables.restraint_cases)
    (key,) = await every(services, tables.subject_keys)
    values = {}
    for item, text in items.items():
        place = Place("restraint_cases", item, row["subject_id"], row["case_id"], row["version"])
        values |= {f"{item}_sealed": services.keyring.seal(text, place, key["wrapped"]), f"{item}_mask": "［已隐去］"}
    async with services.database.writing() as session:
        await session.execute(update(tables.restraint_cases).values(**values))
