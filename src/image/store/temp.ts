import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isAlive, ownIdentity, parseIdentity, renderIdentity } from '../../linux/process-identity.ts'
import { removeTree } from '../../native/index.ts'

/** A new folder in `temp`, named after this process so that the next open knows whether its maker still lives. */
export async function makeTempFolder(temp: string): Promise<string> {
  const folder = join(temp, `${renderIdentity(ownIdentity())}-${randomBytes(6).toString('hex')}`)
  await mkdir(folder, { mode: 0o700 })
  return folder
}

/** Removes what dead processes left in `temp`. */
export async function sweepTemp(temp: string): Promise<void> {
  for (const name of await readdir(temp)) {
    if (!isOwned(name)) await removeTree(join(temp, name))
  }
}

/** Removes what dead processes were writing beside the files of a folder (`writeFileAtomic` in linux/atomic-file.ts). */
export async function sweepTorn(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const writer = /\.(\d+)\.\d+\.tmp$/.exec(name)?.[1]
    if (writer !== undefined && !existsSync(`/proc/${writer}`)) await rm(join(folder, name), { force: true })
  }
}

function isOwned(name: string): boolean {
  const maker = parseIdentity(name.replace(/-[0-9a-f]+$/, ''))
  return maker !== undefined && isAlive(maker)
}
