/* What the pages of reports add to the shared scripts. */
(() => {
  "use strict";
  /* How many characters a text may still have: <textarea data-limit="5000">. Counted as the server
     does, by characters, and never cut: what is too long is said, and stays. */
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

  /* A conflict that autosave shows and nobody has decided yet is decided on the next page: saving the
     form must not choose one side by itself. */
  document.addEventListener("submit", (event) => {
    event.target.querySelectorAll(".conflict[data-code]").forEach((box) => {
      if (event.target.querySelector(`input[name="conflict"][value="${CSS.escape(box.dataset.code)}"]`)) return;
      const undecided = document.createElement("input");
      undecided.type = "hidden";
      undecided.name = "conflict";
      undecided.value = box.dataset.code;
      event.target.append(undecided);
    });
  }, true);
})();
