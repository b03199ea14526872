import { textsOf } from './wire.ts'

/** How large a terminal is. */
export interface Size {
  readonly rows: number
  readonly columns: number
}

/** What a stream of the launcher leads to. */
export type FarKind = Size | 'file' | 'pipe'

/** A command, as it was typed. */
export interface CommandRequest {
  /** Of the launcher. */
  readonly pid: number
  readonly cwd: string
  readonly calledAs: string
  /** Standard input, output and error: a terminal with its size, a file or device, or a pipe. */
  readonly streams: readonly FarKind[]
  readonly words: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/** Reads what a launcher sends. */
export function readRequest(payload: Buffer): CommandRequest {
  const texts = textsOf(payload)
  const [pid = '', cwd = '/', calledAs = ''] = texts
  const streams = texts.slice(3, 6).map(kindOf)
  const words = texts.slice(7, 7 + Number(texts[6]))
  const entries = texts.slice(8 + words.length)
  const env: Record<string, string> = {}
  for (const entry of entries) {
    const at = entry.indexOf('=', 1)
    // Of a name that is there twice the first counts, as for a process of its own.
    if (at > 0) env[entry.slice(0, at)] ??= entry.slice(at + 1)
  }
  return { pid: Number(pid), cwd, calledAs, streams, words, env }
}

/** Has the thread be the process of a command, for code that asks `process` all the same: paths are resolved by it, and programs are started with its variables. */
export function becomeProcessOf({ cwd, env, words, calledAs }: CommandRequest): void {
  for (const name of Object.keys(process.env)) delete process.env[name]
  Object.assign(process.env, env)
  process.cwd = () => cwd
  process.argv = [process.execPath, calledAs, ...words]
}

function kindOf(text: string): FarKind {
  if (text === '') return 'pipe'
  if (text === 'file') return text
  const [rows = 0, columns = 0] = text.split(' ').map(Number)
  return { rows, columns }
}
