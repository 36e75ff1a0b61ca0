// Reads Mermaid diagrams with Mermaid's own parser and prints how many sections and tasks each has. Mermaid wants a document around it.
import { readFileSync } from "node:fs";
import { parseHTML } from "linkedom";

const { window } = parseHTML("<!doctype html><html><body></body></html>");
Object.assign(globalThis, { window, document: window.document, Element: window.Element });
const { default: mermaid } = await import("mermaid");

const out = [];
for (const file of process.argv.slice(2)) {
  const text = readFileSync(file, "utf8");
  await mermaid.parse(text);
  const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
  const tasks = db.getTasks();
  out.push({ file, sections: db.getSections(), tasks: tasks.map((t) => ({ name: t.task, section: t.section, start: t.startTime, critical: Boolean(t.crit) })) });
}
console.log(JSON.stringify(out));
