"""Scan profiles: written and read back, fitted to devices, never below what archives accept."""

import tomllib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner import (
    BlankPolicy,
    Capabilities,
    ColorMode,
    DeviceOption,
    NoteCode,
    OptionKind,
    Profile,
    ScanError,
    ScanFault,
    ScanRequest,
    SeparateBy,
    Separation,
    Source,
    export_profiles,
    import_profiles,
    shipped_profiles,
)
from scanner.fitting import takes

ALL = Capabilities(
    sources=(Source.FLATBED, Source.FEEDER, Source.DUPLEX),
    modes=(ColorMode.COLOR, ColorMode.GREY, ColorMode.BITONAL),
    resolutions=(150, 200, 300, 400, 600),
    max_width_mm=216,
    max_height_mm=356,
    options=(
        DeviceOption("brightness", "Brightness", OptionKind.NUMBER, value=0, least=-127, most=127, step=1),
        DeviceOption(
            "df-action",
            "DF action",
            OptionKind.CHOICE,
            value="Default",
            choices=("Default", "Continue", "Stop"),
        ),
        DeviceOption("df-thickness", "DF thickness", OptionKind.SWITCH, value=False),
        DeviceOption("df-length", "DF length", OptionKind.SWITCH, value=False),
        DeviceOption("swskip", "Skip blanks", OptionKind.NUMBER, value=5.0, least=0, most=100),
        DeviceOption("page-loaded", "Page loaded", OptionKind.SWITCH, value=True, settable=False),
        DeviceOption("dropout", "Dropout", OptionKind.CHOICE, value="None", choices=("None", "Red")),
    ),
)
PLAIN = Capabilities((Source.FLATBED,), (ColorMode.GREY,), (150, 240, 600), 210, 290)


def usual(**values) -> Profile:
    return Profile(**{"name": "a4", "title": "Giấy tờ", **values})


def field_of(error: pytest.ExceptionInfo[ScanError]) -> object:
    assert error.value.fault is ScanFault.PROFILE_BAD
    return error.value.facts["field"]


names = st.text("abc019-", min_size=1, max_size=12)
titles = st.text(
    st.characters(min_codepoint=33, max_codepoint=0x1EF9, exclude_categories=("C", "Z", "M")), min_size=1
)
values = st.one_of(
    st.booleans(),
    st.integers(-(2**62), 2**62),
    st.floats(allow_nan=False),
    st.text(st.characters(exclude_categories=("Cs",)), max_size=20),
)
separations = st.builds(
    Separation,
    by=st.sampled_from(SeparateBy),
    prefix=st.text(st.characters(exclude_categories=("Cs",)), max_size=10),
    keeps_sheet=st.booleans(),
    count=st.integers(1, 999),
    in_sheets=st.booleans(),
)
profiles = st.builds(
    Profile,
    name=names,
    title=titles.map(lambda text: text[:40]),
    source=st.just(Source.FEEDER),
    duplex=st.booleans(),
    mode=st.sampled_from(ColorMode),
    dpi=st.integers(200, 1200),
    width_mm=st.floats(1, 300),
    height_mm=st.integers(1, 400),
    brightness=st.integers(-100, 100),
    multifeed=st.sampled_from([True, False, None]),
    blank_policy=st.sampled_from(BlankPolicy),
    separation=separations,
    options=st.dictionaries(names, values, max_size=4).map(lambda options: tuple(options.items())),
    locked=st.booleans(),
)


@given(profiles)
def test_a_profile_is_read_back_as_it_was(profile):
    assert Profile.from_toml(profile.to_toml()) == profile


@given(st.lists(profiles, min_size=1, max_size=4, unique_by=lambda profile: profile.name))
def test_several_in_one_file_keep_their_order(several):
    assert list(import_profiles(export_profiles(several))) == several


def test_the_shipped_profiles_hold_what_the_rules_ask():
    by_name = {profile.name: profile for profile in shipped_profiles()}
    assert list(by_name) == ["giay-to-a4", "giay-to-a4-hai-mat", "anh-ban-do", "giay-a5", "the"]
    first = by_name["giay-to-a4"]
    assert (first.mode, first.dpi, first.width_mm, first.height_mm) == (ColorMode.COLOR, 300, 210, 297)
    assert by_name["giay-to-a4-hai-mat"].duplex
    assert by_name["anh-ban-do"].dpi >= 300
    assert first.separation == Separation(SeparateBy.CODES, "SOHOA:TACH:1:")


@pytest.mark.parametrize("material", ["map", "photo"])
def test_maps_and_photographs_are_scanned_at_300_dpi_at_least(material):
    assert usual(dpi=200).for_material(material).dpi == 300
    assert usual(dpi=600, locked=True).for_material(material).dpi == 600
    with pytest.raises(ValueError, match="material"):
        usual().for_material("film")


