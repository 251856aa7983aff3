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

  /* A question that hangs on another of the same page shows while that one has its answer. Without this
     script it always shows, below the words of its condition. */
  const dependent = [...document.querySelectorAll("[data-asked-if]")];
  const hasAnswer = (code, answer) => {
    const fields = [...document.getElementsByName(`answer-${code}`)];
    return fields.some((field) => field.value === answer && (!["radio", "checkbox"].includes(field.type) || field.checked));
  };
  const showAsked = () => {
    const hidden = new Set();
    dependent.forEach((box) => {
      const { askedIf, askedAnswer, question } = box.dataset;
      box.hidden = hidden.has(askedIf) || !hasAnswer(askedIf, askedAnswer);
      if (box.hidden) hidden.add(question);
    });
  };
  if (dependent.length) {
    document.addEventListener("change", showAsked);
    showAsked();
  }

  /* What the last period says of an answer that was just saved: a change above its threshold. An answer
     that somebody changed is not the last period's any more. */
  document.addEventListener("autosave:saved", (event) => {
    Object.entries(event.detail.notes || {}).forEach(([code, messages]) => {
      const box = document.querySelector(`[data-question="${CSS.escape(code)}"]`);
      if (!box) return;
      const note = box.querySelector("[data-changed]");
      if (note) {
        note.hidden = !messages.length;
        note.querySelector("[data-changed-text]").textContent = messages.join(" ");
      }
      const brought = box.querySelector("[data-brought]");
      if (brought) brought.remove();
    });
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
