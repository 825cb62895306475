"""Break the rules of the decision one at a time, and name the breaks that no test notices.

    python scripts/mutation.py [--most N] [--jobs N] MODULE...

A MODULE is a name in `zones_api/domain/`, such as `outcome`. Each mutant is the module with one change: another
comparison, constant, operator, member of an enumeration, or a statement less. The situations of `tests/cases`
(through the library) and the tests of `tests/domain` that reach the changed function run against it, quickest
first, until one fails; random tests try 100 examples. What no test notices is printed as
`file:line: function: change`. Docstrings, annotations, words and messages are left as they are.

Everything happens in a copy of the project, in forked processes that change functions in memory; a change
outside a function needs a process of its own, which reads the changed module.
"""

# ruff: noqa: TID251 - the processes hand each other their tasks in the environment

from __future__ import annotations

import argparse
import ast
import inspect
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from itertools import zip_longest
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOMAIN = Path("zones_api/domain")
ORDER = Path(".mutation-order.json")
EXAMPLES = 100
FEW = 5
"""So many examples are tried to see which modules a random test reaches; it may reach all that is in them."""
TIMEOUT_S = 10.0
"""How much longer than its tests without any change a mutant may take; one that takes longer is noticed."""
KEPT = {"annotation", "returns", "decorator_list", "pattern", "type_params", "ctx"}
"""Parts of the syntax that are never changed."""
PAIRS = [
    *[(ast.Lt, ast.LtE), (ast.Gt, ast.GtE), (ast.Eq, ast.NotEq), (ast.Is, ast.IsNot), (ast.In, ast.NotIn)],
    *[(ast.And, ast.Or), (ast.Add, ast.Sub), (ast.Mult, ast.Div), (ast.BitOr, ast.BitAnd)],
]
OTHER: dict[type[ast.AST], Any] = {
    **dict(PAIRS),
    **{b: a for a, b in PAIRS},
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Add,
    ast.Pow: ast.Mult,
}
SWAPS = [("min", "max"), ("any", "all"), ("any_of", "all_of"), ("YES", "NO"), ("floor", "ceil")]
SWAPPED = dict(SWAPS) | {b: a for a, b in SWAPS}


@dataclass(frozen=True)
class Mutant:
    """One change of a module: put `new` into `place` of `holder`; `function` is the outermost one around it."""

    line: int
    function: str | None
    what: str
    holder: Any
    place: str | int
    new: ast.AST


def mutants(tree: ast.Module, enumerations: dict[str, list[str]]) -> Iterator[Mutant]:
    """Yield the mutants of a module in a fixed order; each is to be put into `tree` and taken out again."""
    names = {
        node.name if isinstance(node, ast.alias) else node.id
        for node in ast.walk(tree)
        if hasattr(node, "id") or isinstance(node, ast.alias)
    }

    def visit(node: ast.AST, path: tuple[str, ...], function: str | None) -> Iterator[Mutant]:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            path = (*path, node.name)
        for field, value in ast.iter_fields(node):
            if field in KEPT or (isinstance(node, ast.AnnAssign) and field == "target"):
                continue
            inside = ".".join(path) if isinstance(node, ast.FunctionDef) and field == "body" else None
            owner = function or inside
            children = list(enumerate(value)) if isinstance(value, list) else [(field, value)]
            for place, child in children:
                if not isinstance(child, ast.AST):
                    continue
                line = getattr(child, "lineno", getattr(node, "lineno", 0))
                last = (
                    isinstance(node, ast.FunctionDef) and isinstance(value, list) and place == len(value) - 1
                )
                for what, new in _changes(child, last=last, names=names, enumerations=enumerations):
                    holder = value if isinstance(value, list) else node
                    yield Mutant(line, owner, what, holder, place, new)
                yield from visit(child, path, owner)

    yield from visit(tree, (), None)


