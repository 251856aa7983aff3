/* Sends files at once, with progress and cancel, and refuses before sending what is too large or
   empty. Without this file the same markup is a plain file field with a button. The server answers
   {"id", "filename", "size", "url"} or {"message"} / a problem document. */
(() => {
  "use strict";

  const start = (box) => {
    const words = box.dataset;
    const input = box.querySelector("input[type='file']");
    const list = box.querySelector("[data-uploader-list]");
    const errors = box.querySelector("[data-uploader-errors]");
    const form = box.matches("form") ? box : box.closest("form");
    const plain = box.querySelector("[data-uploader-submit]");
    const limit = Number(words.maxBytes) || Infinity;
    if (!input || !words.url || !form) return;
    if (plain) plain.hidden = true;

    const refuse = (messages) => {
      errors.hidden = !messages.length;
      errors.replaceChildren(...messages.map((message) => {
        const line = document.createElement("p");
        line.className = "field__error";
        line.textContent = message;
        return line;
      }));
      input.setAttribute("aria-invalid", String(messages.length > 0));
    };

    const send = (file) => {
      const item = document.createElement("li");
      item.className = "uploader__item";
      const name = document.createElement("span");
      name.className = "uploader__name";
      name.textContent = file.name;
      const cancel = document.createElement("button");
      cancel.type = "button";
      cancel.className = "button-link";
      cancel.textContent = words.textCancel;
      cancel.setAttribute("aria-label", `${words.textCancel} ${file.name}`);
      const bar = document.createElement("progress");
      bar.max = 100;
      bar.value = 0;
      bar.setAttribute("aria-label", file.name);
      const state = document.createElement("span");
      state.className = "uploader__state";
      state.textContent = words.textSending;
      item.append(name, cancel, bar, state);
      list.append(item);

      const end = (text, failed) => {
        state.textContent = text;
        item.classList.toggle("uploader__item--failed", failed);
        bar.remove();
        cancel.remove();
      };
      const request = new XMLHttpRequest();
      request.open("POST", words.url);
      request.setRequestHeader("Accept", "application/json");
      request.setRequestHeader("X-Requested-With", "XMLHttpRequest");
      request.upload.addEventListener("progress", (event) => {
        if (event.lengthComputable) bar.value = (event.loaded / event.total) * 100;
      });
      request.addEventListener("load", () => {
        let answer = {};
        try {
          answer = JSON.parse(request.responseText);
        } catch (error) {
          answer = {};
        }
        if (request.status < 200 || request.status > 299) {
          const told = (answer.errors || []).map((error) => error.detail).join(" ");
          end(told || answer.message || answer.detail || answer.title || words.textFailed, true);
          return;
        }
        if (answer.url) {
          const link = document.createElement("a");
          link.href = answer.url;
          link.textContent = answer.filename || file.name;
          name.replaceChildren(link);
        }
        if (answer.id && box !== form) {
          const field = document.createElement("input");
          field.type = "hidden";
          field.name = words.field || "attachments";
          field.value = answer.id;
          item.append(field);
        }
        end(words.textDone, false);
        box.dispatchEvent(new CustomEvent("uploader:done", { bubbles: true, detail: answer }));
      });
      request.addEventListener("error", () => end(words.textFailed, true));
      request.addEventListener("abort", () => end(words.textCancelled, false));
      cancel.addEventListener("click", () => { request.abort(); input.focus(); });

      const data = new FormData();
      const source = box.matches("form") ? box : form;
      source.querySelectorAll("input[type='hidden']").forEach((hidden) => {
        if (hidden.name === "csrfmiddlewaretoken" || box.contains(hidden)) data.append(hidden.name, hidden.value);
      });
      data.append(input.name, file);
      request.send(data);
    };

    input.addEventListener("change", () => {
      const messages = [];
      for (const file of input.files) {
        if (file.size > limit) messages.push(`${file.name}: ${words.textTooLarge}`);
        else if (file.size === 0) messages.push(`${file.name}: ${words.textEmpty}`);
        else send(file);
      }
      refuse(messages);
      input.value = "";
    });
  };

  document.querySelectorAll("[data-uploader]").forEach(start);
})();