def test_nothing_goes_below_200_dpi():
    for make in (lambda: usual(dpi=199), lambda: usual().changed(dpi=150)):
        with pytest.raises(ScanError) as error:
            make()
        assert error.value.fault is ScanFault.RESOLUTION_TOO_LOW
    with pytest.raises(ScanError) as error:
        Profile.from_toml('[[profile]]\nname = "a"\ntitle = "A"\ndpi = 100\n')
    assert (error.value.fault, error.value.facts["profile"]) == (ScanFault.RESOLUTION_TOO_LOW, 1)


def test_a_locked_profile_stays_as_it_is():
    with pytest.raises(ScanError) as error:
        usual(locked=True).changed(dpi=400)
    assert (error.value.fault, error.value.facts) == (ScanFault.PROFILE_LOCKED, {"profile": "a4"})
    assert usual().changed(dpi=400).dpi == 400


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("name = 7", "name"),
        ('name = "A4"', "name"),
        ('name = "../a"', "name"),
        ('title = ""', "title"),
        (r'title = "a\nb"', "title"),
        ('source = "tray"', "source"),
        ("source = 1", "source"),
        ('source = "duplex"', "source"),
        ('source = "flatbed"\nduplex = true', "source"),
        ("duplex = 1", "duplex"),
        ('mode = "sepia"', "mode"),
        ("dpi = 300.0", "dpi"),
        ("dpi = true", "dpi"),
        ("dpi = 2401", "dpi"),
        ("width_mm = nan", "width_mm"),
        ("height_mm = 0", "height_mm"),
        ("brightness = 101", "brightness"),
        ('multifeed = "maybe"', "multifeed"),
        ('blank_policy = "drop"', "blank_policy"),
        ('separation = "codes"', "separation"),
        ('separation = { by = "codes", every = 2 }', "separation"),
        ("separation = { count = 0 }", "separation"),
        ("separation = { count = true }", "separation"),
        ("options = { x = [1] }", "options"),
        ("options = { x = 2026-01-01 }", "options"),
        ("locked = 0", "locked"),
        ("colour = 1", "colour"),
    ],
)
def test_a_wrong_value_is_named(line, field):
    lines = {"name": 'name = "a"', "title": 'title = "A"'}
    lines = {key: text for key, text in lines.items() if not line.startswith(key)}
    text = "\n".join(["[[profile]]", 'name = "first"', 'title = "1"', "[[profile]]", *lines.values(), line])
    with pytest.raises(ScanError) as error:
        import_profiles(text)
    assert field_of(error) == field
    assert error.value.facts["profile"] in ((2,) if field in line else (0, 2))


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("", "profile"),
        ("[[profile", "toml"),
        ("profile = 1", "profile"),
        ("profile = [1]", "profile"),
        ("[profile]\nname = 'a'", "profile"),
        ("other = 1\n[[profile]]\nname = 'a'\ntitle = 'A'", "other"),
        ("[[profile]]\nname = 'a'", "title"),
        ("[[profile]]\ntitle = 'A'", "name"),
        ("[[profile]]\nname = 'a'\ntitle = 'A'\n[[profile]]\nname = 'a'\ntitle = 'B'", "name"),
        ("x = " + "[" * 100_000, "toml"),
        ("# " + "x" * 1_000_001, "toml"),
    ],
)
def test_a_text_that_holds_no_profiles_is_refused(text, field):
    with pytest.raises(ScanError) as error:
        import_profiles(text)
    assert field_of(error) == field


def test_one_profile_is_asked_for_and_two_are_there():
    with pytest.raises(ScanError) as error:
        Profile.from_toml(export_profiles([usual(), usual(name="b")]))
    assert field_of(error) == "profile"


@given(st.text(max_size=60))
def test_any_other_text_is_refused_with_a_code(text):
    with pytest.raises(ScanError) as error:
        import_profiles(text)
    assert error.value.fault is ScanFault.PROFILE_BAD


def test_none_is_written_as_a_word_that_people_understand():
    table = tomllib.loads(usual(multifeed=None).to_toml())["profile"][0]
    assert table["multifeed"] == "device"


def test_a_device_that_can_do_everything_gives_no_note():
    fitted = usual(duplex=True, brightness=50, options=(("dropout", "Red"),)).fitted(ALL)
    assert fitted.notes == ()
    assert fitted.request == ScanRequest(
        source=Source.DUPLEX,
        options=(
            ("swskip", 0),
            ("brightness", 63),
            ("df-action", "Stop"),
            ("df-thickness", True),
            ("dropout", "Red"),
        ),
    )
    assert usual(duplex=True).request(ALL) == usual(duplex=True).fitted(ALL).request


