import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { readIfThere } from '../../linux/atomic-file.ts'
import { bytesOfName } from '../../linux/name-text.ts'
import {
  type IgnoreRules,
  ignoreRules,
  type PackedEntry,
  packTar,
  plainEntry,
  type TarEntry,
  type WalkChoice,
  walkFolder,
} from '../../tar/index.ts'
import { withoutEngine } from './engine-root.ts'

/** The folder of the tar in which further contexts travel. */
export const PARTS = '.tscompose.contexts'
/** What of a context is left out. */
export const IGNORE = '.dockerignore'

/** A file that is in the tar but not in the context: a Dockerfile from elsewhere. */
export interface ExtraFile {
  readonly name: string
  readonly content: string
}

/** A folder that travels with a context and is no part of it: a further context. */
export interface ContextPart {
  /** Its path in the tar. */
  readonly name: string
  readonly folder: string
  /** Where its engine keeps its state, if that is on this machine. */
  readonly engineRoot?: string | undefined
}

/** What of a context is sent. */
export interface ContextChoice {
  readonly rules: IgnoreRules
  /** Files that the engine needs, whatever the rules say of them. */
  readonly needed: readonly string[]
}

/**
 * A context folder as a tar: sorted, owned by root, so that the same folder always gives the same bytes but for times.
 * Sockets are left out, as Docker does.
 */
export function packContext(
  folder: string,
  choice: ContextChoice,
  extra: readonly ExtraFile[],
  parts: readonly ContextPart[] = [],
): Readable {
  return packTar(entriesOf(folder, choice, extra, parts))
}

async function* entriesOf(
  folder: string,
  choice: ContextChoice,
  extra: readonly ExtraFile[],
  parts: readonly ContextPart[],
): AsyncGenerator<PackedEntry> {
  for (const { name, content } of extra) {
    const bytes = bytesOfName(content)
    yield { entry: plainEntry({ type: 'file', name, size: bytes.length }), content: bytes }
  }
  const hidden = new Set(extra.map(({ name }) => name))
  if (parts.length > 0) hidden.add(PARTS)
  for await (const { entry, path } of walkFolder(folder, chooser(choice, hidden)))
    yield { entry: { ...entry, uid: 0, gid: 0 }, content: { path } }
  yield* entriesOfParts(parts)
}

/** The further contexts, each in its folder of the tar. */
export async function* entriesOfParts(parts: readonly ContextPart[]): AsyncGenerator<PackedEntry> {
  if (parts.length > 0) yield { entry: plainEntry({ type: 'folder', name: PARTS, mode: 0o755 }) }
  for (const part of parts) yield* entriesOfPart(part)
}

/** What lies in a folder, below its name, without what its own ignore file names. */
async function* entriesOfPart({ name, folder, engineRoot }: ContextPart): AsyncGenerator<PackedEntry> {
  yield { entry: plainEntry({ type: 'folder', name, mode: 0o755 }) }
  const own = ignoreRules(await readIfThere(join(folder, IGNORE)))
  const choice = { rules: await withoutEngine(own, folder, engineRoot), needed: [] }
  for await (const { entry, path } of walkFolder(folder, chooser(choice, new Set())))
    yield { entry: { ...below(name, entry), uid: 0, gid: 0 }, content: { path } }
}

/** An entry as it is called beneath a folder. */
function below(folder: string, entry: TarEntry): TarEntry {
  const linkName = entry.type === 'link' ? `${folder}/${entry.linkName}` : entry.linkName
  return { ...entry, name: `${folder}/${entry.name}`, linkName }
}

/** What of a context a walk takes. */
export function chooser({ rules, needed }: ContextChoice, hidden: ReadonlySet<string>): WalkChoice {
  return {
    special: true,
    choose: (name, isFolder) => {
      if (hidden.has(name)) return 'skip'
      if (!rules.isIgnored(name) || needed.includes(name)) return 'take'
      if (!isFolder) return 'skip'
      const leads = rules.mayKeepIn(name) || needed.some(path => path.startsWith(`${name}/`))
      return leads ? 'skip' : 'prune'
    },
  }
}
