"""Attacks that are no certificates at all: refused while the file is read, with exit status 3."""

import json
import struct
import zlib

from attacks import Attack, Raw, spelled
from bases import tent

BIAS = "network.layers.0.bias.0"
AT_BIAS = "network.layers[0].bias[0]"


def stored_gzip(content: bytes) -> bytes:
    """Return a gzip member of one stored block: the same bytes whatever zlib is installed."""
    block = struct.pack("<BHH", 1, len(content), len(content) ^ 0xFFFF) + content
    end = struct.pack("<II", zlib.crc32(content), len(content))
    return b"\x1f\x8b\x08" + bytes(5) + b"\x02\xff" + block + end


def _numbers() -> list[Attack]:
    raw = {
        "minus_zero": "-0",
        "exponent": "1e2",
        "decimal_point": "1.0",
        "nan": "NaN",
        "infinity": "Infinity",
        "minus_infinity": "-Infinity",
        "digits_5000": "1" * 5000,
        "eighteen_digits": "1" * 18,
    }
    spellings = {
        "two_to_the_53": 2**53,
        "minus_two_to_the_53": -(2**53),
        "true_as_one": True,
        "null": None,
        "array": [1],
        "object": {"p": 1, "q": 2},
        "empty_text": "",
        "unreduced": "2/4",
        "denominator_one": "1/1",
        "denominator_zero": "1/0",
        "denominator_negative": "1/-2",
        "plus_sign": "+1",
        "zero_over": "0/3",
        "leading_zero": "01/3",
        "space_before": " 1/2",
        "space_after": "1/2 ",
        "line_feed_after": "1/2\n",
        "underscore": "1_0/3",
        "unicode_digits": "\uff11/3",
        "small_in_quotes": "5",
        "decimal_in_quotes": "0.5",
        "exponent_in_quotes": "1e3",
        "unbounded": "unbounded",
        "decimal_too_long": "9007199254740993/2",
        "hex_small": "0x5",
        "hex_capitals": "0xABCDEFABCDEFABCD",
        "hex_capital_x": "0X20000000000001",
        "hex_leading_zero": "0x0abcdefabcdefabcd",
        "hex_underscore": "0xabcd_efabcdefabcd",
        "hex_even_without_power": "0xabcdefabcdefabcdee",
        "even_mantissa": "0x2p+60",
        "power_zero": "0x20000000000001p+0",
        "power_minus_zero": "0x1p-0",
        "power_leading_zero": "0x1p+060",
        "power_small": "0x3p-1",
        "power_without_sign": "0x1p60",
        "power_decimal_mantissa": "1p+60",
        "quotient_unreduced": "0x20000000000002/0x20000000000006",
        "quotient_of_power_of_two": "0x1/0x40000000000000",
        "quotient_small": "0x1/0x3",
        "quotient_by_zero": "0x1/0x0",
        "quotient_minus_below": "0x20000000000001/-0x3",
    }
    made = [Attack(f"number_{k}", "number", "file", {BIAS: Raw(v)}) for k, v in raw.items()]
    return made + [Attack(f"number_{k}", "number", AT_BIAS, {BIAS: v}) for k, v in spellings.items()]


