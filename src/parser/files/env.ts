import type { Diagnostic } from '../../diagnostics/index.ts'
import type { FileSystem } from '../contract.ts'
import { parseDotenv } from '../dotenv/dotenv.ts'
import { lookupIn } from '../scope.ts'
import { rangeOf, Source, type Span } from '../tree/source.ts'
import { adviceOnAbsent } from './absent.ts'

type Env = Readonly<Record<string, string>>

/** An environment, and where the variables stand that dotenv files added. */
export interface EnvFilesResult {
  readonly env: Env
  readonly places: ReadonlyMap<string, Span>
  readonly diagnostics: readonly Diagnostic[]
}

/** An environment with the variables of dotenv files added: what is in it already wins, a later file wins over an earlier. */
export function readEnvFiles(
  paths: readonly string[],
  base: Env,
  fileSystem: FileSystem,
  required: boolean,
): EnvFilesResult {
  const diagnostics: Diagnostic[] = []
  const found = new Map<string, Span>()
  let added: Env = {}
  for (const path of paths) {
    const text = fileSystem.readFile(path)
    if (text === undefined) {
      if (required)
        diagnostics.push({
          severity: 'error',
          code: 'ENV_FILE_NOT_FOUND',
          summary: adviceOnAbsent(path, fileSystem),
        })
      continue
    }
    const source = new Source(path, text)
    const lookup = lookupIn({ ...added, ...base })
    const { values, places, problems } = parseDotenv(text, lookup)
    for (const [name, { start, end }] of places)
      if (!Object.hasOwn(base, name)) found.set(name, { source, start, end })
    for (const { offset, message, unset } of problems)
      diagnostics.push({
        severity: unset === undefined ? 'error' : 'warning',
        code: unset === undefined ? 'DOTENV_SYNTAX' : 'UNSET_VARIABLE',
        summary: message,
        range: rangeOf({ source, start: offset, end: offset + 1 }),
      })
    added = { ...added, ...Object.fromEntries(values) }
  }
  return { env: { ...added, ...base }, places: found, diagnostics }
}
