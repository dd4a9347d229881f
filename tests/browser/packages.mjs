// The packages of the suite, from where `.ci/browsers` has installed them: beside the build, not
// beside the sources, so that a checkout stays free of `node_modules`.

import { createRequire } from "node:module";

const require = createRequire(`${process.env.BELAY_BROWSERS}/`);

export const { chromium } = require("playwright-core");
export const axe = require.resolve("axe-core/axe.min.js");
