"""A resource of the tests alone, over a real table: what every resource of the API inherits."""

from __future__ import annotations

from django.urls import include, path, re_path
from rest_framework import serializers as rest

from platform_site.accounts.models import User
from platform_site.api import urls as api_urls
from platform_site.api.router import Router
from platform_site.api.serializers import ModelSerializer, NoteSerializer, Serializer
from platform_site.api.views import ResourceViewSet, step
from platform_site.problems import NotAllowed, Stale
from platform_site.text.rest import LineSerializerField


class PersonSerializer(ModelSerializer):
    class Meta:
        model = User
        fields = ["id", "username", "name", "date_joined", "version"]
        read_only_fields = ["id", "username", "date_joined", "version"]


class PersonChange(Serializer):
    name = LineSerializerField(max_length=64)
    tags = rest.ListField(child=rest.IntegerField(), required=False)


class PersonViewSet(ResourceViewSet):
    resource = "people"
    serializer_class = PersonSerializer
    bodies = {"partial_update": PersonChange}
    orderings = {"name": ("name", "id"), "joined": ("date_joined", "id")}
    default_ordering = "joined"
    filterset_fields = ()
    filter_fields = ("name",)
    queryset = User.objects.none()

    def get_queryset(self):
        people = User.objects.filter(username__startswith="listed")
        name = self.request.query_params.get("name")
        return people.filter(name=name) if name and self.action == "list" else people

    def partial_update(self, request, *args, **kwargs):
        return self.object_response(self._change(self.get_object(), **self._read()))

    def _read(self):
        return {"version": self.version_from_request(), **self.read_body()}

    def _change(self, person, *, version, name="", tags=()):
        if version != person.version:
            raise Stale("stale", "Somebody was faster.", version=person.version)
        person.name, person.version = name or person.name, person.version + 1
        person.save()
        return person

    @step("rename", body=NoteSerializer)
    def rename_person(self, request, person, *, version, note):
        """Give the person a new name."""
        return self._change(person, version=version, name=note)

    @step("seal")
    def seal_person(self, request, person, *, version):
        raise NotAllowed("not_yours", "Not yours to seal.")


router = Router()
router.register("people", PersonViewSet, basename="people")

api = [
    *api_urls.urlpatterns[:-2],
    re_path(r"^(?P<version>v1)/", include(router.urls)),
    *api_urls.urlpatterns[-1:],
]
urlpatterns = [path("api/", include((api, "api")))]