def _changes(
    node: ast.AST, *, last: bool, names: set[str], enumerations: dict[str, list[str]]
) -> Iterator[tuple[str, ast.AST]]:
    """Yield the changes of one node itself, not of what is inside it, each with its description."""

    def to(new: ast.AST) -> tuple[str, ast.AST]:
        old_text, new_text = (" ".join(ast.unparse(each).split()) for each in (node, new))
        return f"{old_text[:90]}  →  {new_text[:90]}", new

    match node:
        case ast.Compare(left, ops, comparators):
            for i, op in enumerate(ops):
                if type(op) in OTHER:
                    yield to(ast.Compare(left, [*ops[:i], OTHER[type(op)](), *ops[i + 1 :]], comparators))
        case ast.BoolOp(op, values):
            yield to(ast.BoolOp(OTHER[type(op)](), values))
        case ast.BinOp(left, op, right) if type(op) in OTHER:
            yield to(ast.BinOp(left, OTHER[type(op)](), right))
        case ast.AugAssign(target, op, value):
            yield to(ast.AugAssign(target, OTHER[type(op)](), value))
            yield f"{ast.unparse(node)[:90]}  removed", ast.Pass()
        case ast.UnaryOp(ast.Not() | ast.USub(), operand):
            yield to(operand)
        case ast.Constant(bool() as value):
            yield to(ast.Constant(not value))
        case ast.Constant(int() | float() as value):
            yield to(ast.Constant(value + 1))
            yield to(ast.Constant(value - 1))
        case ast.IfExp(test, body, orelse):
            yield to(ast.IfExp(test, orelse, body))
        case ast.If(test, body, orelse):
            yield (
                f"if {ast.unparse(test)[:90]}  →  if not",
                ast.If(ast.UnaryOp(ast.Not(), test), body, orelse),
            )
        case ast.comprehension(target, iterated, ifs, is_async) if ifs:
            bare = ast.comprehension(target, iterated, [], is_async)
            yield f"if {' if '.join(map(ast.unparse, ifs))[:90]}  removed", bare
        case ast.match_case(pattern, None, body):
            yield (
                f"case {ast.unparse(pattern)}  removed",
                ast.match_case(pattern, ast.Constant(value=False), body),
            )
        case ast.Name(name, ast.Load()) if name in SWAPPED and (
            SWAPPED[name] in names or name in {"min", "max", "any", "all"}
        ):
            yield to(ast.Name(SWAPPED[name], ast.Load()))
        case ast.Attribute(ast.Name(holder), name, ast.Load()) if name in enumerations.get(holder, ()):
            members = enumerations[holder]
            at = members.index(name)
            for other in dict.fromkeys((members[(at + 1) % len(members)], members[at - 1])):
                if other != name:
                    yield to(ast.Attribute(ast.Name(holder, ast.Load()), other, ast.Load()))
        case ast.Attribute(value, name, ast.Load()) if name in SWAPPED:
            yield to(ast.Attribute(value, SWAPPED[name], ast.Load()))
        case ast.Expr(ast.Constant(str())):
            return
        case ast.Expr() | ast.Raise() | ast.Continue() | ast.Break():
            yield f"{' '.join(ast.unparse(node).split())[:90]}  removed", ast.Pass()
        case ast.Return() if not last:
            yield f"{' '.join(ast.unparse(node).split())[:90]}  removed", ast.Pass()


def enumerations_in(folder: Path) -> dict[str, list[str]]:
    """Return the members of each enumeration that the modules of a folder define."""
    return {
        node.name: [
            target.id
            for statement in node.body
            if isinstance(statement, ast.Assign)
            for target in statement.targets
            if isinstance(target, ast.Name)
        ]
        for file in sorted(folder.glob("*.py"))
        for node in ast.parse(file.read_text("utf-8")).body
        if isinstance(node, ast.ClassDef) and any(ast.unparse(base).endswith("Enum") for base in node.bases)
    }


def code_with(tree: ast.Module, mutant: Mutant, file: Path) -> CodeType:
    """Return the code of a module with one change in it; the tree is left as it was."""
    listed = isinstance(mutant.holder, list)
    old = mutant.holder[mutant.place] if listed else getattr(mutant.holder, str(mutant.place))

    def put(node: ast.AST) -> None:
        if listed:
            mutant.holder[mutant.place] = node
        else:
            setattr(mutant.holder, str(mutant.place), node)

    put(
        ast.fix_missing_locations(ast.copy_location(mutant.new, old))
        if hasattr(old, "lineno")
        else mutant.new
    )
    try:
        return compile(ast.fix_missing_locations(tree), str(file), "exec")
    finally:
        put(old)


# --- inside pytest, where this file is a plugin ---


class _Changed(SourceFileLoader):
    """Loads a module from changed code."""

    def get_code(self, fullname: str) -> CodeType:
        module, number = os.environ["MUTANT"].split(":")
        tree, found = _read(module)
        assert fullname.endswith(module)
        return code_with(tree, found[int(number)], Path(self.path))


class _Finder:
    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> ModuleSpec | None:  # noqa: ARG004
        module = os.environ["MUTANT"].split(":")[0]
        if name != f"zones_api.domain.{module}":
            return None
        file = str(DOMAIN / f"{module}.py")
        return spec_from_file_location(name, file, loader=_Changed(name, file))


if "MUTANT" in os.environ:
    sys.meta_path.insert(0, _Finder)


def _read(module: str) -> tuple[ast.Module, list[Mutant]]:
    tree = ast.parse((DOMAIN / f"{module}.py").read_text("utf-8"))
    return tree, list(mutants(tree, enumerations_in(DOMAIN)))


