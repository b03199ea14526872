import { rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { namesInSync } from '../../linux/names-in.ts'
import type { Container } from '../state/container.ts'
import { numbersAmong, openLogFile } from './files.ts'

/**
 * Removes what a monitor had kept for followers when it ended, if nobody follows any more. While there is a monitor it does so
 * itself.
 */
export async function pruneUnfollowed(container: Container): Promise<void> {
  if (container.live !== undefined || container.logFollowers > 0) return
  const { kept } = container.terms.log
  if (kept !== undefined) await pruneLog(container.paths.log, kept.maxFiles)
}

/** Removes all but the newest files of a log, as a rotation would. */
export async function pruneLog(path: string, maxFiles: number): Promise<void> {
  // Most logs were never rotated, which is asked at the end of each container: on another thread it takes longer.
  const numbers = numbersAmong(namesInSync(dirname(path)), path)
  const present = numbers.length === 0 ? undefined : await openLogFile(path)
  if (present === undefined) return
  await present.handle.close()
  for (const number of numbers)
    if (number <= present.number - maxFiles) await rm(`${path}.${number}`, { force: true })
}
