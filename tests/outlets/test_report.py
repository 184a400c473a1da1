"""The report in a real browser: what it shows is counted here again from the annotations, by other means.

Run by `make test-outlets`. $DEMARCHE names the program, $CHROMIUM the browser; $CORPUS_ANNOTATIONS may name annotations of corpus/articles that are
there already.
"""

import csv
import datetime
import io
import json
import os
import random
import re
import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest

playwright = pytest.importorskip("playwright.sync_api")

ROOT = Path(__file__).resolve().parents[2]
DEMARCHE = os.environ.get("DEMARCHE", str(ROOT / "target/release/demarche"))
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
if not Path(CHROMIUM).exists():
    pytest.skip(f"there is no browser at {CHROMIUM} (Debian: chromium)", allow_module_level=True)

NASTY = '</script><img src=x onerror="window.broken=1">'
THINGS = [
    ("United States", "USA", "LOC"),
    ("China", "CHN", "LOC"),
    ("Bagram Air Base", "fac:bagram air base", "FAC"),
    ("Żółw 🐢", "per:zolw", "PER"),
    (NASTY, "org:nasty", "ORG"),
    ("=HYPERLINK(1)", "org:formula", "ORG"),
    ("o'Neill, \"Jo\" & Söhne\u2028", "per:oneill", "PER"),
    ("France", "FRA", "LOC"),
]
OUTLETS = ["Atlas Wire", 'The "Times", & Co', "Süd 🙂 Post"]
KINDS = ["accuse", "support", "sanction", None]


def annotation(number, day, outlet, held):
    """A record whose sentences each name one actor and one target."""
    text, sentences, mentions, positions, entities = "🙂 “Lead” e\u0301. ", [], [], [], []
    numbers = {}

    def entity(thing):
        if thing not in numbers:
            numbers[thing] = len(entities)
            name, key, kind = THINGS[thing]
            country = "XX" if len(key) == 3 else None
            entities.append({"id": len(entities), "name": name, "type": kind, "country": country, "key": key, "mentions": []})
        return numbers[thing]

    def mention(thing):
        start = len(text)
        owner = entity(thing)
        entities[owner]["mentions"].append(len(mentions))
        name = THINGS[thing][0]
        mentions.append({"start": start, "end": start + len(name), "text": name, "type": THINGS[thing][2], "score": 0.9, "entity": owner})
        return name

    for actor, target, stance, score, kind in held:
        start = len(text)
        text += mention(actor)
        text += " “spoke” of "
        text += mention(target)
        text += f" in case {number}. "
        sentences.append({"start": start, "end": len(text) - 1})
        told = {"sentence": len(sentences) - 1, "actor_mention": len(mentions) - 2, "target_mention": len(mentions) - 1, "stance": stance, "score": score}
        if kind:
            told["kind"] = kind
        positions.append({"actor": THINGS[actor][0], "actor_id": numbers[actor], "target": THINGS[target][0], "target_id": numbers[target],
                          "stance": stance, "score": score, "evidence": [told]})
    model = {"name": "n", "sha256": "0" * 64}
    return {"schema": "demarche.annotation/1", "id": f"a{number}", "source": {"path": "none", "record": number}, "title": f"Report {number} </title>",
            "published": day, "outlet": outlet, "url": f"https://example.org/{number}?a=1&b=2", "chars": len(text), "sha256": "0" * 64, "text": text,
            "sentences": sentences, "mentions": mentions, "entities": entities, "positions": positions, "models": {"ner": model, "stance": model},
            "tool": "demarche 0.1.0"}


def made(articles, dated=True):
    chance = random.Random(3)
    for number in range(articles):
        day = (datetime.date(2025, 1, 6) + datetime.timedelta(days=chance.randrange(120))).isoformat() if dated else None
        pairs = chance.sample([(a, t) for a in range(len(THINGS)) for t in range(len(THINGS)) if a != t], chance.randint(1, 4))
        held = [(a, t, chance.choice(["support", "oppose"]), chance.randint(3000, 10000) / 10000, chance.choice(KINDS)) for a, t in pairs]
        yield annotation(number, day, chance.choice(OUTLETS) if dated else None, held)


