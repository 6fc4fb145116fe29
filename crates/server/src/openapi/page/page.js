// Shows the document of the API: groups, search, parameters, a call for the shell, and trying a call out with one's session.
// Nodes are built, never written as text, so nothing in the document can become markup.

const DOCUMENT = "/docs/api/schema/json/";
const METHODS = ["get", "post", "put", "patch", "delete"];

function make(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

function cookie(name) {
  const found = document.cookie.split("; ").find((part) => part.startsWith(`${name}=`));
  return found ? found.slice(name.length + 1) : "";
}

const typeOf = (schema) => (schema?.type === "array" ? "list" : schema?.format ?? schema?.type ?? "any");

/** What an object of a schema looks like, references followed, three levels deep. */
function example(spec, schema, depth = 0) {
  if (!schema || depth > 3) return null;
  if (schema.$ref) return example(spec, lookUp(spec, schema.$ref), depth);
  switch (schema.type) {
    case "object":
      return Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, inner]) => [name, example(spec, inner, depth + 1)]));
    case "array": {
      const item = example(spec, schema.items, depth + 1);
      return item === null ? [] : [item];
    }
    case "integer": return 1;
    case "number": return 0.5;
    case "boolean": return true;
    case "string": return schema.format === "date-time" ? "2026-01-31T12:00:00.000000Z" : "text";
    default: return null;
  }
}

function lookUp(spec, reference) {
  return reference.slice(2).split("/").reduce((node, key) => node?.[key], spec);
}

/** One call with everything that is shown of it; the inside is made when it is opened first. */
class Call {
  constructor(spec, path, method, operation) {
    Object.assign(this, { spec, path, method: method.toUpperCase(), operation, inputs: new Map(), body: null });
    const open = operation.security.length === 0 ? make("span", { className: "open", textContent: "open to all" }) : null;
    this.node = make("details", { id: operation.operationId },
      make("summary", {},
        make("span", { className: `method ${this.method}`, textContent: this.method }),
        make("code", { textContent: path }),
        make("span", { className: "says", textContent: operation.summary }), open));
    this.words = `${this.method} ${path} ${operation.summary} ${operation.tags}`.toLowerCase();
    this.node.addEventListener("toggle", () => this.fill(), { once: true });
  }

  fill() {
    const inside = make("div", { className: "inside" });
    if (this.operation.parameters.length > 0) {
      const rows = this.operation.parameters.map((parameter) => this.row(parameter));
      inside.append(make("h3", { textContent: "Parameters" }), make("table", {}, make("tbody", {}, ...rows)));
    }
    const content = Object.entries(this.operation.requestBody?.content ?? {})[0];
    if (content && content[0] === "application/json") {
      const shown = example(this.spec, content[1].schema);
      this.body = make("textarea", { value: shown === null ? "" : JSON.stringify(shown, null, 2), spellcheck: false, ariaLabel: "Body" });
      this.body.addEventListener("input", () => this.refresh());
      inside.append(make("h3", { textContent: "Body" }), this.body);
    }
    this.curl = make("pre");
    const copy = make("button", { type: "button", textContent: "Copy" });
    copy.addEventListener("click", () => navigator.clipboard?.writeText(this.curl.textContent));
    this.send = make("button", { type: "button", className: "primary", textContent: "Send" });
    this.send.addEventListener("click", () => this.run());
    this.state = make("span", { role: "status" });
    this.answer = make("pre", { hidden: true });
    inside.append(make("h3", { textContent: "For the shell" }), this.curl,
      make("div", { className: "row" }, this.send, copy, this.state), this.answer,
      make("h3", { textContent: "Answers" }), ...this.answers());
    this.node.append(inside);
    this.refresh();
  }

  row(parameter) {
    const input = make("input", { ariaLabel: parameter.name, placeholder: parameter.required ? "needed" : "" });
    input.addEventListener("input", () => this.refresh());
    this.inputs.set(parameter, input);
    return make("tr", {},
      make("td", {}, make("code", { textContent: parameter.name })),
      make("td", { textContent: `${typeOf(parameter.schema)}, ${parameter.in}` }),
      make("td", {}, input));
  }

  answers() {
    return Object.entries(this.operation.responses).map(([status, response]) => {
      const known = response.$ref ? lookUp(this.spec, response.$ref) : response;
      const [media, content] = Object.entries(known.content ?? {})[0] ?? [];
      const shown = media === "application/json" ? example(this.spec, content.schema) : null;
      return make("details", {},
        make("summary", {}, make("code", { textContent: status }), make("span", { className: "says", textContent: `${known.description} ${media ?? ""}` })),
        shown === null ? null : make("pre", { textContent: JSON.stringify(shown, null, 2) }));
    });
  }

