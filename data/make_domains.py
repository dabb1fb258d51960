"""Text of four kinds, for the users of `domains` and for the larger base, out of unpacked Debian packages.

    python3 make_domains.py UNPACKED_DIR TEXT_DIR

Reads the languages' text that make_corpus.py left in TEXT_DIR, and writes beside it (documents separated by a line with
one form feed):

    TEXT_DIR/domains/USER/SPLIT.txt     the users' text, TEXT_DIR/USER.sample.txt a line of their test text
    TEXT_DIR/base-large/NAME.txt        training text of the larger base: nothing that any user has
    TEXT_DIR/domains.json               characters and document names

A package serves a kind for the users or for the base, never for both, and lines that a user has are taken out of the
base's text. Standard library and groff; the same packages and groff give the same bytes.
"""
import hashlib
import json
import pathlib
import re
import sys

from make_corpus import LIMITS, capped, split_of
from readers import changelogs, html_pages, man_pages, source_files

SKIPPED_PYTHON = r"(^|/)(tests?|idle_test|lib2to3|encodings|pydoc_data|locale|turtledemo|migrations|vendor|thirdparty)/"
ENTRY = r"^\S+ \(\S+\) .*urgency="          # a Debian changelog's
MAN = ["man[1-9]/*"]

# user -> sources: reader, package, directory below usr, file patterns, and the reader's expression
USERS = {
    "guides": [
        (html_pages, "postgresql-doc-15", "share/doc/postgresql-doc-15/html", ["*.html"], r"^(sql-|app-|release)"),
        (html_pages, "python3.11-doc", "share/doc/python3.11/html",
         [f"{part}/**/*.html" for part in ("tutorial", "howto", "using", "extending", "faq", "distutils", "reference")],
         r"^$"),
    ],
    "manpages": [
        (man_pages, package, "share/man", MAN, None)
        for package in ("systemd", "util-linux", "iproute2", "mount", "procps", "passwd", "quota", "mdadm")
    ],
    "code": [
        (source_files, package, "lib/python3.11", ["**/*.py"], SKIPPED_PYTHON)
        for package in ("libpython3.11-minimal", "libpython3.11-stdlib")
    ],
    "changelogs": [
        (changelogs, "systemd", "share/doc/systemd", ["NEWS.gz"], r"^CHANGES WITH "),
        (changelogs, "util-linux", "share/doc/util-linux/releases", ["*"], r"^[\w -]+:$"),
        (changelogs, "dpkg", "share/doc/dpkg", ["changelog.gz"], ENTRY),
        (changelogs, "lvm2", "share/doc/lvm2", ["changelog.gz"], r"^Version "),
    ],
}
# the base's: source and the most characters of it
BASE = {
    "guides": [
        (html_pages, "linux-doc-6.1", "share/doc/linux-doc-6.1/html", ["**/*.html"],
         r"^translations|^userspace-api/media|releases", 4e6),        # the media API's pages are under the GFDL
        (html_pages, "python-django-doc", "share/doc/python-django-doc/html", ["**/*.html"], r"releases|_modules", 3e6),
        (html_pages, "exim4-doc-html", "share/doc/exim4-doc-html", ["**/*.html"], r"filter_|ch\d", 1.5e6),
        (html_pages, "sphinx-doc", "share/doc/sphinx-doc/html", ["**/*.html"], r"changes|_modules", 1e6),
    ],
    "manpages": [
        (man_pages, "perl-doc", "share/man", MAN, None, 1.5e6),
        (man_pages, "tcl8.6-doc", "share/man", MAN, None, 1e6),
    ] + [
        (man_pages, package, "share/man", MAN, None, 5e5)
        for package in ("lintian", "ncurses-doc", "dpkg", "dpkg-dev", "apt", "apt-utils", "adduser", "po4a",
                        "debconf-doc", "lvm2", "btrfs-progs", "e2fsprogs", "psmisc", "po-debconf")
    ],
    "code": [
        (source_files, "python3-django", "lib/python3/dist-packages", ["**/*.py"], SKIPPED_PYTHON, 1.5e6),
        (source_files, "python3-twisted", "lib/python3/dist-packages", ["**/*.py"], SKIPPED_PYTHON, 1e6),
        (source_files, "mercurial-common", "lib/python3/dist-packages", ["**/*.py"], SKIPPED_PYTHON, 1e6),
        (source_files, "python3-sqlalchemy", "lib/python3/dist-packages", ["**/*.py"], SKIPPED_PYTHON, 1e6),
        (source_files, "python3-sphinx", "lib/python3/dist-packages", ["**/*.py"], SKIPPED_PYTHON, 5e5),
        (source_files, "perl-modules-5.36", "share/perl", ["**/*.pm"], r"unicore|perl5db|Locale|Unicode", 1e6),
    ],
    "changelogs": [
        (changelogs, "git-doc", "share/doc/git-doc", ["changelog.gz"], r"^Version v", 1e6),
        (changelogs, "haproxy", "share/doc/haproxy", ["changelog.gz"], r"^\d{4}/\d\d/\d\d : ", 7e5),
        (changelogs, "sphinx-doc", "share/doc/sphinx-doc", ["changelog.gz"], r"^Release ", 5e5),
        (changelogs, "e2fsprogs", "share/doc/e2fsprogs", ["NEWS.gz"], r"^E2fsprogs \d", 5e5),
        (changelogs, "tcl8.6-doc", "share/doc/tcl8.6", ["changes.gz"], r"^\d+\. ", 5e5),
        (changelogs, "ncurses-doc", "share/doc/ncurses-doc", ["changelog.gz"], r"^\d{8}", 5e5),
        (changelogs, "btrfs-progs", "share/doc/btrfs-progs", ["changelog.gz"], r"^btrfs-progs-", 5e5),
        (changelogs, "lintian", "share/doc/lintian", ["changelog.gz"], ENTRY, 5e5),
        (html_pages, "python-django-doc", "share/doc/python-django-doc/html/releases", ["*.html"], r"^$", 1e6),
        (html_pages, "python3.11-doc", "share/doc/python3.11/html/whatsnew", ["[0-9]*.html"], r"^$", 5e5),
    ],
}
TRANSLATED = {                              # manual pages, beside the chapters that no user of the language has
    "de": ["adduser", "apt", "apt-utils", "dpkg", "dpkg-dev", "passwd", "po4a"],
    "fr": ["adduser", "apt", "apt-utils", "dpkg", "dpkg-dev", "passwd", "po4a"],
    "it": ["apt", "apt-utils", "passwd", "po4a"],
    "nl": ["adduser", "apt", "apt-utils", "dpkg", "dpkg-dev", "po4a"],
}
for language, packages in TRANSLATED.items():
    BASE[language] = [(man_pages, package, f"share/man/{language}", MAN, None, 2e5) for package in packages]

