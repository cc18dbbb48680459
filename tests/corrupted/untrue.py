"""Attacks that are well formed and false: refused by the check, with exit status 1 (4: other data)."""

from collections.abc import Mapping

from attacks import Attack, sha256
from bases import BASES, tent
from wrong_form import HEAD, ROWS

DISTANCE, ALONG = "claim.separation_squared", "claim.separation_direction"
OTHER = "sha256:" + "0" * 64
NO_WITNESS: dict[str, object] = {"partitions": {}, "probes": []}
DETACHED: dict[str, object] = {
    "dataset.points": None,
    "dataset.labels": None,
    "digests.dataset": sha256(HEAD + ROWS),
}


def _false(
    name: str, rule: str, at: str, put: Mapping[str, object], base: str = "tent", *, note: str = ""
) -> Attack:
    return Attack(name, rule, at, put, base=base, status=1, note=note)


def _sizes() -> list[Attack]:
    made = []
    for base in ("tent", "argmax"):
        for name in ("width", "depth", "parameters", "edges", "bit_complexity"):
            size = BASES[base]()["claim"][name]
            for word, wrong in (("small", size - 1), ("large", size + 1)):
                if wrong >= 0:
                    at = f"claim.{name}"
                    made.append(_false(f"{name}_too_{word}_{base}", name, at, {at: wrong}, base))
    return made


def _labels() -> list[Attack]:
    made = []
    for i, label in enumerate(tent()["dataset"]["labels"]):
        # The classes stay all used: 0 -> 1, 1 -> 0; at the only 2, another sample becomes a 2.
        put = {f"dataset.labels.{i}": 1 - label if label < 2 else 1}
        if label == 2:
            put["dataset.labels.4"] = 2
        made.append(_false(f"label_changed_{i}", "equal", f"samples[{i}]", dict(put)))
    for i, label in enumerate(BASES["sign"]()["dataset"]["labels"]):
        put = {f"dataset.labels.{i}": -label}
        made.append(_false(f"sign_changed_{i}", "sign", f"samples[{i}]", dict(put), "sign"))
    for i, label in enumerate(BASES["argmax"]()["dataset"]["labels"]):
        put = {f"dataset.labels.{i}": 1 - label}
        made.append(_false(f"index_changed_{i}", "argmax", f"samples[{i}]", dict(put), "argmax"))
    return [
        *made,
        _false("labels_swapped", "equal", "samples[0]", {"dataset.labels": [1, 0, 2, 1, 0]}),
        _false("points_permuted", "equal", "samples[0]", {"dataset.points": [[1, 0], [0, 0], *_LAST_THREE]}),
        _false(
            "label_by_a_hair",
            "within",
            "samples[1]",
            {"dataset.labels.1": f"{2**50 * 3 // 4 - 1}/{2**50}"},
            "within",
        ),
    ]


_LAST_THREE = [[2, "1/2"], [3, 0], [4, -1]]
_BITS = "claim.bit_complexity"


def _weights() -> list[Attack]:
    edge: dict[str, object] = {"network.layers.0.indptr": [0, 2, 3], "network.layers.0.indices": [0, 1, 0]}
    edge |= {"network.layers.0.data": [1, 1, -1], "claim.edges": 6, "claim.parameters": 9}
    gone: dict[str, object] = {
        "network.layers.1.indptr": [0, 1],
        "network.layers.1.indices": [0],
        "network.layers.1.data": [-1],
    }
    gone |= {"claim.edges": 4, "claim.parameters": 7}
    fine = {"network.layers.0.data.0": "0x400000000000000001p-70", _BITS: 142}
    tie, zero = {"network.layers.0.bias.0": 2}, {"network.layers.0.bias.0": -4, _BITS: 4}
    first = "samples[0]"
    return [
        _false("weight_negated", "equal", "samples[1]", {"network.layers.0.data.1": 1}),
        _false("weight_off_by_2_to_minus_70", "equal", "samples[2]", fine),
        _false("weight_of_an_extra_edge", "equal", "samples[2]", edge),
        _false("weight_left_out", "equal", first, gone),
        _false("bias_changed", "equal", "samples[1]", {"network.layers.1.bias.0": 1, _BITS: 3}),
        _false("relu_left_out", "equal", first, {"network.layers.0.relu": False}),
        _false("columns_swapped", "equal", "samples[3]", {"network.layers.0.indices": [1, 0]}),
        _false("argmax_tie", "argmax", "samples[1]", tie, "argmax", note="a tie is no strict maximum"),
        _false("sign_of_zero", "sign", "samples[2]", zero, "sign", note="F = 0 has no sign"),
        _false("tolerance_too_tight", "within", first, {"claim.tolerance": "1/5"}, "within"),
        _false("tolerance_zero", "within", first, {"claim.tolerance": 0}, "within"),
        _false(
            "rule_tightened",
            "equal",
            first,
            {"claim.rule": "equal", "claim.tolerance": None, "claim.margin": None},
            "within",
        ),
    ]