def _json() -> list[Attack]:
    text = spelled(tent())
    plain = text.encode()
    packed = stored_gzip(plain)
    damaged = packed[:60] + b"?" + packed[61:]
    broken = {
        "byte_order_mark": b"\xef\xbb\xbf" + plain,
        "utf_8_overlong": plain.replace(b"by hand", b"by \xc0\xaf"),
        "utf_8_cut": plain.replace(b"by hand", b"by \xe2\x82"),
        "utf_16": text.encode("utf-16"),
        "text_after_the_end": plain + b"{}",
        "cut": plain[:-3],
        "empty_file": b"",
        "only_spaces": b" \n",
        "random_bytes": bytes(range(256)),
        "single_quotes": plain.replace(b'"by hand"', b"'by hand'"),
        "comment": plain.replace(b"{\n", b"{ // hello\n", 1),
        "comma_after_last": plain.replace(b"\n}\n", b",\n}\n"),
        "control_character": plain.replace(b"by hand", b"by\x00hand"),
        "line_feed_in_text": plain.replace(b"by hand", b"by\nhand"),
        "key_twice": plain.replace(b' "model": null', b' "model": null, "model": null'),
        "key_twice_at_depth": plain.replace(b'"width": 2', b'"width": 2, "width": 1'),
        "key_twice_by_escape": plain.replace(b'"width": 2', b'"width": 2, "w\\u0069dth": 2'),
        "brackets_unclosed": b"[" * 3000,
        "array": b"[]",
        "null": b"null",
        "text": b'"memcert/1"',
    }
    at_type = {"array", "null", "text"}
    made = [Attack(f"json_{k}", "type" if k in at_type else "json", "file", raw=v) for k, v in broken.items()]
    gz = {
        "cut": packed[:-9],
        "header_only": packed[:2],
        "damaged": damaged,
        "two_members": packed + packed,
        "something_after": packed + b"\n",
        "wrong_length": packed[:-1] + b"\x01",
    }
    made += [Attack(f"gzip_{k}", "gzip", "file", raw=v, suffix="json.gz") for k, v in gz.items()]
    return [*made, Attack("gzip_of_no_json", "json", "file", raw=stored_gzip(b"x"), suffix="json.gz")]


def _keys() -> list[Attack]:
    deep = json.loads("[" * 400 + "]" * 400)
    return [
        Attack("format_missing", "format", "format", drop=("format",)),
        Attack("format_number", "format", "format", {"format": 1}),
        Attack("format_of_another_tool", "format", "format", {"format": "vipr/1"}),
        Attack("format_nested", "format", "format", {"format": deep}),
        Attack("format_later", "format", "format", {"format": "memcert/2"}, status=5),
        Attack("key_missing", "keys", "claim", drop=("claim.margin",)),
        Attack("key_unknown", "keys", "claim", {"claim.accepted": True}),
        Attack("key_unknown_at_top", "keys", "file", {"accepted": True}),
        Attack("key_unknown_markup", "keys", "claim", {"claim.[green]accepted[/green]": 1}),
        Attack("key_unknown_escape", "keys", "claim", {"claim.\u001b[32maccepted\u001b[0m\n": 1}),
        Attack("key_in_python_spelling", "keys", "claim", {"claim.excepted": []}, drop=("claim.except",)),
        Attack("witness_missing", "keys", "file", drop=("witness",)),
        Attack("witness_null", "type", "witness", {"witness": None}),
        Attack("outline_missing", "keys", "file", drop=("blocks",)),
        Attack("claim_array", "type", "claim", {"claim": []}),
        Attack("rule_unknown", "word", "claim.rule", {"claim.rule": "accepted"}),
        Attack("rule_capitals", "word", "claim.rule", {"claim.rule": "Equal"}),
        Attack("rule_number", "type", "claim.rule", {"claim.rule": 1}),
        Attack("relu_one", "type", "network.layers[0].relu", {"network.layers.0.relu": 1}),
        Attack("relu_null", "type", "network.layers[0].relu", {"network.layers.0.relu": None}),
        Attack("size_true", "type", "dataset.size", {"dataset.size": True}),
        Attack("width_negative", "type", "claim.width", {"claim.width": -2}),
        Attack("width_text", "type", "claim.width", {"claim.width": "2"}),
        Attack("surrogate_in_name", "string", "dataset.name", {"dataset.name": "\ud800"}),
        Attack("surrogate_in_class", "string", "dataset.classes[0]", {"dataset.classes.0": "\udfff"}),
        Attack("surrogate_in_key", "string", "annotations", {"annotations.\ud800": "x"}),
        Attack("annotation_number", "type", "annotations.made", {"annotations.made": 1}),
        Attack("annotation_markup", "type", "annotations.'[/red]'", {"annotations.[/red]": 1}),
        Attack("annotation_cyrillic", "type", "annotations.'\\u043c'", {"annotations.\u043c": 1}),
        Attack("construction_text", "type", "construction", {"construction": "theorem"}),
        Attack("number_deeply_nested", "number", AT_BIAS, {BIAS: deep}),
    ]


