import { execFileSync } from 'node:child_process'
import {
  closeSync,
  mkdtempSync,
  openSync,
  rmdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { errnoOf } from '../../../src/diagnostics/index.ts'

const PAGE = 4096

/** A disk of a few megabytes, for an engine's ROOT. */
export interface SmallDisk {
  readonly path: string
  /** Fills it up but for so many pages of 4096 bytes. */
  leave(pages: number): void
  /** Takes the filling out. */
  empty(): void
  unmount(): void
}

export function mountSmallDisk(megabytes: number): SmallDisk {
  const path = mkdtempSync(join(tmpdir(), 'tscompose-disk-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', path])
  const filling = join(path, 'filling')
  const empty = (): void => rmSync(filling, { force: true })
  return {
    path,
    empty,
    leave: pages => {
      empty()
      fill(filling)
      truncateSync(filling, statSync(filling).size - pages * PAGE)
    },
    unmount: () => {
      execFileSync('umount', [path])
      rmdirSync(path)
    },
  }
}

/** Writes a file until the disk takes no more. */
function fill(path: string): void {
  const file = openSync(path, 'w')
  const block = Buffer.alloc(1 << 20, 1)
  try {
    for (;;) writeSync(file, block)
  } catch (error) {
    if (errnoOf(error) !== 'ENOSPC') throw error
  } finally {
    closeSync(file)
  }
}
