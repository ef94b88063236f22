// A component's file is joined to those of shared/ that it draws with, so what they declare is there without an import.
import { readdirSync, readFileSync } from "node:fs";
import js from "@eslint/js";
import globals from "globals";

const SHARED = new URL("recsys/ui/components/shared/", import.meta.url);
const declared = readdirSync(SHARED)
  .filter((name) => name.endsWith(".js"))
  .flatMap((name) => [...readFileSync(new URL(name, SHARED), "utf8").matchAll(/^(?:function|const) (\w+)/gm)])
  .map(([, name]) => [name, "readonly"]);

export default [
  js.configs.recommended,
  { languageOptions: { globals: { ...globals.browser, ...Object.fromEntries(declared) } } },
  { rules: { "no-unused-vars": ["error", { ignoreRestSiblings: true }] } },
  // What is declared here is used in other files.
  { files: ["**/shared/*.js"], rules: { "no-unused-vars": "off" } },
];