def _csr() -> list[Attack]:
    first, second = "network.layers.0", "network.layers.1"
    row = "network.layers[1], row 0"
    back = {f"{first}.indptr": [0, 2, 1, 2], f"{first}.shape": [3, 2], f"{first}.bias": [0, 0, 0]}
    back |= {f"{first}.indices": [0, 1]}
    return [
        Attack("layers_none", "layers", "network.layers", {"network.layers": []}),
        Attack("layers_null", "type", "network.layers", {"network.layers": None}),
        Attack("column_twice", "indices", row, {f"{second}.indices": [0, 0]}, note="sum against last wins"),
        Attack("columns_unsorted", "indices", row, {f"{second}.indices": [1, 0]}),
        Attack("column_too_large", "indices", row, {f"{second}.indices": [0, 2]}),
        Attack("column_negative", "type", "network.layers[1].indices[0]", {f"{second}.indices": [-1, 0]}),
        Attack("zero_stored", "zero", "network.layers[1].data", {f"{second}.data": [0, -1]}),
        Attack("indptr_from_one", "indptr", "network.layers[0]", {f"{first}.indptr": [1, 1, 2]}),
        Attack("indptr_short_of_end", "indptr", "network.layers[0]", {f"{first}.indptr": [0, 1, 1]}),
        Attack("indptr_beyond_end", "indptr", "network.layers[0]", {f"{first}.indptr": [0, 1, 3]}),
        Attack("indptr_backwards", "indptr", "network.layers[0].indptr[2]", back),
        Attack("indptr_too_short", "length", "network.layers[0].indptr", {f"{first}.indptr": [0, 2]}),
        Attack("indptr_empty", "length", "network.layers[0].indptr", {f"{first}.indptr": []}),
        Attack("data_short", "length", "network.layers[0].data", {f"{first}.data": [1]}),
        Attack("bias_short", "length", "network.layers[0].bias", {f"{first}.bias": [-2]}),
        Attack("bias_long", "length", "network.layers[0].bias", {f"{first}.bias": [-2, 2, 0]}),
        Attack("layer_of_no_neuron", "shape", "network.layers[0]", {f"{first}.shape": [0, 2]}),
        Attack("shape_of_other_input", "shape", "network.layers[1]", {f"{second}.shape": [1, 3]}),
        Attack("shape_overflow", "length", "network.layers[0].bias", {f"{first}.shape": [2**52, 2]}),
        Attack("shape_overflow_twice", "shape", "network.layers[0]", {f"{first}.shape": [2**52, 2**52]}),
        Attack("shape_of_three", "length", "network.layers[0].shape", {f"{first}.shape": [2, 2, 1]}),
        Attack("input_size_not_d", "shape", "network.input_size", {"network.input_size": 3}),
    ]


