"""Plain text in five languages out of unpacked Debian documentation packages.

    python3 make_corpus.py UNPACKED_DIR TEXT_DIR

Writes TEXT_DIR/{base/en,users/LANG}/SPLIT.txt (chapters separated by a line with one form feed),
TEXT_DIR/rest/LANG.txt (training chapters beyond a user's limit), TEXT_DIR/LANG.sample.txt (a sentence of the test text)
and TEXT_DIR/corpus.json (characters and chapter names).
Standard library only; the same packages give the same bytes.
"""
import hashlib
import html.parser
import json
import pathlib
import re
import sys

LANGUAGES = ["en", "de", "fr", "it", "nl"]
REGIONS = {"en": "en-US", "de": "de-DE", "fr": "fr-FR", "it": "it-IT", "nl": "nl-NL"}

# document -> (package, directory, file pattern); {lang}, {region}: the language; {-lang}, {.lang}: "" for English.
DOCUMENTS = {
    "installation-guide": ("installation-guide-amd64", "doc/installation-guide-amd64/{lang}", "*.html"),
    "debian-handbook": ("debian-handbook", "doc/debian-handbook/html/{region}", "*.html"),
    "debian-reference": ("debian-reference-{lang}", "debian-reference", "*.{lang}.html"),
    "developers-reference": ("developers-reference{-lang}", "developers-reference{/lang}", "*.html"),
    "maint-guide": ("maint-guide{-lang}", "doc/maint-guide{-lang}/html", "*.{lang}.html"),
    "harden-doc": ("harden-doc", "doc/harden-doc/html/{region}", "*.html"),
    "aptitude": ("aptitude-doc-{lang}", "doc/aptitude/html/{lang}", "*.html"),
    "apt-guide": ("apt-doc", "doc/apt-doc/guide{.lang}.html", "*.html"),
    "apt-offline": ("apt-doc", "doc/apt-doc/offline{.lang}.html", "*.html"),
    "debian-edu": ("debian-edu-doc-{lang}", "doc/debian-edu-doc-{lang}", "debian-edu-bookworm-manual.html"),
    "debian-history": ("debian-history", "doc/debian-history/docs", "*.{lang}.html"),
    "debian-policy": ("debian-policy", "doc/debian-policy/policy.html", "*.html"),
    "kernel-handbook": ("debian-kernel-handbook", "doc/debian-kernel-handbook/kernel-handbook.html", "*.html"),
    "git": ("git-doc", "doc/git/html", "**/*.html"),
}
ENGLISH_ONLY = {"debian-policy", "kernel-handbook", "git"}
# Tables of contents, indices, colophons, release notes, and pages whose names differ from language to language.
SKIPPED_FILES = re.compile(r"^(index|genindex|search|toc|appendix-gpl|gpl|ape|license.*|ld-.*)$|RelNotes")
SKIPPED_CLASSES = {
    "navheader", "navfooter", "toc", "docnav", "related", "footer", "sphinxsidebar", "legalnotice", "list-of-tables",
    "list-of-figures", "list-of-examples", "headerlink", "copyright", "revhistory", "footer-text",
}
SKIPPED_TAGS = {"script", "style", "head", "pre", "nav", "table"}
SKIPPED_IDS = {"banner", "title", "footer", "footer-text"}
BLOCKS = {
    "p", "div", "li", "dt", "dd", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "ul", "ol", "dl", "section", "hr",
    "br", "body",
}
VOID = {"br", "hr", "img", "meta", "link", "input", "col", "area", "base", "wbr"}


