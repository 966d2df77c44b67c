#!/usr/bin/env python3
"""The house style, as far as a script can see it.

    python3 tests/style/style_test.py [ROOT]

Checks the repository's files: which folder may include which, lengths of files, functions and
lines, calls that are banned, names of tests and decisions, and links and paths in texts. Prints one
line a problem and exits with 1 when there is any. Before that it checks itself: the rules must
report all snippets of SELF_TEST_BAD and none of SELF_TEST_GOOD.

An exception is an entry of ALLOWED with a reason; one that is no longer needed is itself a problem.
"""

import os
import re
import subprocess
import sys
from pathlib import PurePosixPath
from typing import Callable, Dict, Iterable, Iterator, List, NamedTuple, Set, Tuple

MAX_HEADER_LINES = 150
MAX_SOURCE_LINES = 400
MAX_FUNCTION_LINES = 70
MAX_TEST_BODY_LINES = 25
MAX_LINE = 100  # C++ and Python
MAX_OTHER_LINE = 120
MAX_MAIN_LINES = 39


class Folder(NamedTuple):
    """What the files of one folder of src/ may include, beside the folder itself and std."""

    folders: Set[str]
    libraries: Set[str]


# The arrows of docs/architecture.md. A folder without an entry may hold no C++ file.
FOLDERS: Dict[str, Folder] = {
    "base": Folder(set(), {"absl"}),
    "match": Folder({"base"}, {"absl", "json"}),
    "match/alliance": Folder({"base", "match"}, {"absl", "json"}),
    "match/pairs": Folder({"base", "match"}, {"absl", "json"}),
    "lab": Folder({"base", "match"}, {"absl", "json"}),
    "net": Folder({"base"}, {"absl", "curl", "openssl"}),
    "auth": Folder({"base"}, {"absl", "json", "openssl"}),
    "telemetry": Folder({"base"}, {"absl", "json", "prometheus", "spdlog", "posix"}),
    "telemetry/exporters": Folder({"base", "telemetry"}, {"absl", "posix", "prometheus"}),
    "net/server": Folder({"base", "net"}, {"absl", "boost"}),
    "lobby": Folder({"base", "match"}, {"absl", "json"}),
    "store": Folder({"base", "lobby"}, {"absl"}),
    "store/sqlite": Folder({"base", "lobby", "store"}, {"absl", "posix", "sqlite"}),
    "store/redis": Folder({"base", "lobby", "net", "store"}, {"absl", "hiredis"}),
    "provision": Folder({"base", "lobby", "net"}, {"absl", "json", "posix"}),
    "http": Folder({"base", "lobby", "auth", "telemetry", "net", "net/server"},
                   {"absl", "json", "prometheus"}),
    "gameserver": Folder({"base", "net", "net/server"}, {"absl", "boost", "hiredis", "json"}),
    "rpc": Folder({"base", "match", "auth", "telemetry"},
                  {"absl", "generated", "grpc", "protobuf"}),
    "rpc/client": Folder({"base", "rpc"}, {"absl", "generated", "grpc", "protobuf"}),
    "app": Folder({"base", "match", "net", "auth", "rpc", "telemetry", "telemetry/exporters"},
                  {"absl", "posix"}),
    "app/lobby_server": Folder({"base", "net", "net/server", "auth", "telemetry", "lobby", "store",
                         "store/sqlite", "store/redis", "provision", "http", "app"},
                        {"absl", "posix"}),
    "app/gameserver": Folder({"base", "net", "net/server", "gameserver", "app"}, {"absl", "posix"}),
    "app/ctl": Folder({"base", "match", "net", "lab", "rpc/client", "app"},
                      {"absl", "cli11", "json", "posix"}),
    "bin": Folder({"base", "match", "app", "app/ctl", "app/lobby_server", "app/gameserver"},
                  {"posix"}),
}

# First part of a quoted include -> library.
LIBRARIES = {
    "absl": "absl", "grpc": "grpc", "grpcpp": "grpc", "google": "protobuf", "nlohmann": "json",
    "prometheus": "prometheus", "spdlog": "spdlog", "CLI": "cli11", "curl": "curl",
    "boost": "boost", "openssl": "openssl", "hiredis": "hiredis", "sqlite3.h": "sqlite",
    "gtest": "gtest", "gmock": "gtest", "benchmark": "benchmark",
}

