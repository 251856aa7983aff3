/* Answers that are more than one field: tables, files, and money read out.

   A table and a list of files are one answer. Its JSON text stands in a hidden field named as the answer is,
   which autosave watches and the form sends; here it is kept up to date. Without this file the cells and
   ticks are sent by themselves. */
(() => {
  "use strict";

  /* Sums are made of whole numbers: floats would invent digits. */
  const PLACES = 4;
  const scaled = (text) => {
    const plain = text.replace(/[０-９]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) - 0xfee0))
      .replace(/[．]/g, ".").replace(/[－]/g, "-").replace(/[,，\s＋+]/g, "");
    const found = /^(-?)(\d{1,16})(?:\.(\d{1,4})\d*)?$/.exec(plain);
    if (!found) return null;
    const number = BigInt(found[2] + (found[3] || "").padEnd(PLACES, "0"));
    return found[1] ? -number : number;
  };
  const grouped = (number, decimals) => {
    const digits = String(number < 0n ? -number : number).padStart(PLACES + 1, "0");
    const whole = digits.slice(0, -PLACES).replace(/\B(?=(\d{3})+$)/g, ",");
    const part = digits.slice(-PLACES).replace(/0+$/, "").padEnd(decimals, "0");
    return `${number < 0n ? "-" : ""}${whole}${part ? `.${part}` : ""}`;
  };

  /* Money is said once more with thousands apart. */
  document.querySelectorAll("[data-in-full]").forEach((line) => {
    const input = line.parentElement.querySelector("input.number");
    if (!input) return;
    const show = () => {
      const number = scaled(input.value);
      line.textContent = number === null ? "" : `${grouped(number, Number(line.dataset.inFull))} ${line.dataset.unit}`;
    };
    input.addEventListener("input", show);
    input.addEventListener("autosave:written", show);
  });

  class Table {
    constructor(box) {
      this.box = box;
      this.words = box.dataset;
      this.code = this.words.table;
      this.free = "free" in this.words;
      this.area = box.querySelector("textarea");
      this.body = box.querySelector("tbody");
      this.blank = box.querySelector("template");
      this.says = box.querySelector("[data-grid-says]");
      this.made = 0;
      const rows = box.querySelector(`input[name="rows-${this.code}"]`);
      if (rows) rows.remove();
      box.querySelectorAll("[data-needs-script]").forEach((cell) => { cell.hidden = false; });
      this.cells().forEach((cell) => cell.removeAttribute("name"));
      if (this.free) {
        const add = box.querySelector("[data-add-row]");
        add.hidden = false;
        add.addEventListener("click", () => this.add(true));
        box.addEventListener("click", (event) => {
          const button = event.target.closest("[data-remove-row]");
          if (button) this.remove(button.closest("tr"));
        });
        this.trim();
      }
      box.addEventListener("input", (event) => this.changed(event));
      box.addEventListener("change", (event) => this.changed(event));
      box.addEventListener("keydown", (event) => this.moved(event));
      this.area.addEventListener("autosave:written", () => this.fill());
      document.addEventListener("autosave:saved", (event) => {
        const { codes = [], cells = {} } = event.detail || {};
        if (codes.includes(this.code)) this.mark(cells[this.code] || {});
      });
      this.total();
    }

    rows() { return [...this.body.rows]; }

    cells(row = this.body) { return [...row.querySelectorAll("[data-column]")]; }

    isBlank(row) { return this.cells(row).every((cell) => !cell.value.trim()); }

    /* As the server reads it. Blank rows stay in between, so that its messages find their row. */
    text() {
      const read = (row) => Object.fromEntries(
        this.cells(row).filter((cell) => cell.value.trim()).map((cell) => [cell.dataset.column, cell.value]),
      );
      if (this.free) {
        const rows = this.rows().map(read);
        while (rows.length && !Object.keys(rows[rows.length - 1]).length) rows.pop();
        return rows.length ? JSON.stringify(rows) : "";
      }
      const rows = this.rows().map((row) => [row.dataset.row, read(row)]).filter(([, cells]) => Object.keys(cells).length);
      return rows.length ? JSON.stringify(Object.fromEntries(rows)) : "";
    }

    changed(event) {
      if (event && event.target === this.area) return;
      this.area.value = this.text();
      this.total();
    }

    said() {
      this.changed();
      this.area.dispatchEvent(new Event("input", { bubbles: true }));
    }

    add(focus) {
      if (this.rows().length >= Number(this.words.most)) return null;
      this.made += 1;
      const holder = document.createElement("template");
      holder.innerHTML = this.blank.innerHTML.replaceAll("__row__", `new${this.made}`);
      const row = holder.content.querySelector("tr");
      row.querySelectorAll("[data-needs-script]").forEach((cell) => { cell.hidden = false; });
      this.cells(row).forEach((cell) => cell.removeAttribute("name"));
      this.body.append(row);
      this.count();
      if (focus) this.cells(row)[0].focus();
      return row;
    }

    remove(row) {
      const number = this.rows().indexOf(row) + 1;
      const next = row.nextElementSibling || row.previousElementSibling;
      row.remove();
      if (!this.rows().length) this.add(false);
      this.count();
      this.said();
      if (this.says) this.says.textContent = this.words.textRemoved.replace("#", number);
      this.cells(next || this.rows()[0])[0].focus();
    }

    /* The server offers blank rows for those who have no script; here a button does. */
    trim() {
      const least = Math.max(1, Number(this.words.least));
      let rows = this.rows();
      while (rows.length > least && this.isBlank(rows[rows.length - 1])) {
        rows.pop().remove();
        rows = this.rows();
      }
    }

    count() {
      this.rows().forEach((row, place) => {
        const line = this.words.textLine.replace("#", place + 1);
        row.querySelectorAll(".grid__line").forEach((word) => { word.textContent = line; });
        this.cells(row).forEach((cell) => cell.setAttribute("aria-label", `${cell.closest("td").dataset.label} ${line}`));
      });
      const add = this.box.querySelector("[data-add-row]");
      add.disabled = this.rows().length >= Number(this.words.most);
    }

    /* Enter goes down a row, and makes one at the end: it never sends the form. */
    moved(event) {
      if (event.key !== "Enter" || event.isComposing || !event.target.matches("input[data-column]")) return;
      event.preventDefault();
      const row = event.target.closest("tr");
      const below = row.nextElementSibling || (this.free && !this.isBlank(row) ? this.add(false) : null);
      if (below) below.querySelector(`[data-column="${event.target.dataset.column}"]`).focus();
    }

    fill() {
      let found;
      try {
        found = this.area.value ? JSON.parse(this.area.value) : null;
      } catch (error) {
        return;
      }
      if (this.free) {
        const many = Math.max(1, Number(this.words.least), (found || []).length);
        while (this.rows().length > many) this.rows().pop().remove();
        while (this.rows().length < many && this.add(false));
        this.count();
      }
      this.rows().forEach((row, place) => {
        const given = (found || {})[this.free ? place : row.dataset.row] || {};
        this.cells(row).forEach((cell) => {
          const value = given[cell.dataset.column] || "";
          if (cell.type === "date" && value && !/^\d{4}-\d{2}-\d{2}$/.test(value)) cell.type = "text";
          cell.value = value;
        });
      });
      this.mark({});
      this.total();
    }

    mark(problems) {
      this.rows().forEach((row, place) => {
        const key = this.free ? place : row.dataset.row;
        this.cells(row).forEach((cell) => {
          const message = problems[`${key}/${cell.dataset.column}`];
          const old = cell.parentElement.querySelector(".field__error");
          if (old) old.remove();
          cell.removeAttribute("aria-invalid");
          cell.removeAttribute("aria-describedby");
          if (!message) return;
          const line = document.createElement("p");
          line.className = "field__error";
          line.id = `${cell.id}-error`;
          line.textContent = message;
          cell.after(line);
          cell.setAttribute("aria-invalid", "true");
          cell.setAttribute("aria-describedby", line.id);
        });
      });
    }

    total() {
      this.box.querySelectorAll("[data-total]").forEach((sum) => {
        const numbers = this.rows()
          .map((row) => row.querySelector(`[data-column="${sum.dataset.total}"]`).value)
          .map(scaled).filter((number) => number !== null);
        sum.textContent = numbers.length
          ? grouped(numbers.reduce((one, other) => one + other, 0n), Number(sum.dataset.decimals))
          : "";
      });
    }
  }

  class Files {
    constructor(box) {
      this.box = box;
      this.words = box.dataset;
      this.area = box.querySelector("textarea");
      this.list = box.querySelector("[data-answer-list]");
      this.says = box.querySelector("[data-files-say]");
      const rows = box.querySelector(`input[name="rows-${this.words.answerFiles}"]`);
      if (rows) rows.remove();
      this.addresses = new Map(
        [...this.list.children].map((item) => [item.dataset.file, item.querySelector("a").href]),
      );
      this.show();
      box.addEventListener("uploader:done", (event) => {
        const { id, filename, size, url } = event.detail || {};
        if (!id) return;
        this.addresses.set(id, url);
        this.keep([...this.files(), { id, filename, size }]);
        box.querySelectorAll(".uploader__item:not(.uploader__item--failed)").forEach((item) => {
          if (!item.querySelector("progress")) item.remove();
        });
      });
      this.area.addEventListener("autosave:written", () => this.show());
    }

    files() {
      try {
        return this.area.value ? JSON.parse(this.area.value) : [];
      } catch (error) {
        return [];
      }
    }

    keep(files) {
      this.area.value = files.length ? JSON.stringify(files) : "";
      this.show();
      this.area.dispatchEvent(new Event("input", { bubbles: true }));
    }

    show() {
      const files = this.files();
      this.list.replaceChildren(...files.map((file) => {
        const item = document.createElement("li");
        item.className = "files__item";
        item.dataset.file = file.id;
        const address = this.addresses.get(file.id);
        const name = document.createElement(address ? "a" : "span");
        name.textContent = file.filename;
        if (address) name.href = address;
        const size = document.createElement("span");
        size.className = "muted";
        size.textContent = this.size(file.size);
        const button = document.createElement("button");
        button.type = "button";
        button.className = "button-link";
        button.textContent = this.words.textRemove;
        button.setAttribute("aria-label", `${this.words.textRemove} ${file.filename}`);
        button.addEventListener("click", () => {
          this.keep(this.files().filter((each) => each.id !== file.id));
          this.says.textContent = this.words.textTaken.replace("#", file.filename);
          const picker = this.box.querySelector("input[type='file']");
          if (picker) picker.focus();
        });
        item.append(name, " ", size, " ", button);
        return item;
      }));
    }

    size(bytes) {
      if (bytes < 1024) return `${bytes} B`;
      const [number, unit] = bytes < 1024 * 1024 ? [bytes / 1024, "KB"] : [bytes / 1024 / 1024, "MB"];
      return `${number.toFixed(1).replace(/\.0$/, "")} ${unit}`;
    }
  }

  document.querySelectorAll("[data-table]").forEach((box) => new Table(box));
  document.querySelectorAll("[data-answer-files]").forEach((box) => new Files(box));
})();
