"""Makes archives of many articles out of a few: JSON Lines in zstd, Parquet, and a web archive in gzip.

    pip install pyarrow zstandard
    python benches/archives/make.py --articles articles.jsonl --count 200000 --out archives/

Each article made is one of the input's with its paragraphs in another order and some of those of another article, until it has about 3.5 KB, so that
no two are alike and compression gains what it gains on news. `articles.jsonl` has records of `{"id", "text"}`. The same arguments give the
same articles.
"""

import argparse
import gzip
import html
import io
import json
import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

SIZE = 3500
ROWS = 2000

PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title} | Archive Post</title>
<meta property="og:site_name" content="Archive Post"><meta property="article:published_time" content="{date}">
</head><body>
<nav><ul><li><a href="/">Home</a></li><li><a href="/world">World</a></li><li><a href="/money">Money</a></li></ul></nav>
<div class="notice">We use cookies. <button>Accept</button></div>
<main><article><h1>{title}</h1><p class="byline">By a correspondent</p>
{body}
</article>
<aside><h2>Most read</h2><ul><li><a href="/1">Rain delays harvest</a></li><li><a href="/2">Port reopens</a></li></ul></aside></main>
<footer>Archive Post, all rights reserved. <a href="/terms">Terms</a></footer>
</body></html>"""


def articles(path, count):
    rng = random.Random(7)
    texts = []
    for line in open(path, encoding="utf-8"):
        paragraphs = [p.strip() for p in json.loads(line)["text"].split("\n") if len(p.strip()) > 60]
        if paragraphs:
            texts.append(paragraphs)
    for number in range(count):
        pool = list(texts[number % len(texts)]) + rng.choice(texts)
        rng.shuffle(pool)
        body, length = [], 0
        while length < SIZE:
            if not pool:
                pool = list(rng.choice(texts))
            body.append(pool.pop())
            length += len(body[-1])
        title = " ".join(body[0].split()[:9])
        yield {"id": f"made-{number}", "title": title, "text": "\n\n".join(body), "date": f"2026-{number % 12 + 1:02}-{number % 28 + 1:02}"}


def page(article):
    body = "\n".join(f"<p>{html.escape(p)}</p>" for p in article["text"].split("\n\n"))
    return PAGE.format(title=html.escape(article["title"]), date=article["date"], body=body).encode()


def warc_record(article):
    content = page(article)
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(content)}\r\n\r\n".encode()
    block = head + content
    record = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:{article['id']}>\r\n"
        f"WARC-Target-URI: https://archive-post.example/{article['id']}\r\nContent-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {len(block)}\r\n\r\n"
    ).encode()
    # One member a record, as crawlers write them.
    return gzip.compress(record + block + b"\r\n\r\n", compresslevel=6, mtime=0)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    schema = pa.schema([(name, pa.string()) for name in ("id", "title", "text", "date")])
    rows, text = [], 0
    with (
        open(args.out / f"{args.count}.jsonl.zst", "wb") as raw,
        zstandard.ZstdCompressor(level=3).stream_writer(raw) as compressed,
        io.TextIOWrapper(compressed, encoding="utf-8", write_through=False) as lines,
        pq.ParquetWriter(args.out / f"{args.count}.parquet", schema, compression="zstd") as parquet,
        open(args.out / f"{args.count}.warc.gz", "wb") as warc,
    ):
        for article in articles(args.articles, args.count):
            text += len(article["text"].encode())
            lines.write(json.dumps(article, ensure_ascii=False) + "\n")
            warc.write(warc_record(article))
            rows.append(article)
            if len(rows) == ROWS:
                parquet.write_table(pa.Table.from_pylist(rows, schema=schema))
                rows.clear()
        if rows:
            parquet.write_table(pa.Table.from_pylist(rows, schema=schema))
    print(f"{args.count} articles, {text / 1e6:.0f} MB of text, in {args.out}")


if __name__ == "__main__":
    main()