def pytest_runtestloop(session: pytest.Session) -> bool:
    """Run the mutants instead of the tests; in a process that reads a changed module, its tests alone."""
    _through_the_library()
    _try(session.items, EXAMPLES)
    if "MUTANT" in os.environ:
        wanted = json.loads(ORDER.read_text("utf-8"))
        items = {item.nodeid: item for item in session.items}
        os._exit(_passes(session, [items[name] for name in wanted]))
    reached, durations = _baseline(session)
    ORDER.write_text(json.dumps(sorted(durations, key=lambda name: durations[name])), "utf-8")
    ordered = sorted(session.items, key=lambda item: durations[item.nodeid])
    for module in os.environ["MUTATION_MODULES"].split():
        _run_module(session, module, ordered, reached, durations)
    return True


def _through_the_library() -> None:
    """Let the situations be answered by the library alone, and not by a server and a command line."""
    from tests import test_cases  # noqa: PLC0415
    from zones_api.api.answers import answer  # noqa: PLC0415
    from zones_api.api.questions import FlightQuestion  # noqa: PLC0415

    def by_library(snapshot: Any, asked: Any) -> dict[str, Any]:
        question = FlightQuestion.model_validate_json(json.dumps(asked.body)).question()
        said = answer(snapshot.answer(question), snapshot, test_cases.NOW)
        return {"POST /v1/flight-checks": json.loads(said.model_dump_json(by_alias=True))["assessment"]}

    doors: dict[str, Callable[..., Any]] = {
        "_from_web": by_library,
        "_from_library": lambda *_: [],
        "_from_command_line": lambda *_: {},
        "_from_process": lambda *_: {},
    }
    vars(test_cases).update(doors)


def _try(items: Sequence[pytest.Item], examples: int) -> set[str]:
    """Let the random tests try so many examples, without making a failure smaller; return their names."""
    from hypothesis import Phase, settings  # noqa: PLC0415

    from tests.domain import test_evaluator  # noqa: PLC0415

    test_evaluator.QUESTIONS = examples * 10
    found = {item.nodeid for item in items if "test_evaluator" in item.nodeid}
    for item in items:
        attributes = (
            vars(item.obj) if isinstance(item, pytest.Function) and inspect.isfunction(item.obj) else {}
        )
        if "_hypothesis_internal_use_settings" in attributes:
            attributes["_hypothesis_internal_use_settings"] = settings(
                max_examples=examples, phases=[Phase.explicit, Phase.generate], database=None, deadline=None
            )
            found.add(item.nodeid)
    return found


def _passes(
    session: pytest.Session,
    items: Sequence[pytest.Item],
    after: Callable[[pytest.Item], None] = lambda _: None,
) -> int:
    """Run tests until one fails; return 0 if none does, else 1."""
    from _pytest.runner import runtestprotocol  # noqa: PLC0415 - no public name

    temporary = Path(tempfile.mkdtemp(prefix="mutant-"))
    vars(vars(session.config)["_tmp_path_factory"])["_basetemp"] = temporary
    try:
        for item, following in zip_longest(items, items[1:]):
            if any(report.failed for report in runtestprotocol(item, log=False, nextitem=following)):
                return 1
            after(item)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return 0


def _baseline(session: pytest.Session) -> tuple[dict[str, set[str]], dict[str, float]]:
    """Run the tests unchanged in a fork; return the functions each reaches, by `module.qualname`, and its seconds."""
    file = Path(".mutation-baseline.json")
    domain = str(DOMAIN.resolve())
    pid = os.fork()
    if pid == 0:
        reached: dict[str, list[str]] = {}
        durations: dict[str, float] = {}
        seen: set[CodeType] = set()
        random = _try(session.items, FEW)
        began = time.perf_counter()

        def note(frame: FrameType, event: str, _: object) -> None:
            if event == "call":
                seen.add(frame.f_code)

        def after(item: pytest.Item) -> None:
            nonlocal began
            sys.setprofile(None)
            here = [code for code in seen if str(Path(code.co_filename).resolve()).startswith(domain)]
            all_of_it = "*" if item.nodeid in random else ""
            reached[item.nodeid] = [
                f"{Path(code.co_filename).stem}.{all_of_it or code.co_qualname}" for code in here
            ]
            more = EXAMPLES / FEW if item.nodeid in random else 1.0
            durations[item.nodeid] = more * (time.perf_counter() - began)
            seen.clear()
            began = time.perf_counter()
            sys.setprofile(note)

        sys.setprofile(note)
        failed = _passes(session, session.items, after)
        sys.setprofile(None)
        file.write_text(json.dumps([reached, durations]), "utf-8")
        os._exit(failed)
    if os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]):
        pytest.exit("the tests fail without any change", 1)
    reached_by, durations = json.loads(file.read_text("utf-8"))
    return {name: set(functions) for name, functions in reached_by.items()}, durations


