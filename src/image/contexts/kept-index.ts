import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { errnoOf } from '../../diagnostics/index.ts'
import { readIfThere, writeFileAtomic } from '../../linux/atomic-file.ts'
import { readBootId } from '../../linux/process-identity.ts'
import { type ContextEntry, readEntry, writeEntry } from './manifest.ts'

/** An entry of a kept tree. */
export interface KeptEntry extends ContextEntry {
  /** SHA-256 of a file's content, hex; empty for all else. */
  readonly digest: string
}

/** What a kept tree is known to hold. */
export interface KeptIndex {
  /** Another one after each change. */
  readonly generation: string
  /** In the order of the manifest. */
  readonly entries: readonly KeptEntry[]
  /** Names where anything may lie: they were being changed. None when the tree is whole. */
  readonly unsure: readonly string[]
}

/** What can be known of an index without reading all of it: its first line. */
export interface IndexHead {
  readonly generation: string
  /** Bytes of all files. */
  readonly size: number
}

/** The same with the time of its file: when it was used last, milliseconds since 1970. */
export interface DatedHead extends IndexHead {
  readonly used: number
}

/** Counts up when the form changes; what has another is thrown away. */
const VERSION = 1
const LONGEST_HEAD = 512

/** Where the index of a kept tree lies. */
export function indexPath(folder: string): string {
  return join(folder, 'index')
}

/**
 * Reads the index of a kept tree; undefined when there is none that can be trusted. One of before the last boot cannot: the
 * files that it speaks of were never flushed.
 */
export async function readIndex(folder: string): Promise<KeptIndex | undefined> {
  const text = await readIfThere(indexPath(folder))
  const end = text?.indexOf('\n') ?? -1
  if (text === undefined || end < 0) return undefined
  const head = parseHead(text.slice(0, end))
  try {
    const { entries, unsure } = JSON.parse(text.slice(end + 1))
    return head && { generation: head.generation, unsure, entries: entries.map(readKept) }
  } catch (error) {
    // Torn or foreign: as good as none.
    if (error instanceof Error) return undefined
    throw error
  }
}

/** The first line of an index; undefined where `readIndex` gives nothing. */
export async function readHead(folder: string): Promise<DatedHead | undefined> {
  try {
    const file = await open(indexPath(folder))
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(LONGEST_HEAD))
      const head = parseHead(buffer.toString('utf8', 0, bytesRead).split('\n')[0] ?? '')
      // Of the open file: by its name it may be gone by now.
      return head && { ...head, used: (await file.stat()).mtimeMs }
    } finally {
      await file.close()
    }
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** Writes an index by rename. */
export async function writeIndex(folder: string, { generation, entries, unsure }: KeptIndex): Promise<void> {
  const size = entries.reduce((total, entry) => total + entry.size, 0)
  const head = JSON.stringify({ version: VERSION, boot: readBootId(), generation, size })
  const rows = entries.map(entry => [...writeEntry(entry), entry.digest])
  const text = `${head}\n${JSON.stringify({ unsure, entries: rows })}`
  await writeFileAtomic(indexPath(folder), text, { durable: false })
}

function parseHead(line: string): IndexHead | undefined {
  try {
    const { version, boot, generation, size } = JSON.parse(line)
    return version === VERSION && boot === readBootId() ? { generation, size } : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function readKept(row: readonly unknown[]): KeptEntry {
  return { ...readEntry(row), digest: String(row[7]) }
}