def _except() -> list[Attack]:
    sign = {"dataset.labels.0": 1}
    return [
        _false("except_a_row_that_holds", "except", "samples[3]", {"claim.except": [3]}),
        _false("except_all_rows", "except", "samples[0]", {"claim.except": [0, 1, 2, 3, 4]}),
        _false("except_another_row", "equal", "samples[0]", {"dataset.labels.0": 1, "claim.except": [1]}),
        _false(
            "except_one_of_two",
            "equal",
            "samples[3]",
            {"dataset.labels": [1, 1, 2, 0, 0], "claim.except": [0]},
        ),
        _false(
            "except_long_label",
            "except",
            "samples[0]",
            _LONG,
            note="exact text of 5,000 digits is refused by CPython",
        ),
        _false(
            "margin_of_the_excepted_row",
            "margin",
            "claim.margin",
            sign | {"claim.except": [0], "claim.margin": -3},
            "sign",
        ),
    ]


_HUGE = "0x1p+20000"
_LONG = {
    "dataset.classes": None,
    "dataset.labels": [_HUGE, 1, 2, 1, 0],
    "claim.except": [0],
    "network.layers.2.bias": [_HUGE],
    "network.layers.2.data": [1],
    "claim.parameters": 9,
    "claim.bit_complexity": 20002,
}


def _geometry() -> list[Attack]:
    same = {"dataset.points": [[1, 0]] * 5, "dataset.labels": [1] * 5, "dataset.classes": None}
    same |= {"claim.data_radius_squared": 1, "witness": {"partitions": {}, "probes": []}}
    twice = {"dataset.points.4": [3, 0], "dataset.labels.4": 1, "claim.data_radius_squared": 9}
    twice |= {"witness": {"partitions": {}, "probes": []}}
    radius = "claim.data_radius_squared"
    long = {ALONG: [_HUGE, 0], DISTANCE: 2}
    return [
        _false("separation_larger", "separation", DISTANCE, {DISTANCE: "5/4"}),
        _false(
            "separation_smaller",
            "separation",
            DISTANCE,
            {DISTANCE: "1/2"},
            note="without direction it is exact",
        ),
        _false("separation_of_one_point", "separation", DISTANCE, same),
        _false("separation_of_one_point_along", "separation", DISTANCE, same | {ALONG: [1, 0]}),
        _false("separation_with_duplicates", "separation", DISTANCE, twice | {DISTANCE: "5/4"}),
        _false(
            "separation_along_too_large",
            "separation",
            DISTANCE,
            {ALONG: [2, 0], DISTANCE: "9007199254740991/9007199254740990"},
        ),
        _false(
            "separation_along_collapsed",
            "separation",
            DISTANCE,
            {ALONG: [0, 1]},
            note="two points, one projection",
        ),
        _false("separation_along_long_vector", "separation", DISTANCE, long),
        _false("radius_larger", "data_radius_squared", radius, {radius: 18}),
        _false("radius_smaller", "data_radius_squared", radius, {radius: 16}),
        _false("radius_not_squared", "data_radius_squared", radius, {radius: 4}),
        _false("margin_larger", "margin", "claim.margin", {"claim.margin": "3/2"}, "sign"),
        _false("margin_smaller", "margin", "claim.margin", {"claim.margin": "1/2"}, "sign"),
        _false("margin_larger_argmax", "margin", "claim.margin", {"claim.margin": 2}, "argmax"),
        _false("margin_against_the_last", "margin", "claim.margin", {"claim.margin": 3}, "argmax"),
        _false("margin_larger_within", "margin", "claim.margin", {"claim.margin": "1/8"}, "within"),
    ]


def _witness() -> list[Attack]:
    probe, other = "witness.probes.0", "witness.probes.1"
    at = "witness.probes[0], samples[{}]"
    unnamed = {"witness.partitions": {"": [0, 0, 0, 0, 0]}, f"{other}.partition": "", f"{other}.values": [0]}
    return [
        _false("probe_value_changed", "probe", at.format(4), {f"{probe}.values.4": 3}),
        _false(
            "probe_value_by_one_bit",
            "probe",
            "witness.probes[1], samples[3]",
            {f"{other}.values.1": f"{2**51 + 1}/{2**52}"},
        ),
        _false("probe_values_permuted", "probe", at.format(0), {f"{probe}.values": [1, 2, 0, 1, 2]}),
        _false("probe_coefficient_changed", "probe", at.format(0), {f"{probe}.coefficients": [1, 2]}),
        _false("probe_of_another_layer", "probe", at.format(0), {f"{probe}.after_layer": 0}),
        _false(
            "probe_of_another_neuron", "probe", "witness.probes[1], samples[0]", {f"{other}.neurons": [1]}
        ),
        _false(
            "probe_one_value_for_all",
            "probe",
            "witness.probes[1], samples[3]",
            unnamed,
            note="a partition without a name",
        ),
        _false(
            "partition_permuted",
            "probe",
            "witness.probes[1], samples[3]",
            {"witness.partitions.right": [0, 0, 0, 2, 1]},
        ),
        _false(
            "partition_merged",
            "probe",
            "witness.probes[1], samples[2]",
            {"witness.partitions.right": [0, 0, 1, 1, 2]},
        ),
    ]