# Where beside src/rpc generated code may be seen: tests and fakes of the wire, and the benchmarks.
GENERATED_ALSO_IN = ("tests/rpc/", "tests/fuzz/", "tests/fakes/", "bench/")


class Banned(NamedTuple):
    pattern: str
    # Path prefixes in which the rule holds, and those in which it does not.
    holds_in: Tuple[str, ...]
    not_in: Tuple[str, ...]
    instead: str


BANNED = [
    Banned(r"\bstd::(cout|cerr|clog)\b|\b(printf|fprintf|puts|perror)\s*\(", ("src/",),
           ("src/app/ctl/", "src/bin/"), "write a log record"),
    Banned(r"\b(sleep|usleep|nanosleep|sleep_for|sleep_until|SleepFor)\s*\(", ("src/", "tests/"),
           (), "wait on a condition; tests move a FakeClock"),
    Banned(r"\b(rand|srand|random_shuffle|drand48)\s*\(", ("src/", "tests/", "bench/"), (),
           "use a seeded std engine"),
    Banned(r"\b(strcpy|strcat|sprintf|gets|strtok|atoi|atol|atof)\s*\(", ("",), (),
           "use std::string and Abseil's numbers.h"),
    Banned(r"\bstd::(basic_)?regex\b", ("src/", "examples/"), (),
           "it backtracks without bound: write a loop"),
    Banned(r"\b(system|popen)\s*\(", ("src/",), (), "start programs without a shell"),
    Banned(r"\b(secure_)?getenv\s*\(", ("src/", "examples/"), ("src/base/environment.cc",),
           "use base::Environment"),
    Banned(r"\b(system|steady|high_resolution)_clock::now\b|\babsl::Now\s*\("
           r"|\b(clock_gettime|gettimeofday)\s*\(|\btime\s*\(\s*(nullptr|NULL|0)\s*\)",
           ("src/", "examples/"),
           ("src/base/clock.cc",), "ask base::Clock"),
    Banned(r"\bstd::(mutex|lock_guard|unique_lock|scoped_lock|condition_variable)\b|\babsl::Mutex",
           ("src/",), ("src/base/mutex.h",), "use base::Mutex, which both checkers understand"),
    Banned(r"[.>]\s*detach\s*\(\s*\)", ("",), (), "own the thread and join it"),
    Banned(r"\bassert\s*\(", ("src/",), (), "return a status, or use ABSL_ASSERT"),
]


class Allowed(NamedTuple):
    rule: str
    path: str
    fragment: str
    reason: str


ALLOWED: List[Allowed] = [
    Allowed("layering", "src/match/built_in_logics.cc", "match/alliance/",
            "the registry of built-in logics is the one place that names them all"),
    Allowed("layering", "src/match/built_in_logics.cc", "match/pairs/",
            "the registry of built-in logics is the one place that names them all"),
    Allowed("layering", "src/rpc/stream_call.cc", "<malloc.h>",
            "malloc_trim gives a large stream's memory back to the machine"),
    Allowed("banned-call", "src/rpc/server.cc", "sleep_for(",
            "the operator asked for this pause between NOT_SERVING and the end of listening"),
    Allowed("layering", "tests/rpc/server_fixture.cc", "prometheus/",
            "the fixture owns the registry whose counters the tests read"),
]


class Problem(NamedTuple):
    rule: str
    path: str
    line: int
    message: str


CPP = (".h", ".cc")
TEXT = CPP + (".py", ".sh", ".cmake", ".txt", ".proto", ".md", ".json", ".yaml", ".yml",
              ".template", ".jsonl")
NO_SUFFIX = {"Makefile", "Dockerfile", "run", ".clang-tidy", ".clang-format", ".gitignore",
             ".dockerignore"}


def is_cpp(path: str) -> bool:
    return path.endswith(CPP)