def test_what_a_device_lacks_is_said_and_not_dropped_in_silence():
    profile = usual(duplex=True, brightness=10, height_mm=297, options=(("dropout", "Red"),))
    fitted = profile.fitted(PLAIN)
    assert fitted.request == ScanRequest(
        source=Source.FLATBED, mode=ColorMode.GREY, dpi=600, width_mm=210, height_mm=290
    )
    noted = {note.code: dict(note.facts) for note in fitted.notes}
    assert noted == {
        NoteCode.TURN_OVER_BY_HAND: {"wanted": "duplex", "given": "flatbed"},
        NoteCode.OTHER_MODE: {"wanted": "color", "given": "grey"},
        NoteCode.FINER: {"wanted": 300, "given": 600},
        NoteCode.SMALLER: {"wanted_width": 210, "wanted_height": 297, "width": 210, "height": 290},
        NoteCode.NO_BRIGHTNESS: {"wanted": 10},
        NoteCode.NO_MULTIFEED: {},
        NoteCode.NO_OPTION: {"option": "dropout"},
    }


def test_the_profile_itself_wins_over_what_is_made_of_it():
    fitted = usual(options=(("df-action", "Continue"), ("swskip", 2.5))).fitted(ALL)
    assert dict(fitted.request.options) == {"swskip": 2.5, "df-action": "Continue", "df-thickness": True}


@pytest.mark.parametrize(
    ("multifeed", "options"),
    [
        (True, {"swskip": 0, "df-action": "Stop", "df-thickness": True}),
        (False, {"swskip": 0, "df-action": "Continue", "df-thickness": False}),
        (None, {"swskip": 0}),
    ],
)
def test_two_sheets_at_once_as_the_profile_says(multifeed, options):
    assert dict(usual(multifeed=multifeed).request(ALL).options) == options


@pytest.mark.parametrize(("name", "value"), [("dropout", "Green"), ("brightness", 128), ("df-length", "yes")])
def test_a_value_that_an_option_does_not_take_is_said(name, value):
    fitted = usual(multifeed=None, options=((name, value),)).fitted(ALL)
    assert [(note.code, note.fact("option")) for note in fitted.notes] == [(NoteCode.BAD_VALUE, name)]
    assert name not in dict(fitted.request.options)


def test_a_sensor_is_no_option_to_set():
    fitted = usual(options=(("page-loaded", True),)).fitted(ALL)
    assert [note.code for note in fitted.notes] == [NoteCode.NO_OPTION]


@pytest.mark.parametrize(
    ("there", "asked", "least", "given", "code"),
    [
        ((200, 600), 300, 200, 600, NoteCode.FINER),
        ((200, 240), 300, 200, 240, NoteCode.COARSER),
        ((300,), 300, 300, 300, None),
        ((150, 200), 300, 300, None, None),
        ((100, 150), 300, 200, None, None),
        ((), 300, 200, None, None),
    ],
)
def test_resolutions_are_fitted_upwards_first(there, asked, least, given, code):
    device = replace(ALL, resolutions=there)
    if given is None:
        with pytest.raises(ScanError) as error:
            usual(dpi=asked).fitted(device, least_dpi=least)
        assert error.value.fault is ScanFault.RESOLUTION_TOO_LOW
        return
    fitted = usual(dpi=asked).fitted(device, least_dpi=least)
    assert fitted.request.dpi == given
    assert [note.code for note in fitted.notes] == ([code] if code else [])


@pytest.mark.parametrize("lacking", ["sources", "modes"])
def test_a_device_with_nothing_to_scan_with_is_refused(lacking):
    with pytest.raises(ScanError) as error:
        usual().request(replace(ALL, **{lacking: ()}))
    assert error.value.fault is ScanFault.UNSUPPORTED


def test_which_values_an_option_takes():
    number = DeviceOption("n", "", OptionKind.NUMBER, least=0, most=2)
    only = DeviceOption("n", "", OptionKind.NUMBER, choices=(0, 90))
    assert [takes(number, value) for value in (0, 2, 3, -1, True, "1")] == [
        True,
        True,
        False,
        False,
        False,
        False,
    ]
    assert [takes(only, value) for value in (90, 45)] == [True, False]
    assert takes(DeviceOption("t", "", OptionKind.TEXT), "x")
    assert not takes(DeviceOption("b", "", OptionKind.BUTTON), True)
    assert not takes(DeviceOption("c", "", OptionKind.CHOICE), "x")
