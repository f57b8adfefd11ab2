#!/usr/bin/env python3
"""Makes golden models for tests/golden and records their hidden states with Hugging Face's modelling code, in float64.

  golden.py make   CONFIG.json FOLDER [--dtype bfloat16] [--seed 1]
  golden.py record FOLDER ...
  golden.py check  FOLDER ...

make    writes a small model with random weights for a config.json as the hub has it (sizes of a few dozen, please: the folder
        is committed), and prompts.json; then records it.
record  writes expected.json from config.json, the weights and prompts.json.
check   computes expected.json again and says how far it is from what is recorded; nothing is written.

README.md beside this file says what to install, and docs/adding-a-model-family.md what to do with the result.
"""
import argparse
import contextlib
import json
import random
import sys
from pathlib import Path

import torch
import transformers
from transformers import AutoConfig, AutoModelForCausalLM


@contextlib.contextmanager
def everything_in_double():
    """Norms, softmax and rotary tables are computed in float32 whatever the model's type: the code asks for it by name. Here the name means float64."""
    single, to_single, default = torch.float32, torch.Tensor.float, torch.get_default_dtype()
    torch.float32 = torch.float = torch.float64
    torch.Tensor.float = torch.Tensor.double
    torch.set_default_dtype(torch.float64)
    try:
        yield
    finally:
        torch.float32 = torch.float = single
        torch.Tensor.float = to_single
        torch.set_default_dtype(default)


def load_in_double(folder):
    """The model with its stored weights, built anew in float64 so that what it computes of its own, such as rotary frequencies, is float64 too."""
    weights = AutoModelForCausalLM.from_pretrained(folder).state_dict()
    config = AutoConfig.from_pretrained(folder)
    with everything_in_double():
        model = AutoModelForCausalLM.from_config(config, attn_implementation="eager").double()
        model.load_state_dict({name: weight.double() for name, weight in weights.items()})
    return model.eval()


def states_of(model, ids):
    """hidden_states of the last token at every index. One prompt at a time: some families decide by the longest prompt of a batch."""
    with everything_in_double(), torch.no_grad():
        output = model(input_ids=torch.tensor([ids]), use_cache=False, output_hidden_states=True, return_dict=True)
    return [state[0, -1].double().tolist() for state in output.hidden_states]


def record(folder):
    config = json.loads((folder / "config.json").read_text())
    prompts = json.loads((folder / "prompts.json").read_text())
    model = load_in_double(folder)
    states = [states_of(model, ids) for ids in prompts]
    return {
        "model": folder.name,
        "transformers": transformers.__version__,
        "torch": torch.__version__,
        "model_type": config["model_type"],
        "num_hidden_layers": len(states[0]) - 1,
        "hidden_size": len(states[0][0]),
        "layers": list(range(len(states[0]))),
        "prompts": [
            {"ids": ids, "hidden": {str(index): {"f64": state} for index, state in enumerate(found)}}
            for ids, found in zip(prompts, states)
        ],
    }


def randomize(model, seed):
    """Weights that let every part show: a part left out must cost far more than 2e-5. Scores of a few units, norms away from 1, biases away from 0."""
    generator = torch.Generator().manual_seed(seed)
    for name, parameter in sorted(model.named_parameters()):
        noise = torch.randn(parameter.shape, generator=generator, dtype=torch.float64).to(parameter.dtype)
        if parameter.dim() == 2:
            gain = 1.4 if any(part in name for part in ("q_proj", "k_proj", "qkv_proj")) else 1.0
            scale = 0.6 if "embed_tokens" in name else gain / parameter.shape[1] ** 0.5
            parameter.data = noise * scale
        elif name.endswith("bias"):
            parameter.data = noise * 0.4
        else:
            # A norm: around what the class starts it with, 1 or, where 1 is added, 0.
            parameter.data = parameter.data + 0.25 * noise


def make_prompts(vocabulary, edges, seed):
    """Prompts that share much, little and nothing, the shortest there is, and for every window or context the lengths on both sides of its edge."""
    source = random.Random(seed)
    words = lambda count: [source.randrange(3, vocabulary) for _ in range(count)]
    base, middle = [1] + words(111), [1] + words(63)
    changed = middle[:63] + [3 + (middle[63] - 3 + 7) % (vocabulary - 3)]
    prompts = [[1], [1] + words(8), middle, changed, base, base[:100] + words(20)]
    return prompts + [base[:length] for edge in edges for length in (edge, edge + 1) if edge + 1 < len(base)]


def make(arguments):
    config_file, folder = arguments.config, arguments.folder
    folder.mkdir(parents=True, exist_ok=True)
    written = dict(json.loads(config_file.read_text()), torch_dtype=arguments.dtype)
    (folder / "config.json").write_text(json.dumps(written, indent=2, sort_keys=True))
    config = AutoConfig.from_pretrained(folder)
    torch.manual_seed(arguments.seed)
    model = AutoModelForCausalLM.from_config(config, attn_implementation="eager").to(torch.float32)
    randomize(model, arguments.seed)
    model.to(getattr(torch, arguments.dtype)).save_pretrained(folder, safe_serialization=True)

    # save_pretrained writes a config.json of its own, with every default spelled out; the model's own is what is to be read.
    (folder / "config.json").write_text(json.dumps(written, indent=2, sort_keys=True))
    (folder / "generation_config.json").unlink(missing_ok=True)
    edges = {written.get("sliding_window"), written.get("original_max_position_embeddings")}
    prompts = make_prompts(written["vocab_size"], sorted(edge for edge in edges if edge), arguments.seed)
    (folder / "prompts.json").write_text(json.dumps(prompts))


def distance(found, recorded):
    difference = sum((a - b) ** 2 for a, b in zip(found, recorded)) ** 0.5
    return difference / sum(b * b for b in recorded) ** 0.5


def check(folder):
    recorded, found = json.loads((folder / "expected.json").read_text()), record(folder)
    assert [prompt["ids"] for prompt in recorded["prompts"]] == [prompt["ids"] for prompt in found["prompts"]], "prompts.json has changed"
    worst = max(
        distance(after["hidden"][index]["f64"], before["hidden"][index]["f64"])
        for before, after in zip(recorded["prompts"], found["prompts"])
        for index in before["hidden"]
    )
    print(f"{folder.name:24} {worst:.1e}")
    return worst <= 1e-12


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    maker = commands.add_parser("make")
    maker.add_argument("config", type=Path)
    maker.add_argument("folder", type=Path)
    maker.add_argument("--dtype", choices=("float32", "float16", "bfloat16"), default="bfloat16")
    maker.add_argument("--seed", type=int, default=1)
    for name in ("record", "check"):
        commands.add_parser(name).add_argument("folders", type=Path, nargs="+")
    arguments = parser.parse_args()
    if arguments.command == "check":
        # Every folder is checked, also behind one that disagrees.
        sys.exit(0 if all([check(folder) for folder in arguments.folders]) else 1)
    if arguments.command == "make":
        make(arguments)
    for folder in [arguments.folder] if arguments.command == "make" else arguments.folders:
        (folder / "expected.json").write_text(json.dumps(record(folder)))
        print(f"recorded {folder}")


if __name__ == "__main__":
    main()
