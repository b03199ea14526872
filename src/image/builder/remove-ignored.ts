import { readdir, rm, rmdir, stat, utimes } from 'node:fs/promises'
import { errnoOf } from '../../diagnostics/index.ts'
import { textOfName } from '../../linux/name-text.ts'
import type { IgnoreRules } from '../../tar/index.ts'

/**
 * Removes what the rules name. A folder that is ignored stays as long as something in it is not (`!` patterns), and the
 * others keep their times: what was never sent has not changed them.
 */
export async function removeIgnored(folder: Buffer, relative: string, rules: IgnoreRules): Promise<void> {
  const { atime, mtime } = await stat(folder)
  for (const entry of await readdir(folder, { encoding: 'buffer', withFileTypes: true })) {
    const path = Buffer.concat([folder, Buffer.from('/'), entry.name])
    const name = `${relative}${textOfName(entry.name)}`
    const isIgnored = rules.isIgnored(name)
    if (entry.isDirectory() && (!isIgnored || rules.mayKeepIn(name))) {
      await removeIgnored(path, `${name}/`, rules)
      if (isIgnored) await removeIfEmpty(path)
    } else if (isIgnored) {
      await rm(path, { recursive: true })
    }
  }
  await utimes(folder, atime, mtime)
}

async function removeIfEmpty(folder: Buffer): Promise<void> {
  try {
    await rmdir(folder)
  } catch (error) {
    if (errnoOf(error) !== 'ENOTEMPTY') throw error
  }
}