def report(folder, records, *flags):
    source, page = folder / "annotations.jsonl", folder / "report.html"
    source.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records))
    subprocess.run([DEMARCHE, "report", source, "-o", page, "-q", *flags], check=True)
    return page


def rows(records):
    """Every position: actor, target, stance, score, kind, day, outlet."""
    for record in records:
        for position in record["positions"]:
            key = [record["entities"][position[side]]["key"] for side in ("actor_id", "target_id")]
            yield (*key, position["stance"], position["score"], position["evidence"][0].get("kind"), record["published"], record["outlet"])


@pytest.fixture(scope="session")
def browser():
    with playwright.sync_playwright() as running:
        started = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="session")
def records():
    return list(made(300))


@pytest.fixture(scope="session")
def made_page(tmp_path_factory, records):
    return report(tmp_path_factory.mktemp("made"), records, "--title", "Tést </title><script>window.broken=1</script>")


@pytest.fixture
def visit(browser):
    """Opens a page; afterwards nothing may have been asked of any network, and nothing complained of."""
    open_contexts, complaints, requests = [], [], []

    def go(page, address="", **how):
        context = browser.new_context(**{"viewport": {"width": 1360, "height": 900}, **how})
        open_contexts.append(context)
        tab = context.new_page()
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("dialog", lambda dialog: complaints.append(dialog.message))
        tab.on("request", lambda request: requests.append(request.url))
        tab.goto(page.as_uri() + address)
        return tab

    yield go
    for context in open_contexts:
        context.close()
    assert complaints == []
    foreign = [url for url in requests if not url.startswith(("data:", "blob:")) and not re.match(r"file://.*/report\.html", url)]
    assert foreign == []


def until(tab, said):
    """Waits until the address says so."""
    tab.wait_for_url(lambda url: said in url, timeout=5000)


def figures(tab):
    """The headline figures: positions, oppose, support."""
    numbers = tab.eval_on_selector_all(".figures dd", "all => all.map(one => one.firstChild.nodeType === 3 && /\\d/.test(one.firstChild.data)"
                                       " ? one.firstChild.data : one.childNodes[1].data)")
    return tuple(int(number.replace(",", "")) for number in numbers[:3])


def settles(tab, expected):
    """The page is drawn after its address has changed: a moment is allowed."""
    end = time.monotonic() + 3
    while figures(tab) != expected and time.monotonic() < end:
        tab.wait_for_timeout(20)
    return figures(tab) == expected


def counted(positions):
    sides = Counter(position[2] for position in positions)
    return sum(sides.values()), sides["oppose"], sides["support"]


def downloaded(tab):
    with tab.expect_download() as waiting:
        tab.click("#csv")
    raw = Path(waiting.value.path()).read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(raw[3:].decode(), newline="")))


def test_the_first_screen_says_what_the_annotations_hold(visit, made_page, records):
    tab = visit(made_page)
    positions = list(rows(records))
    assert figures(tab) == counted(positions)
    assert tab.inner_text("h1") == "Tést </title><script>window.broken=1</script>" == tab.title()
    assert tab.evaluate("window.broken") is None
    pairs = Counter((position[0], position[1], position[2]) for position in positions)
    names = {name: key for name, key, _ in THINGS}
    cells = tab.eval_on_selector_all(".matrix td a", "all => all.map(one => one.getAttribute('aria-label'))")
    assert len(cells) == len({pair[:2] for pair in pairs})
    for cell in cells:
        pair, numbers = re.fullmatch(r"(?s)(.*): ([^:]*)", cell).groups()
        actor, target = (names[name] for name in pair.split(" towards "))
        shown = {side: int(number) for number, side in re.findall(r"(\d+) (oppose|support)", numbers)}
        for side in ("oppose", "support"):
            assert shown.get(side, 0) == pairs[actor, target, side], cell
    # The names of strangers are text.
    assert tab.locator(".matrix th a", has_text=NASTY).count() == 2
    assert tab.locator("img").count() == 0