def _digests() -> list[Attack]:
    data, network = "digests.dataset", "digests.network"
    raw = sha256(f"[{ROWS}]")
    renamed = {"dataset.classes": ["a", "b", "d"], data: sha256(HEAD + ROWS)}
    return [
        _false("digest_of_other_data", "digest", data, {data: OTHER}),
        _false("digest_of_raw_text", "digest", data, {data: raw}),
        _false("digest_of_other_network", "digest", network, {network: OTHER}),
        _false("digest_of_data_for_network", "digest", network, {network: sha256(HEAD + ROWS)}),
        _false("classes_renamed", "digest", data, renamed),
        _false("columns_renamed", "digest", data, {"dataset.columns": ["y", "x"], data: sha256(HEAD + ROWS)}),
        _false("columns_left_out", "digest", data, {"dataset.columns": None, data: sha256(HEAD + ROWS)}),
        _false(
            "digest_of_shifted_digits",
            "digest",
            data,
            {"dataset.points": [[1, 23], *_REST], data: _TWELVE, "dataset.columns": None},
        ),
    ]


_REST = [[1, 0], [2, "1/2"], [3, 0], [4, -1]]
_TWELVE = sha256(f"memcert-data/1 5 2\ncolumns null\n12 3{ROWS[3:]}")


def _beside(
    name: str, rule: str, at: str, data: str, put: Mapping[str, object], *, status: int = 4
) -> Attack:
    return Attack(name, rule, at, put, data=data, status=status)


def _given() -> list[Attack]:
    rows = ROWS.splitlines(keepends=True)
    permuted = HEAD + "".join([rows[1], rows[0], *rows[2:]])
    swapped = HEAD + ROWS.replace('0 0 "a"', '0 0 "b"').replace('1 0 "b"', '1 0 "a"')
    strange = HEAD + ROWS.replace('"c"', '"[green]accepted[/green]"')
    bare = HEAD + ROWS.replace('"a"', "0").replace('"b"', "1").replace('"c"', "2")
    words = {"dataset.points": None, "dataset.labels": None, "dataset.classes": None}
    fewer = HEAD + ROWS.replace('"c"', '"b"')
    lost = HEAD + ROWS.replace('2 1/2 "c"', '3 0 "b"')
    sign = {"claim.rule": "sign", "claim.margin": 0}
    at = "digests.dataset"
    return [
        _beside("data_permuted", "digest", at, permuted, {}),
        _beside("data_permuted_detached", "digest", at, permuted, DETACHED),
        _beside("data_labels_swapped", "digest", at, swapped, {}),
        _beside("data_labels_swapped_detached", "digest", at, swapped, DETACHED),
        _beside("data_column_renamed", "digest", at, HEAD.replace('"y"', '"z"') + ROWS, DETACHED),
        _beside("data_label_of_no_class", "digest", at, strange, {}),
        _beside("data_labels_numbered", "digest", at, bare, {}),
        _beside(
            "data_of_another_size",
            "size",
            "dataset",
            f"memcert-data/1 4 2\ncolumns null\n{''.join(rows[:4])}",
            {},
        ),
        _beside(
            "data_of_another_dimension",
            "size",
            "dataset",
            "memcert-data/1 5 1\ncolumns null\n" + '0 "a"\n' * 5,
            {},
        ),
        _beside(
            "detached_columns_swapped",
            "columns",
            "dataset.columns",
            HEAD + ROWS,
            {**DETACHED, "dataset.columns": ["y", "x"]},
            status=1,
        ),
        _beside("data_bound_to_a_lie", "digest", at, HEAD + ROWS, {at: OTHER}, status=1),
        _beside(
            "detached_label_of_no_class",
            "label",
            "samples[2]",
            strange,
            DETACHED | {at: sha256(strange)},
            status=1,
        ),
        _beside(
            "detached_label_in_words",
            "label",
            "samples[0]",
            HEAD + ROWS,
            words | {at: sha256(HEAD + ROWS)},
            status=1,
        ),
        _beside(
            "detached_class_unused", "equal", "samples[2]", fewer, DETACHED | {at: sha256(fewer)}, status=1
        ),
        _beside(
            "detached_class_lost",
            "classes",
            "dataset.classes",
            lost,
            {**DETACHED, at: sha256(lost), "witness": NO_WITNESS},
            status=1,
        ),
        _beside(
            "detached_sign_of_two", "label", "samples[0]", bare, words | sign | {at: sha256(bare)}, status=1
        ),
    ]


UNTRUE = [*_sizes(), *_labels(), *_weights(), *_except(), *_geometry(), *_witness(), *_digests(), *_given()]