def line_of(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


# Comments, string and character literals, whichever starts first.
LITERALS = re.compile(
    r'//(?:\\\n|[^\n])*|/\*.*?\*/|R"(?P<tag>[^(\s]*)\(.*?\)(?P=tag)"|"(?:\\.|[^"\\\n])*"|'
    r"(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'", re.S)


def code_only(text: str) -> str:
    """The text with comments and the insides of literals as blanks, lines kept."""

    def blank(match: "re.Match[str]") -> str:
        found = match.group()
        inside = "".join(c if c == "\n" else " " for c in found)
        return '"' + inside[1:-1] + '"' if found[0] in "\"R" else inside

    return LITERALS.sub(blank, text)


def folder_of(path: str) -> str:
    """The entry of FOLDERS that a file of src/ belongs to, "" when there is none."""
    folder = str(PurePosixPath(path).parent)[len("src/"):]
    return folder if folder in FOLDERS else ""


def check_layering(path: str, text: str) -> Iterator[Problem]:
    if not is_cpp(path):
        return
    in_src = path.startswith("src/")
    folder = folder_of(path) if in_src else ""
    if in_src and not folder:
        yield Problem("layering", path, 1, "its folder has no entry in FOLDERS of style_test.py")
        return
    for match in re.finditer(r'^#include ([<"])([^>"]+)[>"]', text, re.M):
        header = match.group(2)
        line = line_of(text, match.start())
        if not in_src:
            yield from check_include_outside_src(path, header, line)
        elif match.group(1) == "<":
            if header.endswith(".h") and "posix" not in FOLDERS[folder].libraries:
                yield Problem("layering", path, line, f"{folder} may not include <{header}>")
        else:
            yield from check_own_include(path, folder, header, line)


def check_include_outside_src(path: str, header: str, line: int) -> Iterator[Problem]:
    if header.endswith(".pb.h") and not path.startswith(GENERATED_ALSO_IN):
        yield Problem("layering", path, line, f"{header}: generated code is seen by rpc/, "
                      + ", ".join(GENERATED_ALSO_IN) + " only")
    if header.startswith("prometheus/") and not path.startswith("tests/telemetry/"):
        yield Problem("layering", path, line, f"{header}: only telemetry knows prometheus")


def check_own_include(path: str, folder: str, header: str, line: int) -> Iterator[Problem]:
    allowed = FOLDERS[folder]
    parent = str(PurePosixPath(header).parent)
    first = header.split("/")[0]
    if header.endswith(".pb.h"):
        ok, what = "generated" in allowed.libraries, "generated code"
    elif first in LIBRARIES:
        ok, what = LIBRARIES[first] in allowed.libraries, LIBRARIES[first]
    else:
        ok, what = parent == folder or parent in allowed.folders, parent
    if not ok:
        yield Problem("layering", path, line, f"{folder} may not include {header} ({what})")


def check_file_length(path: str, text: str) -> Iterator[Problem]:
    lines = text.count("\n")
    if path.startswith("src/bin/") and path.endswith(".cc"):
        limit = MAX_MAIN_LINES
    elif path.endswith(".h"):
        limit = MAX_HEADER_LINES
    elif path.endswith(".cc"):
        limit = MAX_SOURCE_LINES
    else:
        return
    if lines > limit:
        yield Problem("file-length", path, lines, f"{lines} lines, at most {limit}")


class Function(NamedTuple):
    header: str
    first_line: int
    open_line: int
    last_line: int


def functions(text: str) -> Iterator[Function]:
    """The functions at namespace or class scope of formatted code, found by their braces."""
    code = re.sub(r"^[ \t]*#(?:\\\n|[^\n])*", lambda m: re.sub(r"[^\n]", " ", m.group()),
                  code_only(text), flags=re.M)
    stack: List[Tuple[str, int, int]] = []
    start = 0
    for match in re.finditer(r"[{};]", code):
        at, char = match.start(), match.group()
        if char == "{":
            header = code[start:at]
            scope = all(kind == "scope" for kind, _, _ in stack)
            kind = "other"
            if re.search(r"\b(namespace|class|struct|union|enum|extern)\b[^()=]*$", header):
                kind = "scope"
            elif scope and ")" in header and not header.rstrip().endswith(("=", ",", "(")):
                kind = "function"
            stack.append((kind, start + len(header) - len(header.lstrip()), at))
        elif char == "}" and stack:
            kind, first, opened = stack.pop()
            if kind == "function" and re.match(r"\s*[,{]", code[at + 1:at + 200]):
                start = first  # `a_{1}` of a constructor: its body is still to come
                continue
            if kind == "function":
                yield Function(code[first:opened], line_of(code, first), line_of(code, opened),
                               line_of(code, at))
        start = at + 1


def check_functions(path: str, text: str) -> Iterator[Problem]:
    if not is_cpp(path):
        return
    for function in functions(text):
        lines = function.last_line - function.first_line + 1
        if lines > MAX_FUNCTION_LINES:
            yield Problem("function-length", path, function.first_line,
                          f"a function of {lines} lines, at most {MAX_FUNCTION_LINES}")
        body = function.last_line - function.open_line - 1
        if re.match(r"TEST(_F|_P)?\(", function.header) and body > MAX_TEST_BODY_LINES:
            yield Problem("function-length", path, function.first_line,
                          f"a test of {body} lines, at most {MAX_TEST_BODY_LINES}")


def check_lines(path: str, text: str) -> Iterator[Problem]:
    if path.endswith((".md", ".jsonl", ".json")):
        return
    limit = MAX_LINE if path.endswith((*CPP, ".py")) else MAX_OTHER_LINE
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > limit:
            yield Problem("line-length", path, number, f"{len(line)} columns, at most {limit}")
        if line != line.rstrip() and not path.startswith("tests/fuzz/corpus/"):
            yield Problem("line-length", path, number, "blanks at the end of the line")


def check_banned(path: str, text: str) -> Iterator[Problem]:
    if not is_cpp(path):
        return
    code = code_only(text)
    for banned in BANNED:
        if not path.startswith(banned.holds_in) or path.startswith(banned.not_in or ("\0",)):
            continue
        for match in re.finditer(banned.pattern, code):
            yield Problem("banned-call", path, line_of(code, match.start()),
                          f"{match.group().strip()}: {banned.instead}")
    yield from check_new(path, text, code)


def check_new(path: str, text: str, code: str) -> Iterator[Problem]:
    lines = text.split("\n")
    for match in re.finditer(r"(?<!operator )\bnew\b", code):
        if not path.startswith("src/"):
            continue
        number = line_of(code, match.start())
        near = lines[max(0, number - 3):number]
        if not any("//" in line for line in near):
            yield Problem("banned-call", path, number,
                          "a naked new: use make_unique, or say beside it why and who deletes")


def check_unfinished(path: str, text: str) -> Iterator[Problem]:
    words = r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X"]) + r")\b"
    for match in re.finditer(words, text):
        yield Problem("unfinished", path, line_of(text, match.start()),
                      f"{match.group()}: finish it, or open an issue")


