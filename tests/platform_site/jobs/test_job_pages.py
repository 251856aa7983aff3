"""The pages of jobs: how far, what came of it, what went wrong; one's own and nobody else's."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from platform_site.jobs import services
from platform_site.jobs.kinds import Result
from platform_site.jobs.models import Job
from platform_site.web import health

from .conftest import a_file

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(client_for, guangdong_officer):
    return client_for(guangdong_officer)


def html(client, job, **headers) -> str:
    answer = client.get(job.get_absolute_url(), headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def test_while_it_waits_the_page_asks_for_its_middle(client, begin):
    health.beat(health.WORKER)
    page = html(client, begin(a_file))
    assert "排队中" in page
    assert 'hx-trigger="every 2s"' in page
    assert "取消任务" in page
    assert "刷新" in page, "without scripts too"
    assert "目前没有后台进程" not in page


@pytest.mark.parametrize("seen", [None, timezone.timedelta(minutes=5)])
def test_it_says_so_when_no_worker_lives(client, begin, seen):
    if seen:
        health.beat(health.WORKER, timezone.now() - seen)
    assert "目前没有后台进程在运行" in html(client, begin(a_file))


def test_how_far_it_is(client, begin):
    pages = []

    def work(task):
        task.say("正在汇总广东")
        task.progress(40, 160)
        pages.append(html(client, task.job))
        return Result()

    services.run_job(begin(work).pk)
    assert "40 / 160 (25%)" in pages[0]
    assert 'max="160" value="40"' in pages[0]
    assert "正在汇总广东" in pages[0]


def test_the_middle_alone_and_the_end_of_asking(client, begin):
    job = begin(a_file)
    part = html(client, job, hx_request="true")
    assert "<html" not in part
    assert "every 2s" in part
    services.run_job(job.pk)
    part = html(client, job, hx_request="true")
    assert "every 2s" not in part
    assert 'hx-swap-oob="true"' in part
    assert "汇总.txt" in part


def test_the_file_is_downloaded(client, begin):
    job = services.run_job(begin(a_file).pk)
    page = html(client, job)
    assert job.result.get_absolute_url() in page
    assert "共1行。" in page
    answer = client.get(job.result.get_absolute_url())
    assert b"".join(answer.streaming_content).decode() == "汇总"
    assert "attachment" in answer["Content-Disposition"]


def test_a_result_that_is_a_page(client, begin):
    job = services.run_job(begin(lambda task: Result(url="/w/notices/")).pk)
    page = html(client, job)
    assert "查看结果" in page
    assert 'href="/w/notices/"' in page


def test_what_went_wrong(client, begin):
    def work(task):
        raise RuntimeError("boom")

    page = html(client, services.run_job(begin(work).pk))
    assert "未能完成" in page
    assert "boom" not in page
    assert "Traceback" not in page


def test_cancelling(client, begin):
    job = begin(a_file)
    address = reverse("job-cancel", args=[job.pk])
    page = client.post(address, {"version": job.version}, follow=True).content.decode()
    assert "任务已取消" in page
    page = client.post(address, {"version": job.version}, follow=True).content.decode()
    assert "不能再取消" in page
    assert client.post(address, {"version": "x"}).status_code == 302
    assert client.get(address).status_code == 405


def test_nobody_else_finds_it(begin, client_for, hunan_officer, guangdong_head, auditor):
    job = services.run_job(begin(a_file).pk)
    for person in (hunan_officer, guangdong_head, auditor):
        other = client_for(person)
        assert other.get(job.get_absolute_url()).status_code == 404
        assert other.get(job.get_absolute_url(), headers={"hx-request": "true"}).status_code == 404
        assert other.post(reverse("job-cancel", args=[job.pk])).status_code == 404
        assert other.get(job.result.get_absolute_url()).status_code == 404
        assert "试验任务" not in other.get(reverse("job-list")).content.decode()


def test_the_list_needs_as_many_queries_for_three_as_for_one(client, begin):
    def queries() -> int:
        client.get(reverse("job-list"))
        with CaptureQueriesContext(connection) as captured:
            page = client.get(reverse("job-list"))
        assert "汇总.txt" in page.content.decode()
        return len(captured)

    services.run_job(begin(a_file).pk)
    one = queries()
    for _time in range(2):
        services.run_job(begin(a_file).pk)
    assert queries() == one
    assert one <= 12


def test_the_page_of_a_job_needs_few_queries(client, begin):
    def work(task):
        for n in range(30):
            task.say(f"第{n}行")
        return a_file(task)

    job = services.run_job(begin(work).pk)
    html(client, job)
    with CaptureQueriesContext(connection) as captured:
        html(client, job)
    assert len(captured) <= 12


def test_in_english_too(client_for, guangdong_officer, begin):
    guangdong_officer.language = "en"
    guangdong_officer.save(update_fields=["language"])
    page = html(client_for(guangdong_officer), services.run_job(begin(a_file).pk))
    assert "The result is ready" in page
    assert "Download" in page


def test_an_empty_list_says_what_comes_here(client):
    assert not Job.objects.exists()
    assert "还没有后台任务" in client.get(reverse("job-list")).content.decode()
