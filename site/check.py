"""Look at every page of the book in a browser, as `make site-check` does.

    python site/check.py [page …]          pages: index, verdicts, chapters/4_0_…

Each page is opened on a desk in the light and on a phone in the dark. It fails on a
message in the console, a request to another address, a formula that is not typeset, a
picture without a description, a link into nowhere, text that is hard to read (contrast
below 4.5 or letters below 11 pixels), and a page wider than the phone. Screenshots of a
few pages go into site/_build/screens.
"""

import sys
import time
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin

from browser import chromium, served

BUILD = Path(__file__).resolve().parent / "_build"
HTML, SCREENS = BUILD / "html", BUILD / "screens"
DESK = {"width": 1280, "height": 900}
PHONE = {"width": 375, "height": 800}
VIEWS = {  # size and colours; the first two are used on every page
    "desk-light": (DESK, "light"),
    "phone-dark": (PHONE, "dark"),
    "desk-dark": (DESK, "dark"),
    "phone-light": (PHONE, "light"),
}
READY = """async () => {
  if (window.MathJax && MathJax.startup) await MathJax.startup.promise;
  for (const img of document.images) img.loading = "eager";
  await Promise.all([...document.images].map((img) => img.decode().catch(() => {})));
}"""
LOOK = (BUILD.parent / "look.js").read_text("utf-8")


def look(page, address):
    """What is wrong with one page; its ids and its links."""
    said, here = [], address[: address.index("/", 8)]

    def console(message):
        if message.type in ("error", "warning"):
            said.append(f"console: {message.text[:150]}")

    def request(request):
        if request.url.startswith("http") and not request.url.startswith(here):
            said.append(f"asks another address: {request.url[:100]}")

    def pageerror(error):
        said.append(f"error: {str(error)[:150]}")

    listeners = {"console": console, "request": request, "pageerror": pageerror}
    for name, listener in listeners.items():
        page.on(name, listener)
    page.goto(address)
    page.evaluate(READY)
    found = page.evaluate(LOOK)
    for name, listener in listeners.items():
        page.remove_listener(name, listener)
    return said + found["found"], set(found["ids"]), found["links"]


def broken(links, ids, base):
    """The links between pages that lead nowhere: page, link."""
    for name, all_links in links.items():
        for link in sorted(set(all_links)):
            whole, part = urldefrag(urljoin(f"{base}/{name}", link))
            if not whole.startswith(base):
                continue
            target = unquote(whole.removeprefix(f"{base}/")) or "index.html"
            if not (HTML / target).is_file():
                yield name, link
            elif part and target in ids and unquote(part) not in ids[target]:
                yield name, link


def search_finds(page, base, word):
    """How many pages the book's own search finds."""
    page.goto(f"{base}/search.html?q={word}")
    page.wait_for_selector("#search-results .search-summary", timeout=20_000)
    page.wait_for_timeout(1500)
    return page.locator("#search-results ul.search li").count()


def table_narrows(page, base):
    """What is wrong with the box and the headings of the table of verdicts."""
    page.goto(f"{base}/verdicts.html")
    rows = page.locator(".verdicts tbody tr")
    shown = page.locator(".verdicts tbody tr:visible")
    whole = rows.count()
    page.fill(".verdicts input", "document false")
    few = shown.count()
    texts = [text.lower() for text in shown.all_inner_texts()]
    page.fill(".verdicts input", "")
    page.click(".verdicts th button >> nth=0")
    names = page.locator(".verdicts td.claim").all_inner_texts()
    if not 0 < few < whole or not all("false" in text for text in texts):
        yield f"the box narrows {whole} rows to {few}"
    if shown.count() != whole:
        yield "an empty box does not show the whole table again"
    if names != sorted(names, key=str.lower):
        yield "a click on a heading does not sort"


def main(wanted):
    """Look at all pages; the number of faults."""
    start, faults = time.monotonic(), []
    pages = sorted(path.relative_to(HTML).as_posix() for path in HTML.rglob("*.html"))
    pages = [p for p in pages if not p.startswith("_")]
    some = [p for p in pages if p.removesuffix(".html") in wanted] if wanted else pages
    first = next(page for page in pages if page.startswith("chapters/"))
    SCREENS.mkdir(exist_ok=True)
    links, ids = {}, {}
    with served(HTML) as base, chromium() as browser:
        for number, (view, (size, colours)) in enumerate(VIEWS.items()):
            context = browser.new_context(viewport=size, color_scheme=colours)
            page = context.new_page()
            shown = ["index.html", "verdicts.html", first, *(some if wanted else [])]
            for name in dict.fromkeys([*(some if number < 2 else []), *shown]):
                wrong, ids[name], links[name] = look(page, f"{base}/{name}")
                faults += [f"{name} ({view}): {what}" for what in wrong]
                if name in shown:
                    file = f"{name[:-5].replace('/', '-')}-{view}.png"
                    page.screenshot(path=SCREENS / file)
            context.close()
        nowhere = broken(links, ids, base)
        faults += [f"{name}: leads nowhere: {to}" for name, to in nowhere]
        page = browser.new_page()
        for word in ("peephole", "LocalAttention", "双向", "遗忘门"):
            if not search_finds(page, base, word):
                faults.append(f"the search finds nothing for {word}")
        faults += table_narrows(page, base)
    for fault in dict.fromkeys(faults):
        print(fault)
    seconds = time.monotonic() - start
    print(f"{len(some)} pages, {len(set(faults))} faults, {seconds:.0f} s")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