def check_pragma_once(path: str, text: str) -> Iterator[Problem]:
    if path.endswith(".h") and not text.startswith("#pragma once\n"):
        yield Problem("pragma-once", path, 1, "a header starts with #pragma once")


def check_test_names(path: str, text: str) -> Iterator[Problem]:
    if not path.startswith("tests/") or not is_cpp(path):
        return
    code = code_only(text)
    for match in re.finditer(r"^(?:TYPED_)?TEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\s*\)", code, re.M):
        for name in match.groups():
            if not re.fullmatch(r"[A-Z][A-Za-z0-9]*", name) or re.search(r"(?i)disabled", name):
                yield Problem("test-name", path, line_of(code, match.start()),
                              f"{name}: a fact in PascalCase")


def check_file_names(path: str, text: str) -> Iterator[Problem]:
    name = PurePosixPath(path).name
    if is_cpp(path) and not re.fullmatch(r"[a-z][a-z0-9_]*\.(h|cc)", name):
        yield Problem("file-name", path, 1, "files are snake_case")
    if path.startswith("docs/decisions/"):
        if not re.fullmatch(r"[0-9]{4}-[a-z0-9]+(-[a-z0-9]+)*\.md", name):
            yield Problem("file-name", path, 1, "a decision is NNNN-words-with-hyphens.md")
        elif not text.startswith("# "):
            yield Problem("file-name", path, 1, "a decision starts with its title")


def check_outside_paths(path: str, text: str) -> Iterator[Problem]:
    pattern = r"\.\./" + r"shared\b|/work/" + r"(?:main|shared)\b|/root/" + r"\.pyenv\b"
    for match in re.finditer(pattern, text):
        yield Problem("outside-path", path, line_of(text, match.start()),
                      f"{match.group()} is not in the repository")


