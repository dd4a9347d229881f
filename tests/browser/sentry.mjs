// The stand-in for Sentry: its sign-in and consent, and the board that changes its mood.

export class SentryPage {
  constructor(page) {
    this.page = page;
  }

  /// Signs in as the account of that first name, and approves.
  static async approve(page, name) {
    await SentryPage.answer(page, name, "Approve");
  }

  /// Signs in, and declines.
  static async deny(page, name) {
    await SentryPage.answer(page, name, "Deny");
  }

  static async answer(page, name, button) {
    const heading = page.getByRole("heading", { level: 1 });
    await heading.filter({ hasText: /Log in to Sentry|Belay wants to act as you/ }).waitFor();
    // Somebody is signed in already.
    if ((await heading.innerText()) !== "Log in to Sentry") {
      await page.getByRole("button", { name: "Use another account" }).click();
    }
    await page.getByRole("button", { name: new RegExp(`${name} `) }).click();
    await page.getByRole("button", { name: button, exact: true }).click();
  }

  /// Gives an account, by its number, another role in an organization.
  async setRight(account, organization, right) {
    await this.page.locator(`#right-${account}-${organization}-${right}`).click();
    await this.page.waitForLoadState();
  }

  /// Gives an issue another title.
  async rename(issue, title) {
    const control = new URL("/ui/control", this.page.url()).href;
    await this.page.request.post(control, { form: { op: "rename", issue, title } });
  }

  /// An alert rule fires about an issue.
  async fire(issue, channel) {
    await this.page.locator("#channel").fill(channel);
    await this.page.locator(`#fire-issue-${issue}`).click();
  }
}