FILTERS = [
    (lambda tab: tab.locator("label", has_text="Oppose").click(), "stance=oppose", lambda p: p[2] == "oppose"),
    (lambda tab: tab.select_option("#kind", "accuse"), "kind=accuse", lambda p: p[4] == "accuse"),
    (lambda tab: tab.select_option("#kind", "none"), "kind=none", lambda p: p[4] is None),
    (lambda tab: tab.select_option("#outlet", OUTLETS[1]), "outlet=The", lambda p: p[6] == OUTLETS[1]),
    (lambda tab: tab.fill("#from", "2025-02-03"), "from=2025-02-03", lambda p: p[5] >= "2025-02-03"),
    (lambda tab: tab.fill("#to", "2025-02-03"), "to=2025-02-03", lambda p: p[5] <= "2025-02-03"),
    (lambda tab: [tab.focus("#min"), [tab.keyboard.press("ArrowRight") for _ in range(5)]], "min=0.55", lambda p: p[3] >= 0.55),
]


@pytest.mark.parametrize("act,said,passes", FILTERS, ids=[said for _, said, _ in FILTERS])
def test_a_filter_changes_address_and_figures(visit, made_page, records, act, said, passes):
    tab = visit(made_page)
    expected = counted([position for position in rows(records) if passes(position)])
    assert 0 < expected[0] < counted(list(rows(records)))[0]
    act(tab)
    until(tab, said)
    assert settles(tab, expected), figures(tab)
    assert str(expected[0]) in tab.inner_text("#told").replace(",", "")
    # The address says it all: another tab shows the same, and its controls say so.
    other = visit(made_page, tab.evaluate("location.hash"))
    assert figures(other) == expected
    state = "() => [...document.querySelectorAll('#filters select, #filters input')].map(one => one.type === 'radio' ? one.checked : one.value)"
    assert other.evaluate(state) == tab.evaluate(state)
    other.click("#reset")
    assert settles(other, counted(list(rows(records))))


def test_the_back_button_goes_back(visit, made_page, records):
    tab = visit(made_page)
    tab.locator("label", has_text="Oppose").click()
    tab.click(".views >> text=Network")
    tab.click(".views >> text=Timeline")
    heading = playwright.expect(tab.locator("h2"))
    heading.to_have_text("Positions by week")
    assert "stance=oppose" in tab.url
    tab.go_back()
    heading.to_have_text("Network")
    tab.go_back()
    tab.go_back()
    assert settles(tab, counted(list(rows(records))))
    assert tab.locator("input[name=stance][value='']").is_checked()


def test_a_target_has_its_page(visit, made_page, records):
    tab = visit(made_page)
    tab.click(".views >> text=Targets")
    tab.fill("#pick", "Bagram Air Base")
    until(tab, "target=fac")
    towards = [position for position in rows(records) if position[1] == "fac:bagram air base"]
    assert settles(tab, counted(towards)), figures(tab)
    first = tab.locator("table", has=tab.locator("caption", has_text="Actors towards Bagram Air Base"))
    shown = {row.locator("th").inner_text(): [int(cell) for cell in row.locator("td.number").all_inner_texts()[:2]] for row in first.locator("tbody tr").all()}
    names = {key: name for name, key, _ in THINGS}
    expected = {}
    for actor, _, stance, *_ in towards:
        expected.setdefault(names[actor].replace("\u2028", ""), [0, 0])[stance == "support"] += 1
    assert {name.replace("\u2028", "").strip(): numbers for name, numbers in shown.items()} == expected
    assert tab.locator(".chart svg").count() == 2
    best = max(position[3] for position in towards)
    card = tab.locator(".evidence").first
    assert float(card.locator(".score").inner_text()) == pytest.approx(best, abs=0.006)
    assert card.locator("mark.target").inner_text() == "Bagram Air Base"
    assert card.locator("mark.actor").count() == 1 and "“spoke” of" in card.inner_text()
    assert card.locator("cite a").get_attribute("href").startswith("https://example.org/")
    first.locator("tbody a").first.click()
    playwright.expect(tab.locator("h2")).to_contain_text(" → ")
    assert "actor=" in tab.url


