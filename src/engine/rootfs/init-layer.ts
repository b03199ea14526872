import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { errnoOf } from '../../diagnostics/index.ts'

const FOLDERS = ['.', 'dev', 'dev/pts', 'dev/shm', 'etc', 'proc', 'sys'] as const
const FILES = ['.dockerenv', 'dev/console', 'etc/hosts', 'etc/hostname', 'etc/resolv.conf'] as const
/** Docker's, of all of them: who exports a container sees it. */
const MODE = 0o755

/**
 * Makes the folder that lies below the layers of every container's image: the mount points that an image may lack, and
 * what programs look for to learn that they are in a container (`/.dockerenv`) and what is mounted (`/etc/mtab`). Made
 * once, so that no start has to write them into the container's own layer. Whole or not at all: `temporary` is renamed to it.
 */
export function ensureInitLayer(folder: string, temporary: string): void {
  if (existsSync(folder)) return
  rmSync(temporary, { recursive: true, force: true })
  mkdirSync(temporary, { recursive: true })
  // The modes are set on their own, whatever the umask of whoever started the engine.
  for (const name of FOLDERS) {
    mkdirSync(join(temporary, name), { recursive: true })
    chmodSync(join(temporary, name), MODE)
  }
  for (const name of FILES) {
    writeFileSync(join(temporary, name), '')
    chmodSync(join(temporary, name), MODE)
  }
  symlinkSync('/proc/mounts', join(temporary, 'etc/mtab'))
  try {
    renameSync(temporary, folder)
  } catch (error) {
    // A folder that is not empty: another engine of this ROOT was quicker.
    if (errnoOf(error) !== 'ENOTEMPTY' && errnoOf(error) !== 'EEXIST') throw error
  }
}
