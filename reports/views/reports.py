"""Pages of reports: filling in, submitting, reviewing (architecture 3)."""

from django.http import HttpRequest, HttpResponse


def start_report(request: HttpRequest, pk) -> HttpResponse:
    return HttpResponse(status=501)


def report_list(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=501)


def report_detail(request: HttpRequest, pk) -> HttpResponse:
    return HttpResponse(status=501)


def fill_report(request: HttpRequest, pk) -> HttpResponse:
    return HttpResponse(status=501)


def fill_section(request: HttpRequest, pk, section: str) -> HttpResponse:
    return HttpResponse(status=501)


def save_answers(request: HttpRequest, pk) -> HttpResponse:
    return HttpResponse(status=501)


def sign_off_report(request: HttpRequest, pk) -> HttpResponse:
    return HttpResponse(status=501)


def submit_report(request: HttpRequest, pk) -> HttpResponse:
    return HttpResponse(status=501)


def report_submitted(request: HttpRequest, pk) -> HttpResponse:
    return HttpResponse(status=501)


def recall_report(request: HttpRequest, pk) -> HttpResponse:
    return HttpResponse(status=501)


def review_report(request: HttpRequest, pk) -> HttpResponse:
    return HttpResponse(status=501)


def return_report(request: HttpRequest, pk) -> HttpResponse:
    return HttpResponse(status=501)


def accept_report(request: HttpRequest, pk) -> HttpResponse:
    return HttpResponse(status=501)


def compare_versions(request: HttpRequest, pk) -> HttpResponse:
    return HttpResponse(status=501)


def report_version(request: HttpRequest, pk, number: int) -> HttpResponse:
    return HttpResponse(status=501)


def add_comment(request: HttpRequest, pk) -> HttpResponse:
    return HttpResponse(status=501)


def edit_comment(request: HttpRequest, pk) -> HttpResponse:
    return HttpResponse(status=501)


def remove_comment(request: HttpRequest, pk) -> HttpResponse:
    return HttpResponse(status=501)


def reply_to_comment(request: HttpRequest, pk) -> HttpResponse:
    return HttpResponse(status=501)
