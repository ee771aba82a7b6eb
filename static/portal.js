// What needs script. Everything else works without.
"use strict";

(() => {
  const on = (name, act) => document.addEventListener(name, act);
  const token = () => document.querySelector('meta[name="csrf-token"]').content;

  // Every unsafe HTMX request carries the CSRF token.
  on("htmx:config:request", (event) => {
    const request = event.detail.ctx.request;
    if (request.method !== "GET") request.headers["X-CSRFToken"] = token();
  });

  // No polling while nobody looks.
  document.addEventListener("every", (event) => document.hidden && event.stopImmediatePropagation(), true);

  // What is being sent cannot be pressed again. Without HTMX after this turn: the value still goes along.
  const buttons = (element) => element.matches?.("form") ? element.querySelectorAll('[type="submit"]') : [element];
  const busy = (element, is) => {
    for (const button of buttons(element)) {
      if (!button.matches?.("button, input[type='submit']")) continue;
      if (is) button.dataset.focused = button === document.activeElement ? "1" : "";
      button.disabled = is;
      button.classList.toggle("btn-loading", is && button === (last ?? button) && button.classList.contains("btn"));
      if (!is && button.dataset.focused && document.activeElement === document.body) button.focus();
    }
  };
  let last = null;
  on("submit", (event) => {
    last = event.submitter;
    if (event.target.method === "post" && !event.defaultPrevented) setTimeout(() => busy(event.target, true));
  });
  on("htmx:before:request", (event) => {
    if (event.detail.ctx.request.method !== "GET") busy(event.detail.ctx.sourceElement, true);
  });
  on("htmx:finally:request", (event) => {
    const ctx = event.detail.ctx;
    if (ctx.request.method !== "GET" && !ctx.hx?.redirect) busy(ctx.sourceElement, false);
  });
  // The database answers again: what said that it does not goes.
  on("htmx:after:request", (event) => {
    if (event.detail.ctx.response.status < 500) document.getElementById("outage")?.replaceChildren();
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) for (const form of document.forms) busy(form, false);
  });

  // Menus close by Escape and by a click elsewhere.
  const close = (keep) => {
    for (const menu of document.querySelectorAll("details[data-menu][open]")) {
      if (!keep || !menu.contains(keep)) menu.open = false;
    }
  };
  on("click", (event) => close(event.target));
  on("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = event.target.closest?.("details[data-menu][open]");
    close();
    menu?.querySelector("summary").focus();
  });

  on("click", async (event) => {
    const button = event.target.closest?.("[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(button.dataset.copy);
    announce(button.dataset.copied);
    button.classList.add("text-success");
  });
  const announce = (text) => { document.getElementById("status").textContent = text; };

  // Filters open by a button, which says how many narrow: all on the phone, the rarer ones elsewhere.
  const narrowing = (form) => [...form.querySelectorAll(".filter-more select")]
    .filter((select) => !["sort", "rows", "period"].includes(select.name) && select.selectedIndex > 0).length;
  const count = (form) => {
    const badge = form.querySelector("[data-filters] .badge");
    if (!badge) return;
    badge.textContent = narrowing(form) || "";
    badge.hidden = !badge.textContent;
  };
  on("click", (event) => {
    const button = event.target.closest?.("[data-filters]");
    if (!button) return;
    const open = button.closest(".filters").classList.toggle("filters-open");
    button.setAttribute("aria-expanded", open);
  });
  on("change", (event) => { if (event.target.form?.matches(".filters")) count(event.target.form); });
  for (const form of document.querySelectorAll(".filters")) count(form);

  // Errors get the focus; buttons that only script can serve appear.
  const arrive = (root) => {
    root.querySelector?.("[data-error-summary]")?.focus();
    if (navigator.clipboard) for (const button of root.querySelectorAll?.("[data-copy]") ?? []) button.hidden = false;
  };
  arrive(document);
  on("htmx:after:swap", (event) => arrive(event.detail.ctx.target ?? document));
})();

// Relative times go on while a page stands open, in the words of the server; what is younger than a minute has words of its own.
(() => {
  const UNITS = [["year", 31_536_000], ["month", 2_592_000], ["week", 604_800], ["day", 86_400], ["hour", 3_600], ["minute", 60]];
  const words = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "always" });
  const tick = () => {
    if (document.hidden) return;
    for (const time of document.querySelectorAll("time[data-ago]")) {
      const seconds = Math.trunc((Date.parse(time.dateTime) - Date.now()) / 60_000) * 60;
      const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? [];
      if (unit) time.textContent = words.format(Math.round(seconds / size), unit);
    }
  };
  setInterval(tick, 30_000);
  document.addEventListener("visibilitychange", tick);
})();

// The palette and the keys are not needed for the first view.
(() => {
  const address = document.getElementById("palette")?.dataset.script;
  if (!address) return;
  const load = () => document.head.append(Object.assign(document.createElement("script"), { src: address }));
  window.addEventListener("load", () => (window.requestIdleCallback ?? setTimeout)(load));
})();

// Settings that depend on another one stand there only while they apply.
(() => {
  const settle = (root) => {
    for (const part of root.querySelectorAll?.("[data-when]") ?? []) {
      const chosen = part.closest("form")?.elements[part.dataset.when]?.value;
      part.hidden = chosen !== undefined && !part.dataset.is.split(" ").includes(chosen);
    }
  };
  settle(document);
  document.addEventListener("change", (event) => event.target.form && settle(event.target.form));
  document.addEventListener("htmx:after:swap", (event) => settle(event.detail.ctx.target ?? document));
})();

