"""An invented news archive to measure on, in the driving archive's shape: as many posts as asked for, from a seed.

Two thirds are flashes of 200 to 1,500 bytes, one third articles of 3 to 10 KB of HTML; Chinese, of 60 categories and 24
months; 1.5 % are broken in the ways that a script which escapes nothing breaks them. Measuring is `__main__`'s.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

SEED: Final = 20220415
FIRST: Final = datetime(2022, 1, 1)
DAYS: Final = 730
"""24 months."""

BROKEN: Final = 0.015
STAYS: Final = timedelta(days=3)
"""Older posts lie in `old_post`."""

_CONFIG: Final = """\
title: 松河财经
lang: zh-CN
url: https://news.example
timezone: Asia/Shanghai
"""
_SETTINGS: Final = 'posts_folders = ["old_post"]\n'

_ENGLISH: Final = """
the and for with that this code test build page link site write read time year post blog work team open source release
version server client data table query index cache speed error fix change small large simple plain users people project
library language python ruby java script style review branch merge deploy cloud local file folder list map loop value
""".split()  # noqa: SIM905 - as the other words
_PLACES: Final = {
    "松河": "songhe", "南浦": "nanpu", "青原": "qingyuan", "云岭": "yunling", "白沙": "baisha",
    "东屏": "dongping", "北桥": "beiqiao", "西岗": "xigang", "明川": "mingchuan", "安渡": "andu",
}  # fmt: skip
_PAPERS: Final = {
    "日报": "ribao", "都市报": "dushibao", "观察": "guancha", "晚报": "wanbao",
    "财经": "caijing", "新闻网": "xinwenwang",
}  # fmt: skip
_TRADES: Final = ["电力", "港务", "生物", "银行", "科技", "建材", "食品", "医药", "汽车", "能源", "证券", "地产"]
_WORDS: Final = """
公司 市场 今日 宣布 增长 下降 同比 环比 业绩 预计 投资者 资金 产品 项目 建设 发展 推进 技术
创新 服务 企业 行业 政策 监管 部门 会议 强调 指出 记者 获悉 数据 显示 收入 利润 亿元 万元 股份
股东 减持 增持 公告 上涨 下跌 涨幅 跌幅 成交 板块 概念 期货 合约 主力 价格 供应 需求 库存 产能
出口 进口 汇率 利率 央行 债券 基金 规模 机构 分析师 认为 未来 风险 提示 关注 影响 方面 情况
工作 要求 落实 加强 提升 质量 安全 生产 运营 管理 改革 合作 协议 签署 完成 启动 试点 覆盖 用户
平台 网络 数字 绿色 低碳 转型 升级 研发 设备 工程 运输 物流 消费 零售 线上 线下
"""


BLOG_POSTS: Final = 2_058
_BLOG_MONTHS: Final = 199


def write(folder: Path, posts: int, seed: int = SEED, flashes: float = 2 / 3) -> Path:
    """Write an archive below `folder`, unless an earlier call wrote it, and return its root.

    Args:
        posts: number of posts.
        seed: two archives of one seed are equal.
        flashes: share of posts that are flashes; the others are articles.
    """
    root = folder / f"archive-{posts}-{seed}{'' if flashes == 2 / 3 else f'-{flashes:g}'}"
    written = root / ".written"
    if written.exists():
        return root
    for name in ("_posts", "old_post"):
        (root / name).mkdir(parents=True, exist_ok=True)
    (root / "_config.yml").write_text(_CONFIG, "utf-8")
    (root / "backfile.toml").write_text(_SETTINGS, "utf-8")
    chance = random.Random(seed)  # noqa: S311 - nothing secret
    words = _WORDS.split()
    sentences = [_sentence(chance, words) for _ in range(20_000)]
    for number in range(posts):
        # In the order of time, so that names and files lie on the disk as an archive that grew.
        when = FIRST + timedelta(days=DAYS * number / posts)
        name, data = _post(chance, sentences, number, when, flashes)
        place = "_posts" if FIRST + timedelta(days=DAYS) - when < STAYS else "old_post"
        (root / place / name).write_bytes(data)
    written.touch()
    return root


def write_blog(folder: Path, seed: int = SEED) -> Path:
    """Write a blog in English Markdown of 2,058 posts in 199 months, as `write` does, and return its root."""
    root = folder / f"blog-{seed}"
    written = root / ".written"
    if written.exists():
        return root
    (root / "_posts").mkdir(parents=True, exist_ok=True)
    (root / "_config.yml").write_text("title: A blog\nurl: https://blog.example\ntimezone: America/New_York\n", "utf-8")
    chance = random.Random(seed)  # noqa: S311 - nothing secret
    for number in range(BLOG_POSTS):
        month = number * _BLOG_MONTHS // BLOG_POSTS
        when = datetime(2004 + month // 12, month % 12 + 1, chance.randint(1, 28), chance.randint(7, 23))
        title = " ".join(chance.choices(_ENGLISH, k=chance.randint(2, 7))).capitalize()
        body = "\n\n".join(_markdown(chance) for _ in range(chance.randint(3, 25)))
        tags = ", ".join(chance.choices(_ENGLISH, k=3))
        head = f"---\nlayout: post\ntitle: {title}\ndate: {when} -0500\ntags: [{tags}]\n---\n"
        (root / "_posts" / f"{when:%Y-%m-%d}-{title.lower().replace(' ', '-')}-{number}.md").write_text(
            f"{head}{body}\n", "utf-8"
        )
    written.touch()
    return root


def _markdown(chance: random.Random) -> str:
    """A block of Markdown."""

    def words(least: int, most: int) -> str:
        return " ".join(chance.choices(_ENGLISH, k=chance.randint(least, most)))

    kind = chance.random()
    if kind < 0.1:
        return f"## {words(2, 5).capitalize()}"
    if kind < 0.2:
        return "\n".join(f"- {words(3, 12)}" for _ in range(chance.randint(2, 6)))
    if kind < 0.3:
        return f"```ruby\n{chr(10).join(f'def {word}(x) = x + 1' for word in words(1, 8).split())}\n```"
    if kind < 0.35:
        return f"> {words(10, 30)}\n> {words(5, 20)}"
    link = f" [{words(1, 3)}](https://{chance.choice(_ENGLISH)}.example/{chance.randrange(500)})" if kind < 0.6 else ""
    return f"{words(10, 60).capitalize()}, *{words(1, 2)}* and **{words(1, 2)}**{link}. {words(5, 40).capitalize()}."


def _sentence(chance: random.Random, words: list[str]) -> str:
    clauses = ["".join(chance.choices(words, k=chance.randint(3, 9))) for _ in range(chance.randint(1, 4))]
    return "，".join(clauses) + chance.choice("。。。。；！")


def _company(chance: random.Random) -> tuple[str, str]:
    """Name and security of an invented company; the name decides the number."""
    number = chance.randrange(len(_PLACES) * len(_TRADES))
    name = list(_PLACES)[number // len(_TRADES)] + _TRADES[number % len(_TRADES)]
    return name, f"1.600{number:03d}" if number % 2 else f"0.000{number:03d}"


def _post(
    chance: random.Random, sentences: list[str], number: int, when: datetime, flashes: float
) -> tuple[str, bytes]:
    """Name and bytes of one post."""
    place = list(_PLACES)[min(int(chance.expovariate(0.4)), len(_PLACES) - 1)]
    paper = chance.choice(list(_PAPERS))
    tag, category = place + paper, _PLACES[place] + _PAPERS[paper]
    flash = chance.random() < flashes
    identity = f"{when:%Y%m%d%H%M}{number % 1_000_000:06d}"
    title = chance.choice(sentences)[: chance.randint(8, 24)].rstrip("，。；！")
    if flash:
        title = f"{_company(chance)[0]}：{title}"
        body = _flash(chance, sentences, title, identity)
    else:
        identity = "NW" + identity
        body = _article(chance, sentences, tag, category, identity)
    date = f"{when:%Y-%m-%d %H:%M:%S} +0800"
    encoding = "utf-8"
    if chance.random() < BROKEN:
        fault = chance.randrange(4)
        if fault == 0:
            title = f'所谓"{title[:4]}"已{title[4:]}'
        elif fault == 1:
            title = ""
        elif fault == 2:
            date = " +0800"
        else:
            encoding = "gb18030"
    head = f'---\nlayout: post\ntitle: "{title}"\ndate: {date}\ncategories: {category}\ntags: {tag}新闻\n---\n'
    return f"{when:%Y-%m-%d}-{identity}.md", (head + body).encode(encoding)


def _flash(chance: random.Random, sentences: list[str], title: str, identity: str) -> str:
    text = f"{_company(chance)[0]}{chance.uniform(0.1, 9.9):.2f}%，" + chance.choice(sentences)
    while len(text) < 300 and chance.random() < 0.6:
        text += chance.choice(sentences)
    quoted = f"> {title}\n\n" if chance.random() < 0.3 else ""
    return f"\n{quoted}{text}\n\n<http://finance.eastmoney.com/news/11060,{identity}.html>\n"


def _article(chance: random.Random, sentences: list[str], tag: str, category: str, identity: str) -> str:
    parts: list[str] = []
    size, wanted = 0, chance.randint(2_600, 9_400)
    while size < wanted:
        text = "".join(chance.choices(sentences, k=chance.randint(1, 6)))
        kind = chance.random()
        if kind < 0.25:
            name, security = _company(chance)
            market, code = security.split(".")
            href = f"http://quote.eastmoney.com/unify/r/{security}"
            link = f'<a href="{href}" class="keytip" data-code="{market},{code}">{name}</a>'
            text += f"{link}涨{chance.uniform(0, 9):.2f}%。"
        elif kind < 0.35:
            text = f"<strong>{text[:12]}</strong>{text[12:]}&nbsp;"
        elif kind < 0.38:
            text = f'<img src="https://img.example/{identity}/{len(parts)}.png" alt="图" width="640" />'
        part = f"<p>{text}</p>"
        parts.append(part)
        size += len(part.encode())
    return (
        f'{"".join(parts)}<p class="em_media">（文章来源：{tag}）</p>\n\n'
        f"<http://wire.example/html_News/NewsShare.html?infoCode={identity}>\n\n"
        f"[返回{tag}新闻](//news.example/category/{category}.html)｜[返回首页](//news.example/)"
    )
