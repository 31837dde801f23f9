"""A new column is described before it is shipped: `doctor --privacy` judges every text by its form."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from core.store.contents import TEXTS
from core.store.store import Store
from core.system.clock import ManualClock


def test_every_text_of_the_record_is_described_and_nothing_else(tmp_path: Path) -> None:
    database = tmp_path / "calmline.db"
    Store.open(database, ManualClock()).close()
    connection = sqlite3.connect(database)
    names = connection.execute(
        "SELECT m.name || '.' || c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c"
        " WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND c.type = 'TEXT'"
    )
    described = {name for (name,) in names}
    connection.close()
    assert described == set(TEXTS), "core/store/contents.py says what every text looks like"