// Picking rows: the box in the head picks the page, the buttons name the number.
(() => {
  document.addEventListener("change", (event) => {
    const form = event.target.closest?.("form[data-bulk]");
    if (!form) return;
    const boxes = [...form.querySelectorAll("[data-pick]")];
    const page = form.querySelector("[data-pick-all]");
    const every = form.querySelector("[data-pick-every]");
    if (event.target === page) for (const box of boxes) box.checked = page.checked;
    page.checked = boxes.every((box) => box.checked);
    const count = every?.checked ? every.dataset.pickEvery : boxes.filter((box) => box.checked).length;
    for (const label of form.querySelectorAll("[data-picked]")) label.textContent = label.dataset.picked.replace("#", count);
  });
})();

// A form that was changed is not left without a word. Nobody listens to the leaving of any other page: that would slow it down.
(() => {
  let changed = null;
  const ask = (event) => { if (changed?.isConnected) event.preventDefault(); };
  const remember = (form) => {
    changed = form;
    if (form) window.addEventListener("beforeunload", ask);
    else window.removeEventListener("beforeunload", ask);
  };
  const note = (event) => {
    const form = event.target.closest?.("form[data-guard]");
    if (form) remember(form);
  };
  document.addEventListener("input", note);
  document.addEventListener("change", note);
  document.addEventListener("submit", (event) => { if (event.target === changed) remember(null); });
})();

// Who decided about a row goes on with the one that took its place.
(() => {
  const ROWS = "#reconciliation .list-group-item, #reconciliation .card-table > tbody > tr";
  let place = -1;
  document.addEventListener("htmx:before:request", (event) => {
    const row = event.detail.ctx.sourceElement.closest?.(ROWS);
    if (row) place = [...document.querySelectorAll(ROWS)].indexOf(row);
  });
  document.addEventListener("htmx:after:swap", () => {
    if (place < 0 || document.activeElement !== document.body) return;
    const rows = [...document.querySelectorAll(ROWS)];
    const next = rows[Math.min(place, rows.length - 1)]?.querySelector("button") ?? document.querySelector("#reconciliation .form-foot a");
    next?.focus();
    place = -1;
  });
})();

// Open pages hear of changes and look at once; then they look by themselves four times more seldom only. Without the stream they look as ever.
(() => {
  const address = document.documentElement.dataset.events;
  if (!address || !window.EventSource) return;
  const url = address.startsWith(":") ? `${location.protocol}//${location.hostname}${address}` : address;
  const GAP = 2_000, SLOW = 10_000, AGAIN = 30_000;
  const looked = new Map(), planned = new Map();
  // What changed long ago nobody remembers.
  let source = null, missed = performance.now() > SLOW, later = 0;

  const parts = () => document.querySelectorAll("[data-live]");
  const concerns = (part, words) => part.dataset.live.split(" ").some((live) => words.some((word) =>
    word === live || word.startsWith(`${live}-`) || (word === "stock" && live.startsWith("vehicle"))));
  // Milliseconds between two looks without the stream; 0 for what looks only when it hears something.
  const period = (part) => 1_000 * (/every (\d+)s/.exec(part.getAttribute("hx-trigger"))?.[1] ?? 0);
  // What somebody is at stays as it is: picked rows, a field with the focus.
  const inUse = (part) => part.querySelector("[data-pick]:checked, input:focus, select:focus, textarea:focus");
  const look = (id) => {
    planned.delete(id);
    const part = document.getElementById(id);
    if (!part || document.hidden) return;
    if (inUse(part)) return plan(part);
    looked.set(id, Date.now());
    part.dispatchEvent(new CustomEvent("live"));
  };
  const plan = (part) => {
    if (planned.has(part.id)) return;
    const wait = Math.max((looked.get(part.id) ?? 0) + GAP - Date.now(), inUse(part) ? GAP : 0);
    planned.set(part.id, setTimeout(look, Math.max(wait, 0), part.id));
  };

  const close = () => {
    clearTimeout(later);
    source?.close();
    source = null;
    document.documentElement.removeAttribute("data-hears");
  };
  const open = () => {
    close();
    if (document.hidden) return;
    // What was said since this page was asked for is said again, unless all of it is looked at anyway.
    source = new EventSource(`${url}?age=${missed ? 0 : Math.ceil(performance.now())}`, { withCredentials: true });
    source.onopen = () => {
      document.documentElement.dataset.hears = "";
      // What is under way may have ended between the page and the stream.
      for (const part of parts()) if (missed || period(part)) plan(part);
      missed = false;
    };
    source.onmessage = (event) => {
      const words = event.data.split("\n").map((word) => word.replace(" ", "-"));
      for (const part of parts()) if (concerns(part, words)) plan(part);
    };
    // Logged out or moved: the page finds out by looking. Broken off: the browser tries again by itself, or it is over.
    source.addEventListener("ended", () => { parts().forEach(plan); fail(); });
    source.onerror = () => {
      missed = true;
      document.documentElement.removeAttribute("data-hears");
      if (source.readyState === EventSource.CLOSED) fail();
    };
  };
  const fail = () => {
    close();
    missed = true;
    later = setTimeout(open, AGAIN);
  };

  document.addEventListener("every", (event) => {
    const id = event.target.dataset?.live && event.target.id;
    if (!id || source?.readyState !== EventSource.OPEN) return;
    if (!looked.has(id)) looked.set(id, Date.now());
    if (Date.now() - looked.get(id) < Math.max(4 * period(event.target), SLOW)) event.stopImmediatePropagation();
    else looked.set(id, Date.now());
  }, true);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) { missed = true; close(); } else open();
  });
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", (event) => { if (event.persisted) { missed = true; open(); } });
  open();
})();
