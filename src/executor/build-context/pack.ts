import type { Readable } from 'node:stream'
import {
  type IgnoreRules,
  type PackedEntry,
  packTar,
  plainEntry,
  type WalkChoice,
  walkFolder,
} from '../../tar/index.ts'

/** A file that is in the tar but not in the context: a Dockerfile from elsewhere. */
export interface ExtraFile {
  readonly name: string
  readonly content: string
}

/** What of a context is sent. */
export interface ContextChoice {
  readonly rules: IgnoreRules
  /** Files that the engine needs, whatever the rules say of them. */
  readonly needed: readonly string[]
}

/**
 * A context folder as a tar: sorted, owned by root, so that the same folder always gives the same bytes but for times.
 * Sockets and devices are left out, as Docker does.
 */
export function packContext(folder: string, choice: ContextChoice, extra: readonly ExtraFile[]): Readable {
  return packTar(entriesOf(folder, choice, extra))
}

async function* entriesOf(
  folder: string,
  choice: ContextChoice,
  extra: readonly ExtraFile[],
): AsyncGenerator<PackedEntry> {
  for (const { name, content } of extra) {
    const bytes = Buffer.from(content)
    yield { entry: plainEntry({ type: 'file', name, size: bytes.length }), content: bytes }
  }
  const hidden = new Set(extra.map(({ name }) => name))
  for await (const { entry, path } of walkFolder(folder, chooser(choice, hidden)))
    yield { entry: { ...entry, uid: 0, gid: 0 }, content: { path } }
}

function chooser({ rules, needed }: ContextChoice, hidden: ReadonlySet<string>): WalkChoice {
  return {
    choose: (name, isFolder) => {
      if (hidden.has(name)) return 'skip'
      if (!rules.isIgnored(name) || needed.includes(name)) return 'take'
      if (!isFolder) return 'skip'
      const leads = rules.mayKeepIn(name) || needed.some(path => path.startsWith(`${name}/`))
      return leads ? 'skip' : 'prune'
    },
  }
}
