"""What the uploader of a page says of a file before it sends it in parts."""

from __future__ import annotations

from django import forms


class AnnounceForm(forms.Form):
    filename = forms.CharField(max_length=500, strip=False)
    size = forms.IntegerField(min_value=0, max_value=2**40)
    sha256 = forms.RegexField(r"^[0-9a-f]{64}$")
    owner = forms.CharField(max_length=150, required=False)