def _samples() -> list[Attack]:
    at, data = "dataset.classes", "dataset"
    none = {"dataset.size": 0, "dataset.points": [], "dataset.labels": [], "dataset.classes": None}
    return [
        Attack("samples_none", "size", data, none),
        Attack("dimension_zero", "shape", "network.input_size", {"dataset.dimension": 0}),
        Attack("points_short", "length", "dataset.points", {"dataset.points": [[0, 0]]}),
        Attack("point_ragged", "length", "dataset.points[1]", {"dataset.points.1": [1]}),
        Attack("labels_short", "length", "dataset.labels", {"dataset.labels": [0, 1, 2, 1]}),
        Attack("points_null_alone", "detached", data, {"dataset.points": None}),
        Attack("labels_null_alone", "detached", data, {"dataset.labels": None}),
        Attack("detached_unbound", "detached", data, {"dataset.points": None, "dataset.labels": None}),
        Attack("columns_short", "length", "dataset.columns", {"dataset.columns": ["x"]}),
        Attack("label_no_class", "label", "dataset.labels[4]", {"dataset.labels.4": 3}),
        Attack("label_negative", "label", "dataset.labels[4]", {"dataset.labels.4": -1}),
        Attack("label_fraction", "label", "dataset.labels[4]", {"dataset.labels.4": "1/2"}),
        Attack("label_text", "number", "dataset.labels[4]", {"dataset.labels.4": "a"}),
        Attack("classes_permuted", "classes", at, {"dataset.classes": ["b", "a", "c"]}),
        Attack("classes_repeated", "classes", at, {"dataset.classes": ["a", "a", "b"]}),
        Attack("class_unused", "classes", at, {"dataset.classes": ["a", "b", "c", "d"]}),
        Attack("classes_mixed", "classes", at, {"dataset.classes": [1, "b", "c"]}),
        Attack("classes_none", "classes", at, {"dataset.classes": []}),
        Attack("class_fraction", "classes", at, {"dataset.classes": [1, 2, "1/2"]}),
        Attack("class_float", "number", "file", {"dataset.classes.2": Raw("2.5")}),
        Attack("sign_label_zero", "label", "dataset.labels[0]", {"dataset.labels.0": 0}, base="sign"),
        Attack("sign_label_two", "label", "dataset.labels[2]", {"dataset.labels.2": 2}, base="sign"),
        Attack("sign_three_classes", "classes", at, {"dataset.classes": ["a", "b", "c"]}, base="sign"),
        Attack("sign_one_class", "label", "dataset.labels[2]", {"dataset.classes": ["a"]}, base="sign"),
        Attack("argmax_label_beyond", "label", "dataset.labels[2]", {"dataset.labels.2": 2}, base="argmax"),
        Attack("argmax_label_minus", "label", "dataset.labels[2]", {"dataset.labels.2": -1}, base="argmax"),
        Attack("argmax_names_short", "classes", at, {"dataset.classes": ["a"]}, base="argmax"),
        Attack("argmax_names_twice", "classes", at, {"dataset.classes": ["a", "a"]}, base="argmax"),
        Attack("within_classes", "classes", at, {"dataset.classes": ["a", "b"]}, base="within"),
        Attack("argmax_one_output", "outputs", "network", {"claim.rule": "argmax"}),
        Attack("equal_two_outputs", "outputs", "network", {"claim.rule": "equal"}, base="argmax"),
        Attack("sign_two_outputs", "outputs", "network", {"claim.rule": "sign"}, base="argmax"),
    ]


def _claims() -> list[Attack]:
    along, distance = "claim.separation_direction", "claim.separation_squared"
    everything = {"claim.except": [0, 1, 2, 3, 4], "claim.margin": 1}
    return [
        Attack("tolerance_negative", "tolerance", "claim.tolerance", {"claim.tolerance": -1}, base="within"),
        Attack("tolerance_null", "tolerance", "claim.tolerance", {"claim.tolerance": None}, base="within"),
        Attack("tolerance_beside_equal", "tolerance", "claim.tolerance", {"claim.tolerance": 1}),
        Attack("tolerance_zero_beside_equal", "tolerance", "claim.tolerance", {"claim.tolerance": 0}),
        Attack("tolerance_beside_sign", "tolerance", "claim.tolerance", {"claim.tolerance": 1}, base="sign"),
        Attack("except_beyond", "except", "claim.except", {"claim.except": [5]}),
        Attack("except_repeated", "except", "claim.except", {"claim.except": [1, 1]}),
        Attack("except_unsorted", "except", "claim.except", {"claim.except": [2, 1]}),
        Attack("except_negative", "type", "claim.except[0]", {"claim.except": [-1]}),
        Attack("separation_zero", "separation", distance, {distance: 0}),
        Attack("separation_negative", "separation", distance, {distance: -1}),
        Attack("direction_zero", "separation", along, {along: [0, 0]}),
        Attack("direction_short", "separation", along, {along: [1]}),
        Attack("direction_of_nothing", "separation", along, {along: [1, 0], distance: None}),
        Attack("margin_beside_equal", "margin", "claim.margin", {"claim.margin": 0}),
        Attack("margin_of_no_row", "margin", "claim.margin", everything, base="sign"),
        Attack("box_radius_negative", "box_radius", "claim.box_radius", {"claim.box_radius": -1}),
        Attack("box_radius_infinite", "number", "claim.box_radius", {"claim.box_radius": "infinite"}),
        Attack("box_radius_false", "number", "claim.box_radius", {"claim.box_radius": False}),
        Attack("digest_without_name", "digest", "digests.network", {"digests.network": "0" * 64}),
        Attack("digest_capitals", "digest", "digests.network", {"digests.network": "sha256:" + "A" * 64}),
        Attack("digest_short", "digest", "digests.dataset", {"digests.dataset": "sha256:" + "0" * 63}),
        Attack("digest_md5", "digest", "digests.dataset", {"digests.dataset": "md5:" + "0" * 32}),
        Attack("digest_line_feed", "digest", "digests.dataset", {"digests.dataset": f"sha256:{'0' * 64}\n"}),
    ]