RULES: List[Callable[[str, str], Iterable[Problem]]] = [
    check_layering, check_file_length, check_functions, check_lines, check_banned, check_unfinished,
    check_pragma_once, check_test_names, check_file_names, check_outside_paths,
]


def check_file(path: str, text: str) -> List[Problem]:
    return [problem for rule in RULES for problem in rule(path, text)]


def check_links(files: Dict[str, str], exists: Callable[[str], bool]) -> Iterator[Problem]:
    """Relative links of Markdown pages lead to files of the repository."""
    for path, text in files.items():
        if not path.endswith(".md"):
            continue
        prose = re.sub(r"```.*?```", lambda m: "\n" * m.group().count("\n"), text, flags=re.S)
        for match in re.finditer(r"\]\(([^)#\s]+)[^)]*\)", prose):
            link = match.group(1)
            if re.match(r"[a-z]+:", link):
                continue
            target = os.path.normpath(str(PurePosixPath(path).parent / link))
            if target.startswith("..") or not exists(target):
                yield Problem("link", path, line_of(prose, match.start()), f"{link} leads nowhere")


def check_decision_numbers(files: Dict[str, str]) -> Iterator[Problem]:
    numbers = sorted(PurePosixPath(path).name[:4] for path in files
                     if path.startswith("docs/decisions/"))
    wanted = [f"{number:04}" for number in range(1, len(numbers) + 1)]
    if numbers != wanted:
        yield Problem("file-name", "docs/decisions", 1,
                      f"numbers are {', '.join(numbers)}, not 0001 and on without a gap")


def check_all(files: Dict[str, str], exists: Callable[[str], bool],
              allowed: List[Allowed]) -> List[Problem]:
    problems = [problem for path, text in sorted(files.items())
                for problem in check_file(path, text)]
    problems += check_links(files, exists)
    problems += check_decision_numbers(files)
    used = set()
    kept = []
    for problem in problems:
        entry = next((a for a in allowed if a.rule == problem.rule and a.path == problem.path
                      and a.fragment in problem.message), None)
        if entry:
            used.add(entry)
        else:
            kept.append(problem)
    for entry in allowed:
        if not entry.reason:
            kept.append(Problem("allowed", entry.path, 1, "an exception without a reason"))
        if entry not in used:
            kept.append(Problem("allowed", entry.path, 1,
                                f"the exception for {entry.rule} is not needed"))
    return kept


def list_files(root: str) -> List[str]:
    """Tracked and new files; all files outside build/ where there is no git."""
    try:
        out = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=root,
                             check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
        return [path for path in out.decode().split("\0") if path]
    except (OSError, subprocess.CalledProcessError):
        found = []
        for folder, folders, names in os.walk(root):
            folders[:] = [f for f in folders if f not in (".git", "build", "__pycache__")]
            found += [os.path.relpath(os.path.join(folder, name), root) for name in names]
        return found


def read_files(root: str) -> Dict[str, str]:
    files = {}
    for path in list_files(root):
        full = os.path.join(root, path)
        name = PurePosixPath(path).name
        if os.path.isfile(full) and (path.endswith(TEXT) or name in NO_SUFFIX):
            if path.startswith("tests/fuzz/corpus/"):
                continue
            with open(full, encoding="utf-8", newline="") as file:
                files[path] = file.read()
    return files


HEADER = "#pragma once\n"
LONG_BODY = "".join(f"  Call{i}();\n" for i in range(MAX_FUNCTION_LINES))

