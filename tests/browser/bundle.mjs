// One bundle, as `cargo dev` starts it: the real functions around a table of their own, and the
// stand-ins. It takes a third of a second, so every story begins with a fresh one.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

const BINARY = process.env.BELAY_LOCAL;
const TABLE = "belay";
const EVIDENCE = process.env.BELAY_EVIDENCE;

/// Any free port near here; `--port` takes the next one if it is not free.
const somePort = () => 20_000 + Math.floor(Math.random() * 30_000);

export class Bundle {
  /// Starts one and waits until it is up.
  static async start(...options) {
    const directory = await mkdtemp(join(tmpdir(), "belay-"));
    const settings = join(directory, "env");
    const logs = ["--logs", join(directory, "log")];
    const process = spawn(
      BINARY,
      ["--no-open", "--port", somePort(), "--env", settings, ...logs, ...options],
      { stdio: ["ignore", "pipe", "pipe"] },
    );
    let said = "";
    const running = new Promise((resolve, reject) => {
      const hear = (text) => {
        said += text;
        if (said.includes("Belay is running")) resolve();
      };
      process.stdout.on("data", hear);
      process.stderr.on("data", hear);
      process.once("exit", () => reject(new Error(`the bundle did not start:\n${said}`)));
      process.once("error", reject);
    });
    await running;
    return new Bundle(process, directory, parsed(await readFile(settings, "utf8")));
  }

  constructor(process, directory, settings) {
    this.process = process;
    this.directory = directory;
    this.public = settings.PUBLIC_URL;
    this.slack = settings.SLACK_URL;
    this.sentry = settings.SENTRY_URL;
    this.database = settings.AWS_ENDPOINT_URL_DYNAMODB;
  }

  /// Everything that is kept about people and their links: links under way, identities, clicks.
  async rows() {
    const items = await this.table();
    const about = items.filter(({ pk, sk }) => /^(FLOW|SLK|JOB)#/.test(pk.S) || /^SEN#/.test(sk.S));
    return about.sort((a, b) => (key(a) < key(b) ? -1 : 1));
  }

  /// Every item of the table.
  async table() {
    const answer = await fetch(this.database, {
      method: "POST",
      headers: {
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": "DynamoDB_20120810.Scan",
        "x-amz-date": "20260101T000000Z",
        // The database wants a signature, and takes any.
        authorization:
          "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, " +
          "SignedHeaders=host, Signature=0",
      },
      body: JSON.stringify({ TableName: TABLE, ConsistentRead: true }),
    });
    const { Items: items } = await answer.json();
    return items;
  }

  /// The Slack users who are linked.
  async linked() {
    const rows = await this.rows();
    const identities = rows.filter(({ pk, sk }) => pk.S.startsWith("SLK#") && sk.S === "ID");
    return identities.map(({ pk }) => pk.S.split("#").at(-1));
  }

  /// The end of what its functions wrote.
  async lastLines(count) {
    const log = await readFile(join(this.directory, "log"), "utf8");
    return log.trimEnd().split("\n").slice(-count).join("\n");
  }

  async stop() {
    if (EVIDENCE) await this.keepEvidence();
    const stopped = once(this.process, "exit");
    this.process.kill("SIGTERM");
    await stopped;
    await rm(this.directory, { recursive: true });
  }

  /// The log and the table, for `.ci/secrets` to look for secrets in them.
  async keepEvidence() {
    await mkdir(EVIDENCE, { recursive: true });
    const name = basename(this.directory);
    await copyFile(join(this.directory, "log"), join(EVIDENCE, `log-${name}`));
    const items = await this.table();
    const lines = items.map((item) => `${JSON.stringify(item)}\n`);
    await writeFile(join(EVIDENCE, `table-${name}`), lines);
  }
}

const key = (row) => `${row.pk.S} ${row.sk.S}`;

/// `NAME=value`, one a line.
const parsed = (text) =>
  Object.fromEntries(
    text
      .split("\n")
      .filter((line) => line.includes("="))
      .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
