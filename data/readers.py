"""Documents out of unpacked Debian packages: HTML pages, manual pages, source files and changelogs as plain lines.

Every reader yields (document name, lines) in name order; the same packages (and, for manual pages, the same groff) give
the same lines. Indentation becomes tabs and other runs of spaces become one space: the tokenizer learned from prose and
would spend a token on every space. E-mail addresses are dropped. Standard library only.
"""
import gzip
import re
import subprocess

from make_corpus import SKIPPED_FILES, Extractor, is_prose

DOCUMENT_CHARACTERS = 1500          # short releases and short pages are joined up to about this many
AUTHOR = re.compile(r"\s*\[[^\W\d][^\]]* [^\]]*\]$")     # [Name Surname] at the end of a line of a changelog
EMAIL = re.compile(r"\s*<?[\w.+-]+@[\w-]+(\.[\w-]+)+>?")
LICENCE = re.compile(r"copyright|licen[cs]e|all rights reserved|spdx", re.IGNORECASE)


def files(root, patterns):
    """The files that match, in name order, links left out: they name a document that has a name already."""
    return [file for file in sorted(f for pattern in patterns for f in root.glob(pattern)) if not file.is_symlink()]


def text_of(file):
    """The text of a file, unpacked where its name ends in .gz; bytes that are not UTF-8 are read as Latin-1."""
    data = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def tabbed(line, unit):
    """One tab for every `unit` columns of indentation, single spaces inside, no e-mail addresses."""
    line = EMAIL.sub("", line.expandtabs(8).replace("\f", "")).rstrip()
    body = line.lstrip()
    return "\t" * min(6, (len(line) - len(body)) // unit) + " ".join(body.split())


def html_pages(root, patterns, skipped):
    """Prose of HTML pages: paragraphs, list items, headings; no listings, tables, navigation."""
    for file in files(root, patterns):
        name = file.relative_to(root).as_posix().removesuffix(".html")
        if SKIPPED_FILES.search(name) or re.search(skipped, name):
            continue
        extractor = Extractor()
        extractor.feed(text_of(file))
        extractor.close()
        extractor.flush()
        yield name, [EMAIL.sub("", line) for line in extractor.lines if is_prose(line)]


def man_pages(root, patterns, _):
    """Manual pages as groff prints them on a wide terminal: one line a paragraph, without its header and footer."""
    for file in files(root, patterns):
        source = text_of(file)
        if source.startswith(".so "):
            continue
        page = subprocess.run(
            ["groff", "-Kutf8", "-t", "-mandoc", "-Tutf8", "-P-cbou", "-rLL=900n", "-rLT=100n", "-rHY=0", "-dAD=l"],
            input=source.encode(), capture_output=True, check=True,
        ).stdout.decode("utf-8", errors="replace")
        lines = [tabbed(line, 7) for line in page.splitlines()]
        filled = [number for number, line in enumerate(lines) if line]
        if len(filled) > 4:
            kept = lines[filled[0] + 1 : filled[-1]]
            yield file.name.removesuffix(".gz"), [line for line in kept if not LICENCE.search(line)]


def source_files(root, patterns, skipped):
    """Source code without licence headers, file-encoding lines and what follows Perl's __END__."""
    for file in files(root, patterns):
        name = file.relative_to(root).as_posix()
        text = text_of(file)
        if re.search(skipped, name) or sum(c > "~" for c in text) > 0.01 * len(text):
            continue
        lines = re.split(r"^__(?:END|DATA)__$", text, flags=re.MULTILINE)[0].splitlines()
        start = 0
        while start < len(lines) and (lines[start].startswith("#") or not lines[start].strip()):
            start += 1   # the comment at the head: interpreter, encoding, licence, authors
        yield name, [
            tabbed(line, 4) for line in lines[start:] if not re.search(r"copyright|all rights reserved", line, re.I)
        ]


def changelogs(root, patterns, heading):
    """Changelogs and release notes, cut before every line that matches `heading`, without signatures of entries."""
    for file in files(root, patterns):
        sections, title = [], file.name
        for line in text_of(file).splitlines():
            if re.search(heading, line):
                title = f"{file.name}/{len(sections)}"
                sections.append((title, []))
            if sections and not re.match(r" -- |[=\"~-]{4,}$|\S.* \(\d+\):$", line):
                sections[-1][1].append(tabbed(AUTHOR.sub("", line), 2))
        yield from joined(sections)


def joined(sections):
    """Neighbouring sections together until they have DOCUMENT_CHARACTERS; the first one names the document."""
    name, lines = None, []
    for title, more in sections:
        name = name or title
        lines += more
        if sum(map(len, lines)) >= DOCUMENT_CHARACTERS:
            yield name, lines
            name, lines = None, []
    if lines:
        yield name, lines
