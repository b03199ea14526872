import type { Diagnostic } from '../../diagnostics/index.ts'
import type { FileSystem } from '../contract.ts'
import { parseDotenv } from '../dotenv/dotenv.ts'
import { lookupIn } from '../scope.ts'
import { rangeOf, Source } from '../tree/source.ts'

type Env = Readonly<Record<string, string>>

/** An environment with the variables of dotenv files added: what is in it already wins, a later file wins over an earlier. */
export function readEnvFiles(
  paths: readonly string[],
  base: Env,
  fileSystem: FileSystem,
  required: boolean,
): { readonly env: Env; readonly diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = []
  let added: Env = {}
  for (const path of paths) {
    const text = fileSystem.readFile(path)
    if (text === undefined) {
      if (required)
        diagnostics.push({
          severity: 'error',
          code: 'ENV_FILE_NOT_FOUND',
          summary: `create the file ${path}: it is not there`,
        })
      continue
    }
    const source = new Source(path, text)
    const lookup = lookupIn({ ...added, ...base })
    const { values, problems } = parseDotenv(text, lookup)
    for (const { offset, message, unset } of problems)
      diagnostics.push({
        severity: unset === undefined ? 'error' : 'warning',
        code: unset === undefined ? 'DOTENV_SYNTAX' : 'UNSET_VARIABLE',
        summary: message,
        range: rangeOf({ source, start: offset, end: offset + 1 }),
      })
    added = { ...added, ...Object.fromEntries(values) }
  }
  return { env: { ...added, ...base }, diagnostics }
}
