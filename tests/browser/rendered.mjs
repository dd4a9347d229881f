// The pages as the crate `templates` renders them, served without a policy around them: what they
// hold back, they hold back themselves.

import { once } from "node:events";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";

const DIRECTORY = join(process.env.BELAY_BROWSERS, "pages");

/// Where the page that leaves by itself goes.
export const SIGN_IN = "https://sign-in.example/";

/// The names of the pages: all of them, or those that have free fields.
export const names = ({ free = false } = {}) =>
  readdirSync(join(DIRECTORY, free ? "1" : ""), { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name.replace(".html", ""));

export class Rendered {
  static async serve() {
    const rendered = new Rendered();
    rendered.server.listen(0, "127.0.0.1");
    await once(rendered.server, "listening");
    rendered.origin = `http://127.0.0.1:${rendered.server.address().port}`;
    return rendered;
  }

  constructor() {
    /// What was asked for that is no page.
    this.stray = [];
    this.server = createServer((request, response) => {
      const body = bodyOf(new URL(request.url, "http://pages"));
      if (body === null) this.stray.push(request.url);
      response.writeHead(body === null ? 404 : 200, { "content-type": "text/html; charset=utf-8" });
      response.end(body);
    });
  }

  /// A page with ordinary words.
  page(name) {
    return `${this.origin}/${name}`;
  }

  /// Reads, in a tab of Chromium, all pages whose free fields hold the text of this number. One frame
  /// is written anew for each: a tab for each would take a hundred times as long.
  async read(tab, number) {
    await tab.goto(`${this.origin}/frame`);
    return tab.evaluate(readAll, `/all/${number}`);
  }

  /// A page that escapes nothing.
  careless(text) {
    return `${this.origin}/careless?${encodeURIComponent(text)}`;
  }

  async stop() {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, "close");
  }
}

const bodyOf = ({ pathname, search }) => {
  if (pathname === "/frame") return `${HEAD}<iframe></iframe>`;
  if (pathname === "/careless") return careless(decodeURIComponent(search.slice(1)));
  if (pathname.startsWith("/all/")) return JSON.stringify(all(pathname.replace("/all", "")));
  const file = join(DIRECTORY, `${pathname}.html`);
  return existsSync(file) ? readFileSync(file, "utf8") : null;
};

/// No icon is asked for.
const HEAD = "<!doctype html><title>x</title><link rel=icon href=data:>";

const all = (directory) =>
  names({ free: true }).map((name) => [name, bodyOf({ pathname: `${directory}/${name}` })]);

const careless = (text) => `${HEAD}<p>${text}</p><input value="${text}">`;

/// Runs in Chromium. Of each page: its elements with the names of their attributes, all its text and
/// the attributes' values, and where its links lead to.
async function readAll(address) {
  let frame = document.querySelector("iframe");
  const read = {};
  for (const [name, html] of await (await fetch(address)).json()) {
    const { contentDocument: page } = frame;
    page.open();
    page.write(html);
    page.close();
    // Whatever it loads has come, or has failed.
    while (page.readyState !== "complete") await new Promise((resolve) => setTimeout(resolve));
    const all = [...page.querySelectorAll("*")];
    const values = (element) =>
      element.getAttributeNames().map((name) => element.getAttribute(name));
    read[name] = {
      elements: all.map((element) => `${element.localName} ${element.getAttributeNames()}`),
      texts: [page.documentElement.textContent, ...all.flatMap(values)],
      schemes: all.filter(({ href }) => href).map(({ href }) => new URL(href).protocol),
    };
    // The page that leaves by itself: its frame may be gone with it.
    if (page.querySelector("meta[http-equiv=refresh]")) {
      frame.replaceWith(document.createElement("iframe"));
      frame = document.querySelector("iframe");
    }
  }
  return read;
}
