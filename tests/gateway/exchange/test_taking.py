from tests.gateway.exchange.made import *
from storage import tables

async def test_one(parts, tmp_path):
    path = put(tmp_path, sheet(*(case(at) for at in range(5))))
    told = await take(parts, path)
    assert outcomes(told) == {"TAKEN_IN": 5}, reasons(told)
    assert outcomes(await take(parts, path)) == {"ALREADY_THERE": 5}
    assert await count(parts, tables.restraint_cases) == 5
    path = put(tmp_path, sheet(*(case(at) for at in range(5)))+"\r\n", "b.csv")
    assert outcomes(await take(parts, path)) == {"UNCHANGED": 5}
    path = put(tmp_path, sheet(*(case(at, 失信事实="另一事实") for at in range(5))), "c.csv")
    assert outcomes(await take(parts, path)) == {"CHANGED": 5}
    assert await count(parts, tables.access_entries) == 10
