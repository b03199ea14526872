import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { errnoOf } from '../../diagnostics/index.ts'
import { namesIn } from '../../linux/names-in.ts'

/** One open file of a container's log. It stays readable when rotation takes it away. */
export interface LogFile {
  readonly handle: FileHandle
  /** Files are numbered from 1 in the order in which they were written. */
  readonly number: number
  /** Bytes that it had when it was opened. */
  readonly size: number
  /** What the container wrote before this file, and when that was; absent in the first. */
  readonly before?: LogBefore
}

/**
 * Opens the log and its rotated predecessors, oldest first. The present one is opened first: it says its number, and the
 * names of those before it never change. One that rotation takes away meanwhile is not there, as if it had been asked later.
 */
export async function openLogFiles(path: string): Promise<LogFile[]> {
  const files: LogFile[] = []
  try {
    const present = await openLogFile(path)
    if (present !== undefined) files.push(present)
    const numbers = (await numbersOf(path)).filter(number => number < (present?.number ?? Infinity))
    for (const number of numbers.sort((a, b) => b - a)) {
      const file = await openLogFile(`${path}.${number}`)
      if (file !== undefined) files.push(file)
    }
  } catch (error) {
    await closeLogFiles(files)
    throw error
  }
  return files.reverse()
}

/** The file at `path`; undefined when there is none. */
export async function openLogFile(path: string): Promise<LogFile | undefined> {
  let handle: FileHandle
  try {
    handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEADER_MOST), 0, HEADER_MOST, 0)
    const { size } = await handle.stat()
    return { handle, size, ...readHeader(buffer.subarray(0, bytesRead)) }
  } catch (error) {
    await handle.close()
    throw error
  }
}

/**
 * The file that follows number `number`; undefined while that is the present one. One with a higher number than the next
 * means that those between were taken away.
 */
export async function openNextLogFile(path: string, number: number): Promise<LogFile | undefined> {
  const next = await openLogFile(`${path}.${number + 1}`)
  if (next !== undefined) return next
  const present = await openLogFile(path)
  if (present === undefined || present.number === number + 1) return present
  // A file gets its name before the next is the present one: if it is not there now, it was taken away.
  const between = present.number > number ? await openLogFile(`${path}.${number + 1}`) : undefined
  if (present.number > number && between === undefined) return present
  await present.handle.close()
  return between
}

/** The numbers of the files that were rotated. */
async function numbersOf(path: string): Promise<number[]> {
  return numbersAmong(await namesIn(dirname(path)), path)
}

/** The same of the names in its folder. */
export function numbersAmong(names: readonly string[], path: string): number[] {
  const begin = `${basename(path)}.`
  return names
    .filter(name => name.startsWith(begin) && /^[1-9]\d*$/.test(name.slice(begin.length)))
    .map(name => Number(name.slice(begin.length)))
}

/** Closes all of them. */
export async function closeLogFiles(files: readonly LogFile[]): Promise<void> {
  await Promise.all(files.map(file => file.handle.close()))
}

/** Bytes that a header has at most. */
const HEADER_MOST = 128

/** What of a log stands, or stood, in the files before one. */
interface LogBefore {
  readonly lines: number
  readonly bytes: number
  /** When the file was begun, as the log writes times. */
  readonly time: string
}

/**
 * What a file of a log says of itself in its first entry, `<time> header F <number> <lines> <bytes>` (native/log/files.c).
 * The first file has none, and neither has one that is empty.
 */
function readHeader(bytes: Buffer): { readonly number: number; readonly before?: LogBefore } {
  const found = /^(\S{30}) header F (\d+) (\d+) (\d+)\n/.exec(bytes.toString('latin1'))
  if (found === null) return { number: 1 }
  const [, time = '', number, lines, written] = found
  return { number: Number(number), before: { lines: Number(lines), bytes: Number(written), time } }
}
