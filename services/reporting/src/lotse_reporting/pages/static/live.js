"use strict";
// What the stream brings is swapped by htmx; here figures that moved are shown and told, calmly.
(() => {
  const report = document.getElementById("live");
  const announcer = document.getElementById("announcer");
  if (!report || !announcer) return;

  const SPEAK_EVERY = 30_000; // milliseconds: a screen reader must not be talked over
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  let before = new Map();
  let spokenAt = -SPEAK_EVERY;
  let waiting = false;

  const cells = () => [...report.querySelectorAll("[data-figure]")];

  const speak = () => {
    waiting = false;
    spokenAt = performance.now();
    announcer.textContent = announcer.dataset.moved + " " + new Date().toLocaleTimeString(document.documentElement.lang);
  };

  const show = (broken) => {
    for (const one of document.querySelectorAll("[data-live]")) one.hidden = (one.dataset.live === "broken") !== broken;
  };

  document.addEventListener("htmx:sse:before:message", () => {
    before = new Map(cells().map((cell) => [cell.dataset.figure, cell.textContent]));
  });

  document.addEventListener("htmx:sse:after:message", () => {
    show(false);
    const moved = cells().filter((cell) => before.get(cell.dataset.figure) !== cell.textContent);
    if (moved.length === 0) return;
    if (!calm.matches) {
      for (const cell of moved) {
        cell.animate([{ backgroundColor: "color-mix(in srgb, Highlight 30%, transparent)" }, {}], { duration: 1200, easing: "ease-out" });
      }
    }
    if (!waiting) {
      waiting = true;
      setTimeout(speak, Math.max(0, spokenAt + SPEAK_EVERY - performance.now()));
    }
  });

  document.addEventListener("htmx:sse:error", () => show(true));
  document.addEventListener("htmx:sse:after:connection", () => show(false));
})();