def _witness() -> list[Attack]:
    probe, at = "witness.probes.0", "witness.probes[0]"
    classes, where = "witness.partitions.right", "witness.partitions.'right'"
    return [
        Attack("partition_short", "length", where, {classes: [0, 0, 0, 1]}),
        Attack("partition_empty", "length", where, {classes: []}),
        Attack("partition_negative", "type", "witness.partitions.right[0]", {classes: [-1, 0, 0, 1, 2]}),
        Attack("partition_unknown", "partition", "witness.probes[1]", {"witness.probes.1.partition": "left"}),
        Attack("partition_beyond_values", "length", "witness.probes[1].values", {classes: [0, 0, 0, 1, 3]}),
        Attack("partition_huge_class", "length", "witness.probes[1].values", {classes: [0, 0, 0, 1, 2**52]}),
        Attack("probe_after_last_layer", "after_layer", at, {f"{probe}.after_layer": 4}),
        Attack("probe_no_neuron", "neurons", at, {f"{probe}.neurons": [], f"{probe}.coefficients": []}),
        Attack("probe_neuron_beyond", "neurons", at, {f"{probe}.neurons": [0, 2]}),
        Attack("probe_neuron_twice", "neurons", at, {f"{probe}.neurons": [0, 0]}),
        Attack("probe_neurons_permuted", "neurons", at, {f"{probe}.neurons": [1, 0]}),
        Attack("probe_coefficients_short", "length", f"{at}.coefficients", {f"{probe}.coefficients": [1]}),
        Attack("probe_values_short", "length", f"{at}.values", {f"{probe}.values": [2, 1, 0, 1]}),
        Attack("probe_values_long", "length", f"{at}.values", {f"{probe}.values": [2, 1, 0, 1, 2, 3]}),
        Attack("probe_values_null", "type", f"{at}.values", {f"{probe}.values": None}),
    ]


def _outline() -> list[Attack]:
    neurons, term = "blocks.0.neurons", "contracts.0.inputs.0.is"
    case = "contracts[0].cases[0]"
    model: dict[str, object] = {
        "name": "m",
        "format": "onnx",
        "files": [{"name": "m.onnx", "digest": "sha256:00"}],
    }
    model |= {"lowering": 1, "options": {}, "notes": []}
    return [
        Attack("range_backwards", "range", "blocks[0].neurons[0][0]", {neurons: [[[2, 1]]]}),
        Attack("range_empty", "range", "blocks[0].neurons[0][0]", {neurons: [[[1, 1]]]}),
        Attack("range_of_three", "length", "blocks[0].neurons[0][0]", {neurons: [[[0, 1, 2]]]}),
        Attack("neuron_negative", "type", "blocks[0].neurons[0][0]", {neurons: [[-1]]}),
        Attack("monomial_empty", "length", "contracts[0].inputs[0].is[0]", {term: [[]]}),
        Attack("monomial_without_coefficient", "number", "contracts[0].inputs[0].is[0]", {term: [["y"]]}),
        Attack("monomial_of_number", "type", "contracts[0].inputs[0].is[0]", {term: [[1, 2]]}),
        Attack(
            "dropped_number", "type", "contracts[0].inputs[0].dropped", {"contracts.0.inputs.0.dropped": 0}
        ),
        Attack("relation_strict", "word", f"{case}.requires[0]", {"contracts.0.cases.0.requires.0.0": "<"}),
        Attack("relation_in_ensures", "word", f"{case}.ensures[0]", {"contracts.0.cases.0.ensures.0.1": ">"}),
        Attack("hint_array", "type", "blocks[0].with", {"blocks.0.with": []}),
        Attack("hint_float", "number", "file", {"blocks.0.with.k": Raw("0.5")}),
        Attack("promise_text", "number", "claim.promises[0].values.r", {"claim.promises": [_PROMISE]}),
        Attack("model_digest", "digest", "model.files[0].digest", {"model": model}),
        Attack("model_option_array", "type", "model.options.p", {"model": model | {"options": {"p": []}}}),
    ]