def _run_module(
    session: pytest.Session,
    module: str,
    items: Sequence[pytest.Item],
    reached: dict[str, set[str]],
    durations: dict[str, float],
) -> None:
    tree, found = _read(module)
    most = int(os.environ["MUTATION_MOST"]) or len(found)
    step = max(1.0, len(found) / most)
    chosen = sorted({int(i * step) for i in range(min(most, len(found)))})
    running: dict[int, tuple[Mutant, float]] = {}
    counts: Counter[str] = Counter()

    def reap() -> None:
        for pid, (mutant, deadline) in list(running.items()):
            done, status = os.waitpid(pid, os.WNOHANG)
            if not done and time.monotonic() < deadline:
                continue
            if not done:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
            del running[pid]
            survived = bool(done) and os.waitstatus_to_exitcode(status) == 0
            counts["survived" if survived else "killed"] += 1
            if survived:
                where = f"{DOMAIN / module}.py:{mutant.line}: {mutant.function or 'module'}"
                print(f"{where}: {mutant.what}", file=sys.__stderr__, flush=True)

    for number in chosen:
        while len(running) >= int(os.environ["MUTATION_JOBS"]):
            reap()
            time.sleep(0.005)
        mutant = found[number]
        function = f"{module}.{mutant.function}" if mutant.function else ""
        wanted = [
            item
            for item in items
            if not function or function in _wide(reached[item.nodeid], module, function)
        ]
        limit_s = TIMEOUT_S + sum(durations[item.nodeid] for item in wanted)
        pid = os.fork()
        if pid == 0:
            _be_mutant(session, module, number, tree, mutant, wanted)
        running[pid] = (mutant, time.monotonic() + limit_s)
    while running:
        reap()
        time.sleep(0.005)
    total = f"{len(chosen)} of {len(found)} mutants" if len(chosen) < len(found) else f"{len(found)} mutants"
    print(
        f"{module}: {total}, {counts['killed']} killed, {counts['survived']} survived",
        file=sys.__stderr__,
        flush=True,
    )


def _wide(reached: set[str], module: str, function: str) -> set[str]:
    """Return the functions a test reaches; one whose result is kept is reached by all that reach its module."""
    if f"{module}.*" in reached:
        return reached | {function}
    kept = not isinstance(_function(module, function.partition(".")[2])[0], FunctionType | property)
    return (
        reached | {function} if kept and any(name.startswith(f"{module}.") for name in reached) else reached
    )


def _function(module: str, path: str) -> tuple[Any, FunctionType]:
    """Return what a module holds by a dotted name, and the function inside it."""
    held: Any = import_module(f"zones_api.domain.{module}")
    for name in path.split("."):
        held = vars(held)[name]
    inside = held
    for attribute in ("fget", "func", "__wrapped__", "__func__"):
        inside = getattr(inside, attribute, inside)
    return held, inside


def _be_mutant(
    session: pytest.Session,
    module: str,
    number: int,
    tree: ast.Module,
    mutant: Mutant,
    wanted: Sequence[pytest.Item],
) -> None:
    """Be the process of one mutant, to its end."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)
    if mutant.function is None:
        os.execve(  # noqa: S606 - the same command once more
            sys.executable,
            [sys.executable, *sys.orig_argv[1:]],
            os.environ | {"MUTANT": f"{module}:{number}"},
        )
    try:
        code = code_with(tree, mutant, DOMAIN / f"{module}.py")
        for name in mutant.function.split("."):
            code = next(
                each for each in code.co_consts if isinstance(each, CodeType) and each.co_name == name
            )
        _function(module, mutant.function)[1].__code__ = code
        os._exit(_passes(session, wanted))
    finally:
        os._exit(1)


def main() -> int:
    """Copy the project and run pytest there with this file as a plugin."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("modules", nargs="+", help="modules of zones_api/domain, such as outcome")
    parser.add_argument(
        "--most", type=int, default=0, help="of each module, so many mutants at most, spread evenly"
    )
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="how many mutants at a time")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        copy = Path(folder) / "copy"
        unwanted = shutil.ignore_patterns(".*", "__pycache__", "dist", "docs")
        shutil.copytree(ROOT, copy, ignore=unwanted)
        environment = os.environ | {
            "PYTHONPATH": f"{copy}:{copy / 'scripts'}",
            "TMPDIR": folder,
            "MUTATION_MODULES": " ".join(given.modules),
            "MUTATION_MOST": str(given.most),
            "MUTATION_JOBS": str(given.jobs),
        }
        paths = ["tests/domain", "tests/test_cases.py"]
        return subprocess.run(  # noqa: S603
            [
                sys.executable,
                "-m",
                "pytest",
                "-q",
                "-n0",
                "-p",
                "mutation",
                "-p",
                "no:cacheprovider",
                "-s",
                *paths,
            ],
            cwd=copy,
            env=environment,
            check=False,
        ).returncode


if __name__ == "__main__":
    sys.exit(main())