# a line at least this long that occurred before in the same kind is dropped: shorter ones repeat by nature
REPEATED = {"guides": 1, "manpages": 25, "code": 60, "changelogs": 30}


LONGEST = 30_000                            # characters of one document; what follows is dropped


def without_repeats(lines):
    """No two empty lines in a row, none at the ends, and at most LONGEST characters."""
    kept, length = [], 0
    for line in lines:
        length += len(line) + 1
        if length > LONGEST:
            break
        if line or (kept and kept[-1]):
            kept.append(line)
    while kept and not kept[-1]:
        kept.pop()
    return kept


def is_taken(line, taken):
    return len(line) >= 25 and line.strip() in taken


def untaken(documents, taken):
    return [(name, [line for line in lines if not is_taken(line, taken)]) for name, lines in documents]


def documents_of(sources, unpacked, shortest_repeat, known):
    """(name, lines) of every source; without lines that are in `known` or were there before, without short rests."""
    seen = set()
    for reader, package, folder, patterns, expression, *limit in sources:
        found = []
        for name, lines in reader(unpacked / package / "usr" / folder, patterns, expression):
            kept = []
            for line in lines:
                if (len(line) >= shortest_repeat and line in seen) or is_taken(line, known):
                    continue
                seen.add(line)
                kept.append(line)
            kept = without_repeats(kept)
            if sum(map(len, kept)) >= 200:
                found.append((f"{package}/{name}", kept))
        if not found:
            raise SystemExit(f"{unpacked / package / 'usr' / folder}: no document for {patterns}")
        yield from capped(found, limit[0]) if limit else found


def write(path, documents):
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "\f\n".join("\n".join(lines) + "\n" for _, lines in documents)
    path.write_text(text, encoding="utf-8")
    print(f"{path}: {len(documents)} documents, {len(text)} characters")
    return {"characters": len(text), "documents": sorted(name for name, _ in documents)}


def sample(documents, user):
    """The first line of 80 to 150 characters that is mostly letters (code: that is code), documents in hash order."""
    return next(
        line.strip() for _, lines in documents for line in lines
        if 80 <= len(line.strip()) <= 150 and (
            re.match(r"\t+(def|return|if|for|raise) .*[:)]$", line) if user == "code"
            else sum(c.isalpha() or c == " " for c in line) >= 0.85 * len(line))
    )


def make_users(unpacked, target):
    """Writes the users' text; returns the summary and every line of it."""
    summary, lines = {}, set()
    for user, sources in USERS.items():
        splits = {"train": [], "valid": [], "test": []}
        for name, kept in documents_of(sources, unpacked, REPEATED[user], set()):
            splits[split_of(name)].append((name, kept))
        summary[user] = {}
        for split, documents in splits.items():
            documents = capped(documents, LIMITS["user"][split])
            summary[user][split] = write(target / "domains" / user / f"{split}.txt", documents)
            lines.update(line.strip() for _, kept in documents for line in kept)
        (target / f"{user}.sample.txt").write_text(sample(documents, user) + "\n", encoding="utf-8")
    return summary, lines


def chapters(path):
    """The documents of a text file, named by their hash: make_corpus.py's chapters."""
    for text in filter(None, path.read_text(encoding="utf-8").split("\f\n")):
        yield hashlib.sha256(text.encode()).hexdigest()[:12], text.splitlines()


def main(unpacked, target):
    summary, taken = make_users(unpacked, target)
    for file in (target / "users").glob("*/*.txt"):
        taken.update(line.strip() for _, lines in chapters(file) for line in lines)
    for file in (target / "base/en/valid.txt", target / "base/en/test.txt"):
        taken.update(line.strip() for _, lines in chapters(file) for line in lines)
    base = {}
    for name, sources in BASE.items():
        documents = list(documents_of(sources, unpacked, REPEATED.get(name, 1), taken))
        if name in TRANSLATED:
            documents += untaken(chapters(target / "rest" / f"{name}.txt"), taken)
        base[name] = write(target / "base-large" / f"{name}.txt", documents)
    (target / "domains.json").write_text(json.dumps({"users": summary, "base": base}, indent=1) + "\n")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
