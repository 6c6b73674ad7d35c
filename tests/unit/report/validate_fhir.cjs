// Checks resources against R4: structure, value sets that the definitions hold, and invariants.
// Usage: node validate.cjs FOLDER-OF-PACKAGES < {"name": resource, …}; prints {"name": [issue, …]}.
"use strict";
const fs = require("node:fs");
const path = require("node:path");

// The library also talks over the network, elsewhere; older Nodes lack the name that it takes for it.
globalThis.WebSocket ??= class WebSocket {};

const folder = path.resolve(process.argv[2]);
const core = require(path.join(folder, "core", "dist", "cjs", "index.cjs"));
const r4 = path.join(folder, "definitions", "dist", "fhir", "r4");

for (const file of ["profiles-types.json", "profiles-resources.json"]) {
  core.indexStructureDefinitionBundle(JSON.parse(fs.readFileSync(path.join(r4, file), "utf8")));
}

const found = {};
for (const [name, resource] of Object.entries(JSON.parse(fs.readFileSync(0, "utf8")))) {
  try {
    found[name] = core.validateResource(resource).map(said);
  } catch (error) {
    if (!error.outcome) {
      throw error;
    }
    found[name] = error.outcome.issue.map(said);
  }
}
process.stdout.write(JSON.stringify(found));

function said(issue) {
  const where = (issue.expression || []).join(", ");
  return `${issue.severity}: ${issue.details?.text || issue.code} at ${where}`;
}
