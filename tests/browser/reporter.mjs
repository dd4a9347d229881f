// What the suite prints: a line for each check, why one failed or was told again, and how many of each
// there were.

import { AGAIN } from "./again.mjs";

export default async function* report(events) {
  const count = { passed: 0, failed: 0, again: 0 };
  for await (const { type, data } of events) {
    if (isFile(data)) continue;
    if (type === "test:pass") {
      count.passed += 1;
      yield line("ok", data);
    } else if (type === "test:fail") {
      count.failed += 1;
      yield line("FAILED", data) + why(data.details.error);
    } else if (type === "test:diagnostic" && data.message.startsWith(AGAIN)) {
      count.again += 1;
      yield indented(data.message);
    }
  }
  const again = count.again > 0 ? `, ${count.again} of them told twice` : "";
  yield `\n${count.passed} passed, ${count.failed} failed${again}\n`;
}

/// Some versions of Node report a file as well, as the sum of its tests.
const isFile = ({ name, details }) =>
  name?.endsWith(".test.mjs") &&
  [undefined, "subtestsFailed"].includes(details?.error?.failureType);

const line = (verdict, { name, details }) => {
  const seconds = (details.duration_ms / 1000).toFixed(1);
  return `${verdict.padEnd(6)} ${seconds.padStart(5)} s  ${name}\n`;
};

/// The cause itself, not the runner's wrapping around it.
const why = (error) => {
  const cause = error.cause ?? error;
  return indented(cause.stack ?? String(cause));
};

const indented = (text) => text.replaceAll(/^/gm, "         ") + "\n";