# (rule, path, text): the rule must report it.
SELF_TEST_BAD = [
    ("layering", "src/match/a.cc", '#include "lab/simulator.h"\n'),
    ("layering", "src/match/a.cc", '#include "match/pairs/pair_rules.h"\n'),
    ("layering", "src/match/a.cc", '#include "grpcpp/grpcpp.h"\n'),
    ("layering", "src/match/a.cc", '#include "google/protobuf/message.h"\n'),
    ("layering", "src/match/a.cc", '#include "match_function.pb.h"\n'),
    ("layering", "src/match/a.cc", "#include <unistd.h>\n"),
    ("layering", "src/match/a.cc", '#include "prometheus/registry.h"\n'),
    ("layering", "src/lab/a.cc", '#include "spdlog/spdlog.h"\n'),
    ("layering", "src/lab/a.cc", '#include "curl/curl.h"\n'),
    ("layering", "src/rpc/a.cc", '#include "prometheus/registry.h"\n'),
    ("layering", "src/base/a.h", HEADER + '#include "match/ticket.h"\n'),
    ("layering", "src/app/a.cc", '#include "match_function.grpc.pb.h"\n'),
    ("layering", "src/bin/a.cc", '#include "rpc/server.h"\n'),
    ("layering", "src/unheard_of/a.cc", "int a;\n"),
    ("layering", "tests/match/a_test.cc", '#include "match_function.pb.h"\n'),
    ("layering", "tests/rpc/a_test.cc", '#include "prometheus/registry.h"\n'),
    ("file-length", "src/base/a.h", HEADER + "\n" * MAX_HEADER_LINES),
    ("file-length", "src/base/a.cc", "\n" * (MAX_SOURCE_LINES + 1)),
    ("file-length", "src/bin/a.cc", "\n" * (MAX_MAIN_LINES + 1)),
    ("function-length", "src/base/a.cc", "void F() {\n" + LONG_BODY + "}\n"),
    ("function-length", "src/base/a.cc",
     "namespace a {\nclass B {\n  B()\n      : c_{1} {\n" + LONG_BODY + "  }\n};\n}\n"),
    ("function-length", "src/base/a.cc",
     "int F(int a = 1) const override {\n  if (a) {\n" + LONG_BODY + "  }\n}\n"),
    ("function-length", "tests/base/a_test.cc", "TEST(A, B) {\n" + "  ;\n" * 26 + "}\n"),
    ("line-length", "src/base/a.cc", "// " + "x" * 98 + "\n"),
    ("line-length", "scripts/a.sh", "echo a \n"),
    ("banned-call", "src/base/a.cc", "void F() { std::cout << 1; }\n"),
    ("banned-call", "src/rpc/a.cc", 'void F() { printf("x"); }\n'),
    ("banned-call", "src/rpc/a.cc", "void F() { std::this_thread::sleep_for(a); }\n"),
    ("banned-call", "tests/rpc/a_test.cc", "void F() { absl::SleepFor(a); }\n"),
    ("banned-call", "src/rpc/a.cc", "int F() { return rand(); }\n"),
    ("banned-call", "src/rpc/a.cc", "void F() { strcpy(a, b); }\n"),
    ("banned-call", "src/rpc/a.cc", "std::regex a;\n"),
    ("banned-call", "src/rpc/a.cc", "int F() { return system(a); }\n"),
    ("banned-call", "src/app/a.cc", "auto F() { return std::getenv(a); }\n"),
    ("banned-call", "src/app/a.cc", "auto F() { return std::chrono::system_clock::now(); }\n"),
    ("banned-call", "src/lab/a.cc", "auto F() { return std::chrono::steady_clock::now(); }\n"),
    ("banned-call", "src/lab/a.cc", "auto F() { return time(nullptr); }\n"),
    ("banned-call", "src/rpc/a.cc", "std::mutex mu;\n"),
    ("banned-call", "src/rpc/a.cc", "void F() { thread.detach(); }\n"),
    ("banned-call", "src/rpc/a.cc", "auto F() {\n  return new int(1);\n}\n"),
    ("banned-call", "src/rpc/a.cc", "char c = '\"'; auto p = new int; char d = '\"';\n"),
    ("unfinished", "src/base/a.cc", "// TO" + "DO: more\n"),
    ("unfinished", "docs/a.md", "FIX" + "ME\n"),
    ("pragma-once", "src/base/a.h", "#ifndef A\n#define A\n#endif\n"),
    ("test-name", "tests/base/a_test.cc", "TEST(Clock, tells_time) {}\n"),
    ("test-name", "tests/base/a_test.cc", "TEST_F(ClockTest, DISABLED_TellsTime) {}\n"),
    ("file-name", "src/base/ByteArena.cc", "\n"),
    ("file-name", "docs/decisions/1-use-grpc.md", "# Use gRPC\n"),
    ("file-name", "docs/decisions/0001-use-grpc.md", "Use gRPC\n"),
    ("outside-path", "docs/a.md", "see ../" + "shared/README.md\n"),
    ("outside-path", "scripts/a.sh", "cd /work/" + "main\n"),
]

