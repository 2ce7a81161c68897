"use strict";
// What a reader can do beyond reading: sort and filter tables, copy statements, ask for the posts behind a number.
const words = JSON.parse(document.getElementById("words").textContent);

const make = (name, text, parent) => {
  const element = document.createElement(name);
  element.textContent = text;
  if (parent) parent.append(element);
  return element;
};

const value = (cell, isNumber) => {
  const text = cell.textContent.trim();
  if (!isNumber) return text;
  const number = parseFloat(text.replace(/,/g, "").replace("−", "-"));
  return Number.isNaN(number) ? -Infinity : number;
};

const sorting = (table) => {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, at) => {
    const button = make("button", head.textContent);
    button.type = "button";
    button.title = head.title || words.sort;
    head.replaceChildren(button);
    const isNumber = head.classList.contains("number");
    button.addEventListener("click", () => {
      const before = head.getAttribute("aria-sort");
      const up = before ? before === "descending" : !isNumber;
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const keyed = [...table.tBodies[0].rows].map((row) => [value(row.cells[at], isNumber), row]);
      const order = isNumber ? (a, b) => a - b : new Intl.Collator(document.documentElement.lang, { numeric: true }).compare;
      keyed.sort(([a], [b]) => (up ? order(a, b) : order(b, a)));
      table.tBodies[0].append(...keyed.map(([, row]) => row));
    });
  });
};

const filtering = (table) => {
  const rows = [...table.tBodies[0].rows];
  if (rows.length < 6) return;
  const input = make("input", "");
  input.type = "search";
  input.placeholder = words.filter;
  input.setAttribute("aria-label", words.filter_rows.replace("{title}", table.caption.textContent));
  table.closest(".table").querySelector(".tools").append(input);
  const none = make("tr", "");
  const cell = make("td", words.no_match, none);
  cell.className = "empty";
  cell.colSpan = table.tHead.rows[0].cells.length;
  input.addEventListener("input", () => {
    const sought = input.value.trim().toLowerCase();
    rows.forEach((row) => { row.hidden = !row.textContent.toLowerCase().includes(sought); });
    if (rows.every((row) => row.hidden)) table.tBodies[0].append(none); else none.remove();
  });
};

const copying = (pre, parent) => {
  const button = make("button", words.copy, parent);
  button.type = "button";
  button.className = "copy";
  button.addEventListener("click", async () => {
    const range = document.createRange();
    range.selectNodeContents(pre);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    try { await navigator.clipboard.writeText(pre.textContent); } catch { document.execCommand("copy"); }
    button.textContent = words.copied;
    setTimeout(() => { button.textContent = words.copy; }, 1500);
  });
};

const literal = (item) =>
  item === null ? "NULL" : typeof item === "string" ? `'${item.replaceAll("'", "''")}'` : String(item);

const asking = () => {
  const dialog = make("dialog", "", document.body);
  make("h3", words.behind_title, dialog);
  const pre = make("pre", "", dialog);
  const menu = make("menu", "", dialog);
  copying(pre, menu);
  const close = make("button", words.close, menu);
  close.type = "button";
  close.className = "copy";
  close.addEventListener("click", () => dialog.close());
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a.behind");
    if (!link || !dialog.showModal) return;
    event.preventDefault();
    const table = link.closest("table");
    const names = JSON.parse(table.dataset.keys);
    const values = JSON.parse(link.closest("tr").dataset.key);
    const sql = document.querySelector(`${link.getAttribute("href")} pre`).textContent;
    pre.textContent = sql.replace(/\$([a-z_]+)/g, (whole, name) => {
      const at = names.indexOf(name);
      return at < 0 ? whole : literal(values[at]);
    });
    dialog.showModal();
  });
};

document.querySelectorAll("main table").forEach((table) => { sorting(table); filtering(table); });
document.querySelectorAll("details pre").forEach((pre) => copying(pre, pre.parentElement));
asking();
