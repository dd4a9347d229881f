// The one Chromium of a test file, and what is watched in every profile of it.

import { chromium } from "./packages.mjs";

let launched;

/// Chromium, started when it is first wanted.
export const browser = () => {
  launched ??= chromium.launch({
    executablePath: process.env.BELAY_CHROMIUM,
    args: [
      // A stranger's site, on this machine.
      "--host-resolver-rules=MAP *.stranger.example 127.0.0.1",
      "--disable-background-networking",
      "--disable-component-update",
    ],
  });
  return launched;
};

export const close = async () => (await launched)?.close();

/// Writes down what a profile's pages ask for, say and do.
export class Watch {
  constructor(context) {
    this.requests = [];
    this.refusals = [];
    this.dialogs = [];
    context.on("request", (request) => this.requests.push(seen(request)));
    // What the page's policy has kept from being asked was announced all the same.
    context.on("requestfailed", (request) => {
      if (request.failure().errorText !== "csp") return;
      this.requests = this.requests.filter(({ url }) => url !== request.url());
    });
    // Chromium says on the console what a content security policy has kept from happening.
    context.on("console", (message) => {
      if (/content security policy/i.test(message.text())) {
        this.refusals.push({ page: message.page()?.url() ?? "", text: message.text() });
      }
    });
    context.on("page", (page) =>
      page.on("dialog", async (dialog) => {
        this.dialogs.push(dialog.message());
        // A page that has meanwhile left has taken its dialog with it.
        await dialog.dismiss().catch(() => {});
      }),
    );
  }

  /// What pages of this origin asked for, whole pages in their own window aside.
  subRequestsOf(origin) {
    const asked = this.requests.filter((request) => !request.navigates && request.by === origin);
    return asked.map((request) => request.url);
  }

  /// What was asked of this origin.
  asked(origin) {
    return this.requests.map((request) => request.url).filter((url) => originOf(url) === origin);
  }

  /// What was asked of anybody but these.
  requestsBeyond(origins) {
    const urls = this.requests.map((request) => request.url).filter((url) => !isInline(url));
    return urls.filter((url) => !origins.includes(originOf(url)));
  }

  /// What the policy of this origin's pages refused.
  refusalsOf(origin) {
    return this.refusals.filter((refusal) => originOf(refusal.page) === origin);
  }

  /// The same, and they are settled: a story that provoked them has seen to them.
  takeRefusals(origin) {
    const taken = this.refusalsOf(origin);
    this.refusals = this.refusals.filter((refusal) => !taken.includes(refusal));
    return taken;
  }
}

const seen = (request) => {
  const by = frameOf(request);
  const isTop = by === null || by.parentFrame() === null;
  return {
    url: request.url(),
    by: by === null ? "" : originOf(by.url()),
    navigates: request.isNavigationRequest() && isTop,
  };
};

/// The frame that asked; none for a window's very first page.
const frameOf = (request) => {
  try {
    return request.frame();
  } catch {
    return null;
  }
};

const isInline = (url) => /^(data|blob|about):/.test(url);

export const originOf = (url) => {
  try {
    return new URL(url).origin;
  } catch {
    return "";
  }
};
