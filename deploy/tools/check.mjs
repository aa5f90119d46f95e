// Checks of deploy/lint that need a library.
//   check.mjs dockerfile FILE      the Dockerfile, by the linter of dockerfile-utils
//   check.mjs chart FOLDER         rendered charts, FOLDER/*.yaml: by the types that kubernetes-models makes of Kubernetes' own OpenAPI (an
//                                  unknown or missing field is an error of the compiler), and by what each container of ours must have
import { readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import yaml from "js-yaml";

const require = createRequire(import.meta.url);
const [what, path] = process.argv.slice(2);
const faults = { dockerfile, chart }[what](path);
for (const fault of faults) console.error(fault);
process.exit(faults.length === 0 ? 0 : 1);

function dockerfile(file) {
  const { validate } = require("dockerfile-utils");
  return validate(readFileSync(file, "utf8")).map((d) => `${file}:${d.range.start.line + 1}: ${d.message}`);
}

function chart(folder) {
  const faults = [];
  const lines = [];
  for (const file of readdirSync(folder).filter((f) => f.endsWith(".yaml"))) {
    for (const document of yaml.loadAll(readFileSync(join(folder, file), "utf8")).filter((d) => d)) {
      const type = `import("kubernetes-models/${document.apiVersion}/${document.kind}").I${document.kind}`;
      lines.push(`/* ${file} */ export const n${lines.length}: ${type} = ${JSON.stringify(document)};`);
      faults.push(...confined(document).map((f) => `${file}: ${document.kind} ${document.metadata.name}: ${f}`));
    }
  }

  // The compiler resolves the models from where its input lies.
  const source = new URL("rendered.ts", import.meta.url).pathname;
  writeFileSync(source, lines.join("\n"));
  const tsc = spawnSync(process.execPath, [
    require.resolve("typescript/lib/tsc.js"), "--noEmit", "--strict", "--skipLibCheck", "--module", "node16", "--moduleResolution", "node16", source,
  ], { encoding: "utf8" });
  rmSync(source);
  if (tsc.status !== 0) {
    for (const [, line, column, message] of tsc.stdout.matchAll(/^.*\((\d+),(\d+)\): error (.*)$/gm)) {
      const text = lines[line - 1];
      faults.push(`${text.slice(3, text.indexOf(" */"))}: ${message} Near: ${text.slice(Math.max(0, column - 60), +column + 40)}`);
    }
    if (faults.length === 0) faults.push(tsc.stdout + tsc.stderr);
  }
  console.log(`${lines.length} objects checked`);
  return faults;
}

// What the README of the chart promises of each pod.
function confined(document) {
  const pod = document.spec?.template?.spec;
  if (!pod) return [];
  const faults = [];
  if (pod.securityContext?.runAsNonRoot !== true || pod.securityContext?.runAsUser !== 1654) faults.push("does not run as user 1654");
  if (pod.securityContext?.seccompProfile?.type !== "RuntimeDefault") faults.push("has no seccomp profile");
  if (pod.automountServiceAccountToken !== false) faults.push("has a token of the cluster");
  for (const container of [...(pod.initContainers ?? []), ...pod.containers]) {
    const context = container.securityContext ?? {};
    if (context.readOnlyRootFilesystem !== true) faults.push(`${container.name} can write its root file system`);
    if (context.allowPrivilegeEscalation !== false) faults.push(`${container.name} may gain privileges`);
    if (context.capabilities?.drop?.join() !== "ALL") faults.push(`${container.name} keeps capabilities`);
    if (!container.resources?.limits?.memory) faults.push(`${container.name} has no limit of memory`);
  }
  return faults;
}
