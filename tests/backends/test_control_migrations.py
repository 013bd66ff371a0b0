"""What a migration of control.db makes, its way back takes away."""

import sqlite3
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

from onefold.backends.embedded.database import MIGRATIONS


def test_saved_views_come_and_go(tmp_path: Path) -> None:
    path = tmp_path / "control.db"
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("version_locations", str(MIGRATIONS / "control"))
    config.set_main_option("path_separator", "newline")
    engine = create_engine(f"sqlite:///{path}")

    def tables() -> set[str]:
        connection = sqlite3.connect(path)
        found = {row[0] for row in connection.execute("select name from sqlite_master")}
        connection.close()
        return found

    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0009_sign_on")
        connection.commit()
        before = tables()
        command.upgrade(config, "0010_saved_views")
        connection.commit()
        assert "saved_view" in tables() - before
        command.downgrade(config, "0009_sign_on")
        connection.commit()
        assert tables() == before
    engine.dispose()
