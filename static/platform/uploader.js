/* Sends files at once, with progress and cancel, and refuses before sending what is too large or
   empty. Large ones go in parts where the page names an address for that: a broken line goes on from
   where it stopped, and so does the same file chosen again. Without this file the same markup is a
   plain file field with a button. The server answers {"id", "filename", "size", "url"} or {"message"}
   / a problem document; of a part, how much it has: {"received"}. */
(() => {
  "use strict";

  /* Files above this size go in parts of it; so often is a broken line tried again. */
  const PART = 4 * 1024 * 1024;
  const TRIES = 12;

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
      const fields = () => {
        const data = new FormData();
        const source = box.matches("form") ? box : form;
        source.querySelectorAll("input[type='hidden']").forEach((hidden) => {
          if (hidden.name === "csrfmiddlewaretoken" || box.contains(hidden)) data.append(hidden.name, hidden.value);
        });
        return data;
      };
      const kept = (answer) => {
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
      };
      const refused = (answer) => {
        const told = (answer.errors || []).map((error) => error.detail).join(" ");
        end(told || answer.message || answer.detail || answer.title || words.textFailed, true);
      };

      let request = null;
      let cancelled = false;
      cancel.addEventListener("click", () => {
        cancelled = true;
        if (request) request.abort();
        else end(words.textCancelled, false);
        input.focus();
      });
      /* One request; resolves to {status, answer}, status 0 where the line broke. */
      const ask = (method, url, body, headers, progress) => new Promise((resolve) => {
        request = new XMLHttpRequest();
        request.open(method, url);
        request.setRequestHeader("Accept", "application/json");
        request.setRequestHeader("X-Requested-With", "XMLHttpRequest");
        Object.entries(headers).forEach(([header, value]) => request.setRequestHeader(header, value));
        request.upload.addEventListener("progress", (event) => {
          if (event.lengthComputable) progress(event.loaded, event.total);
        });
        request.addEventListener("loadend", () => {
          let answer = {};
          try {
            answer = JSON.parse(request.responseText);
          } catch (error) {
            answer = {};
          }
          resolve({ status: request.status, answer });
          request = null;
        });
        request.send(body);
      });

      const whole = async () => {
        const data = fields();
        data.append(words.sendAs || input.name, file);
        const { status, answer } = await ask("POST", words.url, data, {}, (loaded, total) => {
          bar.value = (loaded / total) * 100;
        });
        if (cancelled) end(words.textCancelled, false);
        else if (status >= 200 && status < 300) kept(answer);
        else refused(answer);
      };

      const inParts = async () => {
        state.textContent = words.textChecking;
        const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
        const data = fields();
        data.append("filename", file.name);
        data.append("size", file.size);
        data.append("sha256", Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join(""));
        if (cancelled) return;
        state.textContent = words.textSending;
        const begun = await ask("POST", words.partsUrl, data, {}, () => {});
        if (cancelled) { end(words.textCancelled, false); return; } // what was announced ends with its day
        if (begun.status !== 202) { refused(begun.answer); return; }
        const giveUp = () => {
          end(words.textCancelled, false);
          ask("POST", begun.answer.remove_url, fields(), {}, () => {});
        };
        const headers = { "X-CSRFToken": data.get("csrfmiddlewaretoken"), "Content-Type": "application/octet-stream" };
        let received = begun.answer.received;
        let broken = 0;
        while (broken < TRIES) {
          const stop = Math.min(received + PART, file.size);
          /* After a broken line the question comes first, and so it does for a file that is there whole. */
          const sending = broken === 0 && received < stop;
          const range = sending ? `${received}-${stop - 1}` : "*";
          const from = received;
          const { status, answer } = await ask(
            "PUT", begun.answer.content_url, sending ? file.slice(received, stop) : null,
            { ...headers, "Content-Range": `bytes ${range}/${file.size}` },
            (loaded) => { bar.value = ((from + loaded) / file.size) * 100; },
          );
          if (cancelled) { giveUp(); return; }
          if (status === 200 || status === 201) { kept(answer); return; }
          if (status === 202 || (status === 409 && answer.code === "upload_gap")) {
            received = answer.received;
            broken = 0;
            bar.value = (received / file.size) * 100;
            state.textContent = words.textSending;
          } else if ([0, 502, 503, 504].includes(status) || ["upload_busy", "broke_off"].includes(answer.code)) {
            broken += 1;
            state.textContent = words.textBroken;
            await new Promise((resolve) => {
              setTimeout(resolve, Math.min(1000 * 2 ** (broken - 1), 30000));
              window.addEventListener("online", resolve, { once: true });
            });
            if (cancelled) { giveUp(); return; }
          } else { refused(answer); return; }
        }
        end(words.textFailed, true);
      };

      if (words.partsUrl && file.size > PART && window.crypto && crypto.subtle) inParts();
      else whole();
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
