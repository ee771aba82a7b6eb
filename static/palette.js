// The command palette and the keys. Nothing of it is needed: links, fields and menus do the same.
"use strict";

(() => {
  const palette = document.getElementById("palette"), keys = document.getElementById("key-list");
  const field = palette.querySelector("[role=combobox]"), status = palette.querySelector("[role=status]");
  const mac = /Mac|iPhone|iPad/.test(navigator.platform);
  const options = () => [...palette.querySelectorAll("[role=option]")];
  let goes = false;

  // What belongs to what is typed by now: before that nothing is opened by Enter.
  const current = () => document.getElementById("palette-results").dataset.text === field.value.trim();
  const choose = (option) => {
    for (const other of options()) other.setAttribute("aria-selected", other === option);
    field.setAttribute("aria-activedescendant", option?.id ?? "");
    option?.scrollIntoView({ block: "nearest" });
  };
  const chosen = () => palette.querySelector('[aria-selected="true"]');
  const open = () => {
    if (palette.open) return;
    keys.close();
    palette.showModal();
    field.value = "";
    field.dispatchEvent(new CustomEvent("palette"));
  };

  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const all = options(), step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && all.length) {
      event.preventDefault();
      choose(all[(all.indexOf(chosen()) + step + all.length) % all.length]);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (current()) chosen()?.click();
      else goes = true;
    }
  });
  field.addEventListener("input", () => { goes = false; });
  palette.addEventListener("htmx:after:swap", () => {
    choose(options()[0]);
    status.textContent = document.getElementById("palette-results").dataset.count ?? "";
    if (goes && current()) chosen()?.click();
  });
  // A click beside the box, and one on a link to the same page, close it.
  for (const dialog of [palette, keys]) {
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog || event.target.closest("[role=option]")) dialog.close();
    });
  }
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-palette-open]") || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    for (const menu of document.querySelectorAll("details[data-menu][open]")) menu.open = false;
    open();
  });
  const showKeys = () => { palette.close(); keys.showModal(); };
  palette.querySelector("[data-keys-open]").addEventListener("click", showKeys);
  for (const hint of document.querySelectorAll(".palette-open [data-needs-script]")) {
    if (mac) hint.textContent = "⌘ K";
    hint.hidden = false;
  }

  // Letters do something only outside of fields, and only for those who want them.
  const letters = keys.querySelector("[data-letters]");
  letters.checked = localStorage.getItem("letters") !== "off";
  letters.addEventListener("change", () => localStorage.setItem("letters", letters.checked ? "on" : "off"));

  const ROWS = "main tbody > tr, main .list-group-item, main .app-row, main .problem, main .day > li";
  const WAYS = "a[href], summary, button:not([disabled])";
  const rows = () => [...document.querySelectorAll(ROWS)].filter((row) => row.checkVisibility() && way(row));
  const way = (row) => row.querySelector(`.vehicle-name a, .history-vehicle a, .app-button a`) ?? row.querySelector(WAYS);
  const move = (step) => {
    const all = rows(), here = all.findIndex((row) => row.contains(document.activeElement));
    const next = all[here < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(here + step, 0), all.length - 1)];
    if (!next) return;
    way(next).focus();
    next.scrollIntoView({ block: "nearest" });
  };
  const search = () => {
    const own = [...document.querySelectorAll("main input[type=search]")].find((input) => input.checkVisibility());
    if (!own) return open();
    own.focus();
    own.select();
  };
  const ACTS = { j: () => move(1), k: () => move(-1), "/": search, "?": showKeys };
  const typing = (target) => target.closest?.("input, textarea, select, [contenteditable]");
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.altKey) return;
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      palette.open ? palette.close() : open();
    } else if (!event.ctrlKey && !event.metaKey && ACTS[event.key] && !typing(event.target)) {
      if (document.querySelector("dialog[open]") || !letters.checked) return;
      event.preventDefault();
      ACTS[event.key]();
    }
  });
})();
