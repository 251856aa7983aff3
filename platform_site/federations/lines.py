"""The lines of business that notices, policies and everything else belong to."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class BusinessLine(models.TextChoices):
    """The five lines of business and the platform (“5+1”)."""

    SOCIAL_ORGANISATIONS = "social_organisations", _("labour-relations social organisations")
    OVERSEAS_NGOS = "overseas_ngos", _("overseas NGOs")
    NEW_STRATA = "new_strata", _("new social strata")
    THINK_TANKS = "think_tanks", _("labour-relations think tanks")
    INTERNATIONAL = "international", _("international NGO activities")
    PLATFORM = "platform", _("the platform")