# (path, text): no rule may report it.
SELF_TEST_GOOD = [
    ("src/match/pairs/a.cc", '#include <unordered_map>\n#include "match/ticket.h"\n'),
    ("src/match/a.cc", '#include "absl/strings/str_cat.h"\n#include "match/ticket.h"\n'),
    ("src/rpc/a.cc", '#include "match_function.pb.h"\n#include "telemetry/log.h"\n'),
    ("tests/rpc/a_test.cc", '#include "match_function.pb.h"\n#include <unistd.h>\n'),
    ("src/app/ctl/a.cc", "void F() { std::cout << 1; }\n"),
    ("src/base/a.cc", "void F() {\n" + "  Call();\n" * (MAX_FUNCTION_LINES - 2) + "}\n"),
    ("src/base/a.cc", "constexpr int kTable[] = {\n" + "    1,\n" * 90 + "};\n"),
    ("src/base/a.cc", "namespace a {\n" + "void F();\n" * 90 + "}\n"),
    ("src/base/a.cc", "class A {\n" + "  void F() { return; }\n" * 90 + "};\n"),
    ("src/base/a.cc", 'const char* kText = R"({ "a": { std::cout )";\n'),
    ("src/base/a.cc", "// rand() and new and getenv() in a comment\n"),
    ("src/base/a.cc", 'const char* kText = "system(new)";\n'),
    ("src/base/a.cc", "int kMany = 1'000'000; // it's; new\n"),
    ("src/base/clock.cc", "auto F() { return std::chrono::steady_clock::now(); }\n"),
    ("src/base/environment.cc", "auto F() { return std::getenv(a); }\n"),
    ("src/rpc/a.cc", "auto F() {\n  // Deletes itself in OnDone.\n  return new Reactor();\n}\n"),
    ("src/rpc/a.cc", "void F() { queue.system_time(); operand(1); }\n"),
    ("tests/base/a_test.cc", "TEST(A, B) {\n" + "  ;\n" * 25 + "}\n"),
    ("docs/decisions/0001-use-grpc.md", "# Use gRPC\n"),
    ("docs/a.md", "x" * 200 + "\n"),
]


def self_test() -> List[str]:
    failures = []
    for rule, path, text in SELF_TEST_BAD:
        if rule not in {problem.rule for problem in check_file(path, text)}:
            failures.append(f"self test: {rule} does not report {path}: {text[:60]!r}")
    for path, text in SELF_TEST_GOOD:
        for problem in check_file(path, text):
            failures.append(f"self test: {problem.rule} reports {path}: {text[:60]!r}")
    pages = {"docs/a.md": "[b](b.md) [c](../c.md#d) [out](../../e.md) [web](https://a.b/c)\n"}
    broken = [p.message.split()[0] for p in check_links(pages, lambda path: path == "c.md")]
    if broken != ["b.md", "../../e.md"]:
        failures.append(f"self test: link reports {broken}")
    gap = {"docs/decisions/0001-a.md": "# A\n", "docs/decisions/0003-c.md": "# C\n"}
    if not list(check_decision_numbers(gap)):
        failures.append("self test: a gap in the numbers of decisions is not reported")
    failures += self_test_allowed()
    return failures


def self_test_allowed() -> List[str]:
    def rules_of(allowed: List[Allowed]) -> List[str]:
        files = {"src/base/a.cc": "std::regex a;\n"}
        return [problem.rule for problem in check_all(files, lambda _: True, allowed)]

    entry = Allowed("banned-call", "src/base/a.cc", "regex", "a reason")
    wanted = [
        ([], ["banned-call"]),
        ([entry], []),
        ([entry._replace(reason="")], ["allowed"]),
        ([entry._replace(fragment="other")], ["banned-call", "allowed"]),
    ]
    return [f"self test: with {allowed} the problems are {rules_of(allowed)}"
            for allowed, rules in wanted if rules_of(allowed) != rules]


def main() -> int:
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), "..", "..")
    failures = self_test()
    if failures:
        print("\n".join(failures))
        return 1
    files = read_files(root)
    problems = check_all(files, lambda path: os.path.exists(os.path.join(root, path)), ALLOWED)
    for problem in problems:
        print(f"{problem.path}:{problem.line}: {problem.rule}: {problem.message}")
    print(f"style: {len(files)} files, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