def test_search_finds_names_and_sentences(visit, made_page):
    tab = visit(made_page)
    tab.fill("#query", "zolw")
    tab.wait_for_selector(".cards")
    assert "view=evidence" in tab.url and "q=zolw" in tab.url
    texts = tab.locator(".evidence").all_inner_texts()
    assert texts and all("Żółw 🐢" in text for text in texts)
    tab.fill("#query", "zolw case 7.")
    until(tab, "case+7")
    assert tab.evaluate("document.activeElement.id") == "query"
    tab.fill("#query", "no such words anywhere")
    tab.wait_for_selector(".empty")
    tab.fill("#query", "Bagram")
    tab.wait_for_selector(".chip")
    tab.click(".chip")
    playwright.expect(tab.locator("h2")).to_have_text("Bagram Air Base")


@pytest.mark.parametrize("view", ["overview", "network", "timeline", "evidence", "target", "target&target=USA"])
def test_the_download_is_what_is_shown(visit, made_page, records, view):
    tab = visit(made_page, f"#view={view}&stance=oppose")
    lines = downloaded(tab)
    heads, body = lines[0], lines[1:]
    assert body and all(len(line) == len(heads) for line in body)
    expected = [position for position in rows(records) if position[2] == "oppose"]
    if "stance" in heads:
        assert all(line[1] == "oppose" for line in body)
        assert tab.inner_text("main .soft").startswith(f"{len(body)} sentences")
        return
    oppose = sum(int(line[heads.index("oppose")]) for line in body)
    assert sum(int(line[heads.index("support")]) for line in body) == 0
    if view == "overview":
        labels = tab.eval_on_selector_all(".matrix td a", "all => all.map(one => one.getAttribute('aria-label'))")
        plain = lambda name: name[1:] if name.startswith("'=") else name
        assert sorted(labels) == sorted(f"{plain(line[0])} towards {plain(line[1])}: {line[3]} oppose" for line in body)
        assert "'=HYPERLINK(1)" in {line[0] for line in body}, "a formula is kept a text"
    if view == "network":
        assert len(body) == tab.locator("table.plain tbody tr").count()
    if view == "target&target=USA":
        assert oppose == sum("USA" in position[:2] for position in expected)
    elif view != "network":
        assert oppose == len(expected)


def luminance(colour):
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_can_be_read(visit, made_page, scheme):
    tab = visit(made_page, color_scheme=scheme)
    colours = tab.evaluate("""() => { const style = getComputedStyle(document.documentElement); const probe = document.createElement('i');
        document.body.append(probe); const named = {}; for (const name of ['paper','card','ink','soft','support','oppose','deep','mark',
        's1','s2','s3','s4','s5','o1','o2','o3','o4','o5']) { probe.style.color = style.getPropertyValue('--' + name); named[name] =
        getComputedStyle(probe).color; } probe.remove(); return named; }""")
    for step in range(1, 6):
        for side in "so":
            text = colours["ink"] if step <= 3 else colours["deep"]
            assert contrast(text, colours[f"{side}{step}"]) >= 4.5, (scheme, side, step)
    for name in ("ink", "soft", "support", "oppose"):
        for ground in ("paper", "card"):
            assert contrast(colours[name], colours[ground]) >= 4.5, (scheme, name, ground)
    assert contrast(colours["ink"], colours["mark"]) >= 4.5
    dark = luminance(tab.evaluate("getComputedStyle(document.body).backgroundColor")) < 0.2
    assert dark == (scheme == "dark")
    tab.click("#theme")
    assert (luminance(tab.evaluate("getComputedStyle(document.body).backgroundColor")) < 0.2) != dark


def test_the_keyboard_reaches_everything(visit, made_page):
    tab = visit(made_page)
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.id") == "skip"
    tab.keyboard.press("Enter")
    assert tab.evaluate("document.activeElement.id") == "main"
    seen = []
    for _ in range(60):
        tab.keyboard.press("Tab")
        seen.append(tab.evaluate("(document.activeElement.dataset.x ?? '') && 'cell'") or tab.evaluate("document.activeElement.id"))
        if seen[-1] == "cell":
            break
    assert seen[-1] == "cell", seen
    where = "[document.activeElement.dataset.x, document.activeElement.dataset.y].map(Number)"
    x, y = tab.evaluate(where)
    tab.keyboard.press("ArrowRight")
    assert tab.evaluate(where)[0] > x and tab.evaluate(where)[1] == y
    tab.keyboard.press("ArrowDown")
    assert tab.evaluate(where)[1] > y
    # One stop of the tab key for all cells.
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.dataset.x") is None
    tab.keyboard.press("Shift+Tab")
    label = tab.evaluate("document.activeElement.getAttribute('aria-label')")
    outline = tab.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none", "whoever walks by key sees where"
    tab.keyboard.press("Enter")
    until(tab, "actor=")
    playwright.expect(tab.locator("h2")).to_contain_text(" → ")
    assert tab.inner_text("h2").split(" → ")[0].strip() in label
    assert tab.evaluate("document.activeElement.id") == "main"


