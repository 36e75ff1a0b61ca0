// Sorting, filters and search over tables that are whole without it.
(() => {
  "use strict";
  const all = (s, at = document) => [...at.querySelectorAll(s)];
  const make = (tag, props = {}, ...inside) => {
    const e = Object.assign(document.createElement(tag), props);
    e.append(...inside);
    return e;
  };
  const text = (row, i) => row.cells[i] ? row.cells[i].textContent.trim() : "";
  // A number as people write it: 1,200 USD, -3d, ~12 %; null for a text.
  const number = (s) => {
    const m = s.match(/^[~<>]?\s*(-?[\d,]+(?:\.\d+)?)\s*(?:%|d|h|m|s|[A-Z]{3})?$/);
    return m ? Number(m[1].replaceAll(",", "")) : null;
  };
  // A day may have its weekday before it.
  const key = (s) => s.replace(/^(Mon|Tue|Wed|Thu|Fri|Sat|Sun) (?=\d{4}-)/, "");
  const compare = (a, b) => {
    if (a === "" || b === "") return (a === "") - (b === "");
    const x = number(a), y = number(b);
    return x !== null && y !== null ? x - y : key(a).localeCompare(key(b), "en", { numeric: true });
  };

  const shows = []; // one function a table, which hides what the filters leave out
  const search = make("input", { type: "search", placeholder: "cluster, SLO, alert, file …" });

  const sortable = (table) => {
    const body = table.tBodies[0], heads = all("thead th", table), first = [...body.rows];
    heads.forEach((th, i) => {
      const button = make("button", { type: "button", title: "Sort" }, ...th.childNodes);
      th.replaceChildren(button);
      button.addEventListener("click", () => {
        const was = th.getAttribute("aria-sort");
        heads.forEach((h) => h.removeAttribute("aria-sort"));
        const next = was === null ? "ascending" : was === "ascending" ? "descending" : null;
        const rows = [...first], sign = next === "descending" ? -1 : 1;
        if (next) {
          th.setAttribute("aria-sort", next);
          rows.sort((a, b) => text(a, i) === "" || text(b, i) === "" ? compare(text(a, i), text(b, i)) : sign * compare(text(a, i), text(b, i)));
        }
        body.append(...rows);
      });
    });
  };

  const filtered = /^(team|environment|provider|severity|state|channel|group|became|disposition|decision|id|chart|version|verdict|hop)$/;
  const filterable = (table) => {
    const rows = [...table.tBodies[0].rows], tools = make("div", { className: "tools" }), picks = [];
    all("thead th", table).forEach((th, i) => {
      const name = th.textContent, values = [...new Set(rows.map((r) => text(r, i)))].sort((a, b) => compare(a, b));
      if (!filtered.test(name) || values.length < 2 || values.length > 60) return;
      const select = make("select", {}, make("option", { value: "*" }, "all"), ...values.map((v) => make("option", { value: "=" + v }, v || "none")));
      picks.push([select, i]);
      tools.append(make("label", {}, name + " ", select));
    });
    const count = make("span", { role: "status" });
    const show = () => {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      let n = 0;
      rows.forEach((r) => {
        const line = words.length ? r.textContent.toLowerCase() : "";
        r.hidden = !(picks.every(([s, i]) => s.value === "*" || s.value === "=" + text(r, i)) && words.every((w) => line.includes(w)));
        n += r.hidden ? 0 : 1;
      });
      count.textContent = n < rows.length ? n + " of " + rows.length + " rows" : rows.length + " rows";
    };
    picks.forEach(([s]) => s.addEventListener("change", show));
    tools.append(count);
    table.parentElement.before(tools);
    shows.push(show);
    show();
  };

  const tables = all("main table").filter((t) => t.tBodies[0].rows.length > 1);
  tables.forEach(sortable);
  tables.filter((t) => t.tBodies[0].rows.length > 7).forEach(filterable);
  if (shows.length) {
    const every = () => shows.forEach((f) => f());
    search.value = new URLSearchParams(location.hash.slice(1)).get("q") || "";
    search.addEventListener("input", () => {
      history.replaceState(null, "", search.value ? "#" + new URLSearchParams({ q: search.value }) : location.pathname + location.search);
      every();
    });
    document.querySelector("header").append(make("div", { className: "tools" }, make("label", {}, "Find in all tables ", search)));
    every();
  }
  // What is folded is printed too.
  let folded = [];
  addEventListener("beforeprint", () => { folded = all("details.part:not([open])"); folded.forEach((d) => { d.open = true; }); });
  addEventListener("afterprint", () => folded.forEach((d) => { d.open = false; }));
})();
