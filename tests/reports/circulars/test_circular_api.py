"""Circulars in the REST API."""

from __future__ import annotations

import json
import uuid

import pytest

from .conftest import LATE

pytestmark = pytest.mark.django_db


class TestApi:
    def test_the_whole_way(self, played, api_for, national_officer, national_leader):
        officer, leader = api_for(national_officer), api_for(national_leader)
        [line_of, *_rest] = officer.get(f"/api/v1/ledger/?notice={played.pk}").json()["results"]
        body = {
            "title": "关于报送情况的通报",
            "rounds": [line_of["round"]],
            "as_of": "2026-09-28",
            "lists": ["late", "silent", "table"],
        }

        def send(client, method, address, given, version=None):
            headers = {"if-match": f'"v{version}"'} if version else {}
            return getattr(client, method)(
                f"/api/v1/circulars/{address}",
                json.dumps(given),
                content_type="application/json",
                headers=headers,
            )

        made = send(officer, "post", "", body)
        assert made.status_code == 201
        circular = made.json()
        assert circular["steps"] == ["set-line"]
        changed = send(
            officer, "post", f"{circular['id']}/set-line/",
            {"federation": LATE, "remark": "请加强校核。"}, 1,
        ).json()  # fmt: skip
        read = leader.get(f"/api/v1/circulars/{circular['id']}/").json()
        assert read["digest"] == changed["digest"]
        old = send(leader, "post", f"{circular['id']}/approve/", {"digest": circular["digest"]}, 2)
        assert old.status_code == 412
        done = send(leader, "post", f"{circular['id']}/approve/", {"digest": read["digest"]}, 2)
        assert done.json()["state"] == "approved"
        done = send(officer, "post", f"{circular['id']}/issue/", {}, 3)
        assert done.json()["state"] == "issued"

    def test_a_round_out_of_sight_is_pointed_at(self, played, api_for, national_officer):
        answer = api_for(national_officer).post(
            "/api/v1/circulars/",
            json.dumps(
                {
                    "title": "通报",
                    "rounds": [str(played.round.pk), str(uuid.uuid4())],
                    "as_of": "2026-09-28",
                }
            ),
            content_type="application/json",
        )
        assert answer.status_code == 422
        assert [each["pointer"] for each in answer.json()["errors"]] == ["/rounds/1"]