def test_sorting_keeps_the_place_of_the_key(visit, made_page):
    tab = visit(made_page)
    head = tab.locator(".matrix .column a").first
    name = head.inner_text()
    head.focus()
    tab.keyboard.press("Enter")
    until(tab, "sort=")
    sorted_by = tab.locator(".matrix th[aria-sort]")
    playwright.expect(sorted_by).to_have_count(1)
    assert name in sorted_by.inner_text() and sorted_by.get_attribute("aria-sort") == "ascending"
    assert name in tab.evaluate("document.activeElement.textContent")


@pytest.mark.parametrize("view", ["overview", "network", "timeline", "evidence", "target", "target&target=USA", "target&target=USA&actor=CHN"])
def test_all_that_can_be_acted_on_has_a_name(visit, made_page, view):
    tab = visit(made_page, f"#view={view}")
    tree = tab.context.new_cdp_session(tab).send("Accessibility.getFullAXTree")["nodes"]
    roles = Counter()
    for node in tree:
        role = node.get("role", {}).get("value")
        if node.get("ignored") or role not in {"link", "button", "textbox", "searchbox", "combobox", "slider", "radio", "image", "img", "grid", "table", "region", "navigation", "form"}:
            continue
        roles[role] += 1
        assert node.get("name", {}).get("value", "").strip() or role == "table", node
    assert roles["link"] >= 5 and roles["slider"] == 1
    assert tab.locator("h1").count() == 1 and tab.locator("h2").count() == 1
    unnamed = tab.eval_on_selector_all("table", "all => all.filter(one => !one.caption && !one.getAttribute('aria-labelledby')).length")
    assert unnamed == 0
    if view in ("network", "timeline"):
        assert tab.locator(".chart[role=img]").count() >= 1 and tab.locator("table.plain").count() >= 1


