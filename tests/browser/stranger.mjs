// A stranger's site: a small server whose pages say what the stranger wants.
//
// It is reached by two names. By `stranger.example` it is another site altogether; by the address of
// the bundle itself, at another port, it is another origin of the same site, to which a browser
// sends the cookies that it keeps from other sites.

import { once } from "node:events";
import { createServer } from "node:http";

import { story } from "./story.mjs";

export class Stranger {
  static async moveIn() {
    const stranger = new Stranger();
    stranger.server.listen(0, "127.0.0.1");
    await once(stranger.server, "listening");
    const { port } = stranger.server.address();
    stranger.elsewhere = `http://www.stranger.example:${port}`;
    stranger.nextDoor = `http://127.0.0.1:${port}`;
    return stranger;
  }

  constructor() {
    this.pages = new Map();
    /// What was asked of the stranger.
    this.asked = [];
    this.server = createServer((request, response) => {
      this.asked.push(request.url);
      const page = this.pages.get(request.url);
      response.writeHead(page === undefined ? 404 : 200, { "content-type": "text/html" });
      response.end(page === undefined ? "" : `<!doctype html><title>Stranger</title>${page}`);
    });
  }

  /// Both names.
  get origins() {
    return [this.elsewhere, this.nextDoor];
  }

  /// Puts a page up, under both names.
  publish(path, html) {
    this.pages.set(path, html);
  }

  async moveOut() {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, "close");
  }
}

/// A form that is sent to an address as soon as its button is pressed.
export const form = (to, fields) =>
  `<form method="post" action="${escaped(to)}">` +
  Object.entries(fields)
    .map(([name, value]) => `<input type="hidden" name="${name}" value="${escaped(value)}">`)
    .join("") +
  `<button>Win a prize</button></form>`;

export const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll('"', "&quot;");

/// A story with a stranger in it.
export const strangerStory = (title, tell) =>
  story(title, async (world) => {
    const stranger = await Stranger.moveIn();
    try {
      await tell({ ...world, stranger });
    } finally {
      await stranger.moveOut();
    }
  });
