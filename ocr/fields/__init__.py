"""What a paper says of itself (bóc tách dữ liệu): its fields, each with a confidence and its place."""

from ocr.fields.citizen_card import CitizenCard, parse_citizen_card
from ocr.fields.finding import FieldGathering, find_fields, find_read_fields, look_at
from ocr.fields.forms import field_titles
from ocr.fields.found import Band, Doubt, Field, FieldName, PaperFields, Spot, band_of

__all__ = [
    "Band",
    "CitizenCard",
    "Doubt",
    "Field",
    "FieldGathering",
    "FieldName",
    "PaperFields",
    "Spot",
    "band_of",
    "field_titles",
    "find_fields",
    "find_read_fields",
    "look_at",
    "parse_citizen_card",
]