class Extractor(html.parser.HTMLParser):
    """Lines of prose: one per block element, without navigation, listings, tables; and the level-2 headings."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.lines, self.headings = [], []
        self.buffer, self.stack, self.skip_depth, self.heading = [], [], None, False

    def handle_starttag(self, tag, attributes):
        if tag in BLOCKS:
            self.flush()
        if tag in VOID:
            return
        self.stack.append(tag)
        values = dict(attributes)
        classes = set((values.get("class") or "").split())
        if self.skip_depth is None and (
            tag in SKIPPED_TAGS or classes & SKIPPED_CLASSES or values.get("id") in SKIPPED_IDS
        ):
            self.skip_depth = len(self.stack)
        self.heading |= tag == "h2"

    def handle_startendtag(self, tag, attributes):
        if tag in BLOCKS:
            self.flush()

    def handle_endtag(self, tag):
        if tag in BLOCKS:
            self.flush()
        if tag not in self.stack:
            return
        while self.stack and self.stack.pop() != tag:
            pass
        if self.skip_depth is not None and len(self.stack) < self.skip_depth:
            self.skip_depth = None

    def handle_data(self, data):
        if self.skip_depth is None:
            self.buffer.append(data)

    def flush(self):
        line = " ".join("".join(self.buffer).replace("\u00ad", "").replace("¶", "").split())
        self.buffer = []
        if not line:
            return
        if self.heading:
            self.headings.append(len(self.lines))
        self.heading = False
        self.lines.append(line)


def directory_of(template, lang):
    english = lang == "en"
    return (
        template.replace("{lang}", lang).replace("{region}", REGIONS[lang])
        .replace("{-lang}", "" if english else "-" + lang)
        .replace("{.lang}", "" if english else "." + lang)
        .replace("{/lang}", "" if english else "/" + lang)
    )


def chapters_of(unpacked, document, lang):
    """(chapter name without language, lines) in name order."""
    package, folder, pattern = (directory_of(part, lang) for part in DOCUMENTS[document])
    base = unpacked / package / "usr/share" / folder
    for file in sorted(base.glob(pattern)):
        name = file.relative_to(base).as_posix().removesuffix(".html").removesuffix("." + lang)
        if SKIPPED_FILES.search(name) or "_static" in name:
            continue
        extractor = Extractor()
        extractor.feed(file.read_text(encoding="utf-8", errors="strict"))
        extractor.close()
        extractor.flush()
        if document.startswith("debian-edu"):   # one page: its numbered level-2 sections are the chapters
            starts = [0] + extractor.headings + [len(extractor.lines)]
            for number, (start, end) in enumerate(zip(starts, starts[1:])):
                yield f"{document}/{name}/{number}", extractor.lines[start:end]
        else:
            yield f"{document}/{name}", extractor.lines


def split_of(chapter):
    """A chapter is in the same split in every language: 70 % train, 16 % valid, 14 % test."""
    bucket = int.from_bytes(hashlib.sha256(chapter.encode()).digest()[:8], "big") % 100
    return "train" if bucket < 70 else "valid" if bucket < 86 else "test"


# About as much text for every user, so that users differ in language and not in wealth; whole lines, in hash order.
LIMITS = {
    "en": {"train": 10_000_000, "valid": 250_000, "test": 250_000},
    "user": {"train": 800_000, "valid": 200_000, "test": 140_000},
}
ENGLISH_ONLY_WORDS = {"the", "and", "to", "with", "for", "this", "are", "that", "from", "by", "have", "which", "you"}


def is_english(line):
    """True for English sentences that escaped the comparison because a cross-reference in them was translated."""
    words = re.findall(r"[a-z]+", line.lower())
    count = sum(word in ENGLISH_ONLY_WORDS for word in words)
    return count >= 2 and count >= 0.1 * len(words)


def capped(chapters, limit):
    """Chapters by the hash of their name until the limit (characters) is reached, the last one cut at a line."""
    result = []
    for name, lines in sorted(chapters, key=lambda c: hashlib.sha256(c[0].encode()).digest()[8:]):
        kept = []
        for line in lines:
            limit -= len(line) + 1
            if limit < 0:
                break
            kept.append(line)
        if kept:
            result.append((name, kept))
        if limit < 0:
            break
    return result


def write_rest(path, chapters, taken):
    """Training chapters beyond the limit, so that nobody has them: other text of the language."""
    path.parent.mkdir(exist_ok=True)
    rest = (lines for name, lines in chapters if name not in taken)
    path.write_text("\f\n".join("\n".join(lines) + "\n" for lines in rest), encoding="utf-8")


def is_prose(line):
    letters = sum(c.isalpha() for c in line)
    return letters >= 3 and letters >= 0.5 * len(line)


def sample(chapters):
    """The first plain sentence of 100 to 160 characters: what the demo prints in colours."""
    return next(
        line for _, lines in chapters for line in lines
        if 100 <= len(line) <= 160 and re.fullmatch(r"[^\W\d_a-z](?:[^\W\d_]|[ ,.’'-])*\.", line) and line[0].isupper()
    )


def main(unpacked, target):
    english = set()
    summary = {}
    for lang in LANGUAGES:
        chapters = {"train": [], "valid": [], "test": []}
        seen = set()
        for document in DOCUMENTS:
            if lang != "en" and document in ENGLISH_ONLY:
                continue
            for name, lines in chapters_of(unpacked, document, lang):
                kept = []
                for line in lines:
                    if line in seen or line in english or not is_prose(line) or (lang != "en" and is_english(line)):
                        continue   # boilerplate, text nobody translated, commands and tables
                    seen.add(line)
                    kept.append(line)
                if sum(map(len, kept)) >= 200:
                    chapters[split_of(name)].append((name, kept))
        if lang == "en":
            english = seen
        folder = target / ("base" if lang == "en" else "users") / lang
        folder.mkdir(parents=True, exist_ok=True)
        summary[lang] = {}
        for split, found in chapters.items():
            everything = found
            found = capped(everything, LIMITS["en" if lang == "en" else "user"][split])
            if split == "train":
                write_rest(target / "rest" / f"{lang}.txt", everything, {name for name, _ in found})
            text = "\f\n".join("\n".join(lines) + "\n" for _, lines in found)
            (folder / f"{split}.txt").write_text(text, encoding="utf-8")
            summary[lang][split] = {"characters": len(text), "chapters": sorted(name for name, _ in found)}
            print(f"{lang} {split}: {len(found)} chapters, {len(text)} characters")
        (target / f"{lang}.sample.txt").write_text(sample(found) + "\n", encoding="utf-8")
    (target / "corpus.json").write_text(json.dumps(summary, indent=1) + "\n")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