_PROMISE = {"kind": "sign", "values": {"r": "x) (assert false"}}
HEAD = 'memcert-data/1 5 2\ncolumns ["x", "y"]\n'
ROWS = '0 0 "a"\n1 0 "b"\n2 1/2 "c"\n3 0 "b"\n4 -1 "a"\n'


def _data() -> list[Attack]:
    damaged = {
        "empty": ("", "line 1"),
        "of_another_format": (f"memcert-data/2 5 2\ncolumns null\n{ROWS}", "line 1"),
        "size_underscore": (f"memcert-data/1 0_5 2\ncolumns null\n{ROWS}", "line 1"),
        "size_text": (f"memcert-data/1 five 2\ncolumns null\n{ROWS}", "line 1"),
        "size_zero": ("memcert-data/1 0 2\ncolumns null\n", "line 1"),
        "columns_missing": (f"memcert-data/1 5 2\n{ROWS}", "line 2"),
        "columns_numbers": (f"memcert-data/1 5 2\ncolumns [1, 2]\n{ROWS}", "line 2"),
        "columns_object": (f"memcert-data/1 5 2\ncolumns {{}}\n{ROWS}", "line 2"),
        "columns_nested": (f"memcert-data/1 5 2\ncolumns {'[' * 5000}{']' * 5000}\n{ROWS}", "line 2"),
        "columns_spaced": (f'memcert-data/1 5 2\ncolumns ["x","y"]\n{ROWS}', "line 2"),
        "row_missing": (HEAD + ROWS[: ROWS.index("4 -1")], "line 7"),
        "row_more": (HEAD + ROWS + '5 0 "a"\n', "line 8"),
        "row_short": (HEAD + ROWS.replace("3 0", "3"), "line 6"),
        "row_long": (HEAD + ROWS.replace("3 0", "3 0 0"), "line 6"),
        "two_spaces": (HEAD + ROWS.replace("3 0", "3  0"), "line 6"),
        "carriage_return": (HEAD + ROWS.replace("\n", "\r\n"), "line 3"),
        "no_last_line_feed": (HEAD + ROWS[:-1], "line 7"),
        "number_float": (HEAD + ROWS.replace("3 0", "3.0 0"), "line 6"),
        "number_minus_zero": (HEAD + ROWS.replace("3 0", "3 -0"), "line 6"),
        "number_leading_zero": (HEAD + ROWS.replace("3 0", "03 0"), "line 6"),
        "number_nan": (HEAD + ROWS.replace("3 0", "nan 0"), "line 6"),
        "label_unquoted": (HEAD + ROWS.replace('"c"', "c"), "line 5"),
        "label_not_ascii": (HEAD + ROWS.replace('"c"', '"\u00e7"'), "line 5"),
        "label_escaped_needlessly": (HEAD + ROWS.replace('"c"', '"\\u0063"'), "line 5"),
        "label_cut": (HEAD + ROWS.replace('"c"', '"c'), "line 5"),
        "label_true": (HEAD + ROWS.replace('"c"', "true"), "line 5"),
    }
    numbers = {"row_long", "two_spaces", "label_unquoted", "label_true"}
    return [
        Attack(
            f"data_{k}",
            "number" if k.startswith("number") or k in numbers else "data",
            at,
            data=text,
        )
        for k, (text, at) in damaged.items()
    ]


WRONG_FORM = [
    *_numbers(),
    *_json(),
    *_keys(),
    *_csr(),
    *_samples(),
    *_claims(),
    *_witness(),
    *_outline(),
    *_data(),
]
