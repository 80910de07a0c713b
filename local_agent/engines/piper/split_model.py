"""A Piper voice cut in two: text to latent frames, and latent frames to samples.

The second half, the vocoder, takes two thirds of the time and looks only a few frames around each, so with it apart the
first third of a second can be heard before the rest is computed (docs/decisions/two-halves.md). The weights of each lie
in a file beside it, which ONNX Runtime maps: processes that speak with the same voice share them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import onnx
from onnx.external_data_helper import set_external_data

from local_agent.weights.derived import derived

BORDER = "/dec/conv_pre/Conv"  # the vocoder's first node in every voice that Piper exports
APART = 4096  # bytes from which a weight lies in the mapped file, and between whose multiples it begins there: a page


def halves(source: Path, digest: str, noted: Path) -> tuple[Path, Path] | None:
    """The two halves of a voice, made if need be; None for a voice that does not fall apart there.

    digest: hexadecimal SHA-256 that `source` was verified to have. noted: the ledger.
    """
    names = [f"{source.stem}.{half}.{kind}" for kind in ("onnx", "weights") for half in ("text", "vocoder")]
    made = derived(source, digest, names, lambda paths: _write(source, paths, names[2:]), noted)
    return (made[0], made[1]) if made else None


def _write(source: Path, paths: Sequence[Path], mapped: Sequence[str]) -> None:
    """Write both graphs, then the weights of both, which the graphs know by the names `mapped`.

    Raises OSError for a voice whose vocoder needs more than the latent frames, such as one of several speakers.
    """
    model = onnx.load(str(source))
    graph = model.graph
    border = next((node.input[0] for node in graph.node if node.name == BORDER), None)
    if border is None:
        raise OSError("it has no vocoder that could be taken apart")
    latent = onnx.helper.make_tensor_value_info(border, onnx.TensorProto.FLOAT, ["batch", "channels", "frames"])
    vocoder = _needed(graph, [output.name for output in graph.output], border)
    wants = _wants(vocoder) - {node.name for node in graph.initializer}
    if wants != {border}:
        raise OSError(f"its vocoder also needs {', '.join(sorted(wants - {border}))}")
    text = _needed(graph, [border], None)
    first = _part(model, text, list(graph.input), [latent], paths[0].name)
    second = _part(model, vocoder, [latent], list(graph.output), paths[1].name)
    for half, path, weights, name in zip((first, second), paths[:2], paths[2:], mapped, strict=True):
        _take_out(half, weights, name)
        onnx.save(half, str(path))


def _needed(graph: onnx.GraphProto, outputs: Iterable[str], border: str | None) -> list[onnx.NodeProto]:
    """The nodes that `outputs` depend on, not looking beyond `border`, in the graph's order."""
    made_by = {name: at for at, node in enumerate(graph.node) for name in node.output}
    wanted, found = list(outputs), set[int]()
    while wanted:
        name = wanted.pop()
        at = made_by.get(name)
        if name != border and at is not None and at not in found:
            found.add(at)
            wanted += graph.node[at].input
    return [graph.node[at] for at in sorted(found)]


def _wants(nodes: Iterable[onnx.NodeProto]) -> set[str]:
    """What the nodes take and none of them makes."""
    nodes = list(nodes)
    return {name for node in nodes for name in node.input if name} - {name for node in nodes for name in node.output}


def _part(
    model: onnx.ModelProto,
    nodes: Sequence[onnx.NodeProto],
    inputs: Sequence[onnx.ValueInfoProto],
    outputs: Sequence[onnx.ValueInfoProto],
    name: str,
) -> onnx.ModelProto:
    wants = _wants(nodes)
    weights = [weight for weight in model.graph.initializer if weight.name in wants]
    graph = onnx.helper.make_graph(nodes, name, inputs, outputs, weights)
    return onnx.helper.make_model(graph, opset_imports=model.opset_import, ir_version=model.ir_version)


def _take_out(model: onnx.ModelProto, path: Path, name: str) -> None:
    """Write the large weights to a file, which the model then knows by a name beside it."""
    with path.open("wb") as file:
        for weight in model.graph.initializer:
            if len(weight.raw_data) < APART:
                continue
            file.write(bytes(-file.tell() % APART))
            set_external_data(weight, name, offset=file.tell(), length=len(weight.raw_data))
            file.write(weight.raw_data)
            weight.ClearField("raw_data")
