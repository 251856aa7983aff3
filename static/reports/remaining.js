/* How many characters a text may still have: <textarea data-limit="5000">. Counted as the server
   does, by characters, and never cut: what is too long is said, and stays. */
(() => {
  "use strict";
  const count = (text) => [...text.replace(/\r\n?/g, "\n")].length;
  document.querySelectorAll("textarea[data-limit]").forEach((area) => {
    const limit = Number(area.dataset.limit);
    const words = area.closest("[data-remaining-text]");
    if (!words) return;
    const line = document.createElement("p");
    line.className = "remaining";
    line.id = `${area.id}_remaining`;
    area.after(line);
    area.setAttribute("aria-describedby", [area.getAttribute("aria-describedby"), line.id].filter(Boolean).join(" "));
    const show = () => {
      const left = limit - count(area.value);
      const text = left < 0 ? words.dataset.overText : words.dataset.remainingText;
      line.textContent = text.replace("#", Math.abs(left).toLocaleString("en"));
      line.classList.toggle("remaining--over", left < 0);
    };
    area.addEventListener("input", show);
    show();
  });
})();
