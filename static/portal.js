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

  // A button whose form is being sent cannot be pressed again. After this turn: its value still goes along.
  const busy = (form, submitter, is) => {
    const button = submitter || form.querySelector('[type="submit"]');
    if (!button) return;
    setTimeout(() => { button.disabled = is; });
    button.classList.toggle("btn-loading", is && button.classList.contains("btn"));
  };
  on("submit", (event) => {
    const form = event.target;
    if (form.method === "post" && !event.defaultPrevented) busy(form, event.submitter, true);
  });
  on("htmx:before:request", (event) => {
    const form = event.detail.ctx.sourceElement;
    if (form.matches?.('form[hx-post]')) busy(form, null, true);
  });
  on("htmx:finally:request", (event) => {
    const form = event.detail.ctx.sourceElement;
    if (form.matches?.('form[hx-post]') && !event.detail.ctx.hx?.redirect) busy(form, null, false);
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) for (const form of document.forms) busy(form, null, false);
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

  // Errors get the focus; buttons that only script can serve appear.
  const arrive = (root) => {
    root.querySelector?.("[data-error-summary]")?.focus();
    if (navigator.clipboard) for (const button of root.querySelectorAll?.("[data-copy]") ?? []) button.hidden = false;
  };
  arrive(document);
  on("htmx:after:swap", (event) => arrive(event.detail.ctx.target ?? document));
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
