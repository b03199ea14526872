import { lstat, lutimes, readdir } from 'node:fs/promises'

const SLASH = Buffer.from('/')
/** Looked at together: one after the other would wait for the disk each time. */
const TOGETHER = 32

/**
 * Gives everything in a folder that was changed after a moment (seconds since 1970) that moment as its time, so that a
 * layer is the same whenever it is made. Nobody else may write there.
 */
export async function clampTimes(folder: string, moment: number): Promise<void> {
  await clampIn(Buffer.from(folder), moment)
}

async function clampIn(folder: Buffer, moment: number): Promise<void> {
  const names = await readdir(folder, { encoding: 'buffer' })
  for (let at = 0; at < names.length; at += TOGETHER) {
    const part = names.slice(at, at + TOGETHER).map(name => Buffer.concat([folder, SLASH, name]))
    const folders = await Promise.all(part.map(path => clamp(path, moment)))
    for (const inner of folders) if (inner !== undefined) await clampIn(inner, moment)
  }
}

/** The path, if it is a folder. */
async function clamp(path: Buffer, moment: number): Promise<Buffer | undefined> {
  const stats = await lstat(path)
  // Layers have whole seconds.
  if (Math.floor(stats.mtimeMs / 1000) > moment) await lutimes(path, stats.atime, moment)
  return stats.isDirectory() ? path : undefined
}
