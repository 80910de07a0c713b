"""A Piper voice cut in two: text to latent frames, and latent frames to samples.

The second half, the vocoder, takes two thirds of the time and looks only a few frames around each, so with it apart the
first third of a second can be heard before the rest is computed (docs/decisions/two-halves.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import onnx

from local_agent.weights.derived import derived

BORDER = "/dec/conv_pre/Conv"  # the vocoder's first node in every voice that Piper exports


def halves(source: Path, digest: str, noted: Path) -> tuple[Path, Path] | None:
    """The two halves of a voice, made if need be; None for a voice that does not fall apart there.

    digest: hexadecimal SHA-256 that `source` was verified to have. noted: the ledger.
    """
    names = [f"{source.stem}.{half}.onnx" for half in ("text", "vocoder")]
    made = derived(source, digest, names, lambda paths: _write(source, paths), noted)
    return (made[0], made[1]) if made else None


def _write(source: Path, paths: Sequence[Path]) -> None:
    """Raises OSError for a voice whose vocoder needs more than the latent frames, such as one of several speakers."""
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
    _save(model, text, list(graph.input), [latent], paths[0])
    _save(model, vocoder, [latent], list(graph.output), paths[1])


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


def _save(
    model: onnx.ModelProto,
    nodes: Sequence[onnx.NodeProto],
    inputs: Sequence[onnx.ValueInfoProto],
    outputs: Sequence[onnx.ValueInfoProto],
    path: Path,
) -> None:
    wants = _wants(nodes)
    weights = [weight for weight in model.graph.initializer if weight.name in wants]
    graph = onnx.helper.make_graph(nodes, path.name, inputs, outputs, weights)
    onnx.save(onnx.helper.make_model(graph, opset_imports=model.opset_import, ir_version=model.ir_version), str(path))