  address() {
    let path = this.path;
    const query = new URLSearchParams();
    for (const [parameter, input] of this.inputs) {
      if (parameter.in === "path") {
        const value = input.value || `{${parameter.name}}`;
        path = path.replace(`{${parameter.name}}`, input.value ? encodeURIComponent(value).replaceAll("%2F", "/") : value);
      } else if (input.value) {
        query.set(parameter.name, input.value);
      }
    }
    const text = query.toString();
    return text ? `${path}?${text}` : path;
  }

  refresh() {
    const quote = (text) => `'${text.replaceAll("'", "'\\''")}'`;
    const parts = [`curl -X ${this.method} ${quote(location.origin + this.address())}`];
    if (this.operation.security.length > 0) parts.push(`-H "Authorization: Bearer $ACCESS_TOKEN"`);
    if (this.body?.value) parts.push("-H 'Content-Type: application/json'", `-d ${quote(this.body.value)}`);
    this.curl.textContent = parts.join(" \\\n  ");
  }

  async run() {
    const missing = [...this.inputs].find(([parameter, input]) => parameter.required && !input.value);
    if (missing) {
      this.say(`${missing[0].name} is needed.`, "bad");
      missing[1].focus();
      return;
    }
    if (this.method === "DELETE" && !confirm(`Really ${this.method} ${this.address()}?`)) return;
    this.send.disabled = true;
    this.say("…", "");
    const began = performance.now();
    try {
      const headers = { "X-CSRFToken": cookie("csrftoken") };
      if (this.body?.value) headers["Content-Type"] = "application/json";
      const response = await fetch(this.address(), { method: this.method, headers, body: this.body?.value || undefined });
      const text = await response.text();
      this.say(`${response.status} ${response.statusText} · ${Math.round(performance.now() - began)} ms`, response.ok ? "good" : "bad");
      this.answer.hidden = text === "";
      this.answer.textContent = pretty(text);
    } catch (error) {
      this.say(`No answer: ${error.message}`, "bad");
    } finally {
      this.send.disabled = false;
    }
  }

  say(text, className) {
    Object.assign(this.state, { textContent: text, className });
  }
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2).slice(0, 200_000);
  } catch {
    return text.slice(0, 200_000);
  }
}

function show(spec) {
  const main = document.querySelector("#calls");
  document.querySelector("#version").textContent = spec.info.version;
  const groups = new Map(spec.tags.map(({ name }) => [name, []]));
  for (const [path, operations] of Object.entries(spec.paths)) {
    for (const method of METHODS.filter((method) => operations[method])) {
      const call = new Call(spec, path, method, operations[method]);
      groups.get(call.operation.tags[0]).push(call);
    }
  }
  const sections = [...groups].map(([name, calls]) => {
    const id = `group-${name.toLowerCase().replaceAll(/[^a-z]+/g, "-")}`;
    const node = make("section", {}, make("h2", { id, textContent: name }), ...calls.map((call) => call.node));
    const link = make("a", { href: `#${id}`, textContent: name });
    return { node, link, calls };
  });
  main.replaceChildren(...sections.map((section) => section.node));
  document.querySelector("#groups").replaceChildren(...sections.map((section) => section.link));
  const search = document.querySelector("#search");
  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const { node, link, calls } of sections) {
      let any = false;
      for (const call of calls) {
        const fits = words.every((word) => call.words.includes(word));
        call.node.hidden = !fits;
        count += Number(fits);
        any ||= fits;
      }
      node.hidden = link.hidden = !any;
    }
    document.querySelector("#found").textContent = `${count} calls`;
  };
  search.addEventListener("input", filter);
  filter();
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !/^(INPUT|TEXTAREA)$/.test(document.activeElement.tagName)) {
      event.preventDefault();
      search.focus();
    }
  });
  const named = location.hash && document.getElementById(location.hash.slice(1));
  if (named) {
    if (named.tagName === "DETAILS") named.open = true;
    named.scrollIntoView();
  }
}

async function load() {
  const state = document.querySelector("#state");
  try {
    const response = await fetch(DOCUMENT);
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    show(await response.json());
  } catch (error) {
    const again = make("button", { type: "button", textContent: "Try again" });
    again.addEventListener("click", load);
    state.replaceChildren(`The document could not be loaded: ${error.message}. `, again);
  }
}

load();
