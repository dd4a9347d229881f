// One of our pages, as a person reads and uses it.

import assert from "node:assert/strict";

export class BelayPage {
  /// `status` is that of the answer, where the page was opened by its address.
  constructor(page, status) {
    this.page = page;
    this.status = status;
  }

  /// Waits until the page has this heading.
  async shows(heading) {
    await this.page.getByRole("heading", { level: 1, name: heading, exact: true }).waitFor();
  }

  /// The page says all of these.
  async says(...words) {
    const text = await this.text();
    for (const word of words) assert.ok(text.includes(word), `${word} is not in: ${text}`);
  }

  /// And none of those.
  async isSilentAbout(...words) {
    const text = await this.text();
    for (const word of words) assert.ok(!text.includes(word), `${word} is in: ${text}`);
  }

  async text() {
    return this.page.locator("main").innerText();
  }

  button(label) {
    return this.page.getByRole("button", { name: label, exact: true });
  }

  async press(label) {
    await this.button(label).click();
  }

  async tick(label) {
    await this.page.getByLabel(label, { exact: true }).check();
  }

  /// Where one would have to click to press a button.
  async middleOf(label) {
    return middle(await this.button(label).boundingBox());
  }

  /// The same for the box of the last page.
  async middleOfTick() {
    return middle(await this.page.getByRole("checkbox").boundingBox());
  }

  /// The values of a form that its page has put there.
  async hiddenFields() {
    const fields = this.page.locator("form input[type=hidden]");
    const pairs = await fields.evaluateAll((all) => all.map(({ name, value }) => [name, value]));
    return Object.fromEntries(pairs);
  }

  /// Waits until the browser has been sent to Sentry, and gives the address it was sent to.
  async atSentry() {
    await this.page.waitForURL(/\/oauth\/authorize\//);
    return this.page.url();
  }
}

const middle = ({ x, y, width, height }) => ({ x: x + width / 2, y: y + height / 2 });
