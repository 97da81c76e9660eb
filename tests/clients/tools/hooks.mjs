import { register } from "node:module";

register("./as-bundlers.mjs", import.meta.url);
