"""What the demo decides before it starts anything: folder, port, and what it may delete."""

import socket

import pytest

from platform_site.devservices import demo
from platform_site.devservices.processes import CannotStart


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("DEMO_DIR", str(tmp_path / "demo"))
    return tmp_path / "demo"


def test_each_checkout_has_its_own_folder(monkeypatch, tmp_path):
    monkeypatch.delenv("DEMO_DIR", raising=False)
    here = demo.demo_folder()
    assert str(here).startswith("/var/tmp/union-platform-")
    monkeypatch.setattr(demo, "CHECKOUT", tmp_path)
    assert demo.demo_folder() != here


def test_reset_drops_the_demo_and_nothing_else(folder):
    assert demo.reset().startswith("Nothing to drop")
    folder.mkdir()
    (folder / "letters").touch()
    with pytest.raises(CannotStart, match="left alone"):
        demo.reset()
    with pytest.raises(CannotStart, match="other files"):
        demo.Demo(folder).prepare_folder()
    (folder / "letters").unlink()
    demo.Demo(folder).prepare_folder()
    demo.reset()
    assert not folder.exists()


def test_one_demo_at_a_time_in_a_folder(folder):
    demo.Demo(folder).prepare_folder()
    with demo._only_one(folder), pytest.raises(CannotStart, match="already runs"):
        demo.reset()
    demo.reset()


def test_a_taken_port_is_named_with_the_way_out(folder, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setenv("PORT", str(port))
        with pytest.raises(CannotStart, match=f"Port {port} is taken.*PORT={port + 1}"):
            demo.Demo(folder).start()


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1", "８０００"])
def test_a_port_must_be_one(folder, monkeypatch, port):
    monkeypatch.setenv("PORT", port)
    with pytest.raises(CannotStart, match="PORT must be a number"):
        demo.Demo(folder)


def test_what_was_done_is_skipped_until_its_sources_change(folder):
    started = demo.Demo(folder)
    started.prepare_folder()
    assert not started._done("migrate", "a")
    started._note("migrate", "a")
    assert started._done("migrate", "a")
    assert not started._done("migrate", "b")
    assert not started._done("migrate", "")  # a given database: never taken for done
