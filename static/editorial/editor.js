/* Rich text fields: the library's editor, set up from what the widget says. Without it the text area stays. */
import * as library from "../django_prose_editor/editor.js";

const NAME = "data-django-prose-editor-configurable";

for (const area of document.querySelectorAll(`[${NAME}]`)) {
  const wanted = JSON.parse(area.getAttribute(NAME));
  const extensions = Object.entries(wanted.extensions).flatMap(([name, options]) => {
    const found = library[name];
    if (!found || !options) return [];
    return [typeof options === "object" ? found.configure(options) : found];
  });
  library.createTextareaEditor(area, extensions);
}
