// Runs libraries on cql-execution: one job a line on standard input, one answer a line on standard output.
// A job: {elm?, cql?, patients}; `elm` is run as it is, `cql` through the reference translator first.
// A patient gives the parameters by name; a day is written {"day": "2024-02-29"}.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { CqlTranslator, LibraryManager, ModelManager, createModelInfoProvider, stringAsSource } from "@cqframework/cql/cql-to-elm";
import { SYSTEM_MODEL } from "./system-model.mjs";

const cql = createRequire(import.meta.url)("cql-execution");

function translated(text) {
  const models = new ModelManager();
  const system = createModelInfoProvider((name) => (name === "System" ? stringAsSource(SYSTEM_MODEL) : null));
  models.modelInfoLoader.registerModelInfoProvider(system);
  return JSON.parse(CqlTranslator.fromText(text, new LibraryManager(models)).toJson());
}

function given(value) {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
  return new cql.Date(...value.day.split("-").map(Number));
}

async function answer(job) {
  const elm = job.cql === undefined ? job.elm : translated(job.cql);
  // A library that does not compile still runs, and answers null: what is wrong stands in its annotations.
  const errors = (elm.library.annotation ?? []).filter((note) => note.errorSeverity === "error");
  if (errors.length > 0) return { errors };
  const library = new cql.Library(elm);
  const results = [];
  for (const patient of job.patients) {
    const parameters = Object.fromEntries(Object.entries(patient).map(([name, value]) => [name, given(value)]));
    const executor = new cql.Executor(library, new cql.CodeService({}), parameters);
    results.push((await executor.exec(new cql.PatientSource([]))).unfilteredResults);
  }
  return { errors, results };
}

for await (const line of createInterface({ input: process.stdin })) {
  let result;
  try {
    result = await answer(JSON.parse(line));
  } catch (error) {
    result = { errors: [String(error?.stack ?? error)] };
  }
  process.stdout.write(JSON.stringify(result) + "\n");
}