@pytest.mark.parametrize("view", ["overview", "network", "timeline", "evidence", "target&target=USA"])
def test_a_phone_shows_it_without_scrolling_aside(visit, made_page, view):
    tab = visit(made_page, f"#view={view}", viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    assert tab.evaluate("document.documentElement.scrollWidth") <= 360
    assert not tab.locator("#kind").is_visible()
    tab.click("summary >> text=Filters")
    assert tab.locator("#kind").is_visible()


def test_motion_is_left_out_where_it_is_not_wanted(visit, made_page):
    still = visit(made_page, reduced_motion="reduce")
    assert still.evaluate("getComputedStyle(document.querySelector('#csv')).transitionDuration") in ("0s", "")


def test_it_prints_what_is_shown(visit, made_page):
    tab = visit(made_page, "#stance=oppose", color_scheme="dark")
    tab.emulate_media(media="print")
    assert not tab.locator("#filters").is_visible() and tab.locator("#applied").is_visible()
    assert "stance oppose" in tab.inner_text("#applied")
    assert tab.pdf(format="A4").startswith(b"%PDF")


def test_without_dates_there_is_something_else_to_see(visit, tmp_path):
    tab = visit(report(tmp_path, made(40, dated=False)), "#view=timeline")
    assert "no dates" in tab.inner_text(".empty")
    assert tab.locator(".chart svg").count() >= 2
    assert not tab.locator("#from").is_visible() and not tab.locator("#outlet").is_visible()


def test_without_positions_it_says_so(visit, tmp_path):
    record = annotation(0, None, None, [])
    tab = visit(report(tmp_path, [record]))
    assert "No position" in tab.inner_text(".empty")


def test_addresses_with_nonsense_do_no_harm(visit, made_page):
    for nonsense in ("#view=__proto__&min=NaN&size=1e9&stance=x", "#view=target&target=" + "%3Cimg%20src=x%3E", "#from=9999-99-99&to=x&outlet=%22", "#%E0%A4%A"):
        tab = visit(made_page, nonsense)
        assert tab.locator("main > *").count() > 0


def test_the_corpus(visit, tmp_path):
    ready = os.environ.get("CORPUS_ANNOTATIONS")
    if not ready:
        ready = tmp_path / "corpus.jsonl"
        subprocess.run([DEMARCHE, "annotate", ROOT / "corpus/articles", "-o", ready, "--include", "text", "-q"], check=True)
    records = [json.loads(line) for line in Path(ready).read_text().splitlines()]
    tab = visit(report(tmp_path, records), "#view=overview")
    positions = list(rows(records))
    assert figures(tab) == counted(positions)
    tab.fill("#query", "Bagram")
    tab.wait_for_selector(".evidence mark")


def test_a_hundred_thousand_positions_stay_usable(visit, tmp_path):
    chance = random.Random(5)
    things = [[f"Name {n}", f"org:name {n}"] for n in range(3000)]
    model = {"name": "n", "sha256": "0"}

    def lines():
        for number in range(20_000):
            chosen = chance.sample(range(3000), 10)
            chosen = [int(at * chance.random() ** 3) for at in chosen]
            entities = [{"id": at, "name": things[thing][0], "type": "ORG", "country": None, "key": things[thing][1], "mentions": [at]} for at, thing in enumerate(chosen)]
            mentions = [{"start": 0, "end": 1, "text": things[thing][0], "type": "ORG", "score": 1, "entity": at} for at, thing in enumerate(chosen)]
            positions = [{"actor": "", "actor_id": at, "target": "", "target_id": at + 5, "stance": chance.choice(["support", "oppose"]), "score": 0.5,
                          "evidence": [{"sentence": 0, "actor_mention": at, "target_mention": at + 5, "stance": "oppose", "score": 0.5}]} for at in range(5)]
            day = datetime.date(2020, 1, 1) + datetime.timedelta(days=number // 10)
            yield {"schema": "demarche.annotation/1", "id": str(number), "source": {"path": "-", "record": number}, "title": None, "published": day.isoformat(),
                   "outlet": f"Paper {number % 300}", "url": None, "chars": 1, "sha256": "0", "sentences": [{"start": 0, "end": 1}], "mentions": mentions,
                   "entities": entities, "positions": positions, "models": {"ner": model, "stance": model}, "tool": "t"}

    page = report(tmp_path, lines())
    assert page.stat().st_size < 10_000_000
    tab = visit(page)
    assert figures(tab)[0] > 50_000
    for view in ("network", "timeline", "evidence", "target"):
        took = tab.evaluate("""async view => { const begun = performance.now(); location.hash = 'view=' + view;
            await new Promise(done => setTimeout(done)); await new Promise(requestAnimationFrame); return performance.now() - begun; }""", view)
        assert took < 3000, (view, took)


def test_the_policy_of_the_page_forbids_requests_and_strange_scripts(browser, made_page):
    context = browser.new_context()
    tab = context.new_page()
    requests = []
    tab.goto(made_page.as_uri())
    # What the policy stops is told as a request that failed.
    tab.on("requestfinished", lambda request: requests.append(request.url))
    tab.on("response", lambda response: requests.append(response.url))
    told = tab.evaluate("""async () => {
        const told = [];
        document.addEventListener('securitypolicyviolation', (event) => told.push(event.effectiveDirective));
        await fetch('https://example.org/').catch(() => 0);
        new Image().src = 'https://example.org/a.png';
        for (const text of ['window.broken = 1', 'window.broken = 2']) {
            const script = document.createElement('script');
            script.textContent = text;
            document.body.append(script);
        }
        document.body.insertAdjacentHTML('beforeend', '<iframe src="https://example.org/"></iframe><link rel="stylesheet" href="https://example.org/">');
        await new Promise((done) => setTimeout(done, 200));
        return told; }""")
    assert {"connect-src", "img-src", "script-src-elem", "frame-src", "style-src-elem"} <= set(told)
    assert tab.evaluate("window.broken") is None
    assert [url for url in requests if url.startswith("http")] == []
    context.close()
